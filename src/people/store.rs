//! The rows in their tables. The statements are written out from the table of the kind, so that one piece of code
//! serves seven tables; their texts never change, so each is prepared once.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::kind::{Kind, Type};
use super::row::{Row, Value};
use crate::clock::Stamp;
use crate::db::schema::tombstones;
use crate::db::{Backend, Connection, SqlStamp, SqlUuid, known_by_their_text};
use crate::id::Id;
use crate::mutants::mutant;

mod insert;
mod select;
mod together;

pub use insert::{insert, insert_all};
pub use select::{load, load_of};
pub use together::load_together;

/// Takes a row out of its table without a tombstone, to be written anew in the same transaction: two rows that swap
/// what is unique among them can't be updated one after the other.
///
/// # Errors
/// The statement's.
pub fn remove(connection: &mut Connection, person: Id, row: &Row) -> QueryResult<()> {
    Delete { person, row }.execute(connection).map(drop)
}

/// Deletes a row and leaves its tombstone.
fn delete(connection: &mut Connection, person: Id, row: &Row, version: i64, at: Stamp) -> QueryResult<()> {
    remove(connection, person, row)?;
    bury(connection, person, (row.kind, row.id), (version, at))
}

/// What the tombstones of rows have for a version that the user's document does not show.
pub const NO_VERSION: i64 = 0;

/// When a row of a kind was last deleted, so that one that is made later gets another stamp.
///
/// # Errors
/// The query's.
pub fn last_burial(connection: &mut Connection, person: Id, kind: &Kind) -> QueryResult<Option<Stamp>> {
    let buried = tombstones::table
        .filter(tombstones::person_id.eq(person).and(tombstones::kind.eq(kind.name)))
        .order(tombstones::deleted_at.desc())
        .select(tombstones::deleted_at)
        .limit(1);
    buried.get_result(connection).optional()
}

/// Leaves the tombstone of a row.
///
/// # Errors
/// The statement's.
pub fn bury(
    connection: &mut Connection,
    person: Id,
    (kind, id): (&Kind, Id),
    (version, at): (i64, Stamp),
) -> QueryResult<()> {
    mutant!("no_tombstone", Ok(()));
    let tombstone = (
        (tombstones::person_id.eq(person), tombstones::kind.eq(kind.name), tombstones::id.eq(id)),
        (tombstones::changed_in_version.eq(version), tombstones::deleted_at.eq(at)),
    );
    diesel::insert_into(tombstones::table).values(tombstone).execute(connection).map(drop)
}

/// Writes the rows of a kind in which `after` differs from `before`, which is what is stored. What is gone leaves a
/// tombstone of the person's `version` and stamp `at`.
///
/// # Errors
/// The statements'.
pub fn save(
    connection: &mut Connection,
    person: Id,
    (before, after): (&[Row], &[Row]),
    (version, at): (i64, Stamp),
) -> QueryResult<()> {
    let stored: HashMap<Id, &Row> = before.iter().map(|row| (row.id, row)).collect();
    let kept: HashSet<Id> = after.iter().map(|row| row.id).collect();
    for row in before.iter().filter(|row| !kept.contains(&row.id)) {
        delete(connection, person, row, version, at)?;
    }
    let changed = after.iter().filter(|row| stored.get(&row.id) != Some(row));
    let (mut updates, mut inserts): (Vec<_>, Vec<_>) = changed.partition(|row| stored.contains_key(&row.id));
    // Two rows that exchange what must be unique can't be updated one after the other.
    let takes =
        |row: &&Row| before.iter().any(|other| other.id != row.id && other.is_like(row, row.kind.identity));
    if updates.iter().any(takes) {
        for row in &updates {
            Delete { person, row }.execute(connection)?;
        }
        inserts.append(&mut updates);
    }
    for row in updates {
        Update { person, row, stamps: row.stamps.to_text() }.execute(connection)?;
    }
    for row in inserts {
        insert(connection, person, row)?;
    }
    Ok(())
}

