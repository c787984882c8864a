//! `GET /api/v2/user`, and how every answer that is a user's document is sent.

use std::sync::Arc;

use actix_web::HttpResponse;
use diesel::QueryResult;

use super::cache::{Full, Remembered};
use super::face::Face;
use super::include::{self, Included};
use super::person::Person;
use super::{render, store};
use crate::auth::CurrentUser;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::guard::Member;
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::json::Members;
use crate::jsonapi::query::{Include, Query};
use crate::metrics::count::MERGES;
use crate::pipeline::Call;
use crate::policy;
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
    policy::check_filter(&query, &remembered.person)?;
    if is_plain(face, &query)
        && let Some(response) = remembered.head(&call.state).not_modified(&call)
    {
        return Ok(response);
    }
    Ok(represent(&call.state, &remembered, face, &query, None).await?.answer_to(&call))
}

/// A user's document on its way to be sent.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// As what he is shown.
    pub face: Face,
    /// What is asked for.
    pub query: &'a Query,
}

impl View<'_> {
    fn render(
        self,
        state: &AppState,
        person: &Person,
        included: Option<&Included>,
        meta: Option<Json>,
    ) -> Representation {
        let fields = &self.query.fields;
        let (version, stamp) = (person.version, person.stamp);
        let plain = self.face == Face::User && fields.is_empty() && included.is_none();
        let body = render::document(person, self.face, fields, included, meta);
        Representation::new(state, Subject { version, stamp, renderer: render::renderer(), plain }, body)
    }

    /// The document, where what is included is read in the transaction that `connection` is in.
    ///
    /// # Errors
    /// The queries'.
    pub fn represent_within(
        self,
        connection: &mut Connection,
        state: &AppState,
        person: &Person,
        meta: Option<Json>,
    ) -> QueryResult<Representation> {
        let Some(include) = &self.query.include else { return Ok(self.render(state, person, None, meta)) };
        let read = if include.is_empty() { None } else { include::read(connection, person.id, include)? };
        Ok(match read {
            Some((person, included)) => self.render(state, &person, Some(&included), meta),
            // Asked for, though for nothing: the member is there (K60).
            None => self.render(state, person, Some(&Included::default()), meta),
        })
    }
}

/// The entity tag of a user's plain document in one of his states.
#[must_use]
pub fn plain_tag(state: &AppState, version: i64, stamp: Stamp) -> String {
    Subject { version, stamp, renderer: render::renderer(), plain: true }.tag(state, &[])
}

/// Whether the plain document is asked for, which is remembered.
fn is_plain(face: Face, query: &Query) -> bool {
    face == Face::User && query.fields.is_empty() && query.include.is_none()
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
    let Some(include) = query.include.clone().filter(|include| !include.is_empty()) else {
        return Ok(represent_alone(state, remembered, face, query, meta));
    };
    if is_direct(&include) && face == Face::User && query.fields.is_empty() && meta.is_none() {
        return represent_full(state, remembered, View { face, query }, include).await;
    }
    let (id, view) = (remembered.person.id, View { face, query });
    let read = state.db.snapshot(move |connection| include::read(connection, id, &include)).await?;
    let (person, included) = read.ok_or_else(Error::unauthorized)?;
    Ok(view.render(state, &person, Some(&included), meta))
}

/// Whether only what the version of a user names is included, and his account lists.
fn is_direct(include: &Include) -> bool {
    include.iter().all(|(_, below)| below.is_empty())
}

/// The document with what is directly related, which is remembered. What account lists name belongs to others as well:
/// that is read anew each time, and where it is what the document shows, so is all the rest.
async fn represent_full(
    state: &AppState,
    remembered: &Remembered,
    view: View<'_>,
    include: Include,
) -> Result<Representation, Error> {
    let Person { id, version, .. } = remembered.person;
    if let Some(full) = remembered.full(&include) {
        let is_current = match &full.linkage {
            // Who has no lists has none that others could change.
            None => true,
            Some(_) if remembered.person.linkage.account_lists.is_empty() => true,
            Some(shown) => state.linkages.read(&state.db, id).await? == *shown,
        };
        if is_current {
            return Ok(Representation::known(full.head.clone(), full.body.clone()));
        }
    }
    let wanted = include.clone();
    let read = move |connection: &mut Connection| include::read_beside(connection, (id, version), &wanted);
    let Some(included) = state.db.read(read).await? else {
        // Somebody has written meanwhile.
        let read = state.db.snapshot(move |connection| include::read(connection, id, &include)).await?;
        let (person, included) = read.ok_or_else(Error::unauthorized)?;
        return Ok(view.render(state, &person, Some(&included), None));
    };
    let shown = view.render(state, &remembered.person, Some(&included), None);
    let (head, body) = shown.parts();
    state.people.put(&remembered.with(Full { include, linkage: included.list_linkage, body, head }));
    Ok(shown)
}

/// The document of a user as a query asks for it that includes nothing.
#[must_use]
pub fn represent_alone(
    state: &AppState,
    remembered: &Remembered,
    face: Face,
    query: &Query,
    meta: Option<Json>,
) -> Representation {
    let (person, view) = (&remembered.person, View { face, query });
    match query.include {
        None if meta.is_none() && is_plain(face, query) => {
            Representation::known(remembered.head(state).clone(), remembered.document())
        }
        None => view.render(state, person, None, meta),
        // Asked for, though for nothing: the member is there (K60).
        Some(_) => view.render(state, person, Some(&Included::default()), meta),
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

/// What an answer says of an edit beside the document: nothing disappears silently (design 2, decision 10).
#[must_use]
pub fn notes(ignored: &[Member], merged: Option<&[Member]>) -> Members {
    let names = |members: &[Member]| members.iter().map(AsRef::<str>::as_ref).collect::<Json>();
    let mut notes = Members::new();
    if !ignored.is_empty() {
        notes.push(("ignored_attributes".to_owned(), names(ignored)));
    }
    if let Some(merged) = merged {
        if !merged.is_empty() {
            MERGES.up();
        }
        notes.push(("merged".to_owned(), names(merged)));
    }
    notes
}

/// The member of `meta` by which an answer to a write of rows tells the stamp that the next PUT of the user needs
/// (design 3), for a client that knows the user as he was before, which the stamp of then tells.
#[must_use]
pub fn step_of(person: &Person, before: Stamp) -> (String, Json) {
    let user = vec![
        ("id".to_owned(), person.id.to_string().into()),
        ("updated_in_db_at".to_owned(), person.stamp.to_string().into()),
        ("previous_updated_in_db_at".to_owned(), before.to_string().into()),
    ];
    ("user".to_owned(), Json::Object(user))
}
