//! Who calls: from the `Authorization` header to a user who may use the API now.

pub mod tokens;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use crate::error::Error;
use crate::id::Id;
use crate::mutants::mutant;
use crate::state::AppState;
use crate::users::store::Status;

/// The caller, as he stands in the database since this request began.
#[derive(Clone, Copy, Debug)]
pub struct CurrentUser {
    /// His id.
    pub id: Id,
    /// The version of his record, read after the request arrived.
    pub version: i64,
    /// When his token was made, seconds since 1970.
    pub issued_at: i64,
    /// When it ends, seconds since 1970.
    pub expires_at: i64,
}

/// Finds the caller. A token names a user; whether he still exists, is not disabled and has not revoked his tokens
/// is read from the database on every request.
///
/// # Errors
/// 401, or 503 where the database can't be asked.
pub async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<CurrentUser, Error> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    // Only the last word counts, as in the original (mpdx-behaviour 7).
    let token =
        header.and_then(|header| header.split_whitespace().next_back()).ok_or_else(Error::unauthorized)?;
    let claims = state.tokens.verify(token, state.clock.now()).ok_or_else(Error::unauthorized)?;
    let id = claims.user_id;
    let status = state.db.read(move |connection| Status::read(connection, id)).await?;
    mutant!("joined_version_read", let status = mutant!(earlier of state, id, status));
    match status {
        Some(status) if status.admits(claims.issued_at()) => {
            let (issued_at, expires_at) = (claims.issued_at(), claims.exp);
            Ok(CurrentUser { id, version: status.version, issued_at, expires_at })
        }
        _ => Err(Error::unauthorized()),
    }
}
