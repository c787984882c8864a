//! What the database itself remembers for all nodes: the signing secret and the incarnation.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use uuid::Uuid;

use super::connection::AnyConnection as Connection;
use super::error::DbError;
use super::schema::settings;
use super::transaction::in_transaction;

/// The HS256 key of tokens.
pub const JWT_SECRET: &str = "jwt_secret";
/// The keys before it that still count, with their ends: JSON.
pub const FORMER_JWT_SECRETS: &str = "former_jwt_secrets";
/// A random id, new whenever the database's history is: after a restore or a first import (design 4).
pub const INCARNATION: &str = "incarnation";
/// Where the database was put back to an older state: the version that its users have had since, and before which versions
/// may name states that are gone. Users who came later have smaller ones.
pub const RESTORED_VERSION: &str = "restored_version";

/// The version since the last restore; `None` where there was none.
///
/// # Errors
/// The query's.
pub fn restored_version(connection: &mut Connection) -> QueryResult<Option<i64>> {
    Ok(stored(connection, RESTORED_VERSION)?.and_then(|version| version.parse().ok()))
}

/// The stored value of `name`; where there is none, `value` is stored and returned. Two processes that ask at once
/// get the same.
///
/// # Errors
/// [`DbError`].
pub fn get_or_set(connection: &mut Connection, name: &str, value: &str) -> Result<String, DbError> {
    // Without the lock for writing, which a busy server may hold for long.
    if let Some(stored) = stored(connection, name)? {
        return Ok(stored);
    }
    let outcome = in_transaction(connection, |connection| {
        if let Some(stored) = stored(connection, name)? {
            return Ok(stored);
        }
        let row = (settings::name.eq(name), settings::value.eq(value));
        diesel::insert_into(settings::table).values(row).execute(connection)?;
        Ok(value.to_owned())
    });
    match outcome {
        Err(DbError::Query(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))) => {
            stored(connection, name)?.ok_or(DbError::Query(Error::NotFound))
        }
        other => other,
    }
}

/// Stores `value` in place of what is stored. Belongs into a transaction.
///
/// # Errors
/// The statements'.
pub fn set(connection: &mut Connection, name: &str, value: &str) -> QueryResult<()> {
    let update = diesel::update(settings::table.find(name)).set(settings::value.eq(value));
    if update.execute(connection)? == 0 {
        let row = (settings::name.eq(name), settings::value.eq(value));
        diesel::insert_into(settings::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// The stored values of two names, of one state.
///
/// # Errors
/// The query's.
pub fn both(connection: &mut Connection, first: &str, second: &str) -> QueryResult<[Option<String>; 2]> {
    let rows = settings::table.filter(settings::name.eq(first).or(settings::name.eq(second)));
    let rows: Vec<(String, String)> = rows.select((settings::name, settings::value)).load(connection)?;
    let value = |wanted: &str| rows.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    Ok([value(first), value(second)])
}

/// Keeps others from changing the value of `name` for the rest of the transaction. SQLite's write transactions do so
/// anyway.
///
/// # Errors
/// The query's.
pub fn lock(connection: &mut Connection, name: &str) -> QueryResult<()> {
    match connection {
        Connection::Sqlite(_) => Ok(()),
        Connection::Postgres(connection) => {
            let row = settings::table.find(name).select(settings::name).for_update();
            row.get_result::<String>(connection).optional().map(drop)
        }
    }
}

fn stored(connection: &mut Connection, name: &str) -> QueryResult<Option<String>> {
    settings::table.find(name).select(settings::value).get_result(connection).optional()
}

/// A new incarnation: short, since it is a part of every entity tag.
#[must_use]
pub fn new_incarnation() -> String {
    let id = Uuid::new_v4().simple().to_string();
    id.get(..12).unwrap_or(&id).to_owned()
}
