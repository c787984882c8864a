//! The resources of JUNO, and its users in the flat form.

use serde_json::{Map, Value, json};

use super::value::{
    boolean, described, integer, list_of, members, nullable, number_text, object, refer, short, text, time,
    uuid,
};
use super::{Resource, Sent};
use crate::juno::ce::{Status, resources as ce};
use crate::juno::definition::Definition as _;
use crate::juno::dimensions::{Dimension, MAPPABLE, VALUE_TYPES};
use crate::juno::profile::{FULL, KIND};
use crate::juno::tag_types::TagType;
use crate::juno::tags::Tag;
use crate::juno::user::field::{FIELDS, Field, Takes};
use crate::users::rules::{TEXT_LIMIT, URL_LIMIT};

/// The resources.
pub(super) fn resources() -> Vec<Resource> {
    vec![
        dimensions(),
        tag_types(),
        tags(),
        users(),
        values(),
        programs(),
        records(),
        activities(),
        claims(),
        certificates(),
    ]
}

fn sent(attributes: Map<String, Value>, required: &[&'static str]) -> Sent {
    Sent { attributes, required: required.to_vec(), ..Sent::default() }
}

/// A definition, which is changed by what it is made of.
fn definition(kind: &'static str, attributes: Map<String, Value>, read_only: &[&str]) -> Resource {
    let mut taken = attributes.clone();
    taken.retain(|name, _| !read_only.contains(&name.as_str()));
    let new = Some(sent(taken.clone(), &["name"]));
    let edit = Some(sent(taken, &[]));
    Resource { kind, id: number_text(), attributes, relationships: Map::new(), new, edit }
}

fn dimensions() -> Resource {
    let attributes = members([
        ("key", json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 64 })),
        ("name", short(TEXT_LIMIT)),
        ("system", boolean()),
        ("value_type", json!({ "enum": VALUE_TYPES })),
        ("locked", boolean()),
        ("active", boolean()),
        (
            "maps_to",
            json!({ "enum": MAPPABLE.map(Value::from).into_iter().chain([Value::Null]).collect::<Vec<_>>() }),
        ),
    ]);
    definition(Dimension::KIND, attributes, &["system"])
}

fn tag_types() -> Resource {
    let attributes = members([
        ("name", short(TEXT_LIMIT)),
        ("group", integer(0, i32::MAX.into())),
        ("modifiable", boolean()),
        ("analytics", boolean()),
    ]);
    Resource { edit: None, ..definition(TagType::KIND, attributes, &[]) }
}

fn tags() -> Resource {
    let attributes = members([("name", short(TEXT_LIMIT)), ("type_name", text())]);
    let relationships = members([("tag_type", refer("relationship"))]);
    let mut tags = definition(Tag::KIND, attributes, &["type_name"]);
    for sent in tags.new.iter_mut().chain(&mut tags.edit) {
        sent.relationships.clone_from(&relationships);
    }
    Resource { relationships, ..tags }
}

/// A field as documents show it.
fn shown(field: &Field) -> Value {
    match field.takes {
        Takes::Name { required: true } => short(TEXT_LIMIT),
        Takes::Name { required: false } | Takes::Text | Takes::Username => nullable(short(TEXT_LIMIT)),
        // MPDX takes longer phone numbers, and takes the address of a user of its own away.
        Takes::Phone | Takes::ClientId | Takes::Email => nullable(text()),
        // And without a scheme.
        Takes::Url => nullable(short(URL_LIMIT)),
        Takes::Offset => nullable(integer(-43_200, 50_400)),
        Takes::Guid => nullable(uuid()),
        Takes::Flag => boolean(),
        // A level that came from elsewhere is shown as it is.
        Takes::Level | Takes::Points => json!({ "type": "integer" }),
        Takes::Time => nullable(time()),
    }
}

