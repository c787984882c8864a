//! Which database is meant, and how a connection to it is opened.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::r2d2::Error;
use diesel::{QueryResult, SqliteConnection};

use super::connection::AnyConnection as Connection;
use super::postgres;

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
            url if path.is_none() && url.contains("://") => Err(format!(
                "the database URL begins with {}://; give a path, a sqlite: URL or a postgres:// URL",
                url.split("://").next().unwrap_or_default()
            )),
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

    /// Opens a connection for the command line and prepares it: its statements take the time that they take.
    ///
    /// # Errors
    /// What the backend says.
    pub fn connect(&self) -> Result<Connection, Error> {
        self.connect_for(None)
    }

    /// Opens a connection for requests, where `lock_wait` is given: on PostgreSQL a statement waits for a lock of another
    /// for so long, and none runs for ever.
    ///
    /// # Errors
    /// What the backend says.
    pub fn connect_for(&self, lock_wait: Option<Duration>) -> Result<Connection, Error> {
        match self {
            Self::Sqlite(path) => {
                make_private(path);
                let mut connection = SqliteConnection::establish(path).map_err(Error::ConnectionError)?;
                connection.batch_execute(PRAGMAS).map_err(Error::QueryError)?;
                Ok(Connection::Sqlite(connection))
            }
            Self::Postgres(url) => postgres::connect(url, lock_wait).map(Connection::Postgres),
        }
    }
}

/// Makes the file where there is none, so that nobody but its owner reads it: the signing secret is in it. Its log gets
/// the same permissions from SQLite, which tells what can't be opened.
fn make_private(path: &str) {
    if !path.starts_with("file:") {
        let _ = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    }
}

/// `synchronous=FULL`: an answered write has reached the disk. `mmap_size` lets all connections share the page cache
/// of the operating system. The busy timeout, for locks that other processes hold on the file, comes first, since
/// changing the journal mode takes one.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY;";

/// How many pages SQLite's log may have before a commit brings them into the file, where that is not to be soon.
pub(super) const LONG_LOG: &str = "PRAGMA wal_autocheckpoint = 8192;";

/// Prepares a connection for very many writes. On SQLite it gets 32 MB of pages to itself, and a log of as many: with keys that
/// lie everywhere each commit changes many pages, and what is written from the log to the file soon after is written again
/// soon after. PostgreSQL takes indexes: a plan that it made while a table was empty reads all of it for ever.
///
/// # Errors
/// The backend's.
pub fn expect_much(connection: &mut Connection) -> QueryResult<()> {
    match connection {
        Connection::Sqlite(connection) => {
            connection.batch_execute("PRAGMA cache_size = -32768;")?;
            connection.batch_execute(LONG_LOG)
        }
        Connection::Postgres(connection) => connection.batch_execute("SET enable_seqscan = off"),
    }
}
