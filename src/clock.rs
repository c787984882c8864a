//! Time: whole-second stamps, the clock that is handed to whoever needs "now", and the rule by which a
//! person's stamp moves. Knows no HTTP and no database.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Datelike as _, NaiveDateTime, Timelike as _, Utc};
use serde::{Serialize, Serializer};

/// A moment in UTC with whole seconds, written `2022-01-12T17:18:09Z`.
///
/// Whole seconds and a literal `Z` are the only form that every known client reads (`clients.md` 0, facts 4
/// and 5). Only years 1 to 9999 can be built, so that the written form always has the same width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(DateTime<Utc>);

impl Stamp {
    /// Builds a stamp from seconds since 1970-01-01T00:00:00Z; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        DateTime::from_timestamp(seconds, 0).and_then(Self::new)
    }

    /// Builds a stamp from a moment; fractions of a second are cut off. `None` outside the years 1 to 9999.
    #[must_use]
    pub fn new(moment: DateTime<Utc>) -> Option<Self> {
        let whole = DateTime::from_timestamp(moment.timestamp(), 0)?;
        (1..=9999).contains(&whole.year()).then_some(Self(whole))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// The moment as chrono knows it.
    #[must_use]
    pub fn moment(self) -> DateTime<Utc> {
        self.0
    }

    /// The same moment without a zone, for databases that store none.
    #[must_use]
    pub fn naive(self) -> NaiveDateTime {
        self.0.naive_utc()
    }

    /// The stamp that a change made at `now` gives to a record that stands at `self`:
    /// `max(now, self + 1 s)` (design 3), so that stamps strictly increase even when the clock stands still or
    /// goes backward. Nothing follows the last second of the year 9999.
    #[must_use]
    pub fn next(self, now: Self) -> Self {
        now.max(Self::from_seconds(self.seconds().saturating_add(1)).unwrap_or(self))
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Several times quicker than chrono's format strings, and every document holds three to five of these.
        let (date, time) = (self.0.date_naive(), self.0.time());
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where "now" comes from: the system in production, a test's hand in tests.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The current moment, whole seconds.
    fn now(&self) -> Stamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Stamp {
        // A machine whose clock stands outside the years 1 to 9999 counts as standing at the epoch: stamps still
        // increase by the rule above.
        Stamp::new(Utc::now()).unwrap_or(Stamp(DateTime::UNIX_EPOCH))
    }
}

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that shows `at`.
    #[must_use]
    pub fn new(at: Stamp) -> Self {
        Self(AtomicI64::new(at.seconds()))
    }

    /// Sets the clock, forward or backward.
    pub fn set(&self, to: Stamp) {
        self.0.store(to.seconds(), Ordering::SeqCst);
    }

    /// Moves the clock by `seconds`; a negative number moves it backward.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Stamp {
        Stamp::from_seconds(self.0.load(Ordering::SeqCst)).unwrap_or(Stamp(DateTime::UNIX_EPOCH))
    }
}
