//! `/api/v2/user/options` and `/api/v2/user/devices`: rows that the user's document does not show (`mpdx-behaviour.md` 4.6
//! and 5.1, `clients.md` 1 and 2).

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, IF_NONE_MATCH};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::support::app::{JSON_API, MADE_AT, STAMP, USER, id, stamp};
use crate::support::{Answer, TestApp};
use steward::clock::Clock as _;
use steward::users::create::NewUser;

const OTHER: &str = "22222222-2222-4222-8222-222222222222";

fn option(attributes: Value) -> Value {
    json!({ "data": { "type": "user_options", "attributes": attributes } })
}

async fn send(app: &TestApp, method: Method, path: &str, document: Option<&Value>) -> Answer {
    app.call(method, &format!("{USER}/options{path}"), document).await
}

async fn make(app: &TestApp, key: &str, value: &str) -> Value {
    let answer = send(app, Method::POST, "", Some(&option(json!({ "key": key, "value": value })))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

#[actix_web::test]
async fn an_option_is_made_read_changed_and_deleted_by_its_key() {
    let app = TestApp::new();
    // The documented request, with a stamp that means nothing.
    let document =
        option(json!({ "key": "key_8", "value": "keffiyeh", "updated_in_db_at": "2022-01-12 17:18:41 UTC" }));
    let made = send(&app, Method::POST, "", Some(&document)).await;
    assert_eq!(
        (made.status, made.header("location")),
        (201, Some("/api/v2/user/options/key_8")),
        "{}",
        made.text()
    );
    let expected = json!({ "created_at": STAMP, "key": "key_8", "updated_at": STAMP, "updated_in_db_at": STAMP, "value": "keffiyeh" });
    assert_eq!(made.json()["data"]["attributes"], expected);
    assert!(made.json().get("meta").is_none(), "the user has not changed: {}", made.text());
    let shown = send(&app, Method::GET, "/key_8", None).await;
    assert_eq!(shown.json()["data"], made.json()["data"]);
    assert_eq!(shown.header("etag"), made.header("etag"));
    // As the web client writes it: by hand, without an id.
    let saved = json!({ "data": { "type": "user_options", "id": "undefined", "attributes": {
        "title": "Mine", "value": "a long one\nin two lines", "overwrite": true } } });
    let changed = send(&app, Method::PUT, "/key_8", Some(&saved)).await;
    assert_eq!(changed.assert_ok()["value"], "a long one\nin two lines");
    assert_eq!(changed.json()["meta"], json!({ "ignored_attributes": ["title"] }));
    let body =
        json!({ "data": { "type": "user_options", "id": "undefined", "attributes": { "key": "key_8" } } });
    assert_eq!(send(&app, Method::DELETE, "/key_8", Some(&body)).await.status, 204);
    for method in [Method::GET, Method::DELETE] {
        let answer = send(&app, method, "/key_8", None).await;
        answer.assert_refused(404, &["not_found"]);
    }
    send(&app, Method::PUT, "/key_8", Some(&saved)).await.assert_refused(404, &["not_found"]);
    // What is gone is free: an option is not a thing that a device could miss.
    make(&app, "key_8", "again").await;
}

#[actix_web::test]
async fn the_list_of_options_is_the_users_own_and_has_pages() {
    let app = TestApp::new();
    for key in ["b", "a", "c"] {
        app.clock.advance(1);
        make(&app, key, "1").await;
    }
    let list = send(&app, Method::GET, "?per_page=10000", None).await.json();
    let keys: Vec<_> =
        list["data"].as_array().expect("data").iter().map(|o| &o["attributes"]["key"]).collect();
    assert_eq!(keys, ["b", "a", "c"]);
    assert_eq!(list["meta"]["pagination"]["total_count"], 3);
    app.change(|connection| {
        NewUser::new(id(OTHER), "Finn", stamp(MADE_AT)).expect("a user").insert(connection)
    });
    let other = app.state.tokens.issue(id(OTHER), app.clock.now(), 0, 3600).expect("a token");
    let get =
        |path: &str| app.send_as(Some(&other), TestRequest::get().uri(&format!("{USER}/options{path}")));
    assert_eq!(get("").await.json()["data"], json!([]));
    get("/a").await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn options_are_guarded_by_stamps_of_their_own() {
    let app = TestApp::new();
    make(&app, "a", "1").await;
    make(&app, "b", "1").await;
    let before = app.get().await;
    let put = |value: &str, stamp: &str| {
        let document = option(json!({ "value": value, "updated_in_db_at": stamp }));
        let app = &app;
        async move { send(app, Method::PUT, "/a", Some(&document)).await }
    };
    let next = stamp(MADE_AT + 1).to_string();
    assert_eq!(put("2", STAMP).await.assert_ok()["updated_in_db_at"], next);
    let refused = put("3", STAMP).await;
    refused.assert_refused(409, &["stale"]);
    assert_eq!(refused.error()["meta"]["changed"], json!({ "value": "2" }));
    assert_eq!(refused.error()["meta"]["conflicting"], json!(["value"]));
    send(&app, Method::PUT, "/a", Some(&option(json!({ "value": "3" }))))
        .await
        .assert_refused(409, &["stamp_missing", "stale"]);
    assert_eq!(send(&app, Method::GET, "/b", None).await.assert_ok()["updated_in_db_at"], STAMP);
    // Neither the user nor what follows him has moved.
    let after = app.get().await;
    assert_eq!((after.text(), after.header("etag")), (before.text(), before.header("etag")));
    let current = send(&app, Method::GET, "/a", None).await;
    let request = TestRequest::get().uri(&format!("{USER}/options/a"));
    let tag = current.header("etag").expect("a tag").to_owned();
    assert_eq!(app.send(request.insert_header((IF_NONE_MATCH, tag))).await.status, 304);
}

#[actix_web::test]
async fn the_rules_of_options() {
    let app = TestApp::new();
    make(&app, "taken", "1").await;
    for (attributes, code, detail, pointer) in [
        (json!({ "value": "1" }), "blank", "Key can't be blank", "/data/attributes"),
        (json!({ "key": " ", "value": "1" }), "blank", "Key can't be blank", "/data/attributes/key"),
        (json!({ "key": "a-b" }), "invalid", "Key is invalid", "/data/attributes/key"),
        (json!({ "key": "ä" }), "invalid", "Key is invalid", "/data/attributes/key"),
        (json!({ "key": "taken" }), "taken", "Key has already been taken", "/data/attributes/key"),
        (
            json!({ "key": "x", "value": 7 }),
            "wrong_type",
            "Value must be a string or null",
            "/data/attributes/value",
        ),
        (
            json!({ "key": "x", "value": "v".repeat(65_537) }),
            "too_long",
            "Value is too long (maximum is 65536 bytes)",
            "/data/attributes/value",
        ),
    ] {
        let answer = send(&app, Method::POST, "", Some(&option(attributes))).await;
        answer.assert_refused(400, &[code]);
        let error = answer.error();
        assert_eq!((&error["detail"], &error["source"]["pointer"]), (&json!(detail), &json!(pointer)));
    }
    for n in 0..15 {
        make(&app, &format!("large_{n}"), &"v".repeat(65_536)).await;
    }
    let one_more = option(json!({ "key": "large_15", "value": "v".repeat(65_536) }));
    send(&app, Method::POST, "", Some(&one_more)).await.assert_refused(400, &["too_long"]);
}

#[actix_web::test]
async fn a_repeated_write_of_an_option_is_done_once() {
    let app = TestApp::new();
    let keyed = |method: Method, path: &str, document: &Value| {
        let request = TestRequest::with_uri(&format!("{USER}/options{path}")).method(method);
        let request = request
            .insert_header((CONTENT_TYPE, JSON_API))
            .insert_header(("Idempotency-Key", path.to_owned() + "k"));
        app.send(request.set_payload(document.to_string()))
    };
    let document = option(json!({ "key": "a", "value": "1" }));
    let first = keyed(Method::POST, "", &document).await;
    let again = keyed(Method::POST, "", &document).await;
    assert_eq!(
        (again.status, again.text(), again.header("location")),
        (201, first.text(), first.header("location"))
    );
    for replayed in [None, Some("true")] {
        let answer = keyed(Method::DELETE, "/a", &json!({})).await;
        assert_eq!((answer.status, answer.header("idempotent-replayed")), (204, replayed));
    }
}

#[actix_web::test]
async fn a_device_that_registers_again_is_the_same_device() {
    let app = TestApp::new();
    // As Android sends it, each time that it comes online.
    let register = |token: &str, version: &str| {
        let document = json!({ "data": { "type": "user_devices", "attributes": {
            "token": token, "version": version, "locale": "en_US", "platform": "GCM" } } });
        let app = &app;
        async move { app.call(Method::POST, &format!("{USER}/devices"), Some(&document)).await }
    };
    let first = register("abc", "1.0").await;
    assert_eq!(first.status, 201, "{}", first.text());
    let again = register("abc", "1.1").await;
    assert_eq!((again.status, again.header("location")), (201, first.header("location")));
    assert_eq!(again.json()["data"]["attributes"]["version"], "1.1");
    let other = register(&"x".repeat(4096), "1.0").await;
    assert_ne!(other.json()["data"]["id"], first.json()["data"]["id"]);
    let list = app.send(TestRequest::get().uri(&format!("{USER}/devices"))).await.json();
    assert_eq!(list["meta"]["pagination"]["total_count"], 2);
    register("", "1.0").await.assert_refused(400, &["blank"]);
    register(&"x".repeat(4097), "1.0").await.assert_refused(400, &["too_long"]);
    let path = first.header("location").expect("a path").to_owned();
    assert_eq!(app.call(Method::DELETE, &path, None).await.status, 204);
    app.call(Method::GET, &path, None).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn options_and_devices_go_with_their_user() {
    let app = TestApp::new();
    make(&app, "a", "1").await;
    app.change(|connection| {
        steward::users::create::delete(connection, id(crate::support::app::REY), stamp(MADE_AT))
    });
    let left: i64 = {
        use diesel::prelude::*;
        steward::db::schema::user_options::table.count().get_result(&mut app.connection()).expect("a count")
    };
    assert_eq!(left, 0);
}

#[actix_web::test]
async fn an_option_that_is_made_anew_has_another_stamp_and_tag_and_no_id_comes_twice() {
    let app = TestApp::new();
    let one = |value: &str| {
        let mut document = option(json!({ "key": "a", "value": value }));
        document["data"]["id"] = OTHER.into();
        document
    };
    let first = send(&app, Method::POST, "", Some(&one("1"))).await;
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(send(&app, Method::DELETE, "/a", None).await.status, 204);
    send(&app, Method::POST, "", Some(&one("2"))).await.assert_refused(409, &["deleted"]);
    let again = option(json!({ "key": "a", "value": "2" }));
    let again = send(&app, Method::POST, "", Some(&again)).await;
    assert_ne!(again.header("etag"), first.header("etag"));
    // Who knows only the first one can't write over the second.
    let stale = option(json!({ "value": "3", "updated_in_db_at": STAMP }));
    send(&app, Method::PUT, "/a", Some(&stale)).await.assert_refused(409, &["stale"]);
    // The user's own document and what is pulled of it know nothing of options.
    let pulled = app.call(Method::GET, "/api/v2/user/changes?since=1", None).await.json();
    assert_eq!(pulled["data"], json!([]), "{pulled}");
    let edit = json!({ "first_name": "Jack", "updated_in_db_at": "2022-01-12T17:18:08Z" });
    assert_eq!(app.put(edit).await.error()["meta"]["changed"].get(format!("user_options/{OTHER}")), None);
}
