//! `/api/v2/juno_users/<id>/ce_records`, `/api/v2/ce_records/<id>` and its `/reopen`.

use actix_web::HttpResponse;
use diesel::QueryResult;
use serde::Serialize;

use super::sent::{Sent, linkage};
use super::{Asks, RENDERER, Write, begun, bytes, duplicate, not_found, page, refused};
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::document::Document;
use crate::jsonapi::query::{Query, Relationships, Schema};
use crate::jsonapi::request::{Expected, ResourceObject};
use crate::jsonapi::{Code, Fault, Json};
use crate::juno::ce::programs::{self, ProgramRow};
pub(crate) use crate::juno::ce::records::KIND;
use crate::juno::ce::records::{self, RecordRow, Stored};
use crate::juno::ce::{Hours, Status, Threshold, resources};
use crate::juno::listing;
use crate::juno::profile::{KIND as JUNO_USERS, MODEL as JUNO_USER, Profile};
use crate::juno::refusals::{self, read_only, unknown_related};
use crate::juno::resource::Resource;
use crate::juno::user::codec::document::resource;
use crate::juno::user::read;
use crate::juno::user::whom::{Door, Whom};
use crate::people::request::client_id;
use crate::pipeline::JunoCall;
use crate::policy;
use crate::representation::{Representation, Subject};
use crate::state::AppState;
use crate::sync::idempotency::{self, Begun};

const EXPECTED: Expected = Expected { kind: KIND, id_attributes: &[], untyped: &[] };

/// What lists can be filtered by.
pub(crate) const FILTERS: &[&str] = &["ce_status", "program"];

/// The attributes that follow from something else.
const DERIVED: [&str; 4] = ["ce_credits", "ce_threshold", "ce_earned_hours", "ce_claimed_hours"];

/// The relationships.
const PROGRAM: &str = "program";
const USER: &str = "user";

/// What may be included.
pub(crate) fn reachable(kind: &str) -> Relationships {
    if kind == KIND { &[(PROGRAM, programs::KIND), (USER, JUNO_USERS)] } else { &[] }
}

/// `GET …/juno_users/<id>/ce_records`: the oldest first. A user sees those that are not hidden from him.
///
/// # Errors
/// 404 for a user whom the caller may not see, 400 for the query, 503.
pub async fn index(call: JunoCall, juno_user: i64) -> Result<HttpResponse, Error> {
    let whom = Whom::at(&call.user, Door::Id(juno_user))?;
    let query = query(&call, true)?;
    let (asks, now) = (Asks::of(&call), call.state.clock.now());
    let (path, sent) = (call.path().to_owned(), call.query().to_owned());
    let read = move |connection: &mut Connection| {
        let Some(profile) = whom.profile(connection)? else { return Ok(None) };
        let mut stored = records::of_user(connection, profile.person_id, juno_user)?;
        stored.retain(|one| one.record.is_seen_by(asks.caller) && is_asked_for(one, &query, now));
        let (total, stored) = page(stored, &query);
        let stored: Vec<Stored> = stored.collect();
        let data = stored.iter().map(|one| resources::record(one, now, &query.fields)).collect();
        let included = included(connection, &stored, &query, now)?;
        Ok(Some(listing::document(total, data, included, (&query, &path, &sent))))
    };
    let document = call.state.db.snapshot(read).await?;
    let document = document.ok_or_else(|| refusals::not_found(JUNO_USER, juno_user))?;
    Ok(Representation::timeless(document).answer_to(&call))
}

