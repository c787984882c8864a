//! What a site defines: dimensions, types of tags, tags. Read by whoever calls, changed by integrations. The endpoints are
//! the same for all of them.

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel::QueryResult;

use super::attributes::Attributes;
use super::resource::{Resource, path};
use super::{counters, listing, refusals};
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::guard::precondition::Conditions;
use crate::jsonapi::document::Document;
use crate::jsonapi::json::Members;
use crate::jsonapi::query::{Query, Relationships, Schema};
use crate::jsonapi::request::{self, Expected};
use crate::jsonapi::{Fault, Json};
use crate::pipeline::JunoCall;
use crate::policy;
use crate::representation::{Representation, Subject};
use crate::state::AppState;
use crate::sync::idempotency::{self, Begun, Once};

/// Raised when the same definition is rendered differently.
const RENDERER: u32 = 1;

/// Which state of which row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its id.
    pub id: i64,
    /// Counts its states.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Stamp,
}

/// A kind of definition. Its values are the rows of a table that has a counter.
pub trait Definition: Clone + PartialEq + Send + 'static {
    /// The type of its resources, and the name of its table.
    const KIND: &'static str;
    /// What messages call one of them.
    const MODEL: &'static str;
    /// The lowest id that a site gives.
    const FIRST_ID: i64;
    /// What lists can be filtered by.
    const FILTERS: &'static [&'static str];
    /// Those of the filters that are true or false.
    const FLAGS: &'static [&'static str];
    /// What a document that was sent says.
    type Changes: Clone + Send + 'static;

    /// The relationships that may be included from a kind.
    fn relationships(_kind: &str) -> Relationships {
        &[]
    }

    /// Reads what was sent; `is_new` where it is to make a row.
    ///
    /// # Errors
    /// Every fault that can be told without what is stored.
    fn read(
        attributes: Attributes,
        relationships: Option<Members>,
        is_new: bool,
    ) -> Result<Self::Changes, Vec<Fault>>;

    /// The row that changes make of `before`, or of nothing, where `head` is its own. It is alone with the table.
    ///
    /// # Errors
    /// The queries'; and every fault that is told by what is stored.
    fn after(
        connection: &mut Connection,
        before: Option<&Self>,
        changes: &Self::Changes,
        head: Head,
    ) -> QueryResult<Result<Self, Vec<Fault>>>;

    /// Which state of which row it is.
    fn head(&self) -> Head;

    /// Finds a row.
    ///
    /// # Errors
    /// The query's.
    fn find(connection: &mut Connection, id: i64) -> QueryResult<Option<Self>>;

    /// The rows of a page, and how many there are on all pages.
    ///
    /// # Errors
    /// The queries'.
    fn page(connection: &mut Connection, query: &Query) -> QueryResult<(i64, Vec<Self>)>;

    /// Writes a new row.
    ///
    /// # Errors
    /// The statement's.
    fn insert(&self, connection: &mut Connection) -> QueryResult<()>;

    /// What documents show of some rows, each beside its row's place, and what comes along where that was asked for.
    ///
    /// # Errors
    /// The queries'.
    fn shown(connection: &mut Connection, rows: &[Self], query: &Query) -> QueryResult<Shown>;
}

/// A definition that can be changed and deleted.
pub trait Changeable: Definition {
    /// Why the row can't be deleted.
    ///
    /// # Errors
    /// The query's.
    fn kept(&self, connection: &mut Connection) -> QueryResult<Option<Error>>;

    /// The same row in another state.
    #[must_use]
    fn at(self, head: Head) -> Self;

    /// Writes another state of a row.
    ///
    /// # Errors
    /// The statement's.
    fn update(&self, connection: &mut Connection) -> QueryResult<()>;

    /// Deletes the row.
    ///
    /// # Errors
    /// The statement's.
    fn delete(&self, connection: &mut Connection) -> QueryResult<()>;
}

/// Resources, and what was asked for beside them.
pub type Shown = (Vec<Resource>, Option<Vec<Resource>>);

/// `GET` of all.
///
/// # Errors
/// 400 for the query, 503.
pub async fn index<D: Definition>(call: JunoCall) -> Result<HttpResponse, Error> {
    let query = query::<D>(&call, true)?;
    let wanted = query.clone();
    let read = move |connection: &mut Connection| {
        let (total, rows) = D::page(connection, &wanted)?;
        Ok((total, D::shown(connection, &rows, &wanted)?))
    };
    let (total, (data, included)) = call.state.db.snapshot(read).await?;
    let (data, included) = restricted((data, included), &query);
    let document = listing::document(total, data, included, (&query, call.path(), call.query()));
    Ok(Representation::timeless(document).answer_to(&call))
}

