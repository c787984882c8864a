//! The resources of MPDX: the user, what he owns and shares, and what requests and answers have that is no resource.

use serde_json::{Map, Value, json};

use super::value::{
    boolean, closed, described, integer, list_of, members, nullable, object, refer, short, text, time, uuid,
};
use super::{Resource, Sent};
use crate::account_lists::linkage::names as list_relationships;
use crate::account_lists::{list, organization_account};
use crate::constants::ATTRIBUTES as CONSTANTS;
use crate::guard::base::STAMP;
use crate::people::kind::{Access, Attribute, Kind as RowKind, Type};
use crate::sync::deletions::ATTRIBUTES as OF_DELETIONS;
use crate::users::attributes::{self, ATTRIBUTES, Kind};
use crate::users::face::Face;
use crate::users::linkage::{ACCOUNT_LISTS, MASTER_PERSON, OWNED};
use crate::users::rules::{Rule, TEXT_LIMIT, URL_LIMIT};

/// The resources.
pub(super) fn resources() -> Vec<Resource> {
    let mut all = vec![user(Face::User), user(Face::Person)];
    all.extend(RowKind::all().map(rows));
    all.extend([account_lists(), organization_accounts()]);
    all.extend([
        bare("master_people", uuid(), members([("created_at", time()), ("updated_at", time())])),
        bare(
            organization_account::ORGANIZATIONS,
            uuid(),
            members([("created_at", time()), ("name", text()), ("updated_at", time())]),
        ),
        deletions(),
        bare("constant_list", json!({ "const": "constant_list" }), constants()),
        authentication(),
    ]);
    all
}

fn bare(kind: &'static str, id: Value, attributes: Map<String, Value>) -> Resource {
    Resource { kind, id, attributes, relationships: Map::new(), new: None, edit: None }
}

fn user(face: Face) -> Resource {
    let shown = ATTRIBUTES.iter().filter(|attribute| face.has(attribute.kind));
    let attributes: Map<String, Value> =
        shown.map(|attribute| (attribute.name.to_owned(), attribute_of_user(attribute))).collect();
    let linked = OWNED.into_iter().chain([ACCOUNT_LISTS]).map(|name| (name, refer("relationship")));
    let linked = linked.chain([(MASTER_PERSON, refer("master_person_relationship"))]);
    let linked = linked.filter(|(name, _)| face.has_relationship(name));
    let relationships: Map<String, Value> = linked.map(|(name, to)| (name.to_owned(), to)).collect();
    let sent = relationships.keys().map(|name| (name.clone(), json!({ "type": "object" })));
    let sent = Sent { relationships: sent.collect(), ..guarded(attributes.clone()) };
    let new = None;
    Resource { kind: face.kind(), id: uuid(), attributes, relationships, new, edit: Some(sent) }
}

fn attribute_of_user(attribute: &attributes::Attribute) -> Value {
    let schema = match attribute.kind {
        Kind::Column(Rule::Text([])) => short(TEXT_LIMIT),
        Kind::Column(Rule::Text(usual)) => {
            json!({ "type": "string", "maxLength": TEXT_LIMIT, "examples": usual })
        }
        Kind::Column(Rule::Part(_, highest)) => integer(1, highest.into()),
        Kind::Column(Rule::Year(_)) => integer(1, 9999),
        Kind::Column(Rule::Boolean) => boolean(),
        Kind::Column(Rule::Url) => json!({ "type": "string", "format": "uri", "maxLength": URL_LIMIT }),
        Kind::Column(Rule::Time) | Kind::UpdatedAt | Kind::UpdatedInDbAt => time(),
        Kind::ParentContacts => list_of(&text()),
        Kind::Preferences => json!({ "type": "object" }),
    };
    let schema = if attribute.is_nullable { nullable(schema) } else { schema };
    described(schema, attribute.description)
}

/// What an edit sends beside new values: the state that it was made on.
fn guarded(mut attributes: Map<String, Value>) -> Sent {
    attributes.insert(STAMP.to_owned(), described(time(), "The stamp of the state that was edited"));
    let overwrite = "Whether the edit holds whatever others have changed meanwhile";
    attributes.insert("overwrite".to_owned(), described(boolean(), overwrite));
    Sent { attributes, merges: true, ..Sent::default() }
}

/// An attribute of a row.
fn value_of_row(attribute: &Attribute) -> Value {
    match attribute.holds {
        Type::RequiredText | Type::Email => short(TEXT_LIMIT),
        Type::Url => short(URL_LIMIT),
        Type::Text => nullable(short(TEXT_LIMIT)),
        Type::State => nullable(text()),
        Type::Boolean => boolean(),
        Type::Integer => nullable(json!({ "type": "integer", "minimum": 0 })),
        Type::Time => nullable(time()),
        Type::Person | Type::AccountList => refer("relationship"),
    }
}

