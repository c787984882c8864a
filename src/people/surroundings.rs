//! What the rules of rows ask about the world around them, read with them in one state.

use std::collections::BTreeMap;

use diesel::prelude::*;
use phonenumber::country;

use super::edit::{Deed, RowEdit};
use super::kind::{Kind, Type};
use super::logins::{self, Logins};
use super::owners;
use super::row::{Row, Value};
use crate::account_lists::list::country;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{account_lists, tombstones};
use crate::id::Id;
use crate::users::include::{OtherPerson, named_people};
use crate::users::person::Person;

/// What is known around a person's rows, as far as a request needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings {
    /// The country in which the person writes phone numbers.
    pub home: country::Id,
    /// The countries of the person's account lists, as far as they are known.
    countries: BTreeMap<Id, country::Id>,
    /// Of the people whom the request names, those whom the person may name.
    pub people: BTreeMap<Id, OtherPerson>,
    /// Of the values that the request names and that no two rows may share, those that other users' rows have.
    pub taken: Vec<String>,
    /// What is known of signing in, where e-mail addresses are edited and he is a user of JUNO.
    pub logins: Option<Logins>,
    /// In a request of several operations, the rows as they are stored, by kind: what others know of.
    pub stored: BTreeMap<&'static str, Vec<Row>>,
    /// When rows with ids that the request names were deleted, by kind and id.
    pub deleted: BTreeMap<(String, Id), Stamp>,
}

impl Default for Surroundings {
    fn default() -> Self {
        let (countries, people, taken, logins, stored, deleted) = Default::default();
        Self { home: country::Id::US, countries, people, taken, logins, stored, deleted }
    }
}

/// What edits of rows ask for.
#[derive(Clone, Debug, Default)]
pub struct WantedRows {
    /// The kinds whose rows are edited.
    pub kinds: Vec<&'static Kind>,
    ids: Vec<Id>,
    people: Vec<Id>,
    /// Values that no two rows of a kind may share.
    unique: Vec<(&'static Kind, String)>,
    /// E-mail addresses, of which one may be what he then signs in with.
    emails: Vec<String>,
}

impl WantedRows {
    /// What edits of one kind ask for, beside what was asked for already.
    pub fn add(&mut self, kind: &'static Kind, edits: &[RowEdit]) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
        let named = edits.iter().filter(|edit| edit.deed != Deed::Fill).map(|edit| edit.id);
        self.ids.extend(named);
        if let Some(name) = kind.unique() {
            let values = edits.iter().filter_map(|edit| edit.changes.values.get(name)?.as_text());
            self.unique.extend(values.map(|value| (kind, value.to_owned())));
        }
        if kind.name == logins::ROWS {
            let values = edits.iter().filter_map(|edit| edit.changes.values.get("email")?.as_text());
            self.emails.extend(values.map(str::to_owned));
        }
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
    /// Reads what is wanted: at most three statements, one for each value that must be unique, and two where e-mail
    /// addresses are edited.
    ///
    /// # Errors
    /// The queries'.
    pub fn read(connection: &mut Connection, person: &Person, wanted: &WantedRows) -> QueryResult<Self> {
        let countries = if wanted.kinds.iter().any(|kind| kind.name == "phone_numbers") {
            countries(connection, person)?
        } else {
            BTreeMap::new()
        };
        let people = if wanted.people.is_empty() {
            Vec::new()
        } else {
            named_people(connection, person.id, &wanted.people)?
        };
        let people = people.into_iter().map(|person| (person.id, person)).collect();
        let mut taken = Vec::new();
        for (kind, value) in &wanted.unique {
            taken.extend(owners::of_others(connection, person.id, kind.name, std::slice::from_ref(value))?);
        }
        let logins = if wanted.kinds.iter().any(|kind| kind.name == logins::ROWS) {
            let rows = person.context.rows.get(logins::ROWS).map_or(&[][..], Vec::as_slice);
            Logins::read(connection, person.id, rows, &wanted.emails)?
        } else {
            None
        };
        let deleted = deleted(connection, person.id, &wanted.ids)?;
        let mut around = Self { countries, people, taken, logins, deleted, ..Self::default() };
        around.rehome(person);
        Ok(around)
    }

    /// Moves home to where the person now has it: the country of the default account list, else of the first one,
    /// else the USA (`mpdx-behaviour.md` 4.4).
    pub fn rehome(&mut self, person: &Person) {
        let first = person.linkage.account_lists.first().map(|list| list.id);
        let country = person.default_list().or(first).and_then(|list| self.countries.get(&list));
        self.home = country.copied().unwrap_or(country::Id::US);
    }
}

fn countries(connection: &mut Connection, person: &Person) -> QueryResult<BTreeMap<Id, country::Id>> {
    let lists: Vec<Id> = person.linkage.account_lists.iter().map(|list| list.id).collect();
    let countries = account_lists::table
        .filter(account_lists::id.eq_any(lists))
        .select((account_lists::id, account_lists::home_country))
        .load::<(Id, Option<String>)>(connection)?;
    let known = |(list, named): (Id, Option<String>)| Some((list, country(&named?)?));
    Ok(countries.into_iter().filter_map(known).collect())
}

/// When rows of the ids were deleted, by kind and id.
///
/// # Errors
/// The query's.
pub fn deleted(
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
