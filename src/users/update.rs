//! `PUT` and `PATCH /api/v2/user`: decide on the current state, then compare and set its version (design 3).

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel::QueryResult;
use diesel::result::Error as QueryError;

use super::cache::Remembered;
use super::edit::{self, UserChanges};
use super::face::Face;
use super::person::{Context, Person};
use super::show::{View, check_account_list, current, notes, represent_alone};
use super::store::{self, Wanted};
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::guard::{Decision, Edit, Member, decide};
use crate::id::Id;
use crate::jsonapi::document::meta;
use crate::jsonapi::query::Query;
use crate::pipeline::Call;
use crate::state::AppState;
use crate::sync::idempotency::{self, Begun};

/// How often an edit is decided anew because another write came first, before the person's row is locked.
const TRIES: usize = 3;

/// `PUT` and `PATCH /api/v2/user`
///
/// # Errors
/// As [`update_as`].
pub async fn update(call: Call) -> Result<HttpResponse, Error> {
    update_as(call, Face::User).await
}

/// Applies an edit to the caller's own record.
///
/// # Errors
/// 400, 403, 409, 412 as the guard and the rules of the attributes say, 404 for a filter on another's account list,
/// 503.
pub async fn update_as(call: Call, face: Face) -> Result<HttpResponse, Error> {
    let document = call.json().await?;
    let once = match idempotency::begin(&call).await? {
        Begun::Answered(response) => return Ok(response),
        Begun::Once(once) => once,
    };
    let query = Query::parse(call.query(), &face.schema())?;
    let now = call.state.clock.now();
    let edit = Arc::new(edit::of_document(document, call.user.id, face, call.conditions(), now)?);
    // Whatever writes other rows goes alone (design 7), and off the event loop: there may be thousands.
    if once.is_keyed() || !edit.changes.rows.is_empty() {
