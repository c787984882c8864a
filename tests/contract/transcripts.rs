//! The transcripts of `docs/conflicts.md` and `docs/sync.md`: conversations with the server, written down as they happen
//! and held against the documents.

use std::fmt::Write as _;

use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use steward::jsonapi::Json;
use steward::jsonapi::atomic::ANSWER;

use crate::support::app::{JSON_API, STAMP, USER, user};
use crate::support::{Answer, TestApp, docs};

const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";
const SITE: &str = "11111111-1111-4111-8111-111111111111";
const KEY: (&str, &str) = ("Idempotency-Key", "5f2c6c1e-4d0a-4a55-9d34-0f2a4b1a9c11");
/// The user with the fields that the transcripts are about.
const SHORT: &str = "?fields[users]=first_name,employer,updated_in_db_at";

/// A conversation.
struct Transcript {
    app: TestApp,
    text: String,
    requests: usize,
}

impl Transcript {
    fn new() -> Self {
        Self { app: TestApp::new(), text: String::new(), requests: 0 }
    }

    fn note(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        writeln!(self.text, "{text}\n").expect("text");
    }

    /// Sends a request and writes both sides down, with the headers that matter.
    async fn say(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        self.requests += 1;
        let mut request = TestRequest::with_uri(path).method(method.clone());
        request = request.insert_header(("X-Request-Id", format!("r{}", self.requests)));
        writeln!(self.text, "```http\n{method} {path}").expect("text");
        for (name, value) in headers {
            writeln!(self.text, "{name}: {value}").expect("text");
            let name: HeaderName = name.parse().expect("a name");
            request = request.insert_header((name, HeaderValue::from_str(value).expect("a value")));
        }
        if let Some(body) = body {
            writeln!(self.text, "\n{}", pretty(&body.to_string())).expect("text");
            // The documented type goes without saying.
            if !headers.iter().any(|(name, _)| *name == "Content-Type") {
                request = request.insert_header((CONTENT_TYPE, JSON_API));
            }
            request = request.set_payload(body.to_string());
        }
        let answer = self.app.send(request).await;
        let status = StatusCode::from_u16(answer.status).expect("a status");
        writeln!(self.text, "```\n\n```http\nHTTP/1.1 {status}").expect("text");
        for name in ["ETag", "Location", "Idempotent-Replayed"] {
            if let Some(value) = answer.header(name) {
                writeln!(self.text, "{name}: {value}").expect("text");
            }
        }
        if !answer.body.is_empty() {
            writeln!(self.text, "\n{}", pretty(answer.text())).expect("text");
        }
        self.text.push_str("```\n");
        answer
    }

    async fn put(&mut self, attributes: Value) -> Answer {
        self.say(Method::PUT, &format!("{USER}{SHORT}"), &[], Some(user(attributes))).await
    }

    fn check(self, file: &str, name: &str) {
        docs::check(file, name, &self.text);
    }
}

/// JSON with a member per line, in the order in which it was sent.
fn pretty(text: &str) -> String {
    let sent = Json::parse(text.as_bytes()).expect("JSON");
    serde_json::to_string_pretty(&sent).expect("JSON")
}

fn merging(attributes: Value) -> Value {
    let mut document = user(attributes);
    document["data"]["meta"] = json!({ "on_conflict": "merge" });
    document
}

#[actix_web::test]
async fn a_conflict_and_its_ways_out_are_as_documented() {
    let mut talk = Transcript::new();
    talk.note("The phone edits first. It sends the `updated_in_db_at` that it has, and is answered with the next one:");
    talk.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    talk.note("The tablet has edited offline, on the same state. It is refused, and told why:");
    let refused =
        talk.put(json!({ "first_name": "Joe", "employer": "Cru", "updated_in_db_at": STAMP })).await;
    refused.assert_refused(409, &["stale"]);
    let newest = refused.error()["meta"]["updated_in_db_at"].as_str().expect("a stamp").to_owned();
    talk.note(
        "Its user decides: the name stays as the phone has it. The edit goes out again, on the newest state:",
    );
    talk.put(json!({ "employer": "Cru", "updated_in_db_at": newest })).await.assert_ok();
    talk.check("conflicts", "stale");
}

#[actix_web::test]
async fn a_merge_is_as_documented() {
    let mut talk = Transcript::new();
    talk.app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    talk.note("The phone has changed the name. The tablet, which knows nothing of it, changes the employer:");
    let path = format!("{USER}{SHORT}");
    let fits = merging(json!({ "employer": "Cru", "updated_in_db_at": STAMP }));
    talk.say(Method::PUT, &path, &[], Some(fits)).await.assert_ok();
    talk.note("An edit that contradicts is refused as a whole, as without `on_conflict`:");
    let contradicts =
        merging(json!({ "first_name": "Joe", "occupation": "Pilot", "updated_in_db_at": STAMP }));
    talk.say(Method::PUT, &path, &[], Some(contradicts)).await.assert_refused(409, &["stale"]);
    talk.check("conflicts", "merge");
}

#[actix_web::test]
async fn if_match_is_as_documented() {
    let mut talk = Transcript::new();
    let path = format!("{USER}{SHORT}");
    let read = talk.say(Method::GET, &path, &[], None).await;
    let tag = read.header("etag").expect("a tag").to_owned();
    talk.app.put(json!({ "employer": "Cru", "updated_in_db_at": STAMP })).await.assert_ok();
    talk.note("Meanwhile somebody else has written.");
    let edit = user(json!({ "first_name": "Joe" }));
    talk.say(Method::PUT, &path, &[("If-Match", &tag)], Some(edit))
        .await
        .assert_refused(412, &["precondition_failed"]);
    talk.check("conflicts", "if-match");
}

