//! `GET /api/v2/user/changes?since=<version>`: the exact pull (design 4). Versions name the states of a user, so clocks
//! have no part in it: not the server's, not a device's.

use actix_web::HttpResponse;
use diesel::QueryResult;
use diesel::result::Error as QueryError;
use serde::Serialize;

use super::deletions::{self, DeletedRecord, Deletion};
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::query::{Fieldsets, Query, Schema};
use crate::jsonapi::{Code, ErrorObject, Json};
use crate::people::kind::KINDS;
use crate::people::render::RowResource;
use crate::people::row::Row;
use crate::people::store as rows;
use crate::pipeline::Call;
use crate::policy;
use crate::users::face::Face;
use crate::users::person::Person;
use crate::users::render::UserResource;
use crate::users::store::{self, READ_TRIES, Status};

const SINCE: &str = "since";

/// What is known of the query string.
pub(crate) const SCHEMA: Schema = Schema {
    kind: "users",
    collection: false,
    relationships: |_| &[],
    sort: &[],
    filters: &[],
    own: &[SINCE],
};

/// What was written after the version that the client has: the user, rows, and deletions, all of one state; without a
/// version all that there is.
///
/// # Errors
/// 400 for the query, 410 for a version from which the way is no longer known, 503.
pub async fn index(call: Call) -> Result<HttpResponse, Error> {
    let query = Query::parse(call.query(), &SCHEMA)?;
    let since = match query.own(SINCE) {
        None => 0,
        Some(text) => version(text).ok_or_else(|| {
            let detail = "`since` must be the `meta.version` of an earlier answer.";
            ErrorObject::new(Code::InvalidParameter, detail).in_parameter(SINCE)
        })?,
    };
    let (id, horizon) = (call.user.id, deletions::horizon(&call.state));
    let read = call.state.db.snapshot(move |connection| read(connection, id, since, horizon)).await?;
    let changes = read.ok_or_else(Error::unauthorized)?;
    let person = &changes.person;
    policy::check_filter(&query, person)?;
    let restored =
        call.state.restored_version.filter(|restored| person.version >= *restored).unwrap_or_default();
    if since > person.version || (since > 0 && since < changes.first_known.max(restored)) {
        let meta = vec![
            ("version".to_owned(), Json::Number(person.version.to_string())),
            ("updated_in_db_at".to_owned(), person.stamp.to_string().into()),
        ];
        let detail = "What happened since this version is no longer known. Fetch all: leave out `since`.";
        let error = ErrorObject::new(Code::SyncHorizon, detail).in_parameter(SINCE);
        return Err(error.with_meta(Json::Object(meta)).into());
    }
    Ok(changes.answer(since, &query.fields).into_response())
}

/// A version as it was given: digits only. One that is beyond all versions is one that this database never had.
fn version(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(i64::MAX))
}

/// What is known of a user's changes, all of one state.
struct Changes {
    person: Person,
    rows: Vec<Row>,
    deletions: Vec<Deletion>,
    /// Where this is not all, the version up to which it is.
    up_to: Option<i64>,
    /// The first version from which the way is known.
    first_known: i64,
}

fn read(connection: &mut Connection, id: Id, since: i64, horizon: Stamp) -> QueryResult<Option<Changes>> {
    for _ in 0..READ_TRIES {
        let Some(person) = store::read(connection, id)? else { return Ok(None) };
        let mut changed = Vec::new();
        for kind in KINDS.iter().filter(|_| person.version > since) {
            let rows = rows::load(connection, kind, id)?;
            changed.extend(rows.into_iter().filter(|row| row.version > since));
        }
        // Who has nothing has nothing to delete.
        let (deletions, up_to) =
            if since > 0 { deletions::since(connection, id, since)? } else { (Vec::new(), None) };
        let first_known = deletions::first_known(connection, id, horizon)?;
        // Every write of a row moves the version, so the same version before and after is one state.
        if Status::read(connection, id)?.is_some_and(|status| status.version == person.version) {
            return Ok(Some(Changes { person, rows: changed, deletions, up_to, first_known }));
        }
    }
    Err(QueryError::RollbackTransaction)
}

impl Changes {
    fn answer(mut self, since: i64, fields: &Fieldsets) -> Answer {
        // What was written last may be behind the deletions that are told of.
        let up_to = self.up_to.filter(|version| *version < self.person.version);
        let version = up_to.unwrap_or(self.person.version);
        self.rows.retain(|row| row.version <= version);
        let mut data = Vec::new();
        if up_to.is_none() && self.person.version > since {
            data.push(Resource::User(UserResource { person: &self.person, face: Face::User, fields }));
        }
        data.extend(self.rows.iter().map(|row| Resource::Row(RowResource { row, fields })));
        let deletions = self.deletions.iter().map(|deletion| DeletedRecord { deletion, fields });
        data.extend(deletions.map(Resource::Deleted));
        // The stamp of a state of which there is more to come is no base for an edit.
        let stamp = up_to.is_none().then_some(self.person.stamp);
        let meta = Meta { version, updated_in_db_at: stamp, more: up_to.is_some() };
        Answer::document(&Document { data, meta })
    }
}

#[derive(Serialize)]
struct Document<'a> {
    data: Vec<Resource<'a>>,
    meta: Meta,
}

#[derive(Serialize)]
struct Meta {
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_in_db_at: Option<Stamp>,
    more: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Resource<'a> {
    User(UserResource<'a>),
    Row(RowResource<'a>),
    Deleted(DeletedRecord<'a>),
}
