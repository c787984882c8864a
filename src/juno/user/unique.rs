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
pub(super) const UNIQUE: [(&str, &str, Code); 3] = [
    (CLIENT_GUID, "client_guid", Code::ClientGuidTaken),
    (CLIENT_ID, "client_id", Code::ClientIdTaken),
    (USERNAME, "username", Code::UsernameTaken),
];

/// The value of a profile by which it is told apart.
pub(super) fn unique_value(profile: &Profile, field: &str) -> Option<String> {
    match field {
        "client_guid" => profile.client_guid.map(|guid| guid.to_string()),
        "client_id" => profile.client_id.clone(),
        _ => profile.username.as_deref().map(folded),
    }
}

/// The fields of a user who is not deleted that others have the same value in.
///
/// # Errors
/// The queries'.
pub(crate) fn taken(
    connection: &mut Connection,
    profile: &Profile,
) -> QueryResult<Vec<(&'static str, Code)>> {
    let mut taken = Vec::new();
    for (kind, field, code) in UNIQUE {
        let values: Vec<String> = unique_value(profile, field).into_iter().collect();
        if !owners::of_others(connection, profile.person_id, kind, &values)?.is_empty() {
            taken.push((field, code));
        }
    }
    Ok(taken)
}

/// Takes what no two users may share beside the address, and gives back what is not the user's any more; a field whose
/// value another one has just got, if there is one.
///
/// # Errors
/// The statements'.
pub(crate) fn exchange(
    connection: &mut Connection,
    before: Option<&Profile>,
    after: &Profile,
) -> QueryResult<Option<&'static str>> {
    let person = after.person_id;
    let value = |profile: &Profile, field: &str| {
        unique_value(profile, field).filter(|_| profile.deleted_at.is_none())
    };
    let exchanges = UNIQUE.map(|(kind, field, _)| {
        let (old, new) = (before.and_then(|before| value(before, field)), value(after, field));
        (kind, field, old.filter(|old| Some(old) != new.as_ref()), new)
    });
    for (kind, field, _, new) in &exchanges {
        if let Some(new) = new
            && owners::holder(connection, (kind, new))? != Some(person)
            && !owners::take(connection, (kind, new), (person, person))?
        {
            return Ok(Some(field));
        }
    }
    for (kind, _, old, _) in &exchanges {
        old.as_ref().map_or(Ok(()), |old| owners::give_back(connection, (kind, old), person))?;
    }
    Ok(None)
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
