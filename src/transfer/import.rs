//! From lines to the database: several lines in one commit, each of them wholly or not at all.

use std::io::BufRead;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::Connection as _;
use diesel::result::{DatabaseErrorKind, Error as QueryError};

use super::TransferError;
use super::batches::{self, Read};
use super::known::{Known, Stored};
use super::later::Later;
use super::line::Line;
use super::lines::{LINE_LIMIT, Lines};
use super::unit::{self, Made, Outcome};
use crate::clock::Stamp;
use crate::db::{Connection, DbError, REST, expect_much, in_transaction, settings};
use crate::jsonapi::error::Source;
use crate::jsonapi::{Code, Fault};

/// How to import.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Write lines that are older than what is stored.
    pub overwrite: bool,
    /// The current time.
    pub now: Stamp,
}

/// What became of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Lines that were not blank.
    pub lines: u64,
    /// Users who were not there before.
    pub created: u64,
    /// Users of whom something differed.
    pub updated: u64,
    /// Users of whom all was there.
    pub unchanged: u64,
    /// Lines of which nothing was written.
    pub refused: u64,
}

/// What is told while lines are read.
#[derive(Debug)]
pub enum Event {
    /// Why a line is refused; one of perhaps several reasons.
    Refused {
        /// The line's number, from 1.
        line: u64,
        /// The kind of reason: a code of the API, `newer_in_database` or `line_too_long`.
        code: &'static str,
        /// Where in the line.
        pointer: Option<String>,
        /// A sentence.
        detail: String,
    },
    /// An attribute or relationship that nothing is made of.
    Ignored {
        /// The line's number, from 1.
        line: u64,
        /// The type of the resource.
        kind: String,
        /// The name of the member.
        name: String,
    },
    /// Something was mended, so that it could be read.
    Repaired {
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// What was done.
        what: String,
    },
    /// So many bytes were read and what was in them is committed.
    Committed(u64),
}

/// Reads all lines. The summary is of what was committed, also where the rest could not be read or written.
///
/// # Errors
/// The file's and the database's; what was committed stays, and the file can be imported again.
pub fn import<R: BufRead>(
    connection: &mut Connection,
    lines: &mut Lines<R>,
    options: Options,
    told: &mut impl FnMut(Event),
) -> (Summary, Result<(), TransferError>) {
    let mut summary = Summary::default();
    if let Err(e) = expect_much(connection) {
        return (summary, Err(DbError::from(e).into()));
    }
    let mut incarnation = Some(settings::new_incarnation());
    let outcome = batches::each(lines, options, |batch| {
        let mut rest = batch.lines.as_slice();
        while !rest.is_empty() {
            let outcomes = commit_at_last(connection, rest, options, &mut incarnation)?;
            let (done, left) = rest.split_at(outcomes.len());
            for ((number, read), outcome) in done.iter().zip(outcomes) {
                report(&mut summary, *number, read, outcome, told);
            }
            rest = left;
        }
        told(Event::Committed(batch.bytes_read));
        Ok(())
    });
    (summary, outcome)
}

/// How long lines are taken into one commit, for which others may have to wait: new users are quick together, those who are
/// there go one by one.
const HELD: Duration = Duration::from_millis(500);

/// How often a batch is begun again that had to give way to others.
pub(super) const TRIES: u32 = 20;

/// As [`commit`], until nobody is in the way.
fn commit_at_last(
    connection: &mut Connection,
    batch: &[(u64, Read)],
    options: Options,
    incarnation: &mut Option<String>,
) -> Result<Vec<Option<Outcome>>, DbError> {
    for again in 1..TRIES {
        match commit(connection, batch, options, incarnation) {
            Err(e @ DbError::Conflict(_)) => {
                log::info!("once more: {e}");
                // Whom it gave way to must be past what they quarrelled about, or they meet there again.
                std::thread::sleep(REST * again);
            }
            outcome => return outcome,
        }
    }
    commit(connection, batch, options, incarnation)
}

/// Writes lines of a batch, as many as [`take`] takes, in one transaction; a line that the database refuses is taken back
/// alone. The first change of all renews the incarnation with it (design 4).
fn commit(
    connection: &mut Connection,
    batch: &[(u64, Read)],
    options: Options,
    incarnation: &mut Option<String>,
) -> Result<Vec<Option<Outcome>>, DbError> {
    let wanted = incarnation.clone();
    let mut attempt = |together: bool| {
        in_transaction(connection, |connection| {
            let outcomes = take(connection, batch, options, together)?;
            let is_change = |outcome: &Outcome| matches!(outcome, Outcome::Created | Outcome::Updated);
            let changed = outcomes.iter().flatten().any(is_change);
            if let Some(incarnation) = wanted.as_ref().filter(|_| changed) {
                settings::set(connection, settings::INCARNATION, incarnation)?;
            }
            Ok((outcomes, changed))
        })
    };
    let (outcomes, changed) = match attempt(true) {
        // Nothing of it was written. By which line it was is found out by taking each by itself.
        Err(DbError::Query(error)) => {
            log::info!("the lines of a batch go alone: {error}");
            attempt(false)?
        }
        outcome => outcome?,
    };
    if changed {
        *incarnation = None;
    }
    Ok(outcomes)
}

