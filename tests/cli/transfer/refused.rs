//! Lines that are refused, and lines that meet what is stored.

use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::{people, settings};

use super::{EARLY, Folder, LATE, counts, export, numbered, parse, small, stored, summary, told, with};
use crate::support::program::run_ok;

#[test]
fn a_refused_line_is_named_with_its_reasons_and_its_neighbours_are_taken() {
    let folder = Folder::new();
    let good = |n| small(n, "A", EARLY, &["a@b.co"]);
    let list = json!({ "account_lists": { "data": [{ "type": "account_lists", "id": numbered(77) }] } });
    let contact = json!({
        "id": numbered(5), "type": "contacts", "attributes": { "name": "C" },
        "relationships": { "account_list": { "data": { "type": "account_lists", "id": numbered(78) } } },
    });
    let same = json!({ "id": numbered(701), "type": "email_addresses", "attributes": { "email": "A@b.co" } });
    let nobody = json!({ "data": { "type": "users", "id": numbered(10), "attributes": {} } });
    let lines = [
        good(1),
        "{\"data\":\n".to_owned(),
        good(2),
        with(
            &small(3, " ", EARLY, &["no address"]),
            &[
                ("/data/attributes/birthday_day", json!(32)),
                ("/data/attributes/preferences", json!({ "time_zone": "Atlantis" })),
                ("/data/meta", json!({ "joined": { "x": EARLY }, "disabled": 1 })),
            ],
        ),
        "x".repeat(16 * 1024 * 1024 + 1) + "\n",
        with(&good(4), &[("/data/relationships", list), ("/included/-", contact)]),
        with(&good(5), &[("/data/attributes/updated_in_db_at", json!("soon"))]),
        small(6, "A", "2999-01-01T00:00:00Z", &[]),
        with(&good(7), &[("/included/-", same)]),
        with(&good(8), &[("/included/0/type", json!("juno_users"))]),
        with(&good(9), &[("/data/id", json!("9"))]),
        format!("{nobody}\n"),
        good(11),
    ];
    let output = folder.try_import("a.db", &lines.concat(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(summary(&output), counts(13, 3, 0, 0, 10));
    let told = told(&output);
    let expected = [
        "line 2: invalid_json: The line is not valid JSON: ",
        "line 4: blank /data/attributes/first_name: First name can't be blank",
        "line 4: out_of_range /data/attributes/birthday_day: Birthday day must be in 1..31",
        "line 4: invalid /data/attributes/preferences/time_zone: Time zone is not the name of a time zone",
        "line 4: wrong_type /data/meta/disabled: Disabled must be true or false",
        "line 4: invalid /data/meta/joined/x: Joined has a name that is no id",
        "line 5: line_too_long: The line has more than 16777216 bytes.",
        "line 6: not_included /included/1/relationships/account_list/data: ",
        "line 6: not_included /data/relationships/account_lists/data/0: ",
        "line 7: invalid_timestamp /data/attributes/updated_in_db_at: no time information in \"soon\"",
        "line 8: out_of_range /data: The stamp 2999-01-01T00:00:00Z lies more than a year in the future.",
        "line 9: taken /included/0/attributes/email: Email has already been taken",
        "line 9: taken /included/1/attributes/email: Email has already been taken",
        "line 10: type_conflict /included/0/type: 'juno_users' is not a type that can be imported.",
        "line 11: invalid /data/id: The id must be a UUID.",
        "line 12: stamp_missing /data/attributes: A line needs the user's `updated_in_db_at`.",
        "steward: 10 of 13 lines were refused",
    ];
    let text = told.join("\n");
    for beginning in expected {
        assert!(told.iter().any(|line| line.starts_with(beginning)), "{beginning} in\n{text}");
    }
    assert_eq!(told.len(), expected.len(), "{text}");
    let exported = export(&folder.url("a.db"));
    let ids: Vec<_> = exported.lines().map(|line| parse(line)["data"]["id"].clone()).collect();
    assert_eq!(ids, [numbered(1), numbered(2), numbered(11)]);
}

#[test]
fn what_is_wrong_with_a_row_is_told_with_its_place() {
    let folder = Folder::new();
    let row = |kind: &str, attributes: Value, meta: Value| {
        let row = json!({ "id": numbered(500), "type": kind, "attributes": attributes, "meta": meta });
        with(&small(1, "A", EARLY, &[]), &[("/included/-", row)])
    };
    for (line, beginning) in [
        (
            row("email_addresses", json!({ "email": "no address" }), json!({})),
            "line 1: invalid /included/0/attributes/email: Email is invalid",
        ),
        (
            row("email_addresses", json!({ "email": "x", "primary": null }), json!({})),
            "line 1: wrong_type /included/0/attributes/primary: ",
        ),
        (
            row("email_addresses", json!({ "email": "a@b.co" }), json!({ "email_sent": "c@d.eu" })),
            "line 1: invalid /included/0/meta/email_sent: ",
        ),
        (
            row("phone_numbers", json!({ "number": "(213) 456-7890" }), json!({ "number": "+12134567899" })),
            "line 1: invalid /included/0/meta/number: ",
        ),
        (row("websites", json!({}), json!({})), "line 1: blank /included/0: Url can't be blank"),
        (
            row("family_relationships", json!({ "relationship": "Son" }), json!({})),
            "line 1: blank /included/0: Related person can't be blank",
        ),
        (
            row("twitter_accounts", json!({ "screen_name": "x".repeat(256) }), json!({})),
            "line 1: too_long /included/0/attributes/screen_name: ",
        ),
        (
            row("facebook_accounts", json!({ "username": "x", "remote_id": -1 }), json!({})),
            "line 1: out_of_range /included/0/attributes/remote_id: ",
        ),
        (row("account_lists", json!({}), json!({})), "line 1: blank /included/0: Name can't be blank"),
        (
            row("organization_accounts", json!({}), json!({})),
            "line 1: blank /included/0: Account list can't be blank",
        ),
    ] {
        let output = folder.try_import("a.db", &line, &[]);
        assert_eq!(summary(&output), counts(1, 0, 0, 0, 1), "{line}");
        assert!(told(&output)[0].starts_with(beginning), "{beginning}: {:?}", told(&output));
    }
    assert_eq!(export(&folder.url("a.db")), "");
}

#[test]
fn a_line_older_than_what_is_stored_is_refused_unless_it_may_overwrite() {
    let folder = Folder::new();
    let (old, new) = (small(1, "Old", EARLY, &["old@b.co"]), small(1, "New", LATE, &["new@b.co"]));
    assert_eq!(folder.import("a.db", &new), counts(1, 1, 0, 0, 0));
    let before = export(&folder.url("a.db"));
    let output = folder.try_import("a.db", &old, &[]);
    assert_eq!((output.status.code(), summary(&output)), (Some(1), counts(1, 0, 0, 0, 1)));
    let reason = "line 1: newer_in_database /data/attributes/updated_in_db_at: The user was changed in the \
                  database at 2022-06-01T00:00:00Z, after the line's 2022-01-01T00:00:00Z.";
    assert_eq!(told(&output)[0], reason);
    assert_eq!(export(&folder.url("a.db")), before, "nothing was written");
    let output = folder.try_import("a.db", &old, &["--overwrite"]);
    assert_eq!((output.status.code(), summary(&output)), (Some(0), counts(1, 0, 1, 0, 0)));
    let user = stored(&folder, 1);
    assert_eq!(user["data"]["attributes"]["first_name"], "Old");
    assert_eq!(user["included"][0]["attributes"]["email"], "old@b.co");
    for shown in [&user["data"]["attributes"], &user["included"][0]["attributes"]] {
        assert_eq!(shown["updated_in_db_at"], "2022-06-01T00:00:01Z", "a second after what clients know");
        assert_eq!(shown["updated_at"], EARLY, "as given");
    }
    // Once it is written, nothing moves, with and without the flag.
    for flags in [&["--overwrite"][..], &[]] {
        assert_eq!(summary(&folder.try_import("a.db", &old, flags)), counts(1, 0, 0, 1, 0));
    }
    assert_eq!(stored(&folder, 1), user);
}

#[test]
fn a_newer_line_changes_what_it_has_and_leaves_what_it_has_not() {
    let folder = Folder::new();
    let first = with(
        &small(1, "A", EARLY, &["a@b.co", "c@d.eu"]),
        &[
            ("/data/attributes/employer", json!("Cru")),
            ("/data/attributes/preferences", json!({ "b": 1, "a": 2 })),
        ],
    );
    folder.import("a.db", &first);
    // The two addresses change places, which they could not do one after the other.
    let second = with(
        &small(1, "B", LATE, &["C@d.eu", "a@b.co"]),
        &[
            ("/data/attributes/preferences", json!({ "a": 3, "c": null })),
            ("/included/1/attributes/updated_in_db_at", json!(EARLY)),
        ],
    );
    assert_eq!(folder.import("a.db", &second), counts(1, 0, 1, 0, 0));
    let user = stored(&folder, 1);
    let attributes = &user["data"]["attributes"];
    assert_eq!((&attributes["first_name"], &attributes["employer"]), (&json!("B"), &json!("Cru")));
    let preferences = &attributes["preferences"];
    assert_eq!(
        (&preferences["a"], &preferences["b"], preferences.get("c")),
        (&3.into(), &1.into(), Some(&Value::Null))
    );
    assert_eq!(attributes["updated_in_db_at"], LATE);
    let email = |i: usize| &user["included"][i]["attributes"];
    assert_eq!((&email(0)["email"], &email(1)["email"]), (&json!("c@d.eu"), &json!("a@b.co")));
    assert_eq!(user["included"][0]["meta"]["email_sent"], "C@d.eu");
    // Whoever knows the user's stamp from before must see that the row was changed after it.
    assert_eq!(email(1)["updated_in_db_at"], "2022-01-01T00:00:01Z");
    assert_eq!(folder.import("a.db", &second), counts(1, 0, 0, 1, 0));
    folder.import("a.db", &small(1, "B", "2022-07-01T00:00:00Z", &[]));
    let included = stored(&folder, 1)["included"].as_array().expect("included").len();
    assert_eq!(included, 3, "two addresses and the master person: nothing is deleted");
}

#[test]
fn who_was_deleted_goes_on_counting() {
    let folder = Folder::new();
    let line = small(1, "A", EARLY, &["a@b.co"]);
    folder.import("a.db", &line);
    let database = folder.url("a.db");
    run_ok(&database, &["user", "delete", &numbered(1)]);
    assert_eq!(folder.import("a.db", &line), counts(1, 1, 0, 0, 0));
    assert_eq!(stored(&folder, 1)["data"]["attributes"]["updated_in_db_at"], "2022-01-01T00:00:01Z");
    let mut connection = folder.connect("a.db");
    let columns = people::table.select((people::version, people::token_epoch));
    let (version, epoch): (i64, i64) = columns.first(&mut connection).expect("the user");
    assert!(version == 2 && epoch > 1_600_000_000, "tokens of then are not his: {version}, {epoch}");
    assert_eq!(folder.import("a.db", &line), counts(1, 0, 0, 1, 0));
}

#[test]
fn the_incarnation_is_new_where_an_import_changed_something() {
    let folder = Folder::new();
    let line = small(1, "A", EARLY, &[]);
    let incarnation = || {
        let mut connection = folder.connect("a.db");
        let value = settings::table.find("incarnation").select(settings::value);
        value.first::<String>(&mut connection).expect("the incarnation")
    };
    folder.import("a.db", &line);
    let first = incarnation();
    folder.import("a.db", &line);
    folder.try_import("a.db", "{}\n", &[]);
    assert_eq!(incarnation(), first);
    folder.import("a.db", &small(1, "B", LATE, &[]));
    assert_ne!(incarnation(), first);
}

#[test]
fn what_is_not_stored_is_named_once() {
    let folder = Folder::new();
    let odd = |n| {
        let line = small(n, "A", EARLY, &["a@b.co"]);
        let meta = json!({ "later": 1 });
        let (size, odd) =
            (("/data/attributes/shoe_size", json!(1)), ("/included/0/attributes/odd", json!(1)));
        with(&line, &[size, odd, ("/data/meta", meta)])
    };
    let output = folder.try_import("a.db", &(odd(1) + &odd(2)), &[]);
    assert_eq!(summary(&output), counts(2, 2, 0, 0, 0));
    let expected = [
        "line 1: `shoe_size` of users is not stored (told once)",
        "line 1: `meta.later` of users is not stored (told once)",
        "line 1: `odd` of email_addresses is not stored (told once)",
    ];
    assert_eq!(told(&output), expected);
}

#[test]
fn what_a_provider_calls_a_user_stays_one_users_and_is_replaced_by_a_later_name() {
    let folder = Folder::new();
    let known = |n, stamp, subject: &str| {
        with(
            &small(n, "A", stamp, &[]),
            &[("/data/meta", json!({ "identities": { "https://i.example": subject } }))],
        )
    };
    assert_eq!(folder.import("a.db", &known(1, EARLY, "one")), counts(1, 1, 0, 0, 0));
    assert_eq!(folder.import("a.db", &known(1, EARLY, "one")), counts(1, 0, 0, 1, 0));
    let lines = [known(2, EARLY, "one"), known(3, EARLY, " "), known(4, EARLY, "four")].concat();
    let output = folder.try_import("a.db", &lines, &[]);
    assert_eq!(summary(&output), counts(3, 1, 0, 0, 2));
    let at = "/data/meta/identities/https:~1~1i.example: Identities";
    let expected =
        [format!("line 1: taken {at} has already been taken"), format!("line 2: invalid {at} has a subject")];
    for (told, expected) in told(&output).iter().zip(expected) {
        assert!(told.starts_with(&expected), "{told}");
    }
    assert_eq!(folder.import("a.db", &known(1, LATE, "other")), counts(1, 0, 1, 0, 0));
    assert_eq!(folder.import("a.db", &known(2, LATE, "one")), counts(1, 1, 0, 0, 0), "it is free now");
    let exported = export(&folder.url("a.db"));
    for (user, subject) in exported.lines().zip(["other", "one", "four"]) {
        assert!(user.contains(&format!(r#""identities":{{"https://i.example":"{subject}"}}"#)), "{user}");
    }
}
