//! E-mail addresses (`mpdx-behaviour.md` 4.3).

use validator::ValidateEmail as _;

use super::kind::Refuse;
use super::row::Row;
use crate::jsonapi::Code;

/// The message of a locked row, by whose end the Android client knows it.
pub(super) const LOCKED: &str = "cannot be changed because the source is not MPDX or TntImport";

/// An address as it is stored: lower case, without blanks and zero-width characters. `None` where it is none.
#[must_use]
pub fn normalize(sent: &str) -> Option<String> {
    let invisible =
        |c: &char| c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}');
    let address: String = sent.chars().filter(|c| !invisible(c)).flat_map(char::to_lowercase).collect();
    address.validate_email().then_some(address)
}

/// The rules of the row.
pub(super) fn check(row: &mut Row, before: Option<&Row>, others: &[Row], refuse: &mut Refuse<'_>) {
    if row.is_locked() {
        for name in ["email", "location"] {
            if before.is_some_and(|before| before.get(name) != row.get(name)) {
                refuse(Code::Locked, name, LOCKED);
            }
        }
    }
    if before.is_some_and(|before| before.get("email") == row.get("email")) {
        return;
    }
    let Some(email) = row.get("email").as_text().and_then(normalize) else {
        refuse(Code::Invalid, "email", "is invalid");
        return;
    };
    row.set_normalized("email", &email, "email_sent", before);
    let same =
        |other: &&Row| other.get("email") == row.get("email") && other.get("source") == row.get("source");
    if others.iter().any(|other| same(&other)) {
        refuse(Code::Taken, "email", "has already been taken");
    }
}
