//! `/api/v2/user/<kind>` and `/api/v2/user/<kind>/<id>`: five thin handlers for all kinds.

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel::QueryResult;
use serde::Serialize;

use super::edit::{Deed, RowEdit};
use super::kind::Kind;
use super::owners;
use super::related::Related;
use super::render::RowResource;
use super::request;
use super::row::Row;
use super::store;
use super::write::{Outcome, run};
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::guard::Edit;
use crate::id::Id;
use crate::jsonapi::collection::{Collection, FILTERS, Page, SORT, page};
use crate::jsonapi::document::{Document, meta};
use crate::jsonapi::json::Members;
use crate::jsonapi::query::{Query, Schema};
use crate::jsonapi::{Code, ErrorObject, Json};
use crate::pipeline::Call;
use crate::policy;
use crate::representation::{Representation, Subject};
use crate::state::AppState;
use crate::sync::idempotency::{self, Begun};
use crate::users::include::relationships;
use crate::users::person::Person;
use crate::users::show::{notes, step_of};

/// Raised when the same row is rendered differently.
const RENDERER: u32 = 1;

/// `GET …/<kind>`: the rows, the oldest first unless asked otherwise.
///
/// # Errors
/// 400 for the query, 404 for a filter on another's account list, 503.
pub async fn index(call: Call, kind: &'static Kind) -> Result<HttpResponse, Error> {
    let query = query(&call, kind, true).await?;
    let (rows, related) = load(&call, kind, &query).await?;
    let Page { resources: rows, meta, links } = page(rows, &query, call.path(), call.query());
    let fields = &query.fields;
    let included = related.as_ref().map(|related| related.reached(rows.iter(), fields));
    let data = rows.iter().map(|row| RowResource { row, fields }).collect();
    Ok(Answer::document(&Collection { data, included, meta, links }).into_response())
}

/// `GET …/<kind>/<id>`
///
/// # Errors
/// 404, and as [`index`].
pub async fn show(call: Call, kind: &'static Kind, name: Name) -> Result<HttpResponse, Error> {
    let query = query(&call, kind, false).await?;
    let (rows, related) = load(&call, kind, &query).await?;
    let row = rows.into_iter().find(|row| name.is_of(row));
    let Some(row) = row else {
        return Err(call.state.db.read(move |connection| name.absent(connection, kind)).await?);
    };
    let row = Single { row, related, query: &query, meta: None };
    Ok(row.represent(&call.state).answer_to(&call))
}

/// `POST …/<kind>`: 201 with the row and its `Location`. A client may make the id.
///
/// # Errors
/// 400 and 409 as the rules of the kind say, 404 for a related person, 503.
pub async fn create(call: Call, kind: &'static Kind) -> Result<HttpResponse, Error> {
    let document = call.json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = query(&call, kind, false).await?;
    let now = call.state.clock.now();
    let edit = request::creation(kind, document, now)?;
    request::refuse_if_match(&call.conditions())?;
    let write = Write { state: call.state.clone(), kind, person: call.user.id, edit, query, now };
    once.write(&call, move |connection| write.answer(connection)).await
}

/// `PUT` and `PATCH …/<kind>/<id>`, guarded by the row's own stamp.
///
/// # Errors
/// 404; 400, 409 and 412 as the guard and the rules of the kind say; 503.
pub async fn update(call: Call, kind: &'static Kind, name: Name) -> Result<HttpResponse, Error> {
    let document = call.json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = query(&call, kind, false).await?;
    let id = name.find(&call, kind).await?;
    let now = call.state.clock.now();
    let edit = request::change((kind, id), document, call.conditions(), now)?;
    let write = Write { state: call.state.clone(), kind, person: call.user.id, edit, query, now };
    once.write(&call, move |connection| write.answer(connection)).await
}

/// `DELETE …/<kind>/<id>`: 204. A stamp in a body and `If-Match` must hold; without either it deletes.
///
/// # Errors
/// 404, 409, 412, 503.
pub async fn destroy(call: Call, kind: &'static Kind, name: Name) -> Result<HttpResponse, Error> {
    let document = call.optional_json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let id = name.find(&call, kind).await?;
    let now = call.state.clock.now();
    let edit = request::deletion(id, document.as_ref(), call.conditions(), now)?;
    let query = query(&call, kind, false).await?;
    let write = Write { state: call.state.clone(), kind, person: call.user.id, edit, query, now };
    let answer = move |connection: &mut Connection| Ok(write.run(connection)?.map(|_| Answer::no_content()));
    once.write(&call, answer).await
}

/// What a path names a row by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// Its id.
    Id(Id),
    /// The key of an option (`mpdx-behaviour.md` 5.1).
    Key(String),
}

impl Name {
    fn is_of(&self, row: &Row) -> bool {
        match self {
            Self::Id(id) => row.id == *id,
            Self::Key(key) => row.get("key").as_text() == Some(key),
        }
    }

