//! A write with all that it needs, so that it can be done and answered in one transaction.

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel::QueryResult;

use super::rights::Rights;
use super::write::Write;
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::guard::precondition::Conditions;
use crate::id::Id;
use crate::pipeline::JunoCall;
use crate::state::AppState;
use crate::sync::idempotency::Once;

/// What a write of a request rests on.
#[derive(Debug)]
pub(super) struct Task {
    /// What all requests share.
    pub(super) state: Data<AppState>,
    /// When it is done.
    pub(super) now: Stamp,
    rights: Rights,
    conditions: Conditions,
}

impl Task {
    /// That of a request for the user with the id, or for one who is to be made.
    #[must_use]
    pub(super) fn of(call: &JunoCall, juno_user: Option<i64>) -> Self {
        let (state, rights) = (call.state.clone(), Rights::of(&call.user, juno_user));
        Self { now: state.clock.now(), state, rights, conditions: call.conditions() }
    }

    /// The write.
    #[must_use]
    pub(super) fn write(&self) -> Write<'_> {
        Write { rights: self.rights, conditions: &self.conditions, now: self.now }
    }

    /// Does `work` once, and tells those who listen for the person whom it changed.
    ///
    /// # Errors
    /// As [`Once::write`].
    pub(super) async fn run<F>(self, call: &JunoCall, once: Once, work: F) -> Result<HttpResponse, Error>
    where
        F: Fn(&mut Connection, &Self) -> QueryResult<Result<(Answer, Id), Error>> + Send + 'static,
    {
        let changed: Arc<Mutex<Option<Id>>> = Arc::default();
        let told = Arc::clone(&changed);
        let done = move |connection: &mut Connection| {
            Ok(work(connection, &self)?.map(|(answer, person)| {
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(person);
                answer
            }))
        };
        let answer = once.write(call, done).await;
        if let Some(person) = *changed.lock().unwrap_or_else(PoisonError::into_inner) {
            call.state.events.wake(person);
        }
        answer
    }
}
