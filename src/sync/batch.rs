//! `POST /api/v2/batch` (`mpdx-behaviour.md` 6.2): independent requests in one, done one after the other by the same
//! router. No transaction: for edits that belong together there is [`super::operations`].

mod items;
mod requests;

use std::fmt;

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
use crate::pipeline::RawCall;
use items::{Item, Problem, Problems, respond};
use requests::Batch;

/// Requests that one batch may have.
const LIMIT: usize = 100;

/// Bytes of answers after which no further request of a batch is done.
const ANSWER_LIMIT: usize = 8 * 1024 * 1024;

/// What is told of a batch that is none, its sentences joined without blanks as clients know it.
const INVALID: &str = "Invalid batch request.A batch request must have a body of a JSON object with a `requests` key that \
    has an array of request objects.A request object must have a `method`, and a `path`, and optionally a `body`.The \
    `body` must be a string.";

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

/// Does the requests of a batch.
///
/// # Errors
/// 413, 500. What is wrong with a batch or with a request of it is answered in the shapes of the original.
pub async fn run(call: RawCall) -> Result<HttpResponse, Error> {
    let Some(batch) = Json::parse(&call.body).ok().as_ref().and_then(Batch::read) else {
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
    for (index, sent) in batch.requests.iter().enumerate() {
        let item = match sent.check(size > ANSWER_LIMIT) {
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
