//! Key accounts in lines: a remote id is one user's.

use serde_json::{Value, json};

use super::{EARLY, Folder, LATE, counts, export, numbered, small, summary, told, with};

/// The line of a user with key accounts: the numbers of their ids, each with the remote id.
fn known_as(user: u32, stamp: &str, accounts: &[(u32, &str)]) -> String {
    let account = |(number, remote_id): &(u32, &str)| {
        json!({ "id": numbered(*number), "type": "key_accounts", "attributes": {
            "email": "a@b.c", "remote_id": remote_id, "primary": true, "last_download": "2021-02-03T04:05:06Z",
            "created_at": stamp, "updated_at": stamp, "updated_in_db_at": stamp } })
    };
    let accounts: Value = accounts.iter().map(account).collect();
    with(&small(user, "A", stamp, &[]), &[("/included", accounts)])
}

#[test]
fn a_line_with_the_remote_id_of_another_user_is_refused() {
    let folder = Folder::new();
    assert_eq!(folder.import("a.db", &known_as(1, EARLY, &[(11, "one")])), counts(1, 1, 0, 0, 0));
    assert_eq!(folder.import("a.db", &known_as(1, EARLY, &[(11, "one")])), counts(1, 0, 0, 1, 0));
    let lines = [known_as(2, EARLY, &[(21, "one")]), known_as(3, EARLY, &[(31, "x"), (32, "x")])].concat();
    let output = folder.try_import("a.db", &lines, &[]);
    assert_eq!(summary(&output), counts(2, 0, 0, 0, 2));
    let expected = "taken /included/0/attributes/remote_id: Remote has already been taken";
    assert_eq!(told(&output)[..2], [format!("line 1: {expected}"), format!("line 2: {expected}")]);
    assert_eq!(folder.import("a.db", &known_as(1, LATE, &[(11, "other")])), counts(1, 0, 1, 0, 0));
    assert_eq!(
        folder.import("a.db", &known_as(2, LATE, &[(21, "one")])),
        counts(1, 1, 0, 0, 0),
        "it is free now"
    );
    let exported = export(&folder.url("a.db"));
    assert!(exported.contains(r#""last_download":"2021-02-03T04:05:06Z""#), "{exported}");
    assert!(exported.contains(r#""primary":true,"remote_id":"other""#), "{exported}");
    assert_eq!(folder.import("b.db", &exported), counts(2, 2, 0, 0, 0));
    assert_eq!(export(&folder.url("b.db")), exported);
}

#[test]
fn a_time_of_the_last_download_that_is_none_is_refused() {
    let folder = Folder::new();
    let line =
        with(&known_as(1, EARLY, &[(11, "one")]), &[("/included/0/attributes/last_download", "soon".into())]);
    let output = folder.try_import("a.db", &line, &[]);
    assert_eq!(summary(&output), counts(1, 0, 0, 0, 1));
    let expected =
        "line 1: invalid_timestamp /included/0/attributes/last_download: Last download must be a time";
    assert!(told(&output)[0].starts_with(expected), "{:?}", told(&output));
}

#[test]
fn two_key_accounts_of_a_user_may_exchange_their_remote_ids_in_a_line() {
    let folder = Folder::new();
    folder.import("a.db", &known_as(1, EARLY, &[(11, "one"), (12, "two")]));
    let exchanged = known_as(1, LATE, &[(11, "two"), (12, "one")]);
    assert_eq!(folder.import("a.db", &exchanged), counts(1, 0, 1, 0, 0));
    for remote_id in ["one", "two"] {
        let output = folder.try_import("a.db", &known_as(2, LATE, &[(21, remote_id)]), &[]);
        assert_eq!(summary(&output), counts(1, 0, 0, 0, 1), "{remote_id} is still his");
    }
}
