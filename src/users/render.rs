//! A user's document, byte for byte in the documented order (design 2, decisions 1 and 2).

use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

use super::attributes::{ATTRIBUTES, Attribute, Kind};
use super::face::Face;
use super::include::{Included, OtherPerson};
use super::linkage::{ACCOUNT_LISTS, MASTER_PERSON, OWNED};
use super::person::{MasterPerson, Person};
use super::preferences::DEFAULT_LIST;
use super::time_zone::local_text;
use crate::account_lists::list::ListResource;
use crate::guard::Guarded as _;
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::document::{Document, Relationship, ResourceIdentifier, resource};
use crate::jsonapi::query::Fieldsets;
use crate::people::render::RowResource;
use crate::public_url;

/// Raised when the same person is rendered differently, so that cached answers are dropped.
const RENDERER: u32 = 1;

/// What names the rendering in entity tags: another one for each public URL, which documents show.
#[must_use]
pub fn renderer() -> u32 {
    RENDERER + public_url::mark()
}

/// The type of the user himself.
pub const USERS: &str = "users";

/// The type of what the relationship [`MASTER_PERSON`] leads to.
pub(super) const MASTER_PEOPLE: &str = "master_people";

/// The document of a user, with what comes along where that was asked for.
#[must_use]
pub fn document(
    person: &Person,
    face: Face,
    fields: &Fieldsets,
    included: Option<&Included>,
    meta: Option<Json>,
) -> Vec<u8> {
    let data = UserResource { person, face, fields };
    let included = included.map(|included| IncludedResources { person, face, fields, included });
    // Strings, numbers and lists of them can always be written into memory.
    serde_json::to_vec(&Document { data, included, meta }).unwrap_or_default()
}

/// The linkage of one relationship as primary data; null for a name that is none.
#[must_use]
pub fn linkage_document(person: &Person, name: &'static str) -> Vec<u8> {
    let owned = OWNED.iter().position(|owned| *owned == name).and_then(|part| person.linkage.owned.get(part));
    let lists = person.linkage.account_lists.iter().map(|list| list.id);
    let document = match (owned, name) {
        (Some(ids), _) => serde_json::to_vec(&linkage(name, ids.iter().copied())),
        (None, ACCOUNT_LISTS) => serde_json::to_vec(&linkage(name, lists)),
        (None, _) => serde_json::to_vec(&Relationship { data: MasterPersonLink(person) }),
    };
    document.unwrap_or_default()
}

/// A user as a resource object.
#[derive(Clone, Copy, Debug)]
pub struct UserResource<'a> {
    /// The user.
    pub person: &'a Person,
    /// As what he is shown.
    pub face: Face,
    /// The fields that are asked for.
    pub fields: &'a Fieldsets,
}

impl UserResource<'_> {
    fn shows(&self, attribute: &Attribute) -> bool {
        self.face.has(attribute.kind) && self.fields.allows(self.face.kind(), attribute.name)
    }

    fn links(&self, name: &str) -> bool {
        self.face.has_relationship(name) && self.fields.allows(self.face.kind(), name)
    }
}

impl Serialize for UserResource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.person.id)?;
        map.serialize_entry("type", self.face.kind())?;
        // A member without anything in it is left out, as in the original.
        if ATTRIBUTES.iter().any(|attribute| self.shows(attribute)) {
            map.serialize_entry("attributes", &Attributes(*self))?;
        }
        if OWNED.into_iter().chain([ACCOUNT_LISTS, MASTER_PERSON]).any(|name| self.links(name)) {
            map.serialize_entry("relationships", &Relationships(*self))?;
        }
        map.end()
    }
}

struct Attributes<'a>(UserResource<'a>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let person = self.0.person;
        let mut map = serializer.serialize_map(None)?;
        for Attribute { name, kind, .. } in ATTRIBUTES.iter().filter(|attribute| self.0.shows(attribute)) {
            match kind {
                Kind::Preferences => map.serialize_entry(name, &ShownPreferences(person))?,
                _ => map.serialize_entry(name, &person.shown(name))?,
            }
        }
        map.end()
    }
}

struct ShownPreferences<'a>(&'a Person);

impl Serialize for ShownPreferences<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0.preferences.members() {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry(DEFAULT_LIST, &self.0.default_list())?;
        map.serialize_entry("setup", &self.0.setup())?;
        map.end()
    }
}

