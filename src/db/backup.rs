//! A copy of a live SQLite database in one file, and the way back. What is put back is an older state: entity tags and
//! versions that were given out since must name no state of it, so both begin anew ([`renew`]).

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::dsl::{max, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::{SqliteConnection, sql_query};
use thiserror::Error;

use super::connection::AnyConnection as Connection;
use super::error::DbError;
use super::inspect;
use super::migrations::{MigrateError, migrate};
use super::schema::{former_people, people};
use super::settings;
use super::target::Target;
use super::transaction::in_transaction;
use crate::clock::Stamp;

/// Why a backup could not be made or put back. The database is then as it was.
#[derive(Debug, Error)]
pub enum BackupError {
    /// It is kept by a server.
    #[error(
        "a database on PostgreSQL is backed up and put back by its own tools, such as `pg_dump` and `pg_restore`"
    )]
    Postgres,
    /// There is no such file.
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),
    /// Nothing is overwritten.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// It is something else, or it is damaged.
    #[error("{} is no backup: {}", .0.display(), .1)]
    NoBackup(PathBuf, String),
    /// There are users in the database that would be replaced.
    #[error("there are users in {0}; `--replace` puts the backup in its place and keeps it beside")]
    NotEmpty(String),
    /// A server works on the database that would be replaced.
    #[error("{0} is in use; stop the server first")]
    InUse(String),
    /// A file can't be read or written.
    #[error(transparent)]
    File(#[from] io::Error),
    /// What is put back can't be brought to this version's schema.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// A statement failed.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<diesel::result::Error> for BackupError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<diesel::r2d2::Error> for BackupError {
    fn from(error: diesel::r2d2::Error) -> Self {
        MigrateError::Open(error).into()
    }
}

/// What was put back.
#[derive(Debug)]
pub struct Restored {
    /// Users in it.
    pub users: i64,
    /// Where the database is kept that was in its place.
    pub replaced: Option<PathBuf>,
}

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

/// Writes the database as it is at one moment, with all that was acknowledged before, to a file that is not there yet;
/// a server may go on. Returns its size in bytes.
///
/// # Errors
/// [`BackupError`]; there is no file then.
pub fn backup(from: &Target, to: &Path) -> Result<u64, BackupError> {
    let path = file_of(from)?;
    if !path.exists() {
        return Err(BackupError::Missing(path.to_owned()));
    }
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let part = Part::beside(to)?;
    let mut connection = from.connect()?;
    sql_query("VACUUM INTO ?").bind::<Text, _>(part.text()?).execute(&mut connection)?;
    part.take_place_of_nothing(to)
}

/// Puts a backup in the place of a database that nobody uses; one with users is replaced only where `replace` says so,
/// and is then kept beside. Dying at any moment leaves the old database or the new one.
///
/// # Errors
/// [`BackupError`].
pub fn restore(from: &Path, to: &Target, replace: bool, now: Stamp) -> Result<Restored, BackupError> {
    let path = file_of(to)?;
    let part = Part::beside(path)?;
    copy_backup(from, &part)?;
    let target = Target::Sqlite(part.text()?.to_owned());
    check(&target).map_err(|why| BackupError::NoBackup(from.to_owned(), why))?;
    migrate(&target)?;
    let mut connection = target.connect()?;
    renew(&mut connection, now)?;
    let users = people::table.count().get_result(&mut connection)?;
    leave(&mut connection)?;
    drop(connection);
    if !path.exists() {
        part.take_place_of_nothing(path)?;
        return Ok(Restored { users, replaced: None });
    }
    let has_users = release(to)?;
    if has_users && !replace {
        return Err(BackupError::NotEmpty(to.shown()));
    }
    let kept = with_suffix(path, &format!("replaced-{}", now.moment().format("%Y%m%dT%H%M%SZ")));
    if has_users {
        fs::hard_link(path, &kept)?;
    }
    part.take_place(path)?;
    Ok(Restored { users, replaced: has_users.then_some(kept) })
}

/// Makes of a database that was put back to an older state one whose entity tags and versions were never given out.
/// What was given out since is below the new versions: a person gets a thousand edits a second at most. From there no
/// way leads on, which is told by [`settings::RESTORED_VERSION`].
///
/// # Errors
/// [`DbError`].
pub fn renew(connection: &mut Connection, now: Stamp) -> Result<(), DbError> {
    in_transaction(connection, |connection| {
        let newest: Option<i64> = people::table.select(max(people::version)).get_result(connection)?;
        let former: Option<i64> =
            former_people::table.select(max(former_people::version)).get_result(connection)?;
        let version = (now.seconds().saturating_mul(1000)).max(newest.max(former).unwrap_or_default() + 1);
        diesel::update(people::table).set(people::version.eq(version)).execute(connection)?;
        diesel::update(former_people::table).set(former_people::version.eq(version)).execute(connection)?;
        settings::set(connection, settings::RESTORED_VERSION, &version.to_string())?;
        settings::set(connection, settings::INCARNATION, &settings::new_incarnation())
    })
}

