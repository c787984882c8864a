//! What the clients in the field send and need, a test for each fact. The sections are those of a survey of these
//! clients: the twelve facts that matter most (0), the web client (1), the Android library (2).
//!
//! Not yet, since the endpoints are not built: `user/google_accounts`, `user/notifications`, and the picture of
//! `contacts/people/<id>` as `multipart/form-data`. What is not about the user's own record is in `flows`.

mod android;
mod facts;
mod web;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::support::app::{JSON_API, REY, USER};
use crate::support::{Answer, TestApp};

/// The documented user's e-mail address.
const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";

/// What the web client asks for at each page load.
pub(super) const PAGE_LOAD: &str = "user?include=account_lists,email_addresses,facebook_accounts,family_relationships,\
    family_relationships.related_person,linkedin_accounts,master_person,phone_numbers,twitter_accounts,websites";

/// What Android looks for in a 409.
const STALE: &str = "Updated in db at is not equal to the current value in the database";

async fn get(app: &TestApp, path: &str) -> Answer {
    app.call(Method::GET, &format!("/api/v2/{path}"), None).await
}

async fn send(app: &TestApp, method: Method, path: &str, document: &Value) -> Answer {
    app.call(method, &format!("/api/v2/{path}"), Some(document)).await
}

/// A PUT of the user as MPDX clients send it, with the id.
fn edit(attributes: Value) -> Value {
    json!({ "data": { "type": "users", "id": REY, "attributes": attributes } })
}

/// A GET of the user with the headers that MPDX clients send with everything.
fn request() -> TestRequest {
    TestRequest::get().uri(USER).insert_header((CONTENT_TYPE, JSON_API))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}"))
}
