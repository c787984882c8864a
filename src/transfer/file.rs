//! Users of JUNO out of files that other systems have written: tables, and objects in JUNO's flat form. Each goes through the
//! one way in which users of JUNO are written, in a transaction of its own.

mod cursor;
mod flat;
mod objects;
mod repair;
mod row;
mod site;
mod table;

use std::io;

use diesel::result::Error as QueryError;

pub use flat::Flat;
pub use table::Table;

use super::TransferError;
use super::import::{self, Event, Summary, TRIES};
use crate::clock::Stamp;
use crate::db::{Connection, DbError, REST, in_transaction};
use crate::jsonapi::Fault;
use crate::jsonapi::json::Members;
use crate::juno::user::unique::Known;
use repair::Repair;

/// How to import.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// By what a user is found who is to be changed; without, every row is somebody new.
    pub matched: Option<Known>,
    /// Whether new users get the ids of the file.
    pub keep_ids: bool,
    /// What dimensions are found by that have both.
    pub dimensions: By,
    /// As `dimensions`, of tags.
    pub tags: By,
    /// Whether dimensions and tags that there are not are made.
    pub define: bool,
    /// Whether nothing is to be written.
    pub dry_run: bool,
    /// The current time.
    pub now: Stamp,
}

/// What a dimension or a tag is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Its id; the name is only compared.
    Id,
    /// Its name.
    Name,
}

/// A user of a file.
#[derive(Debug)]
pub struct Row {
    /// Where he begins.
    line: u64,
    /// What is said of him, in the flat form.
    read: Result<Members, Vec<Fault>>,
    /// What was mended.
    repairs: Vec<Repair>,
    /// The columns that the values of dimensions stand in; of a table only.
    columns: Option<Vec<String>>,
    /// Bytes that were read with him.
    bytes: u64,
}

/// What became of a row.
#[derive(Debug)]
enum Outcome {
    Created,
    Updated,
    Unchanged,
    Refused(Vec<Fault>),
}

/// Reads all rows. The summary is of what was committed, or would be.
///
/// # Errors
/// The file's and the database's; what was committed stays.
pub fn import_users(
    connection: &mut Connection,
    rows: &mut impl Iterator<Item = io::Result<Row>>,
    options: Options,
    told: &mut impl FnMut(Event),
) -> (Summary, Result<(), TransferError>) {
    let mut summary = Summary::default();
    if !options.dry_run {
        let write = |connection: &mut Connection, row: &Row| alone(connection, row, options);
        let outcome = all(connection, rows, write, &mut summary, told);
        return (summary, outcome);
    }
    // In one transaction, so that each row meets those before it.
    let mut outcome = Ok(());
    let dry = in_transaction(connection, |connection| -> Result<(), QueryError> {
        let write = |connection: &mut Connection, row: &Row| Ok(row::write(connection, row, options)?);
        outcome = all(connection, rows, write, &mut summary, told);
        Err(QueryError::RollbackTransaction)
    });
    match dry {
        Err(DbError::Query(QueryError::RollbackTransaction)) | Ok(()) => (summary, outcome),
        Err(e) => (summary, Err(e.into())),
    }
}

fn all(
    connection: &mut Connection,
    rows: &mut impl Iterator<Item = io::Result<Row>>,
    write: impl Fn(&mut Connection, &Row) -> Result<Outcome, DbError>,
    summary: &mut Summary,
    told: &mut impl FnMut(Event),
) -> Result<(), TransferError> {
    for row in rows {
        let mut row = row?;
        for Repair { place, what } in std::mem::take(&mut row.repairs) {
            told(Event::Repaired { line: place.line, column: place.column, what });
        }
        let outcome = write(connection, &row)?;
        summary.lines += 1;
        match outcome {
            Outcome::Created => summary.created += 1,
            Outcome::Updated => summary.updated += 1,
            Outcome::Unchanged => summary.unchanged += 1,
            Outcome::Refused(faults) => {
                summary.refused += 1;
                let mut refused = |code, pointer: Option<String>, detail| {
                    let pointer = pointer.map(|pointer| row.place(pointer));
                    told(Event::Refused { line: row.line, code, pointer, detail });
                };
                import::refuse(&faults, &mut refused);
            }
        }
        told(Event::Committed(row.bytes));
    }
    Ok(())
}

/// Writes a row in a transaction of its own, until nobody is in the way.
fn alone(connection: &mut Connection, row: &Row, options: Options) -> Result<Outcome, DbError> {
    let write = |connection: &mut Connection| {
        in_transaction(connection, |connection| row::write(connection, row, options))
    };
    for again in 1..TRIES {
        match write(connection) {
            Err(e @ DbError::Conflict(_)) => {
                log::info!("once more: {e}");
                std::thread::sleep(REST * again);
            }
            outcome => return outcome,
        }
    }
    write(connection)
}

impl Row {
    /// A place in the row's object as the file has it: of a table, a column.
    fn place(&self, pointer: String) -> String {
        let Some(columns) = &self.columns else { return pointer };
        let mut parts = pointer.split('/').skip(1);
        match (parts.next(), parts.next().and_then(|at| columns.get(at.parse::<usize>().ok()?))) {
            (Some("dimensions"), Some(column)) => format!("/{column}"),
            (Some("tags"), _) => "/tags".to_owned(),
            _ => pointer,
        }
    }
}
