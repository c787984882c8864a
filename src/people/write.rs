//! Writes of rows: the row, whatever follows from it, and the person's stamp and version, in one transaction that
//! holds the person's lock from its first statement (design 3 and 7: what writes other rows goes alone).

use diesel::QueryResult;
use diesel::result::Error as QueryError;

use super::aside;
use super::edit::RowEdit;
use super::kind::Kind;
use super::owned_row::OwnedRow;
use super::row::Row;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::guard::{Decision, Edit, Guarded as _, Member, decide};
use crate::id::Id;
use crate::users::person::Person;
use crate::users::store::{self as users, Wanted};

/// What became of a write. Nothing but `Done` has written anything.
#[derive(Debug)]
pub enum Outcome {
    /// There is no such user any more.
    Nobody,
    /// The user has no such row.
    NotFound(Id),
    /// Decided by the guard: every decision but `Applied`.
    Refused(Box<Decision<OwnedRow>>),
    /// The row as it now is, and what the answer says of the edit.
    Done {
        /// The person after the write.
        person: Box<Person>,
        /// His stamp before it.
        before: Stamp,
        /// The row; one that was deleted as it last was.
        row: Box<Row>,
        /// Members to name as not applied.
        ignored: Vec<Member>,
        /// After a merge: what others had changed.
        merged: Option<Vec<Member>>,
    },
}

/// How often a value that must be unique may be free when it is looked for and gone when it is taken.
const TRIES: usize = 8;

/// Does it. Belongs into a transaction; where the outcome is not `Done`, nothing was written.
///
/// # Errors
/// The statements'.
pub fn run(
    connection: &mut Connection,
    kind: &'static Kind,
    person: Id,
    edit: &Edit<RowEdit>,
    now: Stamp,
) -> QueryResult<Outcome> {
    users::lock(connection, person)?;
    for _ in 0..TRIES {
        if let Some(outcome) = attempt(connection, kind, person, edit, now)? {
            return Ok(outcome);
        }
    }
    Err(QueryError::RollbackTransaction)
}

/// Decides on what is stored and writes it; nothing where another user's row has meanwhile got a value that must be
/// unique, of which the next attempt knows.
fn attempt(
    connection: &mut Connection,
    kind: &'static Kind,
    person: Id,
    edit: &Edit<RowEdit>,
    now: Stamp,
) -> QueryResult<Option<Outcome>> {
    let mut wanted = Wanted::default();
    wanted.rows.add(kind, std::slice::from_ref(&edit.changes));
    let Some(person) = users::read_with(connection, person, &wanted)? else {
        return Ok(Some(Outcome::Nobody));
    };
    let known = aside::known(&person, kind, edit);
    let edit = known.as_ref().unwrap_or(edit);
    let id = edit.changes.id;
    let stamp = if kind.is_aside() {
        aside::stamp(connection, &person, (kind, id), now)?
    } else {
        person.stamp.next(now)
    };
    let Some(state) = OwnedRow::of(&person, &person, (kind, &edit.changes), stamp) else {
        return Ok(Some(Outcome::NotFound(id)));
    };
    match decide(&state, edit, stamp) {
        Decision::Applied { state: after, ignored, merged } => {
            let mut next = person.clone();
            next.set_rows(kind, after.rows);
            if kind.is_aside() {
                if !aside::save(connection, &person, &mut next, (kind, now, stamp))? {
                    return Ok(None);
                }
            } else {
                let changed = person.changed(&next);
                next = person.moved(next, &changed, now);
                // Under the person's lock nobody else can have written him, but somebody may have got his address.
                if !users::compare_and_set(connection, &person, &next)? {
                    return Ok(None);
                }
            }
            let row = next.context.row(kind, id).unwrap_or(&state.row);
            let row = Box::new(row.clone());
            Ok(Some(Outcome::Done { before: person.stamp, person: Box::new(next), row, ignored, merged }))
        }
        Decision::Unchanged { ignored, merged } => {
            let (before, row) = (person.stamp, Box::new(state.row));
            Ok(Some(Outcome::Done { person: Box::new(person), before, row, ignored, merged }))
        }
        decision => Ok(Some(Outcome::Refused(Box::new(decision)))),
    }
}
