//! Users of JUNO and their records of continuing education, as they are stored.

use diesel::QueryResult;
use steward::db::Connection;
use steward::id::Id;
use steward::juno::ce::programs::ProgramRow;
use steward::juno::ce::records::{ActivityRow, ClaimRow, RecordRow};
use steward::juno::ce::{Claim, Hours, Program, Snapshot, SomeHours, Threshold, Window};
use steward::juno::profile::Profile;

use super::app::{MADE_AT, id, stamp};

/// Makes a person a user of JUNO; returns JUNO's id of him.
pub fn join(connection: &mut Connection, person: &str) -> QueryResult<i64> {
    let number = Profile::next_id(connection)?;
    Profile::new(id(person), number, stamp(MADE_AT)).insert(connection)?;
    Ok(number)
}

/// A program of ten hours that can be claimed at once.
pub fn program(connection: &mut Connection, program: &str) -> QueryResult<()> {
    let rules = Program {
        credits: Hours::from_hundredths(1000).expect("hours"),
        threshold: Threshold::default(),
        window: Window::default(),
        partial_claims: false,
        hour_step: SomeHours::LEAST,
    };
    let row = ProgramRow::new(id(program), program, &rules, stamp(MADE_AT));
    row.insert_if_free(connection).map(|is_new| assert!(is_new, "{program}"))
}

/// A record, published, with an activity of six hours that has the record's id.
pub fn record(
    connection: &mut Connection,
    (person, juno_user): (&str, i64),
    program: &str,
    record: &str,
) -> QueryResult<RecordRow> {
    let at = stamp(MADE_AT);
    let row = RecordRow {
        person_id: id(person),
        id: id(record),
        juno_user_id: juno_user,
        program_id: id(program),
        version: 1,
        hidden: false,
        created_at: at,
        updated_at: at,
    };
    assert!(row.insert_if_free(connection)?, "{record}");
    let activity = ActivityRow {
        person_id: id(person),
        id: id(record),
        record_id: id(record),
        added_in_version: 1,
        source_type: "session".to_owned(),
        source_id: "1".to_owned(),
        hours: 600,
        created_at: at,
        updated_at: at,
    };
    assert!(activity.insert_if_free(connection)?, "{record}");
    Ok(row)
}

/// Claims what the activity of a record gave.
pub fn claim(connection: &mut Connection, mut record: RecordRow) -> QueryResult<()> {
    let hours = Hours::from_hundredths(600).expect("hours");
    let snapshot = Snapshot {
        credits: Hours::from_hundredths(1000).expect("hours"),
        threshold: Threshold::default(),
        earned: hours,
    };
    let claim = Claim { id: Id::random(), hours, claimed_at: stamp(MADE_AT), snapshot, voided_at: None };
    let row = ClaimRow::new(&record, &claim, "key=importer");
    assert!(row.insert_if_free(connection)?, "one claim");
    record.advance(connection, stamp(MADE_AT))
}
