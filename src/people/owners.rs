//! Values that no two users' rows may share: a lookup table, since the rows themselves are found by their user only.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Text;

use super::kind::Kind;
use super::row::Row;
use crate::db::schema::owners;
use crate::db::{Backend, Connection, SqlUuid};
use crate::id::Id;

/// Of `values` of a kind, those that other users have.
///
/// # Errors
/// The query's.
pub fn of_others(
    connection: &mut Connection,
    person: Id,
    kind: &'static str,
    values: &[String],
) -> QueryResult<Vec<String>> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let taken = owners::table.filter(owners::kind.eq(kind)).filter(owners::value.eq_any(values.to_vec()));
    taken.filter(owners::person_id.ne(person)).select(owners::value).load(connection)
}

/// Whether any user has a row of the id, as far as the kind is one whose rows are told apart among all users.
///
/// # Errors
/// The query's.
pub fn is_somebodys(connection: &mut Connection, kind: &'static Kind, id: Id) -> QueryResult<bool> {
    if kind.unique().is_none() {
        return Ok(false);
    }
    let rows = owners::table.filter(owners::id.eq(id)).filter(owners::kind.eq(kind.name));
    rows.count().get_result::<i64>(connection).map(|rows| rows > 0)
}

/// Who has a value.
///
/// # Errors
/// The query's.
pub fn holder(connection: &mut Connection, (kind, value): (&'static str, &str)) -> QueryResult<Option<Id>> {
    owners::table.find((kind, value)).select(owners::person_id).get_result(connection).optional()
}

/// Takes the value of a row for it; `false` where another row has it. Waits for whoever is about to take it.
///
/// # Errors
/// The statement's.
pub fn claim(connection: &mut Connection, person: Id, row: &Row) -> QueryResult<bool> {
    let Some(value) = row.unique() else { return Ok(true) };
    take(connection, (row.kind.name, value), (person, row.id))
}

/// Gives the value of a row back.
///
/// # Errors
/// The statement's.
pub fn release(connection: &mut Connection, person: Id, row: &Row) -> QueryResult<()> {
    let Some(value) = row.unique() else { return Ok(()) };
    give_back(connection, (row.kind.name, value), person)
}

/// Takes a value of a kind for what a person has under an id; `false` where it is taken. Waits for whoever is about to
/// take it. Nobody waits for another and is waited for by him: a new value is taken before the old one is given back, and
/// who takes values of several kinds does so in the order in which all do.
///
/// # Errors
/// The statement's.
pub fn take(
    connection: &mut Connection,
    (kind, value): (&'static str, &str),
    (person, id): (Id, Id),
) -> QueryResult<bool> {
    let claim = Claim { kind, value: value.to_owned(), person, id };
    Ok(claim.execute(connection)? > 0)
}

/// Gives a value back, if it is the person's.
///
/// # Errors
/// The statement's.
pub fn give_back(
    connection: &mut Connection,
    (kind, value): (&'static str, &str),
    person: Id,
) -> QueryResult<()> {
    let own = owners::table.find((kind, value)).filter(owners::person_id.eq(person));
    diesel::delete(own).execute(connection).map(drop)
}

/// `ON CONFLICT` is beyond the builder where there are two backends.
#[derive(Debug, QueryId)]
struct Claim {
    kind: &'static str,
    value: String,
    person: Id,
    id: Id,
}

impl QueryFragment<Backend> for Claim {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("INSERT INTO owners (kind, value, person_id, id) VALUES (");
        out.push_bind_param::<Text, str>(self.kind)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, String>(&self.value)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, Id>(&self.person)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, Id>(&self.id)?;
        out.push_sql(") ON CONFLICT (kind, value) DO NOTHING");
        Ok(())
    }
}

impl RunQueryDsl<Connection> for Claim {}