/// A field as it is sent: whatever its text says is understood as well.
fn taken(field: &Field) -> Value {
    match field.takes {
        Takes::Offset => json!({ "type": ["integer", "string", "null"], "multipleOf": 900 }),
        Takes::Level => json!({ "enum": [0, FULL, "0", FULL.to_string()] }),
        Takes::ClientId => json!({ "type": ["string", "integer", "null"] }),
        Takes::Flag => json!({ "enum": [true, false, "true", "false"] }),
        Takes::Email => json!({ "type": "string", "format": "email", "maxLength": 254 }),
        Takes::Phone => nullable(short(64)),
        Takes::Url => nullable(json!({ "type": "string", "format": "uri", "maxLength": URL_LIMIT })),
        _ => shown(field),
    }
}

fn fields(of: fn(&Field) -> Value, which: impl Fn(&Field) -> bool) -> Map<String, Value> {
    FIELDS.iter().filter(|field| which(field)).map(|field| (field.name.to_owned(), of(field))).collect()
}

/// What nobody sets.
fn is_the_servers(field: &Field) -> bool {
    matches!(field.takes, Takes::Time | Takes::Points)
}

fn users() -> Resource {
    let related = ["user", "tags", "dimension_values"].map(|name| (name, refer("relationship")));
    let relationships = members(related);
    let mut shown_too = relationships.clone();
    shown_too.insert("ce_records".to_owned(), refer("relationship"));
    let attributes = fields(taken, |field| !is_the_servers(field));
    let edit = Sent { relationships, ..sent(attributes, &[]) };
    let new = Sent { required: vec!["first_name", "email"], ..edit.clone() };
    Resource {
        kind: KIND,
        id: number_text(),
        attributes: fields(shown, |_| true),
        relationships: shown_too,
        new: Some(new),
        edit: Some(edit),
    }
}

fn values() -> Resource {
    let attributes = members([("value", text())]);
    let edit = Some(sent(members([("value", nullable(text()))]), &[]));
    let id = json!({ "type": "string", "pattern": "^[0-9]+-[0-9]+$" });
    let relationships = members([("dimension", refer("relationship"))]);
    Resource { kind: "dimension_values", id, attributes, relationships, new: None, edit }
}

/// Hours as they are shown.
fn hours() -> Value {
    json!({ "type": "number", "minimum": 0, "maximum": 99.99 })
}

/// Hours as they are sent.
fn sent_hours() -> Value {
    let text = json!({ "type": "string", "pattern": "^[0-9]{1,2}([.][0-9]{1,2})?$" });
    json!({ "anyOf": [{ "type": "number", "minimum": 0, "maximum": 99.99, "multipleOf": 0.01 }, text] })
}

fn percent() -> Value {
    integer(0, 100)
}

fn programs() -> Resource {
    let attributes = |hours: fn() -> Value| {
        members([
            ("name", short(TEXT_LIMIT)),
            ("ce_credits", hours()),
            ("ce_threshold", percent()),
            ("claim_opens_at", nullable(time())),
            ("claim_closes_at", nullable(time())),
            ("partial_claims", boolean()),
            ("hour_step", hours()),
        ])
    };
    let new = sent(attributes(sent_hours), &["name", "ce_credits", "ce_threshold"]);
    let edit = Some(sent(attributes(sent_hours), &[]));
    let relationships = Map::new();
    Resource {
        kind: "ce_programs",
        id: uuid(),
        attributes: attributes(hours),
        relationships,
        new: Some(new),
        edit,
    }
}

fn status() -> Value {
    json!({ "enum": Status::ALL.map(Status::as_str) })
}

fn records() -> Resource {
    let attributes = members([
        ("ce_credits", hours()),
        ("ce_threshold", percent()),
        ("ce_status", status()),
        ("ce_earned_hours", hours()),
        ("ce_claimed_hours", hours()),
    ]);
    let program = members([("program", refer("relationship"))]);
    let new = Sent { relationships: program, ..sent(members([("published", boolean())]), &[]) };
    let edit = sent(members([("ce_status", json!({ "enum": ["None", "Open"] }))]), &[]);
    let relationships = members([("user", refer("relationship")), ("program", refer("relationship"))]);
    let (new, edit) = (Some(new), Some(edit));
    Resource { kind: "ce_records", id: uuid(), attributes, relationships, new, edit }
}

