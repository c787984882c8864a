//! What a line makes of the users of JUNO that its user is and was, decided before anything is written.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as QueryError};

use super::Link;
use super::ce;
use super::given::{Given, User};
use super::site::{Made, Site};
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{dimension_values as v, dimensions as d, juno_users as j, tags as t, user_tags as l};
use crate::id::Id;
use crate::jsonapi::{Code, Fault, Pointer};
use crate::juno::profile::Profile;
use crate::juno::user::unique;
use crate::people::row::Row;
use crate::people::{logins, owners};

/// A user of JUNO with what belongs to him alone.
#[derive(Clone, Debug, PartialEq)]
struct State {
    profile: Profile,
    /// By the keys of dimensions, each with the time of its last change.
    values: BTreeMap<String, (String, Stamp)>,
    /// By the folded names of tags.
    tags: BTreeMap<String, Link>,
}

/// A user of JUNO before and after a line.
#[derive(Debug)]
struct Change {
    stored: Option<State>,
    wanted: State,
}

/// What is to be written of JUNO.
#[derive(Debug, Default)]
pub(in crate::transfer) struct Plan {
    changes: Vec<Change>,
    site: Site,
    /// The address that he then signs in with, who did not before.
    login: Option<String>,
    education: ce::Plan,
    /// The times of a stored state and of an older one in the line, and where that stands.
    pub(in crate::transfer) newer: Option<(Stamp, Stamp, Pointer)>,
}

impl Plan {
    /// Decides: of what is stored and what the line has, the newer one counts, or the line's where it overwrites. `emails`
    /// are the person's after the line.
    ///
    /// # Errors
    /// The queries'.
    pub(in crate::transfer) fn read(
        connection: &mut Connection,
        given: &Given,
        (person, emails): (Id, &[Row]),
        overwrite: bool,
        faults: &mut Vec<Fault>,
    ) -> QueryResult<Self> {
        let site = Site::read(connection, given, faults)?;
        let mut plan = Self { site, ..Self::default() };
        let mut taken = Vec::new();
        for user in &given.users {
            let row = j::table.filter(j::id.eq(user.profile.id)).select(Profile::as_select());
            let stored: Option<Profile> = row.get_result(connection).optional()?;
            if stored.as_ref().is_some_and(|stored| stored.person_id != person) {
                let detail = format!("{} is or was the id of another user of JUNO.", user.profile.id);
                faults.push(Fault::new(Code::Duplicate, detail).at(user.at.member("id")));
                continue;
            }
            let is_deleted = user.profile.deleted_at.is_some();
            if is_deleted && stored.as_ref().is_some_and(|stored| stored.deleted_at.is_none()) {
                // An import deletes nothing.
                continue;
            }
            if !is_deleted {
                check(connection, user, faults)?;
                if stored.as_ref().is_none_or(|stored| stored.deleted_at.is_some()) {
                    plan.login = login(connection, user, emails, faults)?;
                }
            }
            let stored = stored.map(|stored| State::read(connection, stored)).transpose()?;
            plan.take(user, stored, overwrite);
            taken.push(user);
        }
        let (education, newer) = ce::Plan::read(connection, (given, &taken), overwrite, faults)?;
        plan.education = education;
        plan.newer = plan.newer.or(newer);
        Ok(plan)
    }

    fn take(&mut self, user: &User, stored: Option<State>, overwrite: bool) {
        let mut wanted = State {
            profile: user.profile.clone(),
            values: stored.as_ref().map(|stored| stored.values.clone()).unwrap_or_default(),
            tags: stored.as_ref().map(|stored| stored.tags.clone()).unwrap_or_default(),
        };
        for (key, (text, _)) in &user.values {
            let known = wanted.values.get(key).filter(|(value, _)| *value == text.value).map(|(_, at)| *at);
            let at = text.updated_at.or(known).unwrap_or(user.profile.updated_at);
            wanted.values.insert(key.clone(), (text.value.clone(), at));
        }
        wanted.tags.extend(user.tags.iter().map(|(name, (link, _))| (name.clone(), link.clone())));
        let Some(stored) = stored else {
            self.changes.push(Change { stored: None, wanted });
            return;
        };
        let (before, given) = (&stored.profile, user.profile.updated_at);
        (wanted.profile.version, wanted.profile.updated_at) = (before.version, before.updated_at);
        // To sign in is no change of the state that the line's time is of.
        wanted.profile.last_login_at = wanted.profile.last_login_at.max(before.last_login_at);
        let differs = wanted != stored;
        if differs && given < before.updated_at && !overwrite {
            self.newer = Some((before.updated_at, given, user.at.member("updated_at")));
        }
        if differs || given > before.updated_at {
            wanted.profile.version += 1;
            wanted.profile.updated_at = before.updated_at.next(given);
            self.changes.push(Change { stored: Some(stored), wanted });
        }
    }

