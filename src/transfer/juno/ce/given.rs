//! What a line says of records, read by itself: by the rules by which requests are read, and those that hold of whatever is
//! stored.

use std::collections::BTreeSet;

use super::super::given::{User, objects};
use super::{ACTIVITIES, CLAIMS, RECORDS};
use crate::clock::Stamp;
use crate::id::Id;
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::juno::ce::records::{ActivityRow, ClaimRow, RecordRow};
use crate::juno::ce::{Hours, SomeHours, Threshold};
use crate::juno::profile::Profile;
use crate::juno::user::field::Takes;
use crate::juno::user::text;
use crate::transfer::resource::Fields;
use crate::users::rules::{Field as _, Message, Rule};

/// A record as a line has it. The versions in its rows are none yet.
#[derive(Clone, Debug)]
pub(in crate::transfer::juno) struct Record {
    pub row: RecordRow,
    pub activities: Vec<(ActivityRow, Pointer)>,
    pub claims: Vec<(ClaimRow, Pointer)>,
    pub at: Pointer,
}

/// The records of a user of JUNO.
pub(in crate::transfer::juno) fn records(fields: &mut Fields<'_>, profile: &Profile) -> Vec<Record> {
    let place = fields.at.member(RECORDS);
    let sent = objects(find(fields.members, RECORDS), &place, fields.faults);
    let read = |(members, at): &(Members, Pointer)| {
        let mut fields =
            Fields { members, at: at.clone(), now: profile.updated_at, faults: &mut *fields.faults };
        record(&mut fields, profile)
    };
    sent.iter().filter_map(read).collect()
}

fn record(fields: &mut Fields<'_>, profile: &Profile) -> Option<Record> {
    let (key, program) = (need(fields, "id", id), need(fields, "program", id));
    let published = fields.get("published", Rule::Boolean).unwrap_or(false);
    let (created_at, updated_at) = times(fields);
    let id = key?;
    let row = RecordRow {
        person_id: profile.person_id,
        id,
        juno_user_id: profile.id,
        program_id: program?,
        version: 1,
        hidden: !published,
        created_at,
        updated_at,
    };
    let activities = each(fields, ACTIVITIES, |fields| activity(fields, &row));
    let claims = each(fields, CLAIMS, |fields| claim(fields, &row));
    Some(Record { row, activities, claims, at: fields.at.clone() })
}

