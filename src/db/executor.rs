//! Runs queries off the event loop, a bounded number at a time, and says in four words what can go wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::SimpleConnection as _;
use diesel::result::{DatabaseErrorKind, Error as QueryError};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::connection::{AnyConnection as Connection, Manager, Target};

/// Why the database gave no answer.
#[derive(Debug, Error)]
pub enum DbError {
    /// All connections stayed taken for as long as a request may wait.
    #[error("no connection became free in time")]
    Busy,
    /// The database can't be reached or can't work; nothing was written.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The commit was sent and its answer was lost: the write happened wholly or not at all.
    #[error("the outcome of a commit is unknown: {0}")]
    OutcomeUnknown(String),
    /// A query that should work does not: a defect.
    #[error("a query failed: {0}")]
    Query(QueryError),
}

/// The bounds of the pool.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections that read at the same time.
    pub connections: u32,
    /// How long a request waits for one.
    pub wait: Duration,
}

/// A handle on the database; clones share it.
#[derive(Clone, Debug)]
pub struct Database {
    readers: Lane,
    /// SQLite lets one connection write at a time; a queue before one connection is fairer and quicker than several
    /// connections that wait for the file's lock.
    writer: Lane,
    statements: Arc<AtomicU64>,
}

/// A pool with a queue before it, so that nobody waits for a connection on a thread.
#[derive(Clone, Debug)]
struct Lane {
    pool: r2d2::Pool<Manager>,
    permits: Arc<Semaphore>,
    wait: Duration,
}

impl Database {
    /// Opens the pools. Connections are made when they are first needed.
    #[must_use]
    pub fn open(target: &Target, limits: Limits) -> Self {
        let statements = Arc::default();
        let readers = Lane::new(target, &statements, limits.connections, limits.wait);
        let writer = match target {
            Target::Sqlite(_) => Lane::new(target, &statements, 1, limits.wait),
            Target::Postgres(_) => readers.clone(),
        };
        Self { readers, writer, statements }
    }

    /// How many statements have been sent since the pools were opened.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Runs a query, or several that need no common snapshot.
    ///
    /// # Errors
    /// [`DbError`], never [`DbError::OutcomeUnknown`].
    pub async fn read<T, F>(&self, query: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> QueryResult<T> + Send + 'static,
    {
        self.readers.run(|connection| query(connection).map_err(DbError::from)).await
    }

    /// Runs queries that all see one state of the database, however much is written meanwhile.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn snapshot<T, F>(&self, query: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> QueryResult<T> + Send + 'static,
    {
        let work = |connection: &mut Connection| query(connection).map_err(DbError::from);
        self.readers.run(|connection| in_snapshot(connection, work)).await
    }

    /// Runs `work` in a transaction and commits it. The transaction ends even when the caller goes away.
    ///
    /// # Errors
    /// [`DbError`]; except for [`DbError::OutcomeUnknown`] nothing was written.
    pub async fn write<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> QueryResult<T> + Send + 'static,
    {
        self.writer.run(|connection| in_transaction(connection, work)).await
    }

    /// Folds SQLite's log into the database file, so that a copy of the file alone is whole. Called when the last
    /// request has been answered.
    ///
    /// # Errors
    /// [`DbError`]; the log then stays beside the file, and nothing is lost.
    pub async fn close(&self) -> Result<(), DbError> {
        let checkpoint = |connection: &mut Connection| match connection {
            Connection::Sqlite(connection) => {
                connection.batch_execute("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);")
            }
            Connection::Postgres(_) => Ok(()),
        };
        self.writer.run(move |connection| checkpoint(connection).map_err(DbError::from)).await
    }
}

impl Lane {
    fn new(target: &Target, statements: &Arc<AtomicU64>, connections: u32, wait: Duration) -> Self {
        let permits = usize::try_from(connections).unwrap_or(Semaphore::MAX_PERMITS);
        let pool = r2d2::Pool::builder()
            .max_size(connections)
            .min_idle(Some(0))
            .max_lifetime(None)
            .idle_timeout(None)
            // There are as many permits as connections, so this is how long making one may take.
            .connection_timeout(wait)
            // A ping per use costs a quarter of the throughput; a broken connection fails where it is used.
            .test_on_check_out(false)
            .build_unchecked(Manager { target: target.clone(), statements: Arc::clone(statements) });
        Self { pool, permits: Arc::new(Semaphore::new(permits)), wait }
    }

    async fn run<T, F>(&self, job: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, DbError> + Send + 'static,
    {
        let permit = timeout(self.wait, Arc::clone(&self.permits).acquire_owned());
        let Ok(Ok(permit)) = permit.await else { return Err(DbError::Busy) };
        let pool = self.pool.clone();
        let done = spawn_blocking(move || {
            // Given back after the connection, and not before the work is done: a caller that goes away must not
            // let more work in than there are connections.
            let _permit = permit;
            let mut connection = pool.get().map_err(|e| DbError::Unavailable(e.to_string()))?;
            job(&mut connection)
        });
        done.await.unwrap_or_else(|e| Err(DbError::Unavailable(format!("a query's thread ended: {e}"))))
    }
}

/// Runs `work` in a transaction of its own on a connection, for the command line and for [`Database::write`].
///
/// # Errors
/// As [`Database::write`].
pub fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> QueryResult<T>,
) -> Result<T, DbError> {
    connection.begin()?;
    match work(connection) {
        Ok(done) => match connection.commit() {
            Ok(()) => Ok(done),
            Err(e) => Err(DbError::OutcomeUnknown(e.to_string())),
        },
        Err(error) => {
            // Where the rollback fails too, the connection counts as broken and the pool drops it.
            if let Err(e) = connection.rollback() {
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
    connection.begin_snapshot().map_err(DbError::from)?;
    let done = work(connection);
    // Nothing was written, so nothing is lost where ending it fails.
    if let Err(e) = connection.rollback() {
        log::warn!("a rollback failed: {e}");
    }
    done
}

impl From<QueryError> for DbError {
    fn from(error: QueryError) -> Self {
        let unavailable = match &error {
            QueryError::BrokenTransactionManager => true,
            QueryError::DatabaseError(kind, information) => match kind {
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::SerializationFailure
                | DatabaseErrorKind::ReadOnlyTransaction => true,
                // SQLite's result codes do not come through, only their texts.
                DatabaseErrorKind::Unknown => UNAVAILABLE.iter().any(|t| information.message().contains(t)),
                _ => false,
            },
            _ => false,
        };
        if unavailable { Self::Unavailable(error.to_string()) } else { Self::Query(error) }
    }
}

/// Texts of SQLite that mean the file, its lock or its disk, not the statement.
const UNAVAILABLE: &[&str] = &[
    "database is locked",
    "disk I/O error",
    "unable to open database file",
    "database or disk is full",
    "attempt to write a readonly database",
    "database disk image is malformed",
    "file is not a database",
    "locking protocol",
];
