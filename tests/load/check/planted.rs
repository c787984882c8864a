//! Each kind of violation, planted: the check must find it and name it.

use std::slice::from_ref;

use super::{Op, Violation, check};
use crate::load::history::{AT_FIRST, History, Outcome, Read, Span, Token, Write};

const FIRST_STAMP: i64 = 100;

fn write(token: Token, base: i64, span: [u64; 2], outcome: Outcome) -> Write {
    Write { token, base, span: Span { begun: span[0], ended: span[1] }, outcome }
}

fn read(stamp: i64, token: Token, span: [u64; 2]) -> Read {
    Read { span: Span { begun: span[0], ended: span[1] }, stamp, tokens: [token; 2] }
}

fn history(writes: &[Write], reads: &[Read]) -> History {
    History { first_stamp: FIRST_STAMP, writes: writes.to_vec(), reads: reads.to_vec() }
}

/// Two writes, one after the other, and what is found where more was seen.
fn after_two_writes(reads: &[Read], more: &[Write]) -> Result<Vec<Token>, Violation> {
    let mut writes =
        vec![write(1, 100, [10, 20], Outcome::Applied(101)), write(2, 101, [30, 40], Outcome::Applied(102))];
    writes.extend_from_slice(more);
    check(&history(&writes, reads))
}

#[test]
fn what_one_copy_could_have_answered_passes() {
    let reads = [
        read(100, AT_FIRST, [0, 5]),
        // At the same time as the first write: before it or after.
        read(100, AT_FIRST, [12, 15]),
        read(101, 1, [12, 35]),
        read(101, 1, [32, 38]),
        read(102, 2, [33, 37]),
        read(102, 2, [50, 60]),
    ];
    assert_eq!(after_two_writes(&reads, &[]), Ok(vec![AT_FIRST, 1, 2]));
}

#[test]
fn a_stale_read_is_found() {
    let found = after_two_writes(&[read(101, 1, [41, 50])], &[]);
    assert_eq!(found, Err(Violation::Stale { seen_by: Op::Read(0), newer: 2 }));
    // A refusal reads too.
    let found = after_two_writes(&[], &[write(3, 100, [41, 50], Outcome::Stale(101))]);
    assert_eq!(found, Err(Violation::Stale { seen_by: Op::Refusal(3), newer: 2 }));
}

#[test]
fn a_read_from_the_future_is_found() {
    let found = after_two_writes(&[read(102, 2, [21, 29])], &[]);
    assert_eq!(found, Err(Violation::FromTheFuture { seen_by: Op::Read(0), begun: 2 }));
    let found = after_two_writes(&[], &[write(3, 100, [21, 29], Outcome::Stale(102))]);
    assert_eq!(found, Err(Violation::FromTheFuture { seen_by: Op::Refusal(3), begun: 2 }));
}

#[test]
fn reads_that_go_backwards_during_one_write_are_found() {
    let reads = [read(102, 2, [31, 33]), read(101, 1, [34, 36])];
    let found = after_two_writes(&reads, &[]);
    assert_eq!(found, Err(Violation::Backwards { newer: Op::Read(0), older: Op::Read(1) }));
}

#[test]
fn writes_that_are_inverted_in_time_are_found() {
    let writes =
        [write(1, 100, [30, 40], Outcome::Applied(101)), write(2, 101, [10, 20], Outcome::Applied(102))];
    assert_eq!(check(&history(&writes, &[])), Err(Violation::Inverted { ended: 2, begun: 1 }));
}

#[test]
fn an_acknowledged_write_that_another_one_has_not_seen_is_found() {
    assert_eq!(
        after_two_writes(&[], &[write(3, 102, [50, 60], Outcome::Applied(103))]),
        Ok(vec![0, 1, 2, 3])
    );
    let at_one_time = write(3, 101, [30, 40], Outcome::Applied(103));
    assert_eq!(after_two_writes(&[], &[at_one_time]), Err(Violation::SameBase { writes: [2, 3] }));
    let later = write(3, 100, [50, 60], Outcome::Applied(103));
    assert_eq!(after_two_writes(&[], &[later]), Err(Violation::SameBase { writes: [1, 3] }));
    let twice = write(3, 101, [50, 60], Outcome::Applied(102));
    assert_eq!(after_two_writes(&[], &[twice]), Err(Violation::SameStamp { writes: [2, 3] }));
}

