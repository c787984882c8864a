//! `POST /api/v2/user/authenticate` (`mpdx-behaviour.md` 5.2): from a ticket or a token of a provider to a token of ours.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use serde::Serialize;

use super::issuer::Issued;
use super::tokens::LIFETIME;
use super::{Refusal, issuer::Issuer, outbound::Outbound};
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::DbError;
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::{Code, ErrorObject, Fault, Json, Pointer};
use crate::juno::profile::{Profile, Standing};
use crate::pipeline::OpenCall;
use crate::state::AppState;
use crate::users::store::Status;

/// Characters of a ticket: CAS wants clients to take 256.
const TICKET_LIMIT: usize = 2048;

/// Characters of a token.
const TOKEN_LIMIT: usize = 16 * 1024;

/// What somebody shows to sign in.
enum Shown {
    Ticket(String),
    /// In the attribute of this name.
    Token(&'static str, String),
}

/// Who was let in.
struct Entrant {
    user: Id,
    /// When what he showed was made, seconds since 1970.
    issued_at: i64,
}

/// Signs somebody in.
///
/// # Errors
/// 400 where nothing is shown that this server can check, 401 where it is refused, 503 where it can't be checked now.
pub async fn authenticate(call: OpenCall) -> Result<HttpResponse, Error> {
    let document = call.json().await?;
    let (state, now) = (&call.state, call.state.clock.now());
    let entrant = match shown(&document, state)? {
        Shown::Ticket(ticket) => by_ticket(state, &ticket, now).await?,
        Shown::Token(name, token) => by_token(state, name, &token, now).await?,
    };
    let id = entrant.user;
    let status = state.db.read(move |connection| Status::read(connection, id)).await?;
    let status = status.ok_or_else(|| refused("The user was deleted a moment ago."))?;
    if status.disabled {
        return Err(refused("The user is disabled."));
    }
    if !status.admits(entrant.issued_at) {
        return Err(refused("The token is refused: tokens of the user that were made before were revoked."));
    }
    let token = state.tokens.issue(id, now, status.token_epoch, LIFETIME);
    let token = token.map_err(|e| Error::internal(format!("a token can't be made: {e}")))?;
    call.signed_in(id);
    note(state, id, now).await;
    let mut response = Answer::document(&Document::of(&token, now)).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Notes when a user of JUNO has signed in. A ticket is good once, so he is let in also where that can't be written.
async fn note(state: &AppState, id: Id, now: Stamp) {
    let noted = async {
        if state.db.read(move |connection| Standing::of(connection, id)).await?.is_some() {
            state.db.write(move |connection| Profile::signed_in(connection, id, now)).await?;
        }
        Ok::<_, DbError>(())
    };
    if let Err(e) = noted.await {
        log::warn!("that a user of JUNO has signed in was not noted: {e}");
    }
}

async fn by_ticket(state: &AppState, ticket: &str, now: Stamp) -> Result<Entrant, Error> {
    let Some((cas, outbound)) = &state.sign_in.cas else {
        return Err(off("cas_ticket", "This server takes no tickets of a CAS server."));
    };
    let identity = cas.redeem(outbound, ticket).await.map_err(error)?;
    // A ticket is good once and for seconds: it was made now.
    Ok(Entrant { user: Arc::new(identity).user(state, now).await?, issued_at: i64::MAX })
}

async fn by_token(state: &AppState, name: &str, token: &str, now: Stamp) -> Result<Entrant, Error> {
    let Some((issuer, outbound)) = &state.sign_in.issuer else {
        return Err(off(name, "This server takes no tokens of an OpenID Connect issuer."));
    };
    let Issued { identity, issued_at, .. } = verified(issuer, outbound, token, now).await?;
    Ok(Entrant { user: identity.user(state, now).await?, issued_at })
}

async fn verified(issuer: &Issuer, outbound: &Outbound, token: &str, now: Stamp) -> Result<Issued, Error> {
    issuer.verify(outbound, token, now).await.map_err(|refusal| match refusal {
        Refusal::Refused(why) => refused(&format!("The token is refused: {why}.")),
        unreachable @ Refusal::Unreachable(_) => error(unreachable),
    })
}

fn error(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Refused(why) => refused(&why),
        Refusal::Unreachable(why) => Error::provider_unavailable(why),
    }
}

fn refused(detail: &str) -> Error {
    ErrorObject::new(Code::SignInRefused, detail).into()
}

fn off(attribute: &str, detail: &str) -> Error {
    ErrorObject::new(Code::ProviderOff, detail).at(Pointer::attributes().member(attribute)).into()
}

/// What the document shows: a ticket, else an ID token, which is a JWT at every issuer, else an access token.
/// Nothing else in it counts.
fn shown(document: &Json, state: &AppState) -> Result<Shown, Error> {
    let attributes = document.get("data").and_then(|data| data.get("attributes"));
    let text = |name: &str, limit| text(attributes, name, limit);
    if let Some(ticket) = text("cas_ticket", TICKET_LIMIT)? {
        return Ok(Shown::Ticket(ticket));
    }
    for name in ["id_token", "access_token"] {
        if let Some(token) = text(name, TOKEN_LIMIT)? {
            return Ok(Shown::Token(name, token));
        }
    }
    let expected = match (&state.sign_in.cas, &state.sign_in.issuer) {
        (None, Some(_)) => "Expected an access_token or an id_token to be provided in the attributes",
        _ => "Expected a cas_ticket to be provided in the attributes",
    };
    let at = Pointer::attributes().within(document);
    Err(ErrorObject::new(Code::Blank, expected).at(at).into())
}

/// The text of an attribute; `None` where it is not sent, null or blank.
fn text(attributes: Option<&Json>, name: &str, limit: usize) -> Result<Option<String>, Fault> {
    let at = || Pointer::attributes().member(name);
    match attributes.and_then(|attributes| attributes.get(name)) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Json::String(text)) if text.chars().count() > limit => {
            Err(Fault::attribute(Code::TooLong, name, format!("is longer than {limit} characters"), at()))
        }
        Some(Json::String(text)) => Ok(Some(text.trim().to_owned())),
        Some(_) => Err(Fault::attribute(Code::WrongType, name, "must be a string", at())),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    data: Resource<'a>,
}

/// The resource in the documented form.
#[derive(Serialize)]
struct Resource<'a> {
    id: &'static str,
    r#type: &'static str,
    attributes: Attributes<'a>,
}

#[derive(Serialize)]
struct Attributes<'a> {
    created_at: Stamp,
    json_web_token: &'a str,
    updated_at: (),
    updated_in_db_at: (),
}

impl<'a> Document<'a> {
    fn of(json_web_token: &'a str, created_at: Stamp) -> Self {
        let attributes = Attributes { created_at, json_web_token, updated_at: (), updated_in_db_at: () };
        Self { data: Resource { id: "user::authenticate", r#type: "authenticate", attributes } }
    }
}
