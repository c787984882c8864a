//! `Idempotency-Key`: design 4.

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, IF_MATCH};
use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use futures_util::future::{Either, join_all, select};
use serde_json::{Value, json};
use std::time::Duration;
use steward::db::schema::idempotency_keys;
use steward::id::Id;
use steward::sync::idempotency::sweep;
use steward::users::create::NewUser;

use crate::support::app::{ACCOUNT_LIST, JSON_API, MADE_AT, STAMP, USER, id, stamp, user};
use crate::support::backend::{mended, sabotage, sql};
use crate::support::{Answer, TestApp};

const KEY: &str = "0d5d31cf-52a1-4b09-8ad4-3d0c28f9f7a1";
const ROW: &str = "11111111-1111-4111-8111-111111111111";

fn request(method: Method, path: &str, document: Option<&Value>) -> TestRequest {
    let request = TestRequest::with_uri(path).method(method);
    match document {
        Some(document) => request.insert_header((CONTENT_TYPE, JSON_API)).set_payload(document.to_string()),
        None => request,
    }
}

fn keyed(method: Method, path: &str, document: Option<&Value>) -> TestRequest {
    request(method, path, document).insert_header(("Idempotency-Key", KEY))
}

fn edit(name: &str) -> Value {
    user(json!({ "first_name": name, "updated_in_db_at": STAMP }))
}

async fn put(app: &TestApp, document: &Value) -> Answer {
    app.send(keyed(Method::PUT, USER, Some(document))).await
}

fn is_replay(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == Some("true")
}

fn records(app: &TestApp) -> i64 {
    idempotency_keys::table.count().get_result(&mut app.connection()).expect("a count")
}

/// Status, body, and the headers that are recorded.
fn told(answer: &Answer) -> (u16, &str, Vec<Option<&str>>) {
    let names = ["etag", "location", "last-modified", "content-type"];
    (answer.status, answer.text(), names.iter().map(|name| answer.header(name)).collect())
}

