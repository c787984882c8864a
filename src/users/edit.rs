//! A PUT or PATCH of a user: from the request document to a typed edit. All faults at once (design 2, decision 9).

use super::attributes::{ColumnChanges, Kind, find};
use super::face::Face;
use super::linkage::SentRelationship;
use super::preferences::PreferenceChanges;
use super::rules::{Field as _, Message, Rule};
use crate::clock::Stamp;
use crate::error::Error;
use crate::guard::precondition::Conditions;
use crate::guard::{Claim, Edit, Member};
use crate::id::Id;
use crate::jsonapi::request::{self, Included, ResourceObject};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::people::kind;
use crate::people::nested::{self, NestedRows};

/// Parent contacts that one request may name.
const CONTACT_LIMIT: usize = 1000;

/// What a request sets on a user. Absent is what was not sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserChanges {
    /// Attributes that are columns.
    pub columns: ColumnChanges,
    /// The contacts with their places in the array that was sent.
    pub parent_contacts: Option<Vec<(usize, Id)>>,
    /// Members of preferences.
    pub preferences: PreferenceChanges,
    /// The client's own time of the edit.
    pub updated_at: Option<Stamp>,
    /// Relationships, which must be what is stored.
    pub relationships: Vec<SentRelationship>,
    /// Rows that came nested in relationships.
    pub rows: Vec<NestedRows>,
    /// Members that a user does not have.
    pub ignored: Vec<Member>,
    /// Attributes whose value was refused by itself.
    pub faulty: Vec<&'static str>,
}

/// Reads the document of a PUT of the user `own`.
///
/// # Errors
/// 400 and 409 for the envelope, another id, and an unreadable stamp.
pub fn of_document(
    document: Json,
    own: Id,
    face: Face,
    conditions: Conditions,
    now: Stamp,
) -> Result<Edit<UserChanges>, Error> {
    let resource = request::read(document, face.expected())?;
    Error::check_id(resource.id.as_deref(), own)?;
    Ok(read(resource, face, conditions, now)?)
}

/// Reads the edit out of a resource object whose envelope was checked.
///
/// # Errors
/// The fault of an unreadable stamp, which is answered alone (design 9).
pub fn read(
    resource: ResourceObject,
    face: Face,
    conditions: Conditions,
    now: Stamp,
) -> Result<Edit<UserChanges>, Fault> {
    let stamp_belongs_in = match resource.attributes {
        Some(_) => Pointer::attributes(),
        None => Pointer::root().member("data"),
    };
    let ResourceObject { attributes, relationships, mut included, merge, .. } = resource;
    let mut attributes = attributes.unwrap_or_default();
    let mut edit = Edit {
        claim: Claim::take(&mut attributes, &Pointer::attributes(), now)?,
        conditions,
        merge,
        changes: UserChanges::default(),
        faults: Vec::new(),
        stamp_belongs_in,
    };
    for (name, value) in attributes {
        read_attribute(&mut edit, face, name, value, now);
    }
    edit.changes.updated_at = edit.claim.own_time(edit.changes.updated_at);
    for (name, relationship) in relationships.unwrap_or_default() {
        if face.has_relationship(&name) {
            read_relationship(&mut edit, &name, &relationship, &mut included, now)?;
        } else {
            edit.changes.ignored.push(Member::Owned(name));
        }
    }
    // What nothing names, or what is nobody's own, is not applied.
    edit.changes.ignored.extend(included.unused().map(Member::Owned));
    Ok(edit)
}

fn read_relationship(
    edit: &mut Edit<UserChanges>,
    name: &str,
    relationship: &Json,
    included: &mut Included,
    now: Stamp,
) -> Result<(), Fault> {
    let at = Pointer::root().member("data").member("relationships").member(name).member("data");
    if let (Some(kind), Some(Json::Array(elements))) = (kind::Kind::named(name), relationship.get("data")) {
        let request = nested::Request { claim: &edit.claim, merge: edit.merge, now };
        let rows = nested::read(kind, (elements, &at), included, request, &mut edit.faults)?;
        if let Some(rows) = rows {
            edit.changes.rows.push(rows);
            return Ok(());
        }
    }
    match SentRelationship::read(name, relationship, &at) {
        Some(sent) => edit.changes.relationships.push(sent),
        None => edit.changes.ignored.push(Member::Owned(name.to_owned())),
    }
    Ok(())
}

fn read_attribute(edit: &mut Edit<UserChanges>, face: Face, name: String, value: Json, now: Stamp) {
    let Some(attribute) = find(&name).filter(|attribute| face.has(attribute.kind)) else {
        edit.changes.ignored.push(Member::Owned(name));
        return;
    };
    let read = match attribute.kind {
        Kind::Column(_) => edit.changes.columns.read(&name, &value, now).unwrap_or(Ok(())),
        Kind::Preferences => {
            edit.changes.preferences = PreferenceChanges::read(value, &mut edit.faults);
            Ok(())
        }
        Kind::ParentContacts => {
            let contacts = read_contacts(&value, &mut edit.faults);
            contacts.map(|contacts| edit.changes.parent_contacts = Some(contacts))
        }
        Kind::UpdatedAt => {
            Stamp::read(&Rule::Time, &value, now).map(|edited| edit.changes.updated_at = Some(edited))
        }
        // Taken out before, as what the edit was made on.
        Kind::UpdatedInDbAt => Ok(()),
    };
    if let Err(Message { code, text }) = read {
        edit.changes.faulty.push(attribute.name);
        edit.faults.push(Fault::attribute(code, &name, text, Pointer::attributes().member(&name)));
    }
}

fn read_contacts(sent: &Json, faults: &mut Vec<Fault>) -> Result<Vec<(usize, Id)>, Message> {
    let Json::Array(elements) = sent else {
        return Err(Message::new(Code::WrongType, "must be an array of contact ids"));
    };
    if elements.len() > CONTACT_LIMIT {
        return Err(Message::new(
            Code::TooLong,
            format!("is too long (maximum is {CONTACT_LIMIT} contacts)"),
        ));
    }
    let mut contacts = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        if let Some(id) = element.as_str().and_then(Id::parse) {
            contacts.push((index, id));
        } else {
            let at = Pointer::attributes().member("parent_contacts").element(index);
            let message = "must be an array of contact ids";
            faults.push(Fault::attribute(Code::Invalid, "parent_contacts", message, at));
        }
    }
    Ok(contacts)
}
