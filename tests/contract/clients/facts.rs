//! The twelve facts that matter most.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use jsonapi_rs::api::DocumentData;
use serde_json::{Value, json};
use steward::people::kind::KINDS;

use super::{EMAIL, STALE, edit, get, send, text};
use crate::support::app::{REY, STAMP, USER};
use crate::support::{TestApp, user};

const EVERYTHING: &str = "user?include=*,family_relationships.related_person,account_lists.users";

/// 0, 1: three generic clients refuse the whole document where an identifier has no type.
#[actix_web::test]
async fn the_master_person_is_named_with_a_type() {
    let app = TestApp::new();
    let linkage = get(&app, "user").await.json()["data"]["relationships"]["master_person"]["data"].clone();
    assert_eq!(linkage["type"], "master_people");
    let included = get(&app, "user?include=master_person").await.json()["included"][0].clone();
    assert_eq!((&included["type"], &included["id"]), (&linkage["type"], &linkage["id"]));
}

/// 0, 2: the documented PUT has no id, web and Android always send it.
#[actix_web::test]
async fn a_put_is_taken_with_an_id_and_without() {
    let app = TestApp::new();
    let attributes = |name: &str| json!({ "first_name": name, "overwrite": true });
    assert_eq!(app.put_document(&user(attributes("Jack"))).await.assert_ok()["first_name"], "Jack");
    assert_eq!(app.put_document(&edit(attributes("Rey"))).await.assert_ok()["first_name"], "Rey");
}

/// 0, 3: the Rust crates want `id` and `type` in every identifier.
#[actix_web::test]
async fn jsonapi_rs_reads_the_documents_of_get_and_put() {
    let app = TestApp::new();
    for answer in [app.get().await, app.put(json!({ "last_name": "Solo", "overwrite": true })).await] {
        let read: DocumentData = serde_json::from_slice(&answer.body).expect("a document");
        let read = serde_json::to_value(read.data).expect("JSON");
        assert_eq!(read["relationships"]["master_person"]["data"]["type"], "master_people");
        assert_eq!(read["attributes"]["last_name"], answer.json()["data"]["attributes"]["last_name"]);
    }
}

/// 0, 4: anything but a literal `Z` is null to Android; 3: and a fraction is refused by iOS's default reader.
#[actix_web::test]
async fn times_of_attributes_are_whole_seconds_with_a_literal_z() {
    let app = TestApp::new();
    let document = get(&app, EVERYTHING).await.json();
    let included = document["included"].as_array().expect("included");
    let mut times = 0;
    for resource in included.iter().chain([&document["data"]]) {
        for (name, value) in resource["attributes"].as_object().expect("attributes") {
            if name.ends_with("_at") && !value.is_null() {
                let form: String =
                    text(value).chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
                assert_eq!(form, "0000-00-00T00:00:00Z", "{name} of {resource}");
                times += 1;
            }
        }
    }
    assert!(times >= 3 + 3 + 3 + 2, "{times}");
}

/// 0, 5: Android cuts fractions off before it sends a stamp back.
#[actix_web::test]
async fn stamps_are_compared_at_whole_seconds() {
    for stamp in
        [STAMP, "2022-01-12T17:18:09.000Z", "2022-01-12T17:18:09.987654321Z", "2022-01-12T17:18:09+00:00"]
    {
        let app = TestApp::new();
        let attributes = json!({ "first_name": "Jack", "updated_in_db_at": stamp });
        assert_eq!(app.put(attributes).await.assert_ok()["first_name"], "Jack", "{stamp}");
    }
}

/// 0, 6: the status and the beginning of one error's detail are what a conflict is known by.
#[actix_web::test]
async fn a_stale_edit_is_409_with_the_detail_that_android_matches() {
    let app = TestApp::new();
    let answer = app.put(json!({ "first_name": "Jack", "updated_in_db_at": "2022-01-12T17:18:08Z" })).await;
    assert_eq!(answer.status, 409);
    assert_eq!(answer.error()["detail"], format!("{STALE} ({STAMP})"));
    let missing = app.put(json!({ "first_name": "Jack" })).await;
    assert_eq!(missing.status, 409);
    assert!(missing.errors().iter().any(|error| text(&error["detail"]).starts_with(STALE)));
}

