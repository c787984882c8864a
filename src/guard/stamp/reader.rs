//! The forms of a time, read token by token.

use std::iter::Peekable;
use std::vec::IntoIter;

use chrono::Datelike as _;

use super::{Parts, StampError};
use crate::clock::Stamp;

/// What a text says; `None` where it has no form of a time. `today` supplies the date to a time of day.
pub(super) fn read(text: &str, today: Stamp) -> Read<Parts> {
    match tokenize(text) {
        Some(tokens) => Reader { tokens: tokens.into_iter().peekable() }.read(today),
        None => Ok(None),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// Digits as written: their count tells a year from a day.
    Digits(String),
    /// Letters, lower case.
    Word(String),
    /// One of `-+:./,`.
    Mark(char),
    /// One or more blanks.
    Blank,
}

fn tokenize(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let same = |test: fn(char) -> bool| rest.find(|c| !test(c)).unwrap_or(rest.len());
        let (length, token) = match first {
            c if c.is_ascii_digit() => {
                let n = same(|c| c.is_ascii_digit());
                (n, Token::Digits(rest.get(..n)?.to_owned()))
            }
            c if c.is_ascii_alphabetic() => {
                let n = same(|c| c.is_ascii_alphabetic());
                (n, Token::Word(rest.get(..n)?.to_ascii_lowercase()))
            }
            ' ' | '\t' => (same(|c| c == ' ' || c == '\t'), Token::Blank),
            '-' | '+' | ':' | '.' | '/' | ',' => (1, Token::Mark(first)),
            _ => return None,
        };
        tokens.push(token);
        rest = rest.get(length..)?;
    }
    Some(tokens)
}

/// `Ok(None)` of a method means: not of this form.
type Read<T> = Result<Option<T>, StampError>;

struct Reader {
    tokens: Peekable<IntoIter<Token>>,
}

impl Reader {
    fn read(mut self, today: Stamp) -> Read<Parts> {
        let first = match self.tokens.next() {
            Some(Token::Digits(digits)) => digits,
            // A weekday or the name of a month opens a written-out date; a weekday is not checked, as in Ruby.
            Some(Token::Word(word)) => return self.written_out(&word),
            _ => return Ok(None),
        };
        match (self.tokens.peek(), first.len()) {
            (Some(Token::Mark(':')), 1..=2) => {
                let date = today.moment();
                let year = date.year().unsigned_abs();
                self.time_of_day(
                    &first,
                    Parts { year, month: date.month(), day: date.day(), ..Parts::default() },
                )
            }
            (Some(Token::Mark('-' | '/')), 4) => self.year_first(&first),
            (Some(Token::Blank | Token::Mark('-')), 1..=2) => self.day_first(&first),
            (None | Some(Token::Word(_)), _) => self.compact(&first),
            _ => Ok(None),
        }
    }

    /// `2022-01-12…`, `2022/1/12…`
    fn year_first(&mut self, year: &str) -> Read<Parts> {
        let separator = self.tokens.next();
        let Some(month) = self.digits(1..=2) else { return Ok(None) };
        if self.tokens.next() != separator {
            return Ok(None);
        }
        let Some(day) = self.digits(1..=2) else { return Ok(None) };
        let date = date_parts(year, &month, &day);
        match self.tokens.next() {
            None => Ok(Some(date)),
            Some(Token::Blank) => self.after_date(date),
            Some(Token::Word(t)) if t == "t" => self.after_date(date),
            _ => Ok(None),
        }
    }

    /// `12 Jan 2022 17:18:09 GMT`, `12-Jan-22 17:18:09 GMT`
    fn day_first(&mut self, day: &str) -> Read<Parts> {
        let separator = self.tokens.next();
        let Some(Token::Word(name)) = self.tokens.next() else { return Ok(None) };
        let Some(month) = month_number(&name) else { return Ok(None) };
        if self.tokens.next() != separator {
            return Ok(None);
        }
        let Some(year) = self.year() else { return Ok(None) };
        self.end_of_date(Parts { month, ..date_parts(&year, "1", day) })
    }

