//! Hours as whole hundredths: what is compared, added and shown is exact, and no binary fraction is anywhere near.

use std::fmt;

use crate::jsonapi::{Code, Json};
use crate::users::rules::Message;

/// The most hours that a value holds, in hundredths.
const MOST: i32 = 9999;

/// Hours: 0.00 to 99.99.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hours(i32);

/// Hours above zero: 0.01 to 99.99. What an activity gives, and a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SomeHours(Hours);

/// A sum of hours, without a bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Total(i64);

impl Hours {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// As many hundredths of an hour; `None` outside 0 to 9999.
    #[must_use]
    pub fn from_hundredths(hundredths: i32) -> Option<Self> {
        (0..=MOST).contains(&hundredths).then_some(Self(hundredths))
    }

    /// The hundredths of an hour.
    #[must_use]
    pub const fn hundredths(self) -> i32 {
        self.0
    }

    /// Reads a number, or a string that holds one: digits, and at most two more behind a point.
    ///
    /// # Errors
    /// [`Message`] for whatever is another type, is written otherwise (`1.005`, `1e1`, `.5`), or is out of range.
    pub fn read(sent: &Json) -> Result<Self, Message> {
        let (Json::Number(text) | Json::String(text)) = sent else {
            return Err(Message::new(Code::WrongType, "must be a number of hours"));
        };
        let hundredths = hundredths(text)
            .ok_or_else(|| Message::new(Code::Invalid, "must be a number with at most two decimals"))?;
        Self::from_hundredths(hundredths)
            .ok_or_else(|| Message::new(Code::OutOfRange, "must be from 0.00 to 99.99"))
    }
}

/// The hundredths of `[-]digits[.digits]`, where the digits are those of a JSON number; `i32::MIN` below zero and
/// `i32::MAX` above all that fits. `None` where the text is something else.
fn hundredths(text: &str) -> Option<i32> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    let fraction = match fraction {
        None => 0,
        Some(f) if !is_number(f) || f.len() > 2 => return None,
        Some(f) => f.parse::<i32>().ok()? * if f.len() == 1 { 10 } else { 1 },
    };
    if sign < 0 {
        return Some(i32::MIN);
    }
    let whole: Option<i32> = whole.parse().ok();
    Some(whole.and_then(|w| w.checked_mul(100)?.checked_add(fraction)).unwrap_or(i32::MAX))
}

/// The shortest text: `10`, `1.5`, `0.05`.
fn write(hundredths: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (whole, fraction) = (hundredths / 100, hundredths % 100);
    match fraction {
        0 => write!(f, "{whole}"),
        tenths if tenths % 10 == 0 => write!(f, "{whole}.{}", tenths / 10),
        fraction => write!(f, "{whole}.{fraction:02}"),
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self.0.into(), f)
    }
}

impl From<Hours> for Json {
    fn from(hours: Hours) -> Self {
        Self::Number(hours.to_string())
    }
}

impl SomeHours {
    /// One hundredth of an hour.
    pub const LEAST: Self = Self(Hours(1));

    /// These hours; `None` where they are zero.
    #[must_use]
    pub fn new(hours: Hours) -> Option<Self> {
        (hours > Hours::ZERO).then_some(Self(hours))
    }

    /// Reads what [`Hours::read`] reads.
    ///
    /// # Errors
    /// As there, and for zero.
    pub fn read(sent: &Json) -> Result<Self, Message> {
        Self::new(Hours::read(sent)?)
            .ok_or_else(|| Message::new(Code::OutOfRange, "must be from 0.01 to 99.99"))
    }

    /// The hours.
    #[must_use]
    pub const fn hours(self) -> Hours {
        self.0
    }

    /// Whether `hours` are so many of these.
    #[must_use]
    pub const fn divides(self, hours: Hours) -> bool {
        hours.0 % self.0.0 == 0
    }
}

impl Total {
    /// The sum, where it is less than `most`; else `most`.
    #[must_use]
    pub fn capped(self, most: Hours) -> Hours {
        i32::try_from(self.0).map_or(most, |sum| most.min(Hours(sum)))
    }

    /// What of the sum is above `most`; `None` where nothing is.
    #[must_use]
    pub fn above(self, most: Hours) -> Option<Self> {
        let above = self.0 - i64::from(most.0);
        (above > 0).then_some(Self(above))
    }
}

impl std::iter::Sum<SomeHours> for Total {
    fn sum<I: Iterator<Item = SomeHours>>(hours: I) -> Self {
        Self(hours.map(|hours| i64::from(hours.0.0)).sum())
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self.0, f)
    }
}

impl From<Total> for Json {
    fn from(total: Total) -> Self {
        Self::Number(total.to_string())
    }
}
