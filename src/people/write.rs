//! Writes of rows: the row, whatever follows from it, and the person's stamp and version, in one transaction that
//! holds the person's lock from its first statement (design 3 and 7: what writes other rows goes alone).

use std::sync::Arc;

use diesel::QueryResult;
use diesel::result::Error as QueryError;
use phonenumber::country;

use super::edit::RowChanges;
use super::election::elect;
use super::kind::{Kind, Primary, Type};
use super::row::{OwnedRow, Row, Value};
use super::store;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::guard::precondition::Conditions;
use crate::guard::{Base, Conflict, Decision, Edit, Guarded as _, Member, decide};
use crate::id::Id;
use crate::users::linkage::OWNED;
use crate::users::person::Person;
use crate::users::store as users;

/// Rows of one kind that a person may have.
const LIMIT: usize = 1000;

/// What is to be done.
#[derive(Debug)]
pub enum Operation {
    /// Make a row, under the client's id where he gave one.
    Create(Option<Id>, Edit<RowChanges>),
    /// Change a row.
    Update(Id, Edit<RowChanges>),
    /// Delete a row; a stamp or a condition that came with the request must hold.
    Delete(Id, Option<Base>, Conditions),
}

/// What became of it. Nothing but `Done` has written anything.
#[derive(Debug)]
pub enum Outcome {
    /// There is no such user any more.
    Nobody,
    /// The user has no such row.
    NotFound(Id),
    /// The related person is nobody whom the user could name.
    UnknownPerson(Id),
    /// The user has a row of this id.
    Duplicate(Id),
    /// He had one.
    Deleted(Id, Stamp),
    /// He has as many as he may have.
    TooMany(usize),
    /// Decided by the guard: every decision but `Applied`.
    Refused(Decision<OwnedRow>),
    /// The row as it now is, and what the answer says of the edit; without one, it is deleted.
    Done {
        /// The person after the write.
        person: Box<Person>,
        /// The row, unless it was deleted.
        row: Option<Box<Row>>,
        /// Members to name as not applied.
        ignored: Vec<Member>,
        /// After a merge: what others had changed.
        merged: Option<Vec<Member>>,
    },
}

/// Does it. Belongs into a transaction; where the outcome is not `Done`, nothing was written.
///
/// # Errors
/// The statements'.
pub fn run(
    connection: &mut Connection,
    kind: &'static Kind,
    person: Id,
    operation: &Operation,
    now: Stamp,
) -> QueryResult<Outcome> {
    users::lock(connection, person)?;
    let Some(person) = users::read(connection, person)? else { return Ok(Outcome::Nobody) };
    let rows = store::load(connection, kind, person.id)?;
    let mut unit = Unit { connection, kind, person, rows, now };
    match operation {
        Operation::Create(id, edit) => unit.create(*id, edit),
        Operation::Update(id, edit) => unit.update(*id, edit),
        Operation::Delete(id, base, conditions) => unit.delete(*id, base.as_ref(), conditions),
    }
}

/// A person with all his rows of a kind, under his lock.
struct Unit<'a> {
    connection: &'a mut Connection,
    kind: &'static Kind,
    person: Person,
    rows: Vec<Row>,
    now: Stamp,
}

