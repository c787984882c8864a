//! What a caller may do to a user of JUNO whom he may see.

use crate::auth::caller::Caller;
use crate::policy;

/// The rights of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Whether he administers the site.
    pub administers: bool,
    /// Whether he is the user.
    pub is_self: bool,
}

impl Rights {
    /// The rights on the user with the id; on one who is to be made, without.
    #[must_use]
    pub fn of(caller: &Caller, juno_user: Option<i64>) -> Self {
        let own = match caller {
            Caller::User(_, Some(standing)) => Some(standing.id),
            Caller::User(_, None) | Caller::Key(_) => None,
        };
        Self { administers: policy::administers(caller), is_self: own.is_some() && own == juno_user }
    }
}
