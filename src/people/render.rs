//! The documents of rows.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::row::{Row, Value};
use crate::id::Id;
use crate::jsonapi::collection::{Listed, Times};
use crate::jsonapi::document::{Relationship, ResourceIdentifier};
use crate::jsonapi::query::Fieldsets;

impl Listed for Row {
    fn id(&self) -> Id {
        self.id
    }

    fn times(&self) -> Times {
        Times { created_at: self.created_at, updated_at: self.updated_at, stamp: self.stamp }
    }
}

/// A row as a resource object.
#[derive(Clone, Copy, Debug)]
pub struct RowResource<'a> {
    /// The row.
    pub row: &'a Row,
    /// The fields that are asked for.
    pub fields: &'a Fieldsets,
}

impl RowResource<'_> {
    fn allows(&self, name: &str) -> bool {
        self.fields.allows(self.row.kind.name, name)
    }

    fn attributes(&self) -> Vec<&'static str> {
        let mut names = self.row.shown_names();
        names.retain(|name| self.allows(name));
        names
    }

    /// The relationships that are shown, each with the type that it leads to.
    fn relationships(&self) -> Vec<(&'static str, &'static str)> {
        let attributes = self.row.kind.attributes.iter().filter(|attribute| self.allows(attribute.name));
        attributes
            .filter_map(|attribute| Some((attribute.name, *attribute.holds.leads_to().first()?)))
            .collect()
    }
}

impl Serialize for RowResource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (row, attributes, relationships) = (self.row, self.attributes(), self.relationships());
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &row.id)?;
        map.serialize_entry("type", row.kind.name)?;
        if !attributes.is_empty() {
            map.serialize_entry("attributes", &Attributes(row, &attributes))?;
        }
        if !relationships.is_empty() {
            map.serialize_entry("relationships", &Relationships(row, &relationships))?;
        }
        map.end()
    }
}

struct Attributes<'a>(&'a Row, &'a [&'static str]);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.1.iter().map(|name| (name, self.0.shown(name))))
    }
}

struct Relationships<'a>(&'a Row, &'a [(&'static str, &'static str)]);

impl Serialize for Relationships<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.1.iter().map(|(name, kind)| {
            let linked = match self.0.get(name) {
                Value::Id(id) => Some(ResourceIdentifier { id: *id, kind }),
                _ => None,
            };
            (name, Relationship { data: linked })
        }))
    }
}