    /// Whether nothing is to be written.
    #[must_use]
    pub(in crate::transfer) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.education.is_empty()
    }

    /// Writes it.
    ///
    /// # Errors
    /// The statements'; a violation where somebody has just got what is unique.
    pub(in crate::transfer) fn write(&self, connection: &mut Connection) -> QueryResult<()> {
        self.write_users(connection)?;
        self.education.write(connection)
    }

    fn write_users(&self, connection: &mut Connection) -> QueryResult<()> {
        let Some(first) = self.changes.first() else { return Ok(()) };
        let made = self.site.write(connection, first.wanted.profile.updated_at)?;
        for Change { stored, wanted } in &self.changes {
            let profile = &wanted.profile;
            let before = stored.as_ref().map(|stored| &stored.profile);
            if let Some(field) = unique::take(connection, before, profile)? {
                return Err(violation(format!("another user has just got this {field}")));
            }
            unique::give_back(connection, before, profile)?;
            if before.is_some() {
                profile.update(connection)?;
            } else if Profile::take_id(connection, profile.id)? {
                profile.insert(connection)?;
            } else {
                return Err(violation("another user has just got this id".to_owned()));
            }
            wanted.write_values(connection, stored.as_ref(), &made)?;
            wanted.write_tags(connection, stored.as_ref(), &made)?;
            let person = profile.person_id;
            if let Some(login) = self.login.as_ref().filter(|_| profile.deleted_at.is_none())
                && !owners::take(connection, (logins::KIND, login), (person, person))?
            {
                return Err(violation("another user has just got this e-mail address".to_owned()));
            }
        }
        Ok(())
    }
}

/// Notes what no two users may share and another one has.
fn check(connection: &mut Connection, user: &User, faults: &mut Vec<Fault>) -> QueryResult<()> {
    let (profile, person) = (&user.profile, user.profile.person_id);
    if let Some(other) = Profile::of(connection, person)?.filter(|other| other.id != profile.id) {
        let detail = format!("The person is a user of JUNO already, with the id {}.", other.id);
        faults.push(Fault::new(Code::Duplicate, detail).at(user.at.member("id")));
    }
    for (field, code) in unique::taken(connection, None, profile)? {
        faults.push(Fault::attribute(code, field, "has already been taken", user.at.member(field)));
    }
    Ok(())
}

/// The address that somebody who becomes a user of JUNO signs in with.
fn login(
    connection: &mut Connection,
    user: &User,
    emails: &[Row],
    faults: &mut Vec<Fault>,
) -> QueryResult<Option<String>> {
    let Some(login) = logins::login(emails) else {
        let detail =
            "A user of JUNO needs an e-mail address to sign in with: a primary one that is not historic.";
        faults.push(Fault::new(Code::LoginEmailRequired, detail).at(user.at.clone()));
        return Ok(None);
    };
    let holder = owners::holder(connection, (logins::KIND, &login))?;
    if holder.is_some_and(|holder| holder != user.profile.person_id) {
        faults.push(logins::taken(user.at.clone()));
    }
    Ok(Some(login))
}

impl State {
    fn read(connection: &mut Connection, profile: Profile) -> QueryResult<Self> {
        let (person, id) = (profile.person_id, profile.id);
        let values = v::table.filter(v::person_id.eq(person)).filter(v::juno_user_id.eq(id));
        let values = values
            .inner_join(d::table.on(d::id.eq(v::dimension_id)))
            .select((d::key, (v::value, v::updated_at)));
        let values: Vec<(String, (String, Stamp))> = values.load(connection)?;
        let tags = l::table.filter(l::person_id.eq(person)).filter(l::juno_user_id.eq(id));
        let tags = tags.inner_join(t::table.on(t::id.eq(l::tag_id)));
        let tags = tags.select((t::name_folded, l::score, l::preferred, l::origin));
        let tags: Vec<(String, i32, bool, String)> = tags.load(connection)?;
        let link = |(name, score, preferred, origin)| (name, Link { score, preferred, origin });
        Ok(Self { profile, values: values.into_iter().collect(), tags: tags.into_iter().map(link).collect() })
    }

    fn write_values(
        &self,
        connection: &mut Connection,
        stored: Option<&Self>,
        made: &Made,
    ) -> QueryResult<()> {
        let Profile { person_id, id, .. } = &self.profile;
        let known = |key: &str| stored.and_then(|stored| stored.values.get(key));
        for (key, text) in self.values.iter().filter(|(key, text)| known(key) != Some(text)) {
            // Each was found or made.
            let Some(dimension) = made.dimensions.get(key) else { continue };
            diesel::delete(v::table.find((person_id, id, dimension))).execute(connection)?;
            let key = (v::person_id.eq(person_id), v::juno_user_id.eq(id), v::dimension_id.eq(dimension));
            let row = (key, (v::value.eq(&text.0), v::updated_at.eq(text.1)));
            diesel::insert_into(v::table).values(row).execute(connection)?;
        }
        Ok(())
    }

    fn write_tags(&self, connection: &mut Connection, stored: Option<&Self>, made: &Made) -> QueryResult<()> {
        let Profile { person_id, id, .. } = &self.profile;
        let known = |name: &str| stored.and_then(|stored| stored.tags.get(name));
        for (name, link) in self.tags.iter().filter(|(name, link)| known(name) != Some(link)) {
            let Some(tag) = made.tags.get(name) else { continue };
            diesel::delete(l::table.find((person_id, id, tag))).execute(connection)?;
            let key = (l::person_id.eq(person_id), l::juno_user_id.eq(id), l::tag_id.eq(tag));
            let Link { score, preferred, origin } = link;
            let row = (key, (l::score.eq(score), l::preferred.eq(preferred), l::origin.eq(origin)));
            diesel::insert_into(l::table).values(row).execute(connection)?;
        }
        Ok(())
    }
}

/// What a database with this rule would say.
pub(super) fn violation(told: String) -> QueryError {
    QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, Box::new(told))
}
