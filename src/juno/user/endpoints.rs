//! `/api/v2/juno_users`: one handler for both forms of bodies and answers.

use actix_web::HttpResponse;
use diesel::QueryResult;

use super::changes::Changes;
use super::codec::{Reading, document, flat};
use super::shape::Shape;
use super::task::Task;
use super::whom::{Door, Whom};
use super::{list, read};
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::jsonapi::Json;
use crate::jsonapi::media_type::Form;
use crate::juno::profile::{KIND, MODEL};
use crate::juno::refusals::not_found;
use crate::juno::resource::path;
use crate::pipeline::FlatCall;
use crate::policy;
use crate::sync::idempotency::{self, Begun};

/// `GET` of all.
///
/// # Errors
/// 403 for a user; 400 for the query, 503.
pub async fn index(flat: FlatCall) -> Result<HttpResponse, Error> {
    policy::may_administer(&flat.call.user)?;
    let shape = Shape::of(&flat, true)?;
    let wanted = list::Wanted::of(&shape.query)?;
    let call = flat.call;
    let now = call.state.clock.now();
    let (path, sent) = (call.path().to_owned(), call.query().to_owned());
    let page = move |connection: &mut Connection| {
        let (profiles, total) = wanted.page(connection)?;
        let views = read::views(connection, profiles, now)?;
        shape.list(connection, (&views, total), (&path, &sent))
    };
    Ok(call.state.db.snapshot(page).await?.answer_to(&call))
}

/// `GET` of one.
///
/// # Errors
/// 404; 400 for the query, 503.
pub async fn show(flat: FlatCall, door: Door) -> Result<HttpResponse, Error> {
    let whom = Whom::at(&flat.call.user, door)?;
    let shape = Shape::of(&flat, false)?;
    let call = flat.call;
    let (state, now) = (call.state.clone(), call.state.clock.now());
    let shown = move |connection: &mut Connection| {
        let Some(profile) = whom.profile(connection)? else { return Ok(None) };
        let view = read::view(connection, profile, now)?;
        shape.represent(connection, &state, &view).map(Some)
    };
    let shown = call.state.db.snapshot(shown).await?;
    Ok(shown.ok_or_else(|| not_found(MODEL, whom.id))?.answer_to(&call))
}

/// `POST`
///
/// # Errors
/// 403 for a user and for an id; 400, 404 and 409 as the rules say; 503.
pub async fn create(flat: FlatCall) -> Result<HttpResponse, Error> {
    policy::may_administer(&flat.call.user)?;
    let body = flat.call.json().await?;
    let once = match idempotency::begin(&flat.call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let shape = Shape::of(&flat, false)?;
    let changes = reading(&flat, body, None)?.settle(None)?;
    let task = Task::of(&flat.call, None);
    let create = move |connection: &mut Connection, task: &Task| {
        let view = match task.write().create(connection, &changes)? {
            Ok(view) => view,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let answer = shape.represent(connection, &task.state, &view)?.answer(task.now);
        let answer = answer.with_status(201).at(format!("{}/{}", path(KIND), view.profile.id));
        Ok(Ok((answer, view.person())))
    };
    task.run(&flat.call, once, create).await
}

/// `PUT` and `PATCH`
///
/// # Errors
/// 404; 400, 403, 409, 412 as the rules say; 503.
pub async fn update(flat: FlatCall, door: Door) -> Result<HttpResponse, Error> {
    let whom = Whom::at(&flat.call.user, door)?;
    let body = flat.call.json().await?;
    let once = match idempotency::begin(&flat.call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let shape = Shape::of(&flat, false)?;
    let reading = reading(&flat, body, Some(whom.id))?;
    // What depends on nothing that is stored is told without it.
    let settled = if reading.is_open() { None } else { Some(reading.clone().settle(None)?) };
    let change = move |connection: &mut Connection, task: &Task| {
        let changes = match &settled {
            Some(changes) => changes.clone(),
            None => match settle(connection, whom, &reading, task.now)? {
                Ok(changes) => changes,
                Err(refusal) => return Ok(Err(refusal)),
            },
        };
        let view = match task.write().change(connection, whom, &changes)? {
            Ok(view) => view,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let answer = shape.represent(connection, &task.state, &view)?.answer(task.now);
        Ok(Ok((answer, view.person())))
    };
    Task::of(&flat.call, Some(whom.id)).run(&flat.call, once, change).await
}

/// `DELETE`
///
/// # Errors
/// 403 for a user; 404; 412; 503.
pub async fn destroy(flat: FlatCall, door: Door) -> Result<HttpResponse, Error> {
    let call = &flat.call;
    policy::may_administer(&call.user)?;
    let whom = Whom::at(&call.user, door)?;
    call.optional_json().await?;
    let once = match idempotency::begin(call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    Shape::of(&flat, false)?;
    let task = Task::of(call, Some(whom.id));
    let delete = move |connection: &mut Connection| {
        Ok(task.write().delete(connection, whom)?.map(|()| Answer::no_content()))
    };
    once.write(call, delete).await
}

/// What a body says of the user with the id `own`, or of one who is to be made.
fn reading(flat: &FlatCall, body: Json, own: Option<i64>) -> Result<Reading, Error> {
    match flat.sent {
        Form::Document => document::read(body, own),
        Form::Flat => flat::read(body, own),
    }
}

/// What is to be changed of a user as he is shown now.
fn settle(
    connection: &mut Connection,
    whom: Whom,
    reading: &Reading,
    now: Stamp,
) -> QueryResult<Result<Changes, Error>> {
    let Some(profile) = whom.profile(connection)? else { return Ok(Err(not_found(MODEL, whom.id))) };
    let view = read::view(connection, profile, now)?;
    Ok(reading.clone().settle(Some(&view)).map_err(Error::from))
}
