//! The guard on the wire: bodies and wordings of mpdx-behaviour 2, `meta` of design 3.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::app::STAMP;

const STALE: &str = "is not equal to the current value in the database (2022-01-12T17:18:10Z)";

/// A user whose first name another device has changed since the documented stamp.
async fn edited() -> TestApp {
    let app = TestApp::new();
    app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    app
}

#[actix_web::test]
async fn a_current_stamp_is_applied_and_moves_both_times() {
    let app = TestApp::new();
    app.clock.advance(60);
    let shown = app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    assert_eq!(shown["first_name"], "Jack");
    assert_eq!(shown["updated_in_db_at"], "2022-01-12T17:19:09Z");
    assert_eq!(shown["updated_at"], "2022-01-12T17:19:09Z");
    assert_eq!(shown["created_at"], STAMP);
}

#[actix_web::test]
async fn a_stale_stamp_is_409_in_the_words_that_clients_match() {
    let app = edited().await;
    let answer = app.put(json!({ "first_name": "Joe", "updated_in_db_at": STAMP })).await;
    answer.assert_refused(409, &["stale"]);
    let error = answer.error();
    assert_eq!(error["title"], STALE);
    assert_eq!(error["detail"], format!("Updated in db at {STALE}"));
    assert_eq!(error["source"], json!({ "pointer": "/data/attributes/updated_in_db_at" }));
    assert_eq!(
        error["meta"],
        json!({
            "updated_in_db_at": "2022-01-12T17:18:10Z",
            "sent": STAMP,
            "changed": { "first_name": "Jack" },
            "conflicting": ["first_name"],
        })
    );
    assert_eq!(app.attributes().await["first_name"], "Jack", "nothing was written");
}

#[actix_web::test]
async fn a_missing_stamp_is_409_with_two_errors_that_point_at_the_attributes() {
    let app = TestApp::new();
    let answer = app.put(json!({ "first_name": "Jack" })).await;
    answer.assert_refused(409, &["stamp_missing", "stale"]);
    let errors = answer.errors();
    let missing = "has to be sent in the list of attributes in order to update resource";
    assert_eq!(errors[0]["title"], missing);
    assert_eq!(errors[0]["detail"], format!("Updated in db at {missing}"));
    assert_eq!(errors[1]["title"], format!("is not equal to the current value in the database ({STAMP})"));
    for error in &errors {
        assert_eq!(error["source"]["pointer"], "/data/attributes");
        assert_eq!(error["meta"], json!({ "updated_in_db_at": STAMP }), "nobody knows what the client knew");
    }
    assert_eq!(app.attributes().await["first_name"], "Rey");
}

