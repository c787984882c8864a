//! A user's document, byte for byte in the documented order (design 2, decisions 1 and 2).

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::attributes::{ATTRIBUTES, Kind};
use super::linkage::{ACCOUNT_LISTS, MASTER_PERSON, OWNED};
use super::person::{MasterPerson, Person};
use super::preferences::DEFAULT_LIST;
use super::time_zone::local_text;
use crate::guard::Guarded as _;
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::document::{Document, Relationship, ResourceIdentifier};

/// Raised when the same person is rendered differently, so that cached answers are dropped.
pub const RENDERER: u32 = 1;

/// The document of a user.
#[must_use]
pub fn document(person: &Person, meta: Option<Json>) -> Vec<u8> {
    let document = Document { data: UserResource(person), meta };
    // Strings, numbers and lists of them can always be written into memory.
    serde_json::to_vec(&document).unwrap_or_default()
}

struct UserResource<'a>(&'a Person);

impl Serialize for UserResource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("id", &self.0.id)?;
        map.serialize_entry("type", "users")?;
        map.serialize_entry("attributes", &Attributes(self.0))?;
        map.serialize_entry("relationships", &Relationships(self.0))?;
        map.end()
    }
}

struct Attributes<'a>(&'a Person);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(ATTRIBUTES.len()))?;
        for attribute in ATTRIBUTES.iter() {
            match attribute.kind {
                Kind::Preferences => map.serialize_entry(attribute.name, &ShownPreferences(self.0))?,
                _ => map.serialize_entry(attribute.name, &self.0.shown(attribute.name))?,
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

struct Relationships<'a>(&'a Person);

impl Serialize for Relationships<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn linkage(
            kind: &'static str,
            ids: impl Iterator<Item = Id>,
        ) -> Relationship<Vec<ResourceIdentifier>> {
            Relationship { data: ids.map(|id| ResourceIdentifier { id, kind }).collect() }
        }
        let person = self.0;
        let mut map = serializer.serialize_map(Some(OWNED.len() + 2))?;
        for (kind, ids) in OWNED.iter().zip(&person.linkage.owned) {
            map.serialize_entry(kind, &linkage(kind, ids.iter().copied()))?;
        }
        let lists = person.linkage.account_lists.iter().map(|list| list.id);
        map.serialize_entry(ACCOUNT_LISTS, &linkage(ACCOUNT_LISTS, lists))?;
        map.serialize_entry(MASTER_PERSON, &Relationship { data: MasterPersonLink(person) })?;
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
        map.serialize_entry("type", "master_people")?;
        map.serialize_entry("created_at", &local_text(created_at.moment(), zone))?;
        map.serialize_entry("updated_at", &local_text(updated_at.moment(), zone))?;
        map.end()
    }
}
