//! What odd requests have in common: each is refused with an error document, and nothing is changed by any of them.

use std::collections::BTreeSet;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use steward::users::store::Status;

use super::get;
use crate::support::TestApp;
use crate::support::app::{JSON_API, REY, id};

/// A request with the name by which a failure tells it.
pub(super) type Odd = (String, TestRequest);

/// Everything that belongs to Rey.
const EVERYTHING: &str = "user?include=*,family_relationships.related_person,account_lists.users";

/// A request to a path below `/api/v2/`, with a body where there is one.
pub(super) fn request(method: &Method, path: &str, body: Option<impl Into<Vec<u8>>>) -> TestRequest {
    let request = TestRequest::with_uri(&format!("/api/v2/{path}")).method(method.clone());
    match body {
        Some(body) => request.insert_header((CONTENT_TYPE, JSON_API)).set_payload(body.into()),
        None => request,
    }
}

/// Sends the requests. Each must be answered with 4xx, as [`Answer`](crate::support::Answer) checks it, and must not
/// move the version of Rey's record; after all of them the whole of it is the same, byte for byte.
pub(super) async fn assert_all_refused(app: &TestApp, requests: Vec<Odd>) {
    let names: BTreeSet<String> = requests.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names.len(), requests.len(), "each has a name of its own");
    let mut connection = app.connection();
    let mut version =
        || Status::read(&mut connection, id(REY)).expect("the version").expect("Rey is there").version;
    let before = get(app, EVERYTHING).await;
    let mut known = version();
    let mut wrong = Vec::new();
    app.send_all(requests, |name, answer| {
        let now = version();
        if !(400..500).contains(&answer.status) || now != known {
            wrong.push(format!(
                "{name}: {} {}",
                answer.status,
                if now == known { "" } else { "and a change" }
            ));
        }
        known = now;
    })
    .await;
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), names.len(), wrong.join("\n"));
    let after = get(app, EVERYTHING).await;
    assert_eq!(after.text(), before.text());
    assert_eq!(after.header("etag"), before.header("etag"), "version and stamp");
}
