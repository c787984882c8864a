//! What a write sets on a user of JUNO, whichever codec it came through.

use std::collections::BTreeMap;

use super::field::Value;
use crate::clock::Stamp;
use crate::id::Id;
use crate::jsonapi::Pointer;

/// What a write sets. Absent is what was not sent. Everything here was checked by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// The person who is to become a user of JUNO; a new one where there is none.
    pub person: Option<(Id, Pointer)>,
    /// Fields, by their names.
    pub fields: BTreeMap<&'static str, Sent>,
    /// The values of dimensions. Those of custom ones replace all that are there; those of the system are fields too.
    pub dimensions: Option<Vec<SentValue>>,
    /// All tags.
    pub tags: Option<Vec<SentTag>>,
    /// What no client can set.
    pub imported: Imported,
}

/// What the server keeps for itself, as another system had it. Absent is what it said nothing of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// The id that a new user is to have.
    pub id: Option<(i64, Pointer)>,
    /// Points of the leaderboard.
    pub points: Option<i64>,
    /// When the user was made; none where that is unknown.
    pub created_at: Option<Option<Stamp>>,
    /// When he last was there; none where he never was.
    pub last_login_at: Option<Option<Stamp>>,
}

/// A value of a field; none clears it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The value.
    pub value: Option<Value>,
    /// Where it was sent.
    pub at: Pointer,
}

/// A value of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct SentValue {
    /// The dimension's id; else it is found by its name.
    pub id: Option<i64>,
    /// Its name: beside an id only a check.
    pub name: Option<String>,
    /// The value; none deletes it.
    pub value: Option<String>,
    /// Where it was sent: the place of the entry, whose members are `id`, `name`, `value`.
    pub at: Pointer,
}

/// A tag.
#[derive(Clone, Debug, PartialEq)]
pub struct SentTag {
    /// Its id.
    pub id: i64,
    /// How strong the link is; what it was, or 0, where that was not sent.
    pub score: Option<i32>,
    /// Where it was sent.
    pub at: Pointer,
}
