//! What a line makes of one record: it adds activities and claims, and takes none away.

use super::given::Record;
use crate::clock::Stamp;
use crate::id::Id;
use crate::jsonapi::{Code, Fault, Pointer};
use crate::juno::ce::records::{ActivityRow, ClaimRow, RecordRow, Stored};

/// A record that is to be written.
#[derive(Debug)]
pub(super) struct Change {
    pub row: RecordRow,
    pub is_new: bool,
    pub new_activities: Vec<ActivityRow>,
    /// Activities whose hours have grown.
    pub grown: Vec<ActivityRow>,
    /// Who made the claim of the record void, and when.
    pub voided: Option<(String, Stamp)>,
    pub new_claims: Vec<ClaimRow>,
}

/// What comes of a record of a line.
#[derive(Debug)]
pub(super) enum Merged {
    Change(Box<Change>),
    Unchanged,
    /// The stored one was changed at the time.
    Newer(Stamp),
}

/// Merges a record of a line into what is `stored` of the person.
pub(super) fn merge(given: &Record, stored: &[Stored], overwrite: bool, faults: &mut Vec<Fault>) -> Merged {
    let before = stored.iter().find(|stored| stored.row.id == given.row.id);
    check(given, stored, faults);
    let mut change = Change {
        row: given.row.clone(),
        is_new: before.is_none(),
        new_activities: Vec::new(),
        grown: Vec::new(),
        voided: None,
        new_claims: Vec::new(),
    };
    change.take_activities(given, before);
    change.take_claims(given, before, faults);
    let Some(before) = before.map(|before| &before.row) else {
        change.number();
        return Merged::Change(Box::new(change));
    };
    let at = given.row.updated_at;
    change.row = RecordRow { hidden: given.row.hidden, ..before.clone() };
    let differs = change.row != *before || change.has_rows();
    if differs && at < before.updated_at && !overwrite {
        return Merged::Newer(before.updated_at);
    }
    if !differs && at <= before.updated_at {
        return Merged::Unchanged;
    }
    change.number();
    change.row.version = change.row.version.max(before.version + 1);
    change.row.updated_at = before.updated_at.next(at);
    Merged::Change(Box::new(change))
}

/// Notes what the line says of ids that are something else here.
fn check(given: &Record, stored: &[Stored], faults: &mut Vec<Fault>) {
    let mut taken = |what: &str, at: &Pointer| {
        let fault = Fault::new(Code::Duplicate, format!("Another {what} has this id."));
        faults.push(fault.at(at.member("id")));
    };
    let of_it = |row: &RecordRow| (row.juno_user_id, row.program_id);
    for other in stored {
        let is_it = other.row.id == given.row.id;
        if is_it && of_it(&other.row) != of_it(&given.row) {
            taken("record", &given.at);
        }
        let known: Vec<Id> = other.activities.iter().map(|row| row.id).collect();
        for (row, at) in given.activities.iter().filter(|(row, _)| known.contains(&row.id)) {
            if !is_it || !other.activities.iter().any(|other| other.id == row.id && same_source(other, row)) {
                taken("activity", at);
            }
        }
        for (row, at) in &given.claims {
            if other.claims.iter().any(|other| other.id == row.id && (!is_it || !same_claim(other, row))) {
                taken("claim", at);
            }
        }
    }
    let twin = |other: &&Stored| other.row.id != given.row.id && of_it(&other.row) == of_it(&given.row);
    if let Some(other) = stored.iter().find(twin) {
        let detail = format!("The user has a record in this program, {}.", other.row.id);
        faults.push(Fault::new(Code::Duplicate, detail).at(given.at.member("program")));
    }
}

fn same_source(one: &ActivityRow, other: &ActivityRow) -> bool {
    (&one.source_type, &one.source_id) == (&other.source_type, &other.source_id)
}

/// Whether it is one claim, void or not.
fn same_claim(one: &ClaimRow, other: &ClaimRow) -> bool {
    let facts = |row: &ClaimRow| {
        (
            row.hours,
            row.ce_credits,
            row.ce_threshold,
            row.earned_hours,
            row.claimed_at,
            row.claimed_by.clone(),
        )
    };
    facts(one) == facts(other)
}

impl Change {
    /// Of two hours for one source the larger count, under the id that the source has here.
    fn take_activities(&mut self, given: &Record, before: Option<&Stored>) {
        for (row, _) in &given.activities {
            let known = before.and_then(|before| before.activities.iter().find(|one| same_source(one, row)));
            match known {
                None => self.new_activities.push(row.clone()),
                Some(known) if known.hours < row.hours => {
                    let updated_at = known.updated_at.max(row.updated_at);
                    self.grown.push(ActivityRow { hours: row.hours, updated_at, ..known.clone() });
                }
                Some(_) => {}
            }
        }
    }

    /// What was void stays so; the one that is not may become it, and then another may take its place.
    fn take_claims(&mut self, given: &Record, before: Option<&Stored>, faults: &mut Vec<Fault>) {
        let stored = before.map_or(&[][..], |before| &before.claims);
        let mut claimed = stored.iter().any(|row| row.voided_at.is_none());
        for (row, _) in &given.claims {
            match stored.iter().find(|stored| stored.id == row.id) {
                None => self.new_claims.push(row.clone()),
                Some(known) if known.voided_at.is_none() => {
                    self.voided = row.voided_by.clone().zip(row.voided_at);
                    claimed = self.voided.is_none();
                }
                Some(_) => {}
            }
        }
        let is_new = |row: &ClaimRow| stored.iter().all(|stored| stored.id != row.id);
        let second = given.claims.iter().find(|(row, _)| row.voided_at.is_none() && is_new(row));
        if let Some((_, at)) = second.filter(|_| claimed) {
            let detail = "The record has another claim that is not void.";
            faults.push(Fault::new(Code::CeAlreadyClaimed, detail).at(at.clone()));
        }
    }

    fn has_rows(&self) -> bool {
        let rows = !self.new_activities.is_empty() || !self.grown.is_empty();
        rows || self.voided.is_some() || !self.new_claims.is_empty()
    }

    /// Gives what is new the versions behind that of the record, in the order of the line.
    fn number(&mut self) {
        let version = &mut self.row.version;
        for row in &mut self.new_activities {
            *version += 1;
            row.added_in_version = *version;
        }
        for row in &mut self.new_claims {
            *version += 1;
            row.made_in_version = *version;
        }
    }
}