/// Reads each of the objects of a member.
fn each<T>(
    fields: &mut Fields<'_>,
    name: &str,
    mut read: impl FnMut(&mut Fields<'_>) -> Option<T>,
) -> Vec<(T, Pointer)> {
    let sent = objects(find(fields.members, name), &fields.at.member(name), fields.faults);
    let now = fields.now;
    let read = |(members, at): (Members, Pointer)| {
        let mut inner = Fields { members: &members, at: at.clone(), now, faults: &mut *fields.faults };
        read(&mut inner).map(|row| (row, at))
    };
    sent.into_iter().filter_map(read).collect()
}

fn activity(fields: &mut Fields<'_>, record: &RecordRow) -> Option<ActivityRow> {
    let (id, hours) = (need(fields, "id", id), need(fields, "hours", SomeHours::read));
    let (source_type, source_id) = (need(fields, "source_type", words), need(fields, "source_id", words));
    let (created_at, updated_at) = times(fields);
    Some(ActivityRow {
        person_id: record.person_id,
        id: id?,
        record_id: record.id,
        added_in_version: record.version,
        source_type: source_type?,
        source_id: source_id?,
        hours: hours?.hours().hundredths(),
        created_at,
        updated_at,
    })
}

fn claim(fields: &mut Fields<'_>, record: &RecordRow) -> Option<ClaimRow> {
    let (id, hours) = (need(fields, "id", id), need(fields, "hours", Hours::read));
    let (credits, earned) =
        (need(fields, "ce_credits", Hours::read), need(fields, "ce_earned_hours", Hours::read));
    let threshold = need(fields, "ce_threshold", Threshold::read);
    let now = fields.now;
    let claimed_at = need(fields, "claimed_at", |sent| Stamp::read(&Rule::Time, sent, now));
    let claimed_by = need(fields, "claimed_by", words);
    let mut voided_at = None;
    fields.set_time("voided_at", &mut voided_at);
    let voided_by = match voided_at {
        Some(_) => Some(need(fields, "voided_by", words)?),
        None => None,
    };
    let (hours, credits, earned) = (hours?, credits?, earned?);
    if hours > earned {
        let message = format!("can't be more than were earned, {earned}");
        fields.fault("hours", Message::new(Code::HoursExceedEarned, message));
    }
    if earned > credits {
        let message = format!("can't be more than the credits, {credits}");
        fields.fault("ce_earned_hours", Message::new(Code::OutOfRange, message));
    }
    Some(ClaimRow {
        person_id: record.person_id,
        id: id?,
        record_id: record.id,
        made_in_version: record.version,
        hours: hours.hundredths(),
        ce_credits: credits.hundredths(),
        ce_threshold: threshold?.percent(),
        earned_hours: earned.hundredths(),
        claimed_at: claimed_at?,
        claimed_by: claimed_by?,
        voided_at,
        voided_by,
    })
}

/// When something was made and last changed: with its user where nothing says it.
fn times(fields: &mut Fields<'_>) -> (Stamp, Stamp) {
    let (mut created_at, mut updated_at) = (fields.now, fields.now);
    fields.set("created_at", Rule::Time, &mut created_at);
    fields.set("updated_at", Rule::Time, &mut updated_at);
    (created_at, updated_at)
}

/// A value that must be there.
fn need<T>(fields: &mut Fields<'_>, name: &str, read: impl FnOnce(&Json) -> Result<T, Message>) -> Option<T> {
    let read = match find(fields.members, name) {
        None => {
            fields.faults.push(Fault::attribute(Code::Blank, name, "can't be blank", fields.at.clone()));
            return None;
        }
        Some(Json::Null) => Err(Message::new(Code::Blank, "can't be blank")),
        Some(sent) => read(sent),
    };
    read.map_err(|message| fields.fault(name, message)).ok()
}

fn id(sent: &Json) -> Result<Id, Message> {
    let id = sent.as_str().and_then(Id::parse);
    id.ok_or_else(|| Message::new(Code::Invalid, "must be a UUID"))
}

fn words(sent: &Json) -> Result<String, Message> {
    let sent = sent.as_str().ok_or_else(|| Message::new(Code::WrongType, "must be a string"))?;
    text::read(Takes::Name { required: true }, sent)?
        .ok_or_else(|| Message::new(Code::Blank, "can't be blank"))
}

/// Notes what can't be true of a person's records together.
pub(in crate::transfer::juno) fn check(users: &[User], faults: &mut Vec<Fault>) {
    let records = || users.iter().flat_map(|user| &user.records);
    let activities = || records().flat_map(|record| &record.activities);
    twice(records().map(|record| (record.row.id, &record.at)), "record", faults);
    twice(activities().map(|(row, at)| (row.id, at)), "activity", faults);
    twice(records().flat_map(|record| &record.claims).map(|(row, at)| (row.id, at)), "claim", faults);
    for user in users {
        let programs = user.records.iter().map(|record| (record.row.program_id, &record.at));
        twice(programs, "program of a record", faults);
        for record in &user.records {
            let sources = record.activities.iter();
            let sources = sources.map(|(row, at)| ((&row.source_type, &row.source_id), at));
            twice(sources, "source of hours", faults);
            let valid = record.claims.iter().filter(|(row, _)| row.voided_at.is_none());
            let detail = "A record has one claim at most that is not void.";
            faults.extend(
                valid.skip(1).map(|(_, at)| Fault::new(Code::CeAlreadyClaimed, detail).at(at.clone())),
            );
        }
    }
}

fn twice<'a, K: Ord>(keys: impl Iterator<Item = (K, &'a Pointer)>, what: &str, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for (key, at) in keys {
        if !seen.insert(key) {
            let detail = format!("The line has this {what} twice.");
            faults.push(Fault::new(Code::Duplicate, detail).at(at.clone()));
        }
    }
}