/// Takes the lines of a batch in, in their order; new users `together`, as far as their lines are nothing unusual: what is
/// stored is read for all of them at once, and their rows are written at once, before a line that goes by itself. Not all of
/// them where that takes long.
fn take(
    connection: &mut Connection,
    batch: &[(u64, Read)],
    options: Options,
    together: bool,
) -> diesel::QueryResult<Vec<Option<Outcome>>> {
    let lines = || batch.iter().map(|(_, read)| read.line());
    let plain = lines().flatten().map(|(line, _)| line);
    let mut known = if together { Known::read(connection, plain)? } else { Known::default() };
    let mut later = Later::default();
    let (mut outcomes, began) = (Vec::with_capacity(batch.len()), Instant::now());
    for line in lines() {
        if began.elapsed() > HELD && !outcomes.is_empty() {
            break;
        }
        let Some((line, made)) = line else {
            outcomes.push(None);
            continue;
        };
        let mut outcome = None;
        if known.is_free(line) {
            outcome = make(connection, &known, (line, made), options)?;
        }
        let outcome = match outcome {
            Some(Ok(made)) => {
                known.add(line.id, &made.masters, &made.lists);
                later.add(made);
                Outcome::Created
            }
            Some(Err(faults)) => Outcome::Refused(faults),
            None => {
                later.write(connection)?;
                known.forget(line);
                write(connection, line, options)?
            }
        };
        outcomes.push(Some(outcome));
    }
    later.write(connection)?;
    Ok(outcomes)
}

/// A new user, as he was made while nothing was known of what is stored, if that holds; `None` where his line goes by itself.
fn make(
    connection: &mut Connection,
    known: &Known,
    (line, made): (&Line, Option<&Arc<Made>>),
    options: Options,
) -> diesel::QueryResult<Option<Result<Arc<Made>, Vec<Fault>>>> {
    if let Some(made) = made.filter(|_| known.has_nothing_of(line)) {
        return Ok(Some(Ok(Arc::clone(made))));
    }
    let stored = Stored { known, connection: Some(connection) };
    Ok(unit::make(stored, line, options)?.map(|made| made.map(Arc::new)))
}

/// Writes a line in a savepoint.
fn write(connection: &mut Connection, line: &Line, options: Options) -> diesel::QueryResult<Outcome> {
    match connection.transaction(|connection| unit::run(connection, line, options)) {
        Err(QueryError::DatabaseError(kind, information)) => {
            let code = match kind {
                DatabaseErrorKind::UniqueViolation => Code::Taken,
                DatabaseErrorKind::ForeignKeyViolation => Code::NotIncluded,
                DatabaseErrorKind::NotNullViolation => Code::Blank,
                DatabaseErrorKind::CheckViolation => Code::Invalid,
                _ => return Err(QueryError::DatabaseError(kind, information)),
            };
            let detail = format!("The database refuses the line: {}.", information.message());
            Ok(Outcome::Refused(vec![Fault::new(code, detail)]))
        }
        outcome => outcome,
    }
}

fn report(
    summary: &mut Summary,
    line: u64,
    read: &Read,
    outcome: Option<Outcome>,
    told: &mut impl FnMut(Event),
) {
    summary.lines += 1;
    let mut refused = |code, pointer, detail| told(Event::Refused { line, code, pointer, detail });
    match (read, outcome) {
        (_, Some(Outcome::Created)) => summary.created += 1,
        (_, Some(Outcome::Updated)) => summary.updated += 1,
        (_, Some(Outcome::Unchanged)) => summary.unchanged += 1,
        (_, Some(Outcome::Newer(stored, given, at))) => {
            summary.refused += 1;
            let detail =
                format!("The user was changed in the database at {stored}, after the line's {given}.");
            refused("newer_in_database", Some(at.as_str().to_owned()), detail);
        }
        (Read::Faulty(faults), _) => {
            summary.refused += 1;
            refuse(faults, &mut refused);
        }
        (_, Some(Outcome::Refused(faults))) => {
            summary.refused += 1;
            refuse(&faults, &mut refused);
        }
        (_, None) => {
            summary.refused += 1;
            refused("line_too_long", None, format!("The line has more than {LINE_LIMIT} bytes."));
        }
    }
    if let Read::Line(read, _) = read {
        for (kind, name) in &read.ignored {
            told(Event::Ignored { line, kind: kind.clone(), name: name.clone() });
        }
    }
}

/// Tells each fault.
pub(super) fn refuse(faults: &[Fault], refused: &mut impl FnMut(&'static str, Option<String>, String)) {
    for fault in faults {
        let pointer = match &fault.source {
            Some(Source::Pointer(pointer)) => {
                Some(pointer.as_str().to_owned()).filter(|place| !place.is_empty())
            }
            _ => None,
        };
        let detail = fault.detail.clone().unwrap_or_else(|| fault.title.to_string());
        refused(fault.code.as_str(), pointer, detail);
    }
}
