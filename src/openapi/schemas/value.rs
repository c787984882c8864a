//! The small parts of schemas.

use serde_json::{Map, Value, json};

/// Where schemas are in the document.
pub(in crate::openapi) const SCHEMAS: &str = "#/components/schemas/";

/// A reference to a schema by its name.
pub(in crate::openapi) fn refer(name: &str) -> Value {
    json!({ "$ref": format!("{SCHEMAS}{name}") })
}

/// An object with these members and no others.
pub(super) fn object<const N: usize>(members: [(&str, Value); N], required: &[&str]) -> Value {
    let mut schema = closed(members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect());
    if let (false, Some(schema)) = (required.is_empty(), schema.as_object_mut()) {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

/// An object with these members and no others, any of which may be absent.
pub(super) fn closed(members: Map<String, Value>) -> Value {
    let properties = Value::Object(members);
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

pub(super) fn list_of(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// The same, or null.
pub(super) fn nullable(mut schema: Value) -> Value {
    if let Some(members) = schema.as_object_mut()
        && let Some(kind) = members.get("type").cloned()
    {
        members.insert("type".to_owned(), json!([kind, "null"]));
    }
    schema
}

pub(super) fn described(mut schema: Value, text: &str) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.insert("description".to_owned(), text.into());
    }
    schema
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

/// A text of at most so many characters.
pub(super) fn short(limit: u64) -> Value {
    json!({ "type": "string", "maxLength": limit })
}

pub(super) fn boolean() -> Value {
    json!({ "type": "boolean" })
}

pub(super) fn integer(lowest: i64, highest: i64) -> Value {
    json!({ "type": "integer", "minimum": lowest, "maximum": highest })
}

pub(super) fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

pub(super) fn uuid() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

/// A number as its text, as ids of JUNO are.
pub(super) fn number_text() -> Value {
    json!({ "type": "string", "pattern": "^[1-9][0-9]*$" })
}

/// Members by their names.
pub(super) fn members<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}
