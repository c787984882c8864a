//! Reads of rows.

use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment};
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Untyped};

use crate::clock::Stamp;
use crate::db::{Backend, Connection, SqlStamp, SqlUuid, known_by_their_text};
use crate::guard::member_stamps::MemberStamps;
use crate::id::Id;
use crate::people::kind::{Kind, Type};
use crate::people::row::{Row, Value};

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

known_by_their_text!(Connection: Select, SelectOf<'_>);

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
        build(row, kind, kind.attributes.iter().map(|attribute| attribute.column))
    }
}

/// A row of a kind, the values of whose attributes are in columns of these names.
pub(super) fn build<'a>(
    row: &impl NamedRow<'a, Backend>,
    kind: &'static Kind,
    columns: impl Iterator<Item = impl AsRef<str>>,
) -> deserialize::Result<Row> {
    let stamps: String = column::<Text, _>(row, "attribute_stamps")?;
    let attributes = kind.attributes.iter().zip(columns);
    let values = attributes.map(|(attribute, column)| read(row, column.as_ref(), attribute.holds));
    Ok(Row {
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

/// A column by its name; its name is also that of a method of every row.
pub(super) fn column<'a, ST, T: FromSql<ST, Backend>>(
    row: &impl NamedRow<'a, Backend>,
    name: &str,
) -> deserialize::Result<T> {
    NamedRow::get::<ST, T>(row, name)
}

fn read<'a>(row: &impl NamedRow<'a, Backend>, name: &str, holds: Type) -> deserialize::Result<Value> {
    Ok(match holds {
        Type::RequiredText | Type::Email | Type::Url | Type::Text | Type::State => {
            column::<Nullable<Text>, Option<String>>(row, name)?.map_or(Value::Null, Value::Text)
        }
        Type::Boolean => Value::Boolean(column::<Bool, _>(row, name)?),
        Type::Integer => {
            column::<Nullable<BigInt>, Option<i64>>(row, name)?.map_or(Value::Null, Value::Integer)
        }
        Type::Time => {
            column::<Nullable<SqlStamp>, Option<Stamp>>(row, name)?.map_or(Value::Null, Value::Time)
        }
        Type::Person | Type::AccountList => {
            column::<Nullable<SqlUuid>, Option<Id>>(row, name)?.map_or(Value::Null, Value::Id)
        }
    })
}