fn own_times() -> Map<String, Value> {
    members([("created_at", time()), ("updated_at", time()), (STAMP, time())])
}

/// A kind of row that a user owns.
fn rows(kind: &RowKind) -> Resource {
    let having = |access: &[Access], related: bool| -> Map<String, Value> {
        let all = kind.attributes.iter().filter(|attribute| attribute.holds.is_relationship() == related);
        let all = all.filter(|attribute| access.contains(&attribute.access));
        all.map(|attribute| (attribute.name.to_owned(), value_of_row(attribute))).collect()
    };
    let mut attributes = having(&[Access::Open, Access::ReadOnly], false);
    attributes.extend(own_times());
    let mut sent = having(&[Access::Open, Access::WriteOnly], false);
    sent.extend(members([("created_at", time()), ("updated_at", time())]));
    let linked = having(&[Access::Open], true);
    let required = kind.attributes.iter().filter(|attribute| {
        attribute.holds.is_required()
            && !attribute.holds.is_relationship()
            && attribute.access == Access::Open
    });
    let required = required.map(|attribute| attribute.name).collect();
    let new = Sent { attributes: sent.clone(), relationships: linked.clone(), required, merges: false };
    let edit = Sent { relationships: linked, ..guarded(sent) };
    let (new, edit) = if kind.is_read_only() { (None, None) } else { (Some(new), Some(edit)) };
    let relationships = having(&[Access::Open, Access::ReadOnly], true);
    Resource { kind: kind.name, id: uuid(), attributes, relationships, new, edit }
}

/// The attributes that a kind says of what is shared.
fn editable(kind: &RowKind) -> Map<String, Value> {
    kind.attributes.iter().map(|attribute| (attribute.name.to_owned(), value_of_row(attribute))).collect()
}

fn account_lists() -> Resource {
    let editable = editable(&list::KIND);
    let shown = list::ATTRIBUTES.into_iter().map(|name| {
        let schema = match name {
            "created_at" | "updated_at" | STAMP => time(),
            "default_currency" => text(),
            "tester" => boolean(),
            "staff_account_ids" => list_of(&text()),
            "progress" => json!({ "type": "object", "additionalProperties": { "type": ["number", "null"] } }),
            "balance" | "committed" | "received" | "total_pledges" => json!({ "type": "number" }),
            name => match editable.get(name) {
                Some(schema) => schema.clone(),
                None => described(json!({ "type": "null" }), "Only a donation system could know it"),
            },
        };
        (name.to_owned(), schema)
    });
    let attributes = shown.collect();
    let relationships = list_relationships().map(|name| (name.to_owned(), refer("relationship"))).collect();
    let edit = Some(guarded(editable));
    Resource { kind: ACCOUNT_LISTS, id: uuid(), attributes, relationships, new: None, edit }
}

fn organization_accounts() -> Resource {
    let editable = editable(&organization_account::KIND);
    let shown = organization_account::ATTRIBUTES.into_iter().map(|name| {
        let schema = match name {
            "created_at" | "updated_at" | STAMP => time(),
            "last_download" | "latest_donation_date" | "locked_at" => nullable(time()),
            name => editable.get(name).cloned().unwrap_or_else(|| nullable(text())),
        };
        (name.to_owned(), schema)
    });
    let attributes = shown.collect();
    let related = |names: &[&str]| -> Map<String, Value> {
        names.iter().map(|name| ((*name).to_owned(), refer("relationship"))).collect()
    };
    let linked = related(&["account_list", "organization"]);
    let new = Sent { attributes: editable.clone(), relationships: linked.clone(), ..Sent::default() };
    let edit = Sent { relationships: linked, ..guarded(editable) };
    Resource {
        kind: organization_account::ORGANIZATION_ACCOUNTS,
        id: uuid(),
        attributes,
        relationships: related(&["account_list", "organization", "person"]),
        new: Some(new),
        edit: Some(edit),
    }
}

fn deletions() -> Resource {
    let schema = |name: &str| match name {
        "deletable_id" | "deleted_from_id" => uuid(),
        "deletable_type" | "deleted_from_type" => text(),
        _ => time(),
    };
    let attributes = OF_DELETIONS.into_iter().map(|name| (name.to_owned(), schema(name))).collect();
    let relationships = ["deletable", "deleted_from", "deleted_by"];
    let relationships = relationships.map(|name| (name, refer("relationship")));
    Resource { relationships: members(relationships), ..bare("deleted_records", uuid(), attributes) }
}

fn constants() -> Map<String, Value> {
    let kind = |value: &Value| if value.is_array() { "array" } else { "object" };
    CONSTANTS.iter().map(|(name, value)| (name.clone(), json!({ "type": kind(value) }))).collect()
}

