//! `juno.md` 3.2: how a record goes from one status to another, a test for each row of the table.

use steward::juno::ce::{Caller, Program, Record, Refusal, Status};

use super::{at, claim, claimed, earned, hours, now, program, session, session_id, told, window};

/// A program of ten hours, of which half must be earned.
fn ten() -> Program {
    program("10", 50)
}

fn set(record: &mut Record, to: Status) -> Result<bool, Refusal> {
    record.set_status(to, &ten(), now())
}

/// A record of each status, in their order.
fn one_of_each() -> [(Status, Record); 4] {
    let records = [Record::new(false), Record::new(true), earned("5"), claimed("5", &ten())];
    let found = records.map(|record| (record.status(&ten(), now()), record));
    assert_eq!(found.each_ref().map(|(status, _)| *status), Status::ALL);
    found
}

#[test]
fn a_record_is_made_hidden() {
    assert_eq!(Record::new(false).status(&ten(), now()), Status::None);
}

#[test]
fn a_record_that_is_made_published_is_open_or_ready_by_what_is_required() {
    assert_eq!(Record::new(true).status(&ten(), now()), Status::Open);
    assert_eq!(Record::new(true).status(&program("10", 0), now()), Status::Ready);
}

#[test]
fn none_becomes_open_when_an_admin_publishes_it() {
    let mut record = Record::new(false);
    assert_eq!(set(&mut record, Status::Open), Ok(true));
    assert_eq!(record.status(&ten(), now()), Status::Open);
}

#[test]
fn none_becomes_ready_at_once_when_enough_is_earned_within_the_window() {
    let mut record = Record::new(false);
    record.add(session("first", "5"));
    assert_eq!(set(&mut record, Status::Open), Ok(true));
    assert_eq!(record.status(&ten(), now()), Status::Ready);
    let closed = Program { window: window(None, Some(1)), ..ten() };
    assert_eq!(record.status(&closed, now()), Status::Open);
}

#[test]
fn open_becomes_ready_by_itself_when_an_activity_is_enough() {
    let mut record = earned("4.99");
    assert_eq!(record.status(&ten(), now()), Status::Open);
    record.add(session("second", "0.01"));
    assert_eq!(record.status(&ten(), now()), Status::Ready);
}

#[test]
fn open_becomes_ready_by_itself_when_credits_or_threshold_are_lowered() {
    let record = earned("4");
    assert_eq!(record.status(&ten(), now()), Status::Open);
    assert_eq!(record.status(&program("8", 50), now()), Status::Ready);
    assert_eq!(record.status(&program("10", 40), now()), Status::Ready);
}

#[test]
fn open_becomes_ready_by_itself_when_the_window_opens() {
    let (record, program) = (earned("5"), Program { window: window(Some(10), None), ..ten() });
    assert_eq!([9, 10].map(|now| record.status(&program, at(now))), [Status::Open, Status::Ready]);
}

#[test]
fn ready_becomes_open_by_itself_when_an_activity_is_removed() {
    let mut record = earned("5");
    record.remove(session_id("first"));
    assert_eq!(record.status(&ten(), now()), Status::Open);
}

#[test]
fn ready_becomes_open_by_itself_when_the_threshold_is_raised() {
    let record = earned("5");
    assert_eq!(record.status(&program("10", 50), now()), Status::Ready);
    assert_eq!(record.status(&program("10", 51), now()), Status::Open);
}

#[test]
fn ready_becomes_open_by_itself_when_the_window_closes() {
    let (record, program) = (earned("5"), Program { window: window(None, Some(10)), ..ten() });
    assert_eq!([9, 10].map(|now| record.status(&program, at(now))), [Status::Ready, Status::Open]);
}

#[test]
fn open_and_ready_are_hidden_by_an_admin_and_keep_what_is_earned() {
    for mut record in [earned("4"), earned("5")] {
        let (before, earned) = (record.status(&ten(), now()), record.earned(&ten()));
        assert_eq!(set(&mut record, Status::None), Ok(true));
        assert_eq!(record.status(&ten(), now()), Status::None);
        assert_eq!(record.earned(&ten()), earned);
        assert_eq!(set(&mut record, Status::Open), Ok(true));
        assert_eq!(record.status(&ten(), now()), before);
    }
}

