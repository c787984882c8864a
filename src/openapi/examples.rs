//! The examples: what a test sent, and was answered. `STEWARD_WRITE_DOCS=1 cargo test` writes them anew.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// Of each, by the name of its schema, what was sent or answered.
static REAL: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());

/// Whether there is one of a name.
pub(super) fn has(name: &str) -> bool {
    REAL.contains_key(name)
}

/// All, to be referred to.
pub(super) fn all() -> Map<String, Value> {
    REAL.iter().map(|(name, value)| (name.clone(), json!({ "value": value }))).collect()
}
