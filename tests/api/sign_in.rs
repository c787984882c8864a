//! Signing in with what a provider of identities gave (mpdx-behaviour 5.2).

mod bearer;
mod cas;
mod clients;
mod secrets;
mod tls;
mod tokens;
mod users;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::config::SignInFlags;
use steward::db::schema::people;

use crate::support::app::{JSON_API, USER};
use crate::support::provider::providers;
use crate::support::{Answer, TestApp};

const PATH: &str = "/api/v2/user/authenticate";

/// An application with providers.
fn app(flags: &SignInFlags) -> TestApp {
    TestApp::with(|state| state.sign_in = providers(flags))
}

/// A sign-in with attributes.
fn request(attributes: Value) -> TestRequest {
    let document = json!({ "data": { "type": "authenticate", "attributes": attributes } });
    TestRequest::post().uri(PATH).insert_header((CONTENT_TYPE, JSON_API)).set_payload(document.to_string())
}

async fn sign_in(app: &TestApp, attributes: Value) -> Answer {
    app.send_as(None, request(attributes)).await
}

/// A sign-in that must succeed; returns the user's document.
async fn user(app: &TestApp, attributes: Value) -> Value {
    let token = sign_in(app, attributes).await.assert_ok()["json_web_token"].clone();
    let shown = get(app, token.as_str().expect("a token")).await;
    shown.assert_ok();
    shown.json()["data"].clone()
}

/// The user of a bearer token.
async fn get(app: &TestApp, token: &str) -> Answer {
    app.send_as(Some(token), TestRequest::get().uri(USER)).await
}

/// How many users there are.
fn users(app: &TestApp) -> i64 {
    people::table.count().get_result(&mut app.connection()).expect("a number")
}