/// `GET` of one.
///
/// # Errors
/// 404, and as [`index`].
pub async fn show<D: Definition>(call: JunoCall, id: i64) -> Result<HttpResponse, Error> {
    let query = query::<D>(&call, false)?;
    let (state, wanted) = (call.state.clone(), query);
    let read = move |connection: &mut Connection| {
        let Some(row) = D::find(connection, id)? else { return Ok(None) };
        represent(connection, &state, &row, &wanted).map(Some)
    };
    let shown = call.state.db.snapshot(read).await?;
    Ok(shown.ok_or_else(|| refusals::not_found(D::MODEL, id))?.answer_to(&call))
}

/// `POST`
///
/// # Errors
/// 403 for a user and for an id; 400, 404 and 409 as the rules say; 503.
pub async fn create<D: Definition>(call: JunoCall) -> Result<HttpResponse, Error> {
    match prepared::<D>(&call, None).await? {
        Prepared::Answered(response) => Ok(response),
        Prepared::Write(once, write) => once.write(&call, move |connection| write.make(connection)).await,
    }
}

/// `PUT` and `PATCH`
///
/// # Errors
/// 403 for a user; 404; 412; 400 and 409 as the rules say; 503.
pub async fn update<D: Changeable>(call: JunoCall, id: i64) -> Result<HttpResponse, Error> {
    match prepared::<D>(&call, Some(id)).await? {
        Prepared::Answered(response) => Ok(response),
        Prepared::Write(once, write) => {
            once.write(&call, move |connection| write.change(connection, id)).await
        }
    }
}

/// What a write comes to before the database is asked.
enum Prepared<D: Definition> {
    /// It was done before.
    Answered(HttpResponse),
    /// It is to be done.
    Write(Once, Box<Write<D>>),
}

/// Reads a write of what has the id, or of what is to be made.
async fn prepared<D: Definition>(call: &JunoCall, id: Option<i64>) -> Result<Prepared<D>, Error> {
    policy::may_administer(&call.user)?;
    let document = call.json().await?;
    let once = match idempotency::begin(call).await? {
        Begun::Answered(response) => return Ok(Prepared::Answered(response)),
        Begun::Once(once) => once,
    };
    let query = query::<D>(call, false)?;
    let expected = Expected { kind: D::KIND, id_attributes: &[], untyped: &[] };
    let resource = request::read(document, expected)?;
    match id {
        Some(id) => refusals::check_id(resource.id.as_deref(), id, refusals::data_id())?,
        None if resource.id.is_some() => return Err(refusals::client_id(refusals::data_id())),
        None => {}
    }
    let changes = D::read(Attributes::of(resource.attributes), resource.relationships, id.is_none())?;
    let (state, conditions, now) = (call.state.clone(), call.conditions(), call.state.clock.now());
    Ok(Prepared::Write(once, Box::new(Write { state, changes, conditions, query, now })))
}

