//! `GET /api/v2/user`, and how every answer that is a user's document is sent.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED};

use super::cache::Remembered;
use super::person::Person;
use super::{render, store};
use crate::auth::CurrentUser;
use crate::error::Error;
use crate::guard::Member;
use crate::guard::precondition::{EntityTag, if_none_match_names};
use crate::id::Id;
use crate::jsonapi::json::Members;
use crate::jsonapi::query::SingleQuery;
use crate::jsonapi::{Json, media_type};
use crate::pipeline::Call;
use crate::state::AppState;

/// Answers with the caller's document, or 304 where he has it.
///
/// # Errors
/// 400 for the query, 404 for a filter on another's account list, 503.
pub async fn show(call: Call) -> Result<HttpResponse, Error> {
    let query = SingleQuery::parse(call.query())?;
    let remembered = current(&call.state, call.user).await?;
    check_account_list(&query, &remembered.person)?;
    let tag = entity_tag(&call.state, &remembered.person);
    if call.if_none_match().is_some_and(|header| if_none_match_names(&header, &tag)) {
        let mut response = HttpResponse::NotModified();
        return Ok(response.insert_header((ETAG, tag)).finish());
    }
    Ok(answer(&call.state, &remembered, None))
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
    let person = state.db.read(move |connection| store::read(connection, id, &[])).await?;
    let remembered = Remembered::new(person.ok_or_else(Error::unauthorized)?);
    state.people.put(&remembered);
    Ok(remembered)
}

/// Android adds `filter[account_list_id]` to every path (design 2, decision 14).
///
/// # Errors
/// 404 where it names a list that is not the user's own.
pub fn check_account_list(query: &SingleQuery, person: &Person) -> Result<(), Error> {
    let Some(sent) = &query.account_list_id else { return Ok(()) };
    match Id::parse(sent) {
        Some(id) if person.linkage.has_account_list(id) => Ok(()),
        _ => Err(Error::account_list_not_found(sent)),
    }
}

/// 200 with the user's document.
#[must_use]
pub fn answer(state: &AppState, remembered: &Remembered, meta: Option<Json>) -> HttpResponse {
    let person = &remembered.person;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, HeaderValue::from_static(media_type::ANSWER)))
        .insert_header((ETAG, entity_tag(state, person)));
    // RFC 9110, 8.8.2.1: never later than the answer itself.
    if person.stamp <= state.clock.now() {
        response.insert_header((LAST_MODIFIED, httpdate::fmt_http_date(person.stamp.moment().into())));
    }
    match meta {
        Some(meta) => response.body(render::document(person, Some(meta))),
        None => response.body(remembered.document()),
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

fn entity_tag(state: &AppState, person: &Person) -> String {
    let incarnation = state.incarnation.to_string();
    let (version, stamp) = (person.version, person.stamp);
    EntityTag { version, stamp, incarnation, renderer: render::RENDERER }.to_string()
}