#[actix_web::test]
async fn null_empty_and_garbage_stamps_are_400_in_the_words_that_clients_match_and_alone() {
    let app = TestApp::new();
    for (sent, detail) in [
        (Value::Null, r#"no time information in """#),
        (json!(""), r#"no time information in """#),
        (json!("tomorrowish"), r#"no time information in "tomorrowish""#),
        (json!("2022-13-01T00:00:00Z"), "argument out of range"),
        (json!("2022-01-01T25:00:00Z"), "argument out of range"),
        (json!(1_642_007_889), "argument out of range"),
        (json!(true), r#"no time information in "true""#),
        (json!({}), r#"no time information in "{}""#),
        (json!([STAMP]), r#"no time information in "[\"2022-01-12T17:18:09Z\"]""#),
    ] {
        let answer = app.put(json!({ "first_name": "", "updated_in_db_at": sent })).await;
        answer.assert_refused(400, &["invalid_timestamp"]);
        let error = answer.error();
        assert_eq!(error["title"], "Bad Request");
        assert_eq!(error["detail"], detail);
    }
    assert_eq!(app.stamp().await, STAMP);
}

#[actix_web::test]
async fn a_garbage_stamp_fails_even_with_overwrite() {
    let app = TestApp::new();
    let answer = app.put(json!({ "first_name": "Jack", "updated_in_db_at": "x", "overwrite": true })).await;
    answer.assert_refused(400, &["invalid_timestamp"]);
}

#[actix_web::test]
async fn every_spelling_of_the_current_second_is_the_current_stamp() {
    let app = TestApp::new();
    let mut stamp = STAMP.to_owned();
    for (i, spelling) in [
        "%Y-%m-%d %H:%M:%S UTC",
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%dT%H:%M:%S.999Z",
        "%Y-%m-%dT%H:%M:%S+00:00",
        "%a, %d %b %Y %H:%M:%S GMT",
        "%Y%m%dT%H%M%SZ",
        "%b %d %Y %H:%M:%S",
    ]
    .into_iter()
    .enumerate()
    {
        let moment: chrono::DateTime<chrono::Utc> = stamp.parse().expect("a time");
        let sent = moment.format(spelling).to_string();
        let name = format!("Jack {i}");
        let shown = app.put(json!({ "first_name": name, "updated_in_db_at": sent })).await.assert_ok();
        assert_eq!(shown["first_name"], name, "{sent}");
        stamp = shown["updated_in_db_at"].as_str().expect("a stamp").to_owned();
    }
}

#[actix_web::test]
async fn overwrite_skips_the_comparison_for_true_and_the_text_true_only() {
    for sent in [json!(true), json!("true")] {
        let app = edited().await;
        let edit = json!({ "first_name": "Joe", "updated_in_db_at": STAMP, "overwrite": sent });
        assert_eq!(app.put(edit).await.assert_ok()["first_name"], "Joe", "{sent}");
        let edit = json!({ "first_name": "Jim", "overwrite": sent });
        assert_eq!(app.put(edit).await.assert_ok()["first_name"], "Jim", "{sent}");
    }
    for sent in
        [json!(1), json!("1"), json!("TRUE"), json!("yes"), json!(false), Value::Null, json!("peanut butter")]
    {
        let app = edited().await;
        let edit = json!({ "first_name": "Joe", "updated_in_db_at": STAMP, "overwrite": sent });
        app.put(edit).await.assert_refused(409, &["stale"]);
        let edit = json!({ "first_name": "Joe", "overwrite": sent });
        app.put(edit).await.assert_refused(409, &["stamp_missing", "stale"]);
    }
}

#[actix_web::test]
async fn a_stamp_later_than_the_stored_one_is_stale_and_says_nothing_of_what_changed() {
    let app = edited().await;
    for merge in [false, true] {
        let mut document = crate::support::user(json!({
            "first_name": "Joe", "updated_in_db_at": "2022-01-12T17:18:11Z",
        }));
        if merge {
            document["data"]["meta"] = json!({ "on_conflict": "merge" });
        }
        let answer = app.put_document(&document).await;
        answer.assert_refused(409, &["stale"]);
        let meta = answer.error()["meta"].clone();
        let known = json!({ "updated_in_db_at": "2022-01-12T17:18:10Z", "sent": "2022-01-12T17:18:11Z" });
        assert_eq!(meta, known);
    }
}

#[actix_web::test]
async fn a_stale_stamp_with_values_equal_to_the_stored_ones_is_still_stale() {
    let app = edited().await;
    let answer = app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await;
    answer.assert_refused(409, &["stale"]);
    let meta = &answer.error()["meta"];
    assert_eq!(meta["conflicting"], json!([]));
    assert_eq!(meta["changed"], json!({ "first_name": "Jack" }));
}

#[actix_web::test]
async fn several_edits_inside_one_second_each_move_the_stamp_and_a_stale_one_of_that_second_is_refused() {
    let app = TestApp::new();
    let mut stamps = vec![STAMP.to_owned()];
    for i in 0..5 {
        let edit = json!({ "first_name": format!("Jack {i}"), "updated_in_db_at": stamps.last() });
        let shown = app.put(edit).await.assert_ok();
        stamps.push(shown["updated_in_db_at"].as_str().expect("a stamp").to_owned());
    }
    let mut sorted = stamps.clone();
    sorted.dedup();
    assert_eq!(stamps, sorted, "the clock stood still");
    assert!(stamps.is_sorted());
    for stale in &stamps[..5] {
        let edit = json!({ "first_name": "Joe", "updated_in_db_at": stale });
        app.put(edit).await.assert_refused(409, &["stale"]);
    }
}

#[actix_web::test]
async fn the_stamp_moves_forward_when_the_clock_goes_backward() {
    let app = TestApp::new();
    app.clock.advance(-3600);
    let shown = app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    assert_eq!(shown["updated_in_db_at"], "2022-01-12T17:18:10Z");
    let answer = app.get().await;
    assert_eq!(answer.header("last-modified"), None, "never later than the answer");
}

#[actix_web::test]
async fn values_equal_to_the_stored_ones_write_nothing_and_move_nothing() {
    let app = TestApp::new();
    let before = app.get().await;
    app.clock.advance(60);
    let edit = json!({
        "first_name": "Rey",
        "last_name": null,
        "preferences": { "locale": "en", "default_account_list": null, "setup": "no default_account_list" },
        "updated_in_db_at": STAMP,
    });
    let answer = app.put(edit).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text(), before.text());
    assert_eq!(answer.header("etag"), before.header("etag"));
    assert_eq!(app.second_node().get().await.text(), before.text());
}

#[actix_web::test]
async fn a_conflict_among_other_faults_makes_all_of_them_409_and_comes_first() {
    let app = edited().await;
    let answer = app
        .put(json!({ "first_name": " ", "birthday_day": 40, "gender": 3, "updated_in_db_at": STAMP }))
        .await;
    answer.assert_refused(409, &["stale", "out_of_range", "blank", "wrong_type"]);
    let answer = app.put(json!({ "first_name": " " })).await;
    answer.assert_refused(409, &["stamp_missing", "stale", "blank"]);
}

#[actix_web::test]
async fn a_conflict_tells_every_change_since_the_stamp_and_which_of_them_the_edit_contradicts() {
    let app = edited().await;
    let edit = json!({
        "gender": "female",
        "preferences": { "locale": "de" },
        "updated_in_db_at": "2022-01-12T17:18:10Z",
    });
    app.put(edit).await.assert_ok();
    let edit = json!({
        "first_name": "Joe",
        "gender": "female",
        "employer": "Cru",
        "preferences": { "locale": "fr", "tasks_filter": "x" },
        "updated_in_db_at": STAMP,
    });
    let meta = app.put(edit).await.error()["meta"].clone();
    // The avatar that is shown follows the gender.
    let avatar = "https://mpdx.org/images/avatar_f.png";
    assert_eq!(
        meta["changed"],
        json!({ "avatar": avatar, "first_name": "Jack", "gender": "female", "preferences.locale": "de" })
    );
    assert_eq!(meta["conflicting"], json!(["first_name", "preferences.locale"]));
    let edit = json!({ "employer": "Cru", "updated_in_db_at": "2022-01-12T17:18:10Z" });
    let meta = app.put(edit).await.error()["meta"].clone();
    assert_eq!(meta["changed"], json!({ "avatar": avatar, "gender": "female", "preferences.locale": "de" }));
    assert_eq!(meta["conflicting"], json!([]));
}

#[actix_web::test]
async fn the_clients_own_time_of_the_edit_is_shown_and_is_never_a_conflict() {
    let app = TestApp::new();
    let edit =
        json!({ "first_name": "Jack", "updated_at": "2022-01-12T17:00:00Z", "updated_in_db_at": STAMP });
    let shown = app.put(edit).await.assert_ok();
    assert_eq!(shown["updated_at"], "2022-01-12T17:00:00Z");
    assert_eq!(shown["updated_in_db_at"], "2022-01-12T17:18:10Z");
    let answer = app.put(json!({ "updated_at": "2022-01-12T16:00:00Z", "updated_in_db_at": STAMP })).await;
    let meta = answer.error()["meta"].clone();
    assert_eq!(meta["changed"], json!({ "first_name": "Jack" }));
    assert_eq!(meta["conflicting"], json!([]));
    // The shown time and the base's own are echoes, not times of an edit.
    for echo in ["2022-01-12T17:00:00Z", "2022-01-12T17:18:10Z"] {
        let app = edited().await;
        let stamp = app.stamp().await;
        let first = json!({ "updated_at": "2022-01-12T17:00:00Z", "updated_in_db_at": stamp });
        app.put(first).await.assert_ok();
        let stamp = app.stamp().await;
        let echo = if echo == "2022-01-12T17:18:10Z" { stamp.clone() } else { echo.to_owned() };
        let edit = json!({ "employer": "Cru", "updated_at": echo, "updated_in_db_at": stamp });
        let shown = app.put(edit).await.assert_ok();
        assert_eq!(shown["updated_at"], shown["updated_in_db_at"], "the time follows the stamp again");
    }
}

#[actix_web::test]
async fn a_stamp_that_the_user_never_had_but_that_lies_before_is_a_base() {
    let app = edited().await;
    let answer = app.put(json!({ "employer": "Cru", "updated_in_db_at": "1970-01-01" })).await;
    let changed = answer.error()["meta"]["changed"].clone();
    let changed = changed.as_object().expect("an object");
    assert_eq!(changed["first_name"], "Jack");
    assert!(changed.contains_key("employer") && changed.contains_key("preferences.time_zone"));
    assert!(!changed.contains_key("updated_at") && !changed.contains_key("preferences.setup"));
}
