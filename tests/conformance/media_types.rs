//! Media type and negotiation: K1 to K15.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;

use super::{EMAIL, document, get, post, send};
use crate::support::app::{STAMP, USER};
use crate::support::{Answer, TestApp, user};

const ATOMIC: &str = "https://jsonapi.org/ext/atomic";

async fn put_as(app: &TestApp, content_type: &str) -> Answer {
    let body = user(json!({ "overwrite": true })).to_string();
    let request = TestRequest::put().uri(USER).insert_header(("Content-Type", content_type));
    app.send(request.set_payload(body)).await
}

async fn get_accepting(app: &TestApp, accept: &str) -> Answer {
    app.send(TestRequest::get().uri(USER).insert_header(("Accept", accept))).await
}

/// Answers of several statuses.
async fn answers(app: &TestApp) -> Vec<Answer> {
    let site = document("websites", json!({ "url": "x" }));
    vec![
        app.get().await,
        get(app, "user/websites").await,
        get(app, "user/relationships/websites").await,
        post(app, "user/websites", &site).await,
        app.put(json!({ "overwrite": true })).await,
        get(app, "nothing").await,
        get(app, "user?foo=1").await,
        app.send_as(None, TestRequest::get().uri(USER)).await,
        send(app, Method::DELETE, "user", None).await,
    ]
}

#[actix_web::test]
async fn k001_every_document_is_sent_as_json_api() {
    let answers = answers(&TestApp::new()).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 201, 200, 404, 400, 401, 405]);
    for answer in answers {
        let content_type = answer.header("content-type").expect("a Content-Type");
        assert_eq!(content_type.split(';').next(), Some("application/vnd.api+json"));
    }
}

#[actix_web::test]
async fn k002_the_only_parameter_of_answers_is_the_documented_charset() {
    for answer in answers(&TestApp::new()).await {
        assert_eq!(answer.header("content-type"), Some("application/vnd.api+json; charset=utf-8"));
    }
}

#[actix_web::test]
async fn k007_a_body_with_a_foreign_parameter_but_the_charset_is_415() {
    let app = TestApp::new();
    for parameter in ["version=1", "charset=latin1", "q=1", "profile=\"x\"; version=1"] {
        let answer = put_as(&app, &format!("application/vnd.api+json; {parameter}")).await;
        answer.assert_refused(415, &["unsupported_media_type"]);
        assert_eq!(answer.error()["source"], json!({ "header": "Content-Type" }), "{parameter}");
    }
    assert_eq!(put_as(&app, "application/vnd.api+json; charset=utf-8").await.status, 200);
}

#[actix_web::test]
async fn k008_a_body_with_an_unsupported_extension_is_415() {
    let app = TestApp::new();
    for ext in [ATOMIC, "https://example.com/ext", "https://example.com/a https://example.com/b"] {
        let answer = put_as(&app, &format!("application/vnd.api+json; ext=\"{ext}\"")).await;
        answer.assert_refused(415, &["unsupported_media_type"]);
    }
    assert_eq!(put_as(&app, "application/vnd.api+json").await.status, 200);
}

#[actix_web::test]
async fn k009_accept_with_foreign_parameters_alone_is_406() {
    let app = TestApp::new();
    let foreign = "application/vnd.api+json; version=1";
    for accept in [foreign.to_owned(), format!("{foreign}, application/vnd.api+json; x=y")] {
        let answer = get_accepting(&app, &accept).await;
        answer.assert_refused(406, &["not_acceptable"]);
        assert_eq!(answer.error()["source"], json!({ "header": "Accept" }), "{accept}");
    }
    let beside_a_plain_one = format!("{foreign}, application/vnd.api+json");
    assert_eq!(get_accepting(&app, &beside_a_plain_one).await.status, 200);
}

#[actix_web::test]
async fn k010_accept_with_unsupported_extensions_alone_is_406() {
    let app = TestApp::new();
    let atomic = format!("application/vnd.api+json; ext=\"{ATOMIC}\"");
    let other = "application/vnd.api+json; ext=\"https://example.com/ext\"";
    let both = format!("application/vnd.api+json; ext=\"{ATOMIC} https://example.com/ext\"");
    for accept in [other, &both, &format!("{other}, {both}")] {
        get_accepting(&app, accept).await.assert_refused(406, &["not_acceptable"]);
    }
    for accept in [&atomic, &format!("{other}, {atomic}"), &format!("{other}, application/vnd.api+json")] {
        assert_eq!(get_accepting(&app, accept).await.status, 200, "{accept}");
    }
}

#[actix_web::test]
async fn k011_unknown_profiles_are_ignored() {
    let app = TestApp::new();
    let typed = "application/vnd.api+json; profile=\"https://example.com/a https://example.com/b\"";
    let plain = app.get().await;
    assert_eq!(get_accepting(&app, typed).await.text(), plain.text());
    assert_eq!(put_as(&app, typed).await.text(), plain.text());
}

#[actix_web::test]
async fn k013_every_answer_varies_by_accept() {
    for answer in answers(&TestApp::new()).await {
        let mut named = answer.headers.get_all("vary").filter_map(|value| value.to_str().ok());
        assert!(named.any(|value| value.split(", ").any(|header| header == "Accept")), "{answer:?}");
    }
}

#[actix_web::test]
async fn k014_the_jsonapi_member_of_a_body_does_not_steer_negotiation() {
    let app = TestApp::new();
    let mut edit = user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP }));
    edit["jsonapi"] =
        json!({ "version": "9.9", "ext": [ATOMIC], "profile": ["https://example.com/profile"] });
    let answer = app.put_document(&edit).await;
    assert_eq!(answer.assert_ok()["first_name"], "Jack");
    assert_eq!(answer.header("content-type"), Some("application/vnd.api+json; charset=utf-8"));
}

#[actix_web::test]
async fn k015_answers_obey_the_semantics_of_http() {
    let app = TestApp::new();
    let read = app.get().await;
    let tag = read.header("etag").expect("a tag").to_owned();
    assert_eq!(read.header("cache-control"), Some("private, no-cache"));
    let head = send(&app, Method::HEAD, "user", None).await;
    assert_eq!((head.status, head.header("etag")), (200, Some(tag.as_str())));
    let known = TestRequest::get().uri(USER).insert_header(("If-None-Match", tag));
    assert_eq!(app.send(known).await.status, 304);
    let row = format!("user/email_addresses/{EMAIL}");
    for (path, allow) in [
        ("user", "GET, HEAD, PUT, PATCH, OPTIONS"),
        ("user/email_addresses", "GET, HEAD, POST, OPTIONS"),
        (row.as_str(), "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
        ("user/relationships/websites", "GET, HEAD, POST, PATCH, DELETE, OPTIONS"),
    ] {
        let options = send(&app, Method::OPTIONS, path, None).await;
        assert_eq!((options.status, options.header("allow")), (204, Some(allow)), "{path}");
        let refused = send(&app, Method::TRACE, path, None).await;
        refused.assert_refused(405, &["method_not_allowed"]);
        assert_eq!(refused.header("allow"), Some(allow), "{path}");
    }
}
