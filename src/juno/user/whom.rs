//! Of whom a path speaks.

use diesel::QueryResult;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::auth::caller::Caller;
use crate::db::Connection;
use crate::error::Error;
use crate::id::Id;
use crate::juno::profile::{MODEL, Profile};
use crate::juno::refusals::not_found;
use crate::policy;

/// What a path names.
#[derive(Clone, Copy, Debug)]
pub enum Door {
    /// The user with the id.
    Id(i64),
    /// The caller.
    Me,
}

impl<'de> Deserialize<'de> for Door {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "me" { Ok(Self::Me) } else { text.parse().map(Self::Id).map_err(D::Error::custom) }
    }
}

/// A user of JUNO whom the caller may see, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whom {
    /// JUNO's id of him.
    pub id: i64,
    /// The person, where he is the caller: what is the user's own is found by statements that name him.
    pub person: Option<Id>,
}

impl From<i64> for Whom {
    fn from(id: i64) -> Self {
        Self { id, person: None }
    }
}

impl Whom {
    /// The user whom a path names.
    ///
    /// # Errors
    /// 404 where the caller may not see him, and for `me` of somebody who is no user of JUNO.
    pub fn at(caller: &Caller, door: Door) -> Result<Self, Error> {
        let own = match caller {
            Caller::User(user, Some(standing)) => Some(Self { id: standing.id, person: Some(user.id) }),
            Caller::User(_, None) | Caller::Key(_) => None,
        };
        match (door, own) {
            (Door::Me, Some(own)) => Ok(own),
            (Door::Me, None) => Err(not_found(MODEL, "me")),
            (Door::Id(id), Some(own)) if own.id == id => Ok(own),
            (Door::Id(id), _) => policy::may_see(caller, id).map(|()| Self { id, person: None }),
        }
    }

    /// His profile.
    ///
    /// # Errors
    /// The query's.
    pub fn profile(self, connection: &mut Connection) -> QueryResult<Option<Profile>> {
        match self.person {
            Some(person) => Ok(Profile::of(connection, person)?.filter(|profile| profile.id == self.id)),
            None => Profile::find(connection, self.id),
        }
    }
}