#[actix_web::test]
async fn conflicts_of_rows_are_as_documented() {
    let mut talk = Transcript::new();
    let path = format!("{USER}/email_addresses/{EMAIL}");
    let edit = |location: &str| {
        let attributes = json!({ "location": location, "updated_in_db_at": STAMP });
        json!({ "data": { "type": "email_addresses", "id": EMAIL, "attributes": attributes } })
    };
    talk.note("A row is guarded as the user is, by its own stamp; its answers carry the user's, which has moved too:");
    talk.say(Method::PUT, &path, &[], Some(edit("Home"))).await.assert_ok();
    talk.say(Method::PUT, &path, &[], Some(edit("Work"))).await.assert_refused(409, &["stale"]);
    talk.note("A row that comes nested in a PUT of the user is guarded by the user's stamp, and named in the conflict:");
    let mut nested = user(json!({ "updated_in_db_at": STAMP }));
    nested["data"]["relationships"] = json!({ "email_addresses": { "data": [
        { "type": "email_addresses", "id": EMAIL, "attributes": { "location": "Work" } } ] } });
    talk.say(Method::PUT, USER, &[], Some(nested.clone())).await.assert_refused(409, &["stale"]);
    talk.app.call(Method::DELETE, &path, None).await;
    talk.note("What was deleted is `null` in `changed`, and is not made again under its id:");
    talk.say(Method::PUT, USER, &[], Some(nested)).await.assert_refused(409, &["stale", "deleted"]);
    talk.check("conflicts", "rows");
}

#[actix_web::test]
async fn a_write_that_is_sent_again_is_as_documented() {
    let mut talk = Transcript::new();
    let path = format!("{USER}{SHORT}");
    let edit = || Some(user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })));
    talk.note("The answer to this is lost on the way:");
    talk.say(Method::PUT, &path, &[KEY], edit()).await.assert_ok();
    talk.note(
        "The phone sends it again, byte for byte, under the same key, and gets the answer that it missed:",
    );
    talk.say(Method::PUT, &path, &[KEY], edit()).await.assert_ok();
    talk.note("Without the key it would be told of a conflict with itself:");
    talk.say(Method::PUT, &path, &[], edit()).await.assert_refused(409, &["stale"]);
    talk.note("A key names one request. Another one under it is a mistake of the client:");
    let other = Some(user(json!({ "first_name": "Joe", "updated_in_db_at": STAMP })));
    talk.say(Method::PUT, &path, &[KEY], other).await.assert_refused(422, &["key_reused"]);
    talk.check("sync", "idempotency");
}

#[actix_web::test]
async fn a_pull_is_as_documented() {
    let mut talk = Transcript::new();
    let site =
        json!({ "data": { "type": "websites", "id": SITE, "attributes": { "url": "https://rey.example" } } });
    talk.app.call(Method::POST, &format!("{USER}/websites"), Some(&site)).await;
    let changes = format!("{USER}/changes");
    let all = talk.app.call(Method::GET, &changes, None).await.json();
    let version = all["meta"]["version"].as_i64().expect("a version");
    let path = format!("{USER}/email_addresses/{EMAIL}");
    let edit = json!({ "data": { "type": "email_addresses", "attributes": { "location": "Home", "overwrite": true } } });
    talk.app.call(Method::PUT, &path, Some(&edit)).await.assert_ok();
    talk.app.call(Method::DELETE, &format!("{USER}/websites/{SITE}"), None).await;
    talk.note(&format!(
        "The phone has version {version}. Since then another device has changed an e-mail address and deleted a website:"
    ));
    let short = "fields[users]=updated_in_db_at&fields[email_addresses]=email,location\
                 &fields[deleted_records]=deletable_type,deletable";
    let pulled = talk.say(Method::GET, &format!("{changes}?since={version}&{short}"), &[], None).await;
    assert_eq!(pulled.status, 200);
    let version = pulled.json()["meta"]["version"].clone();
    talk.note("Now it has all, and the next pull brings nothing:");
    talk.say(Method::GET, &format!("{changes}?since={version}"), &[], None).await;
    talk.note("A version that is too old to be followed, or that this database never had, is refused:");
    talk.say(Method::GET, &format!("{changes}?since=700"), &[], None)
        .await
        .assert_refused(410, &["sync_horizon"]);
    talk.check("sync", "changes");
}

#[actix_web::test]
async fn a_queue_of_operations_is_as_documented() {
    let mut talk = Transcript::new();
    talk.note("A name, a new website, its correction, and an e-mail address that goes:");
    let headers = [("Content-Type", ANSWER), KEY];
    let operations = json!({ "atomic:operations": [
        { "op": "update", "data": {
            "type": "users", "attributes": { "first_name": "Jack", "updated_in_db_at": STAMP } } },
        { "op": "add", "data": {
            "type": "websites", "id": SITE, "attributes": { "url": "https://jack.example" } } },
        { "op": "update", "data": { "type": "websites", "id": SITE, "attributes": { "primary": true } } },
        { "op": "remove", "ref": { "type": "email_addresses", "id": EMAIL } },
    ] });
    let answer = talk.say(Method::POST, "/api/v2/operations", &headers, Some(operations)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    talk.note("The tablet's queue was begun on the state before. Its second operation is refused, so nothing happens:");
    let operations = json!({ "atomic:operations": [
        { "op": "add", "data": { "type": "websites", "attributes": { "url": "https://joe.example" } } },
        { "op": "update", "data": {
            "type": "users", "attributes": { "first_name": "Joe", "updated_in_db_at": STAMP } } },
    ] });
    let headers = [("Content-Type", ANSWER)];
    let answer = talk.say(Method::POST, "/api/v2/operations", &headers, Some(operations)).await;
    answer.assert_refused(409, &["stale"]);
    talk.check("sync", "operations");
}
