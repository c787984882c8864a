//! The parts of an answer's document that are the same for every type of resource.

use serde::Serialize;

use super::json::{Json, Members};

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