#[test]
fn ready_becomes_done_by_a_claim() {
    let mut record = earned("5");
    let made = claim(&mut record, None, &ten()).expect("a claim");
    assert_eq!(record.status(&ten(), now()), Status::Done);
    assert_eq!(record.claim(), Some(&made));
    assert_eq!((made.hours, made.claimed_at, made.voided_at), (hours("5"), now(), None));
}

#[test]
fn done_is_reopened_to_open_or_ready_with_nothing_claimed_and_its_claim_void() {
    for (program, status) in [(ten(), Status::Ready), (program("10", 51), Status::Open)] {
        let mut record = claimed("5", &ten());
        record.reopen(&program, at(2000)).expect("reopened");
        assert_eq!(record.status(&program, at(2000)), status);
        assert_eq!((record.claim(), record.claimed()), (None, hours("0")));
        let voided = record.claims().iter().map(|claim| (claim.hours, claim.claimed_at, claim.voided_at));
        assert_eq!(voided.collect::<Vec<_>>(), [(hours("5"), now(), Some(at(2000)))]);
    }
}

#[test]
fn what_was_reopened_is_claimed_again_and_both_claims_are_kept() {
    let mut record = claimed("5", &ten());
    record.reopen(&ten(), at(2000)).expect("reopened");
    record.add(session("second", "1"));
    let second = claim(&mut record, None, &ten()).expect("a claim");
    assert_eq!((record.claims().len(), record.claim(), second.hours), (2, Some(&second), hours("6")));
    assert_eq!(record.claims()[0].hours, hours("5"));
}

#[test]
fn done_does_not_become_none() {
    let mut record = claimed("5", &ten());
    let refusal = set(&mut record, Status::None).expect_err("refused");
    assert_eq!(told(refusal), ("ce_invalid_transition", 409, r#"{"ce_status":"Done"}"#.to_owned()));
    assert_eq!(record.status(&ten(), now()), Status::Done);
}

#[test]
fn nothing_becomes_ready_or_done_by_a_patch_and_done_becomes_nothing_else() {
    use Status::{Done, None, Open, Ready};
    for (from, record) in one_of_each() {
        for to in Status::ALL {
            let mut after = record.clone();
            let outcome = after.set_status(to, &ten(), now());
            let expected = match (from, to) {
                (None, Open) | (Open | Ready, None) => Ok(true),
                (None, None) | (Open, Open) | (Ready, Ready | Open) | (Done, Done) => Ok(false),
                (from, to) => Err(Refusal::InvalidTransition { from, to: Some(to) }),
            };
            assert_eq!(outcome, expected, "{from} to {to}");
            assert_eq!(after != record, expected == Ok(true), "{from} to {to}: what is written");
        }
    }
}

#[test]
fn to_publish_again_what_has_become_ready_meanwhile_changes_nothing() {
    let mut record = Record::new(false);
    record.add(session("first", "5"));
    let outcomes = [Status::Open, Status::Open].map(|to| set(&mut record, to));
    assert_eq!(outcomes, [Ok(true), Ok(false)]);
}

#[test]
fn only_what_is_done_is_reopened() {
    for (from, mut record) in one_of_each().into_iter().filter(|(status, _)| *status != Status::Done) {
        let before = record.clone();
        let refusal = record.reopen(&ten(), now()).expect_err("refused");
        assert_eq!(refusal, Refusal::InvalidTransition { from, to: None });
        assert_eq!(told(refusal).0, "ce_invalid_transition");
        assert_eq!(record, before);
    }
    let mut twice = claimed("5", &ten());
    twice.reopen(&ten(), now()).expect("reopened");
    assert!(twice.reopen(&ten(), now()).is_err());
}

#[test]
fn the_user_sees_all_but_none_and_an_admin_sees_all() {
    for (status, record) in one_of_each() {
        assert_eq!(record.is_seen_by(Caller::User), status != Status::None, "{status}");
        assert!(record.is_seen_by(Caller::Admin), "{status}");
    }
}

#[test]
fn a_record_is_what_is_stored_of_it() {
    for (status, record) in one_of_each() {
        let (activities, claims) = (record.activities().to_vec(), record.claims().to_vec());
        assert_eq!(Record::stored(record.is_hidden(), activities, claims), record, "{status}");
    }
}
