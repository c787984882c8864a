//! The documents of rows.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::kind::{Access, Attribute, Type};
use super::row::{Row, Value};
use crate::guard::base::STAMP;
use crate::jsonapi::document::{Relationship, ResourceIdentifier};

/// A row as a resource object.
#[derive(Clone, Copy, Debug)]
pub struct RowResource<'a>(pub &'a Row);

impl Serialize for RowResource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &row.id)?;
        map.serialize_entry("type", row.kind.name)?;
        map.serialize_entry("attributes", &Attributes(row))?;
        if row.kind.attributes.iter().any(|attribute| attribute.holds == Type::Person) {
            map.serialize_entry("relationships", &Relationships(row))?;
        }
        map.end()
    }
}

fn is_shown(attribute: &Attribute) -> bool {
    matches!(attribute.access, Access::Open | Access::ReadOnly) && attribute.holds != Type::Person
}

struct Attributes<'a>(&'a Row);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let own = self.0.kind.attributes.iter().filter(|attribute| is_shown(attribute));
        let mut names: Vec<&str> = own.map(|attribute| attribute.name).collect();
        names.extend(["created_at", "updated_at", STAMP]);
        names.sort_unstable();
        serializer.collect_map(names.into_iter().map(|name| (name, self.0.shown(name))))
    }
}

struct Relationships<'a>(&'a Row);

impl Serialize for Relationships<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let people = self.0.kind.attributes.iter().filter(|attribute| attribute.holds == Type::Person);
        serializer.collect_map(people.map(|attribute| {
            let linked = match self.0.get(attribute.name) {
                Value::Id(id) => Some(ResourceIdentifier { id: *id, kind: "people" }),
                _ => None,
            };
            (attribute.name, Relationship { data: linked })
        }))
    }
}
