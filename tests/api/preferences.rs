//! Preferences: design 2, decision 18; mpdx-behaviour 1.5.

use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::{account_list_users, people};
use steward::users::time_zone;

use crate::support::app::{ACCOUNT_LIST, REY, STAMP, id};
use crate::support::{Answer, TestApp};

async fn set(app: &TestApp, preferences: Value) -> Answer {
    let stamp = app.stamp().await;
    app.put(json!({ "preferences": preferences, "updated_in_db_at": stamp })).await
}

#[actix_web::test]
async fn members_are_merged_one_by_one_and_keep_the_order_in_which_they_were_first_stored() {
    let app = TestApp::new();
    let answer = set(&app, json!({ "tasks_filter": "t", "locale": null })).await;
    answer.assert_ok();
    let body = answer.text();
    let shown = r#""preferences":{"hour_to_send_notifications":12,"time_zone":"Auckland","locale":null,"tasks_filter":"t","default_account_list":null,"setup":"no default_account_list"}"#;
    assert!(body.contains(shown), "{body}");
}

#[actix_web::test]
async fn unknown_members_are_a_clients_state_and_come_back_as_they_were_sent() {
    let app = TestApp::new();
    let state = r#"{"z":[1.50,-0,1E2,12345678901234567890123,{"b":null,"a":"é\u00e9"}],"a":true}"#;
    let body = format!(
        r#"{{"data":{{"type":"users","attributes":{{"preferences":{{"client-state":{state}}},"updated_in_db_at":"{STAMP}"}}}}}}"#
    );
    let answer = app.put_bytes(body.clone()).await;
    answer.assert_ok();
    let shown = r#""client-state":{"z":[1.50,-0,1E2,12345678901234567890123,{"b":null,"a":"éé"}],"a":true}"#;
    assert!(answer.text().contains(shown), "{}", answer.text());
    assert_eq!(app.second_node().get().await.text(), answer.text(), "also from the database");
    // The same in another order is the same; another number is another.
    let stamp = app.stamp().await;
    let same = set(&app, json!({ "client-state": { "a": true, "z": 1 } })).await;
    assert_ne!(same.assert_ok()["updated_in_db_at"], stamp);
    let stamp = app.stamp().await;
    let echo = set(&app, json!({ "client-state": { "z": 1, "a": true } })).await;
    assert_eq!(echo.assert_ok()["updated_in_db_at"], stamp);
}

