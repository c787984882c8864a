//! Phone numbers (`mpdx-behaviour.md` 4.4).

use phonenumber::{Mode, country};

use super::kind::{Around, Refuse};
use super::row::{Row, Value};

/// A number as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normalized {
    /// E.164, with `;ext` behind it where there is an extension.
    pub number: String,
    /// The country's calling code.
    pub country_code: String,
}

/// Reads a number as somebody in `home` writes it. `None` where it is none: also where the library would read
/// something into the text, or leave something out of it, for then another number would be called.
#[must_use]
pub fn normalize(sent: &str, home: country::Id) -> Option<Normalized> {
    let parsed = phonenumber::parse(Some(home), sent).ok().filter(phonenumber::is_valid)?;
    let mut number = parsed.format().mode(Mode::E164).to_string();
    number.truncate(number.find(';').unwrap_or(number.len()));
    // What stands before an extension must be digits that all come back, and no letters. The zeros before a national
    // or an international number are not part of it.
    let told = sent.to_ascii_lowercase();
    let told = told.find(['e', 'x', ';', '#', ',']).and_then(|end| told.get(..end)).unwrap_or(&told);
    let digits: String = told.chars().filter(char::is_ascii_digit).collect();
    if told.chars().any(char::is_alphabetic) || !number.ends_with(digits.trim_start_matches('0')) {
        return None;
    }
    if let Some(extension) = parsed.extension().filter(|extension| !extension.as_ref().is_empty()) {
        number = format!("{number};{}", extension.as_ref());
    }
    Some(Normalized { number, country_code: parsed.country().code().to_string() })
}

/// A stored number as documents show it: `(213) 456-7890` in the USA and Canada, else as it is stored.
#[must_use]
pub fn shown(stored: &str) -> String {
    let (number, extension) = stored.split_once(';').map_or((stored, None), |(n, e)| (n, Some(e)));
    let digits = number.strip_prefix("+1").filter(|digits| digits.len() == 10 && digits.is_ascii());
    let parts = digits.and_then(|d| Some((d.get(..3)?, d.get(3..6)?, d.get(6..)?)));
    match (parts, extension) {
        (Some((area, exchange, line)), None) => format!("({area}) {exchange}-{line}"),
        (Some((area, exchange, line)), Some(extension)) => format!("({area}) {exchange}-{line};{extension}"),
        _ => stored.to_owned(),
    }
}

/// The rules of the row. A text that is no number that the library knows is kept as it was sent: the original shows
/// null for it, which would take it from the user.
pub(super) fn check(row: &mut Row, around: &Around<'_>, refuse: &mut Refuse<'_>) {
    if !around.keeps(row, "number") {
        let normal = row.get("number").as_text().and_then(|sent| normalize(sent, around.home));
        if let Some(Normalized { number, country_code }) = normal {
            row.set_normalized("number", &number, "number_sent", around.before);
            row.set("country_code", Value::Text(country_code));
        } else {
            row.set("number_sent", Value::Null);
            row.set("country_code", Value::Null);
        }
    }
    around.refuse_locked(row, &["number", "location"], refuse);
}
