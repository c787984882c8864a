//! `/api/v2/ce_programs` and `/api/v2/ce_programs/<id>`: read by whoever calls, changed by those who administer the site.

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel::QueryResult;

use super::sent::Sent;
use super::{RENDERER, begun, document, duplicate};
use serde_json::Value;

use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::guard::precondition::Conditions;
use crate::id::Id;
use crate::jsonapi::json::Members;
use crate::jsonapi::query::{Query, Schema};
use crate::jsonapi::request::{Expected, ResourceObject};
use crate::jsonapi::{Fault, Json, Pointer};
use crate::juno::ce::programs::{FILTERS, KIND, MODEL, ProgramRow, SORT};
use crate::juno::ce::{Hours, Program, SomeHours, Threshold, Window, resources};
use crate::juno::listing;
use crate::juno::refusals::precondition_failed;
use crate::people::request::client_id;
use crate::pipeline::JunoCall;
use crate::representation::{Representation, Subject};
use crate::state::AppState;

const EXPECTED: Expected = Expected { kind: KIND, id_attributes: &[], untyped: &[] };

/// `GET` of all, the oldest first unless asked otherwise.
///
/// # Errors
/// 400 for the query, 503.
pub async fn index(call: JunoCall) -> Result<HttpResponse, Error> {
    let query = query(&call, true)?;
    let wanted = query.clone();
    let read = move |connection: &mut Connection| ProgramRow::page(connection, &wanted);
    let (total, rows) = call.state.db.snapshot(read).await?;
    let data: Vec<Json> = rows.iter().map(|row| resources::program(row, &query.fields)).collect();
    let document = listing::document(total, data, None::<Vec<Value>>, (&query, call.path(), call.query()));
    Ok(Representation::timeless(document).answer_to(&call))
}

/// `GET` of one.
///
/// # Errors
/// 404, and as [`index`].
pub async fn show(call: JunoCall, id: Id) -> Result<HttpResponse, Error> {
    let query = query(&call, false)?;
    let found = call.state.db.read(move |connection| ProgramRow::find(connection, id)).await?;
    let row = found.ok_or_else(|| Error::record_not_found(MODEL, id))?;
    Ok(represent(&call.state, &row, &query).answer_to(&call))
}

/// `POST`
///
/// # Errors
/// 403 for a user; 400 and 409 as the rules say; 503.
pub async fn create(call: JunoCall) -> Result<HttpResponse, Error> {
    let (mut resource, once) = match begun(&call, EXPECTED).await? {
        Ok(begun) => begun,
        Err(answered) => return Ok(answered),
    };
    let (query, now) = (query(&call, false)?, call.state.clock.now());
    let id = client_id(&mut resource)?;
    let changes = read(resource, true, now)?;
    let state = call.state.clone();
    let make = move |connection: &mut Connection| {
        let row = match changes.made(id, now) {
            Ok(row) => row,
            Err(faults) => return Ok(Err(faults.into())),
        };
        if !row.insert_if_free(connection)? {
            return Ok(Err(duplicate(id)));
        }
        let answer = represent(&state, &row, &query).answer(now);
        Ok(Ok(answer.with_status(201).at(resources::url(KIND, id))))
    };
    once.write(&call, make).await
}

/// `PUT` and `PATCH`
///
/// # Errors
/// 403 for a user; 404; 412; 400 and 409 as the rules say; 503.
pub async fn update(call: JunoCall, id: Id) -> Result<HttpResponse, Error> {
    let (resource, once) = match begun(&call, EXPECTED).await? {
        Ok(begun) => begun,
        Err(answered) => return Ok(answered),
    };
    let (query, now) = (query(&call, false)?, call.state.clock.now());
    Error::check_id(resource.id.as_deref(), id)?;
    let changes = read(resource, false, now)?;
    let write = Write { state: call.state.clone(), conditions: call.conditions(), changes, query, now };
    once.write(&call, move |connection| write.change(connection, id)).await
}

fn query(call: &JunoCall, collection: bool) -> Result<Query, Error> {
    let (sort, filters): (&[_], &[_]) = if collection { (SORT, FILTERS) } else { (&[], &[]) };
    let schema = Schema { kind: KIND, collection, relationships: |_| &[], sort, filters, own: &[] };
    Ok(listing::query(call.query(), &schema, &[])?)
}

