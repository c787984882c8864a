//! `steward backup` and `steward restore`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Failure, Store, print};
use crate::clock::{Clock as _, SystemClock};
use crate::db::backup::{self, BackupError, Restored};

/// Arguments of `backup`.
#[derive(Args, Debug)]
pub(super) struct BackupArgs {
    /// The file to write, which must not be there yet
    file: PathBuf,
}

/// Arguments of `restore`.
#[derive(Args, Debug)]
pub(super) struct RestoreArgs {
    /// The backup
    #[arg(required_unless_present = "in_place", conflicts_with = "in_place")]
    file: Option<PathBuf>,

    /// Replace a database that has users; it is kept beside
    #[arg(long)]
    replace: bool,

    /// The database was put back by other tools, such as `pg_restore`: only renew what clients compare
    #[arg(long, conflicts_with = "replace")]
    in_place: bool,
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        Self::new(error.to_string())
    }
}

/// Writes the backup; prints how large it is.
pub(super) fn run(store: &Store, arguments: &BackupArgs) -> Result<(), Failure> {
    let bytes = backup::backup(&store.target, &arguments.file)?;
    print(json!({ "file": arguments.file, "bytes": bytes }))
}

/// Puts the backup back; prints what is there now.
pub(super) fn restore(store: &Store, arguments: &RestoreArgs) -> Result<(), Failure> {
    let now = SystemClock.now();
    let Some(file) = &arguments.file else {
        backup::renew(&mut store.open()?, now)?;
        return print(json!({ "database": store.target.shown() }));
    };
    let Restored { users, replaced } = backup::restore(file, &store.target, arguments.replace, now)?;
    print(json!({ "database": store.target.shown(), "users": users, "replaced": replaced }))
}
