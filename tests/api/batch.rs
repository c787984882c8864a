//! `POST /api/v2/batch`: `mpdx-behaviour.md` 6.2.

use actix_web::http::header::{ACCEPT, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::support::app::{JSON_API, STAMP, USER, user};
use crate::support::{Answer, TestApp};

const PATH: &str = "/api/v2/batch";
const SITE: &str = "11111111-1111-4111-8111-111111111111";
const INVALID: &str = "Invalid batch request.A batch request must have a body of a JSON object with a `requests` key that has an array of request objects.A request object must have a `method`, and a `path`, and optionally a `body`.The `body` must be a string.";

fn batch(document: &Value) -> TestRequest {
    let request = TestRequest::post().uri(PATH).insert_header((CONTENT_TYPE, JSON_API));
    request.set_payload(document.to_string())
}

async fn send(app: &TestApp, requests: Value) -> Answer {
    let answer = app.send(batch(&json!({ "requests": requests }))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer
}

fn statuses(answer: &Answer) -> Vec<u64> {
    let items = answer.json();
    items.as_array().expect("items").iter().map(|item| item["status"].as_u64().expect("a number")).collect()
}

/// The body of an item, which is a text.
fn body(item: &Value) -> Value {
    serde_json::from_str(item["body"].as_str().expect("a text")).expect("JSON")
}

fn rename(name: &str) -> Value {
    let document = user(json!({ "first_name": name, "overwrite": true }));
    json!({ "method": "PUT", "path": USER, "body": document.to_string() })
}

#[actix_web::test]
async fn requests_are_done_one_after_the_other_and_answered_in_their_order() {
    let app = TestApp::new();
    let site =
        json!({ "data": { "type": "websites", "id": SITE, "attributes": { "url": "https://a.example" } } });
    let requests = json!([
        { "method": "GET", "path": USER },
        { "method": "PUT", "path": USER, "body": user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })) },
        { "method": "GET", "path": format!("{USER}?fields[users]=first_name"), "body": null },
        { "method": "POST", "path": format!("{USER}/websites"), "body": site.to_string() },
        { "method": "patch", "path": format!("{USER}/websites/{SITE}"), "body": { "data": {
            "type": "websites", "id": SITE, "attributes": { "url": "https://b.example", "overwrite": true } } } },
        { "method": "DELETE", "path": format!("{USER}/websites/{SITE}/") },
        { "method": "GET", "path": "/healthz" },
        { "method": "GET", "path": "/api/v2/nothing" },
    ]);
    let before = app.get().await;
    let answer = send(&app, requests).await;
    assert_eq!(statuses(&answer), [200, 200, 200, 201, 200, 204, 200, 404], "{}", answer.text());
    let items = answer.json();
    assert_eq!(items[0]["body"], before.text(), "the same bytes as by itself");
    assert_eq!(items[0]["headers"]["ETag"], before.header("etag").expect("a tag"));
    assert_eq!(items[0]["headers"]["Content-Type"], before.header("content-type").expect("a type"));
    assert_eq!(body(&items[2])["data"]["attributes"], json!({ "first_name": "Jack" }));
    assert_eq!(items[3]["headers"]["Location"], format!("{USER}/websites/{SITE}"));
    assert_eq!(items[5]["body"], "");
    let id = answer.header("x-request-id").expect("an id");
    assert_eq!(items[7]["headers"]["X-Request-Id"], format!("{id}/7"));
    assert_eq!(body(&items[7])["errors"][0]["id"], format!("{id}/7.0"));
}

