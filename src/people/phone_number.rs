//! Phone numbers (`mpdx-behaviour.md` 4.4).

use phonenumber::{Mode, country};

use super::email_address::LOCKED;
use super::kind::Refuse;
use super::row::{Row, Value};
use crate::jsonapi::Code;

/// A number as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normalized {
    /// E.164, with `;ext` behind it where there is an extension.
    pub number: String,
    /// The country's calling code.
    pub country_code: String,
}

/// Reads a number as somebody in `home` writes it. `None` where it is none.
#[must_use]
pub fn normalize(sent: &str, home: country::Id) -> Option<Normalized> {
    let parsed = phonenumber::parse(Some(home), sent).ok()?;
    let mut number = parsed.format().mode(Mode::E164).to_string();
    // Some formats of the library keep the extension; it is stored in one way.
    if let Some(extension) = parsed.extension() {
        number.truncate(number.find(';').unwrap_or(number.len()));
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
pub(super) fn check(row: &mut Row, before: Option<&Row>, _: &[Row], refuse: &mut Refuse<'_>) {
    if row.is_locked() {
        for name in ["number", "country_code", "location"] {
            if before.is_some_and(|before| before.get(name) != row.get(name)) {
                refuse(Code::Locked, name, LOCKED);
            }
        }
    }
    if before.is_some_and(|before| before.get("number") == row.get("number")) {
        return;
    }
    let normal = row.get("number").as_text().and_then(|sent| normalize(sent, country::Id::US));
    if let Some(Normalized { number, country_code }) = normal {
        row.set_normalized("number", &number, "number_sent", before);
        row.set("country_code", Value::Text(country_code));
    } else {
        row.set("number_sent", Value::Null);
    }
}
