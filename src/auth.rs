//! Who calls: from a header to a user, or an integration, that may use the API now; and who signs in.

pub mod api_keys;
pub mod caller;
pub mod cas;
pub mod identity;
pub mod issuer;
pub mod outbound;
pub mod providers;
pub mod secrets;
pub mod sign_in;
pub mod tokens;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use crate::clock::Stamp;
use crate::error::Error;
use crate::id::Id;
use crate::mutants::mutant;
use crate::state::AppState;
use issuer::{Issuer, Remembered};
use outbound::Outbound;
use tokens::Claims;

/// Characters of what a provider says of a refusal.
const REASON_LIMIT: usize = 500;

/// The caller, as he stands in the database since this request began.
#[derive(Clone, Copy, Debug)]
pub struct CurrentUser {
    /// His id.
    pub id: Id,
    /// The version of his record, current after the request arrived.
    pub version: i64,
    /// When his token was made, seconds since 1970.
    pub issued_at: i64,
    /// When it ends, seconds since 1970.
    pub expires_at: i64,
}

/// Why what somebody shows does not let him in.
#[derive(Debug)]
pub enum Refusal {
    /// It is refused: the reason, for him.
    Refused(String),
    /// Whoever could tell does not answer: the reason, for the log.
    Unreachable(String),
}

impl Refusal {
    fn refused(why: &str) -> Self {
        Self::Refused(why.to_owned())
    }
}

/// Finds the caller. A token names a user; whether he still exists, is not disabled and has not revoked his tokens
/// is asked of the database on every request.
///
/// # Errors
/// 401, or 503 where the database or the issuer of the token can't be asked.
pub async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<CurrentUser, Error> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    // Only the last word counts, as in the original (mpdx-behaviour 7).
    let token = header.and_then(last_word).ok_or_else(Error::unauthorized)?;
    let now = state.clock.now();
    if let Some(claims) = state.tokens.verify(token, now) {
        return own(state, claims).await;
    }
    match &state.sign_in.issuer {
        Some((issuer, outbound)) if issuer.is_named_by(token) => {
            foreign(state, (issuer, outbound), token, now).await
        }
        _ => own(state, of_a_new_secret(state, token, now).await.ok_or_else(Error::unauthorized)?).await,
    }
}

/// By single bytes, which are looked for many at a time: tokens are long.
fn last_word(header: &str) -> Option<&str> {
    header.trim_ascii_end().rsplit(' ').next()?.rsplit('\t').next().filter(|word| !word.is_empty())
}

/// What a token says that another node may have signed with a secret which this one does not know yet.
async fn of_a_new_secret(state: &AppState, token: &str, now: Stamp) -> Option<Claims> {
    if !state.tokens.may_look(now) {
        return None;
    }
    if let Err(e) = secrets::look(state).await {
        log::warn!("whether the signing secret was rotated is not known: {e}");
    }
    state.tokens.verify(token, now)
}

async fn own(state: &AppState, claims: Claims) -> Result<CurrentUser, Error> {
    let (id, issued_at) = (claims.user_id, claims.issued_at());
    let current = current(state, id, issued_at, claims.exp).await?;
    current.ok_or_else(Error::unauthorized)?.ok_or_else(Error::unauthorized)
}

/// The caller by a token of the issuer. Whose first request it is, is a user from then on.
async fn foreign(
    state: &AppState,
    (issuer, outbound): (&Issuer, &Outbound),
    token: &str,
    now: Stamp,
) -> Result<CurrentUser, Error> {
    let error = |refusal: Refusal| match refusal {
        Refusal::Refused(_) => Error::unauthorized(),
        Refusal::Unreachable(why) => Error::provider_unavailable(why),
    };
    if let Some(Remembered { user, issued_at, expires_at }) =
        issuer.remembered(outbound, token, now).await.map_err(error)?
    {
        match current(state, user, issued_at, expires_at).await? {
            Some(outcome) => return outcome.ok_or_else(Error::unauthorized),
            // He was deleted; whom the issuer means is somebody new.
            None => issuer.forget(token),
        }
    }
    let shown = issuer.verify(outbound, token, now).await.map_err(error)?;
    let user = shown.identity.user(state, now).await?;
    shown.remember(token, user);
    let current = current(state, user, shown.issued_at, shown.expires_at).await?;
    current.ok_or_else(Error::unauthorized)?.ok_or_else(Error::unauthorized)
}

/// The user as he stands in the database; `None` where there is none, and nobody where he may not use the API.
async fn current(
    state: &AppState,
    id: Id,
    issued_at: i64,
    expires_at: i64,
) -> Result<Option<Option<CurrentUser>>, Error> {
    let status = state.statuses.read(&state.db, id).await?;
    mutant!("joined_version_read", let status = mutant!(earlier of state, id, status));
    Ok(status.map(|status| {
        let version = status.version;
        status.admits(issued_at).then_some(CurrentUser { id, version, issued_at, expires_at })
    }))
}

/// A text of somebody else as one line of bounded length.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REASON_LIMIT).collect()
}