    /// What is told of a row that the caller does not have.
    fn absent(&self, connection: &mut Connection, kind: &'static Kind) -> QueryResult<Error> {
        Ok(match self {
            Self::Id(id) => {
                let is_anothers = policy::is_told_of(kind) && owners::is_somebodys(connection, kind, *id)?;
                policy::not_his(kind, *id, is_anothers)
            }
            Self::Key(_) => self.not_found(kind),
        })
    }

    fn not_found(&self, kind: &Kind) -> Error {
        match self {
            Self::Id(id) => Error::record_not_found(kind.model, *id),
            Self::Key(key) => {
                let detail = format!("Couldn't find {} with 'key'={key}", kind.model);
                ErrorObject::new(Code::NotFound, detail).into()
            }
        }
    }

    /// The id of the row that is named, if the caller has it.
    async fn find(&self, call: &Call, kind: &'static Kind) -> Result<Id, Error> {
        if let Self::Id(id) = self {
            return Ok(*id);
        }
        let person = call.user.id;
        let rows = call.state.db.read(move |connection| store::load(connection, kind, person)).await?;
        let row = rows.iter().find(|row| self.is_of(row));
        row.map(|row| row.id).ok_or_else(|| self.not_found(kind))
    }
}

/// What the query asks for; a filter on an account list must name one of the user's own.
async fn query(call: &Call, kind: &'static Kind, collection: bool) -> Result<Query, Error> {
    let (sort, filters): (&[_], &[_]) = if collection { (SORT, FILTERS) } else { (&[], &[]) };
    let schema = Schema { kind: kind.name, collection, relationships, sort, filters, own: &[] };
    let query = Query::parse(call.query(), &schema)?;
    policy::check_filter_of(call, &query).await?;
    Ok(query)
}

/// The rows of a kind, and what they lead to where that was asked for.
async fn load(call: &Call, kind: &'static Kind, query: &Query) -> Result<(Vec<Row>, Option<Related>), Error> {
    let (person, wanted) = (call.user.id, query.clone());
    let read = move |connection: &mut Connection| {
        Ok((store::load(connection, kind, person)?, Related::read(connection, person, &wanted)?))
    };
    Ok(call.state.db.read(read).await?)
}

/// A write with all that it needs, so that it can be done and answered in one transaction.
struct Write {
    state: Data<AppState>,
    kind: &'static Kind,
    person: Id,
    edit: Edit<RowEdit>,
    query: Query,
    now: Stamp,
}

/// What a write has done.
struct Written {
    person: Person,
    before: Stamp,
    row: Row,
    notes: Members,
}

impl Write {
    fn run(&self, connection: &mut Connection) -> QueryResult<Result<Written, Error>> {
        let done = run(connection, self.kind, self.person, &self.edit, self.now)?;
        Ok(match done {
            Outcome::Done { person, before, row, ignored, merged } => {
                let notes = notes(&ignored, merged.as_deref());
                Ok(Written { person: *person, before, row: *row, notes })
            }
            Outcome::Nobody => Err(Error::unauthorized()),
            Outcome::NotFound(id) => Err(Name::Id(id).absent(connection, self.kind)?),
            Outcome::Refused(decision) => Err(Error::refused(*decision, &self.edit.stamp_belongs_in)),
        })
    }

    fn answer(&self, connection: &mut Connection) -> QueryResult<Result<Answer, Error>> {
        let Written { person, before, row, notes } = match self.run(connection)? {
            Ok(written) => written,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let related = Related::read(connection, person.id, &self.query)?;
        let (is_made, location) = (self.edit.changes.deed == Deed::Create, location(&row));
        let meta = if self.kind.is_aside() { meta(notes) } else { meta_of(&person, before, notes) };
        let row = Single { row, related, query: &self.query, meta };
        let answer = row.represent(&self.state).answer(self.state.clock.now());
        Ok(Ok(if is_made { answer.with_status(201).at(location) } else { answer }))
    }
}

/// Where a row is found.
fn location(row: &Row) -> String {
    let id = row.id.to_string();
    let name = row.get("key").as_text().unwrap_or(&id);
    format!("/api/v2/user/{}/{name}", row.kind.path())
}

/// What an answer to a write says beside the row.
fn meta_of(person: &Person, before: Stamp, mut notes: Members) -> Option<Json> {
    notes.push(step_of(person, before));
    meta(notes)
}

/// A row that is ready to be sent.
struct Single<'a> {
    row: Row,
    related: Option<Related>,
    query: &'a Query,
    meta: Option<Json>,
}

impl Single<'_> {
    fn represent(&self, state: &AppState) -> Representation {
        let (row, fields) = (&self.row, &self.query.fields);
        let included = self.related.as_ref().map(|related| related.reached(std::iter::once(row), fields));
        let plain = fields.is_empty() && included.is_none();
        let body =
            written(&Document { data: RowResource { row, fields }, included, meta: self.meta.clone() });
        let Row { version, stamp, .. } = *row;
        Representation::new(state, Subject { version, stamp, renderer: RENDERER, plain }, body)
    }
}

fn written(document: &impl Serialize) -> Vec<u8> {
    // Strings, numbers and lists of them can always be written into memory.
    serde_json::to_vec(document).unwrap_or_default()
}