fn authentication() -> Resource {
    let shown = members([
        ("created_at", time()),
        ("json_web_token", described(text(), "The token, for `Authorization: Bearer …`")),
        ("updated_at", json!({ "type": "null" })),
        (STAMP, json!({ "type": "null" })),
    ]);
    let proofs = ["cas_ticket", "id_token", "access_token"].map(|name| (name, nullable(text())));
    let new = Some(Sent { attributes: members(proofs), ..Sent::default() });
    Resource { new, ..bare("authenticate", text(), shown) }
}

/// What requests and answers have beside resources.
pub(super) fn others() -> Map<String, Value> {
    let person = [("id", uuid()), ("type", json!({ "const": "master_people" }))];
    let person = members(person).into_iter().chain(members([("created_at", time()), ("updated_at", time())]));
    let person = described(closed(person.collect()), "With its times in the user's own zone");
    let linkage = object([("data", list_of(&refer("identifier")))], &["data"]);
    let master_person = object([("data", person)], &["data"]);
    let parts: Vec<Value> = RowKind::all().map(|kind| refer(kind.name)).collect();
    let parts: Vec<Value> = [refer("users"), refer("deleted_records")].into_iter().chain(parts).collect();
    let more = described(boolean(), "Whether there is more: ask again with this version");
    let version = json!({ "type": "integer", "minimum": 0 });
    let changes_meta = object([("version", version), (STAMP, time()), ("more", more)], &["version", "more"]);
    let changes =
        object([("data", list_of(&json!({ "anyOf": parts }))), ("meta", changes_meta)], &["data", "meta"]);
    let mut all = members([
        ("linkage", linkage.clone()),
        ("linkage_edit", linkage),
        ("master_person_relationship", master_person.clone()),
        ("master_person", master_person),
        ("master_person_edit", object([("data", refer("identifier"))], &["data"])),
        ("changes", changes),
        (
            "picture_form",
            json!({ "type": "object", "required": ["avatar"],
            "properties": { "avatar": { "type": "string", "format": "binary" } },
            "description": "Other fields are named as in docs/avatar.md" }),
        ),
        ("deletion", deletion()),
        ("page", described(text(), "A page for people")),
        ("file", described(text(), "A file of a page")),
        ("file_list", described(list_of(&text()), "The paths of the files of a page")),
        (
            "event_stream",
            described(text(), "Server-sent events, each one line of JSON; the stream does not end"),
        ),
        ("picture", json!({ "type": "string", "format": "binary" })),
        ("openapi", json!({ "type": "object", "required": ["openapi", "info", "paths"] })),
    ]);
    all.extend(operations());
    all.extend(batch());
    all
}

/// What the body of a DELETE may say.
fn deletion() -> Value {
    let attributes = json!({ "type": "object", "properties": { STAMP: time() } });
    let data = json!({ "type": "object", "properties": { "attributes": attributes } });
    json!({ "type": "object", "properties": { "data": data } })
}

fn operations() -> Map<String, Value> {
    let reference = json!({ "type": "object", "required": ["type"], "properties": {
        "type": { "type": "string" }, "id": { "type": "string" }, "lid": { "type": "string" },
        "relationship": { "type": "string" } } });
    let operation = json!({ "type": "object", "required": ["op"], "properties": {
        "op": { "enum": ["add", "update", "remove"] }, "ref": reference, "href": { "type": "string" },
        "data": { "type": ["object", "array", "null"] } } });
    let sent = json!({ "type": "object", "required": ["atomic:operations"], "properties": {
        "atomic:operations": { "type": "array", "minItems": 1, "maxItems": 100, "items": operation } } });
    let result = object([("data", refer("included")), ("meta", refer("meta"))], &[]);
    let results = [("atomic:results", list_of(&result)), ("meta", refer("meta"))];
    members([("operations", sent), ("results", object(results, &["atomic:results"]))])
}

fn batch() -> Map<String, Value> {
    let request = json!({ "type": "object", "required": ["method", "path"], "properties": {
        "method": { "type": "string" }, "path": { "type": "string" }, "body": { "type": "string" } } });
    let on_error =
        json!({ "type": "string", "description": "ABORT: nothing is done behind a request that fails" });
    let sent = json!({ "type": "object", "required": ["requests"], "properties": {
        "requests": { "type": "array", "items": request, "maxItems": 100 }, "on_error": on_error } });
    let headers = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let status = json!({ "type": "integer", "minimum": 100, "maximum": 599 });
    let item = object(
        [("status", status.clone()), ("headers", headers), ("body", text())],
        &["status", "headers", "body"],
    );
    let problem = [("status", status), ("title", text()), ("detail", text()), ("message", text())];
    let mut problem = members(problem);
    problem.insert("meta".to_owned(), json!({ "type": "object" }));
    let problems = object([("errors", list_of(&closed(problem)))], &["errors"]);
    let refusal = json!({ "anyOf": [refer("batch_answers"), refer("batch_problems")] });
    members([
        ("batch", sent),
        ("batch_answers", list_of(&item)),
        ("batch_problems", problems),
        ("batch_refusal", refusal),
    ])
}
