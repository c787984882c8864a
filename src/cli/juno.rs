//! `steward juno`

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use diesel::prelude::*;

use super::import::{finish, tell};
use super::progress::Progress;
use super::{Failure, Store, advice};
use crate::clock::{Clock as _, SystemClock};
use crate::db::Connection;
use crate::db::schema::dimensions;
use crate::juno::user::unique::Known;
use crate::transfer::file::{By, Flat, Options, Row, Table, import_users};

/// What is done with JUNO.
#[derive(Debug, Subcommand)]
pub(super) enum JunoCommand {
    /// Read users of JUNO from a table (CSV) or from objects in JUNO's flat form
    ImportUsers(ImportUsersArgs),
}

/// Arguments of `juno import-users`.
#[derive(Args, Debug)]
pub(super) struct ImportUsersArgs {
    /// A table with a row of names; `-` is standard input
    #[arg(value_name = "FILE.csv", required_unless_present = "flat", conflicts_with = "flat")]
    table: Option<PathBuf>,

    /// Objects in JUNO's flat form: one, an array, or one behind the other; what is broken is mended and told
    #[arg(long, value_name = "FILE.json")]
    flat: Option<PathBuf>,

    /// Change the user who has the same, if there is one; without, every row is somebody new
    #[arg(long = "match", value_name = "FIELD")]
    matched: Option<Match>,

    /// Give new users the ids of the file
    #[arg(long)]
    keep_ids: bool,

    /// What dimensions are found by that have both
    #[arg(long, value_name = "BY", default_value = "id")]
    match_dimensions_by: Definition,

    /// What tags are found by that have both
    #[arg(long, value_name = "BY", default_value = "id")]
    match_tags_by: Definition,

    /// Make the dimensions and tags that there are not
    #[arg(long)]
    create_definitions: bool,

    /// Tell what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// What users are found by.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Match {
    Id,
    Email,
    ClientId,
    ClientGuid,
}

impl From<Match> for Known {
    fn from(by: Match) -> Self {
        match by {
            Match::Id => Self::Id,
            Match::Email => Self::Email,
            Match::ClientId => Self::ClientId,
            Match::ClientGuid => Self::ClientGuid,
        }
    }
}

/// What definitions are found by.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Definition {
    Id,
    Name,
}

impl From<Definition> for By {
    fn from(by: Definition) -> Self {
        match by {
            Definition::Id => Self::Id,
            Definition::Name => Self::Name,
        }
    }
}

pub(super) fn run(store: &Store, command: &JunoCommand) -> Result<(), Failure> {
    let JunoCommand::ImportUsers(arguments) = command;
    let options = Options {
        matched: arguments.matched.map(Known::from),
        keep_ids: arguments.keep_ids,
        dimensions: arguments.match_dimensions_by.into(),
        tags: arguments.match_tags_by.into(),
        define: arguments.create_definitions,
        dry_run: arguments.dry_run,
        now: SystemClock.now(),
    };
    let path = arguments.table.as_ref().or(arguments.flat.as_ref());
    let path = path.ok_or_else(|| Failure::usage("no file is named"))?;
    let (mut input, length) = open(path)?;
    let mut connection = store.open()?;
    if arguments.flat.is_some() {
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes)?;
        let text = String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            Failure::new(format!("{} is not valid UTF-8 (at byte {at})", path.display()))
        })?;
        return write(&mut connection, &mut Flat::new(&text), length, options);
    }
    let keys: Vec<String> = dimensions::table.select(dimensions::key).load(&mut connection)?;
    let keys: BTreeSet<String> = keys.into_iter().collect();
    let mut table =
        Table::open(input, &keys).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
    write(&mut connection, &mut table, length, options)
}

fn open(path: &Path) -> Result<(Box<dyn Read>, Option<u64>), Failure> {
    if path.as_os_str() == "-" {
        return Ok((Box::new(io::stdin().lock()), None));
    }
    let file = File::open(path).map_err(|e| Failure::new(advice::unreadable(path, &e)))?;
    let length = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
    Ok((Box::new(BufReader::new(file)), length))
}

fn write(
    connection: &mut Connection,
    rows: &mut impl Iterator<Item = io::Result<Row>>,
    length: Option<u64>,
    options: Options,
) -> Result<(), Failure> {
    let progress = Progress::of_bytes(length);
    let (summary, outcome) = import_users(connection, rows, options, &mut |event| tell(&progress, event));
    finish(&progress, summary, outcome)
}
