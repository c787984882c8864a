//! The attributes' rules: design 2, decisions 9 to 13; mpdx-behaviour 1.6, 4.1, 4.2.

use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::{account_lists, contacts, facebook_accounts};

use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, STAMP, id, stamp};
use crate::support::{Answer, TestApp};

async fn set(app: &TestApp, mut attributes: Value) -> Answer {
    attributes["updated_in_db_at"] = json!(app.stamp().await);
    app.put(attributes).await
}

const TEXTS: [&str; 12] = [
    "alma_mater",
    "employer",
    "first_name",
    "gender",
    "last_name",
    "legal_first_name",
    "marital_status",
    "middle_name",
    "occupation",
    "suffix",
    "title",
    "avatar",
];

#[actix_web::test]
async fn every_writable_attribute_is_stored_and_shown() {
    let app = TestApp::new();
    let edit = json!({
        "alma_mater": "Biola",
        "anniversary_day": 1,
        "anniversary_month": 2,
        "anniversary_year": 2003,
        "avatar": "https://example.com/a.png?x=1",
        "birthday_day": 31,
        "birthday_month": 12,
        "birthday_year": 9999,
        "created_at": "2021-01-01T00:00:00Z",
        "deceased": true,
        "employer": "Cru",
        "first_name": "Jürgen 🎉",
        "gender": "male",
        "last_name": "O'Neil",
        "legal_first_name": "J",
        "marital_status": "Married",
        "middle_name": "",
        "occupation": "x".repeat(255),
        "optout_enewsletter": true,
        "suffix": "III",
        "title": "Sir",
    });
    let shown = set(&app, edit.clone()).await.assert_ok();
    for (name, value) in edit.as_object().expect("an object") {
        assert_eq!(&shown[name], value, "{name}");
    }
    assert_eq!(app.second_node().attributes().await, shown, "stored");
}

#[actix_web::test]
async fn absent_keeps_null_clears_value_sets() {
    let app = TestApp::new();
    set(&app, json!({ "employer": "Cru", "occupation": "Nurse" })).await.assert_ok();
    let shown = set(&app, json!({ "employer": null, "gender": "female" })).await.assert_ok();
    assert_eq!(shown["employer"], Value::Null);
    assert_eq!(shown["occupation"], "Nurse");
    assert_eq!(shown["gender"], "female");
}

