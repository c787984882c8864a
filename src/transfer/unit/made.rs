//! New users, made of their lines by themselves, to be written together with others.

use diesel::QueryResult;

use super::{Hidden, Unit, ground};
use crate::clock::Stamp;
use crate::db::shared::{ListRow, MasterRow};
use crate::id::Id;
use crate::jsonapi::Fault;
use crate::people::row::Row;
use crate::transfer::import::Options;
use crate::transfer::known::{Known, Stored, is_plain};
use crate::transfer::later::NewPerson;
use crate::transfer::line::Line;
use crate::users::create::Born;

/// A new user out of a line that has nothing unusual: the rows that make him.
#[derive(Debug)]
pub(in crate::transfer) struct Made {
    /// His row.
    pub person: NewPerson,
    /// Master people that are not there yet.
    pub masters: Vec<MasterRow>,
    /// Account lists that are not there yet.
    pub lists: Vec<ListRow>,
    /// His account lists, and when he joined each.
    pub memberships: Vec<(Id, Stamp)>,
    /// The rows that he owns.
    pub rows: Vec<Row>,
}

/// What a line makes of a user who is not there and never was, whose rows are written later, together with others';
/// its faults, or `None` where it takes more.
///
/// # Errors
/// Those of queries that may not be asked or fail.
pub(in crate::transfer) fn make(
    mut stored: Stored<'_>,
    line: &Line,
    options: Options,
) -> QueryResult<Option<Result<Made, Vec<Fault>>>> {
    let (mut faults, nobody) = (Vec::new(), (None, Hidden::default()));
    let unit = Unit::read(&mut stored, line, options, nobody, &mut faults)?;
    if !faults.is_empty() {
        return Ok(Some(Err(faults)));
    }
    let born = Born::first(line.stamp);
    let person = unit.born(&born);
    let Unit { plan, rows, memberships, .. } = unit;
    let Some((masters, lists)) = plan.into_new() else { return Ok(None) };
    let ground = ground(line, None);
    let rows = rows.iter().flat_map(|rows| rows.changed(ground, born.version)).collect();
    Ok(Some(Ok(Made { person, masters, lists, memberships, rows })))
}

/// As [`make`], where nothing that the line names is stored; `None` where that takes more, or would be refused.
#[must_use]
pub(in crate::transfer) fn make_of_nothing(line: &Line, options: Options) -> Option<Made> {
    if !is_plain(line) {
        return None;
    }
    let stored = Stored { known: &Known::nothing_of(line), connection: None };
    make(stored, line, options).ok()??.ok()
}
