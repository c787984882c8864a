//! `/api/v2/ce_records/<id>/activities`: what hours were earned by.

use actix_web::HttpResponse;
use diesel::QueryResult;

use super::sent::Sent;
use super::{Asks, Write, begun, document, duplicate, not_found, page, query};
use serde_json::Value;

use crate::answer::Answer;
use crate::db::Connection;
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::query::Query;
use crate::jsonapi::request::Expected;
use crate::juno::ce::records::{ActivityRow, Stored};
use crate::juno::ce::resources::{self, ACTIVITIES};
use crate::juno::ce::{Activity, Added, SomeHours, Source};
use crate::juno::listing;
use crate::people::request::client_id;
use crate::pipeline::JunoCall;
use crate::policy;
use crate::representation::Representation;
use crate::sync::idempotency::{self, Begun};

const EXPECTED: Expected = Expected { kind: ACTIVITIES, id_attributes: &["source_id"], untyped: &[] };

/// What messages call one of them.
const MODEL: &str = "CeActivity";

/// `GET`: all, in the order in which they were added.
///
/// # Errors
/// 404 for a record that the caller may not see, 400 for the query, 503.
pub async fn index(call: JunoCall, record: Id) -> Result<HttpResponse, Error> {
    let query = query(&call, ACTIVITIES, true)?;
    let asks = Asks::of(&call);
    let read = move |connection: &mut Connection| asks.read(connection, record);
    let stored = call.state.db.snapshot(read).await?.ok_or_else(|| not_found(record))?;
    let (total, rows) = page(stored.activities, &query);
    let data: Vec<Json> = rows.map(|row| resources::activity(&row, &query.fields)).collect();
    let document = listing::document(total, data, None::<Vec<Value>>, (&query, call.path(), call.query()));
    Ok(Representation::timeless(document).answer_to(&call))
}

/// `POST`: 201, or 200 where the source was counted before. Of two hours for one source the larger count.
///
/// # Errors
/// 403 for a user; 404; 400 and 409 as the rules say; 412; 503.
pub async fn create(call: JunoCall, record: Id) -> Result<HttpResponse, Error> {
    let (mut resource, once) = match begun(&call, EXPECTED).await? {
        Ok(begun) => begun,
        Err(answered) => return Ok(answered),
    };
    let query = query(&call, ACTIVITIES, false)?;
    let id = client_id(&mut resource)?;
    let mut sent = Sent::of(resource);
    let hours = sent.required("hours", SomeHours::read);
    let kind = sent.attributes.required_name("source_type");
    let source = sent.attributes.required_name("source_id");
    let (hours, kind, source) = sent.end((hours, kind, source))?;
    let source = Source { kind: kind.unwrap_or_default(), id: source.unwrap_or_default() };
    let activity = Activity { id, source, hours: hours.unwrap_or(SomeHours::LEAST) };
    let write = Write::of(&call, record);
    once.write(&call, move |connection| write.add(connection, &activity, &query)).await
}

/// `DELETE …/<id>`: a correction. A claim stays what it is.
///
/// # Errors
/// 403 for a user; 404; 412; 503.
pub async fn destroy(call: JunoCall, record: Id, activity: Id) -> Result<HttpResponse, Error> {
    policy::may_administer(&call.user)?;
    call.optional_json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    query(&call, ACTIVITIES, false)?;
    let write = Write::of(&call, record);
    once.write(&call, move |connection| write.remove(connection, activity)).await
}

impl Write {
    fn add(
        &self,
        connection: &mut Connection,
        activity: &Activity,
        query: &Query,
    ) -> QueryResult<Result<Answer, Error>> {
        let mut stored = match self.begin(connection)? {
            Ok(stored) => stored,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let added = stored.record.add(activity.clone());
        let is_its = |row: &&mut ActivityRow| {
            (&row.source_type, &row.source_id) == (&activity.source.kind, &activity.source.id)
        };
        let row = match stored.activities.iter_mut().find(is_its) {
            None => {
                let row = self.row(&stored, activity);
                if !row.insert_if_free(connection)? {
                    return Ok(Err(duplicate(activity.id)));
                }
                row
            }
            Some(row) if added == Added::Grown => {
                (row.hours, row.updated_at) =
                    (activity.hours.hours().hundredths(), row.updated_at.next(self.now));
                row.update(connection)?;
                row.clone()
            }
            Some(row) => row.clone(),
        };
        if added != Added::Unchanged {
            stored.row.advance(connection, self.now)?;
        }
        let uncounted = stored.record.uncounted(&stored.rules);
        let meta = uncounted.map(|hours| Json::Object(vec![("uncounted_hours".to_owned(), hours.into())]));
        let body = document(resources::activity(&row, &query.fields), None, meta);
        let status = if added == Added::New { 201 } else { 200 };
        Ok(Ok(Answer { status, body: body.into(), ..Answer::default() }))
    }

    fn row(&self, stored: &Stored, activity: &Activity) -> ActivityRow {
        ActivityRow {
            person_id: stored.row.person_id,
            id: activity.id,
            record_id: stored.row.id,
            added_in_version: stored.row.version + 1,
            source_type: activity.source.kind.clone(),
            source_id: activity.source.id.clone(),
            hours: activity.hours.hours().hundredths(),
            created_at: self.now,
            updated_at: self.now,
        }
    }

    fn remove(&self, connection: &mut Connection, activity: Id) -> QueryResult<Result<Answer, Error>> {
        let mut stored = match self.begin(connection)? {
            Ok(stored) => stored,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(row) = stored.activities.iter().find(|row| row.id == activity) else {
            return Ok(Err(Error::record_not_found(MODEL, activity)));
        };
        row.delete(connection)?;
        stored.row.advance(connection, self.now)?;
        Ok(Ok(Answer::no_content()))
    }
}
