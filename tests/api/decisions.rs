//! Design 2's table of decisions, by number: one look at each. What a decision needs in depth is in the files named
//! after its subject.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;

use crate::support::app::{JSON_API, REY, STAMP, USER};
use crate::support::{TestApp, put, user};

#[actix_web::test]
async fn decision_01_a_document_has_only_data_and_its_members_in_the_documented_order() {
    let app = TestApp::new();
    let answer = app.get().await;
    let document = answer.json();
    assert_eq!(document.as_object().expect("an object").keys().collect::<Vec<_>>(), ["data"]);
    let places: Vec<_> = ["\"id\":", "\"type\":\"users\"", "\"attributes\":", "\"relationships\":"]
        .iter()
        .map(|member| answer.text().find(member).expect("the member"))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[actix_web::test]
async fn decision_02_the_master_person_is_an_identifier_with_its_times() {
    let document = TestApp::new().get().await.json();
    let master = json!({
        "id": "df2cc53d-87d3-46e9-84b8-757921ebda71",
        "type": "master_people",
        "created_at": "2022-01-13T06:18:09+13:00",
        "updated_at": "2022-01-13T06:18:09+13:00",
    });
    assert_eq!(document["data"]["relationships"]["master_person"]["data"], master);
}

#[actix_web::test]
async fn decision_03_answers_have_the_documented_media_type() {
    let answer = TestApp::new().get().await;
    assert_eq!(answer.header("content-type"), Some("application/vnd.api+json; charset=utf-8"));
}

#[actix_web::test]
async fn decision_04_a_read_needs_neither_content_type_nor_accept() {
    assert_eq!(TestApp::new().get().await.status, 200);
}

#[actix_web::test]
async fn decision_05_put_is_partial_patch_is_the_same_and_post_may_stand_in() {
    let app = TestApp::new();
    for (method, over, name) in [(Method::PUT, "", "A"), (Method::PATCH, "", "B"), (Method::POST, "PUT", "C")]
    {
        let edit = put(&user(json!({ "employer": name, "overwrite": true }))).method(method);
        let shown = app.send(edit.insert_header(("X-HTTP-Method-Override", over))).await.assert_ok();
        assert_eq!((&shown["employer"], &shown["first_name"]), (&json!(name), &json!("Rey")));
    }
}

#[actix_web::test]
async fn decision_06_another_id_is_409() {
    let mut document = user(json!({ "overwrite": true }));
    document["data"]["id"] = json!("00000000-0000-4000-8000-000000000000");
    TestApp::new().put_document(&document).await.assert_refused(409, &["id_conflict"]);
}

#[actix_web::test]
async fn decision_07_a_missing_stamp_is_409_with_two_errors() {
    let answer = TestApp::new().put(json!({ "first_name": "Jack" })).await;
    answer.assert_refused(409, &["stamp_missing", "stale"]);
}

#[actix_web::test]
async fn decision_08_a_stale_stamp_is_409_and_an_unreadable_one_400() {
    let app = TestApp::new();
    app.put(json!({ "updated_in_db_at": "2021-01-01" })).await.assert_refused(409, &["stale"]);
    app.put(json!({ "updated_in_db_at": null })).await.assert_refused(400, &["invalid_timestamp"]);
}

#[actix_web::test]
async fn decision_09_all_faults_are_400_at_once() {
    let edit = json!({ "first_name": "", "gender": 1, "deceased": null, "updated_in_db_at": STAMP });
    let answer = TestApp::new().put(edit).await;
    assert_eq!((answer.status, answer.errors().len()), (400, 3));
}

#[actix_web::test]
async fn decision_10_unknown_attributes_are_named() {
    let answer = TestApp::new().put(json!({ "shoe_size": 44, "updated_in_db_at": STAMP })).await;
    assert_eq!(answer.json()["meta"], json!({ "ignored_attributes": ["shoe_size"] }));
}

#[actix_web::test]
async fn decision_11_avatar_and_times_are_writable_and_echoes_are_not_edits() {
    let app = TestApp::new();
    let before = app.get().await;
    let mut echo = before.json()["data"]["attributes"].clone();
    echo["overwrite"] = json!(true);
    assert_eq!(app.put(echo).await.text(), before.text());
    let edit = json!({ "avatar": "https://example.com/a.png", "created_at": "2020-02-02", "updated_in_db_at": STAMP });
    let shown = app.put(edit).await.assert_ok();
    assert_eq!(shown["avatar"], "https://example.com/a.png");
    assert_eq!(shown["created_at"], "2020-02-02T00:00:00Z");
}

#[actix_web::test]
async fn decision_12_the_stamp_is_the_servers_and_the_time_of_the_edit_the_clients() {
    let edit = json!({ "first_name": "Jack", "updated_at": "2020-02-02", "updated_in_db_at": STAMP });
    let shown = TestApp::new().put(edit).await.assert_ok();
    assert_eq!(shown["updated_at"], "2020-02-02T00:00:00Z");
    assert_eq!(shown["updated_in_db_at"], "2022-01-12T17:18:10Z");
}

#[actix_web::test]
async fn decision_13_values_have_ranges() {
    let app = TestApp::new();
    for (name, value) in
        [("birthday_day", json!(32)), ("birthday_month", json!(13)), ("birthday_year", json!(10000))]
    {
        app.put(json!({ name: value, "updated_in_db_at": STAMP }))
            .await
            .assert_refused(400, &["out_of_range"]);
    }
}

#[actix_web::test]
async fn decision_14_unknown_parameters_are_400() {
    let app = TestApp::new();
    let answer = app.send(TestRequest::get().uri(&format!("{USER}?sort=x&foo=1"))).await;
    answer.assert_refused(400, &["invalid_parameter", "invalid_parameter"]);
}

#[actix_web::test]
async fn decision_15_errors_have_id_status_code_title_and_detail_in_this_order() {
    let answer = TestApp::new().send_as(None, TestRequest::get().uri(USER)).await;
    let places: Vec<_> = ["\"id\":", "\"status\":", "\"code\":", "\"title\":", "\"detail\":", "\"source\":"]
        .iter()
        .map(|member| answer.text().find(member).expect("the member"))
        .collect();
    assert!(places.is_sorted(), "{}", answer.text());
}

#[actix_web::test]
async fn decision_17_a_path_without_the_verb_is_405_and_an_unknown_path_404() {
    let app = TestApp::new();
    let answer = app.send(TestRequest::delete().uri(USER)).await;
    answer.assert_refused(405, &["method_not_allowed"]);
    assert!(answer.header("allow").is_some());
    let answer = app.send(TestRequest::get().uri("/api/v2/nothing")).await;
    assert_eq!(answer.error()["detail"], "Route not found");
}

#[actix_web::test]
async fn decision_18_preferences_are_merged() {
    let edit = json!({ "preferences": { "x": [1], "setup": "?" }, "updated_in_db_at": STAMP });
    let shown = TestApp::new().put(edit).await.assert_ok();
    assert_eq!(shown["preferences"]["x"], json!([1]));
    assert_eq!(shown["preferences"]["locale"], "en");
    assert_eq!(shown["preferences"]["setup"], "no default_account_list");
}

#[actix_web::test]
async fn decision_20_the_quirks_of_real_clients_work() {
    let app = TestApp::new();
    let before = app.get().await;
    let document = json!({
        "data": { "id": "undefined", "type": "users", "attributes": { "overwrite": true } },
        "included": [], "jsonapi": { "version": "1.0" }, "meta": {}, "include": "x", "fields": {},
    });
    let request = TestRequest::put().uri(USER).insert_header(("Content-Type", JSON_API));
    let request = request.insert_header(("Accept-Language", "es-419")).set_payload(document.to_string());
    assert_eq!(app.send(request).await.text(), before.text());
    assert!(before.text().contains(REY));
}
