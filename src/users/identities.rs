//! What providers of identities call users: a lookup table, since it must be unique among all of them.

use diesel::prelude::*;

use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::identities;
use crate::id::Id;

/// Characters of what a provider calls somebody (OpenID Connect Core 2).
const SUBJECT_LIMIT: usize = 255;

/// Whether a provider may call somebody so.
#[must_use]
pub fn is_subject(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= SUBJECT_LIMIT && !text.chars().any(char::is_control)
}

/// The user whom an issuer calls so.
///
/// # Errors
/// The query's.
pub fn owner(connection: &mut Connection, issuer: &str, subject: &str) -> QueryResult<Option<Id>> {
    let row = identities::table.find((issuer, subject)).select(identities::person_id);
    row.get_result(connection).optional()
}

/// The issuers that know a user, in order, each with what it calls him.
///
/// # Errors
/// The query's.
pub fn of(connection: &mut Connection, user: Id) -> QueryResult<Vec<(String, String)>> {
    let own = identities::table.filter(identities::person_id.eq(user)).order(identities::issuer);
    own.select((identities::issuer, identities::subject)).load(connection)
}

/// Writes what an issuer calls a user.
///
/// # Errors
/// The statement's; a unique violation where it calls another so, or him otherwise.
pub fn insert(
    connection: &mut Connection,
    user: Id,
    (issuer, subject): (&str, &str),
    at: Stamp,
) -> QueryResult<()> {
    let key = (identities::issuer.eq(issuer), identities::subject.eq(subject));
    let row = (key, (identities::person_id.eq(user), identities::created_at.eq(at)));
    diesel::insert_into(identities::table).values(row).execute(connection).map(drop)
}

/// Forgets what an issuer calls a user.
///
/// # Errors
/// The statement's.
pub fn remove(connection: &mut Connection, user: Id, issuer: &str) -> QueryResult<()> {
    let own = identities::person_id.eq(user).and(identities::issuer.eq(issuer));
    diesel::delete(identities::table.filter(own)).execute(connection).map(drop)
}
