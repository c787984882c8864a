//! Answers: what is shown, and the refusals with the codes that each status has.

use serde_json::{Map, Value, json};

use super::examples;
use super::operations::{Answer, Operation};
use super::schemas::value::refer;
use crate::jsonapi::Code;
use crate::jsonapi::error::{ERRORS_PAGE, title};
use crate::jsonapi::media_type::JSON_API;

/// Headers of answers, each with what it tells.
const HEADERS: [(&str, &str); 9] = [
    ("Allow", "The methods that the path has"),
    ("ETag", "Names this very representation; strong"),
    ("Idempotent-Replayed", "`true` where the write was done before, under the same Idempotency-Key"),
    ("Last-Modified", "When it was last changed"),
    ("Location", "Where it is found"),
    ("Retry-After", "Seconds after which to try again"),
    ("Vary", "What another answer may depend on"),
    ("WWW-Authenticate", "What may be shown to say who one is"),
    ("X-Request-Id", "Names the request in the log"),
];

/// The headers of answers, to be referred to.
pub(super) fn headers() -> Map<String, Value> {
    let described = |(name, description): (&str, &str)| {
        (name.to_owned(), json!({ "schema": { "type": "string" }, "description": description }))
    };
    HEADERS.into_iter().map(described).collect()
}

fn referred<'a>(names: impl IntoIterator<Item = &'a str>) -> Map<String, Value> {
    let names = names.into_iter().chain(["Vary", "X-Request-Id"]);
    names.map(|name| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }))).collect()
}

/// All refusals, one for each status, to be referred to.
pub(super) fn all() -> Map<String, Value> {
    let mut statuses: Vec<u16> = Code::ALL.iter().map(|code| code.status()).collect();
    statuses.dedup();
    statuses.into_iter().map(|status| (name(status), refusal(status))).collect()
}

/// `Bad Request` → `BadRequest`
fn name(status: u16) -> String {
    title(status).replace(' ', "")
}

fn refusal(status: u16) -> Value {
    let codes = Code::ALL.iter().filter(|code| code.status() == status);
    let codes = codes.map(|code| {
        let (name, meaning) = (code.as_str(), code.meaning().trim());
        format!("- [`{name}`]({ERRORS_PAGE}#{name}): {meaning}")
    });
    let mut description: Vec<String> = codes.collect();
    match status {
        400 => description.push("Where faults of several statuses are told at once, and no conflict is among them, the answer is 400.".to_owned()),
        409 => description.push("Where a conflict is among several faults, the answer is 409.".to_owned()),
        _ => {}
    }
    let own: &[&str] = match status {
        400 | 403 | 404 | 412 => &["Idempotent-Replayed"],
        401 => &["WWW-Authenticate"],
        405 => &["Allow"],
        409 => &["Idempotent-Replayed", "Retry-After"],
        429 | 503 => &["Retry-After"],
        _ => &[],
    };
    let mut content = json!({ "schema": refer("errors") });
    example(&mut content, &format!("errors_{status}"));
    json!({
        "description": format!("{}\n\n{}", title(status), description.join("\n")),
        "headers": referred(own.iter().copied()),
        "content": { JSON_API: content },
    })
}

/// Media types with their schemas and examples.
pub(super) fn content(types: &[(&str, String)]) -> Map<String, Value> {
    let described = |(media_type, schema): &(&str, String)| {
        let mut content = json!({ "schema": refer(schema) });
        example(&mut content, schema);
        ((*media_type).to_owned(), content)
    };
    types.iter().map(described).collect()
}

fn example(content: &mut Value, name: &str) {
    if let Some(content) = content.as_object_mut().filter(|_| examples::has(name)) {
        let refer = json!({ "$ref": format!("#/components/examples/{name}") });
        content.insert("examples".to_owned(), json!({ "real": refer }));
    }
}

/// The answers of an operation.
pub(super) fn of(operation: &Operation) -> Map<String, Value> {
    let shown = operation.answers.iter().map(|answer| (answer.status.to_owned(), shown(answer)));
    let refused = operation.refusals.iter().map(|status| {
        (status.to_string(), json!({ "$ref": format!("#/components/responses/{}", name(*status)) }))
    });
    shown.chain(refused).collect()
}

fn shown(answer: &Answer) -> Value {
    let mut shown =
        json!({ "description": answer.says, "headers": referred(answer.headers.iter().copied()) });
    if let Some(members) = shown.as_object_mut().filter(|_| !answer.content.is_empty()) {
        members.insert("content".to_owned(), content(&answer.content).into());
    }
    shown
}
