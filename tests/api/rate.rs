//! How often one client may ask (`--rate-limit`).

use std::num::NonZeroU32;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;
use steward::transport::rate::Rate;
use steward::users::create::NewUser;

use crate::support::app::{JSON_API, MADE_AT, USER, id, stamp};
use crate::support::{Answer, TestApp, user};

const FINN: &str = "77777777-7777-4777-8777-777777777777";

/// Three requests; the next one is let in again in twenty seconds, which no test lasts.
fn app(is_behind_proxy: bool) -> TestApp {
    let three = NonZeroU32::new(3).expect("three");
    TestApp::with(|state| state.rate = Rate::per_minute(three, is_behind_proxy))
}

fn from(address: &str) -> TestRequest {
    TestRequest::get()
        .uri("/api/v2/constants")
        .peer_addr(format!("{address}:40000").parse().expect("an address"))
}

fn assert_too_often(answer: &Answer) {
    answer.assert_refused(429, &["too_many_requests"]);
    let wait: u32 = answer.header("retry-after").expect("when").parse().expect("seconds");
    assert!((1..=20).contains(&wait), "{wait}");
}

#[actix_web::test]
async fn a_user_who_asks_too_often_is_429_wherever_he_asks_from_and_others_are_not() {
    let app = app(false);
    let finn = NewUser::new(id(FINN), "Finn", stamp(MADE_AT)).expect("a user");
    app.change(|connection| finn.insert(connection));
    for address in ["10.0.0.1", "10.0.0.2", "10.0.0.1"] {
        assert_eq!(app.send(from(address)).await.status, 200);
    }
    assert_too_often(&app.send(from("10.0.0.3")).await);
    let edit = user(json!({ "first_name": "Jack", "overwrite": true }));
    assert_too_often(&app.call(Method::PUT, USER, Some(&edit)).await);
    assert_eq!(app.send_as(Some(&app.token_of(FINN)), from("10.0.0.1")).await.status, 200);
}

#[actix_web::test]
async fn strangers_are_counted_by_their_addresses_whatever_they_show() {
    let app = app(false);
    assert_eq!(app.send_as(None, from("10.0.0.1")).await.status, 401);
    assert_eq!(app.send_as(Some("made up"), from("10.0.0.1")).await.status, 401);
    assert_eq!(app.send_as(Some("made up"), from("10.0.0.1").uri("/nothing")).await.status, 404);
    for (token, path) in [
        (None, "/api/v2/constants"),
        (Some("made up"), "/api/v2/constants"),
        (Some("made up"), "/nothing"),
        (Some("made up"), "/docs/errors"),
    ] {
        assert_too_often(&app.send_as(token, from("10.0.0.1").uri(path)).await);
    }
    let sign_in = from("10.0.0.1").method(Method::POST).uri("/api/v2/user/authenticate");
    assert_too_often(&app.send_as(Some("made up"), sign_in).await);
    assert_eq!(app.send_as(None, from("10.0.0.2")).await.status, 401);
    assert_eq!(app.send(from("10.0.0.1")).await.status, 200, "a user there is counted by himself");
    assert_eq!(
        app.send_as(None, from("10.0.0.1").uri("/healthz")).await.status,
        200,
        "probes are not counted"
    );
}

#[actix_web::test]
async fn addresses_of_one_network_of_ipv6_are_one_client() {
    let app = app(false);
    for host in 1..=3 {
        assert_eq!(app.send_as(None, from(&format!("[2001:db8::{host}]"))).await.status, 401);
    }
    assert_too_often(&app.send_as(None, from("[2001:db8::4]")).await);
    assert_eq!(app.send_as(None, from("[2001:db8:0:1::1]")).await.status, 401);
}

#[actix_web::test]
async fn behind_a_proxy_the_address_is_the_one_that_it_has_seen() {
    let (believing, other) = (app(true), app(false));
    let ask = async |app: &TestApp, told: &str| {
        app.send_as(None, from("10.0.0.1").insert_header(("X-Forwarded-For", told))).await.status
    };
    for client in 1..=3 {
        // What stands before it was told by the client himself.
        assert_eq!(ask(&believing, &format!("1.1.1.{client}, 192.0.2.1")).await, 401);
        assert_eq!(ask(&other, &format!("192.0.2.{client}")).await, 401);
    }
    assert_eq!(ask(&believing, "192.0.2.1").await, 429);
    assert_eq!(ask(&believing, "192.0.2.2").await, 401);
    assert_eq!(ask(&other, "192.0.2.4").await, 429);
}

#[actix_web::test]
async fn each_request_of_a_batch_is_counted_and_the_batch_is_not() {
    let app = app(false);
    let read = json!({ "method": "GET", "path": USER });
    let batch = json!({ "requests": vec![read; 4] });
    let request = TestRequest::default().method(Method::POST).uri("/api/v2/batch");
    let answer =
        app.send(request.insert_header(("Content-Type", JSON_API)).set_payload(batch.to_string())).await;
    let items = answer.json();
    let statuses: Vec<_> =
        items.as_array().expect("items").iter().map(|item| item["status"].clone()).collect();
    assert_eq!(statuses, [200, 200, 200, 429]);
}
