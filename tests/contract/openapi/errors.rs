//! A refusal of each status.

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::examples::Play;
use crate::support::app::{JSON_API, USER};
use crate::support::user;

const ELSEWHERE: &str = "/api/v2/user/websites/99999999-9999-4999-8999-999999999999";

fn request(method: Method, path: &str, document: Option<&Value>) -> TestRequest {
    let request = TestRequest::with_uri(path).method(method).insert_header(("X-Request-Id", "example"));
    match document {
        Some(document) => request.insert_header((CONTENT_TYPE, JSON_API)).set_payload(document.to_string()),
        None => request,
    }
}

pub(super) async fn play(play: &mut Play) {
    let invalid = user(json!({ "birthday_day": 32, "deceased": "no", "overwrite": true }));
    // As in the README: another was faster.
    let stale =
        user(json!({ "first_name": "Joe", "employer": "Cru", "updated_in_db_at": "2022-01-12T17:18:09Z" }));
    let replaced = json!({ "data": [] });
    let overwrite = user(json!({ "overwrite": true }));
    let refused = [
        (400, request(Method::PUT, USER, Some(&invalid))),
        (403, request(Method::PATCH, "/api/v2/user/relationships/email_addresses", Some(&replaced))),
        (404, request(Method::GET, ELSEWHERE, None)),
        (406, request(Method::GET, USER, None).insert_header(("Accept", "text/html"))),
        (409, request(Method::PUT, USER, Some(&stale))),
        (410, request(Method::GET, "/api/v2/user/changes?since=999999", None)),
        (412, request(Method::PUT, USER, Some(&overwrite)).insert_header(("If-Match", "\"1\""))),
    ];
    for (status, request) in refused {
        let answer = play.app.send(request).await;
        play.answered(&answer, (status, &format!("errors_{status}")), "a refusal");
    }
    let stranger = play.app.send_as(None, request(Method::GET, USER, None)).await;
    play.answered(&stranger, (401, "errors_401"), "no token");
    let keyed = |document: &Value| {
        request(Method::PUT, USER, Some(document)).insert_header(("Idempotency-Key", "7f1c"))
    };
    let first = play.app.send(keyed(&overwrite)).await;
    play.answered(&first, (200, ""), "a key");
    let another = play.app.send(keyed(&user(json!({ "employer": "-", "overwrite": true })))).await;
    play.answered(&another, (422, "errors_422"), "the same key");
}
