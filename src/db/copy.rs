//! A whole database to an empty one of either kind: every table, row for row, keys, versions and stamps as they are.

mod seeds;
mod tables;

use std::path::Path;

use diesel::QueryResult;
use diesel::result::Error as QueryError;
use serde::Serialize;
use thiserror::Error;

use super::connection::AnyConnection as Connection;
use super::error::DbError;
use super::migrations::{MigrateError, is_current, migrate};
use super::target::Target;
use super::transaction::{in_snapshot, in_transaction};
use tables::TABLES;

/// Why a database could not be copied. The target is then as it was.
#[derive(Debug, Error)]
pub enum CopyError {
    /// There is no such file.
    #[error("there is no database {0}")]
    Missing(String),
    /// One of the two can't be opened.
    #[error("can't open {0}: {1}")]
    Open(String, diesel::r2d2::Error),
    /// The target can't be brought to this version's schema.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The source has another schema than this version's.
    #[error("the source has not the schema of this version; `steward migrate` brings it there")]
    NotCurrent,
    /// There is something in the target.
    #[error("the target is not empty: there are rows in `{0}`")]
    NotEmpty(&'static str),
    /// What was read back is not what was written.
    #[error("the copy of `{0}` is not the same as the source; nothing was kept")]
    Differs(&'static str),
    /// A statement failed.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<QueryError> for CopyError {
    fn from(error: QueryError) -> Self {
        Self::Database(error.into())
    }
}

/// What was copied of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// Its name.
    pub table: &'static str,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over all of them, the same in both databases.
    pub sha256: String,
}

/// A table, by what can be done with it.
struct Table {
    name: &'static str,
    count: fn(&mut Connection) -> QueryResult<i64>,
    copy: Copy,
    hash: fn(&mut Connection) -> QueryResult<Sum>,
}

/// Copies the rows of the first connection to the second, and tells how many are done.
type Copy = fn(&mut Connection, &mut Connection, &mut dyn FnMut(u64)) -> QueryResult<Sum>;

/// How many rows, and the hash over them.
type Sum = (u64, String);

/// Copies `from`, as it is at one moment, to `to`, which is migrated first and must have no rows: all of it or nothing.
/// `progress` takes how many rows of how many are done.
///
/// # Errors
/// [`CopyError`].
pub fn copy(
    from: &Target,
    to: &Target,
    mut progress: impl FnMut(u64, u64),
) -> Result<Vec<Copied>, CopyError> {
    let open = |target: &Target| target.connect().map_err(|e| CopyError::Open(target.shown(), e));
    // To open a file that is not there would make it.
    if matches!(from, Target::Sqlite(path) if !Path::new(path).exists()) {
        return Err(CopyError::Missing(from.shown()));
    }
    let mut source = open(from)?;
    if !is_current(&mut source)? {
        return Err(CopyError::NotCurrent);
    }
    migrate(to)?;
    let mut target = open(to)?;
    in_snapshot(&mut source, |source| {
        let mut failed = None;
        let copied = in_transaction(&mut target, |target| {
            all(source, target, &mut progress).map_err(|error| match error {
                CopyError::Database(DbError::Query(error)) => error,
                other => {
                    failed = Some(other);
                    QueryError::RollbackTransaction
                }
            })
        });
        copied.map_err(|error| failed.unwrap_or(CopyError::Database(error)))
    })
}

fn all(
    source: &mut Connection,
    target: &mut Connection,
    progress: &mut impl FnMut(u64, u64),
) -> Result<Vec<Copied>, CopyError> {
    let mut total = 0;
    for table in &TABLES {
        if (table.count)(target)? > seeds::untouched(target, table.name)? {
            return Err(CopyError::NotEmpty(table.name));
        }
        total += u64::try_from((table.count)(source)?).unwrap_or_default();
    }
    seeds::clear(target)?;
    let (mut done, mut copied) = (0, Vec::new());
    for table in &TABLES {
        let before = done;
        let (rows, sha256) = (table.copy)(source, target, &mut |rows| progress(before + rows, total))?;
        if (table.hash)(target)? != (rows, sha256.clone()) {
            return Err(CopyError::Differs(table.name));
        }
        done += rows;
        copied.push(Copied { table: table.name, rows, sha256 });
    }
    Ok(copied)
}
