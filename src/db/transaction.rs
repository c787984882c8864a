//! The transactions that writes run in. A commit whose outcome is not known is never taken for one that failed, nor
//! for one that happened.

use diesel::QueryResult;
use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _};

use super::connection::AnyConnection as Connection;
use super::error::DbError;

/// Runs `work` in a transaction of its own on a connection, for the command line and for
/// [`Database::write`](super::Database::write).
///
/// # Errors
/// [`DbError`]; except for [`DbError::OutcomeUnknown`] nothing was written.
pub fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> QueryResult<T>,
) -> Result<T, DbError> {
    begin(connection)?;
    match work(connection) {
        Ok(done) => commit(connection).map(|()| done),
        Err(error) => {
            // Where the rollback fails too, the connection counts as broken and the pool drops it.
            if let Err(e) = rollback(connection) {
                log::warn!("a rollback failed: {e}");
            }
            Err(error.into())
        }
    }
}

/// Runs `work`, which only reads, on one state of the database, for the command line.
///
/// # Errors
/// Those of `work`, and [`DbError`] where the transaction can't be opened.
pub fn in_snapshot<T, E: From<DbError>>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    begin_snapshot(connection).map_err(DbError::from)?;
    let done = work(connection);
    // Nothing was written, so nothing is lost where ending it fails.
    if let Err(e) = rollback(connection) {
        log::warn!("a rollback failed: {e}");
    }
    done
}

/// Opens a transaction that only reads, and reads one state of the whole database however long it takes.
fn begin_snapshot(connection: &mut Connection) -> QueryResult<()> {
    match connection {
        Connection::Sqlite(connection) => AnsiTransactionManager::begin_transaction(connection),
        Connection::Postgres(connection) => AnsiTransactionManager::begin_transaction_sql(
            connection,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        ),
    }
}

/// Opens the transaction of a write. On SQLite it takes the write lock at once: a transaction that begins by
/// reading and writes later fails with "database is locked" instead of waiting.
fn begin(connection: &mut Connection) -> QueryResult<()> {
    match connection {
        Connection::Sqlite(connection) => {
            AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
        }
        Connection::Postgres(connection) => AnsiTransactionManager::begin_transaction(connection),
    }
}

fn commit(connection: &mut Connection) -> Result<(), DbError> {
    match connection {
        Connection::Sqlite(connection) => AnsiTransactionManager::commit_transaction(connection)
            .map_err(|e| DbError::OutcomeUnknown(e.to_string())),
        Connection::Postgres(connection) => {
            // PostgreSQL takes the COMMIT of a transaction in which a statement has failed for a ROLLBACK, and says
            // so in a tag that Diesel does not look at; an empty SELECT before it, in the same message, fails then.
            let Err(error) = connection.batch_execute("SELECT; COMMIT") else { return Ok(()) };
            // A session that lives on has told the outcome: it did not happen.
            match connection.batch_execute("ROLLBACK") {
                Ok(()) => Err(error.into()),
                Err(_) => Err(DbError::OutcomeUnknown(error.to_string())),
            }
        }
    }
}

fn rollback(connection: &mut Connection) -> QueryResult<()> {
    match connection {
        Connection::Sqlite(connection) => AnsiTransactionManager::rollback_transaction(connection),
        Connection::Postgres(connection) => AnsiTransactionManager::rollback_transaction(connection),
    }
}
