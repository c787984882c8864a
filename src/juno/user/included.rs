//! What comes along with users of JUNO.

use std::collections::BTreeSet;

use diesel::QueryResult;
use serde::{Serialize, Serializer};

use super::codec::document::{TAGS, VALUES};
use super::linked::value_resource;
use super::source::all_dimensions;
use super::view::View;
use crate::db::Connection;
use crate::jsonapi::query::{Fieldsets, Include, Query, Relationships};
use crate::juno::dimensions::Dimension;
use crate::juno::profile::KIND;
use crate::juno::resource::Resource;
use crate::juno::tag_types::TagType;
use crate::juno::tags::{TAG_TYPE, Tag};
use crate::users::face::Face;
use crate::users::person::Person;
use crate::users::render::{USERS, UserResource};
use crate::users::store;

/// The relationship of a value to its dimension.
pub(super) const DIMENSION: &str = "dimension";

/// The relationship to the person.
const USER: &str = "user";

/// What may be included with one user.
#[must_use]
pub(crate) fn of_one(kind: &str) -> Relationships {
    if kind == KIND { &[(TAGS, TAGS), (VALUES, VALUES), (USER, USERS)] } else { of_many(kind) }
}

/// What may be included with many: not the persons, of whom each would be read by himself.
#[must_use]
pub(crate) fn of_many(kind: &str) -> Relationships {
    match kind {
        KIND => &[(TAGS, TAGS), (VALUES, VALUES)],
        TAGS => &[(TAG_TYPE, "tag_types")],
        VALUES => &[(DIMENSION, "dimensions")],
        _ => &[],
    }
}

/// A resource that comes along.
#[derive(Debug)]
pub(super) enum Included {
    /// One of JUNO's.
    Own(Resource),
    /// The person.
    Person(Box<Person>, Fieldsets),
}

impl Serialize for Included {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Own(resource) => resource.serialize(serializer),
            Self::Person(person, fields) => {
                UserResource { person, face: Face::User, fields }.serialize(serializer)
            }
        }
    }
}

/// What a query asks for beside users, in a number of statements that does not depend on theirs.
///
/// # Errors
/// The queries'.
pub(super) fn read(
    connection: &mut Connection,
    views: &[View],
    query: &Query,
) -> QueryResult<Option<Vec<Included>>> {
    let Some(include) = &query.include else { return Ok(None) };
    let mut resources = Vec::new();
    if let Some(below) = include.get(TAGS) {
        resources.extend(tags(connection, views, below)?);
    }
    if let Some(below) = include.get(VALUES) {
        resources.extend(views.iter().flat_map(own_values));
        if below.get(DIMENSION).is_some() {
            let named: BTreeSet<i64> =
                views.iter().flat_map(|view| view.dimensions.iter().map(|value| value.id)).collect();
            let all = all_dimensions(connection)?;
            resources.extend(all.iter().filter(|one| named.contains(&one.id)).map(Dimension::resource));
        }
    }
    let own = resources.into_iter().map(|resource| resource.restricted(&query.fields)).map(Included::Own);
    let mut included: Vec<Included> = own.collect();
    if include.get(USER).is_some() {
        for view in views {
            let person = store::read(connection, view.person())?;
            included.extend(person.map(|person| Included::Person(Box::new(person), query.fields.clone())));
        }
    }
    Ok(Some(included))
}

fn own_values(view: &View) -> Vec<Resource> {
    let user = view.profile.id;
    view.dimensions.iter().map(|value| value_resource(user, value.id, &value.value)).collect()
}

fn tags(connection: &mut Connection, views: &[View], below: &Include) -> QueryResult<Vec<Resource>> {
    let ids: BTreeSet<i64> = views.iter().flat_map(|view| view.tags.iter().map(|tag| tag.id)).collect();
    let tags = Tag::some(connection, ids.into_iter().collect())?;
    let types: BTreeSet<i64> = tags.iter().map(|tag| tag.of_type).collect();
    let types = TagType::some(connection, types.into_iter().collect())?;
    let mut resources: Vec<Resource> = tags.iter().map(|tag| tag.resource(&types)).collect();
    if below.get(TAG_TYPE).is_some() {
        resources.extend(types.iter().map(TagType::resource));
    }
    Ok(resources)
}
