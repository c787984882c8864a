//! E-mail addresses that users of JUNO sign in with (`juno.md` 5.5): the primary one of each, which no two of them may
//! share, however its letters are written. Whatever else people have as addresses is theirs to repeat.

use diesel::QueryResult;

use super::edit::RowEdit;
use super::email_address::normalize;
use super::owners;
use super::row::Row;
use crate::db::Connection;
use crate::id::Id;
use crate::jsonapi::{Code, Fault, Pointer};
use crate::juno::profile::Standing;
use crate::juno::text::folded;

/// The kind of rows among which the address is.
pub const ROWS: &str = "email_addresses";

/// Under what the addresses are taken.
pub const KIND: &str = "juno_users.email";

/// What is known of signing in around the edits of a user of JUNO.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logins {
    /// Of the addresses that he may then have, those that others sign in with; folded.
    taken: Vec<String>,
}

impl Logins {
    /// Reads what is known; `None` where the person is no user of JUNO. `named` are addresses as they were sent.
    ///
    /// # Errors
    /// The queries'.
    pub fn read(
        connection: &mut Connection,
        person: Id,
        rows: &[Row],
        named: &[String],
    ) -> QueryResult<Option<Self>> {
        if Standing::of(connection, person)?.is_none() {
            return Ok(None);
        }
        let named = named.iter().filter_map(|sent| normalize(sent)).map(|email| folded(&email));
        let values: Vec<String> = rows.iter().filter_map(address).chain(named).collect();
        Ok(Some(Self { taken: owners::of_others(connection, person, KIND, &values)? }))
    }

    /// What is wrong with the edits that make `after` of the rows that were there before.
    #[must_use]
    pub fn fault(&self, before: &[Row], after: &[Row], edits: &[RowEdit]) -> Option<Fault> {
        let (old, new) = (login(before), login(after));
        if old == new {
            return None;
        }
        let Some(new) = new else {
            let detail =
                "A user of JUNO needs an e-mail address to sign in with: a primary one that is not historic.";
            return Some(Fault::new(Code::LoginEmailRequired, detail));
        };
        let row = after.iter().find(|row| address(row).as_ref() == Some(&new))?;
        let edit = edits.iter().find(|edit| edit.id == row.id);
        let at = edit.map(|edit| edit.changes.places.get("email").unwrap_or(&edit.changes.belongs_in));
        self.taken.contains(&new).then(|| {
            let fault = taken(at.cloned().unwrap_or_default());
            Fault { source: fault.source.filter(|_| at.is_some()), ..fault }
        })
    }
}

/// Whether the person is a user of JUNO; with what is wrong with rows that come in the place of others, if he is.
///
/// # Errors
/// The queries'.
pub fn judge(
    connection: &mut Connection,
    person: Id,
    (before, after): (&[Row], &[Row]),
    faults: &mut Vec<Fault>,
) -> QueryResult<bool> {
    let logins = Logins::read(connection, person, after, &[])?;
    faults.extend(logins.as_ref().and_then(|logins| logins.fault(before, after, &[])));
    Ok(logins.is_some())
}

/// The fault of an address that another user signs in with.
#[must_use]
pub fn taken(at: Pointer) -> Fault {
    Fault::attribute(Code::EmailTaken, "email", "is what another user of JUNO signs in with", at)
}

/// The address that somebody with these rows signs in with, folded.
#[must_use]
pub fn login(rows: &[Row]) -> Option<String> {
    let is_login = |row: &&Row| row.get("primary").is_true() && !row.get("historic").is_true();
    rows.iter().find(is_login).and_then(address)
}

fn address(row: &Row) -> Option<String> {
    row.get("email").as_text().map(folded)
}

/// Takes the address that somebody signs in with after a write of his rows, and gives the one before back; `false` where
/// another user has just got it, and then nothing was written.
///
/// # Errors
/// The statements'.
pub fn exchange(connection: &mut Connection, person: Id, before: &[Row], after: &[Row]) -> QueryResult<bool> {
    let (old, new) = (login(before), login(after));
    if old == new {
        return Ok(true);
    }
    if let Some(new) = &new
        && !owners::take(connection, (KIND, new), (person, person))?
    {
        return Ok(false);
    }
    old.map_or(Ok(()), |old| owners::give_back(connection, (KIND, &old), person))?;
    Ok(true)
}
