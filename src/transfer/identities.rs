//! What providers of identities call a user, as a line tells it.

use diesel::prelude::*;

use super::IDENTITIES;
use super::resource::Fields;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::id::Id;
use crate::jsonapi::json::Members;
use crate::jsonapi::{Code, Fault, Pointer};
use crate::users::identities::{insert, is_subject, of, owner, remove};

/// Issuers, each with what it calls the user.
pub(super) type Identities = Vec<(String, String)>;

/// The member of a line.
///
/// # Errors
/// The query's.
pub(super) fn members(connection: &mut Connection, user: Id) -> QueryResult<Members> {
    let identities = of(connection, user)?.into_iter();
    Ok(identities.map(|(issuer, subject)| (issuer, subject.into())).collect())
}

/// Reads the member of a line.
pub(super) fn read(fields: &mut Fields<'_>) -> Identities {
    let mut read = Identities::new();
    for (issuer, subject, at) in fields.entries(IDENTITIES) {
        match subject.as_str().filter(|subject| is_subject(subject)) {
            Some(subject) => read.push((issuer, subject.to_owned())),
            None => fields.faults.push(fault(Code::Invalid, "has a subject that is none", at)),
        }
    }
    read
}

/// Notes what another user is called.
///
/// # Errors
/// The query's.
pub(super) fn check(
    connection: &mut Connection,
    user: Id,
    given: &Identities,
    faults: &mut Vec<Fault>,
) -> QueryResult<()> {
    for (issuer, subject) in given {
        if owner(connection, issuer, subject)?.is_some_and(|owner| owner != user) {
            let at = Pointer::root().member("data").member("meta").member(IDENTITIES).member(issuer);
            faults.push(fault(Code::Taken, "has already been taken", at));
        }
    }
    Ok(())
}

/// Writes what is new, in place of what the same issuers called the user.
///
/// # Errors
/// The statements'.
pub(super) fn write<'a>(
    connection: &mut Connection,
    user: Id,
    new: impl Iterator<Item = &'a (String, String)>,
    at: Stamp,
) -> QueryResult<()> {
    for (issuer, subject) in new {
        remove(connection, user, issuer)?;
        insert(connection, user, (issuer, subject), at)?;
    }
    Ok(())
}

fn fault(code: Code, message: &'static str, at: Pointer) -> Fault {
    Fault::attribute(code, IDENTITIES, message, at)
}