#[actix_web::test]
async fn a_write_that_is_sent_again_is_done_once_and_answered_with_the_same_bytes() {
    let site =
        json!({ "data": { "type": "websites", "id": ROW, "attributes": { "url": "https://a.example" } } });
    let change = json!({ "data": { "type": "websites", "attributes": { "url": "https://b.example", "overwrite": true } } });
    let nested = json!({ "data": { "type": "users", "attributes": { "overwrite": true }, "relationships": {
        "email_addresses": { "data": [{ "type": "email_addresses", "attributes": { "email": "b@example.com" } }] } } } });
    let row = format!("{USER}/websites/{ROW}");
    let same = json!({ "data": [] });
    for (method, path, document, before) in [
        (Method::PUT, USER.to_owned(), Some(edit("Jack")), None),
        (Method::PATCH, format!("{USER}?include=*&fields[users]=first_name"), Some(edit("Jack")), None),
        (Method::PUT, format!("{USER}?include=email_addresses"), Some(nested), None),
        (
            Method::PUT,
            "/api/v2/contacts/people/me".to_owned(),
            Some(json!({ "data": { "type": "people",
            "attributes": { "first_name": "Jack", "updated_in_db_at": STAMP } } })),
            None,
        ),
        (Method::POST, format!("{USER}/websites"), Some(site.clone()), None),
        (Method::PUT, row.clone(), Some(change), Some(site.clone())),
        (Method::DELETE, row, None, Some(site)),
        (Method::PATCH, format!("{USER}/relationships/websites"), Some(same), None),
    ] {
        let app = TestApp::new();
        if let Some(before) = &before {
            app.call(Method::POST, &format!("{USER}/websites"), Some(before)).await;
        }
        app.clock.advance(60);
        let first = app.send(keyed(method.clone(), &path, document.as_ref())).await;
        assert!((200..300).contains(&first.status), "{method} {path}: {}", first.text());
        assert!(!is_replay(&first));
        let after = app.get().await.text().to_owned();
        app.clock.advance(60);
        for node in [&app, &app.second_node()] {
            let again = node.send(keyed(method.clone(), &path, document.as_ref())).await;
            assert!(is_replay(&again), "{method} {path}");
            assert_eq!(told(&again), told(&first), "{method} {path}");
            assert_eq!(node.get().await.text(), after, "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn refusals_of_the_guard_and_of_the_rules_are_recorded() {
    let late = user(json!({ "first_name": "Jack", "updated_in_db_at": "2021-01-01T00:00:00Z" }));
    let blank = user(json!({ "first_name": "", "updated_in_db_at": STAMP }));
    let site = json!({ "data": { "type": "websites", "attributes": { "url": "x", "overwrite": true } } });
    let row = format!("{USER}/websites/{ROW}");
    let replaced = json!({ "data": [{ "type": "websites", "id": ROW }] });
    let linkage = format!("{USER}/relationships/websites");
    for (method, path, document, status) in [
        (Method::PUT, USER, &late, 409),
        (Method::PUT, USER, &blank, 400),
        (Method::PUT, row.as_str(), &site, 404),
        (Method::PATCH, linkage.as_str(), &replaced, 403),
    ] {
        let app = TestApp::new();
        let first = app.send(keyed(method.clone(), path, Some(document))).await;
        assert_eq!(first.status, status, "{}", first.text());
        // Now it would be answered otherwise: the edit is what the client must make anew, not the request.
        app.put(json!({ "employer": "Cru", "overwrite": true })).await.assert_ok();
        let again = app.send(keyed(method, path, Some(document))).await;
        assert!(is_replay(&again));
        assert_eq!(told(&again), told(&first));
    }
}

#[actix_web::test]
async fn what_says_nothing_of_the_edit_is_not_recorded_and_the_key_stays_free() {
    let app = TestApp::new();
    let put = |body: &str, kind: &str| {
        let request = TestRequest::with_uri(USER).method(Method::PUT).insert_header(("Idempotency-Key", KEY));
        request.insert_header((CONTENT_TYPE, kind.to_owned())).set_payload(body.to_owned())
    };
    let good = edit("Jack").to_string();
    app.send_as(None, put(&good, JSON_API)).await.assert_refused(401, &["unauthorized"]);
    app.send(put(&good, "text/plain")).await.assert_refused(415, &["unsupported_media_type"]);
    app.send(put(&good, JSON_API).insert_header(("Accept", "text/html")))
        .await
        .assert_refused(406, &["not_acceptable"]);
    app.send(put("{", JSON_API)).await.assert_refused(400, &["invalid_json"]);
    app.send(put(&"x".repeat(2 * 1024 * 1024), JSON_API)).await.assert_refused(413, &["payload_too_large"]);
    app.send(put(r#"{"data":{"type":"v2s"}}"#, JSON_API)).await.assert_refused(409, &["type_conflict"]);
    app.change(|connection| connection.batch_execute(&sabotage("people", "UPDATE")));
    app.send(put(&good, JSON_API)).await.assert_refused(500, &["internal_error"]);
    app.change(|connection| connection.batch_execute(&mended("people")));
    assert_eq!(records(&app), 0);
    app.send(keyed(Method::GET, USER, None)).await.assert_ok();
    assert_eq!(records(&app), 0, "a read has nothing to repeat");
    let answer = app.send(put(&good, JSON_API)).await;
    assert_eq!(answer.assert_ok()["first_name"], "Jack");
    assert!(!is_replay(&answer));
}

#[actix_web::test]
async fn an_edit_that_changes_nothing_is_recorded() {
    let app = TestApp::new();
    put(&app, &edit("Rey")).await.assert_ok();
    app.put(json!({ "first_name": "Jack", "overwrite": true })).await.assert_ok();
    let again = put(&app, &edit("Rey")).await;
    assert!(is_replay(&again));
    assert_eq!(again.assert_ok()["first_name"], "Rey", "as it was when the client was answered");
    assert_eq!(app.attributes().await["first_name"], "Jack");
}

#[actix_web::test]
async fn another_request_under_the_key_is_422() {
    let app = TestApp::new();
    put(&app, &edit("Jack")).await.assert_ok();
    let document = edit("Jack");
    let tag = ("If-Match", "\"x\"");
    for other in [
        keyed(Method::PATCH, USER, Some(&document)),
        keyed(Method::PUT, "/api/v2/user/me", Some(&document)),
        keyed(Method::PUT, &format!("{USER}?include=*"), Some(&document)),
        keyed(Method::PUT, USER, Some(&document)).insert_header(tag),
        keyed(Method::PUT, USER, Some(&edit("Jill"))),
    ] {
        app.send(other).await.assert_refused(422, &["key_reused"]);
    }
    // POST that is overridden to be the same PUT is the same request.
    let overridden =
        keyed(Method::POST, USER, Some(&document)).insert_header(("X-HTTP-Method-Override", "PUT"));
    assert!(is_replay(&app.send(overridden).await));
    assert_eq!(records(&app), 1);
}

#[actix_web::test]
async fn a_condition_is_part_of_the_request_and_its_refusal_is_recorded() {
    let app = TestApp::new();
    let tag = app.get().await.header("etag").expect("a tag").to_owned();
    let conditional = || keyed(Method::PUT, USER, Some(&edit("Jack"))).insert_header((IF_MATCH, tag.clone()));
    let first = app.send(conditional()).await;
    first.assert_ok();
    let again = app.send(conditional()).await;
    assert!(is_replay(&again), "without the key this would be 412");
    assert_eq!(told(&again), told(&first));
}

#[actix_web::test]
async fn a_key_belongs_to_its_caller() {
    let app = TestApp::new();
    let other = Id::random();
    app.change(|connection| {
        let finn = NewUser::new(other, "Finn", stamp(MADE_AT)).expect("a user");
        finn.account_list(id(ACCOUNT_LIST), "Rey's account list").expect("a list").insert(connection)
    });
    let token = app.state.tokens.issue(other, stamp(MADE_AT), 0, 3600).expect("a token");
    put(&app, &edit("Jack")).await.assert_ok();
    let answer = app.send_as(Some(&token), keyed(Method::PUT, USER, Some(&edit("Poe")))).await;
    assert!(!is_replay(&answer));
    assert_eq!(answer.assert_ok()["first_name"], "Poe");
}

#[actix_web::test]
async fn a_key_is_one_line_of_printable_ascii() {
    let app = TestApp::new();
    let put = |keys: &[&[u8]]| {
        let mut sent = request(Method::PUT, USER, Some(&edit("Jack")));
        for key in keys {
            let value = actix_web::http::header::HeaderValue::from_bytes(key).expect("a header");
            sent = sent.append_header(("Idempotency-Key", value));
        }
        sent
    };
    let long = [b'k'; 256];
    for keys in [&[&b""[..]][..], &[&long[..]], &["clé".as_bytes()], &[b"a\tb"], &[b"a", b"a"]] {
        let answer = app.send(put(keys)).await;
        answer.assert_refused(400, &["bad_request"]);
        assert_eq!(answer.error()["source"]["header"], "Idempotency-Key");
    }
    assert_eq!(app.stamp().await, STAMP);
    app.send(put(&[&long[..255]])).await.assert_ok();
}

#[actix_web::test]
async fn an_answer_is_kept_for_a_day_and_then_swept() {
    let app = TestApp::with(|_| {});
    let day = 24 * 3600;
    let token =
        app.state.tokens.issue(id(crate::support::app::REY), stamp(MADE_AT), 0, 10 * day).expect("a token");
    let send = async || app.send_as(Some(&token), keyed(Method::PUT, USER, Some(&edit("Rey")))).await;
    send().await.assert_ok();
    app.clock.advance(day);
    assert!(is_replay(&send().await));
    app.change(|connection| sweep(connection, stamp(MADE_AT + day)));
    assert_eq!(records(&app), 1);
    app.clock.advance(1);
    let anew = send().await;
    assert!(!is_replay(&anew), "too old to count, though nobody has swept it away");
    assert_eq!(records(&app), 1);
    app.change(|connection| sweep(connection, stamp(MADE_AT + 2 * day + 2)));
    assert_eq!(records(&app), 0);
}

#[actix_web::test]
async fn rivals_with_one_key_on_two_nodes_are_one_write_with_one_answer() {
    let app = TestApp::new();
    let other = app.second_node();
    let document = edit("Jack");
    let answers = join_all((0..8).map(|i| put(if i % 2 == 0 { &app } else { &other }, &document))).await;
    assert_eq!(answers.iter().filter(|answer| !is_replay(answer)).count(), 1);
    for answer in &answers {
        assert_eq!(told(answer), told(&answers[0]));
    }
    assert_eq!(app.stamp().await, "2022-01-12T17:18:10Z", "it was applied once");
}

#[actix_web::test]
async fn a_rival_that_has_waited_long_enough_is_sent_away_and_told_when_to_come_back() {
    let app = TestApp::with(|state| state.key_wait = Duration::ZERO);
    // Somebody else holds the database's write lock, or the person's, so the first of the two is at work until he lets go.
    let mut holder = app.connection();
    holder.batch_execute(sql("BEGIN IMMEDIATE", "BEGIN; SELECT 1 FROM people FOR UPDATE")).expect("the lock");
    let document = edit("Jack");
    let (first, second) = (Box::pin(put(&app, &document)), Box::pin(put(&app, &document)));
    let (refused, at_work) = match select(first, second).await {
        Either::Left((answer, other)) | Either::Right((answer, other)) => (answer, other),
    };
    refused.assert_refused(409, &["in_flight"]);
    assert_eq!(refused.header("retry-after"), Some("1"));
    holder.batch_execute("ROLLBACK").expect("the lock is free");
    let done = at_work.await;
    done.assert_ok();
    let again = put(&app, &document).await;
    assert!(is_replay(&again));
    assert_eq!(told(&again), told(&done));
}

#[actix_web::test]
async fn what_was_answered_to_a_user_goes_with_him() {
    let app = TestApp::new();
    put(&app, &edit("Jack")).await.assert_ok();
    app.change(|connection| {
        steward::users::create::delete(connection, id(crate::support::app::REY), stamp(MADE_AT))
    });
    assert_eq!(records(&app), 0);
}
