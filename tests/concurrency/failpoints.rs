//! The process dies at chosen places of a write with an Idempotency-Key; the client, who has no answer, sends it again.

use std::fmt::Write as _;

use serde_json::{Value, json};
use ureq::http::Response;
use ureq::{Agent, Body};

use steward::jsonapi::atomic::ANSWER;

use crate::support::Place;
use crate::support::app::JSON_API;
use crate::support::docs;
use crate::support::form::{Form, png};
use crate::support::program::{Program, run_ok};

const OPERATIONS: &str = "/operations";
const PROFILE: &str = "/contacts/people/me";
const ROW: &str = "11111111-1111-4111-8111-111111111111";

/// Where the process dies, and whether the write is in the database then.
const PLACES: [(&str, &str, bool); 4] = [
    ("idempotency::reserved", "the key is taken, nothing is written yet", false),
    ("idempotency::done", "the edit is written, its answer is not recorded yet", false),
    ("idempotency::recorded", "all is written, the commit is not sent yet", false),
    ("idempotency::committed", "it is committed, the answer is not sent yet", true),
];

/// A write: its name, method, path below `/api/v2`, and document.
fn writes() -> [(&'static str, &'static str, String, Value); 6] {
    let put = json!({ "data": { "type": "users", "attributes": {
        "employer": "Cru", "preferences": { "locale": "fr" }, "overwrite": true } } });
    let nested = json!({ "data": { "type": "users", "attributes": { "overwrite": true }, "relationships": {
        "websites": { "data": [{ "type": "websites", "id": ROW, "attributes": { "url": "https://a.example" } }] } } } });
    let post =
        json!({ "data": { "type": "websites", "id": ROW, "attributes": { "url": "https://a.example" } } });
    let operations = json!({ "atomic:operations": [
        { "op": "update", "data": put["data"] }, { "op": "add", "data": post["data"] } ] });
    [
        ("PUT of the user", "PUT", "/user".to_owned(), put),
        ("PUT with a nested row", "PUT", "/user".to_owned(), nested),
        ("POST of a row", "POST", "/user/websites".to_owned(), post),
        ("DELETE of a row", "DELETE", String::new(), Value::Null),
        ("POST of operations", "POST", OPERATIONS.to_owned(), operations),
        ("PUT of a picture", "PUT", PROFILE.to_owned(), Value::Null),
    ]
}

struct Client {
    agent: Agent,
    authorization: String,
}

impl Client {
    fn send(
        &self,
        url: &str,
        method: &str,
        document: &Value,
        key: Option<&str>,
    ) -> Result<Response<Body>, ureq::Error> {
        let content_type = if url.ends_with(OPERATIONS) { ANSWER } else { JSON_API };
        let document = if document.is_null() { Vec::new() } else { document.to_string().into_bytes() };
        let (content_type, body) = if url.ends_with(PROFILE) {
            let form = Form::new().text("overwrite", "true").file("avatar", "image/png", &png());
            (form.content_type(), form.body())
        } else {
            (content_type.to_owned(), document)
        };
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(url)
            .header("Authorization", &self.authorization)
            .header("Content-Type", content_type);
        let request = match key {
            Some(key) => request.header("Idempotency-Key", key),
            None => request,
        };
        self.agent.run(request.body(body).expect("a request"))
    }

    fn whole(&self, program: &Program) -> Value {
        let url = format!("{}?include=*", program.user_url());
        let mut answer = self.send(&url, "GET", &Value::Null, None).expect("an answer");
        assert_eq!(answer.status(), 200);
        serde_json::from_str(&answer.body_mut().read_to_string().expect("a body")).expect("JSON")
    }
}

fn text(answer: &mut Response<Body>) -> String {
    answer.body_mut().read_to_string().expect("a body")
}

/// Dies there during the write, sends it again; returns whether it was there after the death.
fn die_and_repeat(place: &str, (_, method, path, document): &(&str, &str, String, Value)) -> bool {
    let home = Place::empty();
    let database = home.url();
    let user = run_ok(&database, &["user", "add", "--first-name", "Rey", "--email", "rey@example.com"]);
    let user: Value = serde_json::from_str(&user).expect("JSON");
    let authorization = format!("Bearer {}", user["token"].as_str().expect("a token"));
    let client = Client { agent: Program::agent(), authorization };
    let program = Program::start(&database, &["serve"]);
    let before = client.whole(&program);
    let path = match *method {
        "DELETE" => {
            let id = &before["data"]["relationships"]["email_addresses"]["data"][0]["id"];
            format!("/user/email_addresses/{}", id.as_str().expect("an id"))
        }
        _ => path.clone(),
    };
    program.kill();
    let doomed = Program::start_to_die(&database, place);
    let url = format!("{}/api/v2{path}", doomed.url);
    assert!(client.send(&url, method, document, Some("k1")).is_err(), "{place}: the client has no answer");
    drop(doomed);
    let program = Program::start(&database, &["serve"]);
    let found = client.whole(&program);
    let url = format!("{}/api/v2{path}", program.url);
    let mut first = client.send(&url, method, document, Some("k1")).expect("an answer");
    assert!(first.status().is_success(), "{place}: {}", first.status());
    let was_there = first.headers().contains_key("idempotent-replayed");
    assert_eq!(was_there, found != before, "{place}: answered as done exactly where it was done");
    let after = client.whole(&program);
    assert_ne!(after, before);
    let bytes = text(&mut first);
    let mut second = client.send(&url, method, document, Some("k1")).expect("an answer");
    assert!(second.headers().contains_key("idempotent-replayed"));
    assert_eq!((second.status(), text(&mut second)), (first.status(), bytes), "{place}: the same bytes");
    assert_eq!(client.whole(&program), after, "{place}: it was applied once");
    if was_there {
        assert_eq!(found, after);
    }
    was_there
}

#[test]
fn wherever_the_process_dies_the_same_request_again_is_applied_exactly_once() {
    let mut table = "| the process dies when | the database holds | the same request again is |\n".to_owned();
    table += "| --- | --- | --- |\n";
    for (place, what, committed) in PLACES {
        for write in writes() {
            assert_eq!(die_and_repeat(place, &write), committed, "{place}: {}", write.0);
        }
        let (holds, answered) = if committed {
            ("the whole edit and its answer", "answered with the recorded bytes, `Idempotent-Replayed: true`")
        } else {
            ("nothing of it", "done, and answered for the first time")
        };
        writeln!(table, "| {what} (`{place}`) | {holds} | {answered} |").expect("text");
    }
    let names: Vec<_> = writes().iter().map(|write| write.0).collect();
    writeln!(table, "\nTried with each of: {}.", names.join(", ")).expect("text");
    docs::check("sync", "failpoints", &table);
}
