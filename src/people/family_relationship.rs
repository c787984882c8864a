//! Family relationships (`mpdx-behaviour.md` 4.6).

use super::kind::{Around, Refuse};
use super::row::Row;
use crate::jsonapi::Code;

/// The rules of the row: a person is related once, in the words of the database that Android matches.
pub(super) fn check(row: &mut Row, around: &Around<'_>, refuse: &mut Refuse<'_>) {
    if around.has_like(row, &["related_person"]) {
        refuse(Code::Duplicate, "related_person", "duplicate key value violates unique constraint");
    }
}
