//! A database that is looked at and not changed, not even as opening it for work would change its files.

use std::path::{Path, absolute};

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::prelude::*;
use diesel::r2d2::Error;
use diesel::sql_types::{BigInt, Text};
use diesel::{ConnectionError, SqliteConnection, sql_query};
use url::Url;

use super::backup::with_suffix;
use super::connection::AnyConnection as Connection;
use super::postgres;
use super::target::Target;
use crate::clock::Stamp;

#[derive(QueryableByName)]
struct Check {
    #[diesel(sql_type = Text)]
    quick_check: String,
}

/// Opens a connection that can't write; a file that is not there is not made.
///
/// # Errors
/// What the backend says.
pub fn connect(target: &Target) -> Result<Connection, Error> {
    match target {
        Target::Sqlite(path) => {
            let url = url(Path::new(path)).map_err(Error::ConnectionError)?;
            let mut connection = SqliteConnection::establish(&url).map_err(Error::ConnectionError)?;
            connection.batch_execute("PRAGMA busy_timeout = 5000").map_err(Error::QueryError)?;
            Ok(Connection::Sqlite(connection))
        }
        Target::Postgres(url) => {
            let mut connection = postgres::connect(url, None)?;
            connection.batch_execute("SET default_transaction_read_only = on").map_err(Error::QueryError)?;
            Ok(Connection::Postgres(connection))
        }
    }
}

/// Whether a log is beside the file: somebody works on the database, or has died while he did.
#[must_use]
pub fn is_in_use(path: &Path) -> bool {
    with_suffix(path, "wal").exists()
}

/// Where nobody works on the file it is taken for one that doesn't change: SQLite would make a log, and leave it.
fn url(path: &Path) -> Result<String, ConnectionError> {
    let url = absolute(path).ok().and_then(|path| Url::from_file_path(path).ok());
    let mut url = url.ok_or_else(|| ConnectionError::InvalidConnectionUrl(path.display().to_string()))?;
    url.set_query(Some(if is_in_use(path) { "mode=ro" } else { "immutable=1" }));
    Ok(url.into())
}

/// What is wrong with the structure of a SQLite file: the first that is found.
///
/// # Errors
/// The query's.
pub fn quick_check(connection: &mut Connection) -> QueryResult<Option<String>> {
    let lines: Vec<Check> = sql_query("PRAGMA quick_check(1)").load(connection)?;
    Ok(lines.into_iter().map(|line| line.quick_check).find(|line| line != "ok"))
}

/// The database's program, such as `PostgreSQL 15.6`.
///
/// # Errors
/// The query's.
pub fn version(connection: &mut Connection) -> QueryResult<String> {
    let (name, version) = match connection {
        Connection::Sqlite(_) => ("SQLite", "sqlite_version()"),
        Connection::Postgres(_) => ("PostgreSQL", "current_setting('server_version')"),
    };
    let version = diesel::select(diesel::dsl::sql::<Text>(version)).get_result::<String>(connection)?;
    Ok(format!("{name} {version}"))
}

/// What the clock of a database's server shows.
///
/// # Errors
/// The query's.
pub fn server_clock(connection: &mut Connection) -> QueryResult<Option<Stamp>> {
    let seconds = diesel::dsl::sql::<BigInt>("floor(extract(epoch FROM clock_timestamp()))::bigint");
    Ok(Stamp::from_seconds(diesel::select(seconds).get_result(connection)?))
}
