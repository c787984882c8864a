//! The records in their table.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::sql_types::{BigInt, Binary, Integer, Text};

use super::KEPT;
use super::key::Key;
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::schema::idempotency_keys as keys;
use crate::db::{Backend, Connection, SqlStamp, SqlUuid};
use crate::id::Id;

/// How many records one statement sweeps away, so that writers wait for it for milliseconds only.
const SWEPT_AT_ONCE: i64 = 1000;

/// The status of a record whose write is still at work. Only its own transaction ever sees it.
const AT_WORK: i32 = 0;

/// What was answered to a request.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) fingerprint: [u8; 32],
    pub(super) answer: Answer,
}

/// A row of the table, but for its key.
type Row = (Vec<u8>, i32, Option<String>, Option<String>, Option<String>, Option<String>, Vec<u8>);

/// The record of a key that is not too old to count.
pub(super) fn find(
    connection: &mut Connection,
    caller: Id,
    key: &str,
    now: Stamp,
) -> QueryResult<Option<Record>> {
    let row = keys::table
        .find((caller, key))
        .filter(keys::created_at.ge(oldest(now)))
        .select((
            keys::fingerprint,
            keys::status,
            keys::etag,
            keys::location,
            keys::last_modified,
            keys::content_type,
            keys::body,
        ))
        .get_result::<Row>(connection)
        .optional()?;
    let record = row.map(|(fingerprint, status, etag, location, last_modified, content_type, body)| {
        let status = u16::try_from(status).ok()?;
        let answer = Answer { status, etag, location, last_modified, content_type, body: body.into() };
        Some(Record { fingerprint: fingerprint.try_into().ok()?, answer })
    });
    let unreadable = || Error::DeserializationError("an idempotency record".into());
    record.map(|record| record.ok_or_else(unreadable)).transpose()
}

/// Takes the key for this transaction; false where there is a record of it. Waits for a rival that has taken it and
/// has not ended yet.
pub(super) fn reserve(connection: &mut Connection, caller: Id, key: &Key, now: Stamp) -> QueryResult<bool> {
    let old = keys::table.find((caller, key.text.as_str())).filter(keys::created_at.lt(oldest(now)));
    diesel::delete(old).execute(connection)?;
    Reserve { caller, key: key.clone(), now }.execute(connection).map(|rows| rows == 1)
}

/// Writes down what is answered.
pub(super) fn complete(
    connection: &mut Connection,
    caller: Id,
    key: &str,
    answer: &Answer,
) -> QueryResult<()> {
    let values = (
        keys::status.eq(i32::from(answer.status)),
        keys::etag.eq(&answer.etag),
        keys::location.eq(&answer.location),
        keys::last_modified.eq(&answer.last_modified),
        keys::content_type.eq(&answer.content_type),
        keys::body.eq(answer.body.as_ref()),
    );
    diesel::update(keys::table.find((caller, key))).set(values).execute(connection).map(drop)
}

/// Gives the key back: nothing was done that would have to be remembered.
pub(super) fn forget(connection: &mut Connection, caller: Id, key: &str) -> QueryResult<()> {
    diesel::delete(keys::table.find((caller, key))).execute(connection).map(drop)
}

/// Deletes a number of records that are too old to count; whether there may be more.
///
/// # Errors
/// The statement's.
pub fn sweep(connection: &mut Connection, now: Stamp) -> QueryResult<bool> {
    let swept = Sweep { before: oldest(now), limit: SWEPT_AT_ONCE }.execute(connection)?;
    Ok(i64::try_from(swept).is_ok_and(|swept| swept == SWEPT_AT_ONCE))
}

fn oldest(now: Stamp) -> Stamp {
    let kept = i64::try_from(KEPT.as_secs()).unwrap_or(i64::MAX);
    Stamp::from_seconds(now.seconds().saturating_sub(kept)).unwrap_or(now)
}

/// `ON CONFLICT` is beyond the builder where there are two backends.
#[derive(Debug, QueryId)]
struct Reserve {
    caller: Id,
    key: Key,
    now: Stamp,
}

impl QueryFragment<Backend> for Reserve {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO idempotency_keys (caller_id, key, fingerprint, created_at, status, body) VALUES (",
        );
        out.push_bind_param::<SqlUuid, Id>(&self.caller)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, String>(&self.key.text)?;
        out.push_sql(", ");
        out.push_bind_param::<Binary, [u8]>(&self.key.fingerprint)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlStamp, Stamp>(&self.now)?;
        out.push_sql(", ");
        out.push_bind_param::<Integer, i32>(&AT_WORK)?;
        out.push_sql(", ");
        out.push_bind_param::<Binary, [u8]>(&[])?;
        out.push_sql(") ON CONFLICT (caller_id, key) DO NOTHING");
        Ok(())
    }
}

impl RunQueryDsl<Connection> for Reserve {}

/// A bounded delete, which the builder can't say for a key of two columns.
#[derive(Debug, QueryId)]
struct Sweep {
    before: Stamp,
    limit: i64,
}

impl QueryFragment<Backend> for Sweep {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(
            "DELETE FROM idempotency_keys WHERE (caller_id, key) IN \
             (SELECT caller_id, key FROM idempotency_keys WHERE created_at < ",
        );
        out.push_bind_param::<SqlStamp, Stamp>(&self.before)?;
        out.push_sql(" ORDER BY created_at LIMIT ");
        out.push_bind_param::<BigInt, i64>(&self.limit)?;
        out.push_sql(")");
        Ok(())
    }
}

impl RunQueryDsl<Connection> for Sweep {}
