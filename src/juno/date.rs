//! Times as JUNO's clients write them (`juno.md` 1.2): without a zone they are UTC.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};

use crate::clock::Stamp;

/// Reads a date, or a date and a time as far as it is told, with a zone or without.
#[must_use]
pub fn read(text: &str) -> Option<Stamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().filter(|read| read.to_string() == date)?;
    if rest.is_empty() {
        return Stamp::new(date.and_time(NaiveTime::MIN).and_utc());
    }
    let (time, offset) = zoned(rest.get(1..)?)?;
    let time = match (rest.get(..1)?, time.len()) {
        ("T", 2) => format!("{time}:00:00"),
        ("T" | " ", 5) => format!("{time}:00"),
        ("T" | " ", 8) => time.to_owned(),
        ("T", 9..) if time.get(8..9) == Some(".") => time.to_owned(),
        _ => return None,
    };
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.');
    let time = NaiveTime::parse_from_str(&time, "%H:%M:%S%.f").ok().filter(|_| time.chars().all(is_digit))?;
    let local = NaiveDateTime::new(date, time);
    let moment = local.and_local_timezone(offset).single()?;
    Stamp::new(DateTime::from(moment))
}

/// A time and its zone, UTC where it has none.
fn zoned(text: &str) -> Option<(&str, FixedOffset)> {
    let utc = FixedOffset::east_opt(0)?;
    if let Some(time) = text.strip_suffix('Z') {
        return Some((time, utc));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, utc)) };
    let (time, zone) = text.split_at_checked(at)?;
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let number = |digits: &str, limit: i32| {
        let all = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<i32>().ok().filter(|number| all && *number < limit)
    };
    let seconds = number(hours, 24)? * 3600 + number(minutes, 60)? * 60;
    let offset = if zone.starts_with('-') { FixedOffset::west_opt } else { FixedOffset::east_opt };
    Some((time, offset(seconds)?))
}
