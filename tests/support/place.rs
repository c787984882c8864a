//! The database of a test: its own, on the backend that the tests run on, and gone when the test ends.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use steward::db::Target;
use steward::db::migrations::migrate;
use tempfile::TempDir;

use super::backend::is_postgres;
use super::postgres::{place, server};

/// Where a test has its database.
#[derive(Debug)]
pub enum Place {
    /// In a folder of its own.
    File(TempDir),
    /// In the server of the run, under this name.
    Server(String),
}

impl Place {
    /// Without a schema.
    pub fn empty() -> Self {
        if is_postgres() {
            return Self::Server(server().create(false));
        }
        Self::File(TempDir::new().expect("a folder"))
    }

    /// With a schema and without rows.
    pub fn migrated() -> Self {
        if is_postgres() {
            return Self::Server(server().create(true));
        }
        Self::copied_to(TempDir::new().expect("a folder"))
    }

    /// As [`Place::migrated`], where it is written to thousands of times and no disk should be waited for.
    pub fn in_memory() -> Self {
        if is_postgres() {
            return Self::migrated();
        }
        Self::copied_to(TempDir::new_in(place()).expect("a folder"))
    }

    fn copied_to(folder: TempDir) -> Self {
        let place = Self::File(folder);
        std::fs::copy(template(), place.file()).expect("a copy of the migrated database");
        place
    }

    /// What `DATABASE_URL` says.
    pub fn url(&self) -> String {
        match self {
            Self::File(_) => self.file().to_str().expect("a path that is text").to_owned(),
            Self::Server(name) => server().url(name),
        }
    }

    /// The same, parsed.
    pub fn target(&self) -> Target {
        Target::parse(&self.url()).expect("a path or a URL")
    }

    /// The file, in a test that is about SQLite.
    pub fn file(&self) -> PathBuf {
        let Self::File(folder) = self else { panic!("SQLite") };
        folder.path().join("steward.db")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Server(name) = self {
            server().remove(name);
        }
    }
}

/// A migrated database without rows, made once per run and copied by every test.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = TEMPLATE.get_or_init(|| {
        let directory = TempDir::new().expect("a folder");
        let path = directory.path().join("template.db");
        migrate(&Target::Sqlite(path.to_str().expect("a path that is text").to_owned())).expect("migrations");
        (directory, path)
    });
    path
}
