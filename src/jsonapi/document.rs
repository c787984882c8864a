//! The parts of an answer's document that are the same for every type of resource.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::json::{Json, Members};
use super::query::Fieldsets;
use crate::id::Id;

/// A document whose primary data is `data`. `meta` is left out where there is nothing to say (design 2, decision 1).
#[derive(Debug, Serialize)]
pub struct Document<T, I> {
    /// The primary data.
    pub data: T,
    /// Related resources, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub included: Option<I>,
    /// What this answer says beside its data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Json>,
}

/// A resource identifier object. Members in the documented order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceIdentifier {
    /// The resource's id.
    pub id: Id,
    /// The resource's type.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// A resource identifier object as a value.
#[must_use]
pub fn identifier(id: Id, kind: &str) -> Json {
    let members = [("id", id.to_string()), ("type", kind.to_owned())];
    Json::Object(members.map(|(name, value)| (name.to_owned(), value.into())).into())
}

/// A resource object: of its attributes and of the data of its relationships what the fields allow. A member without
/// anything in it is left out.
///
/// # Errors
/// The serializer's.
pub fn resource<S: Serializer>(
    serializer: S,
    (id, kind): (Id, &'static str),
    attributes: impl IntoIterator<Item = (&'static str, Json)>,
    relationships: impl IntoIterator<Item = (&'static str, Json)>,
    fields: &Fieldsets,
) -> Result<S::Ok, S::Error> {
    let attributes = attributes.into_iter().filter(|(name, _)| fields.allows(kind, name));
    let attributes: Members = attributes.map(|(name, value)| (name.to_owned(), value)).collect();
    let linked = relationships.into_iter().filter(|(name, _)| fields.allows(kind, name));
    let linked = linked.map(|(name, data)| (name.to_owned(), Json::Object(vec![("data".to_owned(), data)])));
    let linked: Members = linked.collect();
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("id", &id)?;
    map.serialize_entry("type", kind)?;
    for (name, members) in [("attributes", attributes), ("relationships", linked)] {
        if !members.is_empty() {
            map.serialize_entry(name, &Json::Object(members))?;
        }
    }
    map.end()
}

/// A relationship with its linkage.
#[derive(Debug, Serialize)]
pub struct Relationship<T> {
    /// Resource linkage.
    pub data: T,
}

/// A `meta` object, or nothing where it would be empty.
#[must_use]
pub fn meta(members: Members) -> Option<Json> {
    (!members.is_empty()).then_some(Json::Object(members))
}
