//! `filter[…]` (K79; `mpdx-behaviour.md` 3.7).

use chrono::NaiveDateTime;

use super::{Schema, fault, unknown, worded};
use crate::clock::Stamp;
use crate::jsonapi::Fault;

const DAY: i64 = 24 * 60 * 60;

/// One condition on the resources of a collection. The name's end decides which kind of value it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// `filter[account_list_id]`, a comma list like others. Accepted everywhere (design 2, decision 14).
    AccountLists(Vec<String>),
    /// A filter whose name ends in `_at`, `_date` or `_range`.
    Range {
        /// One of the endpoint's filters.
        name: &'static str,
        /// The times that match.
        range: DateRange,
    },
    /// A filter whose name ends in `_id`: a comma list.
    Ids {
        /// One of the endpoint's filters.
        name: &'static str,
        /// The elements, trimmed, without blank ones; there may be none. They need not be ids.
        ids: Vec<String>,
    },
    /// Any other filter.
    Text {
        /// One of the endpoint's filters.
        name: &'static str,
        /// The value, as it was sent.
        value: String,
    },
}

impl Filter {
    /// Reads `filter[name]=value`.
    ///
    /// # Errors
    /// A name that the endpoint does not know, a range of dates in another format than the original's, or a value
    /// with the character NUL, which PostgreSQL has no text for.
    pub(super) fn parse(parameter: &str, name: &str, value: &str, schema: &Schema) -> Result<Self, Fault> {
        if name == "account_list_id" {
            return Ok(Self::AccountLists(elements(value)));
        }
        let known = schema.filters.iter().find(|known| **known == name);
        let name = *known.ok_or_else(|| unknown(parameter))?;
        if value.contains('\0') {
            return Err(fault(parameter, "has a value with the character NUL"));
        }
        if ["_at", "_date", "_range"].iter().any(|end| name.ends_with(end)) {
            let wrong = || worded(parameter, wrong_format(name));
            return Ok(Self::Range { name, range: DateRange::parse(value).ok_or_else(wrong)? });
        }
        if name.ends_with("_id") {
            return Ok(Self::Ids { name, ids: elements(value) });
        }
        Ok(Self::Text { name, value: value.to_owned() })
    }
}

/// The elements of a comma list, trimmed, without blank ones.
fn elements(value: &str) -> Vec<String> {
    value.split(',').map(str::trim).filter(|element| !element.is_empty()).map(str::to_owned).collect()
}

/// The original's words.
fn wrong_format(name: &str) -> String {
    format!(
        "Wrong format of date range for filter '{name}', should follow 'YYYY-MM-DD...YYYY-MM-DD' for dates and \
         'YYYY-MM-DDThh:mm:ssZ...YYYY-MM-DDThh:mm:ssZ' for datetimes"
    )
}

/// The times from one on and before another, which both are dates (whole days in UTC) or times as they were sent.
/// A range that ends before it starts has no time in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// The first time of the range.
    pub from: Stamp,
    /// The first time after the range, so that an end that is included is the second or the day before it; `None`
    /// where no stamp is after it.
    pub before: Option<Stamp>,
    /// Whether one date or time was sent, not two. Then the range is that day or that second, but a filter may take
    /// its start alone, as `filter[since_date]` does.
    pub single: bool,
}

impl DateRange {
    /// Whether a time is in the range.
    #[must_use]
    pub fn contains(&self, stamp: Stamp) -> bool {
        self.from <= stamp && self.before.is_none_or(|before| stamp < before)
    }

    /// Reads `a`, `a..b` (`b` included) or `a...b` (`b` excluded); `None` where it is none of these.
    fn parse(text: &str) -> Option<Self> {
        if let Some((from, end)) = text.split_once("...") {
            let (from, end) = (Moment::parse(from)?, Moment::parse(end)?);
            Some(Self { from: from.start, before: Some(end.start), single: false })
        } else if let Some((from, end)) = text.split_once("..") {
            let (from, end) = (Moment::parse(from)?, Moment::parse(end)?);
            Some(Self { from: from.start, before: end.after, single: false })
        } else {
            let Moment { start, after } = Moment::parse(text)?;
            Some(Self { from: start, before: after, single: true })
        }
    }
}

/// A day or a second.
struct Moment {
    start: Stamp,
    /// The first stamp after it, unless the year 9999 ends with it.
    after: Option<Stamp>,
}

impl Moment {
    /// Reads `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ`.
    fn parse(text: &str) -> Option<Self> {
        let (start, length) = match stamp(text) {
            Some(start) => (start, 1),
            None => (stamp(&format!("{text}T00:00:00Z"))?, DAY),
        };
        Some(Self { start, after: Stamp::from_seconds(start.seconds() + length) })
    }
}

/// A stamp in exactly the form in which stamps are written. chrono alone would take blanks, signs, missing zeros and
/// leap seconds.
fn stamp(text: &str) -> Option<Stamp> {
    let moment = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ").ok()?;
    Stamp::new(moment.and_utc()).filter(|stamp| stamp.to_string() == text)
}
