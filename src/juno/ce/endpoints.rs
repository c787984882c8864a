//! `/api/v2/ce_programs`, `/api/v2/ce_records` and what is below them, `/api/v2/juno_users/<id>/ce_records`.
//!
//! Every write of a record locks it first and reads all of it then, so that what the rules decide on is what is changed,
//! and two writes of one record go one after the other. A program is not locked: a record is judged by the rules that it
//! had when the write read them.

pub mod activities;
pub mod certificates;
pub mod claims;
pub mod programs;
pub mod records;
mod sent;

use actix_web::HttpResponse;
use diesel::QueryResult;
use serde::Serialize;

use super::records::{MODEL, RecordRow, Stored, load, whose};
use super::{Caller, Refusal};
use crate::auth::caller::{Caller as Who, Calls as _};
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::guard::precondition::Conditions;
use crate::id::Id;
use crate::jsonapi::document::Document;
use crate::jsonapi::query::{Query, Schema};
use crate::jsonapi::request::{self, Expected, ResourceObject};
use crate::jsonapi::{Code, ErrorObject, Json, Pointer};
use crate::juno::listing;
use crate::juno::refusals::precondition_failed;
use crate::pipeline::JunoCall;
use crate::policy;
use crate::sync::idempotency::{self, Begun, Once};

/// Raised when the same record or program is rendered differently.
const RENDERER: u32 = 1;

/// Who asks, as far as records look at it. To a user, records of others are not there, and his own only while they are
/// shown to him.
#[derive(Clone, Debug)]
struct Asks {
    caller: Caller,
    /// The person and the user of JUNO that he is.
    own: Option<(Id, i64)>,
    /// What the access log calls him.
    name: String,
}

impl Asks {
    fn of(call: &JunoCall) -> Self {
        let caller = if policy::administers(&call.user) { Caller::Admin } else { Caller::User };
        let own = match &call.user {
            Who::User(user, Some(standing)) => Some((user.id, standing.id)),
            Who::User(_, None) | Who::Key(_) => None,
        };
        Self { caller, own, name: call.user.who().to_string() }
    }

    /// The person whose a record would be.
    fn person(&self, connection: &mut Connection, record: Id) -> QueryResult<Option<Id>> {
        match self.caller {
            Caller::Admin => whose(connection, record),
            Caller::User => Ok(self.own.map(|(person, _)| person)),
        }
    }

    /// What of a row he may see, with all that it is made of.
    fn seen(&self, connection: &mut Connection, row: Option<RecordRow>) -> QueryResult<Option<Stored>> {
        let is_own = |row: &RecordRow| self.own == Some((row.person_id, row.juno_user_id));
        let row = row.filter(|row| self.caller == Caller::Admin || is_own(row));
        let stored = load(connection, row.into_iter().collect())?.pop();
        Ok(stored.filter(|stored| stored.record.is_seen_by(self.caller)))
    }

    /// A record, to be read.
    fn read(&self, connection: &mut Connection, id: Id) -> QueryResult<Option<Stored>> {
        let Some(person) = self.person(connection, id)? else { return Ok(None) };
        let row = RecordRow::find(connection, person, id)?;
        self.seen(connection, row)
    }

    /// A record, to be changed: nobody else changes it before the end of the transaction.
    fn lock(&self, connection: &mut Connection, id: Id) -> QueryResult<Option<Stored>> {
        let Some(person) = self.person(connection, id)? else { return Ok(None) };
        let row = RecordRow::locked(connection, person, id)?;
        self.seen(connection, row)
    }
}

/// A write of a record, which is found by its id.
#[derive(Clone, Debug)]
struct Write {
    asks: Asks,
    id: Id,
    conditions: Conditions,
    now: Stamp,
}

impl Write {
    fn of(call: &JunoCall, id: Id) -> Self {
        let (conditions, now) = (call.conditions(), call.state.clock.now());
        Self { asks: Asks::of(call), id, conditions, now }
    }

    /// The record, locked, in a state that the conditions name.
    fn begin(&self, connection: &mut Connection) -> QueryResult<Result<Stored, Error>> {
        let Some(stored) = self.asks.lock(connection, self.id)? else { return Ok(Err(not_found(self.id))) };
        Ok(match self.conditions.broken(stored.row.version, stored.row.updated_at) {
            Some((header, _)) => Err(precondition_failed(header)),
            None => Ok(stored),
        })
    }
}

fn not_found(id: Id) -> Error {
    Error::record_not_found(MODEL, id)
}

/// What the rules refuse.
fn refused(refusal: &Refusal, record: Id) -> Error {
    refusal.error(&record.to_string()).into()
}

/// A write that is for those who administer the site: its document; or the answer that it was given before.
async fn begun(
    call: &JunoCall,
    expected: Expected,
) -> Result<Result<(ResourceObject, Once), HttpResponse>, Error> {
    policy::may_administer(&call.user)?;
    let document = call.json().await?;
    match idempotency::begin(call).await? {
        Begun::Answered(response) => Ok(Err(response)),
        Begun::Once(once) => Ok(Ok((request::read(document, expected)?, once))),
    }
}

/// The query of a resource that has no relationships to include.
fn query(call: &JunoCall, kind: &'static str, collection: bool) -> Result<Query, Error> {
    let schema = Schema { kind, collection, relationships: |_| &[], sort: &[], filters: &[], own: &[] };
    Ok(listing::query(call.query(), &schema, &[])?)
}

/// A page of what is read whole, and how much that is.
fn page<T>(rows: Vec<T>, query: &Query) -> (i64, impl Iterator<Item = T>) {
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    (total, rows.into_iter().skip(size(query.page.skipped())).take(size(query.page.size())))
}

/// The bytes of a document with one resource.
fn document(data: Json, included: Option<Vec<Json>>, meta: Option<Json>) -> Vec<u8> {
    bytes(&Document { data, included, meta })
}

fn bytes(document: &impl Serialize) -> Vec<u8> {
    // Strings, numbers and lists of them can always be written into memory.
    serde_json::to_vec(document).unwrap_or_default()
}

/// 409 for an id that another resource has, in the words of all others. Only ids that clients make can be so.
fn duplicate(id: Id) -> Error {
    let detail = format!("duplicate key value violates unique constraint: a row with the id {id} exists");
    let at = Pointer::root().member("data").member("id");
    ErrorObject::new(Code::Duplicate, detail).at(at).into()
}
