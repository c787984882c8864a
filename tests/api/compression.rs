//! Answers in fewer bytes (design 4), and what their entity tags then are.

use actix_web::http::Method;
use actix_web::http::header::ACCEPT_ENCODING;
use actix_web::test::TestRequest;
use serde_json::json;

use crate::support::TestApp;
use crate::support::app::{JSON_API, USER, put, user};
use crate::support::stream::Stream;

/// A user whose document is worth to be compressed.
async fn app() -> TestApp {
    let app = TestApp::new();
    app.put(json!({ "employer": "x".repeat(200), "occupation": "y".repeat(200), "overwrite": true }))
        .await
        .assert_ok();
    app
}

fn get(accepted: &str) -> TestRequest {
    TestRequest::get().uri(USER).insert_header((ACCEPT_ENCODING, accepted))
}

#[actix_web::test]
async fn an_answer_is_compressed_as_the_client_wants_it_most() {
    let app = app().await;
    let whole = app.get().await;
    assert_eq!(whole.header("content-encoding"), None, "nobody has asked");
    let tag = whole.header("etag").expect("a tag").trim_end_matches('"').to_owned();
    for (accepted, encoding) in [
        ("gzip", Some("gzip")),
        ("br", Some("br")),
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip;q=1.0, br;q=0.5", Some("gzip")),
        ("br;q=0, X-GZIP ; q=0.1", Some("gzip")),
        ("gzip;q=0, br;q=0", None),
        ("gzip;q=x", None),
        ("identity", None),
        ("deflate, *", None),
        ("", None),
    ] {
        let answer = app.send(get(accepted)).await;
        assert_eq!(answer.header("content-encoding"), encoding, "{accepted}");
        assert_eq!(answer.body, whole.body, "{accepted}");
        let suffix = encoding.map_or_else(String::new, |encoding| format!("-{encoding}"));
        assert_eq!(answer.header("etag"), Some(format!("{tag}{suffix}\"").as_str()), "{accepted}");
        assert_eq!(answer.sent < whole.sent, encoding.is_some(), "{accepted}");
        assert!(answer.headers.get_all("vary").any(|name| name == "Accept-Encoding"), "{accepted}");
    }
}

#[actix_web::test]
async fn a_large_answer_is_compressed_too() {
    let app = app().await;
    let attributes = json!({ "preferences": { "state": "z".repeat(60_000) }, "overwrite": true });
    let request = put(&user(attributes)).insert_header((ACCEPT_ENCODING, "gzip"));
    let answer = app.send(request).await;
    assert_eq!((answer.status, answer.header("content-encoding")), (200, Some("gzip")));
    assert_eq!(answer.body, app.get().await.body);
}

#[actix_web::test]
async fn the_tag_of_a_compressed_answer_names_the_representation_and_the_state() {
    let app = app().await;
    for accepted in ["gzip", "br"] {
        let tag = app.send(get(accepted)).await.header("etag").expect("a tag").to_owned();
        let other = app.send(get("identity").insert_header(("If-None-Match", tag.as_str()))).await;
        assert_eq!(other.status, 200, "{tag} is of another representation");
        let known = app.send(get(accepted).insert_header(("If-None-Match", format!("\"x\", W/{tag}")))).await;
        assert_eq!((known.status, known.header("etag")), (304, Some(tag.as_str())));
        let edit = || put(&user(json!({ "first_name": accepted }))).insert_header(("If-Match", tag.as_str()));
        app.send(edit()).await.assert_ok();
        app.send(edit()).await.assert_refused(412, &["precondition_failed"]);
    }
}

#[actix_web::test]
async fn small_answers_and_streams_of_events_are_not_compressed() {
    let app = app().await;
    let healthz = app.send(TestRequest::get().uri("/healthz").insert_header((ACCEPT_ENCODING, "gzip"))).await;
    assert_eq!((healthz.status, healthz.header("content-encoding")), (200, None));
    let mut stream = Stream::open_with(&app, (ACCEPT_ENCODING, "gzip")).await;
    assert!(!stream.response.headers().contains_key("content-encoding"));
    assert!(stream.event().await.is_some(), "it is read as it is");
}

#[actix_web::test]
async fn a_batch_is_compressed_as_a_whole() {
    let app = app().await;
    let batch = json!({ "requests": [{ "method": "GET", "path": USER }] });
    let ask = |accepted| {
        let request = TestRequest::default().method(Method::POST).uri("/api/v2/batch");
        let request =
            request.insert_header(("Content-Type", JSON_API)).insert_header((ACCEPT_ENCODING, accepted));
        app.send(request.set_payload(batch.to_string()))
    };
    let (whole, small) = (ask("identity").await, ask("gzip").await);
    assert_eq!(small.header("content-encoding"), Some("gzip"));
    let items = small.json();
    assert_eq!(items[0]["body"], whole.json()[0]["body"], "what is in it is as it was");
}

#[actix_web::test]
async fn compression_can_be_left_out() {
    let app = TestApp::beside(&app().await, |state| state.compresses = false);
    let answer = app.send(get("gzip")).await;
    assert_eq!((answer.status, answer.header("content-encoding")), (200, None));
}
