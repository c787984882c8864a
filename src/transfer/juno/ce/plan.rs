//! What is written of continuing education, decided before anything is.

use diesel::prelude::*;

use super::super::given::{Given, User};
use super::super::plan::violation;
use super::super::site::moved;
use super::PROGRAMS;
use super::given::Record;
use super::merge::{Change, Merged, merge};
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::ce_records as t;
use crate::id::Id;
use crate::jsonapi::json::Members;
use crate::jsonapi::{Code, Fault, Pointer};
use crate::juno::ce::endpoints::programs::new_program;
use crate::juno::ce::programs::{KIND as PROGRAM, ProgramRow};
use crate::juno::ce::records::{self, ClaimRow, RecordRow, Stored};
use crate::transfer::plan::missing;
use crate::transfer::resource::Fields;
use crate::users::rules::Rule;

/// What is to be written.
#[derive(Debug, Default)]
pub(in crate::transfer::juno) struct Plan {
    programs: Vec<ProgramRow>,
    changes: Vec<Change>,
}

/// A stored state, an older one in the line, and where that stands.
type Newer = Option<(Stamp, Stamp, Pointer)>;

impl Plan {
    /// Decides: of a record that is stored and that the line has, the newer state counts, or the line's where it overwrites.
    ///
    /// # Errors
    /// The queries'.
    pub(in crate::transfer::juno) fn read(
        connection: &mut Connection,
        (given, users): (&Given, &[&User]),
        overwrite: bool,
        faults: &mut Vec<Fault>,
    ) -> QueryResult<(Self, Newer)> {
        let (mut plan, mut newer) = (Self::default(), None);
        if users.iter().all(|user| user.records.is_empty()) {
            return Ok((plan, newer));
        }
        let stored = stored(connection, users)?;
        for record in users.iter().flat_map(|user| &user.records) {
            let held = records::whose(connection, record.row.id)?;
            if held.is_some_and(|person| person != record.row.person_id) {
                let fault = Fault::new(Code::Duplicate, "Another record has this id.");
                faults.push(fault.at(record.at.member("id")));
                continue;
            }
            plan.program(connection, given, record, faults)?;
            match merge(record, &stored, overwrite, faults) {
                Merged::Change(change) => plan.changes.push(*change),
                Merged::Unchanged => {}
                Merged::Newer(at) => {
                    newer = Some((at, record.row.updated_at, record.at.member("updated_at")));
                }
            }
        }
        Ok((plan, newer))
    }

    /// The program of a record: what is there stays as it is.
    fn program(
        &mut self,
        connection: &mut Connection,
        given: &Given,
        record: &Record,
        faults: &mut Vec<Fault>,
    ) -> QueryResult<()> {
        let id = record.row.program_id;
        if self.programs.iter().any(|program| program.id == id) || ProgramRow::find(connection, id)?.is_some()
        {
            return Ok(());
        }
        match given.definition(PROGRAMS, "id", |sent| Id::parse(sent) == Some(id)) {
            Some((members, place)) => {
                self.programs.extend(program(members, place, (id, record.row.created_at), faults));
            }
            None => faults.push(missing(PROGRAM, id, record.at.member("program"))),
        }
        Ok(())
    }

    /// Whether nothing is to be written.
    pub(in crate::transfer::juno) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Writes it. The users of JUNO must be there.
    ///
    /// # Errors
    /// The statements'; a violation where somebody has just got an id.
    pub(in crate::transfer::juno) fn write(&self, connection: &mut Connection) -> QueryResult<()> {
        for program in &self.programs {
            // Where somebody has just made it, it stays as it is.
            program.insert_if_free(connection)?;
        }
        self.changes.iter().try_for_each(|change| change.write(connection))
    }
}

/// All that is stored of the persons' records; nobody else writes them, or makes others, before the end of the
/// transaction.
fn stored(connection: &mut Connection, users: &[&User]) -> QueryResult<Vec<Stored>> {
    let mut rows = Vec::new();
    for user in users {
        let (person, id) = (user.profile.person_id, user.profile.id);
        records::lock_user(connection, person, id)?;
        for RecordRow { id, .. } in RecordRow::of(connection, person, id)? {
            rows.extend(RecordRow::locked(connection, person, id)?);
        }
    }
    records::load(connection, rows)
}

/// A program as a line defines it.
fn program(
    members: &Members,
    place: &Pointer,
    (id, at): (Id, Stamp),
    faults: &mut Vec<Fault>,
) -> Option<ProgramRow> {
    let (mut created_at, mut updated_at) = (at, at);
    let mut fields = Fields { members, at: place.clone(), now: at, faults: &mut *faults };
    fields.set("created_at", Rule::Time, &mut created_at);
    fields.set("updated_at", Rule::Time, &mut updated_at);
    let beside = ["id", "created_at", "updated_at"];
    let attributes = members.iter().filter(|(name, _)| !beside.contains(&name.as_str())).cloned().collect();
    match new_program(attributes, id, at) {
        Ok(row) => Some(ProgramRow { created_at, updated_at, ..row }),
        Err(told) => {
            faults.extend(told.into_iter().map(|fault| moved(fault, place)));
            None
        }
    }
}

impl Change {
    fn write(&self, connection: &mut Connection) -> QueryResult<()> {
        let row = &self.row;
        if !self.is_new {
            let values =
                (t::version.eq(row.version), t::hidden.eq(row.hidden), t::updated_at.eq(row.updated_at));
            diesel::update(t::table.find((row.person_id, row.id))).set(values).execute(connection)?;
        } else if !row.insert_if_free(connection)? {
            return Err(violation("another user has just got this record".to_owned()));
        }
        for activity in &self.new_activities {
            if !activity.insert_if_free(connection)? {
                return Err(violation("another record has just got this activity".to_owned()));
            }
        }
        self.grown.iter().try_for_each(|activity| activity.update(connection))?;
        if let Some((by, at)) = &self.voided {
            ClaimRow::annul(connection, row, by, *at)?;
        }
        for claim in &self.new_claims {
            if !claim.insert_if_free(connection)? {
                return Err(violation("the record has just been claimed".to_owned()));
            }
        }
        Ok(())
    }
}
