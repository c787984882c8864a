//! `POST /api/v2/operations`: atomic operations (K126-K138) on the user and his rows. All of them happen or none, in one
//! transaction, and together they make one new state: one version, one stamp.

mod queue;
mod read;

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use diesel::QueryResult;
use diesel::result::Error as QueryError;
use serde::Serialize;

use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::guard::precondition::Conditions;
use crate::id::Id;
use crate::jsonapi::atomic::{self, Results};
use crate::jsonapi::document::meta;
use crate::jsonapi::query::{Fieldsets, Query};
use crate::jsonapi::{Code, ErrorObject, Json, Pointer};
use crate::people::render::RowResource;
use crate::people::row::Row;
use crate::people::store as rows;
use crate::pipeline::OperationsCall;
use crate::policy;
use crate::sync::idempotency::{self, Begun};
use crate::users::attributes::{ATTRIBUTES, Kind};
use crate::users::face::Face;
use crate::users::person::Person;
use crate::users::relationships::SCHEMA;
use crate::users::render::UserResource;
use crate::users::show::{notes, step_of};
use crate::users::store::{self, Wanted};
use queue::{Next, Outcome, Queue, Subject};
use read::{Reader, Work};

/// Rows and contacts that the operations of a request may name: a database takes some ten thousand values at a time.
const NAMED_LIMIT: usize = 10_000;

/// Does the operations of a request, in their order.
///
/// # Errors
/// 400 for what is no operation; the error of the first operation that is refused, at the place of that operation; 412
/// where the user is not in a state that `If-Match` names; 503.
pub async fn run(OperationsCall(call): OperationsCall) -> Result<HttpResponse, Error> {
    let document = call.json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = Query::parse(call.query(), &SCHEMA)?;
    if let Some(kind) = query.fields.kinds().next() {
        let detail = "The results of operations are always whole.";
        return Err(ErrorObject::new(Code::InvalidParameter, detail)
            .in_parameter(format!("fields[{kind}]"))
            .into());
    }
    let (now, conditions) = (call.state.clock.now(), call.conditions());
    let mut reader = Reader::new(call.user.id, &conditions, now);
    let (mut steps, mut named) = (Vec::new(), 0);
    for operation in atomic::read(&document)? {
        let at = operation.at.clone();
        let work = reader.read(operation).map_err(|error| error.within(&at, &document))?;
        named += work.names();
        if named > NAMED_LIMIT {
            let detail = format!("The operations of a request can name {NAMED_LIMIT} rows and contacts.");
            return Err(ErrorObject::new(Code::TooLong, detail).at(at).into());
        }
        steps.push(Step { at, work });
    }
    let write = Write { id: call.user.id, document, query, conditions, steps, now };
    once.write(&call, move |connection| write.answer(connection)).await
}

/// An operation, with the place where it was sent.
struct Step {
    at: Pointer,
    work: Work,
}

/// All that the operations need to be done and answered in one transaction.
struct Write {
    id: Id,
    /// As it was sent: what pointers lead into.
    document: Json,
    query: Query,
    conditions: Conditions,
    steps: Vec<Step>,
    now: Stamp,
}

impl Write {
    fn answer(&self, connection: &mut Connection) -> QueryResult<Result<Answer, Error>> {
        store::lock(connection, self.id)?;
        for _ in 0..store::READ_TRIES {
            if let Some(answer) = self.attempt(connection)? {
                return Ok(answer);
            }
        }
        Err(QueryError::RollbackTransaction)
    }

    /// Decides on what is stored and writes it; nothing where another user has meanwhile got a value that must be unique,
    /// of which the next attempt knows.
    fn attempt(&self, connection: &mut Connection) -> QueryResult<Option<Result<Answer, Error>>> {
        let Some(stored) = store::read_with(connection, self.id, &self.wanted())? else {
            return Ok(Some(Err(Error::unauthorized())));
        };
        let (after, outcomes) = match self.decide(&stored) {
            Ok(decided) => decided,
            Err(refusal) => return Ok(Some(Err(refusal))),
        };
        let Some(Next { person: after, vanished }) = after else {
            return Ok(Some(Ok(answer(&stored, &stored, &outcomes))));
        };
        if !store::compare_and_set(connection, &stored, &after)? {
            return Ok(None);
        }
        for (kind, id) in vanished {
            rows::bury(connection, after.id, (kind, id), (after.version, after.stamp))?;
        }
        Ok(Some(Ok(answer(&stored, &after, &outcomes))))
    }

    /// What decisions on all the operations may need to know.
    fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        for step in &self.steps {
            step.work.add_to(&mut wanted);
        }
        wanted.rows_since = wanted.rows_since.into_iter().chain(self.conditions.base()).min();
        wanted
    }

    /// What the operations make of the person, if they change him, and what became of each.
    fn decide(&self, stored: &Person) -> Result<(Option<Next>, Vec<Outcome>), Error> {
        policy::check_filter(&self.query, stored)?;
        let mut queue = Queue::new(stored, self.now);
        if let Some((header, condition)) = self.conditions.broken(stored.version, stored.stamp) {
            self.steps.iter().for_each(|step| queue.suppose(&step.work));
            return Err(queue.conflict(condition).precondition_failed(header).into());
        }
        let mut outcomes = Vec::new();
        for Step { at, work } in &self.steps {
            outcomes.push(queue.take(work).map_err(|refusal| refusal.within(at, &self.document))?);
        }
        Ok((queue.finish(), outcomes))
    }
}

/// A result.
#[derive(Serialize)]
struct ResultObject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Resource<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Json>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Resource<'a> {
    User(UserResource<'a>),
    Row(RowResource<'a>),
}

/// The answer: every resource as all the operations leave it, since no state between them ever is one. A user can be
/// large, so of several results that are him only the last has his preferences and relationships.
fn answer(stored: &Person, after: &Person, outcomes: &[Outcome]) -> Answer {
    let few = ATTRIBUTES.iter().filter(|attribute| attribute.kind != Kind::Preferences);
    let few = few.map(|attribute| attribute.name);
    let (all, attributes) = (Fieldsets::default(), Fieldsets::only(Face::User.kind(), few));
    let last = outcomes.iter().rposition(|outcome| matches!(outcome.subject, Subject::User));
    let rows: BTreeMap<(&str, Id), &Row> =
        after.context.rows.values().flatten().map(|row| ((row.kind.name, row.id), row)).collect();
    let row = |row| RowResource { row, fields: &all };
    let results = outcomes.iter().enumerate().map(|(i, outcome)| {
        let data = match &outcome.subject {
            Subject::User => {
                let fields = if last == Some(i) { &all } else { &attributes };
                Some(Resource::User(UserResource { person: after, face: Face::User, fields }))
            }
            // What a later operation deletes is told as this one left it.
            Subject::Row(own) => {
                Some(Resource::Row(row(rows.get(&(own.kind.name, own.id)).copied().unwrap_or(own))))
            }
            Subject::Nothing => None,
        };
        ResultObject { data, meta: meta(notes(&outcome.ignored, outcome.merged.as_deref())) }
    });
    let document = Results { results: results.collect(), meta: meta(vec![step_of(after, stored.stamp)]) };
    Answer::document(&document).typed(atomic::ANSWER)
}
