//! The rules that attributes obey (design 2, decision 13; `mpdx-behaviour.md` 4.1 and 4.2): what a JSON value must
//! be, and how it is normalised before it is stored.

use std::borrow::Cow;
use std::fmt::Display;

use chrono::Datelike as _;
use validator::{ValidateLength as _, ValidateRange, ValidateUrl as _};

use crate::clock::Stamp;
use crate::guard::base::time_text;
use crate::guard::stamp;
use crate::jsonapi::{Code, Json};

/// Characters that a text attribute may have.
pub const TEXT_LIMIT: u64 = 255;
/// Characters that a URL may have.
pub const URL_LIMIT: u64 = 2048;

/// A fault in a value: the kind, and the words behind the attribute's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The kind of fault.
    pub code: Code,
    /// Such as `can't be blank`.
    pub text: Cow<'static, str>,
}

impl Message {
    /// A fault with fixed words.
    #[must_use]
    pub fn new(code: Code, text: impl Into<Cow<'static, str>>) -> Self {
        Self { code, text: text.into() }
    }
}

/// Attributes that are one value in several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// `birthday_day`, `birthday_month`, `birthday_year`
    Birthday,
    /// `anniversary_day`, `anniversary_month`, `anniversary_year`
    Anniversary,
}

/// What values an attribute takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A text; one that only lacks its full stop to be in the list gets it (`Mr` → `Mr.`).
    Text(&'static [&'static str]),
    /// A whole number from 1 to the number given, part of a date.
    Part(Group, i32),
    /// A year from 1 to 9999, part of a date; one or two digits are completed.
    Year(Group),
    /// `true` or `false`.
    Boolean,
    /// An absolute http or https URL.
    Url,
    /// A time.
    Time,
}

impl Rule {
    /// Any text.
    #[must_use]
    pub const fn text() -> Self {
        Self::Text(&[])
    }

    /// A text with usual abbreviations.
    #[must_use]
    pub const fn abbreviated(list: &'static [&'static str]) -> Self {
        Self::Text(list)
    }

    /// The day of a date.
    #[must_use]
    pub const fn day(group: Group) -> Self {
        Self::Part(group, 31)
    }

    /// The month of a date.
    #[must_use]
    pub const fn month(group: Group) -> Self {
        Self::Part(group, 12)
    }

    /// The year of a date.
    #[must_use]
    pub const fn year(group: Group) -> Self {
        Self::Year(group)
    }

    /// The group that the attribute belongs to.
    #[must_use]
    pub const fn group(&self) -> Option<Group> {
        match self {
            Self::Part(group, _) | Self::Year(group) => Some(*group),
            _ => None,
        }
    }
}

/// A type that attributes are stored as.
pub trait Field: Sized {
    /// Whether the value may be null.
    const IS_NULLABLE: bool;

    /// Reads a value that was sent. `now` completes what depends on the current year.
    ///
    /// # Errors
    /// The first fault of the value.
    fn read(rule: &Rule, sent: &Json, now: Stamp) -> Result<Self, Message>;

    /// The value as documents hold it.
    fn to_json(&self) -> Json;

    /// What a record made at `made_at` has before anybody sets it.
    fn initial(made_at: Stamp) -> Self;
}

impl Field for String {
    const IS_NULLABLE: bool = false;

    fn read(rule: &Rule, sent: &Json, _: Stamp) -> Result<Self, Message> {
        let text = match sent {
            Json::Null => "",
            Json::String(text) => text,
            _ => return Err(Message::new(Code::WrongType, "must be a string")),
        };
        if text.trim().is_empty() {
            return Err(Message::new(Code::Blank, "can't be blank"));
        }
        checked_text(rule, text)
    }

    fn to_json(&self) -> Json {
        self.as_str().into()
    }

    fn initial(_: Stamp) -> Self {
        String::new()
    }
}

impl Field for Option<String> {
    const IS_NULLABLE: bool = true;

    fn read(rule: &Rule, sent: &Json, _: Stamp) -> Result<Self, Message> {
        match sent {
            Json::Null => Ok(None),
            Json::String(text) => checked_text(rule, text).map(Some),
            _ => Err(Message::new(Code::WrongType, "must be a string or null")),
        }
    }

    fn to_json(&self) -> Json {
        self.as_deref().into()
    }

