//! The schemas of documents: attributes out of the tables that parse, check and render them.

mod juno;
mod mpdx;
pub(super) mod value;

use serde_json::{Map, Value, json};

use super::operations::{self, Operation};
use crate::jsonapi::Code;
use crate::jsonapi::error::ERRORS_PAGE;
use value::{closed, list_of, nullable, object, refer, text, time};

/// What a resource consists of.
pub(super) struct Resource {
    /// Its type.
    pub(super) kind: &'static str,
    /// What its id looks like.
    pub(super) id: Value,
    /// Its attributes as they are shown.
    pub(super) attributes: Map<String, Value>,
    /// Its relationships as they are shown.
    pub(super) relationships: Map<String, Value>,
    /// What is sent to make one, where one can be made.
    pub(super) new: Option<Sent>,
    /// What is sent to change one, where one can be changed.
    pub(super) edit: Option<Sent>,
}

/// The attributes and relationships that a request takes.
#[derive(Clone, Default)]
pub(super) struct Sent {
    pub(super) attributes: Map<String, Value>,
    pub(super) relationships: Map<String, Value>,
    /// The attributes that must be there.
    pub(super) required: Vec<&'static str>,
    /// Whether `data.meta.on_conflict` is looked at.
    pub(super) merges: bool,
}

/// All resources.
pub(super) fn resources() -> Vec<Resource> {
    mpdx::resources().into_iter().chain(juno::resources()).collect()
}

/// All schemas, by their names.
pub(super) fn all() -> Map<String, Value> {
    let mut all = shared();
    let resources = resources();
    let kinds = resources.iter().map(|resource| refer(resource.kind));
    all.insert("included".to_owned(), json!({ "anyOf": kinds.collect::<Vec<_>>() }));
    for resource in resources {
        let kind = resource.kind;
        for (suffix, sent) in [("new", &resource.new), ("edit", &resource.edit)] {
            if let Some(sent) = sent {
                all.insert(format!("{kind}_{suffix}"), request(&resource, sent));
            }
        }
        all.insert(format!("{kind}_document"), document(&refer(kind)));
        all.insert(format!("{kind}_list"), list(kind));
        all.insert(kind.to_owned(), shown(resource));
    }
    all.extend(mpdx::others());
    all.extend(juno::others());
    let used = used(&all);
    all.retain(|name, _| used.contains(name));
    all
}

/// The schemas that some operation leads to.
fn used(all: &Map<String, Value>) -> Vec<String> {
    let described = operations::all();
    let mut used: Vec<String> = described.iter().flat_map(|(_, one)| Operation::schemas(one)).collect();
    used.push("errors".to_owned());
    let mut done = 0;
    while let Some(name) = used.get(done).cloned() {
        done += 1;
        for found in all.get(&name).map(named).unwrap_or_default() {
            if !used.contains(&found) {
                used.push(found);
            }
        }
    }
    used
}

/// The schemas that one refers to.
fn named(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(members) => {
            let here = members.get("$ref").and_then(Value::as_str);
            let here = here.and_then(|at| at.strip_prefix(value::SCHEMAS)).map(str::to_owned);
            here.into_iter().chain(members.values().flat_map(named)).collect()
        }
        Value::Array(elements) => elements.iter().flat_map(named).collect(),
        _ => Vec::new(),
    }
}

/// A resource object. A sparse fieldset may leave anything out but `id` and `type`.
fn shown(resource: Resource) -> Value {
    let Resource { kind, id, attributes, relationships, .. } = resource;
    let members = [
        ("id", id),
        ("type", json!({ "const": kind })),
        ("attributes", closed(attributes)),
        ("relationships", closed(relationships)),
        ("links", refer("resource_links")),
    ];
    object(members, &["id", "type"])
}

/// A document whose primary data is something.
fn document(data: &Value) -> Value {
    let members =
        [("data", data.clone()), ("included", list_of(&refer("included"))), ("meta", refer("meta"))];
    object(members, &["data"])
}

fn list(kind: &str) -> Value {
    let members = [
        ("data", list_of(&refer(kind))),
        ("included", list_of(&refer("included"))),
        ("meta", refer("list_meta")),
        ("links", refer("list_links")),
    ];
    object(members, &["data", "meta", "links"])
}

