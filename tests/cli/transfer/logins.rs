//! E-mail addresses in lines that users of JUNO sign in with (`juno.md` 5.5).

use std::collections::BTreeMap;

use steward::db::in_transaction;
use steward::guard::precondition::Conditions;
use steward::id::Id;
use steward::jsonapi::Pointer;
use steward::juno::user::changes::Changes;
use steward::juno::user::rights::Rights;
use steward::juno::user::write::Write;

use super::{EARLY, Folder, LATE, counts, numbered, small, summary, told, with};
use crate::support::app::{MADE_AT, stamp};

/// Makes the users with these numbers users of JUNO, who sign in with the addresses that they have.
fn link(folder: &Folder, numbers: &[u32]) {
    let conditions = Conditions::default();
    let rights = Rights { administers: true, is_self: false };
    let write = Write { rights, conditions: &conditions, now: stamp(MADE_AT) };
    for number in numbers {
        let person = Id::parse(&numbered(*number)).map(|person| (person, Pointer::root()));
        let changes = Changes { person, fields: BTreeMap::new(), ..Changes::default() };
        let done =
            in_transaction(&mut folder.connect("a.db"), |connection| write.create(connection, &changes));
        done.expect("a transaction").expect("a user of JUNO");
    }
}

#[test]
fn a_line_can_not_take_the_address_of_another_user_of_juno_nor_leave_one_without() {
    let folder = Folder::new();
    let lines = small(1, "A", EARLY, &["a@example.com"]) + &small(2, "B", EARLY, &["b@example.com"]);
    assert_eq!(folder.import("a.db", &lines), counts(2, 2, 0, 0, 0));
    link(&folder, &[1, 2]);
    let taken = small(1, "A", LATE, &["B@example.com"]);
    let none = with(
        &small(2, "B", LATE, &["b@example.com"]),
        &[("/included/0/attributes/historic", true.into()), ("/included/0/attributes/primary", false.into())],
    );
    let output = folder.try_import("a.db", &(taken + &none), &[]);
    assert_eq!(summary(&output), counts(2, 0, 0, 0, 2));
    let reasons = told(&output);
    for expected in ["line 1: email_taken", "line 2: login_email_required"] {
        assert!(reasons.iter().any(|reason| reason.starts_with(expected)), "{expected}: {reasons:?}");
    }
    let moved = small(1, "A", LATE, &["a2@example.com"]) + &small(2, "B", LATE, &["a@example.com"]);
    assert_eq!(folder.import("a.db", &moved), counts(2, 0, 2, 0, 0), "what is given back is free");
}
