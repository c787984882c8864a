//! `steward copy`

use clap::Args;
use serde_json::json;

use super::progress::Progress;
use super::{Failure, print};
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

/// Copies a whole database; prints what was copied of each table.
pub(super) fn run(arguments: &CopyArgs) -> Result<(), Failure> {
    let target = |url: &str| Target::parse(url).map_err(Failure::usage);
    let (from, to) = (target(&arguments.from)?, target(&arguments.to)?);
    let progress = Progress::of_steps(true);
    let copied = copy(&from, &to, |done, all| progress.of(done, all));
    progress.end();
    let copied = copied.map_err(|e| Failure::new(e.to_string()))?;
    print(json!({ "tables": copied }))
}
