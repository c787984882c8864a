//! What pictures and their forms may cost a node.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Payload, Service as _};
use actix_web::http::header::{AUTHORIZATION, RETRY_AFTER};
use actix_web::rt::spawn;
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use actix_web::web::Bytes;
use futures_util::stream;
use serde_json::Value;
use steward::clock::Clock as _;
use steward::error::Error;
use steward::server::app;
use steward::telemetry::logged;
use steward::users::avatar::gallery::{Bounds, Gallery};
use steward::users::create::NewUser;
use tokio::sync::oneshot;

use super::{get, path, pictures, put, set, upload};
use crate::support::TestApp;
use crate::support::app::{MADE_AT, REY, id, stamp};
use crate::support::form::{Form, jpeg, of_mpdx_web, png};

const FINN: &str = "11111111-1111-4111-8111-111111111111";

fn with(change: impl FnOnce(&mut Bounds)) -> TestApp {
    let mut bounds = Bounds::default();
    change(&mut bounds);
    TestApp::with(|state| state.pictures = Gallery::new(bounds))
}

/// An upload of which nothing arrives; tells when it is waited for.
fn stalled(app: &TestApp) -> (actix_http::Request, oneshot::Receiver<()>) {
    let (sender, waited) = oneshot::channel();
    let mut sender = Some(sender);
    let body = stream::poll_fn(move |_| {
        if let Some(sender) = sender.take() {
            sender.send(()).expect("somebody waits");
        }
        std::task::Poll::Pending
    });
    let request = put(Form::new()).insert_header((AUTHORIZATION, format!("Bearer {}", app.token)));
    let mut request = request.to_request();
    *request.payload() = Payload::Stream { payload: Box::pin(body) };
    (request, waited)
}

#[actix_web::test]
async fn a_form_that_does_not_arrive_in_time_is_refused() {
    let test = with(|bounds| bounds.deadline = Duration::ZERO);
    let (request, mut waited) = stalled(&test);
    let service = init_service(app(test.state.clone())).await;
    // Not as an `Answer`, for which the body of the request is read first.
    let answer = call_service(&service, request).await;
    waited.try_recv().expect("it was waited for");
    assert_eq!(answer.status(), 400);
    let told: Value = read_body_json(answer).await;
    assert_eq!(told["errors"][0]["code"], "bad_request");
    let detail = told["errors"][0]["detail"].as_str().expect("a text");
    assert!(detail.contains("did not arrive within"), "{detail}");
}

#[actix_web::test]
async fn a_user_and_a_node_receive_so_many_forms_at_once() {
    let test = with(|bounds| (bounds.per_user, bounds.per_node) = (1, 1));
    test.change(|connection| {
        NewUser::new(id(FINN), "Finn", stamp(MADE_AT)).expect("Finn").insert(connection)
    });
    let (request, waited) = stalled(&test);
    let service = init_service(app(test.state.clone())).await;
    let first = spawn(async move { service.call(request).await.map(drop) });
    waited.await.expect("it is waited for");
    let form = || of_mpdx_web(REY, "image/png", &png());
    upload(&test, form()).await.assert_refused(429, &["too_many_requests"]);
    let token = test.state.tokens.issue(id(FINN), test.clock.now(), 0, 3600).expect("a token");
    let busy = test.send_as(Some(&token), put(form())).await;
    busy.assert_refused(503, &["unavailable"]);
    assert!(busy.headers.contains_key(RETRY_AFTER));
    first.abort();
    assert!(first.await.expect_err("an end").is_cancelled());
    upload(&test, form()).await.assert_ok();
    upload(&test, form()).await.assert_ok();
}

#[actix_web::test]
async fn a_node_sends_so_many_pictures_at_once_and_answers_without_one_as_before() {
    let test = with(|bounds| bounds.sending = 1);
    let url = set(&test, "image/png", &png()).await;
    let service = init_service(app(test.state.clone())).await;
    let request = TestRequest::get().uri(path(&url));
    let first = service.call(request.to_request()).await.expect("an answer");
    let tag = first.headers().get("etag").expect("a tag").clone();
    let busy = get(&test, &url).await;
    busy.assert_refused(503, &["unavailable"]);
    assert!(busy.headers.contains_key(RETRY_AFTER));
    let known = TestRequest::get().uri(path(&url)).insert_header(("If-None-Match", tag));
    assert_eq!(test.send_as(None, known).await.status, 304);
    drop(first);
    assert_eq!(get(&test, &url).await.body, png());
}

#[actix_web::test]
async fn readers_of_a_picture_share_its_bytes() {
    let gallery = Gallery::new(Bounds::default());
    let read = || async { Ok::<_, Error>(Bytes::from(vec![7; 5 * 1024 * 1024])) };
    let first = gallery.bytes(&[1; 32], read()).await.expect("bytes");
    let second = gallery.bytes(&[1; 32], read()).await.expect("bytes");
    assert_eq!(first.as_ptr(), second.as_ptr());
    let third = gallery.bytes(&[2; 32], async { Ok(Bytes::from_static(b"other")) }).await;
    assert_eq!(third.expect("bytes"), "other");
    assert_eq!(Arc::strong_count(&gallery), 1);
}

#[actix_web::test]
async fn a_picture_that_was_sent_is_not_sent_again_once_it_is_gone() {
    let app = TestApp::new();
    let other = app.second_node();
    let url = set(&app, "image/png", &png()).await;
    for node in [&app, &other] {
        assert_eq!(get(node, &url).await.body, png());
    }
    set(&app, "image/jpeg", &jpeg()).await;
    for node in [&app, &other] {
        get(node, &url).await.assert_refused(404, &["not_found"]);
    }
    assert_eq!(pictures(&app), 1);
}

#[test]
fn the_log_does_not_tell_who_may_see_a_picture() {
    assert_eq!(logged(&format!("/pictures/{REY}/{}", "0".repeat(32))), format!("/pictures/{REY}/…"));
    assert_eq!(logged("/api/v2/user"), "/api/v2/user");
}
