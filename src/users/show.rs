//! `GET /api/v2/user`, and how every answer that is a user's document is sent.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Bytes;

use super::cache::Remembered;
use super::face::Face;
use super::include::{self, Included};
use super::person::Person;
use super::{render, store};
use crate::auth::CurrentUser;
use crate::error::Error;
use crate::guard::Member;
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::json::Members;
use crate::jsonapi::query::Query;
use crate::pipeline::Call;
use crate::representation::{Representation, Subject};
use crate::state::AppState;

/// `GET /api/v2/user`
///
/// # Errors
/// As [`show_as`].
pub async fn show(call: Call) -> Result<HttpResponse, Error> {
    show_as(call, Face::User).await
}

/// Answers with the caller's document, or 304 where he has it.
///
/// # Errors
/// 400 for the query, 404 for a filter on another's account list, 503.
pub async fn show_as(call: Call, face: Face) -> Result<HttpResponse, Error> {
    let query = Query::parse(call.query(), &face.schema())?;
    let remembered = current(&call.state, call.user).await?;
    check_account_list(&query, &remembered.person)?;
    Ok(represent(&call.state, &remembered, face, &query, None).await?.answer_to(&call))
}

/// Whether an id in a path, or `me`, is the caller's own: the other doors to his record (design 2, decision 19).
///
/// # Errors
/// 404 for anybody else's.
pub fn check_door(call: &Call, id: &str, model: &str) -> Result<(), Error> {
    match Id::parse(id) {
        _ if id == "me" => Ok(()),
        Some(id) if id == call.user.id => Ok(()),
        Some(id) => Err(Error::record_not_found(model, id)),
        None => Err(Error::route_not_found()),
    }
}

/// The document of a user as the query asks for it. What is included is read with the user anew, in one state.
///
/// # Errors
/// 401 where he has been deleted meanwhile, 503.
pub async fn represent(
    state: &AppState,
    remembered: &Remembered,
    face: Face,
    query: &Query,
    meta: Option<Json>,
) -> Result<Representation, Error> {
    let (person, fields) = (&remembered.person, &query.fields);
    let of = |person: &Person, plain, body: Bytes| {
        let (version, stamp) = (person.version, person.stamp);
        Representation::new(state, Subject { version, stamp, renderer: render::RENDERER, plain }, body)
    };
    let Some(include) = query.include.clone() else {
        let plain = face == Face::User && fields.is_empty();
        let body = match meta {
            None if plain => remembered.document(),
            meta => render::document(person, face, fields, None, meta).into(),
        };
        return Ok(of(person, plain, body));
    };
    if include.is_empty() {
        // Asked for, though for nothing: the member is there (K60).
        let body = render::document(person, face, fields, Some(&Included::default()), meta);
        return Ok(of(person, false, body.into()));
    }
    let id = person.id;
    let read = state.db.read(move |connection| include::read(connection, id, &include)).await?;
    let (person, included) = read.ok_or_else(Error::unauthorized)?;
    let body = render::document(&person, face, fields, Some(&included), meta);
    Ok(of(&person, false, body.into()))
}

/// A user as he stands since the request arrived: what is remembered, if it has the version that was read then,
/// else what is stored.
///
/// # Errors
/// 401 where he has been deleted meanwhile, 503.
pub async fn current(state: &AppState, user: CurrentUser) -> Result<Arc<Remembered>, Error> {
    match state.people.get(user.id, user.version) {
        Some(remembered) => Ok(remembered),
        None => read(state, user.id).await,
    }
}

/// A user as he is stored now.
///
/// # Errors
/// 401 where there is none, 503.
pub async fn read(state: &AppState, id: Id) -> Result<Arc<Remembered>, Error> {
    let person = state.db.read(move |connection| store::read(connection, id)).await?;
    let remembered = Remembered::new(person.ok_or_else(Error::unauthorized)?);
    state.people.put(&remembered);
    Ok(remembered)
}

/// Android adds `filter[account_list_id]` to every path (design 2, decision 14).
///
/// # Errors
/// 404 where it names a list that is not the user's own.
pub fn check_account_list(query: &Query, person: &Person) -> Result<(), Error> {
    let Some(sent) = query.account_list_id() else { return Ok(()) };
    match Id::parse(sent) {
        Some(id) if person.linkage.has_account_list(id) => Ok(()),
        _ => Err(Error::account_list_not_found(sent)),
    }
}

/// What an answer says of an edit beside the document: nothing disappears silently (design 2, decision 10).
#[must_use]
pub fn notes(ignored: &[Member], merged: Option<&[Member]>) -> Members {
    let names = |members: &[Member]| members.iter().map(AsRef::<str>::as_ref).collect::<Json>();
    let mut notes = Members::new();
    if !ignored.is_empty() {
        notes.push(("ignored_attributes".to_owned(), names(ignored)));
    }
    if let Some(merged) = merged {
        notes.push(("merged".to_owned(), names(merged)));
    }
    notes
}
