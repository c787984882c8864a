//! A create or an update of a row: from the resource object to typed changes.

use std::collections::{BTreeMap, BTreeSet};

use super::email_address::strip;
use super::kind::{Access, Attribute, Kind, Type};
use super::row::Value;
use crate::clock::Stamp;
use crate::guard::precondition::Conditions;
use crate::guard::{Claim, Edit, Member};
use crate::id::Id;
use crate::jsonapi::Code;
use crate::jsonapi::request::{Expected, ResourceObject};
use crate::jsonapi::{Fault, Json, Pointer};
use crate::users::rules::{Field as _, Message, Rule, TEXT_LIMIT, URL_LIMIT, check_text, whole_number};

/// What a request sets on a row. Absent is what was not sent.
#[derive(Clone, Debug, Default)]
pub struct RowChanges {
    /// Values by the names of attributes.
    pub values: BTreeMap<&'static str, Value>,
    /// When the client made the row.
    pub created_at: Option<Stamp>,
    /// When the client last edited it.
    pub updated_at: Option<Stamp>,
    /// Attributes that a row of the kind does not have.
    pub ignored: Vec<Member>,
    /// Attributes that nobody sets, as they were sent: with another value than the row has they are named as ignored.
    pub read_only: Vec<(&'static str, Json)>,
    /// Attributes whose value was refused by itself.
    pub faulty: Vec<&'static str>,
    /// Where each attribute was sent.
    pub places: BTreeMap<&'static str, Pointer>,
    /// The innermost object that should have held what is missing.
    pub belongs_in: Pointer,
}

/// What the endpoint of a kind takes.
#[must_use]
pub fn expected(kind: &'static Kind) -> Expected {
    Expected { kind: kind.name, id_attributes: &["remote_id"], untyped: &[] }
}

/// Reads the edit out of a resource object whose envelope was checked.
///
/// # Errors
/// The fault of an unreadable stamp, which is answered alone (design 9).
pub fn read(
    kind: &'static Kind,
    resource: ResourceObject,
    conditions: Conditions,
    now: Stamp,
) -> Result<Edit<RowChanges>, Fault> {
    let data = Pointer::root().member("data");
    let belongs_in = if resource.attributes.is_some() { data.member("attributes") } else { data.clone() };
    let mut attributes = resource.attributes.unwrap_or_default();
    let mut edit = Edit {
        claim: Claim::take(&mut attributes, now)?,
        conditions,
        merge: resource.merge,
        changes: RowChanges { belongs_in: belongs_in.clone(), ..RowChanges::default() },
        faults: Vec::new(),
        stamp_belongs_in: belongs_in,
    };
    for (name, sent) in attributes {
        read_attribute(kind, &mut edit, &name, &sent, now);
    }
    edit.changes.updated_at = edit.claim.own_time(edit.changes.updated_at);
    for (name, relationship) in resource.relationships.unwrap_or_default() {
        let at = data.member("relationships").member(&name).member("data");
        read_relationship(kind, &mut edit, name, relationship.get("data"), &resource.included, at);
    }
    Ok(edit)
}

fn read_attribute(kind: &'static Kind, edit: &mut Edit<RowChanges>, name: &str, sent: &Json, now: Stamp) {
    let at = Pointer::attributes().member(name);
    let time = || Stamp::read(&Rule::Time, sent, now);
    let read = match name {
        "created_at" => time().map(|time| edit.changes.created_at = Some(time)),
        "updated_at" => time().map(|time| edit.changes.updated_at = Some(time)),
        _ => match kind.attribute(name) {
            Some((_, attribute)) if is_set_as_attribute(attribute) => {
                edit.changes.places.insert(attribute.name, at.clone());
                let value = value(attribute, sent);
                if value.is_err() {
                    edit.changes.faulty.push(attribute.name);
                }
                value.map(|value| _ = edit.changes.values.insert(attribute.name, value))
            }
            Some((_, attribute)) if attribute.access == Access::ReadOnly => {
                edit.changes.read_only.push((attribute.name, sent.clone()));
                Ok(())
            }
            _ => {
                edit.changes.ignored.push(Member::Owned(name.to_owned()));
                Ok(())
            }
        },
    };
    if let Err(Message { code, text }) = read {
        edit.faults.push(Fault::attribute(code, name, text, at));
    }
}

fn is_set_as_attribute(attribute: &Attribute) -> bool {
    matches!(attribute.access, Access::Open | Access::WriteOnly) && attribute.holds != Type::Person
}

/// The related person; any other relationship is one that a row does not have.
fn read_relationship(
    kind: &'static Kind,
    edit: &mut Edit<RowChanges>,
    name: String,
    data: Option<&Json>,
    included: &BTreeSet<(String, String)>,
    at: Pointer,
) {
    let person = kind.attribute(&name).filter(|(_, attribute)| attribute.holds == Type::Person);
    let Some((_, attribute)) = person else {
        edit.changes.ignored.push(Member::Owned(name));
        return;
    };
    let id = data.and_then(|data| data.get("id")).and_then(Json::as_str);
    let kind = data.and_then(|data| data.get("type")).and_then(Json::as_str);
    if kind.is_some_and(|kind| kind != "people" && kind != "users") {
        edit.changes.faulty.push(attribute.name);
        let detail = "A related person is of the type `people`.";
        edit.faults.push(Fault::new(Code::TypeConflict, detail).at(at.member("type")));
        return;
    }
    let key = kind.zip(id).map(|(kind, id)| (kind.to_owned(), id.to_owned()));
    if data.is_some_and(|data| data.get("attributes").is_some())
        || key.is_some_and(|key| included.contains(&key))
    {
        let detail = "A person can't be changed through somebody's relationship with him.";
        edit.faults.push(Fault::new(Code::ReplacementRefused, detail).at(at.clone()));
    }
    match (data, id.and_then(Id::parse)) {
        (_, Some(id)) => _ = edit.changes.values.insert(attribute.name, Value::Id(id)),
        // `none` is how clients of the original clear a to-one relationship (mpdx-behaviour 3.6).
        (Some(Json::Null), None) => _ = edit.changes.values.insert(attribute.name, Value::Null),
        _ if id == Some("none") => _ = edit.changes.values.insert(attribute.name, Value::Null),
        _ => {
            edit.changes.faulty.push(attribute.name);
            edit.faults.push(Fault::attribute(
                Code::Invalid,
                attribute.name,
                "must have the id of a person",
                at.clone(),
            ));
        }
    }
    edit.changes.places.insert(attribute.name, at);
}

fn value(attribute: &Attribute, sent: &Json) -> Result<Value, Message> {
    match (attribute.holds, sent) {
        (Type::Boolean, Json::Bool(value)) => Ok(Value::Boolean(*value)),
        (Type::Boolean, _) => Err(Message::new(Code::WrongType, "must be true or false")),
        (_, Json::Null) => Ok(Value::Null),
        (Type::Integer, _) => {
            let number = whole_number(sent, 0, i64::MAX)?;
            Ok(number.map_or(Value::Null, Value::Integer))
        }
        (Type::Email, Json::String(text)) => {
            check_text(&strip(text), TEXT_LIMIT).map(|()| Value::Text(text.clone()))
        }
        (Type::Url, Json::String(text)) => check_text(text, URL_LIMIT).map(|()| Value::Text(text.clone())),
        (_, Json::String(text)) => check_text(text, TEXT_LIMIT).map(|()| Value::Text(text.clone())),
        _ => Err(Message::new(Code::WrongType, "must be a string or null")),
    }
}