    /// `Wed, 12 Jan 2022 …`, `Wed Jan 12 17:18:09 2022`, `Jan 12 2022 17:18:09`, `January 12, 2022`
    fn written_out(&mut self, word: &str) -> Read<Parts> {
        let mut word = word.to_owned();
        if is_weekday(&word) {
            self.skip(&Token::Mark(','));
            self.skip(&Token::Blank);
            match self.tokens.next() {
                Some(Token::Digits(day)) => return self.day_first(&day),
                Some(Token::Word(next)) => word = next,
                _ => return Ok(None),
            }
        }
        let Some(month) = month_number(&word) else { return Ok(None) };
        self.skip(&Token::Blank);
        let Some(day) = self.digits(1..=2) else { return Ok(None) };
        self.skip(&Token::Mark(','));
        self.skip(&Token::Blank);
        let Some(Token::Digits(next)) = self.tokens.next() else { return Ok(None) };
        if self.tokens.peek() == Some(&Token::Mark(':')) {
            // The form of C's asctime and of `date`: the year comes last, a zone may stand before it.
            let Some(mut parts) = self.clock(&next, date_parts("1", "1", &day)) else { return Ok(None) };
            self.skip(&Token::Blank);
            if let Some(Token::Word(name)) = self.tokens.next_if(|token| matches!(token, Token::Word(_))) {
                let Some(hours) = zone_offset(&name) else { return Ok(None) };
                parts.offset = hours * 3600;
                self.skip(&Token::Blank);
            }
            let Some(year) = self.digits(4..=4) else { return Ok(None) };
            (parts.year, parts.month) = (number(&year), month);
            return Ok(self.tokens.next().is_none().then_some(parts));
        }
        if next.len() != 4 {
            return Ok(None);
        }
        self.end_of_date(Parts { month, ..date_parts(&next, "1", &day) })
    }

    /// `20220112T171809Z`, `20220112171809`, `20220112`: all other runs of digits are no time that Ruby could name.
    fn compact(&mut self, digits: &str) -> Read<Parts> {
        let cut = |from: usize, to: usize| digits.get(from..to).unwrap_or("0");
        if digits.len() != 8 && digits.len() != 14 {
            return match self.tokens.next() {
                None => Err(StampError::OutOfRange),
                Some(_) => Ok(None),
            };
        }
        let mut parts = date_parts(cut(0, 4), cut(4, 6), cut(6, 8));
        if digits.len() == 14 {
            (parts.hour, parts.minute, parts.second) =
                (number(cut(8, 10)), number(cut(10, 12)), number(cut(12, 14)));
            return self.zone(parts);
        }
        match self.tokens.next() {
            None => Ok(Some(parts)),
            Some(Token::Word(t)) if t == "t" => {
                let Some(time) = self.digits(4..=6) else { return Ok(None) };
                let cut = |from: usize, to: usize| number(time.get(from..to).unwrap_or("0"));
                (parts.hour, parts.minute, parts.second) = (cut(0, 2), cut(2, 4), cut(4, 6));
                if time.len() == 5 || !self.fraction() {
                    return Ok(None);
                }
                self.zone(parts)
            }
            Some(_) => Ok(None),
        }
    }

    fn end_of_date(&mut self, date: Parts) -> Read<Parts> {
        match self.tokens.next() {
            None => Ok(Some(date)),
            Some(Token::Blank) => self.after_date(date),
            Some(_) => Ok(None),
        }
    }

    fn after_date(&mut self, date: Parts) -> Read<Parts> {
        match self.digits(1..=2) {
            Some(hour) => self.time_of_day(&hour, date),
            None => Ok(None),
        }
    }

    fn time_of_day(&mut self, hour: &str, date: Parts) -> Read<Parts> {
        match self.clock(hour, date) {
            Some(parts) => self.zone(parts),
            None => Ok(None),
        }
    }

    /// `:18`, `:18:09`, `:18:09.123` behind an hour.
    fn clock(&mut self, hour: &str, mut parts: Parts) -> Option<Parts> {
        parts.hour = number(hour);
        if !self.skip(&Token::Mark(':')) {
            return None;
        }
        parts.minute = number(&self.digits(2..=2)?);
        if self.skip(&Token::Mark(':')) {
            parts.second = number(&self.digits(2..=2)?);
            if !self.fraction() {
                return None;
            }
        }
        Some(parts)
    }

