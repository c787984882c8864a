//! Values that no two users may share, by their kinds in `owners`; e-mail addresses are [`crate::people::logins`]'s.

/// `client_id`
pub(super) const CLIENT_ID: &str = "juno_users.client_id";

/// `client_guid`
pub(super) const CLIENT_GUID: &str = "juno_users.client_guid";

/// `username`, folded.
pub(super) const USERNAME: &str = "juno_users.username";
