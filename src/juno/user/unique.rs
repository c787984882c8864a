//! Values that no two users may share, by their kinds in `owners`; e-mail addresses are [`logins`]'s.

use diesel::QueryResult;

use crate::db::Connection;
use crate::id::Id;
use crate::jsonapi::{Code, Json};
use crate::juno::profile::Profile;
use crate::juno::text::folded;
use crate::people::{logins, owners};

/// `client_id`
pub(super) const CLIENT_ID: &str = "juno_users.client_id";

/// `client_guid`
pub(super) const CLIENT_GUID: &str = "juno_users.client_guid";

/// `username`, folded.
pub(super) const USERNAME: &str = "juno_users.username";

/// The values that no two users may share, beside the e-mail address, in the order in which they are taken.
const UNIQUE: [(&str, &str, Code); 3] = [
    (CLIENT_GUID, "client_guid", Code::ClientGuidTaken),
    (CLIENT_ID, "client_id", Code::ClientIdTaken),
    (USERNAME, "username", Code::UsernameTaken),
];

/// The value of a profile by which it is told apart; none of a deleted user's is his.
fn value(profile: &Profile, field: &str) -> Option<String> {
    let value = match field {
        "client_guid" => profile.client_guid.map(|guid| guid.to_string()),
        "client_id" => profile.client_id.clone(),
        _ => profile.username.as_deref().map(folded),
    };
    value.filter(|_| profile.deleted_at.is_none())
}

/// A field whose value is another one than before.
struct Exchange {
    kind: &'static str,
    field: &'static str,
    code: Code,
    old: Option<String>,
    new: Option<String>,
}

fn exchanges(before: Option<&Profile>, after: &Profile) -> impl Iterator<Item = Exchange> {
    UNIQUE.into_iter().filter_map(move |(kind, field, code)| {
        let (old, new) = (before.and_then(|before| value(before, field)), value(after, field));
        (old != new).then_some(Exchange { kind, field, code, old, new })
    })
}

/// The fields that are other than before and in which others have the same value.
///
/// # Errors
/// The queries'.
pub(crate) fn taken(
    connection: &mut Connection,
    before: Option<&Profile>,
    after: &Profile,
) -> QueryResult<Vec<(&'static str, Code)>> {
    let mut taken = Vec::new();
    for Exchange { kind, field, code, new, .. } in exchanges(before, after) {
        let values: Vec<String> = new.into_iter().collect();
        if !owners::of_others(connection, after.person_id, kind, &values)?.is_empty() {
            taken.push((field, code));
        }
    }
    Ok(taken)
}

/// Takes the values that are other than before; a field whose value another one has just got, if there is one.
///
/// # Errors
/// The statements'.
pub(crate) fn take(
    connection: &mut Connection,
    before: Option<&Profile>,
    after: &Profile,
) -> QueryResult<Option<&'static str>> {
    let person = after.person_id;
    for Exchange { kind, field, new, .. } in exchanges(before, after) {
        if let Some(new) = new
            && !owners::take(connection, (kind, &new), (person, person))?
            && owners::holder(connection, (kind, &new))? != Some(person)
        {
            return Ok(Some(field));
        }
    }
    Ok(None)
}

/// Gives back the values that were other before, when the new ones are taken.
///
/// # Errors
/// The statements'.
pub(crate) fn give_back(
    connection: &mut Connection,
    before: Option<&Profile>,
    after: &Profile,
) -> QueryResult<()> {
    for Exchange { kind, old, .. } in exchanges(before, after) {
        old.map_or(Ok(()), |old| owners::give_back(connection, (kind, &old), after.person_id))?;
    }
    Ok(())
}

/// What one user can be found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// JUNO's own id.
    Id,
    /// The address that he signs in with.
    Email,
    /// The id in the client's system.
    ClientId,
    /// The second of those.
    ClientGuid,
}

impl Known {
    /// The name of the field.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Email => "email",
            Self::ClientId => "client_id",
            Self::ClientGuid => "client_guid",
        }
    }

    /// Finds the user with a value that was sent. What is no such value has nobody.
    ///
    /// # Errors
    /// The queries'.
    pub fn find(self, connection: &mut Connection, sent: &Json) -> QueryResult<Option<Profile>> {
        let (Json::String(text) | Json::Number(text)) = sent else { return Ok(None) };
        let text = text.trim();
        let (kind, value) = match self {
            Self::Id => return text.parse().map_or(Ok(None), |id| Profile::find(connection, id)),
            Self::Email => (logins::KIND, Some(folded(text))),
            Self::ClientId => (CLIENT_ID, Some(text.to_owned())),
            Self::ClientGuid => (CLIENT_GUID, Id::parse(text).map(|guid| guid.to_string())),
        };
        let Some(value) = value else { return Ok(None) };
        let holder = owners::holder(connection, (kind, &value))?;
        holder.map_or(Ok(None), |person| Profile::of(connection, person))
    }
}
