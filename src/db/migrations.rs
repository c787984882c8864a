//! The schema's migrations, embedded in the binary.

use diesel::QueryResult;
use diesel::result::Error;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::connection::{AnyConnection as Connection, Target};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Why a database could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database can't be opened.
    #[error("can't open the database: {0}")]
    Open(#[from] diesel::r2d2::Error),
    /// The lock for migrating can't be had, or the outcome can't be written.
    #[error("can't migrate the database: {0}")]
    Lock(#[from] diesel::result::Error),
    /// A migration failed.
    #[error("can't migrate the database: {0}")]
    Migrate(Box<dyn std::error::Error + Send + Sync>),
    /// This version has no migrations for the backend.
    #[error("this version has no schema for PostgreSQL yet; give a path or a sqlite: URL")]
    Unsupported,
}

/// Whether the database has every migration of this version.
///
/// # Errors
/// The query's.
pub fn is_current(connection: &mut Connection) -> QueryResult<bool> {
    match connection {
        Connection::Sqlite(connection) => connection
            .has_pending_migration(SQLITE)
            .map(|pending| !pending)
            .map_err(Error::DeserializationError),
        Connection::Postgres(_) => Ok(false),
    }
}

/// Applies what is pending, on a connection of its own; returns the names of the migrations applied.
///
/// # Errors
/// [`MigrateError`]; migrations that were applied before stay.
pub fn migrate(target: &Target) -> Result<Vec<String>, MigrateError> {
    match target.connect()? {
        Connection::Sqlite(mut connection) => {
            // One lock around all of it: of two processes that start at once, the second finds nothing pending.
            connection.immediate_transaction(|connection| {
                let applied = connection.run_pending_migrations(SQLITE).map_err(MigrateError::Migrate)?;
                Ok(applied.iter().map(ToString::to_string).collect())
            })
        }
        Connection::Postgres(_) => Err(MigrateError::Unsupported),
    }
}
