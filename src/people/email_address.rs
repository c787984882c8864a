//! E-mail addresses (`mpdx-behaviour.md` 4.3).

use validator::ValidateEmail as _;

/// An address as it is stored: lower case, without blanks and zero-width characters. `None` where it is none.
#[must_use]
pub fn normalize(sent: &str) -> Option<String> {
    let invisible =
        |c: &char| c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}');
    let address: String = sent.chars().filter(|c| !invisible(c)).flat_map(char::to_lowercase).collect();
    address.validate_email().then_some(address)
}
