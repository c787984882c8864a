//! Who may call: a user with a token; on JUNO's routes an integration with an API key as well.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use super::api_keys::{self, ApiKey, X_API_KEY};
use super::{CurrentUser, authenticate};
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::{Code, ErrorObject};
use crate::juno::profile::Standing;
use crate::state::AppState;
use crate::telemetry::Who;

/// What requests of a kind of route are let through for.
pub trait Calls: Sized + 'static {
    /// Finds the caller by the headers of a request.
    ///
    /// # Errors
    /// 401, or 503 where whoever knows can't be asked.
    fn find(state: &AppState, headers: &HeaderMap) -> impl Future<Output = Result<Self, Error>>;

    /// By what the keys of writes are told from those of others.
    fn id(&self) -> Id;

    /// What the access log calls the caller.
    fn who(&self) -> Who;
}

impl Calls for CurrentUser {
    async fn find(state: &AppState, headers: &HeaderMap) -> Result<Self, Error> {
        authenticate(state, headers).await
    }

    fn id(&self) -> Id {
        self.id
    }

    fn who(&self) -> Who {
        Who::User(self.id)
    }
}

/// Who calls one of JUNO's routes.
#[derive(Clone, Debug)]
pub enum Caller {
    /// An integration.
    Key(ApiKey),
    /// A user, and how he stands with JUNO where he is one of its users.
    User(CurrentUser, Option<Standing>),
}

impl Calls for Caller {
    async fn find(state: &AppState, headers: &HeaderMap) -> Result<Self, Error> {
        match (headers.contains_key(X_API_KEY), headers.contains_key(AUTHORIZATION)) {
            (true, true) => {
                let detail = "Either `X-API-Key` or `Authorization` says who calls, not both.";
                Err(ErrorObject::new(Code::BadRequest, detail).in_header("X-API-Key").into())
            }
            (true, false) => api_keys::authenticate(state, headers).await.map(Self::Key),
            (false, true) => match authenticate(state, headers).await {
                Err(error) if error.status() == 401 => Err(Error::unknown_caller("Authorization")),
                found => Self::known(state, found?).await,
            },
            (false, false) => Err(Error::unknown_caller("X-API-Key")),
        }
    }

    fn id(&self) -> Id {
        match self {
            Self::Key(key) => key.caller_id(),
            Self::User(user, _) => user.id,
        }
    }

    fn who(&self) -> Who {
        match self {
            Self::Key(key) => Who::Key(key.name.clone()),
            Self::User(user, _) => Who::User(user.id),
        }
    }
}

impl Caller {
    /// A user as he stands with JUNO since this request began (`juno.md` 2.2).
    async fn known(state: &AppState, user: CurrentUser) -> Result<Self, Error> {
        let standing = state.db.read(move |connection| Standing::of(connection, user.id)).await?;
        if standing.is_some_and(|standing| standing.banned) {
            let detail = "The site has locked you out.";
            return Err(ErrorObject::new(Code::UserBanned, detail).into());
        }
        Ok(Self::User(user, standing))
    }
}
