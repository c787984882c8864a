//! One user of a file into the database.

use diesel::Connection as _;
use diesel::QueryResult;
use diesel::result::Error as QueryError;

use super::site::Site;
use super::{Options, Outcome, Row};
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::guard::precondition::Conditions;
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::juno::date;
use crate::juno::profile::Profile;
use crate::juno::user::changes::{Changes, Imported, SentValue};
use crate::juno::user::codec::flat;
use crate::juno::user::read;
use crate::juno::user::rights::Rights;
use crate::juno::user::unique::Known;
use crate::juno::user::values::whole;
use crate::juno::user::view::View;
use crate::juno::user::write::Write;
use crate::transfer::resource::take;

/// What stands for a time that is not known, or never was.
const NEVER: &str = "1900-01-01T00:00:00Z";

/// Why a row ends before its end.
enum Stop {
    Refused(Vec<Fault>),
    Failed(QueryError),
}

impl From<QueryError> for Stop {
    fn from(error: QueryError) -> Self {
        Self::Failed(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error.into_faults())
    }
}

impl From<Vec<Fault>> for Stop {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Refused(faults)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Refused(vec![fault])
    }
}

/// Writes a row. Belongs into a transaction; where it is refused, nothing was written.
///
/// # Errors
/// The statements'.
pub(super) fn write(connection: &mut Connection, row: &Row, options: Options) -> QueryResult<Outcome> {
    let members = match &row.read {
        Ok(members) => members.clone(),
        Err(faults) => return Ok(Outcome::Refused(faults.clone())),
    };
    let is_table = row.columns.is_some();
    match connection.transaction(|connection| take_in(connection, members, is_table, options)) {
        Ok(outcome) => Ok(outcome),
        Err(Stop::Refused(faults)) => Ok(Outcome::Refused(faults)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

fn take_in(
    connection: &mut Connection,
    mut members: Members,
    is_table: bool,
    options: Options,
) -> Result<Outcome, Stop> {
    let known = existing(connection, &members, options)?;
    let mut faults = Vec::new();
    let mut imported = imported(&mut members, &mut faults);
    imported.id = id(&mut members, known.as_ref(), options, &mut faults);
    Site { connection: &mut *connection, options, faults: &mut faults }.resolve(&mut members)?;
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let before = known.map(|profile| read::view(connection, profile, options.now)).transpose()?;
    let reading = flat::read(Json::Object(members), before.as_ref().map(|view| view.profile.id))?;
    let mut changes = Changes { imported, ..reading.settle(before.as_ref())? };
    if let Some(before) = before.as_ref().filter(|_| is_table) {
        keep_values(&mut changes, before);
    }
    let rights = Rights { administers: true, is_self: false };
    let write = Write { rights, conditions: &Conditions::default(), now: options.now };
    let Some(before) = before else {
        write.create(connection, &changes)??;
        return Ok(Outcome::Created);
    };
    let after = write.change(connection, before.profile.id, &changes)??;
    Ok(if after.version == before.version { Outcome::Unchanged } else { Outcome::Updated })
}

/// The user who is to be changed.
fn existing(
    connection: &mut Connection,
    members: &Members,
    options: Options,
) -> Result<Option<Profile>, Stop> {
    let Some(by) = options.matched else { return Ok(None) };
    let name = by.name();
    let sent = match find(members, name) {
        None | Some(Json::Null) => {
            let message = "can't be blank, since users are found by it";
            return Err(Fault::attribute(Code::Blank, name, message, Pointer::root()).into());
        }
        Some(sent) => sent,
    };
    let found = by.find(connection, sent)?;
    if found.is_none() && by == Known::Id && !options.keep_ids {
        let detail = "No user of JUNO has this id; a new one could have it with --keep-ids.";
        return Err(Fault::new(Code::NotFound, detail).at(Pointer::root().member(name)).into());
    }
    Ok(found)
}

/// Takes the id out of a row. It is looked at only where it is to be kept.
fn id(
    members: &mut Members,
    known: Option<&Profile>,
    options: Options,
    faults: &mut Vec<Fault>,
) -> Option<(i64, Pointer)> {
    let at = Pointer::root().member("id");
    let sent = take(members, "id").filter(|sent| options.keep_ids && *sent != Json::Null)?;
    let mut fault = |code, detail: String| {
        faults.push(Fault::new(code, detail).at(at.clone()));
        None
    };
    let Some(id) = whole(&sent).filter(|id| *id > 0) else {
        return fault(Code::Invalid, "An id is a whole number from 1.".to_owned());
    };
    match known {
        None => Some((id, at)),
        Some(profile) if profile.id == id => None,
        Some(profile) => fault(Code::IdConflict, format!("The user has the id {}.", profile.id)),
    }
}

/// Takes out of a row what no client can set.
fn imported(members: &mut Members, faults: &mut Vec<Fault>) -> Imported {
    let at = |name: &str| Pointer::root().member(name);
    let points = take(members, "points").and_then(|sent| {
        let points = whole(&sent).filter(|points| *points >= 0);
        if points.is_none() {
            let message = "must be a whole number from 0";
            faults.push(Fault::attribute(Code::Invalid, "points", message, at("points")));
        }
        points
    });
    let mut time = |name: &str| -> Option<Option<Stamp>> {
        let read = match take(members, name)? {
            Json::Null => return Some(None),
            Json::String(text) => date::read(text.trim()),
            _ => None,
        };
        if read.is_none() {
            let message = "must be a date, or a date and a time such as 2022-11-03T21:00:00";
            faults.push(Fault::attribute(Code::InvalidTimestamp, name, message, at(name)));
        }
        read.map(|at| Some(at).filter(|at| at.to_string() != NEVER))
    };
    Imported { id: None, created_at: time("date_created"), last_login_at: time("date_last_login"), points }
}

/// Of dimensions that a table has no columns for, or no cells, the values stay.
fn keep_values(changes: &mut Changes, before: &View) {
    let Some(values) = &mut changes.dimensions else { return };
    for shown in &before.dimensions {
        if values.iter().all(|value| value.id != Some(shown.id)) {
            let (id, value) = (Some(shown.id), Some(shown.value.clone()));
            values.push(SentValue { id, name: None, value, at: Pointer::root() });
        }
    }
}
