//! What belongs to a user of JUNO, by itself: `…/relationships/tags` and `…/dimension_values`.

use actix_web::HttpResponse;
use diesel::QueryResult;
use serde::Serialize;

use super::changes::SentValue;
use super::codec::document::{TAGS, VALUES, linked_tag, sent_tags};
use super::codec::value_id;
use super::field::{FIELDS, Field, Value};
use super::included::DIMENSION;
use super::read;
use super::source::all_dimensions;
use super::task::Task;
use super::values;
use super::view::View;
use super::whom::{Door, Whom};
use super::write::TagChange;
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::jsonapi::atomic::Op;
use crate::jsonapi::document::Document;
use crate::jsonapi::query::{Query, Relationships, Schema};
use crate::jsonapi::request::{self, Expected};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::juno::attributes::Attributes;
use crate::juno::definition::Definition as _;
use crate::juno::dimensions::Dimension;
use crate::juno::listing;
use crate::juno::profile::{KIND, MODEL};
use crate::juno::refusals::{self, not_found};
use crate::juno::resource::{Resource, identifier, object, path};
use crate::pipeline::JunoCall;
use crate::representation::{Representation, Subject};
use crate::state::AppState;
use crate::sync::idempotency::{self, Begun};

/// Raised when the same is rendered differently.
const RENDERER: u32 = 1;

const DIMENSIONS: &str = Dimension::KIND;

/// What messages call a value of a dimension.
const VALUE: &str = "DimensionValue";

/// `GET …/relationships/tags`
///
/// # Errors
/// 404; 400 for the query, 503.
pub async fn show_tags(call: JunoCall, door: Door) -> Result<HttpResponse, Error> {
    let whom = Whom::at(&call.user, door)?;
    query(&call, TAGS, false)?;
    let view = view_of(&call, whom).await?;
    Ok(represented(&call.state, &view, &Linkage::of(&view)).answer_to(&call))
}

/// `POST`, `PATCH` and `DELETE …/relationships/tags`: 200 with the linkage as it is then.
///
/// # Errors
/// 404; 400, 403, 412 as the rules say; 503.
pub async fn change_tags(call: JunoCall, door: Door, op: Op) -> Result<HttpResponse, Error> {
    let whom = Whom::at(&call.user, door)?;
    let body = call.json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    query(&call, TAGS, false)?;
    let root = Pointer::root();
    let data = body.get("data").cloned().ok_or_else(|| {
        Fault::new(Code::InvalidDocument, "The body must be an object with `data`.").at(root.clone())
    })?;
    let tags = sent_tags(data, &root.member("data"))?;
    let change = match op {
        Op::Add => TagChange::Add(tags),
        Op::Update => TagChange::Replace(tags),
        Op::Remove => TagChange::Remove(tags),
    };
    let change = move |connection: &mut Connection, task: &Task| {
        Ok(task.write().change_tags(connection, whom, &change)?.map(|view| {
            let shown = represented(&task.state, &view, &Linkage::of(&view));
            (shown.answer(task.now), view.person())
        }))
    };
    Task::of(&call, Some(whom.id)).run(&call, once, change).await
}

/// The linkage of tags as primary data.
#[derive(Serialize)]
struct Linkage {
    links: Json,
    data: Json,
}

impl Linkage {
    fn of(view: &View) -> Self {
        let own = format!("{}/{}/relationships/{TAGS}", path(KIND), view.profile.id);
        Self { links: object([("self", own.into())]), data: view.tags.iter().map(linked_tag).collect() }
    }
}

/// `GET …/dimension_values`: all that are not null, those of the system as well.
///
/// # Errors
/// 404; 400 for the query, 503.
pub async fn values(call: JunoCall, door: Door) -> Result<HttpResponse, Error> {
    let whom = Whom::at(&call.user, door)?;
    let query = query(&call, VALUES, true)?;
    let wanted = query.clone();
    let now = call.state.clock.now();
    let read = move |connection: &mut Connection| {
        let Some(profile) = whom.profile(connection)? else { return Ok(None) };
        let view = read::view(connection, profile, now)?;
        let mut all = values_of(&view);
        all.sort_by_key(|(dimension, _)| *dimension);
        let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let (skipped, taken) = listing::bounds(&wanted);
        let count = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
        let page: Vec<_> = all.into_iter().skip(count(skipped)).take(count(taken)).collect();
        let ids: Vec<i64> = page.iter().map(|(dimension, _)| *dimension).collect();
        let included = included(connection, &wanted, &ids)?;
        let resource = |(dimension, value): (i64, String)| value_resource(whom.id, dimension, &value);
        Ok(Some((total, page.into_iter().map(resource).collect::<Vec<_>>(), included)))
    };
    let read = call.state.db.snapshot(read).await?;
    let (total, data, included) = read.ok_or_else(|| not_found(MODEL, whom.id))?;
    let data = restricted(data, &query);
    let document = listing::document(total, data, included, (&query, call.path(), call.query()));
    Ok(Representation::timeless(document).answer_to(&call))
}