#[actix_web::test]
async fn long_numbers_that_differ_in_their_last_digit_are_different() {
    let app = TestApp::new();
    for number in ["123456789012345678901", "123456789012345678902", "1e300"] {
        let stamp = app.stamp().await;
        let body = format!(
            r#"{{"data":{{"type":"users","attributes":{{"preferences":{{"n":{number}}},"updated_in_db_at":"{stamp}"}}}}}}"#
        );
        let request = app.put_bytes(body).await;
        assert_eq!(request.status, 200);
        assert!(request.text().contains(&format!(r#""n":{number},"#)), "{}", request.text());
    }
}

#[actix_web::test]
async fn known_members_are_checked() {
    let app = TestApp::new();
    for (name, wrong, code) in [
        ("hour_to_send_notifications", json!(24), "out_of_range"),
        ("hour_to_send_notifications", json!(-1), "out_of_range"),
        ("hour_to_send_notifications", json!("12"), "wrong_type"),
        ("time_zone", json!("Atlantis"), "invalid"),
        ("time_zone", json!(""), "invalid"),
        ("time_zone", json!(12), "wrong_type"),
        ("locale", json!(1), "wrong_type"),
        ("locale", json!("x".repeat(256)), "too_long"),
        ("contacts_filter", json!({}), "wrong_type"),
        ("default_account_list", json!(1), "wrong_type"),
        ("default_account_list", json!("x"), "not_included"),
        ("default_account_list", json!(REY), "not_included"),
    ] {
        let answer = set(&app, json!({ name: wrong })).await;
        answer.assert_refused(400, &[code]);
        let pointer = format!("/data/attributes/preferences/{name}");
        assert_eq!(answer.error()["source"]["pointer"], pointer);
    }
    let known =
        json!({ "hour_to_send_notifications": null, "time_zone": "Pacific/Auckland", "locale": "es-419" });
    let shown = set(&app, known).await.assert_ok();
    assert_eq!(shown["preferences"]["hour_to_send_notifications"], Value::Null);
    assert_eq!(shown["preferences"]["time_zone"], "Pacific/Auckland", "shown as it was sent");
    for wrong in [json!([]), json!("x"), json!(1)] {
        set(&app, wrong).await.assert_refused(400, &["wrong_type"]);
    }
}

#[actix_web::test]
async fn a_default_list_that_is_not_ones_own_is_refused_in_the_originals_words() {
    let app = TestApp::new();
    let answer = set(&app, json!({ "default_account_list": REY })).await;
    let error = answer.error();
    assert_eq!(error["title"], "is not included in list of account_lists");
    assert_eq!(error["detail"], "Default account list is not included in list of account_lists");
}

#[actix_web::test]
async fn null_for_all_preferences_changes_nothing() {
    let app = TestApp::new();
    let before = app.get().await;
    assert_eq!(set(&app, Value::Null).await.text(), before.text());
}

#[actix_web::test]
async fn the_echo_of_read_only_members_is_silent_and_another_value_is_named() {
    let app = TestApp::new();
    app.change(|connection| {
        let text = r#"{"locale":"en","admin":true}"#;
        diesel::update(people::table.find(id(REY))).set(people::preferences.eq(text)).execute(connection)
    });
    let echo =
        json!({ "setup": "no default_account_list", "admin": true, "developer": null, "locale": "de" });
    let answer = set(&app, echo).await;
    assert_eq!(answer.assert_ok()["preferences"]["locale"], "de");
    assert!(answer.json().get("meta").is_none());
    let answer = set(&app, json!({ "setup": null, "admin": false, "developer": true })).await;
    let shown = answer.assert_ok();
    assert_eq!(shown["preferences"]["admin"], true);
    assert!(shown["preferences"].get("developer").is_none());
    let ignored = json!(["preferences.setup", "preferences.admin", "preferences.developer"]);
    let named = &answer.json()["meta"]["ignored_attributes"];
    let sorted = |names: &Value| {
        let mut names = names.as_array().expect("names").clone();
        names.sort_by_key(ToString::to_string);
        names
    };
    assert_eq!(sorted(named), sorted(&ignored));
}

#[actix_web::test]
async fn setup_says_what_is_missing_in_the_words_that_clients_read() {
    let app = TestApp::new();
    let setup = async |app: &TestApp| app.second_node().attributes().await["preferences"]["setup"].clone();
    assert_eq!(setup(&app).await, "no default_account_list");
    let shown = set(&app, json!({ "default_account_list": ACCOUNT_LIST })).await.assert_ok();
    assert_eq!(shown["preferences"]["default_account_list"], ACCOUNT_LIST);
    assert_eq!(shown["preferences"]["setup"], "no organization_account on default_account_list");
    app.connect_organization();
    assert_eq!(setup(&app).await, Value::Null);
    app.change(|connection| diesel::delete(account_list_users::table).execute(connection));
    assert_eq!(setup(&app).await, "no account_lists");
    let shown = app.second_node().attributes().await;
    assert_eq!(shown["preferences"]["default_account_list"], Value::Null, "the list is no longer his own");
}

#[actix_web::test]
async fn null_clears_the_default_list() {
    let app = TestApp::new();
    set(&app, json!({ "default_account_list": ACCOUNT_LIST.to_uppercase() })).await.assert_ok();
    let shown = set(&app, json!({ "default_account_list": null })).await.assert_ok();
    assert_eq!(shown["preferences"]["default_account_list"], Value::Null);
}

#[actix_web::test]
async fn more_than_64_kilobytes_in_all_are_refused() {
    let app = TestApp::new();
    set(&app, json!({ "a": "x".repeat(60 * 1024) })).await.assert_ok();
    let answer = set(&app, json!({ "b": "x".repeat(5 * 1024) })).await;
    answer.assert_refused(400, &["too_long"]);
    assert_eq!(answer.error()["source"]["pointer"], "/data/attributes/preferences");
    set(&app, json!({ "a": null, "b": "x".repeat(5 * 1024) })).await.assert_ok();
}

#[actix_web::test]
async fn the_master_person_is_shown_in_the_users_zone() {
    let app = TestApp::new();
    for (zone, shown) in [
        (json!("Auckland"), "2022-01-13T06:18:09+13:00"),
        (json!("Pacific/Auckland"), "2022-01-13T06:18:09+13:00"),
        (json!("Newfoundland"), "2022-01-12T13:48:09-03:30"),
        (json!("London"), "2022-01-12T17:18:09+00:00"),
        (json!("UTC"), "2022-01-12T17:18:09Z"),
        (json!("Kathmandu"), "2022-01-12T23:03:09+05:45"),
        (Value::Null, "2022-01-12T17:18:09Z"),
    ] {
        set(&app, json!({ "time_zone": zone })).await.assert_ok();
        let document = app.get().await.json();
        let master = &document["data"]["relationships"]["master_person"]["data"];
        assert_eq!(master["created_at"], shown, "{zone}");
        assert_eq!(master["updated_at"], shown, "{zone}");
    }
}

#[test]
fn every_zone_name_of_rails_is_found_by_binary_search() {
    assert_eq!(time_zone::RAILS.len(), 152);
    assert!(time_zone::RAILS.is_sorted_by(|a, b| a.0 < b.0));
    for (name, zone) in time_zone::RAILS {
        assert_eq!(time_zone::find(name), Some(*zone), "{name}");
    }
    assert_eq!(time_zone::find("Atlantis"), None);
}
