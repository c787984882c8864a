//! A user of JUNO as documents show him, whichever codec they go through.

use std::collections::BTreeMap;

use super::field::Value;
use crate::clock::Stamp;
use crate::id::Id;
use crate::juno::profile::Profile;

/// A user of JUNO in one state.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// JUNO's own of him.
    pub profile: Profile,
    /// What is told apart by entity tags: the versions of the person and of the profile, added. Both only grow, so no two
    /// states have the same.
    pub version: i64,
    /// When either was last changed; `date_updated`.
    pub updated_at: Stamp,
    /// The fields that are not null, by their names.
    pub fields: BTreeMap<&'static str, Value>,
    /// Values of active custom dimensions, by their ids.
    pub dimensions: Vec<ShownValue>,
    /// Tags, by their ids.
    pub tags: Vec<ShownTag>,
}

impl View {
    /// The person.
    #[must_use]
    pub fn person(&self) -> Id {
        self.profile.person_id
    }
}

/// A value of a custom dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownValue {
    /// The dimension's id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// A tag of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTag {
    /// The tag's id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The id of its type.
    pub of_type: i64,
    /// The name of its type.
    pub type_name: String,
    /// How strong the link is.
    pub score: i32,
    /// Whether the user wants it.
    pub preferred: bool,
    /// Who made the link: `user`, `organization` or `engagement`.
    pub origin: String,
}
