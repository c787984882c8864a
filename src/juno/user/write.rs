//! The one way to write a user of JUNO, whichever codec it came through. Each belongs into a transaction; where it refuses,
//! nothing was written.

use diesel::Connection as _;
use diesel::prelude::*;
use diesel::result::Error as QueryError;

use super::changes::{Changes, SentValue};
pub use super::links::TagChange;
use super::rights::Rights;
use super::unique;
use super::view::View;
use super::whom::Whom;
use super::work::Work;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{dimension_values, user_tags};
use crate::error::Error;
use crate::guard::precondition::Conditions;
use crate::id::Id;
use crate::jsonapi::{Code, Fault, Pointer};
use crate::juno::ce::records;
use crate::juno::profile::{MODEL, Profile};
use crate::juno::refusals;
use crate::people::kind::Kind;
use crate::people::{logins, owners, store as rows};
use crate::users::create::NewUser;
use crate::users::store;

/// How often a value that must be unique may be free when it is looked for and gone when it is taken.
const TRIES: usize = 8;

/// With what rights, on what conditions, and when something is written.
#[derive(Clone, Copy, Debug)]
pub struct Write<'a> {
    /// Of the caller.
    pub rights: Rights,
    /// On the version and the time of the view.
    pub conditions: &'a Conditions,
    /// When.
    pub now: Stamp,
}

/// Why a write ends before its end.
pub(super) enum Stop {
    Refused(Error),
    /// Somebody has meanwhile got what is unique, or changed what was read.
    Lost,
    Failed(QueryError),
}

impl From<QueryError> for Stop {
    fn from(error: QueryError) -> Self {
        Self::Failed(error)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault.into())
    }
}

impl Write<'_> {
    /// Makes a user: of the person who is named, else of a new one. Whoever has the same e-mail address is somebody else.
    ///
    /// # Errors
    /// The statements'; 400, 404, 409 as the rules say.
    pub fn create(&self, connection: &mut Connection, changes: &Changes) -> QueryResult<Result<View, Error>> {
        wholly(connection, |connection| {
            let person = match &changes.person {
                Some((person, at)) => existing(connection, *person, at)?,
                None => self.new_person(connection, changes)?,
            };
            let id = match &changes.imported.id {
                Some((id, at)) => taken_over(connection, *id, at)?,
                None => Profile::next_id(connection)?,
            };
            let profile = Profile::new(person, id, self.now);
            profile.insert(connection)?;
            let mut work = Work::read(connection, profile, (self.rights, self.now))?;
            work.makes_person = changes.person.is_none();
            work.take(connection, changes)?;
            let view = work.finish(connection, true)?;
            let at = changes.fields.get("email").map(|sent| &sent.at);
            take_login(connection, person, at)?;
            Ok(view)
        })
    }

    /// Changes a user.
    ///
    /// # Errors
    /// The statements'; 400, 403, 404, 409, 412 as the rules say.
    pub fn change(
        &self,
        connection: &mut Connection,
        whom: impl Into<Whom>,
        changes: &Changes,
    ) -> QueryResult<Result<View, Error>> {
        self.write(connection, whom.into(), |work, connection| {
            if let Some((_, at)) = changes.person.as_ref().filter(|(id, _)| *id != work.profile.person_id) {
                let detail = "A user of JUNO stays the person who he is.";
                work.faults.push(Fault::new(Code::ReadOnly, detail).at(at.clone()));
            }
            work.take(connection, changes)
        })
    }

    /// Changes values of dimensions and leaves the others as they are.
    ///
    /// # Errors
    /// As [`Write::change`].
    pub fn change_values(
        &self,
        connection: &mut Connection,
        whom: impl Into<Whom>,
        values: &[SentValue],
    ) -> QueryResult<Result<View, Error>> {
        self.write(connection, whom.into(), |work, _| {
            let mut fields = std::collections::BTreeMap::new();
            work.take_values(values, &mut fields, false);
            work.take_fields(fields);
            Ok(())
        })
    }

    /// Changes tags.
    ///
    /// # Errors
    /// As [`Write::change`].
    pub fn change_tags(
        &self,
        connection: &mut Connection,
        whom: impl Into<Whom>,
        tags: &TagChange,
    ) -> QueryResult<Result<View, Error>> {
        self.write(connection, whom.into(), |work, connection| work.take_tags(connection, tags))
    }

    /// Deletes a user: what he is called is free again; the person stays, and so do the claims that he has made.
    ///
    /// # Errors
    /// The statements'; 404, 412.
    pub fn delete(
        &self,
        connection: &mut Connection,
        whom: impl Into<Whom>,
    ) -> QueryResult<Result<(), Error>> {
        let whom = whom.into();
        wholly(connection, |connection| {
            let Work { mut profile, .. } = self.found(connection, whom)?;
            let person = profile.person_id;
            if let Some(login) = login(connection, person)? {
                owners::give_back(connection, (logins::KIND, &login), person)?;
            }
            let values = dimension_values::table.filter(dimension_values::person_id.eq(person));
            diesel::delete(values.filter(dimension_values::juno_user_id.eq(whom.id))).execute(connection)?;
            let tags = user_tags::table.filter(user_tags::person_id.eq(person));
            diesel::delete(tags.filter(user_tags::juno_user_id.eq(whom.id))).execute(connection)?;
            records::forget(connection, person, whom.id)?;
            let before = profile.clone();
            profile.version += 1;
            profile.updated_at = profile.updated_at.next(self.now);
            profile.deleted_at = Some(self.now);
            unique::give_back(connection, Some(&before), &profile)?;
            Ok(profile.update(connection)?)
        })
    }

    fn write(
        &self,
        connection: &mut Connection,
        whom: Whom,
        take: impl Fn(&mut Work, &mut Connection) -> QueryResult<()>,
    ) -> QueryResult<Result<View, Error>> {
        wholly(connection, |connection| {
            let mut work = self.found(connection, whom)?;
            take(&mut work, connection)?;
            work.finish(connection, false)
        })
    }

    /// A user in a state that the conditions name. His person is the write's alone from here on.
    fn found(&self, connection: &mut Connection, whom: Whom) -> Result<Work, Stop> {
        let not_found = || Stop::Refused(refusals::not_found(MODEL, whom.id));
        let person = whom.profile(connection)?.ok_or_else(not_found)?.person_id;
        store::lock(connection, person)?;
        let profile = whom.profile(connection)?.ok_or_else(not_found)?;
        let work = Work::read(connection, profile, (self.rights, self.now))?;
        match self.conditions.broken(work.shown.version, work.shown.updated_at) {
            Some((header, _)) => Err(Stop::Refused(refusals::precondition_failed(header))),
            None => Ok(work),
        }
    }

    fn new_person(&self, connection: &mut Connection, changes: &Changes) -> Result<Id, Stop> {
        let sent = changes.fields.get("first_name");
        let at = sent.map_or_else(Pointer::attributes, |sent| sent.at.clone());
        let name = sent.and_then(super::rows::text);
        let Some(name) = name else {
            return Err(Fault::attribute(Code::Blank, "first_name", "can't be blank", at).into());
        };
        let id = Id::random();
        match NewUser::new(id, name, self.now).and_then(NewUser::usual) {
            Ok(person) => person.insert(connection)?,
            Err(detail) => return Err(Fault::new(Code::Invalid, detail).at(at).into()),
        }
        Ok(id)
    }
}

