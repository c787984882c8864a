//! What a program asks for and gives.

use super::hours::{Hours, SomeHours};
use crate::clock::Stamp;
use crate::jsonapi::{Code, Json};
use crate::mutants::mutant;
use crate::users::rules::Message;

/// The rules of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// The most hours that can be earned: C.
    pub credits: Hours,
    /// What part of them must be earned before they can be claimed: T.
    pub threshold: Threshold,
    /// When they can be claimed.
    pub window: Window,
    /// Whether fewer hours may be claimed than were earned.
    pub partial_claims: bool,
    /// Of what such a claim must be a multiple.
    pub hour_step: SomeHours,
}

/// A percentage: 0 to 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Threshold(i32);

/// From `opens_at` on and before `closes_at`; a bound that is `None` is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    opens_at: Option<Stamp>,
    closes_at: Option<Stamp>,
}

impl Threshold {
    /// So many percent; `None` outside 0 to 100.
    #[must_use]
    pub fn new(percent: i32) -> Option<Self> {
        (0..=100).contains(&percent).then_some(Self(percent))
    }

    /// The percents.
    #[must_use]
    pub const fn percent(self) -> i32 {
        self.0
    }

    /// Reads a whole number.
    ///
    /// # Errors
    /// [`Message`] for whatever is another type, is no whole number, or is out of range.
    pub fn read(sent: &Json) -> Result<Self, Message> {
        let Json::Number(text) = sent else {
            return Err(Message::new(Code::WrongType, "must be a whole number"));
        };
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Message::new(Code::Invalid, "must be a whole number"));
        }
        let percent = text.parse().ok().and_then(Self::new);
        percent.ok_or_else(|| Message::new(Code::OutOfRange, "must be from 0 to 100"))
    }

    /// Whether so many earned hours are enough of so many credits. Exact: nothing is divided.
    #[must_use]
    pub fn is_met(self, earned: Hours, credits: Hours) -> bool {
        mutant!("ce_threshold_rounded", earned.hundredths() >= credits.hundredths() * self.0 / 100);
        earned.hundredths() * 100 >= credits.hundredths() * self.0
    }

    /// How many hours of so many credits must be earned, rounded up to a hundredth. For people to read:
    /// [`Self::is_met`] decides.
    #[must_use]
    pub fn required(self, credits: Hours) -> Hours {
        let hundredths = (credits.hundredths() * self.0 + 99) / 100;
        // A part of what is in range is in range.
        Hours::from_hundredths(hundredths).unwrap_or(credits)
    }
}

impl From<Threshold> for Json {
    fn from(threshold: Threshold) -> Self {
        threshold.0.into()
    }
}

impl Window {
    /// The window between two times.
    ///
    /// # Errors
    /// [`Message`] about `claim_closes_at`, where nothing would lie between them.
    pub fn new(opens_at: Option<Stamp>, closes_at: Option<Stamp>) -> Result<Self, Message> {
        if opens_at.zip(closes_at).is_some_and(|(opens, closes)| closes <= opens) {
            return Err(Message::new(Code::OutOfRange, "must be later than claim_opens_at"));
        }
        Ok(Self { opens_at, closes_at })
    }

    /// The first moment within, where there is one.
    #[must_use]
    pub const fn opens_at(&self) -> Option<Stamp> {
        self.opens_at
    }

    /// The first moment behind it, where there is one.
    #[must_use]
    pub const fn closes_at(&self) -> Option<Stamp> {
        self.closes_at
    }

    /// Whether `now` lies within.
    #[must_use]
    pub fn contains(&self, now: Stamp) -> bool {
        mutant!("ce_closes_late", self.opens_at <= Some(now) && self.closes_at.is_none_or(|at| now <= at));
        self.opens_at.is_none_or(|opens| opens <= now) && self.closes_at.is_none_or(|closes| now < closes)
    }
}
