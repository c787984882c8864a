//! A create or an update of a row: from the resource object to typed changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::email_address::strip;
use super::kind::{Access, Attribute, Kind, Type};
use super::row::Value;
use crate::clock::Stamp;
use crate::guard::precondition::Conditions;
use crate::guard::{Base, Claim, Edit, Member};
use crate::id::Id;
use crate::jsonapi::json::Members;
use crate::jsonapi::request::{Expected, Included, ResourceObject, says_something};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::users::preferences::SIZE_LIMIT;
use crate::users::rules::{Field as _, Message, Rule, TEXT_LIMIT, URL_LIMIT, check_text, whole_number};

/// What a request does to one row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowEdit {
    /// The row's id: the one that was sent, else one that was made for it.
    pub id: Id,
    /// What is done.
    pub deed: Deed,
    /// What is set.
    pub changes: RowChanges,
    /// Where the row, or the identifier that names it, was sent.
    pub at: Pointer,
    /// Of a nested row, the stamp that it names itself and that is to be compared.
    pub base: Option<Base>,
    /// Of a nested row in a request that asks for a merge, the base of that: what was changed since then is told.
    pub merged_from: Option<Stamp>,
}

impl RowEdit {
    /// An edit that sets nothing.
    #[must_use]
    pub fn bare(id: Id, deed: Deed, at: Pointer) -> Self {
        let changes = RowChanges { belongs_in: at.clone(), ..RowChanges::default() };
        Self { id, deed, changes, at, base: None, merged_from: None }
    }
}

/// What is done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Make it; it must not be there.
    Create,
    /// Change it; it must be there.
    Update,
    /// Change it, or make it with its id.
    Upsert,
    /// Change the row that stands for the same thing, or make one.
    Fill,
    /// Delete it; it must be there.
    Delete,
    /// Nothing; it must be there.
    Keep,
}

/// What a request sets on a row. Absent is what was not sent.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// The related person, where more than his id was sent.
    pub person: Option<SentPerson>,
    /// Where each attribute was sent.
    pub places: BTreeMap<&'static str, Pointer>,
    /// The innermost object that should have held what is missing.
    pub belongs_in: Pointer,
}

/// A person who was sent along with a row that names him. He can't be changed so: it must be what is shown of him.
#[derive(Clone, Debug, PartialEq)]
pub struct SentPerson {
    /// The resource object.
    pub object: Arc<Json>,
    /// Where it was sent.
    pub at: Pointer,
}

/// What the endpoint of a kind takes.
#[must_use]
pub fn expected(kind: &'static Kind) -> Expected {
    let id_attributes: &[_] = match kind.name {
        "key_accounts" => &["relay_remote_id", "remote_id"],
        _ => &["remote_id"],
    };
    Expected { kind: kind.name, id_attributes, untyped: &[] }
}

/// Reads the edit out of a resource object whose envelope was checked.
///
/// # Errors
/// The fault of an unreadable stamp, which is answered alone (design 9).
pub fn read(
    kind: &'static Kind,
    (id, deed): (Id, Deed),
    resource: ResourceObject,
    conditions: Conditions,
    now: Stamp,
) -> Result<Edit<RowEdit>, Fault> {
    let ResourceObject { attributes, relationships, mut included, merge, .. } = resource;
    let mut sent = Sent { kind, at: Pointer::root().member("data"), attributes, relationships, now };
    let claim = sent.claim()?;
    let mut faults = Vec::new();
    let mut changes = sent.changes(&claim, &mut included, &mut faults);
    changes.ignored.extend(included.unused().map(Member::Owned));
    let stamp_belongs_in = changes.belongs_in.clone();
    let changes =
        RowEdit { id, deed, changes, at: Pointer::root().member("data"), base: None, merged_from: None };
    Ok(Edit { claim, conditions, merge, changes, faults, stamp_belongs_in })
}

/// A resource object of a row as it was sent, wherever in the document.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) kind: &'static Kind,
    pub(super) at: Pointer,
    pub(super) attributes: Option<Members>,
    pub(super) relationships: Option<Members>,
    pub(super) now: Stamp,
}

impl Sent {
    /// The innermost object that should have held a missing attribute.
    fn belongs_in(&self) -> Pointer {
        match self.attributes {
            Some(_) => self.at.member("attributes"),
            None => self.at.clone(),
        }
    }

    /// Takes out what the row says of the state that it was edited on.
    pub(super) fn claim(&mut self) -> Result<Claim, Fault> {
        let at = self.belongs_in();
        self.attributes.as_mut().map_or_else(|| Ok(Claim::default()), |sent| Claim::take(sent, &at, self.now))
    }

