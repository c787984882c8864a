//! Values that no two users may share, by their kinds in `owners`; e-mail addresses are [`logins`]'s.

use diesel::QueryResult;

use crate::db::Connection;
use crate::id::Id;
use crate::jsonapi::Json;
use crate::juno::profile::Profile;
use crate::juno::text::folded;
use crate::people::{logins, owners};

/// `client_id`
pub(super) const CLIENT_ID: &str = "juno_users.client_id";

/// `client_guid`
pub(super) const CLIENT_GUID: &str = "juno_users.client_guid";

/// `username`, folded.
pub(super) const USERNAME: &str = "juno_users.username";

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