struct Update<'a> {
    person: Id,
    row: &'a Row,
    stamps: String,
}

struct Delete<'a> {
    person: Id,
    row: &'a Row,
}

known_by_their_text!(Connection: Update<'_>, Delete<'_>);

/// The columns that every row has, all but the two of its key.
const COMMON: [&str; 5] =
    ["changed_in_version", "created_at", "updated_at", "updated_in_db_at", "attribute_stamps"];

/// Writes the value of one of [`COMMON`].
fn push_common<'b>(
    out: &mut AstPass<'_, 'b, Backend>,
    column: &str,
    row: &'b Row,
    stamps: &'b String,
) -> QueryResult<()> {
    match column {
        "changed_in_version" => out.push_bind_param::<BigInt, i64>(&row.version),
        "created_at" => out.push_bind_param::<SqlStamp, Stamp>(&row.created_at),
        "updated_at" => out.push_bind_param::<SqlStamp, Stamp>(&row.updated_at),
        "updated_in_db_at" => out.push_bind_param::<SqlStamp, Stamp>(&row.stamp),
        _ => out.push_bind_param::<Text, String>(stamps),
    }
}

/// What stands for null, so that the text of a statement does not depend on its values.
static NO_TEXT: Option<String> = None;
static NO_NUMBER: Option<i64> = None;
static NO_TIME: Option<Stamp> = None;
static NO_ID: Option<Id> = None;

fn push_value<'b>(out: &mut AstPass<'_, 'b, Backend>, holds: Type, value: &'b Value) -> QueryResult<()> {
    match (value, holds) {
        (Value::Text(text), _) => out.push_bind_param::<Text, String>(text),
        (Value::Boolean(value), _) => out.push_bind_param::<Bool, bool>(value),
        (Value::Integer(number), _) => out.push_bind_param::<BigInt, i64>(number),
        (Value::Time(at), _) => out.push_bind_param::<SqlStamp, Stamp>(at),
        (Value::Id(id), _) => out.push_bind_param::<SqlUuid, Id>(id),
        (Value::Null, Type::Integer) => out.push_bind_param::<Nullable<BigInt>, Option<i64>>(&NO_NUMBER),
        (Value::Null, Type::Time) => out.push_bind_param::<Nullable<SqlStamp>, Option<Stamp>>(&NO_TIME),
        (Value::Null, Type::Person | Type::AccountList) => {
            out.push_bind_param::<Nullable<SqlUuid>, Option<Id>>(&NO_ID)
        }
        (Value::Null, _) => out.push_bind_param::<Nullable<Text>, Option<String>>(&NO_TEXT),
    }
}

impl QueryFragment<Backend> for Update<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        let Self { person, row, stamps } = self;
        out.push_sql("UPDATE ");
        out.push_identifier(row.kind.name)?;
        for (i, column) in COMMON.into_iter().enumerate() {
            out.push_sql(if i == 0 { " SET " } else { ", " });
            out.push_identifier(column)?;
            out.push_sql(" = ");
            push_common(&mut out, column, row, stamps)?;
        }
        for (attribute, value) in row.kind.attributes.iter().zip(&row.values) {
            out.push_sql(", ");
            out.push_identifier(attribute.column)?;
            out.push_sql(" = ");
            push_value(&mut out, attribute.holds, value)?;
        }
        push_key(&mut out, person, row)
    }
}

impl QueryFragment<Backend> for Delete<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        out.push_identifier(self.row.kind.name)?;
        push_key(&mut out, &self.person, self.row)
    }
}

fn push_key<'b>(out: &mut AstPass<'_, 'b, Backend>, person: &'b Id, row: &'b Row) -> QueryResult<()> {
    out.push_sql(" WHERE person_id = ");
    out.push_bind_param::<SqlUuid, Id>(person)?;
    out.push_sql(" AND id = ");
    out.push_bind_param::<SqlUuid, Id>(&row.id)
}
