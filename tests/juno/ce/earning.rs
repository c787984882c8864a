//! `juno.md` 3.3: what is earned, and what becomes of it when the program or the record changes.

use steward::juno::ce::{Added, Program, Record, Status, Total};

use super::{claim, claimed, earned, hours, now, partial, program, session, session_id};

fn uncounted(record: &Record, program: &Program) -> Option<String> {
    record.uncounted(program).as_ref().map(Total::to_string)
}

#[test]
fn a_threshold_of_0_is_met_at_once_also_by_nothing() {
    assert_eq!(Record::new(true).status(&program("10", 0), now()), Status::Ready);
    assert_eq!(Record::new(true).required(&program("10", 0)), hours("0"));
}

#[test]
fn a_threshold_of_100_is_met_by_all_the_credits_and_no_less() {
    let program = program("10", 100);
    assert_eq!(earned("9.99").status(&program, now()), Status::Open);
    assert_eq!(earned("10").status(&program, now()), Status::Ready);
    assert_eq!(earned("10.01").status(&program, now()), Status::Ready);
}

#[test]
fn without_credits_every_threshold_is_met_at_once() {
    for percent in [0, 1, 50, 100] {
        let (record, program) = (Record::new(true), program("0", percent));
        assert_eq!(record.status(&program, now()), Status::Ready);
        assert_eq!(record.earned(&program), hours("0"));
    }
}

#[test]
fn what_is_earned_beyond_the_credits_is_kept_and_told_but_does_not_count() {
    let (mut record, program) = (earned("6"), program("10", 50));
    assert_eq!(uncounted(&record, &program), None);
    assert_eq!(record.add(session("second", "6")), Added::New);
    assert_eq!(record.earned(&program), hours("10"));
    assert_eq!(uncounted(&record, &program).as_deref(), Some("2"));
    assert_eq!(record.add(session("third", "99.99")), Added::New);
    assert_eq!(uncounted(&record, &program).as_deref(), Some("101.99"));
}

#[test]
fn a_deletion_takes_from_the_whole_ledger_not_from_what_counted() {
    let (mut record, program) = (earned("6"), program("10", 50));
    record.add(session("second", "6"));
    let removed = record.remove(session_id("first"));
    assert_eq!(removed, Some(session("first", "6")));
    assert_eq!((record.earned(&program), uncounted(&record, &program)), (hours("6"), None));
    assert_eq!(record.remove(session_id("first")), None, "it is gone");
}

#[test]
fn the_same_source_with_the_same_hours_changes_nothing() {
    let mut record = earned("2");
    let before = record.clone();
    assert_eq!(record.add(session("first", "2")), Added::Unchanged);
    assert_eq!(record, before);
}

#[test]
fn of_two_hours_for_one_source_the_larger_are_kept() {
    let mut record = earned("2");
    assert_eq!(record.add(session("first", "1.99")), Added::Unchanged);
    assert_eq!(record.activities(), [session("first", "2")]);
    assert_eq!(record.add(session("first", "2.01")), Added::Grown);
    assert_eq!(record.activities(), [session("first", "2.01")]);
}

#[test]
fn a_source_keeps_the_id_of_its_first_activity() {
    let mut record = earned("2");
    let mut again = session("first", "3");
    again.id = session_id("another");
    assert_eq!(record.add(again), Added::Grown);
    assert_eq!(record.activities(), [session("first", "3")]);
}

#[test]
fn sources_of_one_id_and_two_types_are_two() {
    let mut record = earned("2");
    let mut video = session("first", "2");
    video.source.kind = "video".to_owned();
    assert_eq!(record.add(video), Added::New);
    assert_eq!(record.earned(&program("10", 50)), hours("4"));
}

#[test]
fn hours_are_lowered_by_a_deletion_and_a_new_activity() {
    let mut record = earned("5");
    record.remove(session_id("first"));
    assert_eq!(record.add(session("first", "1")), Added::New);
    assert_eq!(record.earned(&program("10", 50)), hours("1"));
}

#[test]
fn what_is_earned_while_none_shows_when_it_is_published() {
    let (mut record, program) = (Record::new(false), program("10", 50));
    record.add(session("first", "5"));
    assert_eq!(record.status(&program, now()), Status::None);
    record.set_status(Status::Open, &program, now()).expect("published");
    assert_eq!((record.status(&program, now()), record.earned(&program)), (Status::Ready, hours("5")));
}

#[test]
fn what_is_earned_while_done_counts_up_to_the_credits_and_changes_no_claim() {
    let program = program("10", 50);
    let mut record = claimed("6", &program);
    assert_eq!(record.add(session("second", "3")), Added::New);
    assert_eq!((record.earned(&program), record.claimed()), (hours("9"), hours("6")));
    record.add(session("third", "3"));
    assert_eq!((record.earned(&program), record.claimed()), (hours("10"), hours("6")));
    assert_eq!(record.status(&program, now()), Status::Done);
    assert_eq!(record.claim().map(|claim| claim.snapshot.earned), Some(hours("6")));
}

#[test]
fn credits_that_are_lowered_below_what_is_earned_lower_it_and_may_make_it_ready() {
    let record = earned("4");
    let (before, after) = (program("10", 50), program("3", 50));
    assert_eq!((record.earned(&before), record.status(&before, now())), (hours("4"), Status::Open));
    assert_eq!((record.earned(&after), record.status(&after, now())), (hours("3"), Status::Ready));
    assert_eq!(record.earned(&before), hours("4"), "raised again, nothing was lost");
}

#[test]
fn what_is_done_is_not_touched_by_other_credits_or_another_threshold() {
    let at_claim = program("10", 50);
    let record = claimed("6", &at_claim);
    for later in [program("3", 50), program("99.99", 50), program("10", 100), program("0", 0)] {
        assert_eq!(record.status(&later, now()), Status::Done);
        assert_eq!(record.credits(&later), hours("10"));
        assert_eq!(record.threshold(&later), at_claim.threshold);
        assert_eq!(record.required(&later), hours("5"));
        assert_eq!((record.earned(&later), record.claimed()), (hours("6"), hours("6")));
    }
}

#[test]
fn what_is_reopened_goes_by_the_programs_rules_again() {
    let mut record = claimed("6", &program("10", 50));
    let later = program("5", 100);
    record.reopen(&later, now()).expect("reopened");
    assert_eq!((record.credits(&later), record.earned(&later)), (hours("5"), hours("5")));
    assert_eq!(record.threshold(&later).percent(), 100);
}

#[test]
fn a_threshold_that_is_raised_after_ready_leads_back_to_open_unless_it_is_still_met() {
    let record = earned("6");
    for (percent, status) in [(50, Status::Ready), (60, Status::Ready), (61, Status::Open)] {
        assert_eq!(record.status(&program("10", percent), now()), status, "{percent}");
    }
}

#[test]
fn a_claim_stays_when_what_it_was_of_is_deleted() {
    let program = partial("10", 50, "0.01");
    let mut record = earned("6");
    claim(&mut record, Some("5.5"), &program).expect("a claim");
    record.remove(session_id("first"));
    assert_eq!((record.earned(&program), record.claimed()), (hours("0"), hours("5.5")));
    assert_eq!(record.status(&program, now()), Status::Done);
}
