//! One connection type for both backends.

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