/// What is sent. What is not described is told to be ignored, or refused.
fn request(resource: &Resource, sent: &Sent) -> Value {
    let mut members = Map::new();
    members.insert("type".to_owned(), json!({ "const": resource.kind }));
    members.insert("id".to_owned(), resource.id.clone());
    let mut attributes = json!({ "type": "object", "properties": as_sent(&sent.attributes) });
    if let (false, Some(members)) = (sent.required.is_empty(), attributes.as_object_mut()) {
        members.insert("required".to_owned(), json!(sent.required));
    }
    let mut required = vec!["type"];
    if !sent.attributes.is_empty() {
        members.insert("attributes".to_owned(), attributes);
        required.push("attributes");
    }
    if !sent.relationships.is_empty() {
        let relationships = json!({ "type": "object", "properties": sent.relationships });
        members.insert("relationships".to_owned(), relationships);
    }
    if sent.merges {
        members.insert("meta".to_owned(), refer("on_conflict"));
    }
    let data = json!({ "type": "object", "properties": members, "required": required });
    json!({ "type": "object", "properties": { "data": data }, "required": ["data"] })
}

/// Attributes as they are sent: times in whatever spelling they are read in.
fn as_sent(attributes: &Map<String, Value>) -> Map<String, Value> {
    let mut attributes = attributes.clone();
    for schema in attributes.values_mut().filter_map(Value::as_object_mut) {
        if schema.get("format").is_some_and(|format| format == "date-time") {
            schema.remove("format");
        }
    }
    attributes
}

/// What all resources have in common.
fn shared() -> Map<String, Value> {
    let links = ["self", "first", "prev", "next", "last"];
    let links = links.map(|name| (name, nullable(text())));
    let pagination = ["page", "per_page", "total_count", "total_pages"];
    let pagination = pagination.map(|name| (name, json!({ "type": "integer", "minimum": 0 })));
    let list_meta = [
        ("pagination", object(pagination, &["page", "per_page", "total_count", "total_pages"])),
        ("sort", nullable(text())),
        ("filter", json!({ "type": "object", "additionalProperties": { "type": "string" } })),
        ("total", json!({ "type": "integer", "minimum": 0 })),
    ];
    let schemas = [
        ("errors", object([("errors", list_of(&refer("error")))], &["errors"])),
        ("error", error()),
        ("identifier", identifier()),
        ("relationship", relationship()),
        ("list_links", object(links, &[])),
        ("list_meta", object(list_meta, &["pagination", "sort", "filter"])),
        ("resource_links", object([("self", text())], &["self"])),
        ("meta", meta()),
        ("on_conflict", on_conflict()),
        (
            "status",
            object([("meta", object([("status", json!({ "const": "ok" }))], &["status"]))], &["meta"]),
        ),
    ];
    schemas.map(|(name, schema)| (name.to_owned(), schema)).into_iter().collect()
}

fn on_conflict() -> Value {
    let choice = json!({ "enum": ["merge", "refuse"], "default": "refuse",
        "description": "merge: where others changed nothing that is sent here, both edits hold" });
    json!({ "type": "object", "properties": { "on_conflict": choice } })
}

fn meta() -> Value {
    let names = |what: &str| json!({ "type": "array", "items": { "type": "string" }, "description": what });
    let user = [("id", value::uuid()), ("updated_in_db_at", time()), ("previous_updated_in_db_at", time())];
    let members = [
        ("ignored_attributes", names("What was sent and not applied")),
        ("merged", names("What others changed since the state that the edit was made on")),
        ("user", object(user, &["id", "updated_in_db_at", "previous_updated_in_db_at"])),
        ("uncounted_hours", json!({ "type": "number", "description": "Hours above the credits" })),
    ];
    object(members, &[])
}

fn identifier() -> Value {
    object([("id", text()), ("type", text()), ("meta", json!({ "type": "object" }))], &["id", "type"])
}

fn relationship() -> Value {
    let link = refer("identifier");
    let data = json!({ "anyOf": [link, { "type": "array", "items": link }, { "type": "null" }] });
    let links = object([("related", text())], &["related"]);
    object([("data", data), ("links", links)], &[])
}

fn error() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let source = ["pointer", "parameter", "header"].map(|name| (name, text()));
    let link = json!({ "type": "string", "pattern": format!("^{ERRORS_PAGE}#") });
    let members = [
        ("id", text()),
        ("links", object([("type", link)], &["type"])),
        ("status", json!({ "type": "string", "pattern": "^[45][0-9]{2}$" })),
        ("code", json!({ "enum": codes })),
        ("title", text()),
        ("detail", text()),
        ("source", object(source, &[])),
        ("meta", json!({ "type": "object", "description": "What a program needs to go on" })),
    ];
    object(members, &["id", "links", "status", "code", "title"])
}
