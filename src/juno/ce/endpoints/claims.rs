//! `/api/v2/ce_records/<id>/claims`

use actix_web::HttpResponse;
use diesel::QueryResult;

use super::sent::Sent;
use super::{Asks, Write, document, duplicate, not_found, page, query, refused};
use serde_json::Value;

use crate::answer::Answer;
use crate::db::Connection;
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::query::Query;
use crate::jsonapi::request::{self, Expected};
use crate::juno::ce::Hours;
use crate::juno::ce::records::ClaimRow;
use crate::juno::ce::resources::{self, CLAIMS};
use crate::juno::listing;
use crate::people::request::client_id;
use crate::pipeline::JunoCall;
use crate::representation::Representation;
use crate::sync::idempotency::{self, Begun};

/// `GET`: all, in the order in which they were made, the void ones too.
///
/// # Errors
/// 404 for a record that the caller may not see, 400 for the query, 503.
pub async fn index(call: JunoCall, record: Id) -> Result<HttpResponse, Error> {
    let query = query(&call, CLAIMS, true)?;
    let asks = Asks::of(&call);
    let caller = asks.caller;
    let read = move |connection: &mut Connection| asks.read(connection, record);
    let stored = call.state.db.snapshot(read).await?.ok_or_else(|| not_found(record))?;
    let (total, rows) = page(stored.claims, &query);
    let data: Vec<Json> = rows.map(|row| resources::claim(&row, caller, &query.fields)).collect();
    let document = listing::document(total, data, None::<Vec<Value>>, (&query, call.path(), call.query()));
    Ok(Representation::timeless(document).answer_to(&call))
}

/// `POST`: claims the hours that are sent, or all that are earned, also where there is no body. That ends the record.
///
/// # Errors
/// 404; 400 and 409 as the rules say; 412; 503.
pub async fn create(call: JunoCall, record: Id) -> Result<HttpResponse, Error> {
    let document = call.optional_json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = query(&call, CLAIMS, false)?;
    let (id, asked) = document.map_or_else(|| Ok((Id::random(), None)), read)?;
    let write = Write::of(&call, record);
    once.write(&call, move |connection| write.claim(connection, id, asked, &query)).await
}

/// The id of a claim, and the hours that are named.
fn read(document: Json) -> Result<(Id, Option<Hours>), Error> {
    let mut resource = request::read(document, Expected { kind: CLAIMS, id_attributes: &[], untyped: &[] })?;
    let id = client_id(&mut resource)?;
    let mut sent = Sent::of(resource);
    let asked = sent.value("hours", Hours::read);
    Ok((id, sent.end(asked)?))
}

impl Write {
    fn claim(
        &self,
        connection: &mut Connection,
        id: Id,
        asked: Option<Hours>,
        query: &Query,
    ) -> QueryResult<Result<Answer, Error>> {
        let mut stored = match self.begin(connection)? {
            Ok(stored) => stored,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let claim = stored.record.claim_hours(id, asked, self.asks.caller, &stored.rules, self.now);
        let claim = match claim {
            Ok(claim) => claim,
            Err(refusal) => return Ok(Err(refused(&refusal, self.id))),
        };
        let row = ClaimRow::new(&stored.row, &claim, &self.asks.name);
        if !row.insert_if_free(connection)? {
            return Ok(Err(duplicate(id)));
        }
        stored.row.advance(connection, self.now)?;
        let body = document(resources::claim(&row, self.asks.caller, &query.fields), None, None);
        Ok(Ok(Answer { status: 201, body: body.into(), ..Answer::default() }))
    }
}
