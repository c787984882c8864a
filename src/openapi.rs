//! The OpenAPI document: made of the routing table, the tables of attributes and the list of error codes, so that it can't
//! say anything else than they do. Its examples are answers that a test gets (`tests/contract/openapi/`).

mod examples;
mod operations;
mod parameters;
mod responses;
mod schemas;

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use crate::asset;
use crate::jsonapi::media_type::JSON;
use operations::{Caller, Operation, Pattern};

/// Where it is.
pub const PATH: &str = "/api/v2/openapi.json";

/// What a reader is told before all else.
const INTRODUCTION: &str = include_str!("openapi/introduction.md");

static DOCUMENT: LazyLock<Value> = LazyLock::new(make);
static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());

/// The document.
#[must_use]
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// The path of the document that a pattern of a route is: `/api/v2/user/websites/{id}`.
#[must_use]
pub fn path_of(pattern: &str) -> String {
    Pattern::parse(pattern).path
}

/// `GET /api/v2/openapi.json`: the same for all, so it needs no token.
pub async fn show(request: HttpRequest) -> HttpResponse {
    asset::answer(&request, TEXT.as_bytes(), JSON)
}

fn make() -> Value {
    let operations = operations::all();
    let mut paths: Map<String, Value> = Map::new();
    for ((pattern, method), operation) in &operations {
        let place = paths.entry(pattern.path.clone()).or_insert_with(|| path_item(pattern));
        if let Some(place) = place.as_object_mut() {
            let id = operation_id(method.as_str(), &pattern.path);
            place.insert(method.as_str().to_ascii_lowercase(), described(operation, id));
        }
    }
    let components = json!({
        "schemas": schemas::all(),
        "responses": responses::all(),
        "parameters": parameters::all(),
        "headers": responses::headers(),
        "examples": examples::all(),
        "securitySchemes": {
            "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "A token of `steward token`, of a sign-in, or of the issuer that the server trusts." },
            "key": { "type": "apiKey", "in": "header", "name": "X-API-Key",
                "description": "A key of `steward api-key add`, for JUNO's routes. Not beside a token." },
        },
    });
    let mut tags: Vec<&str> = Vec::new();
    for (_, operation) in &operations {
        if !tags.contains(&operation.tag) {
            tags.push(operation.tag);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Steward",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": env!("CARGO_PKG_DESCRIPTION"),
            "description": INTRODUCTION,
            // Without an identifier, of which Swagger UI makes a link to another host.
            "license": { "name": "Apache-2.0 OR MIT" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags.iter().map(|tag| json!({ "name": tag })).collect::<Vec<_>>(),
        "paths": paths,
        "components": components,
    })
}

/// What all methods of a path have.
fn path_item(pattern: &Pattern) -> Value {
    let named = pattern.names.iter().map(|(name, expression)| parameters::of_path(name, expression));
    let request_id = pattern.path.starts_with("/api/").then(|| parameters::header("X-Request-Id"));
    json!({ "parameters": named.chain(request_id).collect::<Vec<_>>() })
}

/// `GET /api/v2/user/websites/{id}` → `get_user_websites_id`
fn operation_id(method: &str, path: &str) -> String {
    let path = path.strip_prefix("/api/v2").unwrap_or(path);
    let words = path.split(['/', '{', '}', '.']).filter(|word| !word.is_empty());
    std::iter::once(method.to_ascii_lowercase()).chain(words.map(str::to_owned)).collect::<Vec<_>>().join("_")
}

fn described(operation: &Operation, id: String) -> Value {
    let security = match operation.caller {
        Caller::Nobody => json!([]),
        Caller::User => json!([{ "token": [] }]),
        Caller::Juno => json!([{ "token": [] }, { "key": [] }]),
    };
    let mut described = Map::new();
    described.insert("operationId".to_owned(), id.into());
    described.insert("summary".to_owned(), operation.summary.clone().into());
    described.insert("tags".to_owned(), json!([operation.tag]));
    described.insert("security".to_owned(), security);
    let parameters = parameters::of(operation);
    if !parameters.is_empty() {
        described.insert("parameters".to_owned(), parameters.into());
    }
    if !operation.bodies.is_empty() {
        let content = responses::content(&operation.bodies);
        let body = json!({ "required": operation.needs_body, "content": content });
        described.insert("requestBody".to_owned(), body);
    }
    described.insert("responses".to_owned(), responses::of(operation).into());
    Value::Object(described)
}