/// 0, 7: the web client knows no stamps.
#[actix_web::test]
async fn overwrite_needs_no_stamp() {
    let app = TestApp::new();
    app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    assert_eq!(
        app.put(json!({ "first_name": "Joe", "overwrite": true })).await.assert_ok()["first_name"],
        "Joe"
    );
}

/// 0, 8: without `included` the web client's lists are full of holes.
#[actix_web::test]
async fn include_brings_what_the_relationships_name() {
    let app = TestApp::new();
    let document = get(&app, "user?include=account_lists,email_addresses").await.json();
    for name in ["account_lists", "email_addresses"] {
        for linked in document["data"]["relationships"][name]["data"].as_array().expect("linkage") {
            let there = |one: &&Value| one["id"] == linked["id"] && one["type"] == linked["type"];
            assert!(
                document["included"].as_array().expect("included").iter().any(|one| there(&one)),
                "{linked}"
            );
        }
    }
}

/// 0, 9: a boolean breaks Android's reader, another text leaves it on its unlock screen.
#[actix_web::test]
async fn setup_is_null_or_one_of_the_known_texts_and_never_a_boolean() {
    let app = TestApp::new();
    assert_eq!(app.attributes().await["preferences"]["setup"], "no default_account_list");
    let sent = json!({ "preferences": { "setup": true }, "overwrite": true });
    assert_eq!(app.put(sent).await.assert_ok()["preferences"]["setup"], "no default_account_list");
}

/// 0, 10: with `errors`, even empty ones, Android sees no data; JSON with neither crashes it.
#[actix_web::test]
async fn a_document_has_errors_or_data_and_never_both() {
    let app = TestApp::new();
    for path in ["user", EVERYTHING, "user/email_addresses", "user/websites", "users/me"] {
        let document = get(&app, path).await.json();
        assert!(document.get("data").is_some() && document.get("errors").is_none(), "{path}");
    }
    for path in ["x", "user?x_y=1", "user/websites/x", &format!("user/websites/{EMAIL}"), "../x"] {
        let document = get(&app, path).await.json();
        assert!(document["errors"].is_array() && document.get("data").is_none(), "{path}");
    }
}

/// 0, 11: what the answer of a PUT leaves out becomes null on the phone.
#[actix_web::test]
async fn the_answer_of_a_partial_update_is_the_whole_resource() {
    let app = TestApp::new();
    let before = app.get().await.json();
    let put = app.put(json!({ "employer": "Cru", "updated_in_db_at": STAMP })).await.json();
    let names = |document: &Value, member: &str| {
        let members = document["data"][member].as_object().expect("members");
        members.keys().cloned().collect::<Vec<_>>()
    };
    for member in ["attributes", "relationships"] {
        assert_eq!(names(&put, member), names(&before, member));
    }
    assert_eq!(put, app.get().await.json());
    // Rows too, which are what the library writes.
    for kind in &KINDS {
        let list = get(&app, &format!("user/{}", kind.name)).await.json();
        if let Some(row) = list["data"].as_array().and_then(|rows| rows.first()) {
            let path = format!("user/{}/{}", kind.name, text(&row["id"]));
            let same = json!({ "data": { "type": kind.name, "id": row["id"], "attributes": { "overwrite": true } } });
            assert_eq!(send(&app, Method::PUT, &path, &same).await.json()["data"], *row);
        }
    }
}

/// 0, 12: some clients send neither.
#[actix_web::test]
async fn a_get_needs_no_content_type_and_no_accept() {
    let app = TestApp::new();
    let answer = app.send(TestRequest::get().uri(USER)).await;
    assert_eq!((answer.status, &answer.json()["data"]["id"]), (200, &json!(REY)));
    for (name, value) in [
        ("Accept", "*/*"),
        ("Accept", "application/vnd.api+json"),
        ("Content-Type", "application/vnd.api+json"),
    ] {
        assert_eq!(app.send(TestRequest::get().uri(USER).insert_header((name, value))).await.status, 200);
    }
}