#[actix_web::test]
async fn a_batch_is_no_transaction_unless_a_failure_ends_it() {
    let app = TestApp::new();
    let stale = json!({ "method": "PUT", "path": USER, "body": user(json!({ "first_name": "A" })) });
    let answer = send(&app, json!([rename("One"), stale, rename("Two")])).await;
    assert_eq!(statuses(&answer), [200, 409, 200]);
    assert_eq!(app.attributes().await["first_name"], "Two");
    let requests = json!([rename("Three"), stale, rename("Four")]);
    let answer = app.send(batch(&json!({ "requests": requests, "on_error": "ABORT" }))).await;
    assert_eq!((answer.status, statuses(&answer)), (409, vec![200, 409]), "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(app.attributes().await["first_name"], "Three");
    let refused = json!([{ "method": "TRACE", "path": USER }, rename("Five")]);
    let answer = app.send(batch(&json!({ "requests": refused, "on_error": "ABORT" }))).await;
    assert_eq!((answer.status, statuses(&answer)), (405, vec![405]));
    let answer = app.send(batch(&json!({ "requests": [rename("Six")], "on_error": "ABORT" }))).await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn requests_that_are_not_done_have_the_shapes_of_the_original() {
    let app = TestApp::new();
    let forbidden = "You cannot access this endpoint from within a batch request";
    let pathless = "The `path` key must be provided as part of a request object in a batch request";
    for (request, status, message) in [
        (
            json!({ "method": "OPTIONS", "path": USER, "body": "x" }),
            405,
            "HTTP method `OPTIONS` is not allowed in a batch request",
        ),
        (json!({ "path": USER }), 405, "HTTP method `` is not allowed in a batch request"),
        (json!({ "method": "GET" }), 400, pathless),
        (json!({ "method": "GET", "path": "" }), 400, pathless),
        (json!({ "method": "POST", "path": PATH, "body": "{\"requests\":[]}" }), 403, forbidden),
        (json!({ "method": "POST", "path": format!("{PATH}/") }), 403, forbidden),
        (json!({ "method": "PUT", "path": "/api/v2/contacts/people/bulk?a=b" }), 403, forbidden),
        (json!({ "method": "GET", "path": format!("{USER}/events") }), 403, forbidden),
    ] {
        let answer = send(&app, json!([request])).await;
        let item = &answer.json()[0];
        assert_eq!(
            (&item["status"], &item["headers"]["Content-Type"]),
            (&json!(status), &json!("application/json"))
        );
        let text = |name: &str| request[name].as_str().unwrap_or_default();
        let meta = json!({ "method": text("method"), "path": text("path"), "body": request["body"] });
        assert_eq!(body(item), json!({ "errors": [{ "status": status, "message": message, "meta": meta }] }));
    }
    for path in ["user", "https://elsewhere.example/api/v2/user", "/a b"] {
        let answer = send(&app, json!([{ "method": "GET", "path": path }])).await;
        assert_eq!(statuses(&answer), [400], "{path}");
    }
}

#[actix_web::test]
async fn what_is_no_batch_is_refused_in_the_shape_of_the_original() {
    let app = TestApp::new();
    let whole = json!({ "errors": [{ "status": 400, "message": INVALID }] });
    for body in [
        "",
        "no JSON",
        "[]",
        "{}",
        "{\"requests\":{}}",
        "{\"requests\":[1]}",
        "{\"requests\":[[]]}",
        "{\"requests\":[{\"method\":7}]}",
        "{\"requests\":[{\"method\":\"GET\",\"path\":[]}]}",
        "{\"requests\":[{\"method\":\"PUT\",\"path\":\"/api/v2/user\",\"body\":7}]}",
    ] {
        let request = TestRequest::post().uri(PATH).set_payload(body.to_owned());
        let answer = app.send(request).await;
        assert_eq!((answer.status, answer.json()), (400, whole.clone()), "{body}");
    }
    let many = |n: usize| json!({ "requests": vec![json!({ "method": "GET", "path": "/healthz" }); n] });
    assert_eq!(app.send(batch(&many(100))).await.status, 200);
    let answer = app.send(batch(&many(101))).await;
    assert_eq!(answer.status, 429);
    let detail = "You only able to send up to 100 requests in a batch request";
    let error = json!({ "status": 429, "title": "Too Many Requests", "detail": detail });
    assert_eq!(answer.json(), json!({ "errors": [error] }));
    assert_eq!(send(&app, json!([])).await.json(), json!([]));
}

#[actix_web::test]
async fn headers_of_the_batch_are_those_of_its_requests_but_for_conditions() {
    let app = TestApp::new();
    let get = json!([{ "method": "GET", "path": USER }]);
    let nobody = app.send_as(None, batch(&json!({ "requests": get }))).await;
    assert_eq!(statuses(&nobody), [401]);
    let request = batch(&json!({ "requests": get })).insert_header((ACCEPT, "text/html"));
    assert_eq!(statuses(&app.send(request).await), [406]);
    let edit = json!({ "requests": [rename("Jack")] });
    let request = TestRequest::post().uri(PATH).insert_header((CONTENT_TYPE, "application/json"));
    assert_eq!(statuses(&app.send(request.set_payload(edit.to_string())).await), [415]);
    let overridden = batch(&edit).insert_header(("X-HTTP-Method-Override", "POST"));
    assert_eq!(statuses(&app.send(overridden).await), [200]);
    let current = app.get().await.header("etag").expect("a tag").to_owned();
    let request = batch(&json!({ "requests": get })).insert_header((IF_NONE_MATCH, current));
    assert_eq!(statuses(&app.send(request).await), [200]);
    let request = batch(&json!({ "requests": [rename("Joe")] })).insert_header((IF_MATCH, "\"none\""));
    assert_eq!(statuses(&app.send(request).await), [200]);
}

#[actix_web::test]
async fn a_repeated_batch_does_each_of_its_writes_once() {
    let app = TestApp::new();
    let site = json!({ "data": { "type": "websites", "attributes": { "url": "https://a.example" } } });
    let add = json!({ "method": "POST", "path": format!("{USER}/websites"), "body": site.to_string() });
    let requests = json!([add, rename("Jack"), add, { "method": "GET", "path": USER }]);
    let keyed = || batch(&json!({ "requests": requests })).insert_header(("Idempotency-Key", "b-1"));
    let first = app.send(keyed()).await;
    assert_eq!(statuses(&first), [201, 200, 201, 200], "{}", first.text());
    let again = app.second_node().send(keyed()).await;
    for (place, (first, again)) in first
        .json()
        .as_array()
        .expect("items")
        .iter()
        .zip(again.json().as_array().expect("items"))
        .enumerate()
    {
        let replayed = &again["headers"]["Idempotent-Replayed"];
        assert_eq!((&again["status"], &again["body"]), (&first["status"], &first["body"]));
        assert_eq!(replayed == "true", place < 3, "{again}");
    }
    let sites = app.send(TestRequest::get().uri(&format!("{USER}/websites"))).await.json();
    assert_eq!(sites["meta"]["pagination"]["total_count"], 2, "{sites}");
    // The key of a request is that of the batch with its place.
    let alone = TestRequest::post().uri(&format!("{USER}/websites")).insert_header((CONTENT_TYPE, JSON_API));
    let alone = alone.insert_header(("Idempotency-Key", "b-1#0")).set_payload(site.to_string());
    assert_eq!(app.send(alone).await.header("idempotent-replayed"), Some("true"));
}

#[actix_web::test]
async fn answers_that_grow_too_large_end_a_batch_and_the_rest_is_not_done() {
    let app = TestApp::new();
    let sites = (0..400).map(|n| {
        let url = format!("https://{n}.example/{}", "x".repeat(1500));
        json!({ "type": "websites", "attributes": { "url": url } })
    });
    let mut edit = user(json!({ "overwrite": true }));
    edit["data"]["relationships"] = json!({ "websites": { "data": sites.collect::<Vec<_>>() } });
    app.put_document(&edit).await.assert_ok();
    let large = json!({ "method": "GET", "path": format!("{USER}?include=websites") });
    let mut requests = vec![large; 20];
    requests.push(rename("Jack"));
    let answer = send(&app, json!(requests)).await;
    let statuses = statuses(&answer);
    let done = statuses.iter().filter(|status| **status == 200).count();
    assert!(answer.body.len() < 16 << 20 && (1..20).contains(&done), "{done} in {}", answer.body.len());
    assert_eq!(statuses[done..], vec![429; 21 - done]);
    assert_eq!(app.attributes().await["first_name"], "Rey");
}

#[actix_web::test]
async fn a_batch_larger_than_a_body_may_be_is_413() {
    let app = TestApp::with(|state| state.limits.body = 100);
    app.send(batch(&json!({ "requests": [rename("Jack")] })))
        .await
        .assert_refused(413, &["payload_too_large"]);
}

#[actix_web::test]
async fn no_spelling_of_a_path_leads_to_what_must_not_be_in_a_batch() {
    let app = TestApp::new();
    let inner = json!({ "requests": [{ "method": "GET", "path": USER }] });
    for (method, path) in [
        ("POST", "/api/v2/%62atch"),
        ("POST", "/api/v2/bat%63h/"),
        ("GET", "/api/v2/user/%65vents"),
        ("GET", "/api/v2/user/even%74s?filter[x]=1"),
    ] {
        let answer = send(&app, json!([{ "method": method, "path": path, "body": inner }])).await;
        assert_eq!(statuses(&answer), [403], "{path}");
        let message = "You cannot access this endpoint from within a batch request";
        assert_eq!(body(&answer.json()[0])["errors"][0]["message"], message);
    }
}

#[actix_web::test]
async fn names_of_full_length_have_room_for_the_number_of_a_request() {
    let app = TestApp::new();
    let (key, id) = ("k".repeat(255), "r".repeat(128));
    let requests = json!({ "requests": vec![rename("Jack"); 100] });
    let request =
        batch(&requests).insert_header(("Idempotency-Key", key)).insert_header(("X-Request-Id", id.clone()));
    let answer = app.send(request).await;
    assert_eq!(statuses(&answer), [200; 100], "{}", answer.json()[0]);
    assert_eq!(answer.json()[99]["headers"]["X-Request-Id"], format!("{id}/99"));
}
