//! The rows in their tables. The statements are written out from the table of the kind, so that one piece of code
//! serves seven tables; their texts never change, so each is prepared once.

use std::collections::{HashMap, HashSet};

use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Untyped};

use super::kind::{Attribute, Kind, Type};
use super::row::{Row, Value};
use crate::clock::Stamp;
use crate::db::schema::tombstones;
use crate::db::{Backend, Connection, SqlStamp, SqlUuid};
use crate::guard::member_stamps::MemberStamps;
use crate::id::Id;
use crate::mutants::mutant;

/// Reads all rows of a kind that a person owns, the oldest first.
///
/// # Errors
/// The query's.
pub fn load(connection: &mut Connection, kind: &'static Kind, person: Id) -> QueryResult<Vec<Row>> {
    Select { kind, person }.load(connection)
}

/// Reads the rows of a kind that some people own, each beside whose it is, the oldest first.
///
/// # Errors
/// The query's.
pub fn load_of(
    connection: &mut Connection,
    kind: &'static Kind,
    people: &[Id],
) -> QueryResult<Vec<(Id, Row)>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<OwnersRow> = SelectOf { kind, people }.load(connection)?;
    Ok(rows.into_iter().map(|OwnersRow { person, row }| (person, row)).collect())
}

/// Writes a row that is not there yet.
///
/// # Errors
/// The statement's.
pub fn insert(connection: &mut Connection, person: Id, row: &Row) -> QueryResult<()> {
    Insert { person, row, stamps: row.stamps.to_text() }.execute(connection).map(drop)
}

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

struct Select {
    kind: &'static Kind,
    person: Id,
}

struct SelectOf<'a> {
    kind: &'static Kind,
    people: &'a [Id],
}

/// A row beside whose it is.
struct OwnersRow {
    person: Id,
    row: Row,
}

struct Insert<'a> {
    person: Id,
    row: &'a Row,
    stamps: String,
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

/// The statements differ by their kind, which is no type, so their texts are what they are known by.
macro_rules! known_by_their_text {
    ($($statement:ty),+) => {
        $(
            impl QueryId for $statement {
                type QueryId = ();
                const HAS_STATIC_QUERY_ID: bool = false;
            }

            impl RunQueryDsl<Connection> for $statement {}
        )+
    };
}

known_by_their_text!(Select, SelectOf<'_>, Insert<'_>, Update<'_>, Delete<'_>);

impl Query for Select {
    type SqlType = Untyped;
}

impl Query for SelectOf<'_> {
    type SqlType = Untyped;
}

/// Writes `SELECT …` of all that makes a row, up to `WHERE person_id`.
fn push_selection(out: &mut AstPass<'_, '_, Backend>, of: &'static Kind) -> QueryResult<()> {
    let kind = Kind::all().position(|kind| kind == of).unwrap_or_default();
    out.push_sql("SELECT ");
    out.push_sql(&kind.to_string());
    out.push_sql(
        " AS kind, person_id, id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps",
    );
    for attribute in of.attributes {
        out.push_sql(", ");
        out.push_identifier(attribute.column)?;
    }
    out.push_sql(" FROM ");
    out.push_identifier(of.name)?;
    out.push_sql(" WHERE person_id");
    Ok(())
}

impl QueryFragment<Backend> for Select {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        push_selection(&mut out, self.kind)?;
        out.push_sql(" = ");
        out.push_bind_param::<SqlUuid, Id>(&self.person)?;
        out.push_sql(" ORDER BY created_at, id");
        Ok(())
    }
}

impl QueryFragment<Backend> for SelectOf<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        // A text for each number of people is not worth keeping.
        out.unsafe_to_cache_prepared();
        push_selection(&mut out, self.kind)?;
        for (i, person) in self.people.iter().enumerate() {
            out.push_sql(if i == 0 { " IN (" } else { ", " });
            out.push_bind_param::<SqlUuid, Id>(person)?;
        }
        out.push_sql(") ORDER BY created_at, id");
        Ok(())
    }
}

impl QueryableByName<Backend> for OwnersRow {
    fn build<'a>(row: &impl NamedRow<'a, Backend>) -> deserialize::Result<Self> {
        Ok(Self { person: column::<SqlUuid, _>(row, "person_id")?, row: Row::build(row)? })
    }
}

impl QueryableByName<Backend> for Row {
    fn build<'a>(row: &impl NamedRow<'a, Backend>) -> deserialize::Result<Self> {
        let kind = usize::try_from(column::<Integer, i32>(row, "kind")?)?;
        let kind = Kind::all().nth(kind).ok_or("a kind that does not exist")?;
        let stamps: String = column::<Text, _>(row, "attribute_stamps")?;
        let values = kind.attributes.iter().map(|attribute| read(row, attribute));
        Ok(Self {
            kind,
            id: column::<SqlUuid, _>(row, "id")?,
            version: column::<BigInt, _>(row, "changed_in_version")?,
            created_at: column::<SqlStamp, _>(row, "created_at")?,
            updated_at: column::<SqlStamp, _>(row, "updated_at")?,
            stamp: column::<SqlStamp, _>(row, "updated_in_db_at")?,
            stamps: MemberStamps::from_text(&stamps).ok_or("attribute_stamps are unreadable")?,
            values: values.collect::<deserialize::Result<_>>()?,
        })
    }
}

/// A column by its name; its name is also that of a method of every row.
fn column<'a, ST, T: FromSql<ST, Backend>>(
    row: &impl NamedRow<'a, Backend>,
    name: &str,
) -> deserialize::Result<T> {
    NamedRow::get::<ST, T>(row, name)
}

fn read<'a>(row: &impl NamedRow<'a, Backend>, attribute: &Attribute) -> deserialize::Result<Value> {
    Ok(match attribute.holds {
        Type::RequiredText | Type::Email | Type::Url | Type::Text | Type::State => {
            column::<Nullable<Text>, Option<String>>(row, attribute.column)?.map_or(Value::Null, Value::Text)
        }
        Type::Boolean => Value::Boolean(column::<Bool, _>(row, attribute.column)?),
        Type::Integer => column::<Nullable<BigInt>, Option<i64>>(row, attribute.column)?
            .map_or(Value::Null, Value::Integer),
        Type::Time => column::<Nullable<SqlStamp>, Option<Stamp>>(row, attribute.column)?
            .map_or(Value::Null, Value::Time),
        Type::Person | Type::AccountList => {
            column::<Nullable<SqlUuid>, Option<Id>>(row, attribute.column)?.map_or(Value::Null, Value::Id)
        }
    })
}

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

impl QueryFragment<Backend> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        let Self { person, row, stamps } = self;
        out.push_sql("INSERT INTO ");
        out.push_identifier(row.kind.name)?;
        out.push_sql(" (person_id, id");
        for column in COMMON.into_iter().chain(row.kind.attributes.iter().map(|attribute| attribute.column)) {
            out.push_sql(", ");
            out.push_identifier(column)?;
        }
        out.push_sql(") VALUES (");
        out.push_bind_param::<SqlUuid, Id>(person)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, Id>(&row.id)?;
        for column in COMMON {
            out.push_sql(", ");
            push_common(&mut out, column, row, stamps)?;
        }
        for (attribute, value) in row.kind.attributes.iter().zip(&row.values) {
            out.push_sql(", ");
            push_value(&mut out, attribute.holds, value)?;
        }
        out.push_sql(")");
        Ok(())
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