    fn initial(_: Stamp) -> Self {
        None
    }
}

impl Field for Option<i32> {
    const IS_NULLABLE: bool = true;

    fn read(rule: &Rule, sent: &Json, now: Stamp) -> Result<Self, Message> {
        let highest = match rule {
            Rule::Part(_, highest) => *highest,
            _ => 9999,
        };
        let number = whole_number(sent, 1, highest)?;
        Ok(match rule {
            Rule::Year(_) => number.map(|year| completed_year(year, now.moment().year())),
            _ => number,
        })
    }

    fn to_json(&self) -> Json {
        (*self).into()
    }

    fn initial(_: Stamp) -> Self {
        None
    }
}

impl Field for bool {
    const IS_NULLABLE: bool = false;

    fn read(_: &Rule, sent: &Json, _: Stamp) -> Result<Self, Message> {
        match sent {
            Json::Bool(value) => Ok(*value),
            _ => Err(Message::new(Code::WrongType, "must be true or false")),
        }
    }

    fn to_json(&self) -> Json {
        (*self).into()
    }

    fn initial(_: Stamp) -> Self {
        false
    }
}

impl Field for Stamp {
    const IS_NULLABLE: bool = false;

    fn read(_: &Rule, sent: &Json, now: Stamp) -> Result<Self, Message> {
        stamp::parse(&time_text(sent), now)
            .map_err(|e| Message::new(Code::InvalidTimestamp, format!("must be a time ({e})")))
    }

    fn to_json(&self) -> Json {
        self.to_string().into()
    }

    fn initial(made_at: Stamp) -> Self {
        made_at
    }
}

/// A whole number from `lowest` to `highest`, or null.
///
/// # Errors
/// Another type, or a number outside the range.
pub fn whole_number<N>(sent: &Json, lowest: N, highest: N) -> Result<Option<N>, Message>
where
    N: Copy + TryFrom<i64> + Display + ValidateRange<N>,
{
    let number = match sent {
        Json::Null => return Ok(None),
        Json::Number(text) if text.bytes().all(|b| b.is_ascii_digit() || b == b'-') => text.parse::<i64>(),
        _ => return Err(Message::new(Code::WrongType, "must be a whole number or null")),
    };
    // A number too long for 64 bits is out of any range.
    let number = number.ok().and_then(|number| N::try_from(number).ok());
    match number.filter(|number| number.validate_range(Some(lowest), Some(highest), None, None)) {
        Some(number) => Ok(Some(number)),
        None => Err(Message::new(Code::OutOfRange, format!("must be in {lowest}..{highest}"))),
    }
}

/// A text of at most [`TEXT_LIMIT`] characters without control characters.
///
/// # Errors
/// A longer text, or one with control characters.
pub fn check_text(text: &str, limit: u64) -> Result<(), Message> {
    if !text.validate_length(None, Some(limit), None) {
        return Err(Message::new(Code::TooLong, format!("is too long (maximum is {limit} characters)")));
    }
    if text.chars().any(char::is_control) {
        return Err(Message::new(Code::Invalid, "must not have control characters"));
    }
    Ok(())
}

fn checked_text(rule: &Rule, text: &str) -> Result<String, Message> {
    if matches!(rule, Rule::Url) {
        check_text(text, URL_LIMIT)?;
        // Every client shows what is stored here, so nothing but the web's own schemes.
        let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
        let http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        if !http || !text.validate_url() {
            return Err(Message::new(Code::Invalid, "must be an absolute http or https URL"));
        }
        return Ok(text.to_owned());
    }
    check_text(text, TEXT_LIMIT)?;
    Ok(match rule {
        Rule::Text(abbreviations) if abbreviations.iter().any(|a| a.strip_suffix('.') == Some(text)) => {
            format!("{text}.")
        }
        _ => text.to_owned(),
    })
}

/// One or two digits below those of the current year belong to its century, others to the one before.
fn completed_year(year: i32, current: i32) -> i32 {
    let century = current - current % 100;
    match year {
        100.. => year,
        _ if year < current % 100 => century + year,
        _ => century - 100 + year,
    }
}

/// Whether the day exists in the month. The 29th of February does: the year is often not known.
#[must_use]
pub fn day_exists(day: i32, month: i32) -> bool {
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    day <= days
}
