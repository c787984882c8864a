//! `juno.md` 3.2 and 3.3: claims and their refusals, in the order in which they are looked for.

use steward::id::Id;
use steward::jsonapi::error::Source;
use steward::juno::ce::{Caller, Program, Record, Refusal, Snapshot, Status};

use super::{
    at, claim, claimed, earned, error, hours, now, partial, program, session, session_id, told, window,
};

/// How a claim is refused, which changes nothing.
#[track_caller]
fn refused(record: &Record, asked: Option<&str>, caller: Caller, program: &Program) -> Refusal {
    let mut after = record.clone();
    let outcome = after.claim_hours(Id::random(), asked.map(hours), caller, program, now());
    assert_eq!(after, *record);
    outcome.expect_err("refused")
}

/// What a user is told of it.
#[track_caller]
fn assert_refused(
    record: &Record,
    asked: Option<&str>,
    program: &Program,
    (code, status, meta): (&str, u16, &str),
) {
    let (was_code, was_status, was_meta) = told(refused(record, asked, Caller::User, program));
    assert_eq!((was_code, was_status, &*was_meta), (code, status, meta));
}

fn closed(program: Program) -> Program {
    Program { window: window(Some(100), Some(200)), ..program }
}

#[test]
fn what_is_claimed_already_is_refused_before_all_else_and_told() {
    let claim = r#"{"claimed_hours":5.5,"claimed_at":"1970-01-01T00:16:40Z"}"#;
    let record = claimed("5.5", &program("10", 50));
    let [open, closed] = [program("10", 100), closed(program("10", 100))];
    for (asked, program) in [(None, &open), (Some("0"), &open), (Some("99"), &closed)] {
        assert_refused(&record, asked, program, ("ce_already_claimed", 409, claim));
    }
}

#[test]
fn of_two_claims_the_second_is_told_of_the_first() {
    let (mut record, program) = (earned("5"), partial("10", 50, "1"));
    claim(&mut record, Some("3"), &program).expect("the first");
    let second = claim(&mut record, Some("4"), &program).expect_err("the second");
    assert_eq!(second, Refusal::AlreadyClaimed { hours: hours("3"), at: now() });
    assert_eq!(record.claimed(), hours("3"));
}

#[test]
fn none_is_not_found_by_the_user_and_not_ready_for_an_admin() {
    let mut record = Record::new(false);
    record.add(session("first", "6"));
    for program in [program("10", 50), closed(program("10", 50)), program("10", 100)] {
        let refusal = refused(&record, Some("99"), Caller::User, &program);
        assert_eq!(told(refusal), ("not_found", 404, String::new()));
        assert_eq!(error(refusal).detail.as_deref(), Some("Couldn't find CeRecord with 'id'=1f6a"));
        let refusal = refused(&record, Some("99"), Caller::Admin, &program);
        let (code, status, _) = told(refusal);
        assert_eq!((code, status), ("ce_not_ready", 409));
        assert_eq!(error(refusal).detail.as_deref(), Some("The record is not published."));
    }
}

#[test]
fn a_claim_outside_the_window_is_refused_where_enough_is_earned() {
    let record = earned("6");
    let meta = r#"{"opens_at":"1970-01-01T00:01:40Z","closes_at":"1970-01-01T00:03:20Z"}"#;
    assert_refused(&record, Some("99"), &closed(program("10", 50)), ("ce_claim_closed", 409, meta));
    let later = Program { window: window(Some(2000), None), ..program("10", 50) };
    let meta = r#"{"opens_at":"1970-01-01T00:33:20Z","closes_at":null}"#;
    assert_refused(&record, None, &later, ("ce_claim_closed", 409, meta));
}

#[test]
fn a_claim_before_enough_is_earned_is_refused_whatever_the_window() {
    let record = earned("4.99");
    let meta = r#"{"required_hours":5,"earned_hours":4.99}"#;
    for program in [program("10", 50), closed(program("10", 50))] {
        assert_refused(&record, Some("99"), &program, ("ce_not_ready", 409, meta));
    }
}

