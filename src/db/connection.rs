//! One connection type for both backends, how each is opened, and the transactions that writes run in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::{
    AnsiTransactionManager, Instrumentation, InstrumentationEvent, SimpleConnection as _,
    TransactionManager as _,
};
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection as _;
use diesel::{MultiConnection, PgConnection, SqliteConnection};

/// A connection to the database, whichever it is.
#[derive(MultiConnection)]
#[expect(missing_debug_implementations, reason = "the backends' connections have none")]
pub enum AnyConnection {
    /// Embedded.
    Sqlite(SqliteConnection),
    /// A server.
    Postgres(PgConnection),
}

/// The backend of [`AnyConnection`].
pub type Backend = MultiBackend;

/// Which database `DATABASE_URL` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file.
    Sqlite(String),
    /// A connection URL.
    Postgres(String),
}

impl Target {
    /// A path, a `sqlite:` URL or a `postgres://` URL.
    ///
    /// # Errors
    /// Where SQLite would take it for a database that nobody else can open, or that is not kept.
    pub fn parse(url: &str) -> Result<Self, String> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        match path.unwrap_or(url) {
            "" => Err("the database URL is empty; give a path".to_owned()),
            ":memory:" => Err("a database in memory is lost with its connection; give a path".to_owned()),
            parameters if path.is_some() && parameters.contains('?') => {
                Err(format!("the database URL can't have parameters: {url}"))
            }
            path => Ok(Self::Sqlite(path.to_owned())),
        }
    }

    /// The target as it may be shown: a URL without its password.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => path.clone(),
            Self::Postgres(url) => match url.split_once("://").map(|(_, rest)| rest.rsplit_once('@')) {
                Some(Some((_, place))) => format!("postgres://…@{place}"),
                _ => url.clone(),
            },
        }
    }

    /// Opens a connection and prepares it.
    ///
    /// # Errors
    /// What the backend says.
    pub fn connect(&self) -> Result<AnyConnection, diesel::r2d2::Error> {
        use diesel::r2d2::Error;
        match self {
            Self::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path).map_err(Error::ConnectionError)?;
                connection.batch_execute(PRAGMAS).map_err(Error::QueryError)?;
                Ok(AnyConnection::Sqlite(connection))
            }
            Self::Postgres(url) => {
                PgConnection::establish(url).map(AnyConnection::Postgres).map_err(Error::ConnectionError)
            }
        }
    }
}

/// `synchronous=FULL`: an answered write has reached the disk. `mmap_size` lets all connections share the page cache
/// of the operating system. The busy timeout, for locks that other processes hold on the file, comes first, since
/// changing the journal mode takes one.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY;";

impl AnyConnection {
    /// Opens the transaction of a write. On SQLite it takes the write lock at once: a transaction that begins by
    /// reading and writes later fails with "database is locked" instead of waiting.
    pub(super) fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => {
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
            }
            Self::Postgres(connection) => AnsiTransactionManager::begin_transaction(connection),
        }
    }

    /// Opens a transaction that only reads, and reads one state of the whole database however long it takes.
    pub(super) fn begin_snapshot(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => AnsiTransactionManager::begin_transaction(connection),
            Self::Postgres(connection) => AnsiTransactionManager::begin_transaction_sql(
                connection,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
        }
    }

    pub(super) fn commit(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => AnsiTransactionManager::commit_transaction(connection),
            Self::Postgres(connection) => AnsiTransactionManager::commit_transaction(connection),
        }
    }

    pub(super) fn rollback(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => AnsiTransactionManager::rollback_transaction(connection),
            Self::Postgres(connection) => AnsiTransactionManager::rollback_transaction(connection),
        }
    }
}

/// Opens the pool's connections, and counts what they are asked.
#[derive(Debug)]
pub(super) struct Manager {
    pub target: Target,
    pub statements: Arc<AtomicU64>,
}

/// Counts statements as they begin.
struct Count(Arc<AtomicU64>);

impl Instrumentation for Count {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, Self::Error> {
        let mut connection = self.target.connect()?;
        connection.set_instrumentation(Count(Arc::clone(&self.statements)));
        Ok(connection)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), Self::Error> {
        connection.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        // A connection that comes back inside a transaction belongs to a closure that panicked.
        std::thread::panicking() || connection.is_broken()
    }
}