fn represent(state: &AppState, row: &ProgramRow, query: &Query) -> Representation {
    let body = document(resources::program(row, &query.fields), None, None);
    let plain = query.fields.is_empty();
    let subject = Subject { version: row.version, stamp: row.updated_at, renderer: RENDERER, plain };
    Representation::new(state, subject, body)
}

/// What a document says of a program. Everything here was checked by itself.
#[derive(Clone, Debug)]
struct Changes {
    name: Option<String>,
    credits: Option<Hours>,
    threshold: Option<Threshold>,
    opens_at: Option<Option<Stamp>>,
    closes_at: Option<Option<Stamp>>,
    partial_claims: Option<bool>,
    hour_step: Option<SomeHours>,
}

fn read(resource: ResourceObject, is_new: bool, now: Stamp) -> Result<Changes, Vec<Fault>> {
    let mut sent = Sent::of(resource);
    let (name, credits, threshold) = if is_new {
        let name = sent.attributes.required_name("name");
        (name, sent.required("ce_credits", Hours::read), sent.required("ce_threshold", Threshold::read))
    } else {
        let name = sent.attributes.name("name");
        (name, sent.value("ce_credits", Hours::read), sent.value("ce_threshold", Threshold::read))
    };
    let changes = Changes {
        name,
        credits,
        threshold,
        opens_at: sent.time("claim_opens_at", now),
        closes_at: sent.time("claim_closes_at", now),
        partial_claims: sent.attributes.flag("partial_claims"),
        hour_step: sent.value("hour_step", SomeHours::read),
    };
    sent.end(changes)
}

/// The program that attributes make, as those of a POST do.
///
/// # Errors
/// All that is wrong with them.
pub(crate) fn new_program(attributes: Members, id: Id, now: Stamp) -> Result<ProgramRow, Vec<Fault>> {
    let resource = ResourceObject { attributes: Some(attributes), ..ResourceObject::default() };
    read(resource, true, now)?.made(id, now)
}

impl Changes {
    /// The program that they make of nothing.
    fn made(&self, id: Id, now: Stamp) -> Result<ProgramRow, Vec<Fault>> {
        let rules = Program {
            credits: self.credits.unwrap_or_default(),
            threshold: self.threshold.unwrap_or_default(),
            window: Window::default(),
            partial_claims: false,
            hour_step: SomeHours::LEAST,
        };
        Ok(ProgramRow::new(id, self.name.as_deref().unwrap_or_default(), &self.rules(&rules)?, now))
    }

    /// The rules that they make of others.
    fn rules(&self, before: &Program) -> Result<Program, Vec<Fault>> {
        let opens_at = self.opens_at.unwrap_or(before.window.opens_at());
        let closes_at = self.closes_at.unwrap_or(before.window.closes_at());
        let window = Window::new(opens_at, closes_at).map_err(|message| {
            // Whichever was sent; where neither was, the window is the one before.
            let sent = if self.closes_at.is_some() { "claim_closes_at" } else { "claim_opens_at" };
            let at = Pointer::attributes().member(sent);
            vec![Fault::attribute(message.code, "claim_closes_at", message.text, at)]
        })?;
        Ok(Program {
            credits: self.credits.unwrap_or(before.credits),
            threshold: self.threshold.unwrap_or(before.threshold),
            window,
            partial_claims: self.partial_claims.unwrap_or(before.partial_claims),
            hour_step: self.hour_step.unwrap_or(before.hour_step),
        })
    }
}

/// A change with all that it needs, so that it can be done and answered in one transaction.
struct Write {
    state: Data<AppState>,
    conditions: Conditions,
    changes: Changes,
    query: Query,
    now: Stamp,
}

impl Write {
    /// An echo of what is stored changes nothing.
    fn change(&self, connection: &mut Connection, id: Id) -> QueryResult<Result<Answer, Error>> {
        let Some(before) = ProgramRow::locked(connection, id)? else {
            return Ok(Err(Error::record_not_found(MODEL, id)));
        };
        if let Some((header, _)) = self.conditions.broken(before.version, before.updated_at) {
            return Ok(Err(precondition_failed(header)));
        }
        let rules = match self.changes.rules(&before.rules()?) {
            Ok(rules) => rules,
            Err(faults) => return Ok(Err(faults.into())),
        };
        let name = self.changes.name.as_deref().unwrap_or(&before.name);
        let after = before.changed(name, &rules, self.now);
        if after != before {
            after.update(connection)?;
        }
        Ok(Ok(represent(&self.state, &after, &self.query).answer(self.now)))
    }
}
