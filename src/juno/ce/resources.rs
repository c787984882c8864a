//! Programs, records and what belongs to them as documents show them.

use super::programs::{self, ProgramRow};
use super::records::{self, ActivityRow, ClaimRow, RecordRow, Stored};
use super::{Caller, Claim, Hours};
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::people;
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::query::Fieldsets;
use crate::juno::profile::KIND as JUNO_USERS;
use crate::juno::resource::path;
use diesel::prelude::*;

/// The type of activities.
pub(crate) const ACTIVITIES: &str = "ce_activities";

/// The type of claims.
pub(crate) const CLAIMS: &str = "ce_claims";

/// The type of certificates.
pub(crate) const CERTIFICATES: &str = "ce_certificates";

/// What a resource has.
struct Parts {
    kind: &'static str,
    id: Id,
    attributes: Vec<(&'static str, Json)>,
    relationships: Vec<(&'static str, Json)>,
    /// Where it is found, if it is found by itself.
    url: Option<String>,
}

impl Parts {
    /// The resource object with the fields that are asked for.
    fn object(self, fields: &Fieldsets) -> Json {
        let Self { kind, id, mut attributes, mut relationships, url } = self;
        attributes.retain(|(name, _)| fields.allows(kind, name));
        relationships.retain(|(name, _)| fields.allows(kind, name));
        let linked = relationships.into_iter().map(|(name, data)| (name, object([("data", data)])));
        let linked: Vec<_> = linked.collect();
        let members = [("attributes", attributes), ("relationships", linked)];
        let members = members.into_iter().filter(|(_, members)| !members.is_empty());
        let members = members.map(|(name, members)| (name, object(members)));
        let links = url.map(|url| ("links", object([("self", url.into())])));
        object([("id", id.to_string().into()), ("type", kind.into())].into_iter().chain(members).chain(links))
    }
}

fn object(members: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn identifier(kind: &'static str, id: String) -> Json {
    object([("id", id.into()), ("type", kind.into())])
}

fn time(at: Stamp) -> Json {
    at.to_string().into()
}

fn hours(hundredths: i32) -> Json {
    // What is stored is in range.
    Hours::from_hundredths(hundredths).into()
}

/// Where a program or a record is found.
pub(super) fn url(kind: &str, id: Id) -> String {
    format!("{}/{id}", path(kind))
}

pub(super) fn program(row: &ProgramRow, fields: &Fieldsets) -> Json {
    let attributes = vec![
        ("name", row.name.as_str().into()),
        ("ce_credits", hours(row.ce_credits)),
        ("ce_threshold", row.ce_threshold.into()),
        ("claim_opens_at", row.claim_opens_at.map(time).into()),
        ("claim_closes_at", row.claim_closes_at.map(time).into()),
        ("partial_claims", row.partial_claims.into()),
        ("hour_step", hours(row.hour_step)),
    ];
    let url = Some(url(programs::KIND, row.id));
    Parts { kind: programs::KIND, id: row.id, attributes, relationships: Vec::new(), url }.object(fields)
}

/// A record as it is at `now` (`juno.md` 1.5).
pub(super) fn record(stored: &Stored, now: Stamp, fields: &Fieldsets) -> Json {
    let Stored { row, rules, record, .. } = stored;
    let attributes = vec![
        ("ce_credits", record.credits(rules).into()),
        ("ce_threshold", record.threshold(rules).into()),
        ("ce_status", record.status(rules, now).into()),
        ("ce_earned_hours", record.earned(rules).into()),
        ("ce_claimed_hours", record.claimed().into()),
    ];
    let url = Some(url(records::KIND, row.id));
    Parts { kind: records::KIND, id: row.id, attributes, relationships: whose(row), url }.object(fields)
}

/// The relationships of what is a user's in a program.
fn whose(row: &RecordRow) -> Vec<(&'static str, Json)> {
    vec![
        ("user", identifier(JUNO_USERS, row.juno_user_id.to_string())),
        ("program", identifier(programs::KIND, row.program_id.to_string())),
    ]
}

fn of_record(id: Id) -> Vec<(&'static str, Json)> {
    vec![("record", identifier(records::KIND, id.to_string()))]
}

pub(super) fn activity(row: &ActivityRow, fields: &Fieldsets) -> Json {
    let attributes = vec![
        ("hours", hours(row.hours)),
        ("source_type", row.source_type.as_str().into()),
        ("source_id", row.source_id.as_str().into()),
        ("created_at", time(row.created_at)),
        ("updated_at", time(row.updated_at)),
    ];
    let relationships = of_record(row.record_id);
    Parts { kind: ACTIVITIES, id: row.id, attributes, relationships, url: None }.object(fields)
}

/// A claim. By whom it was made and undone is for those who administer the site.
pub(super) fn claim(row: &ClaimRow, caller: Caller, fields: &Fieldsets) -> Json {
    let mut attributes = vec![
        ("hours", hours(row.hours)),
        ("claimed_at", time(row.claimed_at)),
        ("ce_credits", hours(row.ce_credits)),
        ("ce_threshold", row.ce_threshold.into()),
        ("ce_earned_hours", hours(row.earned_hours)),
        ("voided_at", row.voided_at.map(time).into()),
    ];
    if caller == Caller::Admin {
        attributes.push(("claimed_by", row.claimed_by.as_str().into()));
        attributes.push(("voided_by", row.voided_by.clone().into()));
    }
    let relationships = of_record(row.record_id);
    Parts { kind: CLAIMS, id: row.id, attributes, relationships, url: None }.object(fields)
}

/// What a certificate says.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    pub(super) name: String,
    pub(super) program: String,
    pub(super) claim: Claim,
    row: RecordRow,
}

impl Certificate {
    /// The certificate of a record; none where it is not claimed.
    pub(super) fn of(connection: &mut Connection, stored: &Stored) -> QueryResult<Option<Self>> {
        let Some(claim) = stored.record.claim().cloned() else { return Ok(None) };
        let person = people::table.find(stored.row.person_id);
        let (first, last): (String, Option<String>) =
            person.select((people::first_name, people::last_name)).get_result(connection)?;
        let name = [Some(first), last].into_iter().flatten().collect::<Vec<_>>().join(" ");
        Ok(Some(Self { name, program: stored.program.name.clone(), claim, row: stored.row.clone() }))
    }

    pub(super) fn resource(&self, fields: &Fieldsets) -> Json {
        let attributes = vec![
            ("name", self.name.as_str().into()),
            ("program_name", self.program.as_str().into()),
            ("ce_claimed_hours", self.claim.hours.into()),
            ("ce_credits", self.claim.snapshot.credits.into()),
            ("claimed_at", time(self.claim.claimed_at)),
        ];
        let mut relationships = whose(&self.row);
        relationships.extend(of_record(self.row.id));
        let url = Some(format!("{}/certificate", url(records::KIND, self.row.id)));
        Parts { kind: CERTIFICATES, id: self.claim.id, attributes, relationships, url }.object(fields)
    }
}
