//! `steward copy`

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::progress::Progress;
use super::{Failure, Store, print};
use crate::db::Target;
use crate::db::copy::copy;

/// Arguments of `copy`.
#[derive(Args, Debug)]
pub(super) struct CopyArgs {
    /// The database to copy: a path, a sqlite: URL or a postgres:// URL
    #[arg(long, value_name = "URL")]
    from: String,

    /// The database to copy to, which must be empty; it is migrated first
    #[arg(long, value_name = "URL")]
    to: String,
}

/// Waits for both databases and copies the one to the other; prints what was copied of each table.
pub(super) fn run(wait: Duration, arguments: &CopyArgs) -> Result<(), Failure> {
    let store = |url: &str| Target::parse(url).map(|target| Store { target, wait }).map_err(Failure::usage);
    let (from, to) = (store(&arguments.from)?, store(&arguments.to)?);
    // The copy opens its own.
    drop((from.reach()?, to.reach()?));
    let progress = Progress::of_steps(true);
    let copied = copy(&from.target, &to.target, |done, all| progress.of(done, all));
    progress.end();
    let copied = copied.map_err(|e| Failure::new(e.to_string()))?;
    print(json!({ "tables": copied }))
}