fn file_of(target: &Target) -> Result<&Path, BackupError> {
    match target {
        Target::Sqlite(path) => Ok(Path::new(path)),
        Target::Postgres(_) => Err(BackupError::Postgres),
    }
}

fn copy_backup(from: &Path, part: &Part) -> Result<(), BackupError> {
    let mut source = File::open(from).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => BackupError::Missing(from.to_owned()),
        _ => error.into(),
    })?;
    // What was written last may be there alone.
    if fs::metadata(with_suffix(from, "wal")).is_ok_and(|log| log.len() > 0) {
        let why = "a log is beside it, so it is a database in use".to_owned();
        return Err(BackupError::NoBackup(from.to_owned(), why));
    }
    io::copy(&mut source, &mut OpenOptions::new().write(true).open(&part.0)?)?;
    Ok(())
}

/// Whether it is a whole database of Steward's.
fn check(target: &Target) -> Result<(), String> {
    let mut connection = target.connect().map_err(|e| e.to_string())?;
    if let Some(fault) = inspect::quick_check(&mut connection).map_err(|e| e.to_string())? {
        return Err(fault);
    }
    let is_ours = is_ours(&mut connection).map_err(|e| e.to_string())?;
    is_ours.then_some(()).ok_or_else(|| "it is a database of something else".to_owned())
}

fn is_ours(connection: &mut Connection) -> QueryResult<bool> {
    let tables = "EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'people')";
    diesel::select(sql::<Bool>(tables)).get_result(connection)
}

/// Makes one file of a database whose log is beside it. Only who is alone with it can.
fn leave(connection: &mut Connection) -> QueryResult<bool> {
    let modes: Vec<Mode> = sql_query("PRAGMA journal_mode = DELETE").load(connection)?;
    Ok(modes.iter().all(|mode| mode.journal_mode == "delete"))
}

/// Makes sure that nobody uses a database, and that all of it is in its file; whether there are users in it.
fn release(target: &Target) -> Result<bool, BackupError> {
    let Target::Sqlite(path) = target else { return Err(BackupError::Postgres) };
    let open = SqliteConnection::establish(path).map_err(diesel::r2d2::Error::ConnectionError)?;
    let mut connection = Connection::Sqlite(open);
    connection.batch_execute("PRAGMA busy_timeout = 0")?;
    match leave(&mut connection) {
        Ok(true) => {}
        _ => return Err(BackupError::InUse(target.shown())),
    }
    if !is_ours(&mut connection)? {
        return Ok(false);
    }
    let first = people::table.select(people::version).limit(1).get_result::<i64>(&mut connection);
    Ok(first.optional()?.is_some())
}

/// A file that belongs to another, such as its log.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-");
    name.push(suffix);
    name.into()
}

/// A file on its way, which only its owner may read: there are secrets in it. Taken away where it does not arrive.
struct Part(PathBuf);

impl Part {
    fn beside(path: &Path) -> Result<Self, BackupError> {
        let part = with_suffix(path, "part");
        // What another run has left when it died.
        let _ = fs::remove_file(&part);
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        Ok(Self(part))
    }

    fn text(&self) -> Result<&str, BackupError> {
        let error = || io::Error::new(io::ErrorKind::InvalidInput, "the path is no text");
        self.0.to_str().ok_or_else(|| error().into())
    }

    /// Returns its size.
    fn keep(&self) -> io::Result<u64> {
        let file = File::open(&self.0)?;
        file.sync_all()?;
        Ok(file.metadata()?.len())
    }

    fn take_place(self, path: &Path) -> Result<(), BackupError> {
        self.keep()?;
        fs::rename(&self.0, path)?;
        sync_folder(path)?;
        Ok(())
    }

    /// As [`Part::take_place`], unless somebody else has got it meanwhile.
    fn take_place_of_nothing(self, path: &Path) -> Result<u64, BackupError> {
        let length = self.keep()?;
        fs::hard_link(&self.0, path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(path.to_owned()),
            _ => error.into(),
        })?;
        sync_folder(path)?;
        Ok(length)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        for path in [self.0.clone(), with_suffix(&self.0, "wal"), with_suffix(&self.0, "shm")] {
            let _ = fs::remove_file(path);
        }
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// The folder that a file is in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