fn of_record() -> Map<String, Value> {
    members([("record", refer("relationship"))])
}

fn activities() -> Resource {
    let source = [("source_type", short(TEXT_LIMIT)), ("source_id", short(TEXT_LIMIT))];
    let mut attributes = members(source.clone());
    attributes.extend(members([("hours", hours()), ("created_at", time()), ("updated_at", time())]));
    let mut taken = members(source);
    taken.insert("hours".to_owned(), sent_hours());
    let new = Some(sent(taken, &["hours", "source_type", "source_id"]));
    Resource { kind: ce::ACTIVITIES, id: uuid(), attributes, relationships: of_record(), new, edit: None }
}

fn claims() -> Resource {
    let whose = |name, what: &str| (name, described(nullable(text()), what));
    let attributes = members([
        ("hours", hours()),
        ("claimed_at", time()),
        ("ce_credits", hours()),
        ("ce_threshold", percent()),
        ("ce_earned_hours", hours()),
        ("voided_at", nullable(time())),
        whose("claimed_by", "Only shown to who administers the site"),
        whose("voided_by", "Only shown to who administers the site"),
    ]);
    let new = Some(sent(members([("hours", sent_hours())]), &[]));
    Resource { kind: ce::CLAIMS, id: uuid(), attributes, relationships: of_record(), new, edit: None }
}

fn certificates() -> Resource {
    let attributes = members([
        ("name", text()),
        ("program_name", text()),
        ("ce_claimed_hours", hours()),
        ("ce_credits", hours()),
        ("claimed_at", time()),
    ]);
    let relationships = ["user", "program", "record"].map(|name| (name, refer("relationship")));
    let relationships = members(relationships);
    Resource { kind: ce::CERTIFICATES, id: uuid(), attributes, relationships, new: None, edit: None }
}

/// The flat form, and linkage with what it says of each tag.
pub(super) fn others() -> Map<String, Value> {
    let tag = ["id", "name", "type", "type_name", "score"].map(|name| (name, text()));
    let value = [("id", json!({ "type": "integer" })), ("name", text()), ("value", text())];
    let flat = |field: &Field| match field.takes {
        Takes::Time => described(text(), "In UTC, without a zone; 1900-01-01T00:00:00 is none"),
        Takes::Flag => taken(field),
        _ => shown(field),
    };
    let mut shown = fields(flat, |_| true);
    shown.extend(members([
        ("id", json!({ "type": "integer", "minimum": 1 })),
        ("tags", list_of(&object(tag, &[]))),
        ("dimensions", list_of(&object(value, &[]))),
    ]));
    let entries = || list_of(&json!({ "type": "object" }));
    let mut edit = fields(taken, |field| !is_the_servers(field));
    edit.extend(members([("tags", entries()), ("dimensions", entries())]));
    let list = [
        ("data", list_of(&refer("juno_users_flat"))),
        ("meta", refer("list_meta")),
        ("links", refer("list_links")),
    ];
    let tags = [("data", list_of(&refer("identifier"))), ("links", refer("resource_links"))];
    members([
        (
            "juno_users_flat",
            json!({ "type": "object", "properties": shown, "required": ["id"], "additionalProperties": false }),
        ),
        ("juno_users_flat_list", object(list, &["data", "meta", "links"])),
        (
            "juno_users_flat_new",
            json!({ "type": "object", "properties": edit, "required": ["first_name", "email"] }),
        ),
        ("juno_users_flat_edit", json!({ "type": "object", "properties": edit })),
        ("user_tags", object(tags, &["data", "links"])),
        ("user_tags_edit", object([("data", list_of(&refer("identifier")))], &["data"])),
    ])
}
