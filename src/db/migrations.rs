//! The schema's migrations, embedded in the binary: the same names for both backends.

use std::collections::{BTreeMap, BTreeSet};

use diesel::backend::Backend;
use diesel::connection::SimpleConnection as _;
use diesel::migration::{self, Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::Bool;
use diesel::sqlite::Sqlite;
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

/// The migrations of a database beside those of this program.
#[derive(Debug, Default)]
pub struct Standing {
    /// How many were applied.
    pub applied: usize,
    /// Names of those that were not.
    pub pending: Vec<String>,
    /// Versions of those that this program does not know: a newer one applied them.
    pub unknown: Vec<String>,
}

/// Which migrations the database has. Only reads, unlike Diesel's own question, which begins by creating the table:
/// whoever may not create tables can still serve a database that is up to date.
///
/// # Errors
/// The query's.
pub fn standing(connection: &mut Connection) -> QueryResult<Standing> {
    let known = match connection {
        Connection::Sqlite(_) => names(MigrationSource::<Sqlite>::migrations(&SQLITE)),
        Connection::Postgres(_) => names(MigrationSource::<Pg>::migrations(&POSTGRES)),
    };
    let known = known.map_err(Error::DeserializationError)?;
    let applied = applied(connection)?;
    let pending = known.iter().filter(|(version, _)| !applied.contains(*version));
    Ok(Standing {
        applied: applied.len(),
        pending: pending.map(|(_, name)| name.clone()).collect(),
        unknown: applied.iter().filter(|version| !known.contains_key(*version)).cloned().collect(),
    })
}

/// Whether the database has every migration of this version.
///
/// # Errors
/// The query's.
pub fn is_current(connection: &mut Connection) -> QueryResult<bool> {
    Ok(standing(connection)?.pending.is_empty())
}

/// The names of migrations by their versions.
fn names<DB: Backend>(
    migrations: migration::Result<Vec<Box<dyn Migration<DB>>>>,
) -> migration::Result<BTreeMap<String, String>> {
    let name = |one: Box<dyn Migration<DB>>| (one.name().version().to_string(), one.name().to_string());
    Ok(migrations?.into_iter().map(name).collect())
}

fn applied(connection: &mut Connection) -> QueryResult<BTreeSet<String>> {
    let exists = diesel::dsl::sql::<Bool>(match connection {
        Connection::Sqlite(_) => {
            "EXISTS (SELECT 1 FROM sqlite_master WHERE name = '__diesel_schema_migrations')"
        }
        Connection::Postgres(_) => "to_regclass('__diesel_schema_migrations') IS NOT NULL",
    });
    if !diesel::select(exists).get_result::<bool>(connection)? {
        return Ok(BTreeSet::new());
    }
    let versions = applied_migrations::table.select(applied_migrations::version);
    Ok(versions.load::<String>(connection)?.into_iter().collect())
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
    // Without the lock for writing, which a busy server may hold for long.
    if is_current(connection)? {
        return Ok(Vec::new());
    }
    match connection {
        Connection::Sqlite(connection) => {
            // One lock around all of it: of two processes that start at once, the second finds nothing pending.
            connection.immediate_transaction(|connection| {
                let applied = connection.run_pending_migrations(SQLITE).map_err(MigrateError::Migrate)?;
                Ok(applied.iter().map(ToString::to_string).collect())
            })
        }
        Connection::Postgres(connection) => {
            // The session's lock is also let go when this process dies.
            connection.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
            let applied = connection.run_pending_migrations(POSTGRES).map_err(MigrateError::Migrate)?;
            let applied = applied.iter().map(ToString::to_string).collect();
            connection.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
            Ok(applied)
        }
    }
}
