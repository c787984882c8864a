//! E-mail addresses (`mpdx-behaviour.md` 4.3).

use validator::ValidateEmail as _;

use super::kind::{Around, Refuse};
use super::row::Row;
use crate::jsonapi::Code;

/// An address without blanks, line ends and zero-width characters.
#[must_use]
pub fn strip(sent: &str) -> String {
    let invisible =
        |c: &char| c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}');
    sent.chars().filter(|c| !invisible(c)).collect()
}

/// An address as it is stored: stripped and in lower case. `None` where it is none.
#[must_use]
pub fn normalize(sent: &str) -> Option<String> {
    let address = strip(sent).to_lowercase();
    address.validate_email().then_some(address)
}

/// The rules of the row.
pub(super) fn check(row: &mut Row, around: &Around<'_>, refuse: &mut Refuse<'_>) {
    let email = row.get("email").as_text().and_then(normalize);
    if let Some(email) = &email {
        row.set_normalized("email", email, "email_sent", around.before);
    }
    let locked = around.refuse_locked(row, &["email", "location"], refuse);
    if locked || around.keeps(row, "email") {
        return;
    }
    match email {
        None => refuse(Code::Invalid, "email", "is invalid"),
        Some(_) if around.has_like(row, &["email", "source"]) => {
            refuse(Code::Taken, "email", "has already been taken");
        }
        Some(_) => {}
    }
}