    /// What is set. Faults of single values are added to `faults`.
    pub(super) fn changes(
        self,
        claim: &Claim,
        included: &mut Included,
        faults: &mut Vec<Fault>,
    ) -> RowChanges {
        let belongs_in = self.belongs_in();
        let mut changes = RowChanges { belongs_in: belongs_in.clone(), ..RowChanges::default() };
        for (name, sent) in self.attributes.unwrap_or_default() {
            let at = belongs_in.member(&name);
            if let Err(Message { code, text }) =
                read_attribute(self.kind, &mut changes, &name, &sent, &at, self.now)
            {
                faults.push(Fault::attribute(code, &name, text, at));
            }
        }
        changes.updated_at = claim.own_time(changes.updated_at);
        for (name, relationship) in self.relationships.unwrap_or_default() {
            let at = self.at.member("relationships").member(&name).member("data");
            let data = relationship.get("data");
            match self.kind.attribute(&name).filter(|(_, attribute)| attribute.holds == Type::Person) {
                Some((_, attribute)) => {
                    faults.extend(read_person(attribute, &mut changes, data, included, at));
                }
                None => changes.ignored.push(Member::Owned(name)),
            }
        }
        changes
    }
}

fn read_attribute(
    kind: &'static Kind,
    changes: &mut RowChanges,
    name: &str,
    sent: &Json,
    at: &Pointer,
    now: Stamp,
) -> Result<(), Message> {
    let time = || Stamp::read(&Rule::Time, sent, now);
    match name {
        "created_at" => changes.created_at = Some(time()?),
        "updated_at" => changes.updated_at = Some(time()?),
        _ => match kind.attribute(name) {
            Some((_, attribute)) if is_set_as_attribute(attribute) => {
                changes.places.insert(attribute.name, at.clone());
                match value(attribute, sent, now) {
                    Ok(value) => _ = changes.values.insert(attribute.name, value),
                    Err(message) => {
                        changes.faulty.push(attribute.name);
                        return Err(message);
                    }
                }
            }
            Some((_, attribute)) if attribute.access == Access::ReadOnly => {
                changes.read_only.push((attribute.name, sent.clone()));
            }
            _ => changes.ignored.push(Member::Owned(name.to_owned())),
        },
    }
    Ok(())
}

fn is_set_as_attribute(attribute: &Attribute) -> bool {
    matches!(attribute.access, Access::Open | Access::WriteOnly) && !attribute.holds.is_relationship()
}

/// The related person.
fn read_person(
    attribute: &Attribute,
    changes: &mut RowChanges,
    data: Option<&Json>,
    included: &mut Included,
    at: Pointer,
) -> Option<Fault> {
    let text = |name| data.and_then(|data| data.get(name)).and_then(Json::as_str);
    let id = text("id");
    if text("type").is_some_and(|kind| kind != "people" && kind != "users") {
        changes.faulty.push(attribute.name);
        let detail = "A related person is of the type `people`.";
        return Some(Fault::new(Code::TypeConflict, detail).at(at.member("type")));
    }
    changes.places.insert(attribute.name, at.clone());
    changes.person = match data.filter(|data| says_something(data)) {
        Some(data) => Some(SentPerson { object: Arc::new(data.clone()), at: at.clone() }),
        None => data
            .and_then(|data| included.find(data))
            .map(|included| SentPerson { object: Arc::clone(&included.object), at: included.at.clone() }),
    };
    match (data, id.and_then(Id::parse)) {
        (_, Some(id)) => _ = changes.values.insert(attribute.name, Value::Id(id)),
        // `none` is how clients of the original clear a to-one relationship (mpdx-behaviour 3.6).
        (Some(Json::Null), None) => _ = changes.values.insert(attribute.name, Value::Null),
        _ if id == Some("none") => _ = changes.values.insert(attribute.name, Value::Null),
        _ => {
            changes.faulty.push(attribute.name);
            let message = "must have the id of a person";
            return Some(Fault::attribute(Code::Invalid, attribute.name, message, at));
        }
    }
    None
}

/// The value of an attribute as it was sent, checked by itself.
///
/// # Errors
/// Another type, or a text that is too long or has control characters.
pub(crate) fn value(attribute: &Attribute, sent: &Json, now: Stamp) -> Result<Value, Message> {
    match (attribute.holds, sent) {
        (Type::Boolean, Json::Bool(value)) => Ok(Value::Boolean(*value)),
        (Type::Boolean, _) => Err(Message::new(Code::WrongType, "must be true or false")),
        (_, Json::Null) => Ok(Value::Null),
        (Type::Time, _) => Stamp::read(&Rule::Time, sent, now).map(Value::Time),
        (Type::Integer, _) => {
            let number = whole_number(sent, 0, i64::MAX)?;
            Ok(number.map_or(Value::Null, Value::Integer))
        }
        (Type::Email, Json::String(text)) => {
            check_text(&strip(text), TEXT_LIMIT).map(|()| Value::Text(text.clone()))
        }
        (Type::State, Json::String(text)) if text.len() <= SIZE_LIMIT => Ok(Value::Text(text.clone())),
        (Type::State, Json::String(_)) => {
            Err(Message::new(Code::TooLong, format!("is too long (maximum is {SIZE_LIMIT} bytes)")))
        }
        (Type::Url, Json::String(text)) => check_text(text, URL_LIMIT).map(|()| Value::Text(text.clone())),
        (_, Json::String(text)) => check_text(text, TEXT_LIMIT).map(|()| Value::Text(text.clone())),
        _ => Err(Message::new(Code::WrongType, "must be a string or null")),
    }
}
