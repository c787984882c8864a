//! `steward import`

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use clap::Args;

use super::progress::Progress;
use super::{Failure, Store, advice, print};
use crate::clock::{Clock as _, SystemClock};
use crate::transfer::{Event, Lines, Options, Summary, TransferError, import};

/// Names that are told of as ignored.
const NAMES_TOLD: usize = 100;

/// Arguments of `import`.
#[derive(Args, Debug)]
pub(super) struct ImportArgs {
    /// A file of JSON lines as `export` prints them; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Also write lines that are older than what is stored
    #[arg(long)]
    overwrite: bool,
}

/// Reads the lines of a file; prints what became of them as JSON.
pub(super) fn run(store: &Store, arguments: &ImportArgs) -> Result<(), Failure> {
    if arguments.file.as_os_str() == "-" {
        return run_on(store, arguments, BufReader::new(std::io::stdin().lock()), None);
    }
    let file =
        File::open(&arguments.file).map_err(|e| Failure::new(advice::unreadable(&arguments.file, &e)))?;
    let length = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
    run_on(store, arguments, BufReader::with_capacity(1024 * 1024, file), length)
}

fn run_on(
    store: &Store,
    arguments: &ImportArgs,
    input: impl BufRead,
    length: Option<u64>,
) -> Result<(), Failure> {
    let mut connection = store.open()?;
    let progress = Progress::of_bytes(length);
    let options = Options { overwrite: arguments.overwrite, now: SystemClock.now() };
    let mut ignored = BTreeSet::new();
    let mut told = |event| match event {
        Event::Ignored { line, kind, name } => {
            if ignored.len() < NAMES_TOLD && ignored.insert((kind.clone(), name.clone())) {
                progress.say(&format!("line {line}: `{name}` of {kind} is not stored (told once)"));
            }
        }
        event => tell(&progress, event),
    };
    let (summary, outcome) = import(&mut connection, &mut Lines::new(input), options, &mut told);
    finish(&progress, summary, outcome)
}

/// Tells what has happened.
pub(super) fn tell(progress: &Progress, event: Event) {
    match event {
        Event::Refused { line, code, pointer, detail } => {
            let place = pointer.map(|pointer| format!(" {pointer}")).unwrap_or_default();
            progress.say(&format!("line {line}: {code}{place}: {detail}"));
        }
        Event::Ignored { line, kind, name } => {
            progress.say(&format!("line {line}: `{name}` of {kind} is not stored"));
        }
        Event::Repaired { line, column, what } => {
            progress.say(&format!("line {line}, column {column}: {what}"));
        }
        Event::Committed(bytes) => progress.at(bytes),
    }
}

/// Prints what became of all.
pub(super) fn finish(
    progress: &Progress,
    summary: Summary,
    outcome: Result<(), TransferError>,
) -> Result<(), Failure> {
    progress.end();
    // Numbers can always be written into memory.
    print(serde_json::to_string(&summary).unwrap_or_default())?;
    outcome.map_err(|e| Failure::new(format!("{e}; what is counted above was imported")))?;
    match summary.refused {
        0 => Ok(()),
        refused => Err(Failure::new(format!("{refused} of {} lines were refused", summary.lines))),
    }
}
