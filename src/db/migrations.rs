//! The schema's migrations, embedded in the binary: the same names for both backends.

use std::collections::HashSet;

use diesel::connection::SimpleConnection as _;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::Bool;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use self::applied::__diesel_schema_migrations as applied_migrations;
use super::connection::AnyConnection as Connection;
use super::target::Target;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

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
}

mod applied {
    diesel::table! {
        __diesel_schema_migrations (version) {
            version -> Text,
        }
    }
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
        Connection::Postgres(connection) => is_current_on_postgres(connection),
    }
}

/// Only reads, unlike Diesel's own question, which begins by creating the table: whoever may not create tables can
/// still serve a database that is up to date.
fn is_current_on_postgres(connection: &mut PgConnection) -> QueryResult<bool> {
    let exists = diesel::dsl::sql::<Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL");
    if !diesel::select(exists).get_result::<bool>(connection)? {
        return Ok(false);
    }
    let versions = applied_migrations::table.select(applied_migrations::version);
    let applied: HashSet<String> = versions.load(connection)?.into_iter().collect();
    let known = MigrationSource::<Pg>::migrations(&POSTGRES).map_err(Error::DeserializationError)?;
    Ok(known.iter().all(|migration| applied.contains(&migration.name().version().to_string())))
}

/// The advisory lock that migrating takes: the bytes of "steward".
const LOCK: i64 = 0x0073_7465_7761_7264;

/// Applies what is pending, on a connection of its own; returns the names of the migrations applied.
///
/// # Errors
/// [`MigrateError`]; migrations that were applied before stay.
pub fn migrate(target: &Target) -> Result<Vec<String>, MigrateError> {
    apply(&mut target.connect()?)
}

/// Applies what is pending; returns the names of the migrations applied.
///
/// # Errors
/// [`MigrateError`]; migrations that were applied before stay.
pub fn apply(connection: &mut Connection) -> Result<Vec<String>, MigrateError> {
    match connection {
        Connection::Sqlite(connection) => {
            // Without the lock for writing, which a busy server may hold for long.
            if !connection.has_pending_migration(SQLITE).map_err(MigrateError::Migrate)? {
                return Ok(Vec::new());
            }
            // One lock around all of it: of two processes that start at once, the second finds nothing pending.
            connection.immediate_transaction(|connection| {
                let applied = connection.run_pending_migrations(SQLITE).map_err(MigrateError::Migrate)?;
                Ok(applied.iter().map(ToString::to_string).collect())
            })
        }
        Connection::Postgres(connection) => {
            if is_current_on_postgres(connection)? {
                return Ok(Vec::new());
            }
            // The session's lock is also let go when this process dies.
            connection.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
            let applied = connection.run_pending_migrations(POSTGRES).map_err(MigrateError::Migrate)?;
            let applied = applied.iter().map(ToString::to_string).collect();
            connection.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
            Ok(applied)
        }
    }
}
