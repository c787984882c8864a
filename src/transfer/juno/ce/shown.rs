//! The members of a line.

use super::super::shown::{object, time};
use super::{ACTIVITIES, CLAIMS};
use crate::jsonapi::Json;
use crate::juno::ce::Hours;
use crate::juno::ce::programs::ProgramRow;
use crate::juno::ce::records::{ActivityRow, ClaimRow, Stored};

/// The records of a user of JUNO, the oldest first.
pub(in crate::transfer::juno) fn shown(records: &[Stored]) -> Json {
    records.iter().map(record).collect()
}

fn record(Stored { row, activities, claims, .. }: &Stored) -> Json {
    let mut members = object([
        ("id", row.id.to_string().into()),
        ("program", row.program_id.to_string().into()),
        ("published", (!row.hidden).into()),
        ("created_at", time(Some(row.created_at))),
        ("updated_at", time(Some(row.updated_at))),
    ]);
    let mut add = |name: &str, all: Json| members.push((name.to_owned(), all));
    if !activities.is_empty() {
        add(ACTIVITIES, activities.iter().map(activity).collect());
    }
    if !claims.is_empty() {
        add(CLAIMS, claims.iter().map(claim).collect());
    }
    Json::Object(members)
}

fn activity(row: &ActivityRow) -> Json {
    Json::Object(object([
        ("id", row.id.to_string().into()),
        ("source_type", row.source_type.as_str().into()),
        ("source_id", row.source_id.as_str().into()),
        ("hours", hours(row.hours)),
        ("created_at", time(Some(row.created_at))),
        ("updated_at", time(Some(row.updated_at))),
    ]))
}

fn claim(row: &ClaimRow) -> Json {
    Json::Object(object([
        ("id", row.id.to_string().into()),
        ("hours", hours(row.hours)),
        ("ce_credits", hours(row.ce_credits)),
        ("ce_threshold", row.ce_threshold.into()),
        ("ce_earned_hours", hours(row.earned_hours)),
        ("claimed_at", time(Some(row.claimed_at))),
        ("claimed_by", row.claimed_by.as_str().into()),
        ("voided_at", time(row.voided_at)),
        ("voided_by", row.voided_by.clone().into()),
    ]))
}

/// The programs that records are of, each once.
pub(in crate::transfer::juno) fn programs<'a>(records: impl Iterator<Item = &'a Stored>) -> Vec<Json> {
    let mut programs: Vec<&ProgramRow> = records.map(|record| &record.program).collect();
    programs.sort_by_key(|program| program.id);
    programs.dedup_by_key(|program| program.id);
    programs.into_iter().map(program).collect()
}

fn program(row: &ProgramRow) -> Json {
    Json::Object(object([
        ("id", row.id.to_string().into()),
        ("name", row.name.as_str().into()),
        ("ce_credits", hours(row.ce_credits)),
        ("ce_threshold", row.ce_threshold.into()),
        ("claim_opens_at", time(row.claim_opens_at)),
        ("claim_closes_at", time(row.claim_closes_at)),
        ("partial_claims", row.partial_claims.into()),
        ("hour_step", hours(row.hour_step)),
        ("created_at", time(Some(row.created_at))),
        ("updated_at", time(Some(row.updated_at))),
    ]))
}

fn hours(hundredths: i32) -> Json {
    // What is stored is in range.
    Hours::from_hundredths(hundredths).into()
}