/// `GET …/dimension_values/<id>`
///
/// # Errors
/// 404, also where the value is null; 400 for the query, 503.
pub async fn value(call: JunoCall, door: Door, dimension: i64) -> Result<HttpResponse, Error> {
    let whom = Whom::at(&call.user, door)?;
    let query = query(&call, VALUES, false)?;
    let (state, now) = (call.state.clone(), call.state.clock.now());
    let read = move |connection: &mut Connection| {
        let Some(profile) = whom.profile(connection)? else { return Ok(None) };
        let view = read::view(connection, profile, now)?;
        let document = value_document(connection, &view, dimension, &query)?;
        Ok(document.map(|document| represented(&state, &view, &document)))
    };
    let shown = call.state.db.snapshot(read).await?;
    let shown = shown.ok_or_else(|| not_found(VALUE, value_id(whom.id, dimension)))?;
    Ok(shown.answer_to(&call))
}

/// `PUT …/dimension_values/<id>`: 200 with the value, 204 where null or a blank one took it away.
///
/// # Errors
/// 404; 400, 403, 409, 412 as the rules say; 503.
pub async fn put_value(call: JunoCall, door: Door, dimension: i64) -> Result<HttpResponse, Error> {
    let whom = Whom::at(&call.user, door)?;
    let body = call.json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = query(&call, VALUES, false)?;
    let sent = sent_value(body, whom, dimension)?;
    let put = move |connection: &mut Connection, task: &Task| {
        if let Some(refusal) = unknown(connection, dimension)? {
            return Ok(Err(refusal));
        }
        let view = match task.write().change_values(connection, whom, std::slice::from_ref(&sent))? {
            Ok(view) => view,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let answer = match value_document(connection, &view, dimension, &query)? {
            Some(document) => represented(&task.state, &view, &document).answer(task.now),
            None => Answer::no_content(),
        };
        Ok(Ok((answer, view.person())))
    };
    Task::of(&call, Some(whom.id)).run(&call, once, put).await
}

/// `DELETE …/dimension_values/<id>`: 204, also where there is no value.
///
/// # Errors
/// 404; 403, 409, 412 as the rules say; 503.
pub async fn delete_value(call: JunoCall, door: Door, dimension: i64) -> Result<HttpResponse, Error> {
    let whom = Whom::at(&call.user, door)?;
    call.optional_json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    query(&call, VALUES, false)?;
    let gone = SentValue { id: Some(dimension), name: None, value: None, at: Pointer::root() };
    let delete = move |connection: &mut Connection, task: &Task| {
        if let Some(refusal) = unknown(connection, dimension)? {
            return Ok(Err(refusal));
        }
        let written = task.write().change_values(connection, whom, std::slice::from_ref(&gone))?;
        let written = written.map_err(Error::without_pointers);
        Ok(written.map(|view| (Answer::no_content(), view.person())))
    };
    Task::of(&call, Some(whom.id)).run(&call, once, delete).await
}

/// 404 for a dimension that there is not.
fn unknown(connection: &mut Connection, dimension: i64) -> QueryResult<Option<Error>> {
    let found = Dimension::find(connection, dimension)?;
    Ok(found.is_none().then(|| not_found(Dimension::MODEL, dimension)))
}

/// The value that a document says a dimension has.
fn sent_value(body: Json, whom: Whom, dimension: i64) -> Result<SentValue, Error> {
    let resource = request::read(body, Expected { kind: VALUES, id_attributes: &[], untyped: &[] })?;
    refusals::check_id(resource.id.as_deref(), value_id(whom.id, dimension), refusals::data_id())?;
    let relationships = resource.relationships.map(|mut sent| {
        sent.retain(|(name, to)| name != DIMENSION || !names(to, dimension));
        sent
    });
    let mut sent = Attributes::of(resource.attributes);
    let takes = Field::of_dimension(dimension).map(|field| field.takes);
    let value = match sent.take("value") {
        None => {
            sent.miss("value");
            None
        }
        Some(value) => values::of_dimension(takes, &value).unwrap_or_else(|message| {
            sent.add(Fault::attribute(message.code, "value", message.text, sent.at("value")));
            None
        }),
    };
    let value = SentValue { id: Some(dimension), name: None, value, at: Pointer::attributes() };
    Ok(sent.end(relationships.as_ref(), value)?)
}

/// Whether a relationship leads to a dimension, as the one that is shown does.
fn names(relationship: &Json, dimension: i64) -> bool {
    let data = relationship.get("data");
    data == Some(&identifier(DIMENSIONS, dimension.to_string()))
}

/// A value of a dimension of a user.
pub(super) fn value_resource(user: i64, dimension: i64, value: &str) -> Resource {
    let link = format!("{}/{user}/{VALUES}/{dimension}", path(KIND));
    Resource::at(link, VALUES, value_id(user, dimension), vec![("value", value.into())])
        .related(DIMENSION, identifier(DIMENSIONS, dimension.to_string()))
}

/// The values that a user is shown with, those of the system as well, each beside its dimension.
fn values_of(view: &View) -> Vec<(i64, String)> {
    let own = FIELDS.iter().filter_map(|field| {
        let Some(Value::Text(text)) = view.fields.get(field.name) else { return None };
        Some((field.dimension?, text.clone()))
    });
    own.chain(view.dimensions.iter().map(|value| (value.id, value.value.clone()))).collect()
}

fn value_document(
    connection: &mut Connection,
    view: &View,
    dimension: i64,
    query: &Query,
) -> QueryResult<Option<Document<Resource, Vec<Resource>>>> {
    let found = values_of(view).into_iter().find(|(id, _)| *id == dimension);
    let Some((_, value)) = found else { return Ok(None) };
    let data = value_resource(view.profile.id, dimension, &value).restricted(&query.fields);
    let included = included(connection, query, &[dimension])?;
    Ok(Some(Document { data, included, meta: None }))
}

fn included(
    connection: &mut Connection,
    query: &Query,
    dimensions: &[i64],
) -> QueryResult<Option<Vec<Resource>>> {
    let Some(include) = &query.include else { return Ok(None) };
    if include.get(DIMENSION).is_none() {
        return Ok(Some(Vec::new()));
    }
    let all = all_dimensions(connection)?;
    let named = all.iter().filter(|one| dimensions.contains(&one.id)).map(Dimension::resource);
    Ok(Some(restricted(named.collect(), query)))
}

fn restricted(resources: Vec<Resource>, query: &Query) -> Vec<Resource> {
    resources.into_iter().map(|resource| resource.restricted(&query.fields)).collect()
}

fn query(call: &JunoCall, kind: &'static str, collection: bool) -> Result<Query, Error> {
    let relationships =
        |kind: &str| -> Relationships { if kind == VALUES { &[(DIMENSION, DIMENSIONS)] } else { &[] } };
    let schema = Schema { kind, collection, relationships, sort: &[], filters: &[], own: &[] };
    Ok(listing::query(call.query(), &schema, &[])?)
}

async fn view_of(call: &JunoCall, whom: Whom) -> Result<View, Error> {
    let now: Stamp = call.state.clock.now();
    let read = move |connection: &mut Connection| {
        let Some(profile) = whom.profile(connection)? else { return Ok(None) };
        read::view(connection, profile, now).map(Some)
    };
    let view = call.state.db.snapshot(read).await?;
    view.ok_or_else(|| not_found(MODEL, whom.id))
}

/// What is shown of a user in part: its conditions are those of the user.
fn represented(state: &AppState, view: &View, document: &impl Serialize) -> Representation {
    // Strings, numbers and lists of them can always be written into memory.
    let body = serde_json::to_vec(document).unwrap_or_default();
    let subject = Subject { version: view.version, stamp: view.updated_at, renderer: RENDERER, plain: false };
    Representation::new(state, subject, body)
}
