//! JUNO's resources as documents show them: their ids are numbers, written as strings.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::jsonapi::Json;
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
    id: String,
    attributes: Vec<(&'static str, Json)>,
    /// The relationship objects.
    relationships: Vec<(&'static str, Json)>,
    /// Where it is found.
    link: String,
}

impl Resource {
    pub(super) fn new(kind: &'static str, id: i64, attributes: Vec<(&'static str, Json)>) -> Self {
        let link = format!("{}/{id}", path(kind));
        Self::at(link, kind, id.to_string(), attributes)
    }

    /// One that is found elsewhere than by its id among those of its type.
    pub(super) fn at(
        link: String,
        kind: &'static str,
        id: String,
        attributes: Vec<(&'static str, Json)>,
    ) -> Self {
        Self { kind, id, attributes, relationships: Vec::new(), link }
    }

    /// With a relationship whose linkage is `data`.
    pub(super) fn related(self, name: &'static str, data: Json) -> Self {
        self.relationship(name, object([("data", data)]))
    }

    /// With a relationship object.
    pub(super) fn relationship(mut self, name: &'static str, relationship: Json) -> Self {
        self.relationships.push((name, relationship));
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
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("type", self.kind)?;
        if !self.attributes.is_empty() {
            map.serialize_entry("attributes", &Named(&self.attributes))?;
        }
        if !self.relationships.is_empty() {
            map.serialize_entry("relationships", &Named(&self.relationships))?;
        }
        map.serialize_entry("links", &Named(&[("self", &self.link)]))?;
        map.end()
    }
}

/// A resource identifier object.
pub(super) fn identifier(kind: &str, id: impl Into<String>) -> Json {
    object([("id", Json::String(id.into())), ("type", kind.into())])
}

/// An object.
pub(super) fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// The members of an object.
struct Named<'a, T>(&'a [(&'static str, T)]);

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
