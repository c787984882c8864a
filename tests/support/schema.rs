//! The JSON schema of JSON:API 1.1 that every answer of the tests is held against.

use std::sync::LazyLock;

use jsonschema::{Draft, Validator};
use serde_json::Value;

const SCHEMA: &str = include_str!("jsonapi-1.1.schema.json");

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schema), "a schema of its own draft");
    let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
    options.build(&schema).expect("a schema that refers to nothing outside itself")
});

/// What in a document is not as JSON:API has it; nothing where it is well-formed.
pub fn faults(document: &Value) -> Vec<String> {
    VALIDATOR.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

/// Asserts that a body is a well-formed document.
pub fn check(body: &str) {
    let faults = faults(&serde_json::from_str(body).expect("JSON"));
    assert!(faults.is_empty(), "JSON:API 1.1: {faults:?} in {body}");
}