#[test]
fn all_that_is_earned_is_claimed_where_no_hours_are_named() {
    for (given, program) in [("6", program("10", 50)), ("6.01", partial("10", 50, "0.5"))] {
        let mut record = earned(given);
        assert_eq!(claim(&mut record, None, &program).expect("a claim").hours, hours(given));
    }
    let mut record = earned("12");
    let over = claim(&mut record, None, &program("10", 50)).expect("a claim");
    assert_eq!(over.hours, hours("10"), "no more than the credits");
}

#[test]
fn a_part_is_claimed_only_where_the_program_allows_it() {
    let mut record = earned("6");
    let meta = r#"{"earned_hours":6}"#;
    for asked in ["5.99", "6.01", "0"] {
        assert_refused(&record, Some(asked), &program("10", 50), ("invalid", 400, meta));
    }
    let whole = claim(&mut record.clone(), Some("6.00"), &program("10", 50));
    assert_eq!(whole.expect("all that is earned").hours, hours("6"));
    let part = claim(&mut record, Some("5.99"), &partial("10", 50, "0.01"));
    assert_eq!(part.expect("a part").hours, hours("5.99"));
}

#[test]
fn more_than_is_earned_is_refused_also_where_it_is_no_step() {
    let meta = r#"{"earned_hours":6}"#;
    for asked in ["6.01", "6.5", "99.99"] {
        assert_refused(
            &earned("6"),
            Some(asked),
            &partial("10", 50, "0.5"),
            ("hours_exceed_earned", 400, meta),
        );
    }
}

#[test]
fn a_part_is_a_multiple_of_the_step_and_the_whole_need_not_be() {
    let program = partial("10", 50, "0.25");
    let meta = r#"{"hour_step":0.25,"earned_hours":6.1}"#;
    for asked in ["0.01", "5.1", "6.09"] {
        assert_refused(&earned("6.1"), Some(asked), &program, ("invalid", 400, meta));
    }
    for asked in ["0.25", "5.75", "6", "6.1"] {
        let claim = claim(&mut earned("6.1"), Some(asked), &program).expect(asked);
        assert_eq!(claim.hours, hours(asked));
    }
}

