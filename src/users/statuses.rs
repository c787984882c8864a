//! How callers stand: what every request asks of the database first.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Nullable};
use diesel::sqlite::Sqlite;

use super::store::Status;
use crate::db::schema::people;
use crate::db::{Connection, Database, DbError, Gather, SqlUuid};
use crate::id::Id;

/// How many rows one of SQLite's statements reads, at most: a statement that is prepared once has a fixed number.
const MANY: usize = 32;

/// Reads of statuses by the requests of one thread, which share statements. Clones share them.
#[derive(Clone, Debug)]
pub struct Statuses(Gather<Id, Option<Status>>);

impl Default for Statuses {
    fn default() -> Self {
        Self(Gather::new(1))
    }
}

impl Statuses {
    /// The status of a caller as it stands after this is called: read, or kept where nobody has committed since; `None`
    /// where there is no such person.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read(&self, db: &Database, id: Id) -> Result<Option<Status>, DbError> {
        let read = async |db: Database, ids: Vec<Id>| {
            db.read_rows_keeping(move |connection, known| read_known(connection, &ids, known)).await
        };
        self.0.read(db, id, read).await
    }
}

/// What a connection knows of people; `None` where there is no such person.
type Known = HashMap<Id, Option<Status>>;

/// So many people a connection knows at most: some 400 KB.
const KNOWN: usize = 4096;

fn read_known(
    connection: &mut Connection,
    ids: &[Id],
    known: Option<&mut Known>,
) -> QueryResult<BTreeMap<Id, Status>> {
    let Some(known) = known else { return read_all(connection, ids) };
    let new: Vec<Id> = ids.iter().filter(|id| !known.contains_key(id)).copied().collect();
    let read = if new.is_empty() { BTreeMap::new() } else { read_all(connection, &new)? };
    let of = |id: &Id| Some((*id, (*known.get(id)?)?));
    let found = ids.iter().filter_map(of).chain(read.iter().map(|(id, status)| (*id, *status))).collect();
    if known.len() + new.len() > KNOWN {
        known.clear();
    }
    known.extend(new.into_iter().take(KNOWN).map(|id| (id, read.get(&id).copied())));
    Ok(found)
}

fn read_all(connection: &mut Connection, ids: &[Id]) -> QueryResult<BTreeMap<Id, Status>> {
    if let [id] = ids {
        return Ok(Status::read(connection, *id)?.into_iter().map(|status| (*id, status)).collect());
    }
    match connection {
        Connection::Sqlite(connection) => {
            let mut found = BTreeMap::new();
            for ids in ids.chunks(MANY) {
                found.extend(match ids.len() {
                    0..=4 => StatusesOf::<4>::new(ids).read(connection)?,
                    5..=8 => StatusesOf::<8>::new(ids).read(connection)?,
                    9..=16 => StatusesOf::<16>::new(ids).read(connection)?,
                    _ => StatusesOf::<MANY>::new(ids).read(connection)?,
                });
            }
            Ok(found)
        }
        Connection::Postgres(connection) => {
            let of = people::table.filter(people::id.eq_any(ids));
            let rows = of.select((people::id, Status::as_select())).load::<(Id, Status)>(connection)?;
            Ok(rows.into_iter().collect())
        }
    }
}

/// The statuses of so many people: lists are no values on SQLite, and what the builder makes of one is not kept.
struct StatusesOf<const N: usize>([Option<Id>; N]);

impl<const N: usize> StatusesOf<N> {
    /// Of the people, of whom there are at most so many; the rest of the places name nobody.
    fn new(ids: &[Id]) -> Self {
        Self(std::array::from_fn(|place| ids.get(place).copied()))
    }

    fn read(self, connection: &mut SqliteConnection) -> QueryResult<BTreeMap<Id, Status>> {
        let rows: Vec<(Id, (i64, bool, i64))> = self.load(connection)?;
        let status = |(version, disabled, token_epoch)| Status { version, disabled, token_epoch };
        Ok(rows.into_iter().map(|(id, row)| (id, status(row))).collect())
    }
}

impl<const N: usize> QueryId for StatusesOf<N> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const N: usize> QueryFragment<Sqlite> for StatusesOf<N> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("SELECT people.id, version, disabled, token_epoch FROM (VALUES ");
        for (i, id) in self.0.iter().enumerate() {
            out.push_sql(if i == 0 { "(" } else { "), (" });
            out.push_bind_param::<Nullable<SqlUuid>, Option<Id>>(id)?;
        }
        // Each of them looked for, without a table that is made of them first.
        out.push_sql(")) AS asked CROSS JOIN people ON people.id = asked.column1");
        Ok(())
    }
}

impl<const N: usize> Query for StatusesOf<N> {
    type SqlType = (SqlUuid, (BigInt, Bool, BigInt));
}

impl<const N: usize> RunQueryDsl<SqliteConnection> for StatusesOf<N> {}