/// `POST …/juno_users/<id>/ce_records`
///
/// # Errors
/// 403 for a user; 404 for a user of JUNO and a program that there are not; 400 and 409 as the rules say; 503.
pub async fn create(call: JunoCall, juno_user: i64) -> Result<HttpResponse, Error> {
    let (mut resource, once) = match begun(&call, EXPECTED).await? {
        Ok(begun) => begun,
        Err(answered) => return Ok(answered),
    };
    let (query, now) = (query(&call, false)?, call.state.clock.now());
    let id = client_id(&mut resource)?;
    let new = New::read(resource, juno_user)?;
    let state = call.state.clone();
    let make = move |connection: &mut Connection| {
        let row = match new.row(connection, (juno_user, id), now)? {
            Ok(row) => row,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if !row.insert_if_free(connection)? {
            return Ok(Err(duplicate(id)));
        }
        let Some(stored) = records::load(connection, vec![row])?.pop() else {
            return Ok(Err(not_found(id)));
        };
        let answer = represent(connection, &state, (&stored, &query, now))?.answer(now);
        Ok(Ok(answer.with_status(201).at(resources::url(KIND, id))))
    };
    once.write(&call, make).await
}

/// `GET …/ce_records/<id>`
///
/// # Errors
/// 404 for a record that the caller may not see, 400 for the query, 503.
pub async fn show(call: JunoCall, id: Id) -> Result<HttpResponse, Error> {
    let query = query(&call, false)?;
    let (asks, now) = (Asks::of(&call), call.state.clock.now());
    let state = call.state.clone();
    let read = move |connection: &mut Connection| {
        let Some(stored) = asks.read(connection, id)? else { return Ok(None) };
        represent(connection, &state, (&stored, &query, now)).map(Some)
    };
    let shown = call.state.db.snapshot(read).await?.ok_or_else(|| not_found(id))?;
    Ok(shown.answer_to(&call))
}

/// `PUT` and `PATCH …/ce_records/<id>`: publishes the record or hides it, and does nothing else.
///
/// # Errors
/// 403 for a user; 404; 412; 400, 403 and 409 as the rules say; 503.
pub async fn update(call: JunoCall, id: Id) -> Result<HttpResponse, Error> {
    let (resource, once) = match begun(&call, EXPECTED).await? {
        Ok(begun) => begun,
        Err(answered) => return Ok(answered),
    };
    let query = query(&call, false)?;
    Error::check_id(resource.id.as_deref(), id)?;
    let change = Change::read(resource)?;
    let (state, write) = (call.state.clone(), Write::of(&call, id));
    let work = move |connection: &mut Connection| {
        let mut stored = match write.begin(connection)? {
            Ok(stored) => stored,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = change.apply(connection, &mut stored, write.now)? {
            return Ok(Err(refusal));
        }
        Ok(Ok(represent(connection, &state, (&stored, &query, write.now))?.answer(write.now)))
    };
    once.write(&call, work).await
}

/// `POST …/ce_records/<id>/reopen`: makes the claim void. It is kept, with who did this and when.
///
/// # Errors
/// 403 for a user; 404; 409 where nothing is claimed; 412; 503.
pub async fn reopen(call: JunoCall, id: Id) -> Result<HttpResponse, Error> {
    policy::may_administer(&call.user)?;
    call.optional_json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = query(&call, false)?;
    let (state, write) = (call.state.clone(), Write::of(&call, id));
    let work = move |connection: &mut Connection| {
        let mut stored = match write.begin(connection)? {
            Ok(stored) => stored,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = stored.record.reopen(&stored.rules, write.now) {
            return Ok(Err(refused(&refusal, id)));
        }
        records::ClaimRow::annul(connection, &stored.row, &write.asks.name, write.now)?;
        stored.row.advance(connection, write.now)?;
        Ok(Ok(represent(connection, &state, (&stored, &query, write.now))?.answer(write.now)))
    };
    once.write(&call, work).await
}

fn query(call: &JunoCall, collection: bool) -> Result<Query, Error> {
    let filters = if collection { FILTERS } else { &[] };
    let schema = Schema { kind: KIND, collection, relationships: reachable, sort: &[], filters, own: &[] };
    let query = listing::query(call.query(), &schema, &[])?;
    let odd = listing::filters(&query).find(|(name, value)| *name == "ce_status" && status(value).is_none());
    if odd.is_none() {
        return Ok(query);
    }
    let detail = "The query parameter `filter[ce_status]` must be None, Open, Ready or Done.";
    Err(Fault::new(Code::InvalidParameter, detail).in_parameter("filter[ce_status]").into())
}

fn status(text: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|status| status.as_str() == text)
}

/// Whether all filters hold. Done here and not by the database, since the clock alone moves a status.
fn is_asked_for(stored: &Stored, query: &Query, now: Stamp) -> bool {
    listing::filters(query).all(|(name, value)| match name {
        "ce_status" => status(value) == Some(stored.status(now)),
        _ => Id::parse(value) == Some(stored.row.program_id),
    })
}

/// What comes along, in a number of statements that does not depend on that of the records, which are of one user.
fn included(
    connection: &mut Connection,
    shown: &[Stored],
    query: &Query,
    now: Stamp,
) -> QueryResult<Option<Vec<Included>>> {
    let Some(include) = &query.include else { return Ok(None) };
    let mut programs: Vec<&ProgramRow> = shown.iter().map(|stored| &stored.program).collect();
    programs.sort_by_key(|program| program.id);
    programs.dedup_by_key(|program| program.id);
    programs.retain(|_| include.get(PROGRAM).is_some());
    let programs = programs.into_iter().map(|program| resources::program(program, &query.fields));
    let mut included: Vec<Included> = programs.map(Included::Program).collect();
    if let Some(Stored { row, .. }) = shown.first().filter(|_| include.get(USER).is_some()) {
        // Records outlive a user who is deleted; then nobody comes along.
        let profile = Profile::of(connection, row.person_id)?.filter(|own| own.id == row.juno_user_id);
        let users = read::views(connection, profile.into_iter().collect(), now)?;
        let users = users.iter().map(|view| resource(view).restricted(&query.fields));
        included.extend(users.map(Included::User));
    }
    Ok(Some(included))
}

/// A resource that comes along.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Included {
    Program(Json),
    User(Resource),
}

fn represent(
    connection: &mut Connection,
    state: &AppState,
    (stored, query, now): (&Stored, &Query, Stamp),
) -> QueryResult<Representation> {
    let data = resources::record(stored, now, &query.fields);
    let included = included(connection, std::slice::from_ref(stored), query, now)?;
    let body = bytes(&Document { data, included, meta: None });
    let RecordRow { version, updated_at: stamp, .. } = stored.row;
    // The clock, the program and the user change the body without the version.
    Ok(Representation::new(state, Subject { version, stamp, renderer: RENDERER, plain: false }, body))
}

/// What a document says of a record that is to be made.
#[derive(Clone, Debug)]
struct New {
    is_published: bool,
    /// The program's id as it was sent, which may be none.
    program: String,
}

impl New {
    fn read(resource: ResourceObject, juno_user: i64) -> Result<Self, Vec<Fault>> {
        let mut sent = Sent::of(resource);
        let is_published = sent.attributes.flag("published").unwrap_or(false);
        for name in DERIVED.iter().chain(&["ce_status"]) {
            if sent.attributes.take(name).is_some() {
                sent.attributes.add(read_only(name));
            }
        }
        let program = sent.required_link("program", programs::KIND).unwrap_or_default();
        if sent.linkage("user").is_some_and(|data| !names(&data, &juno_user.to_string())) {
            sent.attributes.add(not_another("user"));
        }
        sent.end(Self { is_published, program })
    }

    /// The record, of a user who stays there and of whom nobody else makes another.
    fn row(
        &self,
        connection: &mut Connection,
        (juno_user, id): (i64, Id),
        now: Stamp,
    ) -> QueryResult<Result<RecordRow, Error>> {
        let profile = Profile::find(connection, juno_user)?;
        let Some(Profile { person_id, .. }) = profile else {
            return Ok(Err(refusals::not_found(JUNO_USER, juno_user)));
        };
        if !records::lock_user(connection, person_id, juno_user)? {
            return Ok(Err(refusals::not_found(JUNO_USER, juno_user)));
        }
        let program = Id::parse(&self.program).map(|id| ProgramRow::find(connection, id)).transpose()?;
        let Some(program) = program.flatten() else {
            let at = linkage("program").member("id");
            return Ok(Err(vec![unknown_related(programs::MODEL, &self.program, at)].into()));
        };
        let others = RecordRow::of(connection, person_id, juno_user)?;
        if others.iter().any(|other| other.program_id == program.id) {
            let detail = "The user has a record in this program.";
            return Ok(Err(Fault::new(Code::Duplicate, detail).at(linkage("program")).into()));
        }
        Ok(Ok(RecordRow {
            person_id,
            id,
            juno_user_id: juno_user,
            program_id: program.id,
            version: 1,
            hidden: !self.is_published,
            created_at: now,
            updated_at: now,
        }))
    }
}

/// What a document says of a record that is there.
#[derive(Clone, Debug)]
struct Change {
    status: Option<Status>,
    /// What can't be set, and may be sent back as it is shown.
    echoed: Vec<(&'static str, Json)>,
    linked: Vec<(&'static str, Json)>,
}

impl Change {
    fn read(resource: ResourceObject) -> Result<Self, Vec<Fault>> {
        let mut sent = Sent::of(resource);
        let status = sent.value("ce_status", Status::read);
        let echoed = DERIVED.into_iter().filter_map(|name| Some((name, sent.attributes.take(name)?)));
        let echoed = echoed.collect();
        let linked = ["user", "program"].into_iter().filter_map(|name| Some((name, sent.linkage(name)?)));
        let linked = linked.collect();
        sent.end(Self { status, echoed, linked })
    }

    fn apply(
        &self,
        connection: &mut Connection,
        stored: &mut Stored,
        now: Stamp,
    ) -> QueryResult<Result<(), Error>> {
        let faults = self.faults(stored);
        if !faults.is_empty() {
            return Ok(Err(faults.into()));
        }
        let Some(to) = self.status else { return Ok(Ok(())) };
        match stored.record.set_status(to, &stored.rules, now) {
            Err(refusal) => return Ok(Err(refused(&refusal, stored.row.id))),
            Ok(false) => {}
            Ok(true) => {
                stored.row.hidden = stored.record.is_hidden();
                stored.row.advance(connection, now)?;
            }
        }
        Ok(Ok(()))
    }

    fn faults(&self, Stored { row, rules, record, .. }: &Stored) -> Vec<Fault> {
        let is_shown = |(name, sent): &&(&'static str, Json)| match *name {
            "ce_credits" => Hours::read(sent) == Ok(record.credits(rules)),
            "ce_threshold" => Threshold::read(sent) == Ok(record.threshold(rules)),
            "ce_earned_hours" => Hours::read(sent) == Ok(record.earned(rules)),
            _ => Hours::read(sent) == Ok(record.claimed()),
        };
        let attributes = self.echoed.iter().filter(|one| !is_shown(one)).map(|(name, _)| read_only(name));
        let is_linked = |(name, sent): &&(&'static str, Json)| match *name {
            "user" => names(sent, &row.juno_user_id.to_string()),
            _ => names(sent, &row.program_id.to_string()),
        };
        let linked = self.linked.iter().filter(|one| !is_linked(one)).map(|(name, _)| not_another(name));
        attributes.chain(linked).collect()
    }
}

/// Whether linkage leads to the resource of an id.
fn names(data: &Json, id: &str) -> bool {
    data.get("id").and_then(Json::as_str).is_some_and(|sent| sent.eq_ignore_ascii_case(id))
}

fn not_another(name: &str) -> Fault {
    Fault::attribute(Code::ReadOnly, name, "can't be changed", linkage(name))
}
