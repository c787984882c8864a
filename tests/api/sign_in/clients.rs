//! The requests of the two clients as they send them (clients 1 and 2), and requests that nobody should send.

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{PATH, app, get, request, sign_in};
use crate::support::TestApp;
use crate::support::app::JSON_API;
use crate::support::provider::cas::{cas, cas_flags, success};
use crate::support::provider::issuer::{Issuer, Key};

#[actix_web::test]
async fn the_web_client_signs_in_with_its_ticket() {
    let server = cas(&[("ST-1", success("finn", ""))]);
    let app = app(&cas_flags(&server));
    let request = TestRequest::post()
        .uri(PATH)
        .insert_header((ACCEPT, JSON_API))
        .insert_header((CONTENT_TYPE, JSON_API))
        .insert_header((ACCEPT_LANGUAGE, "en-US"))
        .insert_header(("Origin", "https://mpdx.example"))
        .set_payload(r#"{"data":{"type":"authenticate","attributes":{"cas_ticket":"ST-1"}}}"#);
    let answer = app.send_as(None, request).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let token = answer.assert_ok()["json_web_token"].clone();
    get(&app, token.as_str().expect("a token")).await.assert_ok();
}

#[actix_web::test]
async fn the_android_library_signs_in_with_its_access_token() {
    let key = Key::rsa("okta-1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    let shown = key.sign(&issuer.claims("00u1", json!({})));
    let request = TestRequest::post()
        .uri(PATH)
        .insert_header((CONTENT_TYPE, JSON_API))
        .insert_header((ACCEPT_LANGUAGE, "es-419"))
        .insert_header((ACCEPT_ENCODING, "gzip"))
        .set_payload(format!(
            r#"{{"data":{{"type":"authenticate","attributes":{{"provider":"okta","access_token":"{shown}"}}}}}}"#
        ));
    let answer = app.send_as(None, request).await;
    assert_eq!(answer.json()["data"]["type"], "authenticate");
    let token = answer.assert_ok()["json_web_token"].clone();
    get(&app, token.as_str().expect("a token")).await.assert_ok();
}

#[actix_web::test]
async fn the_envelope_is_not_looked_at_and_a_token_in_the_header_neither() {
    let server = cas(&[("ST-1", success("finn", ""))]);
    let app = app(&cas_flags(&server));
    let attributes = json!({ "cas_ticket": "ST-1", "id": "x", "person_id": 1, "unknown": {} });
    for document in [
        json!({ "data": { "attributes": attributes } }),
        json!({ "data": { "type": "users", "id": "undefined", "attributes": attributes, "odd": 1 }, "included": 5 }),
    ] {
        for header in ["Bearer garbage", ""] {
            let request = TestRequest::post().uri(PATH).insert_header((CONTENT_TYPE, JSON_API));
            let request = request.insert_header(("Authorization", header)).set_payload(document.to_string());
            app.send_as(None, request).await.assert_ok();
        }
    }
}

#[actix_web::test]
async fn who_shows_nothing_is_told_what_is_expected() {
    let server = cas(&[]);
    let with_cas = app(&cas_flags(&server));
    for body in [
        json!({}),
        json!([]),
        json!({ "data": null }),
        json!({ "data": { "type": "authenticate" } }),
        json!({ "data": { "attributes": [] } }),
        json!({ "data": { "attributes": { "cas_ticket": null, "access_token": " " } } }),
    ] {
        let request = TestRequest::post().uri(PATH).insert_header((CONTENT_TYPE, JSON_API));
        let answer = with_cas.send_as(None, request.set_payload(body.to_string())).await;
        answer.assert_refused(400, &["blank"]);
        let expected = "Expected a cas_ticket to be provided in the attributes";
        assert_eq!(answer.error()["detail"], expected, "{body}");
    }
    let issuer = Issuer::new(&Key::ed25519("1"));
    let answer = sign_in(&app(&issuer.flags()), json!({ "provider": "okta" })).await;
    answer.assert_refused(400, &["blank"]);
    assert!(answer.text().contains("access_token"));
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[actix_web::test]
async fn what_is_no_text_or_too_long_is_told_at_its_place() {
    let server = cas(&[]);
    let app = app(&cas_flags(&server));
    let long = |n: usize| Value::from("x".repeat(n));
    for (name, value, code) in [
        ("cas_ticket", json!(5), "wrong_type"),
        ("access_token", json!({}), "wrong_type"),
        ("cas_ticket", long(2049), "too_long"),
        ("id_token", long(16 * 1024 + 1), "too_long"),
    ] {
        let answer = sign_in(&app, json!({ name: value })).await;
        answer.assert_refused(400, &[code]);
        assert_eq!(answer.error()["source"]["pointer"], format!("/data/attributes/{name}"));
    }
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[actix_web::test]
async fn a_provider_that_is_off_is_told_of() {
    let app = TestApp::new();
    for attributes in
        [json!({ "cas_ticket": "ST-1" }), json!({ "access_token": "x" }), json!({ "id_token": "x" })]
    {
        sign_in(&app, attributes).await.assert_refused(400, &["provider_off"]);
    }
    sign_in(&app, json!({})).await.assert_refused(400, &["blank"]);
}

#[actix_web::test]
async fn the_order_of_answers_is_that_of_every_other_path() {
    let app = TestApp::new();
    let send = |request: TestRequest| app.send_as(None, request);
    let large = "x".repeat(app.state.limits.body + 1);
    send(request(json!({ "cas_ticket": large }))).await.assert_refused(413, &["payload_too_large"]);
    let untyped = TestRequest::post().uri(PATH).set_payload("{}");
    send(untyped).await.assert_refused(415, &["unsupported_media_type"]);
    let html = request(json!({})).insert_header((ACCEPT, "text/html"));
    send(html).await.assert_refused(406, &["not_acceptable"]);
    let broken = TestRequest::post().uri(PATH).insert_header((CONTENT_TYPE, JSON_API)).set_payload("{");
    send(broken).await.assert_refused(400, &["invalid_json"]);
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = send(TestRequest::with_uri(PATH).method(method)).await;
        answer.assert_refused(405, &["method_not_allowed"]);
        assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
    }
}
