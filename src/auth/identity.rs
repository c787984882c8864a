//! From what a provider calls somebody to the user whom that is: found, linked by his e-mail address, or made.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as QueryError};

use crate::clock::Stamp;
use crate::db::schema::email_addresses;
use crate::db::{Connection, DbError};
use crate::error::Error;
use crate::id::Id;
use crate::people::email_address;
use crate::state::AppState;
use crate::users::create::NewUser;
use crate::users::identities;

/// How often a sign-in begins anew because another one of the same user came first.
const TRIES: usize = 3;

/// Who somebody is to a provider.
#[derive(Debug)]
pub struct Identity {
    /// The provider's URL.
    issuer: String,
    /// What it calls him, and nobody else.
    subject: String,
    /// What else it says of him.
    profile: Profile,
}

/// What a new user is made of.
#[derive(Debug, Default)]
pub struct Profile {
    /// Names to call him by, the best first.
    pub first_names: Vec<String>,
    /// His last name.
    pub last_name: Option<String>,
    /// His e-mail address.
    pub email: Option<String>,
    /// Whether the provider has made sure that the address is his.
    pub email_is_verified: bool,
}

impl Identity {
    /// An identity; `None` where the subject is none.
    #[must_use]
    pub fn new(issuer: &str, subject: &str, profile: Profile) -> Option<Self> {
        identities::is_subject(subject).then(|| Self {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            profile,
        })
    }

    /// The user, who is made where there is none. Of two sign-ins at once one makes him and the other finds him.
    ///
    /// # Errors
    /// 503 where the database can't be asked.
    pub async fn user(self: &Arc<Self>, state: &AppState, now: Stamp) -> Result<Id, Error> {
        let asked = Arc::clone(self);
        if let Some(user) = state.db.read(move |connection| asked.find(connection)).await? {
            return Ok(user);
        }
        let newcomer = Arc::new(self.newcomer(state.sign_in.makes_account_lists, now)?);
        let links = state.sign_in.links_emails;
        let mut last = None;
        for _ in 0..TRIES {
            let (identity, newcomer) = (Arc::clone(self), Arc::clone(&newcomer));
            let write = move |connection: &mut Connection| identity.settle(connection, links, &newcomer, now);
            match state.db.write(write).await {
                Err(DbError::Query(e @ QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))) => {
                    last = Some(DbError::Query(e));
                }
                outcome => return Ok(outcome?),
            }
        }
        Err(last.map_or_else(|| Error::internal("a sign-in was never tried"), Error::from))
    }

    fn find(&self, connection: &mut Connection) -> QueryResult<Option<Id>> {
        identities::owner(connection, &self.issuer, &self.subject)
    }

    /// Finds the user, links one or makes one. A unique violation where another has done so meanwhile.
    fn settle(
        &self,
        connection: &mut Connection,
        links: bool,
        newcomer: &(Id, NewUser),
        now: Stamp,
    ) -> QueryResult<Id> {
        if let Some(user) = self.find(connection)? {
            return Ok(user);
        }
        let linked = if links { self.owner_of_email(connection)? } else { None };
        let user = if let Some(user) = linked {
            user
        } else {
            newcomer.1.insert(connection)?;
            newcomer.0
        };
        identities::insert(connection, user, (&self.issuer, &self.subject), now)?;
        Ok(user)
    }

    /// The one user who has the verified address now. Nobody, where the issuer knows him by another name already: users
    /// write addresses themselves, and nobody may wait with somebody else's for him to come.
    fn owner_of_email(&self, connection: &mut Connection) -> QueryResult<Option<Id>> {
        let sent = self.profile.email.as_deref().filter(|_| self.profile.email_is_verified);
        let Some(email) = sent.and_then(email_address::normalize) else { return Ok(None) };
        let rows = email_addresses::table
            .filter(email_addresses::email.eq(email).and(email_addresses::historic.eq(false)))
            .select(email_addresses::person_id)
            .distinct()
            .limit(2);
        let [owner] = rows.load::<Id>(connection)?[..] else { return Ok(None) };
        let known = identities::of(connection, owner)?.iter().any(|(issuer, _)| *issuer == self.issuer);
        Ok((!known).then_some(owner))
    }

    /// Who he is made as. What the rules of the attributes refuse is left out: it is no fault of his.
    fn newcomer(&self, with_account_list: bool, now: Stamp) -> Result<(Id, NewUser), Error> {
        let unusable = |why: String| Error::internal(format!("no user can be made: {why}"));
        let id = Id::random();
        let candidates = self.profile.first_names.iter().map(String::as_str).chain(["New user"]);
        let made = candidates.map(str::trim).find_map(|name| Some((name, NewUser::new(id, name, now).ok()?)));
        let (name, mut user) = made.ok_or_else(|| unusable("he has no name".to_owned()))?;
        if let Some(last_name) = &self.profile.last_name {
            user = user.clone().last_name(last_name.trim()).unwrap_or(user);
        }
        if let Some(email) = &self.profile.email {
            user = user.clone().email(Id::random(), email).unwrap_or(user);
        }
        if with_account_list {
            let list = user.clone().account_list(Id::random(), &format!("{name}'s account list"));
            user = list.or_else(|_| user.account_list(Id::random(), "Account list")).map_err(unusable)?;
        }
        Ok((id, user.usual().map_err(unusable)?))
    }
}
