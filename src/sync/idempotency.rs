//! `Idempotency-Key` (design 4): a write that is sent again under its key is not done again, and is answered with the
//! same bytes. The answer is recorded in the transaction of the write, so there is a record exactly where the write
//! has happened, on every node and after a crash.

mod in_flight;
mod key;
mod store;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use diesel::QueryResult;

pub use in_flight::InFlight;
pub use store::sweep;

use crate::answer::Answer;
use crate::auth::caller::Calls;
use crate::clock::Stamp;
use crate::db::{Connection, DbError};
use crate::error::Error;
use crate::id::Id;
use crate::metrics::count::REPLAYS;
use crate::pipeline::Call;
use crate::state::AppState;
use in_flight::Turn;
use key::Key;
use store::Record;

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// How often old answers are swept away.
const SWEPT_EVERY: Duration = Duration::from_secs(10 * 60);

/// The header of the key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Tells that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// What a write begins with.
#[derive(Debug)]
pub enum Begun {
    /// It was done before: its answer.
    Answered(HttpResponse),
    /// It was not, as far as anybody knows yet.
    Once(Once),
}

/// A write that is done once.
#[derive(Debug)]
pub struct Once {
    caller: Id,
    key: Option<Key>,
    request_id: String,
    now: Stamp,
    /// Others with the same key wait for its end.
    turn: Option<Turn>,
}

/// Looks a write up by its key, once its body is known to be JSON (design 9).
///
/// # Errors
/// 400 for a key that is none, 409 while another request with the key is at work, 422 where the key belongs to another
/// request, 503.
pub async fn begin<C: Calls>(call: &Call<C>) -> Result<Begun, Error> {
    let (state, caller, now) = (&call.state, call.user.id(), call.state.clock.now());
    let mut once = Once { caller, key: Key::of(call)?, request_id: call.request_id(), now, turn: None };
    let Some(key) = once.key.clone() else { return Ok(Begun::Once(once)) };
    let turn = state.in_flight.enter(caller, &key.text, state.key_wait).await;
    once.turn = Some(turn.ok_or_else(Error::in_flight)?);
    let text = key.text.clone();
    let found = state.db.read(move |connection| store::find(connection, caller, &text, now)).await?;
    match found {
        None => Ok(Begun::Once(once)),
        Some(record) => Ok(Begun::Answered(replay(record, &key)?)),
    }
}

impl Once {
    /// Does the write, in one transaction with the record of its answer. Where `work` refuses, it must have written
    /// nothing; the refusal is the answer, and is recorded like one. `work` may be run again where nothing of it was
    /// committed.
    ///
    /// # Errors
    /// What `work` answers, 422, 503.
    pub async fn write<C, F>(self, call: &Call<C>, work: F) -> Result<HttpResponse, Error>
    where
        F: Fn(&mut Connection) -> QueryResult<Result<Answer, Error>> + Send + 'static,
    {
        let Self { caller, key, request_id, now, turn } = self;
        let Some(key) = key else {
            let done = call.state.db.write(work).await;
            call.state.events.wake(caller);
            return Ok(done??.into_response());
        };
        let sent = key.clone();
        let reserved = Arc::new(AtomicBool::new(false));
        let has_reserved = Arc::clone(&reserved);
        let done = move |connection: &mut Connection| {
            has_reserved.store(false, Ordering::Relaxed);
            let is_free = store::reserve(connection, caller, &sent, now)?;
            has_reserved.store(true, Ordering::Relaxed);
            if !is_free {
                // A rival on another node, or one whose client has gone, was first.
                return Ok(match store::find(connection, caller, &sent.text, now)? {
                    Some(record) => Done::Before(record),
                    None => Done::Failed(Error::in_flight()),
                });
            }
            may_die_here("idempotency::reserved");
            let answer = match work(connection)?.or_else(|refusal| refusal.settled(&request_id)) {
                Ok(answer) => answer,
                Err(error) => {
                    store::forget(connection, caller, &sent.text)?;
                    return Ok(Done::Failed(error));
                }
            };
            may_die_here("idempotency::done");
            store::complete(connection, caller, &sent.text, &answer)?;
            may_die_here("idempotency::recorded");
            Ok(Done::Now(answer))
        };
        let done = call.state.db.write(done).await;
        may_die_here("idempotency::committed");
        call.state.events.wake(caller);
        drop(turn);
        // A rival on another node has held the key for longer than it is waited for.
        if matches!(done, Err(DbError::Locked(_))) && !reserved.load(Ordering::Relaxed) {
            return Err(Error::in_flight());
        }
        match done? {
            Done::Now(answer) => Ok(answer.into_response()),
            Done::Before(record) => replay(record, &key),
            Done::Failed(error) => Err(error),
        }
    }

    /// Answers a request that writes nothing.
    ///
    /// # Errors
    /// The refusal that it is answered with, and as [`Once::write`].
    pub async fn settle<C>(
        self,
        call: &Call<C>,
        answer: Result<Answer, Error>,
    ) -> Result<HttpResponse, Error> {
        if self.key.is_none() {
            return answer.map(Answer::into_response);
        }
        let answer = answer.or_else(|refusal| refusal.settled(&self.request_id))?;
        self.write(call, move |_| Ok(Ok(answer.clone()))).await
    }

    /// Whether the client has named the write.
    #[must_use]
    pub fn is_keyed(&self) -> bool {
        self.key.is_some()
    }
}

/// A place where the tests' program ends as if by SIGKILL when the environment says so. Nothing in any other program.
fn may_die_here(place: &str) {
    fail::fail_point!(place, |_| std::process::abort());
    // Without failpoints nobody looks at it.
    let _ = place;
}

/// Sweeps old records away, now and every ten minutes, until it is dropped. Each node does it; who comes second finds
/// nothing.
pub async fn keep_swept(state: AppState) {
    let mut round = tokio::time::interval(SWEPT_EVERY);
    loop {
        round.tick().await;
        let now = state.clock.now();
        while match state.db.write(move |connection| sweep(connection, now)).await {
            Ok(more) => more,
            Err(e) => {
                log::warn!("old idempotency records were not swept: {e}");
                false
            }
        } {}
    }
}

enum Done {
    Now(Answer),
    Before(Record),
    Failed(Error),
}

fn replay(record: Record, key: &Key) -> Result<HttpResponse, Error> {
    if record.fingerprint != key.fingerprint {
        return Err(Error::key_reused());
    }
    REPLAYS.up();
    let mut response = record.answer.into_response();
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