struct Relationships<'a>(UserResource<'a>);

/// To-many linkage.
fn linkage(kind: &'static str, ids: impl Iterator<Item = Id>) -> Relationship<Vec<ResourceIdentifier>> {
    Relationship { data: ids.map(|id| ResourceIdentifier { id, kind }).collect() }
}

impl Serialize for Relationships<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let person = self.0.person;
        let mut map = serializer.serialize_map(None)?;
        for (kind, ids) in OWNED.iter().zip(&person.linkage.owned).filter(|(kind, _)| self.0.links(kind)) {
            map.serialize_entry(kind, &linkage(kind, ids.iter().copied()))?;
        }
        if self.0.links(ACCOUNT_LISTS) {
            let lists = person.linkage.account_lists.iter().map(|list| list.id);
            map.serialize_entry(ACCOUNT_LISTS, &linkage(ACCOUNT_LISTS, lists))?;
        }
        if self.0.links(MASTER_PERSON) {
            map.serialize_entry(MASTER_PERSON, &Relationship { data: MasterPersonLink(person) })?;
        }
        map.end()
    }
}

/// The identifier of the master person with the documented extra members, in the user's own zone.
struct MasterPersonLink<'a>(&'a Person);

impl Serialize for MasterPersonLink<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let MasterPerson { id, created_at, updated_at } = &self.0.master_person;
        let zone = self.0.time_zone();
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("id", id)?;
        map.serialize_entry("type", MASTER_PEOPLE)?;
        map.serialize_entry("created_at", &local_text(created_at.moment(), zone))?;
        map.serialize_entry("updated_at", &local_text(updated_at.moment(), zone))?;
        map.end()
    }
}

struct IncludedResources<'a> {
    person: &'a Person,
    face: Face,
    fields: &'a Fieldsets,
    included: &'a Included,
}

impl Serialize for IncludedResources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { person, face, fields, included } = self;
        let mut list = serializer.serialize_seq(None)?;
        for row in &included.rows {
            list.serialize_element(&RowResource { row, fields })?;
        }
        // Nobody twice, and the primary data not at all (K40).
        let primary = |kind: &str, other: &OtherPerson| face.kind() == kind && other.id == person.id;
        for other in included.relatives.iter().filter(|other| !primary("people", other)) {
            list.serialize_element(&OtherResource { kind: "people", other, fields })?;
        }
        let linkage = included.list_linkage.as_ref();
        for account_list in &included.lists {
            list.serialize_element(&ListResource { list: account_list, linkage, fields })?;
        }
        let mut seen = Vec::new();
        for (_, other) in included.members.iter().flatten() {
            if !seen.contains(&other.id) && !primary(USERS, other) {
                seen.push(other.id);
                list.serialize_element(&OtherResource { kind: USERS, other, fields })?;
            }
        }
        if included.master_person {
            list.serialize_element(&MasterPersonResource(&person.master_person, fields))?;
        }
        list.end()
    }
}

/// Another person: four members and nothing more (design 2, decision 19).
pub struct OtherResource<'a> {
    /// The type under which he appears.
    pub kind: &'static str,
    /// The person.
    pub other: &'a OtherPerson,
    /// The fields that are asked for.
    pub fields: &'a Fieldsets,
}

impl std::fmt::Debug for OtherResource<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.other.fmt(f)
    }
}

impl Serialize for OtherResource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let OtherPerson { id, first_name, last_name, avatar, .. } = self.other;
        let attributes = [
            ("avatar", avatar.as_str().into()),
            ("first_name", first_name.as_str().into()),
            ("last_name", last_name.as_deref().into()),
        ];
        resource(serializer, (*id, self.kind), attributes, [], self.fields)
    }
}

/// A master person.
pub(super) struct MasterPersonResource<'a>(pub(super) &'a MasterPerson, pub(super) &'a Fieldsets);

impl Serialize for MasterPersonResource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let MasterPerson { id, created_at, updated_at } = self.0;
        let attributes =
            [("created_at", created_at.to_string().into()), ("updated_at", updated_at.to_string().into())];
        resource(serializer, (*id, MASTER_PEOPLE), attributes, [], self.1)
    }
}
