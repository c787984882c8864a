//! The one reader of times that clients send, for the base of an edit and for every attribute that is a time.
//!
//! It understands what `Time.parse` of the original understood (`mpdx-behaviour.md` 2.3) and answers with its two
//! wordings, on which clients match (2.2 c). Where Ruby guesses (an unknown zone name counts as local time there)
//! this reader refuses: a wrong guess would be a wrong base.

mod reader;

use std::fmt::Write as _;

use chrono::{Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use thiserror::Error;

use crate::clock::Stamp;

/// Longest text that is looked at; the longest form known has 37 characters.
const LONGEST: usize = 64;

/// Why a text is no time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StampError {
    /// The text has no form of a time. Holds the text in Ruby's inspect form.
    #[error("no time information in {0}")]
    NoTime(String),
    /// The text has a form of a time but names none, such as month 13.
    #[error("argument out of range")]
    OutOfRange,
}

/// Reads a time as a client writes it. `today` supplies the date to a text that has only a time of day.
///
/// # Errors
/// [`StampError`], whose text is the wording of `mpdx-behaviour.md` 2.2 (c).
pub fn parse(text: &str, today: Stamp) -> Result<Stamp, StampError> {
    if let Some(parts) = written_here(text) {
        return parts.stamp();
    }
    let no_time = || StampError::NoTime(inspect(text));
    if text.len() > LONGEST || !text.is_ascii() {
        return Err(no_time());
    }
    // A comment at the end, where JavaScript names the zone once more.
    let told =
        text.trim_end().strip_suffix(')').and_then(|rest| rest.split_once('(')).map_or(text, |(t, _)| t);
    let parts = reader::read(told, today)?.ok_or_else(no_time)?;
    parts.stamp()
}

/// The form in which documents show times, `2022-01-12T17:18:09Z`, which is what most clients send back.
fn written_here(text: &str) -> Option<Parts> {
    const MARKS: [(usize, u8); 6] = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    let text: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let number = |digits: std::ops::Range<usize>| {
        text.get(digits)?.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| 10 * number + u32::from(digit - b'0'))
        })
    };
    if MARKS.iter().any(|(place, mark)| text.get(*place) != Some(mark)) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    Some(Parts { year, month, day, hour, minute, second, offset: 0 })
}

/// A text as Ruby's `inspect` writes it: quoted, with `"`, `\` and control characters escaped.
#[must_use]
pub fn inspect(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // Writing to a String can't fail.
            c if c.is_control() => _ = write!(out, "\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What a text said, before it is known whether such a moment exists.
#[derive(Default)]
struct Parts {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    offset: i32,
}

impl Parts {
    fn stamp(&self) -> Result<Stamp, StampError> {
        let date = i32::try_from(self.year)
            .ok()
            .and_then(|year| NaiveDate::from_ymd_opt(year, self.month, self.day))
            .ok_or(StampError::OutOfRange)?;
        // Midnight at the end of a day and the leap second are written as 24:00:00 and :60; both name the start of
        // what follows.
        let (date, hour) = match (self.hour, self.minute, self.second) {
            (24, 0, 0) => (date.checked_add_days(Days::new(1)).ok_or(StampError::OutOfRange)?, 0),
            _ => (date, self.hour),
        };
        let (second, leap) = if self.second == 60 { (59, 1) } else { (self.second, 0) };
        let time = NaiveTime::from_hms_opt(hour, self.minute, second).ok_or(StampError::OutOfRange)?;
        let offset = FixedOffset::east_opt(self.offset).ok_or(StampError::OutOfRange)?;
        offset
            .from_local_datetime(&NaiveDateTime::new(date, time))
            .single()
            .and_then(|moment| Stamp::from_seconds(moment.with_timezone(&Utc).timestamp() + leap))
            .ok_or(StampError::OutOfRange)
    }
}
