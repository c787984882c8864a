//! The two faces that one record shows: the user, and the person of the profile page (design 2, decision 19). They
//! share the row, the guard and the stamp.

use super::attributes::Kind;
use super::include::relationships;
use super::linkage::{MASTER_PERSON, OWNED};
use crate::jsonapi::query::{Relationships, Schema};
use crate::jsonapi::request::Expected;

/// As what the record is read and changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// `users`, at `/api/v2/user` and its other doors.
    User,
    /// `people`, at `/api/v2/contacts/people/<own id>`: without preferences, account lists and master person
    /// (`mpdx-behaviour.md` 1.7).
    Person,
}

impl Face {
    /// The JSON:API type.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Person => "people",
        }
    }

    /// Whether documents of this face have the attribute.
    #[must_use]
    pub fn has(self, attribute: Kind) -> bool {
        self == Self::User || attribute != Kind::Preferences
    }

    /// Whether documents of this face have the relationship.
    #[must_use]
    pub fn has_relationship(self, name: &str) -> bool {
        self == Self::User || OWNED.contains(&name)
    }

    /// What its endpoint knows of query parameters.
    #[must_use]
    pub const fn schema(self) -> Schema {
        Schema {
            kind: self.kind(),
            collection: false,
            relationships: below,
            sort: &[],
            filters: &[],
            own: &[],
        }
    }

    /// What its endpoint takes. The documented GET shows `master_person` without a type, and clients echo it.
    #[must_use]
    pub const fn expected(self) -> Expected {
        Expected { kind: self.kind(), id_attributes: &[], untyped: &[MASTER_PERSON] }
    }
}

/// The relationships that may be included from a kind. Primary people have those of the user that are rows of his
/// own; other people, who are included, have none (their kind is another one there).
fn below(kind: &str) -> Relationships {
    let all = relationships("users");
    match kind {
        "people" => all.get(..OWNED.len()).unwrap_or(all),
        kind => relationships(kind),
    }
}
