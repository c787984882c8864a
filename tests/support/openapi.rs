//! The OpenAPI document, which every answer of the tests is held against: its status, its media type, its headers and its
//! body must be told there.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use actix_web::dev::ResourceDef;
use actix_web::http::header::CONTENT_TYPE;
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use steward::{openapi, routes};

use super::Answer;

/// The routes in their order, each with its path in the document.
static ROUTES: LazyLock<Vec<(ResourceDef, String)>> = LazyLock::new(|| {
    let listed = routes::listed().into_iter();
    listed.map(|(pattern, _)| (ResourceDef::new(pattern.as_str()), openapi::path_of(&pattern))).collect()
});

/// The validators of schemas that were asked for.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Headers that are told of where they can be.
const TOLD: [&str; 7] =
    ["allow", "etag", "idempotent-replayed", "last-modified", "location", "retry-after", "www-authenticate"];

/// What is said of a method of a path that was asked for; `None` where there is no such route.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let path = format!("/{}", path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/"));
    let (_, path) = ROUTES.iter().find(|(route, _)| route.is_match(&path))?;
    let method = if method == "HEAD" { "GET" } else { method };
    openapi::document()["paths"][path].get(method.to_ascii_lowercase())
}

/// What a reference leads to.
fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(at) => openapi::document().pointer(at.trim_start_matches('#')).expect("what is referred to"),
        None => value,
    }
}

/// What in a value is not as the schema has it.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let known = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner).get(&schema.to_string()).cloned();
    let validator = known.unwrap_or_else(|| {
        let components = &openapi::document()["components"];
        let whole = json!({ "components": { "schemas": components["schemas"] }, "allOf": [schema] });
        let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
        let validator = Arc::new(options.build(&whole).expect("a schema"));
        let mut known = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(schema.to_string(), Arc::clone(&validator));
        validator
    });
    validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// Asserts that an answer is one that the document tells of.
pub fn check(method: &str, path: &str, answer: &Answer) {
    // What is no route, or no method of it, is told of for all of them.
    let Some(operation) = operation(method, path).filter(|_| answer.status != 405) else { return };
    let asked = format!("{method} {path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    let status = answer.status.to_string();
    let responses = &operation["responses"];
    let range = format!("{}XX", &status[..1]);
    let response = responses.get(&status).or_else(|| responses.get(&range));
    let response = resolved(response.unwrap_or_else(|| panic!("a status that is not told of: {asked}")));
    for name in TOLD.iter().filter(|name| answer.header(name).is_some()) {
        let headers = response["headers"].as_object().expect("headers");
        let is_told = headers.keys().any(|known| known.eq_ignore_ascii_case(name));
        assert!(is_told, "a header that is not told of: {name}: {asked}");
    }
    if answer.body.is_empty() {
        return;
    }
    let sent = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(essence);
    let content =
        response["content"].as_object().unwrap_or_else(|| panic!("a body that is not told of: {asked}"));
    let told = content.iter().find(|(media_type, _)| sent == Some(essence(media_type)));
    let (media_type, told) =
        told.unwrap_or_else(|| panic!("a media type that is not told of: {sent:?}: {asked}"));
    if essence(media_type).ends_with("json") {
        let faults = faults(&told["schema"], &answer.json());
        assert!(faults.is_empty(), "not as the OpenAPI document has it: {faults:#?} in {asked}");
    }
}
