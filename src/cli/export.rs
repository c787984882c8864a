//! `steward export`

use std::io::{BufWriter, ErrorKind, IsTerminal as _, Write as _};

use clap::Args;

use super::progress::Progress;
use super::{Failure, Store, advice};
use crate::id::Id;
use crate::transfer::{TransferError, export};

/// Arguments of `export`.
#[derive(Args, Debug)]
pub(super) struct ExportArgs {
    /// Only this user
    #[arg(long, value_name = "UUID")]
    user: Option<Id>,
}

/// Prints every user, or one, as a line of JSON.
pub(super) fn run(store: &Store, arguments: &ExportArgs) -> Result<(), Failure> {
    let mut connection = store.open()?;
    let stdout = std::io::stdout();
    // Lines on a terminal are progress enough.
    let progress = Progress::of_steps(!stdout.is_terminal());
    let mut out = BufWriter::new(stdout.lock());
    let written = export(&mut connection, arguments.user, &mut out, |all| progress.one_of(all));
    let written = written.and_then(|written| Ok(out.flush().map(|()| written)?));
    progress.end();
    match (written, arguments.user) {
        (Ok(0), Some(id)) => Err(Failure::new(advice::no_user(id))),
        (Ok(_), _) => Ok(()),
        (Err(TransferError::File(e)), _) if e.kind() == ErrorKind::BrokenPipe => {
            Err(Failure::new("nobody reads what is exported"))
        }
        (Err(e), _) => Err(Failure::new(e.to_string())),
    }
}
