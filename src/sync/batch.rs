//! `POST /api/v2/batch` (`mpdx-behaviour.md` 6.2): independent requests in one, done one after the other by the same
//! router. No transaction: for edits that belong together there is [`super::operations`].

mod items;
mod requests;

use std::fmt;
use std::time::{Duration, Instant};

use actix_http::Request;
use actix_service::boxed::BoxService;
use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::StatusCode;
use futures_util::future::LocalBoxFuture;
use tokio::sync::OnceCell;

use crate::error::Error;
use crate::jsonapi::Json;
use crate::pipeline::{RawCall, off_the_loop};
use crate::telemetry::InBatch;
use items::{Item, Problem, Problems, respond};
use requests::Batch;

/// What is told where a request must not be in a batch.
const NOT_WITHIN: &str = "You cannot access this endpoint from within a batch request";

/// Requests that one batch may have.
const LIMIT: usize = 100;

/// Bytes of answers after which no further request of a batch is done.
const ANSWER_LIMIT: usize = 8 * 1024 * 1024;

/// What is told of a batch that is none, its sentences joined without blanks as clients know it.
const INVALID: &str = "Invalid batch request.A batch request must have a body of a JSON object with a `requests` key that \
    has an array of request objects.A request object must have a `method`, and a `path`, and optionally a `body`.The \
    `body` must be a string.";

/// How long after its beginning a batch begins requests: less than clients wait for an answer.
const TIME_LIMIT: Duration = Duration::from_secs(20);

type Inner = BoxService<Request, ServiceResponse<BoxBody>, actix_web::Error>;
type Making = LocalBoxFuture<'static, Result<Inner, Error>>;

/// The application once more, for requests that do not come from the network. Made when the first one comes.
pub struct Router {
    make: Box<dyn Fn() -> Making>,
    made: OnceCell<Inner>,
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").finish_non_exhaustive()
    }
}

impl Router {
    /// A router that `make` makes.
    pub fn new(make: impl Fn() -> Making + 'static) -> Self {
        Self { make: Box::new(make), made: OnceCell::new() }
    }

    async fn answer(&self, request: Request) -> Result<HttpResponse, Error> {
        let inner = self.made.get_or_try_init(|| (self.make)()).await?;
        Ok(match inner.call(request).await {
            Ok(response) => response.into_parts().1,
            Err(error) => error.error_response(),
        })
    }
}

/// The answer to a request of a batch that must not be one, by whatever path it came.
#[must_use]
pub fn not_within() -> HttpResponse {
    respond(StatusCode::FORBIDDEN, &Problems::of(Problem::message(403, NOT_WITHIN)))
}

/// Does the requests of a batch.
///
/// # Errors
/// 413, 500. What is wrong with a batch or with a request of it is answered in the shapes of the original.
pub async fn run(call: RawCall) -> Result<HttpResponse, Error> {
    if InBatch::room(&call.request) > 0 {
        return Ok(not_within());
    }
    let read = |body: &[u8]| Json::parse(body).ok().as_ref().and_then(Batch::read);
    let Some(batch) = off_the_loop(&call.body, read).await? else {
        return Ok(respond(StatusCode::BAD_REQUEST, &Problems::of(Problem::message(400, INVALID))));
    };
    if batch.requests.len() > LIMIT {
        let detail = format!("You only able to send up to {LIMIT} requests in a batch request");
        let problem = Problem::titled(429, "Too Many Requests", &detail);
        return Ok(respond(StatusCode::TOO_MANY_REQUESTS, &Problems::of(problem)));
    }
    let router = call.request.app_data::<Router>();
    let router = router.ok_or_else(|| Error::internal("the application has no router for batches"))?;
    let (mut items, mut size, mut status) = (Vec::new(), 0, StatusCode::OK);
    let deadline = Instant::now() + TIME_LIMIT;
    for (index, sent) in batch.requests.iter().enumerate() {
        let spent = match size > ANSWER_LIMIT {
            true => {
                Some("The answers before this one are too large for one batch; this request was not done")
            }
            false if Instant::now() > deadline => {
                Some("The requests before this one took too long; this request was not done")
            }
            false => None,
        };
        let item = match sent.check(spent) {
            Ok(target) => {
                let request = sent.request(&call.request, target, index);
                Item::of(router.answer(request).await?).await?
            }
            Err(refusal) => refusal,
        };
        size += item.size();
        let failed = item.failed();
        items.push(item);
        if let Some(failed) = failed.filter(|_| batch.aborts) {
            status = failed;
            break;
        }
    }
    Ok(respond(status, &items))
}