/// `DELETE`
///
/// # Errors
/// 403 for a user and where it has to stay; 404; 409 where it is used; 412; 503.
pub async fn destroy<D: Changeable>(call: JunoCall, id: i64) -> Result<HttpResponse, Error> {
    policy::may_administer(&call.user)?;
    call.optional_json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    query::<D>(&call, false)?;
    let conditions = call.conditions();
    let delete = move |connection: &mut Connection| {
        let row = match found::<D>(connection, id, &conditions)? {
            Ok(row) => row,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(refusal) = row.kept(connection)? {
            return Ok(Err(refusal));
        }
        row.delete(connection)?;
        Ok(Ok(Answer::no_content()))
    };
    once.write(&call, delete).await
}

fn query<D: Definition>(call: &JunoCall, collection: bool) -> Result<Query, Error> {
    let (sort, filters): (_, &[_]) = if collection { (&["id", "name"][..], D::FILTERS) } else { (&[], &[]) };
    let schema =
        Schema { kind: D::KIND, collection, relationships: D::relationships, sort, filters, own: &[] };
    Ok(listing::query(call.query(), &schema, D::FLAGS)?)
}

/// The row of a write, in a state that its conditions name. The table is the write's alone from here on.
fn found<D: Definition>(
    connection: &mut Connection,
    id: i64,
    conditions: &Conditions,
) -> QueryResult<Result<D, Error>> {
    counters::lock(connection, D::KIND)?;
    let Some(row) = D::find(connection, id)? else { return Ok(Err(refusals::not_found(D::MODEL, id))) };
    let Head { version, updated_at, .. } = row.head();
    Ok(match conditions.broken(version, updated_at) {
        Some((header, _)) => Err(refusals::precondition_failed(header)),
        None => Ok(row),
    })
}

fn restricted((data, included): Shown, query: &Query) -> Shown {
    let fields = |resources: Vec<Resource>| {
        resources.into_iter().map(|resource| resource.restricted(&query.fields)).collect()
    };
    (fields(data), included.map(fields))
}

/// The document of a row.
fn represent<D: Definition>(
    connection: &mut Connection,
    state: &AppState,
    row: &D,
    query: &Query,
) -> QueryResult<Representation> {
    let Head { version, updated_at: stamp, .. } = row.head();
    let (data, included) = restricted(D::shown(connection, std::slice::from_ref(row), query)?, query);
    let plain = query.fields.is_empty() && included.is_none();
    let document = Document { data: data.into_iter().next(), included, meta: None::<Json> };
    let body = serde_json::to_vec(&document).unwrap_or_default();
    Ok(Representation::new(state, Subject { version, stamp, renderer: RENDERER, plain }, body))
}

/// Makes a row, under the id that is wished for, where nothing has that and a site may give it.
///
/// # Errors
/// The statements'; and every fault that is told by what is stored.
pub(crate) fn define<D: Definition>(
    connection: &mut Connection,
    changes: &D::Changes,
    (now, wish): (Stamp, Option<i64>),
) -> QueryResult<Result<D, Vec<Fault>>> {
    counters::lock(connection, D::KIND)?;
    let id = free_id::<D>(connection, wish)?;
    let row = D::after(connection, None, changes, Head { id, version: 1, updated_at: now })?;
    if let Ok(row) = &row {
        counters::pass(connection, D::KIND, id)?;
        row.insert(connection)?;
    }
    Ok(row)
}

/// An id for a row of a table that is locked. It is not given yet.
pub(crate) fn free_id<D: Definition>(connection: &mut Connection, wish: Option<i64>) -> QueryResult<i64> {
    if let Some(id) = wish.filter(|id| *id >= D::FIRST_ID)
        && D::find(connection, id)?.is_none()
    {
        return Ok(id);
    }
    counters::next(connection, D::KIND)
}

/// A write with all that it needs, so that it can be done and answered in one transaction.
struct Write<D: Definition> {
    state: Data<AppState>,
    changes: D::Changes,
    conditions: Conditions,
    query: Query,
    now: Stamp,
}

impl<D: Definition> Write<D> {
    fn answer(&self, connection: &mut Connection, row: &D) -> QueryResult<Answer> {
        let shown = represent(connection, &self.state, row, &self.query)?;
        Ok(shown.answer(self.state.clock.now()))
    }

    fn make(&self, connection: &mut Connection) -> QueryResult<Result<Answer, Error>> {
        let row: D = match define(connection, &self.changes, (self.now, None))? {
            Ok(row) => row,
            Err(faults) => return Ok(Err(faults.into())),
        };
        let answer = self.answer(connection, &row)?;
        Ok(Ok(answer.with_status(201).at(format!("{}/{}", path(D::KIND), row.head().id))))
    }
}

impl<D: Changeable> Write<D> {
    /// An echo of what is stored changes nothing.
    fn change(&self, connection: &mut Connection, id: i64) -> QueryResult<Result<Answer, Error>> {
        let before = match found::<D>(connection, id, &self.conditions)? {
            Ok(row) => row,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let head = before.head();
        let mut after = match D::after(connection, Some(&before), &self.changes, head)? {
            Ok(row) => row,
            Err(faults) => return Ok(Err(faults.into())),
        };
        if after != before {
            let updated_at = head.updated_at.next(self.now);
            after = after.at(Head { version: head.version + 1, updated_at, ..head });
            after.update(connection)?;
        }
        self.answer(connection, &after).map(Ok)
    }
}
