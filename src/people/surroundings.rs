//! What the rules of rows ask about the world around them, read with them in one state.

use std::collections::BTreeMap;

use diesel::prelude::*;
use phonenumber::country;

use super::edit::{Deed, RowEdit};
use super::kind::{Kind, Type};
use super::row::Value;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{account_lists, tombstones};
use crate::id::Id;
use crate::users::include::{OtherPerson, named_people};
use crate::users::person::Person;

/// What is known around a person's rows, as far as a request needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// The country in which the person writes phone numbers.
    pub home: country::Id,
    /// Of the people whom the request names, those whom the person may name.
    pub people: BTreeMap<Id, OtherPerson>,
    /// When rows with ids that the request names were deleted, by kind and id.
    pub deleted: BTreeMap<(String, Id), Stamp>,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { home: country::Id::US, people: BTreeMap::new(), deleted: BTreeMap::new() }
    }
}

/// What edits of rows ask for.
#[derive(Clone, Debug, Default)]
pub struct WantedRows {
    /// The kinds whose rows are edited.
    pub kinds: Vec<&'static Kind>,
    ids: Vec<Id>,
    people: Vec<Id>,
}

impl WantedRows {
    /// What edits of one kind ask for, beside what was asked for already.
    pub fn add(&mut self, kind: &'static Kind, edits: &[RowEdit]) {
        self.kinds.push(kind);
        let named = edits.iter().filter(|edit| edit.deed != Deed::Fill).map(|edit| edit.id);
        self.ids.extend(named);
        for attribute in kind.attributes.iter().filter(|attribute| attribute.holds == Type::Person) {
            let values = edits.iter().filter_map(|edit| edit.changes.values.get(attribute.name));
            self.people.extend(values.filter_map(|value| match value {
                Value::Id(id) => Some(*id),
                _ => None,
            }));
        }
    }
}

impl Surroundings {
    /// Reads what is wanted: at most three statements.
    ///
    /// # Errors
    /// The queries'.
    pub fn read(connection: &mut Connection, person: &Person, wanted: &WantedRows) -> QueryResult<Self> {
        let home = if wanted.kinds.iter().any(|kind| kind.name == "phone_numbers") {
            home_country(connection, person)?
        } else {
            country::Id::US
        };
        let people = if wanted.people.is_empty() {
            Vec::new()
        } else {
            named_people(connection, person.id, &wanted.people)?
        };
        let people = people.into_iter().map(|person| (person.id, person)).collect();
        Ok(Self { home, people, deleted: deleted(connection, person.id, &wanted.ids)? })
    }
}

/// The country of the default account list, else of the first one, else the USA (`mpdx-behaviour.md` 4.4).
fn home_country(connection: &mut Connection, person: &Person) -> QueryResult<country::Id> {
    let first = person.linkage.account_lists.first().map(|list| list.id);
    let Some(list) = person.default_list().or(first) else { return Ok(country::Id::US) };
    let country = account_lists::table.find(list).select(account_lists::home_country);
    let country = country.get_result::<Option<String>>(connection).optional()?.flatten();
    Ok(country.and_then(|code| code.parse().ok()).unwrap_or(country::Id::US))
}

fn deleted(
    connection: &mut Connection,
    person: Id,
    ids: &[Id],
) -> QueryResult<BTreeMap<(String, Id), Stamp>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = tombstones::table
        .filter(tombstones::person_id.eq(person))
        .filter(tombstones::id.eq_any(ids.to_vec()))
        .select((tombstones::kind, tombstones::id, tombstones::deleted_at))
        .load::<(String, Id, Stamp)>(connection)?;
    Ok(found.into_iter().map(|(kind, id, at)| ((kind, id), at)).collect())
}