    /// Passes over `.123` or `,123`; false where the mark has no digits behind it.
    fn fraction(&mut self) -> bool {
        if self.skip(&Token::Mark('.')) || self.skip(&Token::Mark(',')) {
            return matches!(self.tokens.next(), Some(Token::Digits(_)));
        }
        true
    }

    /// The rest of the text: nothing (UTC, as the original's process zone), am or pm, a zone name, an offset.
    fn zone(&mut self, mut parts: Parts) -> Read<Parts> {
        self.skip(&Token::Blank);
        if let Some(Token::Word(half)) = self.tokens.peek()
            && (half == "am" || half == "pm")
        {
            let afternoon = half == "pm";
            self.tokens.next();
            if !(1..=12).contains(&parts.hour) {
                return Err(StampError::OutOfRange);
            }
            parts.hour = parts.hour % 12 + if afternoon { 12 } else { 0 };
            self.skip(&Token::Blank);
        }
        match self.tokens.next() {
            None => return Ok(Some(parts)),
            Some(Token::Word(name)) => {
                let Some(hours) = zone_offset(&name) else { return Ok(None) };
                parts.offset = hours * 3600;
                // JavaScript writes `GMT+1300`.
                if hours == 0 && matches!(self.tokens.peek(), Some(Token::Mark('+' | '-'))) {
                    let sign = self.tokens.next();
                    let Some(seconds) = self.offset(sign.as_ref())? else { return Ok(None) };
                    parts.offset = seconds;
                }
            }
            sign => {
                let Some(seconds) = self.offset(sign.as_ref())? else { return Ok(None) };
                parts.offset = seconds;
            }
        }
        Ok(self.tokens.next().is_none().then_some(parts))
    }

    /// `13`, `1300`, `13:00` behind the sign, in seconds.
    fn offset(&mut self, sign: Option<&Token>) -> Read<i32> {
        let sign = match sign {
            Some(Token::Mark('+')) => 1,
            Some(Token::Mark('-')) => -1,
            _ => return Ok(None),
        };
        let Some(Token::Digits(digits)) = self.tokens.next() else { return Ok(None) };
        let (hours, minutes) = match digits.len() {
            4 => (number(digits.get(..2).unwrap_or("0")), number(digits.get(2..).unwrap_or("0"))),
            2 if self.skip(&Token::Mark(':')) => match self.digits(2..=2) {
                Some(minutes) => (number(&digits), number(&minutes)),
                None => return Ok(None),
            },
            2 => (number(&digits), 0),
            _ => return Ok(None),
        };
        if hours > 23 || minutes > 59 {
            return Err(StampError::OutOfRange);
        }
        Ok(i32::try_from(hours * 3600 + minutes * 60).ok().map(|seconds| sign * seconds))
    }

    fn year(&mut self) -> Option<String> {
        let digits = self.digits(2..=4)?;
        match digits.len() {
            4 => Some(digits),
            // RFC 850 dates: 69 to 99 belong to the last century, as in Ruby.
            2 if number(&digits) >= 69 => Some(format!("19{digits}")),
            2 => Some(format!("20{digits}")),
            _ => None,
        }
    }

    fn digits(&mut self, count: std::ops::RangeInclusive<usize>) -> Option<String> {
        match self.tokens.next() {
            Some(Token::Digits(digits)) if count.contains(&digits.len()) => Some(digits),
            _ => None,
        }
    }

    fn skip(&mut self, token: &Token) -> bool {
        self.tokens.next_if_eq(token).is_some()
    }
}

fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or(u32::MAX)
}

fn date_parts(year: &str, month: &str, day: &str) -> Parts {
    Parts { year: number(year), month: number(month), day: number(day), ..Parts::default() }
}

fn month_number(name: &str) -> Option<u32> {
    name.parse::<chrono::Month>().ok().map(|month| month.number_from_month())
}

fn is_weekday(name: &str) -> bool {
    name.parse::<chrono::Weekday>().is_ok()
}

/// Hours east of UTC of the zone names of RFC 2822, and UTC's own.
fn zone_offset(name: &str) -> Option<i32> {
    Some(match name {
        "z" | "utc" | "gmt" | "ut" => 0,
        "edt" => -4,
        "est" | "cdt" => -5,
        "cst" | "mdt" => -6,
        "mst" | "pdt" => -7,
        "pst" => -8,
        _ => return None,
    })
}