impl Unit<'_> {
    fn create(&mut self, id: Option<Id>, edit: &Edit<RowChanges>) -> QueryResult<Outcome> {
        if let Some(id) = id {
            if self.rows.iter().any(|row| row.id == id) {
                return Ok(Outcome::Duplicate(id));
            }
            if let Some(at) = store::deleted_at(self.connection, self.kind, self.person.id, id)? {
                return Ok(Outcome::Deleted(id, at));
            }
        }
        if self.rows.len() >= LIMIT {
            return Ok(Outcome::TooMany(LIMIT));
        }
        if let Some(unknown) = self.unknown_person(None, edit)? {
            return Ok(Outcome::UnknownPerson(unknown));
        }
        let row = Row::new(self.kind, id.unwrap_or_else(Id::random), self.person.stamp.next(self.now));
        self.decide(row, false, edit)
    }

    fn update(&mut self, id: Id, edit: &Edit<RowChanges>) -> QueryResult<Outcome> {
        let Some(place) = self.rows.iter().position(|row| row.id == id) else {
            return Ok(Outcome::NotFound(id));
        };
        let row = self.rows.remove(place);
        if let Some(unknown) = self.unknown_person(Some(&row), edit)? {
            return Ok(Outcome::UnknownPerson(unknown));
        }
        self.decide(row, true, edit)
    }

    fn delete(&mut self, id: Id, base: Option<&Base>, conditions: &Conditions) -> QueryResult<Outcome> {
        let Some(place) = self.rows.iter().position(|row| row.id == id) else {
            return Ok(Outcome::NotFound(id));
        };
        let row = self.rows.remove(place);
        let state = OwnedRow { row, stored: true, others: Arc::from([]), home: country::Id::US };
        if let Some(decision) = refusal(&state, base, conditions) {
            return Ok(Outcome::Refused(decision));
        }
        let before = self.rows.clone();
        elect(self.kind.primary, &mut self.rows, None);
        let person = self.moved_person();
        store::delete(self.connection, person.id, &state.row, person.version, person.stamp)?;
        self.write(&person, &before, None)?;
        Ok(Outcome::Done { person: Box::new(person), row: None, ignored: Vec::new(), merged: None })
    }

    /// The related person of an edit, where he is nobody whom the user could name.
    fn unknown_person(&mut self, stored: Option<&Row>, edit: &Edit<RowChanges>) -> QueryResult<Option<Id>> {
        for attribute in self.kind.attributes.iter().filter(|attribute| attribute.holds == Type::Person) {
            // Whom the row names already may have left the list since.
            if let Some(value @ Value::Id(other)) = edit.changes.values.get(attribute.name)
                && stored.is_none_or(|row| row.get(attribute.name) != value)
                && !store::shares_a_list(self.connection, self.person.id, *other)?
            {
                return Ok(Some(*other));
            }
        }
        Ok(None)
    }

    /// The country of the default account list, else of the first one, else the USA (`mpdx-behaviour.md` 4.4).
    fn home_country(&mut self) -> QueryResult<country::Id> {
        let first = self.person.linkage.account_lists.first().map(|list| list.id);
        let country = match self.person.default_list().or(first).filter(|_| self.kind.name == "phone_numbers")
        {
            Some(list) => store::home_country(self.connection, list)?,
            None => None,
        };
        Ok(country.and_then(|code| code.parse().ok()).unwrap_or(country::Id::US))
    }

    fn decide(&mut self, row: Row, stored: bool, edit: &Edit<RowChanges>) -> QueryResult<Outcome> {
        let id = row.id;
        let home = self.home_country()?;
        let state = OwnedRow { row, stored, others: Arc::from(self.rows.clone()), home };
        let stamp = self.person.stamp.next(self.now);
        let (after, ignored, merged) = match decide(&state, edit, stamp) {
            Decision::Applied { state: after, ignored, merged } => (after.row, ignored, merged),
            Decision::Unchanged { ignored, merged } => {
                let (person, row) = (Box::new(self.person.clone()), Some(Box::new(state.row)));
                return Ok(Outcome::Done { person, row, ignored, merged });
            }
            decision => return Ok(Outcome::Refused(decision)),
        };
        let mut before = self.rows.clone();
        if stored {
            before.push(state.row);
        }
        self.rows.push(after);
        self.rows.sort_by_key(|row| (row.created_at, row.id));
        elect(self.kind.primary, &mut self.rows, Some(id));
        let person = self.moved_person();
        self.write(&person, &before, Some(id))?;
        let row = self.rows.iter().find(|row| row.id == id).cloned().map(Box::new);
        Ok(Outcome::Done { person: Box::new(person), row, ignored, merged })
    }

    /// The person after the write: version and stamp moved, the linkage of the kind as it will be read.
    fn moved_person(&self) -> Person {
        let mut after = self.person.clone();
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|row| self.kind.primary == Primary::Elected && !row.get("primary").is_true());
        let ids = rows.iter().map(|row| row.id).collect();
        let part = OWNED.iter().position(|name| *name == self.kind.name);
        if let Some(linked) = part.and_then(|part| after.linkage.owned.get_mut(part)) {
            *linked = ids;
        }
        if self.kind.name == "facebook_accounts" {
            let ids = self.rows.iter().filter_map(|row| match row.get("remote_id") {
                Value::Integer(id) => Some(*id),
                _ => None,
            });
            after.linkage.facebook_id = ids.min();
        }
        let changed = self.person.changed(&after);
        self.person.moved(after, &changed, self.now)
    }

    /// Writes the person and every row that differs from `before`: the one that was sent (`id`), and those
    /// that were elected or lost an election.
    fn write(&mut self, person: &Person, before: &[Row], id: Option<Id>) -> QueryResult<()> {
        if !users::compare_and_set(self.connection, &self.person, person)? {
            // Under the person's lock nobody else can have written him.
            return Err(QueryError::RollbackTransaction);
        }
        for row in &mut self.rows {
            let stored = before.iter().find(|stored| stored.id == row.id);
            if stored == Some(row) {
                continue;
            }
            if stored.is_some_and(|stored| stored.get("primary") != row.get("primary")) || Some(row.id) != id
            {
                row.stamps.set("primary".into(), person.stamp);
            }
            row.stamp = person.stamp;
            row.version = person.version;
            match stored {
                Some(_) => store::update(self.connection, person.id, row)?,
                None => store::insert(self.connection, person.id, row)?,
            }
        }
        Ok(())
    }
}

/// Why a delete is refused. A delete that names no base deletes (design 3).
fn refusal(state: &OwnedRow, base: Option<&Base>, conditions: &Conditions) -> Option<Decision<OwnedRow>> {
    if let Some((header, condition)) = conditions.broken(state.version(), state.stamp()) {
        let sent = Some(condition.sent().to_owned());
        let conflict = Conflict::since(state, state, condition.base(), sent);
        return Some(Decision::PreconditionFailed(header, conflict));
    }
    let base = base.filter(|base| base.stamp != state.stamp())?;
    let conflict = Conflict::since(state, state, Some(base.stamp), Some(base.sent.clone()));
    Some(Decision::Stale(conflict, Vec::new()))
}