#[test]
fn nothing_is_claimed_only_where_there_are_no_credits() {
    let meta = |earned| format!(r#"{{"earned_hours":{earned}}}"#);
    assert_refused(&earned("6"), Some("0"), &partial("10", 50, "0.5"), ("nothing_to_claim", 400, &meta("6")));
    let nothing = Record::new(true);
    for (asked, program) in
        [(None, program("10", 0)), (Some("0"), program("10", 0)), (None, partial("10", 0, "1"))]
    {
        assert_refused(&nothing, asked, &program, ("nothing_to_claim", 400, &meta("0")));
        assert_eq!(nothing.status(&program, now()), Status::Ready, "it stays so");
    }
    for (asked, percent) in [(None, 0), (None, 100), (Some("0"), 50)] {
        let (mut record, program) = (Record::new(true), program("0", percent));
        assert_eq!(claim(&mut record, asked, &program).expect("a claim").hours, hours("0"));
        assert_eq!(record.status(&program, now()), Status::Done);
    }
}

#[test]
fn a_claim_keeps_what_it_was_judged_by() {
    let program = partial("10", 50, "0.01");
    let mut record = earned("12");
    let claim = claim(&mut record, Some("7"), &program).expect("a claim");
    let (credits, threshold, earned) = (hours("10"), program.threshold, hours("10"));
    assert_eq!(claim.snapshot, Snapshot { credits, threshold, earned });
}

#[test]
fn a_part_ends_the_record_and_the_rest_is_given_up() {
    let (mut record, program) = (earned("6"), partial("10", 50, "1"));
    claim(&mut record, Some("1"), &program).expect("a claim");
    assert_eq!(record.status(&program, now()), Status::Done);
    assert_eq!(
        refused(&record, Some("5"), Caller::User, &program).error("").code.as_str(),
        "ce_already_claimed"
    );
}

#[test]
fn an_admin_claims_for_the_user_by_the_same_rules() {
    let program = program("10", 50);
    let (mut ready, open) = (earned("6"), earned("4"));
    assert!(ready.claim_hours(Id::random(), None, Caller::Admin, &program, now()).is_ok());
    assert_eq!(told(refused(&open, None, Caller::Admin, &program)).0, "ce_not_ready");
}

#[test]
fn a_deletion_before_the_claim_may_leave_it_not_ready_and_one_after_it_leaves_it_alone() {
    let program = program("10", 50);
    let (mut first, mut later) = (earned("6"), earned("6"));
    first.remove(session_id("first"));
    assert_eq!(told(refused(&first, None, Caller::User, &program)).0, "ce_not_ready");
    claim(&mut later, None, &program).expect("a claim");
    later.remove(session_id("first"));
    assert_eq!((later.claimed(), later.earned(&program)), (hours("6"), hours("0")));
}

#[test]
fn the_window_is_closed_at_its_last_moment_and_hours_are_still_earned() {
    let program = Program { window: window(Some(10), Some(20)), ..program("10", 50) };
    for (now, is_open) in [(9, false), (10, true), (19, true), (20, false)] {
        let mut record = earned("6");
        let outcome = record.claim_hours(Id::random(), None, Caller::User, &program, at(now));
        assert_eq!(outcome.is_ok(), is_open, "{now}");
    }
    let mut record = earned("6");
    record.add(session("second", "1"));
    assert_eq!((record.earned(&program), record.status(&program, at(20))), (hours("7"), Status::Open));
}

#[test]
fn errors_about_what_was_sent_point_there_and_others_nowhere() {
    let pointer = |refusal: Refusal| match error(refusal).source {
        Some(Source::Pointer(pointer)) => pointer.to_string(),
        other => format!("{other:?}"),
    };
    let (earned, step) = (hours("6"), super::some("0.5"));
    for refusal in [
        Refusal::NotPartial { earned },
        Refusal::ExceedEarned { earned },
        Refusal::NoStep { step, earned },
        Refusal::NothingToClaim { was_sent: true, earned },
    ] {
        assert_eq!(pointer(refusal), "/data/attributes/hours", "{refusal:?}");
    }
    let (from, to) = (Status::Done, Some(Status::None));
    assert_eq!(pointer(Refusal::InvalidTransition { from, to }), "/data/attributes/ce_status");
    for refusal in [
        Refusal::NotFound,
        Refusal::InvalidTransition { from, to: None },
        Refusal::AlreadyClaimed { hours: earned, at: now() },
        Refusal::NotReady { is_hidden: false, required: earned, earned },
        Refusal::ClaimClosed(window(None, None)),
        Refusal::NothingToClaim { was_sent: false, earned },
    ] {
        assert_eq!(pointer(refusal), "None", "{refusal:?}");
    }
}

#[test]
fn refusals_are_worded_for_people() {
    let (earned, required) = (hours("6.1"), hours("7"));
    let detail = |refusal: Refusal| error(refusal).detail.expect("a detail");
    let (from, to) = (Status::Done, Some(Status::None));
    for (refusal, text) in [
        (Refusal::InvalidTransition { from, to }, "Ce status can't be changed from Done to None"),
        (
            Refusal::NotReady { is_hidden: false, required, earned },
            "6.1 hours are earned, and 7 are required.",
        ),
        (Refusal::ClaimClosed(window(None, Some(200))), "Hours can be claimed before 1970-01-01T00:03:20Z."),
        (Refusal::NotPartial { earned }, "Hours must be all that are earned, 6.1"),
        (
            Refusal::NoStep { step: super::some("0.5"), earned },
            "Hours must be a multiple of 0.5, or all that are earned, 6.1",
        ),
        (Refusal::ExceedEarned { earned }, "Hours can't be more than are earned, 6.1"),
    ] {
        assert_eq!(detail(refusal), text);
    }
}
