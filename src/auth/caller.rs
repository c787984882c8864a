//! Who may call: a user with a token; on JUNO's routes an integration with an API key as well.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use super::api_keys::{self, ApiKey, X_API_KEY};
use super::{CurrentUser, authenticate};
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::{Code, ErrorObject};
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
    /// A user.
    User(CurrentUser),
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
                found => found.map(Self::User),
            },
            (false, false) => Err(Error::unknown_caller("X-API-Key")),
        }
    }

    fn id(&self) -> Id {
        match self {
            Self::Key(key) => key.caller_id(),
            Self::User(user) => user.id,
        }
    }

    fn who(&self) -> Who {
        match self {
            Self::Key(key) => Who::Key(key.name.clone()),
            Self::User(user) => Who::User(user.id),
        }
    }
}
