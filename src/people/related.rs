//! What rows lead to and is not their user's own: the people whom they name, and the account lists that he coaches.

use diesel::prelude::*;
use serde::Serialize;

use super::row::Row;
use crate::account_lists::list::ListResource;
use crate::account_lists::store;
use crate::db::Connection;
use crate::db::shared::ListRow;
use crate::id::Id;
use crate::jsonapi::query::{Fieldsets, Query};
use crate::users::include::{self, OtherPerson};
use crate::users::render::OtherResource;

/// What was asked for of it.
#[derive(Debug, Default)]
pub(super) struct Related {
    people: Vec<OtherPerson>,
    lists: Vec<ListRow>,
}

/// A resource that a row leads to.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Resource<'a> {
    Person(OtherResource<'a>),
    List(ListResource<'a>),
}

impl Related {
    /// Reads what a person's rows lead to, where something was to be included.
    pub(super) fn read(connection: &mut Connection, person: Id, query: &Query) -> QueryResult<Option<Self>> {
        // Asked for, though for nothing: the member is there (K60).
        let Some(include) = &query.include else { return Ok(None) };
        let mut related = Self::default();
        if include.get("related_person").is_some() {
            related.people = include::relatives(connection, person)?;
        }
        if include.get("account_list").is_some() {
            related.lists = store::coached_lists(connection, person)?;
        }
        Ok(Some(related))
    }

    /// Of all that, what the rows name (K38).
    pub(super) fn reached<'a>(
        &'a self,
        rows: impl Iterator<Item = &'a Row>,
        fields: &'a Fieldsets,
    ) -> Vec<Resource<'a>> {
        let named: Vec<Id> = rows.flat_map(|row| &row.values).filter_map(super::row::Value::as_id).collect();
        let people = self.people.iter().filter(|other| named.contains(&other.id));
        let people = people.map(|other| Resource::Person(OtherResource { kind: "people", other, fields }));
        let lists = self.lists.iter().filter(|list| named.contains(&list.id));
        let lists = lists.map(|list| Resource::List(ListResource { list, linkage: None, fields }));
        people.chain(lists).collect()
    }
}