#[test]
fn a_base_that_there_never_was_is_found() {
    for base in [99, 103, 104] {
        let found = after_two_writes(&[], &[write(3, base, [50, 60], Outcome::Applied(103))]);
        assert_eq!(found, Err(Violation::UnknownBase { write: 3 }));
    }
    let backwards = write(1, 100, [10, 20], Outcome::Applied(99));
    assert_eq!(check(&history(&[backwards], &[])), Err(Violation::UnknownBase { write: 1 }));
}

#[test]
fn a_write_in_doubt_is_there_or_is_not_but_not_for_some_only() {
    let doubt = write(3, 102, [50, 60], Outcome::Unknown);
    let next = |base| write(4, base, [70, 80], Outcome::Applied(104));
    assert_eq!(after_two_writes(&[], &[doubt.clone(), next(102)]), Ok(vec![AT_FIRST, 1, 2, 4]));
    // Whoever was told nothing of it does not know when it happened.
    let seen = read(103, 3, [90, 95]);
    assert_eq!(after_two_writes(from_ref(&seen), from_ref(&doubt)), Ok(vec![AT_FIRST, 1, 2, 3]));
    let found = after_two_writes(&[seen], &[doubt.clone(), next(102)]);
    assert_eq!(found, Err(Violation::SameBase { writes: [3, 4] }));
    let seen = [read(103, 3, [61, 62]), read(102, 2, [63, 64])];
    let found = after_two_writes(&seen, &[doubt]);
    assert_eq!(found, Err(Violation::Backwards { newer: Op::Read(0), older: Op::Read(1) }));
}

#[test]
fn a_write_in_doubt_that_is_half_there_is_found() {
    let doubt = write(3, 102, [50, 60], Outcome::Unknown);
    let half = Read { tokens: [3, 2], ..read(103, 3, [61, 62]) };
    assert_eq!(after_two_writes(&[half], &[doubt]), Err(Violation::HalfApplied { read: 0 }));
}

#[test]
fn what_was_refused_and_is_there_is_found() {
    for outcome in [Outcome::Nothing, Outcome::Stale(102)] {
        let refused = write(3, 101, [50, 60], outcome);
        assert_eq!(after_two_writes(&[], from_ref(&refused)), Ok(vec![AT_FIRST, 1, 2]));
        let found = after_two_writes(&[read(103, 3, [61, 62])], &[refused]);
        assert_eq!(found, Err(Violation::Refused { read: 0, write: 3 }));
    }
}

#[test]
fn a_refusal_of_the_newest_base_or_on_a_state_that_never_was_is_found() {
    let refused = |stamp| write(3, 102, [50, 60], Outcome::Stale(stamp));
    assert_eq!(after_two_writes(&[], &[refused(102)]), Err(Violation::WronglyRefused { write: 3 }));
    assert_eq!(after_two_writes(&[], &[refused(105)]), Err(Violation::UnknownState { write: 3 }));
}

#[test]
fn a_read_of_what_nobody_wrote_or_with_anothers_stamp_is_found() {
    let found = after_two_writes(&[read(103, 7, [50, 60])], &[]);
    assert_eq!(found, Err(Violation::NeverWritten { read: 0 }));
    let found = after_two_writes(&[read(101, 2, [50, 60])], &[]);
    assert_eq!(found, Err(Violation::OtherStamp { read: 0, write: 2 }));
    let found = after_two_writes(&[read(101, AT_FIRST, [0, 5])], &[]);
    assert_eq!(found, Err(Violation::OtherStamp { read: 0, write: AT_FIRST }));
}
