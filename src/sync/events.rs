//! `GET /api/v2/user/events` (design 4): server-sent events that tell when the user has a new version. An event is a
//! reason to pull, not the change itself; so versions may be skipped, but the newest one always arrives.

mod hub;

use std::pin::pin;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName};
use actix_web::web::{Bytes, Data};
use futures_util::future::select;
use futures_util::{Stream, stream};
use tokio::time::{MissedTickBehavior, interval, timeout};

pub use hub::{Bounds, Hub};

use crate::error::Error;
use crate::jsonapi::Json;
use crate::jsonapi::query::Query;
use crate::pipeline::EventsCall;
use crate::policy;
use crate::state::AppState;
use crate::sync::batch;
use crate::users::relationships::SCHEMA;
use crate::users::show::{plain_tag, read};
use hub::{News, Subscription};

/// How often a node reads the versions of the users who are listened to.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(250);

/// How long a stream is silent at most.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// What keeps a connection alive through what lies between: a comment, which clients pass over.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Opens the stream.
///
/// # Errors
/// 400 for the query, 404 for a filter on another's account list, 429 where the user listens too often already, 503.
pub async fn listen(EventsCall(call): EventsCall) -> Result<HttpResponse, Error> {
    // It would never end.
    if call.is_in_batch() {
        return Ok(batch::not_within());
    }
    let query = Query::parse(call.query(), &SCHEMA)?;
    let subscription = call.state.events.subscribe(call.user.id)?;
    // Read after the subscription began: what comes later is told by it.
    let user = read(&call.state, call.user.id).await?;
    policy::check_filter(&query, &user.person)?;
    let mut response = HttpResponse::Ok();
    response.content_type("text/event-stream").insert_header((CACHE_CONTROL, "no-cache"));
    // nginx would keep events until it has enough of them.
    response.insert_header(("X-Accel-Buffering", "no"));
    if *call.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let newest = News { version: user.person.version, stamp: user.person.stamp };
    let is_known = last_event_id(call.headers()) == Some(newest.version);
    let first = if is_known { Bytes::new() } else { event(&call.state, newest) };
    let listener = Listener {
        subscription,
        state: call.state.clone(),
        expires_at: call.user.expires_at,
        issued_at: call.user.issued_at,
        last: newest.version,
        first: Some([COMMENT, first].concat().into()),
    };
    Ok(response.streaming(listener.chunks()))
}

/// The version that the client knows. One that was never given out is none that he could be up to date with.
fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    headers.get(LAST_EVENT_ID)?.to_str().ok()?.trim().parse().ok()
}

/// A client that listens.
struct Listener {
    subscription: Subscription,
    state: Data<AppState>,
    /// When his token ends, and when it was made: seconds since 1970.
    expires_at: i64,
    issued_at: i64,
    /// The version that he was told last, or knows.
    last: i64,
    /// What he is told at once, until that is done.
    first: Option<Bytes>,
}

impl Listener {
    fn chunks(self) -> impl Stream<Item = Result<Bytes, Error>> {
        stream::unfold(self, |mut listener| async move {
            let chunk = listener.next().await?;
            Some((Ok(chunk), listener))
        })
    }

    /// What is written next; `None` ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            let heartbeat = self.state.events.bounds().heartbeat;
            let left = self.expires_at.saturating_sub(self.state.clock.now().seconds());
            let left = Duration::from_secs(u64::try_from(left).unwrap_or(0));
            let waited = timeout(heartbeat.min(left), self.subscription.changed()).await;
            let is_silent = waited.is_err() && heartbeat <= left;
            if self.state.clock.now().seconds() >= self.expires_at {
                return None;
            }
            let news = self.subscription.news(self.issued_at)?;
            if let Some(news) = news.filter(|news| news.version > self.last) {
                self.last = news.version;
                return Some(event(&self.state, news));
            }
            if is_silent {
                return Some(COMMENT);
            }
        }
    }
}

fn event(state: &AppState, News { version, stamp }: News) -> Bytes {
    let data = Json::Object(vec![
        ("updated_in_db_at".to_owned(), stamp.to_string().into()),
        ("etag".to_owned(), plain_tag(state, version, stamp).into()),
    ]);
    format!("id: {version}\ndata: {}\n\n", data.to_text()).into()
}

/// Tells listeners what is new, until it is dropped: at once what this node has written, and within a quarter of a second
/// what others have.
pub async fn keep_told(state: AppState) {
    let mut round = interval(LOOKED_AT_EVERY);
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_down = false;
    loop {
        select(pin!(round.tick()), pin!(state.events.woken())).await;
        let users = state.events.users();
        if users.is_empty() {
            state.events.subscribed().await;
            continue;
        }
        let asked = users.clone();
        match state.db.read(move |connection| hub::read(connection, &asked)).await {
            Ok(found) => {
                is_down = false;
                state.events.tell(&users, &found);
            }
            Err(e) if !is_down => {
                is_down = true;
                log::warn!("listeners are not told of anything until the database answers: {e}");
            }
            Err(_) => {}
        }
    }
}