#[actix_web::test]
async fn all_faults_are_told_at_once_each_with_a_pointer_to_the_value() {
    let app = TestApp::new();
    let edit = json!({
        "first_name": "  ",
        "birthday_day": 32,
        "deceased": "true",
        "employer": ["Cru"],
        "avatar": "javascript:alert(1)",
        "parent_contacts": [ACCOUNT_LIST, "x", 3],
        "preferences": { "hour_to_send_notifications": 24, "time_zone": "Atlantis", "a/b~c": 1, "locale": 5 },
        "created_at": "never",
    });
    let answer = set(&app, edit).await;
    assert_eq!(answer.status, 400);
    let mut faults: Vec<_> = answer
        .errors()
        .iter()
        .map(|error| {
            (error["source"]["pointer"].as_str().expect("a pointer").to_owned(), error["detail"].clone())
        })
        .collect();
    faults.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [
        ("/data/attributes/avatar", "Avatar must be an absolute http or https URL"),
        ("/data/attributes/birthday_day", "Birthday day must be in 1..31"),
        ("/data/attributes/created_at", r#"Created at must be a time (no time information in "never")"#),
        ("/data/attributes/deceased", "Deceased must be true or false"),
        ("/data/attributes/employer", "Employer must be a string or null"),
        ("/data/attributes/first_name", "First name can't be blank"),
        ("/data/attributes/parent_contacts/0", "Parent contacts must be contacts that you can see"),
        ("/data/attributes/parent_contacts/1", "Parent contacts must be an array of contact ids"),
        ("/data/attributes/parent_contacts/2", "Parent contacts must be an array of contact ids"),
        (
            "/data/attributes/preferences/hour_to_send_notifications",
            "Hour to send notifications must be in 0..23",
        ),
        ("/data/attributes/preferences/locale", "Locale must be a string or null"),
        ("/data/attributes/preferences/time_zone", "Time zone is not the name of a time zone"),
    ];
    let expected: Vec<_> = expected.iter().map(|(p, d)| ((*p).to_owned(), json!(d))).collect();
    assert_eq!(faults, expected);
    assert_eq!(app.stamp().await, STAMP, "nothing was written");
}

#[actix_web::test]
async fn a_blank_first_name_is_refused_in_the_words_that_clients_match() {
    let app = TestApp::new();
    for blank in [json!(null), json!(""), json!("   ")] {
        let answer = set(&app, json!({ "first_name": blank })).await;
        answer.assert_refused(400, &["blank"]);
        let error = answer.error();
        assert_eq!(error["title"], "can't be blank");
        assert_eq!(error["detail"], "First name can't be blank");
        assert_eq!(error["source"]["pointer"], "/data/attributes/first_name");
    }
}

#[actix_web::test]
async fn texts_take_strings_only_of_at_most_255_characters_without_control_characters() {
    let app = TestApp::new();
    for name in TEXTS {
        for wrong in [json!(1), json!(true), json!(["x"]), json!({ "x": 1 })] {
            set(&app, json!({ name: wrong })).await.assert_refused(400, &["wrong_type"]);
        }
        for control in ["a\u{1}b", "a\nb", "a\u{7f}b", "a\u{85}b"] {
            set(&app, json!({ name: control })).await.assert_refused(400, &["invalid"]);
        }
        let limit = if name == "avatar" { 2048 } else { 255 };
        set(&app, json!({ name: "é".repeat(limit + 1) })).await.assert_refused(400, &["too_long"]);
    }
    set(&app, json!({ "employer": "é".repeat(255) })).await.assert_ok();
}

#[actix_web::test]
async fn numbers_of_dates_are_whole_and_in_their_range() {
    let app = TestApp::new();
    for (name, highest) in [("birthday_day", 31), ("anniversary_month", 12), ("birthday_year", 9999)] {
        for out in [json!(0), json!(-1), json!(highest + 1), json!(u64::MAX)] {
            set(&app, json!({ name: out })).await.assert_refused(400, &["out_of_range"]);
        }
        for wrong in [json!("1"), json!(1.5), json!(1.0), json!(true), json!([1])] {
            set(&app, json!({ name: wrong })).await.assert_refused(400, &["wrong_type"]);
        }
        let stamp = app.stamp().await;
        for (number, code) in [("1e1", "wrong_type"), ("123456789012345678901", "out_of_range")] {
            let raw = format!(
                r#"{{"data":{{"type":"users","attributes":{{"{name}":{number},"updated_in_db_at":"{stamp}"}}}}}}"#
            );
            app.put_bytes(raw).await.assert_refused(400, &[code]);
        }
        set(&app, json!({ name: highest })).await.assert_ok();
        set(&app, json!({ name: null })).await.assert_ok();
    }
}

#[actix_web::test]
async fn a_day_must_exist_in_its_month_wherever_the_other_half_comes_from() {
    let app = TestApp::new();
    let both = set(&app, json!({ "birthday_month": 4, "birthday_day": 31 })).await;
    both.assert_refused(400, &["out_of_range"]);
    assert_eq!(both.error()["source"]["pointer"], "/data/attributes/birthday_day");
    set(&app, json!({ "birthday_day": 30 })).await.assert_ok();
    let month = set(&app, json!({ "birthday_month": 2 })).await;
    month.assert_refused(400, &["out_of_range"]);
    assert_eq!(month.error()["source"]["pointer"], "/data/attributes/birthday_month");
    set(&app, json!({ "birthday_month": 2, "birthday_day": 29 })).await.assert_ok();
    // A part that is faulty by itself says nothing about the other.
    set(&app, json!({ "birthday_month": 4, "birthday_day": 99 }))
        .await
        .assert_refused(400, &["out_of_range"]);
}

#[actix_web::test]
async fn years_of_one_or_two_digits_are_completed_when_written() {
    let app = TestApp::new();
    // The clock stands in 2022.
    for (sent, shown) in [(85, 1985), (22, 1922), (21, 2021), (5, 2005), (99, 1999), (100, 100), (1901, 1901)]
    {
        let attributes = set(&app, json!({ "birthday_year": sent })).await.assert_ok();
        assert_eq!(attributes["birthday_year"], shown, "{sent}");
    }
}

#[actix_web::test]
async fn a_day_and_a_month_without_a_year_read_back_as_1900_and_the_echo_changes_nothing() {
    let app = TestApp::new();
    let shown = set(&app, json!({ "anniversary_day": 3, "anniversary_month": 4 })).await.assert_ok();
    assert_eq!(shown["anniversary_year"], 1900);
    let echo = set(&app, json!({ "anniversary_year": 1900 })).await.assert_ok();
    assert_eq!(echo["updated_in_db_at"], shown["updated_in_db_at"]);
    let day = set(&app, json!({ "anniversary_month": null })).await.assert_ok();
    assert_eq!(day["anniversary_year"], Value::Null);
}

#[actix_web::test]
async fn usual_titles_and_suffixes_get_their_full_stop() {
    let app = TestApp::new();
    let shown = set(&app, json!({ "title": "Mr", "suffix": "Jr" })).await.assert_ok();
    assert_eq!((&shown["title"], &shown["suffix"]), (&json!("Mr."), &json!("Jr.")));
    let shown = set(&app, json!({ "title": "Doctor", "suffix": "mr" })).await.assert_ok();
    assert_eq!((&shown["title"], &shown["suffix"]), (&json!("Doctor"), &json!("mr")));
}

#[actix_web::test]
async fn who_is_deceased_gets_no_newsletter() {
    let app = TestApp::new();
    let shown = set(&app, json!({ "deceased": true })).await.assert_ok();
    assert_eq!(shown["optout_enewsletter"], true);
    let shown = set(&app, json!({ "optout_enewsletter": false })).await.assert_ok();
    assert_eq!(shown["optout_enewsletter"], false, "only the turn matters");
    // Ordering the newsletter in the same breath comes to nothing, and the answer says so.
    let app = TestApp::new();
    set(&app, json!({ "optout_enewsletter": true })).await.assert_ok();
    let answer = set(&app, json!({ "deceased": true, "optout_enewsletter": false })).await;
    assert_eq!(answer.assert_ok()["optout_enewsletter"], true);
    assert_eq!(answer.json()["meta"], json!({ "ignored_attributes": ["optout_enewsletter"] }));
}

#[actix_web::test]
async fn the_avatar_is_computed_until_one_is_stored_and_its_echo_stores_nothing() {
    let app = TestApp::new();
    let placeholder = "https://mpdx.org/images/avatar.png";
    let shown = set(&app, json!({ "avatar": placeholder, "gender": "female" })).await.assert_ok();
    assert_eq!(shown["avatar"], "https://mpdx.org/images/avatar_f.png", "the echo was not stored");
    app.change(|connection| {
        use facebook_accounts as f;
        let row = (
            (f::person_id.eq(id(REY)), f::id.eq(id(ACCOUNT_LIST)), f::changed_in_version.eq(1_i64)),
            (f::created_at.eq(stamp(MADE_AT)), f::updated_at.eq(stamp(MADE_AT))),
            (f::updated_in_db_at.eq(stamp(MADE_AT)), f::attribute_stamps.eq(r#"{"*":0}"#)),
            (f::username.eq("rey"), f::remote_id.eq(4711_i64)),
        );
        diesel::insert_into(f::table).values(row).execute(connection)
    });
    let shown = app.second_node().attributes().await;
    assert_eq!(shown["avatar"], "https://graph.facebook.com/4711/picture?type=large");
    let shown = set(&app.second_node(), json!({ "avatar": "HTTP://example.com/me.png" })).await.assert_ok();
    assert_eq!(shown["avatar"], "HTTP://example.com/me.png");
    let shown = set(&app.second_node(), json!({ "avatar": null })).await.assert_ok();
    assert_eq!(shown["avatar"], "https://graph.facebook.com/4711/picture?type=large");
    for wrong in
        ["", "avatar.png", "ftp://example.com/a.png", "//example.com/a.png", "https://", "data:image/png,x"]
    {
        set(&app, json!({ "avatar": wrong })).await.assert_refused(400, &["invalid"]);
    }
}

#[actix_web::test]
async fn parent_contacts_are_contacts_of_the_users_own_lists_in_the_order_sent() {
    let app = TestApp::new();
    let (own, other) = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222");
    let foreign = "33333333-3333-4333-8333-333333333333";
    let foreign_list = "44444444-4444-4444-8444-444444444444";
    app.change(|connection| {
        use {account_lists as l, contacts as c};
        let at = stamp(MADE_AT);
        let list = (
            (l::id.eq(id(foreign_list)), l::version.eq(1_i64), l::name.eq("Somebody else's")),
            (l::created_at.eq(at), l::updated_at.eq(at), l::updated_in_db_at.eq(at)),
            l::attribute_stamps.eq(r#"{"*":0}"#),
        );
        diesel::insert_into(l::table).values(list).execute(connection)?;
        for (contact, list) in [(own, ACCOUNT_LIST), (other, ACCOUNT_LIST), (foreign, foreign_list)] {
            let row = (c::id.eq(id(contact)), c::account_list_id.eq(id(list)), c::name.eq("A contact"));
            let times = (c::created_at.eq(at), c::updated_at.eq(at));
            diesel::insert_into(c::table).values((row, times)).execute(connection)?;
        }
        Ok(())
    });
    let shown = set(&app, json!({ "parent_contacts": [other, own, other] })).await.assert_ok();
    assert_eq!(shown["parent_contacts"], json!([other, own]));
    assert_eq!(app.second_node().attributes().await["parent_contacts"], json!([other, own]));
    let answer = set(&app, json!({ "parent_contacts": [own, foreign] })).await;
    answer.assert_refused(400, &["not_included"]);
    assert_eq!(answer.error()["source"]["pointer"], "/data/attributes/parent_contacts/1");
    let echo = set(&app, json!({ "parent_contacts": [other, own] })).await.assert_ok();
    assert_eq!(echo["updated_in_db_at"], shown["updated_in_db_at"]);
    let stale = app.put(json!({ "parent_contacts": [], "updated_in_db_at": STAMP })).await;
    assert_eq!(stale.error()["meta"]["changed"], json!({ "parent_contacts": [other, own] }));
    let shown = set(&app, json!({ "parent_contacts": [] })).await.assert_ok();
    assert_eq!(shown["parent_contacts"], json!([]));
    for wrong in [json!(null), json!("x"), json!({})] {
        set(&app, json!({ "parent_contacts": wrong })).await.assert_refused(400, &["wrong_type"]);
    }
}

#[actix_web::test]
async fn unknown_attributes_are_named_in_the_answer_and_the_rest_is_applied() {
    let app = TestApp::new();
    let answer = set(&app, json!({ "employer": "Cru", "profession": "x", "shoe_size": 44 })).await;
    assert_eq!(answer.assert_ok()["employer"], "Cru");
    let ignored = answer.json()["meta"].clone();
    let mut names: Vec<_> = ignored["ignored_attributes"].as_array().expect("names").clone();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, [json!("profession"), json!("shoe_size")]);
    let answer = set(&app, json!({ "shoe_size": 44 })).await;
    assert_eq!(
        answer.json()["meta"],
        json!({ "ignored_attributes": ["shoe_size"] }),
        "also when nothing changes"
    );
}
