//! JUNO's resources as documents show them: their ids are numbers, written as strings.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::jsonapi::Json;
use crate::jsonapi::document::Relationship;
use crate::jsonapi::query::Fieldsets;

/// Where the resources of a kind are found.
pub(super) fn path(kind: &str) -> String {
    format!("/api/v2/{kind}")
}

/// A resource object, with the fields that are asked for.
#[derive(Debug)]
pub struct Resource {
    /// Its type.
    kind: &'static str,
    id: i64,
    attributes: Vec<(&'static str, Json)>,
    relationships: Vec<(&'static str, Identifier)>,
}

/// What a relationship to one resource leads to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identifier {
    pub(super) kind: &'static str,
    pub(super) id: i64,
}

impl Resource {
    pub(super) fn new(kind: &'static str, id: i64, attributes: Vec<(&'static str, Json)>) -> Self {
        Self { kind, id, attributes, relationships: Vec::new() }
    }

    pub(super) fn related(mut self, name: &'static str, to: Identifier) -> Self {
        self.relationships.push((name, to));
        self
    }

    /// The resource without the fields that are not asked for.
    pub(super) fn restricted(mut self, fields: &Fieldsets) -> Self {
        self.attributes.retain(|(name, _)| fields.allows(self.kind, name));
        self.relationships.retain(|(name, _)| fields.allows(self.kind, name));
        self
    }
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id.to_string())?;
        map.serialize_entry("type", self.kind)?;
        if !self.attributes.is_empty() {
            map.serialize_entry("attributes", &Named(&self.attributes))?;
        }
        if !self.relationships.is_empty() {
            let linked = self.relationships.iter().map(|(name, to)| (*name, Relationship { data: *to }));
            map.serialize_entry("relationships", &Named(&linked.collect::<Vec<_>>()))?;
        }
        map.serialize_entry("links", &Named(&[("self", format!("{}/{}", path(self.kind), self.id))]))?;
        map.end()
    }
}

impl Serialize for Identifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Named(&[("id", self.id.to_string()), ("type", self.kind.to_owned())]).serialize(serializer)
    }
}

/// An object.
struct Named<'a, T>(&'a [(&'static str, T)]);

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
