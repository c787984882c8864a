//! Rows that are not the user's document's: each is a record by itself, with a version and a stamp that count its own
//! states. What is deleted is gone.

use diesel::QueryResult;

use super::edit::{Deed, RowEdit};
use super::kind::Kind;
use super::row::Row;
use super::store;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::guard::Edit;
use crate::id::Id;
use crate::users::person::Person;

/// A device that registers once more, which a phone does whenever it is online again, is the one that there is.
pub(super) fn known(person: &Person, kind: &Kind, edit: &Edit<RowEdit>) -> Option<Edit<RowEdit>> {
    let token = edit.changes.changes.values.get("token").filter(|_| edit.changes.deed == Deed::Create)?;
    let row = person.context.rows_of(kind).iter().find(|row| kind.is_aside() && row.get("token") == token)?;
    let mut edit = edit.clone();
    (edit.changes.id, edit.changes.deed) = (row.id, Deed::Update);
    Some(edit)
}

/// The next stamp of a row; of a new one, its first.
pub(super) fn stamp(person: &Person, kind: &Kind, id: Id, now: Stamp) -> Stamp {
    person.context.row(kind, id).map_or(now, |row| row.stamp.next(now))
}

/// Writes the rows of a kind in which `after` differs from `before`, which is what is stored, and moves their versions and
/// stamps.
///
/// # Errors
/// The statements'.
pub(super) fn save(
    connection: &mut Connection,
    before: &Person,
    after: &mut Person,
    (kind, now): (&'static Kind, Stamp),
) -> QueryResult<()> {
    let stored = before.context.rows_of(kind);
    let moved = |row: &Row| {
        let before = stored.iter().find(|before| before.id == row.id);
        let (version, at) = before.map_or((1, now), |before| (before.version + 1, before.stamp.next(now)));
        row.clone().stamped(before, version, at)
    };
    let rows: Vec<Row> = after.context.rows_of(kind).iter().map(moved).collect();
    let (kept, gone): (Vec<_>, Vec<_>) =
        stored.iter().cloned().partition(|row| rows.iter().any(|kept| kept.id == row.id));
    for row in &gone {
        store::remove(connection, before.id, row)?;
    }
    store::save(connection, before.id, (&kept, &rows), (before.version, now))?;
    after.set_rows(kind, rows);
    Ok(())
}
