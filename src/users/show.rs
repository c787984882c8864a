//! `GET /api/v2/user`, and how every answer that is a user's document is sent.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED};
use actix_web::web::Bytes;

use super::cache::Remembered;
use super::face::Face;
use super::include::{self, Included};
use super::person::Person;
use super::{render, store};
use crate::auth::CurrentUser;
use crate::clock::Stamp;
use crate::error::Error;
use crate::guard::Member;
use crate::guard::precondition::{EntityTag, body_hash, if_none_match_names};
use crate::id::Id;
use crate::jsonapi::json::Members;
use crate::jsonapi::query::Query;
use crate::jsonapi::{Json, media_type};
use crate::pipeline::Call;
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
    let representation = represent(&call.state, &remembered, face, &query, None).await?;
    if call.if_none_match().is_some_and(|header| if_none_match_names(&header, &representation.tag)) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, representation.tag)).finish());
    }
    Ok(representation.answer(&call.state))
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

/// A document that is ready to be sent.
#[derive(Debug)]
pub struct Representation {
    body: Bytes,
    tag: String,
    person_stamp: Stamp,
}

impl Representation {
    /// 200 with the document.
    #[must_use]
    pub fn answer(self, state: &AppState) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response
            .insert_header((CONTENT_TYPE, HeaderValue::from_static(media_type::ANSWER)))
            .insert_header((ETAG, self.tag));
        // RFC 9110, 8.8.2.1: never later than the answer itself.
        if self.person_stamp <= state.clock.now() {
            let date = httpdate::fmt_http_date(self.person_stamp.moment().into());
            response.insert_header((LAST_MODIFIED, date));
        }
        response.body(self.body)
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
    let person = &remembered.person;
    let Some(include) = query.include.clone() else {
        if face == Face::User && query.fields.is_empty() {
            let body = match meta {
                Some(meta) => render::document(person, face, &query.fields, None, Some(meta)).into(),
                None => remembered.document(),
            };
            return Ok(Representation {
                body,
                tag: entity_tag(state, person, None),
                person_stamp: person.stamp,
            });
        }
        return Ok(hashed(state, person, render::document(person, face, &query.fields, None, meta)));
    };
    if include.is_empty() {
        // Asked for, though for nothing: the member is there (K60).
        let body = render::document(person, face, &query.fields, Some(&Included::default()), meta);
        return Ok(hashed(state, person, body));
    }
    let id = person.id;
    let read = state.db.read(move |connection| include::read(connection, id, &include)).await?;
    let (person, included) = read.ok_or_else(Error::unauthorized)?;
    Ok(hashed(state, &person, render::document(&person, face, &query.fields, Some(&included), meta)))
}

/// A representation that the version alone does not name.
fn hashed(state: &AppState, person: &Person, body: Vec<u8>) -> Representation {
    Representation {
        tag: entity_tag(state, person, Some(body_hash(&body))),
        body: body.into(),
        person_stamp: person.stamp,
    }
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

fn entity_tag(state: &AppState, person: &Person, body: Option<String>) -> String {
    let incarnation = state.incarnation.to_string();
    let (version, stamp) = (person.version, person.stamp);
    EntityTag { version, stamp, incarnation, renderer: render::RENDERER, body }.to_string()
}
