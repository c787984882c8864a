//! Rows that are not the user's document's: each is a record by itself, with a version and a stamp that count its own
//! states.

use diesel::QueryResult;

use super::edit::{Deed, RowEdit};
use super::kind::Kind;
use super::owners;
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

/// The next stamp of a row; of a new one, its first, which none of the kind has had that was deleted.
///
/// # Errors
/// The query's.
pub(super) fn stamp(
    connection: &mut Connection,
    person: &Person,
    (kind, id): (&Kind, Id),
    now: Stamp,
) -> QueryResult<Stamp> {
    if let Some(row) = person.context.row(kind, id) {
        return Ok(row.stamp.next(now));
    }
    Ok(store::last_burial(connection, person.id, kind)?.map_or(now, |at| at.next(now)))
}

/// Writes the rows of a kind in which `after` differs from `before`, which is what is stored, and moves their versions and
/// stamps; a new one gets the stamp `at`. `false` where another user's row has just got a value that must be unique; then nothing was written.
///
/// # Errors
/// The statements'.
pub(super) fn save(
    connection: &mut Connection,
    before: &Person,
    after: &mut Person,
    (kind, now, at): (&'static Kind, Stamp, Stamp),
) -> QueryResult<bool> {
    let stored = before.context.rows_of(kind);
    if !take_values(connection, before.id, stored, after.context.rows_of(kind))? {
        return Ok(false);
    }
    let moved = |row: &Row| {
        let before = stored.iter().find(|before| before.id == row.id);
        let (version, stamp) = before.map_or((1, at), |before| (before.version + 1, before.stamp.next(now)));
        row.clone().stamped(before, version, stamp)
    };
    let rows: Vec<Row> = after.context.rows_of(kind).iter().map(moved).collect();
    let (kept, gone): (Vec<_>, Vec<_>) =
        stored.iter().cloned().partition(|row| rows.iter().any(|kept| kept.id == row.id));
    for row in &gone {
        store::remove(connection, before.id, row)?;
        let buried = (store::NO_VERSION, row.stamp.next(now));
        store::bury(connection, before.id, (kind, row.id), buried)?;
    }
    store::save(connection, before.id, (&kept, &rows), (before.version, now))?;
    after.set_rows(kind, rows);
    Ok(true)
}

/// Takes the values of new and changed rows that must be unique and gives back those that they had: in this order, since
/// a write of one row takes one value at most, and where that is gone nothing must have happened.
fn take_values(connection: &mut Connection, person: Id, before: &[Row], after: &[Row]) -> QueryResult<bool> {
    let has = |rows: &[Row], row: &Row| {
        rows.iter().any(|other| other.id == row.id && other.unique() == row.unique())
    };
    for row in after.iter().filter(|row| !has(before, row)) {
        if !owners::claim(connection, person, row)? {
            return Ok(false);
        }
    }
    before
        .iter()
        .filter(|row| !has(after, row))
        .try_for_each(|row| owners::release(connection, person, row))?;
    Ok(true)
}
