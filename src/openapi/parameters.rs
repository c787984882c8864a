//! Parameters: of paths, of query strings as their schemas know them, and headers.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::operations::{Caller, Operation};
use crate::jsonapi::query::{Relationships, Schema};

/// How many relationships a path of `include` may follow.
const DEEPEST: usize = 3;

/// Headers of requests, each with its schema and what it is for.
fn headers() -> [(&'static str, Value, &'static str); 5] {
    let tags = || json!({ "type": "string" });
    [
        (
            "Idempotency-Key",
            json!({ "type": "string", "pattern": "^[ -~]+$", "minLength": 1, "maxLength": 255 }),
            "Names a write, so that it is done once however often it is sent. What it was answered is repeated.",
        ),
        (
            "If-Match",
            tags(),
            "Entity tags of the state that is to be changed; 412 where it is another by now.",
        ),
        (
            "If-None-Match",
            tags(),
            "Entity tags: a read is answered 304 where one of them is that of the answer, a write 412.",
        ),
        ("Last-Event-ID", tags(), "The version that the client knows."),
        (
            "X-Request-Id",
            json!({ "type": "string", "pattern": "^[A-Za-z0-9._:/-]+$", "maxLength": 128 }),
            "Names the request in its answer and in the log.",
        ),
    ]
}

/// All headers of requests, to be referred to.
pub(super) fn all() -> Map<String, Value> {
    let described = |(name, schema, description): (&str, Value, &str)| {
        let header = json!({ "name": name, "in": "header", "schema": schema, "description": description });
        (name.to_owned(), header)
    };
    headers().into_iter().map(described).collect()
}

pub(super) fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// A name in a path.
pub(super) fn of_path(name: &str, expression: &str) -> Value {
    let schema = json!({ "type": "string", "pattern": format!("^({expression})$") });
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

/// What an operation takes beside what is in its path.
pub(super) fn of(operation: &Operation) -> Vec<Value> {
    let asked = operation.query.iter().flat_map(|schema| in_query(schema, operation.caller));
    asked.chain(operation.headers.iter().map(|name| header(name))).collect()
}

fn parameter(name: &str, schema: &Value, description: &str) -> Value {
    json!({ "name": name, "in": "query", "schema": schema, "description": description })
}

fn in_query(schema: &Schema, caller: Caller) -> Vec<Value> {
    let text = json!({ "type": "string" });
    let mut all = Vec::new();
    let paths = paths(schema.relationships, schema.kind, "", DEEPEST);
    if !paths.is_empty() {
        let known =
            format!("What comes along, a comma list of {}; `*` is all that is direct", quoted(&paths));
        all.push(parameter("include", &text, &known));
    }
    let fields = format!("fields[{}]", schema.kind);
    all.push(parameter(&fields, &text, "The attributes and relationships that are wanted, a comma list"));
    if !schema.sort.is_empty() {
        let names = schema.sort.join("|");
        let sort = json!({ "type": "string", "pattern": format!("^-?({names})(,-?({names}))*$") });
        all.push(parameter("sort", &sort, "The criteria, the most significant first; `-` turns one around"));
    }
    if schema.collection {
        let most = if caller == Caller::Juno { 100 } else { i64::from(i32::MAX) };
        let size = json!({ "type": "integer", "minimum": 1, "maximum": most });
        all.push(parameter("page[number]", &json!({ "type": "integer", "minimum": 1 }), "Which page"));
        all.push(parameter("page[size]", &size, "Resources on a page"));
    }
    for name in schema.filters {
        all.push(parameter(&format!("filter[{name}]"), &text, filter(name)));
    }
    if caller == Caller::User {
        let lists = "Account lists of the user, a comma list; 404 for any other";
        all.push(parameter("filter[account_list_id]", &text, lists));
    }
    for name in schema.own {
        let schema = match *name {
            "since" => json!({ "type": "string", "pattern": "^[0-9]{1,18}$" }),
            _ => json!({ "enum": ["1"] }),
        };
        let says =
            if *name == "since" { "`meta.version` of an earlier answer" } else { "Flags as JUNO's texts" };
        all.push(parameter(name, &schema, says));
    }
    all
}

/// What a filter takes, which the end of its name says.
fn filter(name: &str) -> &'static str {
    if ["_at", "_date", "_range"].iter().any(|end| name.ends_with(end)) {
        "A date or a time, or a range of them: `2022-01-01...2022-02-01` ends before its end, `..` with it"
    } else if name.ends_with("_id") {
        "A comma list"
    } else {
        "The value that is wanted"
    }
}

/// The paths that may be included from a kind.
fn paths(below: fn(&str) -> Relationships, kind: &str, prefix: &str, depth: usize) -> Vec<String> {
    if depth == 0 {
        return Vec::new();
    }
    let further = |(name, kind): &(&str, &str)| {
        let path = format!("{prefix}{name}");
        let deeper = paths(below, kind, &format!("{path}."), depth - 1);
        std::iter::once(path).chain(deeper).collect::<Vec<_>>()
    };
    below(kind).iter().flat_map(further).collect()
}

fn quoted(names: &[String]) -> String {
    names.iter().fold(String::new(), |mut all, name| {
        let comma = if all.is_empty() { "" } else { ", " };
        // A text in memory takes whatever is written.
        let _ = write!(all, "{comma}`{name}`");
        all
    })
}