/// A person who is to become a user. He is the write's alone from here on.
fn existing(connection: &mut Connection, person: Id, at: &Pointer) -> Result<Id, Stop> {
    store::lock(connection, person)?;
    if !store::hold(connection, person)? {
        let detail = format!("Couldn't find User with 'id'={person}");
        return Err(Fault::new(Code::NotFound, detail).at(at.clone()).into());
    }
    if let Some(profile) = Profile::of(connection, person)? {
        let detail = format!("The person is a user of JUNO already, with the id {}.", profile.id);
        return Err(Fault::new(Code::Duplicate, detail).at(at.clone()).into());
    }
    Ok(person)
}

/// An id that another system has given, as far as it never was given here.
fn taken_over(connection: &mut Connection, id: i64, at: &Pointer) -> Result<i64, Stop> {
    if Profile::take_id(connection, id)? {
        return Ok(id);
    }
    let detail = format!("{id} is or was the id of another user of JUNO.");
    Err(Fault::new(Code::Duplicate, detail).at(at.clone()).into())
}

/// The address that a person signs in with.
fn login(connection: &mut Connection, person: Id) -> QueryResult<Option<String>> {
    let Some(kind) = Kind::named(logins::ROWS) else { return Ok(None) };
    Ok(logins::login(&rows::load(connection, kind, person)?))
}

/// Takes the address that a new user signs in with, which may be one that his person had before.
fn take_login(connection: &mut Connection, person: Id, at: Option<&Pointer>) -> Result<(), Stop> {
    let at = at.cloned().unwrap_or_else(Pointer::attributes);
    let Some(login) = login(connection, person)? else {
        return Err(Fault::attribute(Code::Blank, "email", "can't be blank", at).into());
    };
    match owners::holder(connection, (logins::KIND, &login))? {
        Some(holder) if holder == person => Ok(()),
        Some(_) => Err(logins::taken(at).into()),
        None if owners::take(connection, (logins::KIND, &login), (person, person))? => Ok(()),
        None => Err(Stop::Lost),
    }
}

/// Does a write in a savepoint, so that where it stops nothing was written, and again where somebody else was first.
fn wholly<T>(
    connection: &mut Connection,
    work: impl Fn(&mut Connection) -> Result<T, Stop>,
) -> QueryResult<Result<T, Error>> {
    for _ in 0..TRIES {
        match connection.transaction(|connection| work(connection)) {
            Ok(done) => return Ok(Ok(done)),
            Err(Stop::Refused(error)) => return Ok(Err(error)),
            Err(Stop::Failed(error)) => return Err(error),
            Err(Stop::Lost) => {}
        }
    }
    Err(QueryError::RollbackTransaction)
}
