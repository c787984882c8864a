//! The opt-in merge of design 3.

use serde_json::{Value, json};

use crate::support::app::STAMP;
use crate::support::{Answer, TestApp, user};

async fn merge(app: &TestApp, attributes: Value) -> Answer {
    let mut document = user(attributes);
    document["data"]["meta"] = json!({ "on_conflict": "merge" });
    app.put_document(&document).await
}

/// A user of whom another device has changed `attributes` since the documented stamp.
async fn edited(mut attributes: Value) -> TestApp {
    let app = TestApp::new();
    attributes["updated_in_db_at"] = json!(STAMP);
    app.put(attributes).await.assert_ok();
    app
}

#[actix_web::test]
async fn an_old_stamp_is_merged_when_nothing_contradicts() {
    let app = edited(json!({ "first_name": "Jack", "preferences": { "locale": "de" } })).await;
    let edit =
        json!({ "employer": "Cru", "preferences": { "tasks_filter": "x" }, "updated_in_db_at": STAMP });
    let answer = merge(&app, edit).await;
    let shown = answer.assert_ok();
    assert_eq!(shown["first_name"], "Jack");
    assert_eq!(shown["employer"], "Cru");
    assert_eq!(shown["preferences"]["locale"], "de");
    assert_eq!(shown["preferences"]["tasks_filter"], "x");
    assert_eq!(shown["updated_in_db_at"], "2022-01-12T17:18:11Z");
    assert_eq!(answer.json()["meta"], json!({ "merged": ["first_name", "preferences.locale"] }));
}

#[actix_web::test]
async fn a_contradiction_is_409_and_nothing_of_the_edit_is_applied() {
    let app = edited(json!({ "first_name": "Jack" })).await;
    let answer =
        merge(&app, json!({ "first_name": "Joe", "employer": "Cru", "updated_in_db_at": STAMP })).await;
    answer.assert_refused(409, &["stale"]);
    assert_eq!(answer.error()["meta"]["conflicting"], json!(["first_name"]));
    let shown = app.attributes().await;
    assert_eq!(shown["first_name"], "Jack");
    assert_eq!(shown["employer"], Value::Null);
}

#[actix_web::test]
async fn two_devices_that_made_the_same_edit_agree_and_nothing_moves() {
    let app = edited(json!({ "first_name": "Jack" })).await;
    let answer = merge(&app, json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await;
    assert_eq!(answer.assert_ok()["updated_in_db_at"], "2022-01-12T17:18:10Z");
    assert_eq!(answer.json()["meta"], json!({ "merged": ["first_name"] }));
}

#[actix_web::test]
async fn a_current_stamp_needs_no_merge_and_says_nothing_of_one() {
    let app = TestApp::new();
    let answer = merge(&app, json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await;
    answer.assert_ok();
    assert!(answer.json().get("meta").is_none());
}

#[actix_web::test]
async fn a_change_of_one_part_of_a_date_changes_the_date() {
    for group in ["birthday", "anniversary"] {
        let (day, month, year) = (format!("{group}_day"), format!("{group}_month"), format!("{group}_year"));
        let app = edited(json!({ day.clone(): 5 })).await;
        let answer = merge(&app, json!({ month.clone(): 7, "updated_in_db_at": STAMP })).await;
        answer.assert_refused(409, &["stale"]);
        let meta = answer.error()["meta"].clone();
        assert_eq!(meta["changed"], json!({ day: 5, month.clone(): null, year: null }));
        assert_eq!(meta["conflicting"], json!([month]));
    }
    let app = edited(json!({ "birthday_day": 5 })).await;
    let edit = json!({ "anniversary_month": 7, "updated_in_db_at": STAMP });
    merge(&app, edit).await.assert_ok();
}

#[actix_web::test]
async fn what_follows_from_an_edit_contradicts_like_the_edit_itself() {
    // Being deceased ends the newsletter; somebody has just ordered it anew.
    let app = TestApp::new();
    app.put(json!({ "optout_enewsletter": true, "updated_in_db_at": STAMP })).await.assert_ok();
    let stamp = app.stamp().await;
    app.put(json!({ "optout_enewsletter": false, "updated_in_db_at": stamp })).await.assert_ok();
    let answer = merge(&app, json!({ "deceased": true, "updated_in_db_at": stamp })).await;
    answer.assert_refused(409, &["stale"]);
    assert_eq!(answer.error()["meta"]["conflicting"], json!(["optout_enewsletter"]));
    // And it carries the stamp of the edit that it follows from.
    let app = edited(json!({ "deceased": true })).await;
    let answer = merge(&app, json!({ "employer": "Cru", "updated_in_db_at": STAMP })).await;
    assert_eq!(answer.json()["meta"], json!({ "merged": ["deceased", "optout_enewsletter"] }));
}

#[actix_web::test]
async fn the_merged_state_is_what_is_validated() {
    let app = edited(json!({ "first_name": "Jack" })).await;
    let edit = json!({ "birthday_day": 31, "birthday_month": 2, "updated_in_db_at": STAMP });
    let answer = merge(&app, edit).await;
    answer.assert_refused(400, &["out_of_range"]);
    assert_eq!(app.attributes().await["birthday_day"], Value::Null);
}

#[actix_web::test]
async fn an_unknown_way_to_resolve_conflicts_is_400() {
    let app = TestApp::new();
    let mut document = user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP }));
    document["data"]["meta"] = json!({ "on_conflict": "guess" });
    let answer = app.put_document(&document).await;
    answer.assert_refused(400, &["invalid_document"]);
    assert_eq!(answer.error()["source"]["pointer"], "/data/meta/on_conflict");
}

#[actix_web::test]
async fn preferences_of_any_name_are_followed() {
    for name in ["filters/contacts", "email_addresses/1", "a.b", "/"] {
        let app = TestApp::new();
        app.put(json!({ "preferences": { name: "v0" }, "overwrite": true })).await.assert_ok();
        let base = app.stamp().await;
        app.put(json!({ "preferences": { name: "phone" }, "updated_in_db_at": base })).await.assert_ok();
        let answer = merge(&app, json!({ "preferences": { name: "web" }, "updated_in_db_at": base })).await;
        answer.assert_refused(409, &["stale"]);
        assert_eq!(answer.error()["meta"]["conflicting"], json!([format!("preferences.{name}")]));
    }
}
