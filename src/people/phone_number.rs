//! Phone numbers (`mpdx-behaviour.md` 4.4).

use phonenumber::{Mode, country};

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
