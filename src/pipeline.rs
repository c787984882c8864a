//! What happens to a request before its handler, in the order of design 9: size of the body (413), its media type
//! (415), `Accept` (406), the token (401). Routing (404, 405) comes before, the document after.

mod negotiation;
mod page;

use std::fmt;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, IF_MATCH, IF_NONE_MATCH};
use actix_web::web::{Bytes, Data, block};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};

pub use page::JunoPageCall;

use crate::auth::CurrentUser;
use crate::auth::caller::{Caller, Calls};
use crate::error::Error;
use crate::guard::precondition::{Conditions, IfMatch};
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::media_type::{self, Form};
use crate::state::AppState;
use crate::telemetry::{self, InBatch, Who};
use negotiation::{Takes, joined, negotiate};

/// Bytes of a body that is read at once: far less than a millisecond's work.
const SMALL_BODY: usize = 32 * 1024;

/// A request that has passed the pipeline, of a user unless said otherwise.
#[derive(Debug)]
pub struct Call<C = CurrentUser> {
    /// What all requests share.
    pub state: Data<AppState>,
    /// Who calls.
    pub user: C,
    request: HttpRequest,
    body: Bytes,
}

impl<C> Call<C> {
    /// The body as JSON. A large one is read off the event loop, which answers others meanwhile.
    ///
    /// # Errors
    /// 400 `invalid_json`.
    pub async fn json(&self) -> Result<Json, Error> {
        Ok(off_the_loop(&self.body, Json::parse).await??)
    }

    /// The body as JSON, of a request that may have none.
    ///
    /// # Errors
    /// As [`Call::json`].
    pub async fn optional_json(&self) -> Result<Option<Json>, Error> {
        if self.body.is_empty() { Ok(None) } else { self.json().await.map(Some) }
    }

    /// The method, as `X-HTTP-Method-Override` made it.
    #[must_use]
    pub fn method(&self) -> &Method {
        self.request.method()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }

    /// The body as it was sent.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The same request with what stands for the body that it brought.
    #[must_use]
    pub fn with_body(self, body: Bytes) -> Self {
        Self { body, ..self }
    }

    /// The id that answers and the log name the request by.
    #[must_use]
    pub fn request_id(&self) -> String {
        telemetry::request_id(&self.request)
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        self.request.path()
    }

    /// The query string, without the question mark.
    #[must_use]
    pub fn query(&self) -> &str {
        self.request.query_string()
    }

    /// Whether it is a request of a batch.
    #[must_use]
    pub fn is_in_batch(&self) -> bool {
        self.room_of_batch() > 0
    }

    /// How much longer its names may be than those of other requests.
    #[must_use]
    pub fn room_of_batch(&self) -> usize {
        InBatch::room(&self.request)
    }

    /// The conditions of a request that writes.
    #[must_use]
    pub fn conditions(&self) -> Conditions {
        let incarnation = &self.state.incarnation;
        let header = |name| joined(self.request.headers(), name);
        Conditions {
            if_match: header(IF_MATCH).map(|header| IfMatch::parse(&header, incarnation)),
            if_none_match: header(IF_NONE_MATCH).map(|header| IfMatch::parse_weak(&header, incarnation)),
        }
    }

    /// The `If-None-Match` header of a request that reads.
    #[must_use]
    pub fn if_none_match(&self) -> Option<String> {
        let reads = matches!(*self.request.method(), Method::GET | Method::HEAD);
        reads.then(|| joined(self.request.headers(), IF_NONE_MATCH)).flatten()
    }
}

/// A request to one of JUNO's routes that has passed the pipeline.
pub type JunoCall = Call<Caller>;

/// A request to a route that takes and answers plain JSON beside documents, with what it brings and what it asks for.
#[derive(Debug)]
pub struct FlatCall {
    /// The request.
    pub call: JunoCall,
    /// What its body is.
    pub sent: Form,
    /// What its answer is to be.
    pub wanted: Form,
}

/// A request with operations (K126) that has passed the pipeline.
#[derive(Debug)]
pub struct OperationsCall(pub Call);

/// A request for a stream of events that has passed the pipeline.
#[derive(Debug)]
pub struct EventsCall(pub Call);

/// A request with a form (`multipart/form-data`) that has passed the pipeline. Its body is larger than others and not
/// read yet: nothing is kept of it for a stranger.
pub struct FormCall {
    /// The request, without a body.
    pub call: Call,
    /// Its body.
    pub payload: Payload,
}

impl fmt::Debug for FormCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormCall").field("call", &self.call).finish_non_exhaustive()
    }
}

/// A request that may bring a document or a form.
#[derive(Debug)]
pub enum AnyCall {
    /// A document, or nothing.
    Document(Call),
    /// A form.
    Form(FormCall),
}

/// A request of which only the size of the body was looked at: what is in it passes the pipeline by itself.
#[derive(Debug)]
pub struct RawCall {
    /// Its head.
    pub request: HttpRequest,
    /// Its body.
    pub body: Bytes,
}

/// A request that has passed the pipeline but for its token: whoever sends it is not known yet.
#[derive(Debug)]
pub struct OpenCall {
    /// What all requests share.
    pub state: Data<AppState>,
    request: HttpRequest,
    body: Bytes,
}

impl OpenCall {
    /// The body as JSON, read as that of [`Call::json`].
    ///
    /// # Errors
    /// 400 `invalid_json`.
    pub async fn json(&self) -> Result<Json, Error> {
        Ok(off_the_loop(&self.body, Json::parse).await??)
    }

    async fn open(request: HttpRequest, payload: Payload, takes: Takes) -> Result<Self, Error> {
        let state = state_of(&request)?;
        let body = if writes(request.method()) {
            state.limits.read_body(request.headers(), payload).await?
        } else {
            Bytes::new()
        };
        negotiate(request.headers(), takes, !body.is_empty())?;
        Ok(Self { state, request, body })
    }

    /// Tells the access log who the sender turned out to be.
    pub fn signed_in(&self, user: Id) {
        self.request.extensions_mut().insert(Who::User(user));
    }
}

impl FromRequest for OpenCall {
    type Error = Error;
    type Future = Passing<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let state = state_of(&request)?;
            state.rate.stranger(&request, request.head())?;
            Self::open(request, payload, Takes::Documents).await
        })
    }
}

type Passing<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

impl<C: Calls> FromRequest for Call<C> {
    type Error = Error;
    type Future = Passing<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Self::pass(request, payload, Takes::Documents)
    }
}

impl FromRequest for FlatCall {
    type Error = Error;
    type Future = Passing<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|line| line.to_str().ok());
        let is_flat = content_type.is_some_and(media_type::is_flat_body);
        let sent = if is_flat { Form::Flat } else { Form::Document };
        let accept = joined(request.headers(), ACCEPT);
        let wanted = accept.and_then(|accept| media_type::answer_form(&accept)).unwrap_or(Form::Document);
        let call = Call::pass(request, payload, Takes::Flat);
        Box::pin(async move { Ok(Self { call: call.await?, sent, wanted }) })
    }
}

impl FromRequest for OperationsCall {
    type Error = Error;
    type Future = Passing<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let call = Call::pass(request, payload, Takes::Operations);
        Box::pin(async move { call.await.map(Self) })
    }
}

impl FromRequest for EventsCall {
    type Error = Error;
    type Future = Passing<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let call = Call::pass(request, payload, Takes::Events);
        Box::pin(async move { call.await.map(Self) })
    }
}

impl FromRequest for AnyCall {
    type Error = Error;
    type Future = Passing<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !request.content_type().eq_ignore_ascii_case(media_type::FORM) {
            let call = Call::pass(request, payload, Takes::Documents);
            return Box::pin(async move { call.await.map(Self::Document) });
        }
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let state = state_of(&request)?;
            negotiate(request.headers(), Takes::Forms, true)?;
            let call = Call::of(OpenCall { state, request, body: Bytes::new() }).await?;
            Ok(Self::Form(FormCall { call, payload }))
        })
    }
}

impl FromRequest for RawCall {
    type Error = Error;
    type Future = Passing<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = state_of(&request)?.limits.read_body(request.headers(), payload).await?;
            Ok(Self { request, body })
        })
    }
}

/// Reads a body: a small one at once, a large one off the event loop, which answers others meanwhile.
///
/// # Errors
/// 500 where the reader fails.
pub async fn off_the_loop<T: Send + 'static>(
    body: &Bytes,
    read: impl FnOnce(&[u8]) -> T + Send + 'static,
) -> Result<T, Error> {
    if body.len() <= SMALL_BODY {
        return Ok(read(body));
    }
    let body = body.clone();
    block(move || read(&body)).await.map_err(|e| Error::internal(e.to_string()))
}

fn state_of(request: &HttpRequest) -> Result<Data<AppState>, Error> {
    let state = request.app_data::<Data<AppState>>().cloned();
    state.ok_or_else(|| Error::internal("the application has no state"))
}

impl<C: Calls> Call<C> {
    fn pass(request: &HttpRequest, payload: &mut Payload, takes: Takes) -> Passing<Self> {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { Self::of(OpenCall::open(request, payload, takes).await?).await })
    }

    async fn of(OpenCall { state, request, body }: OpenCall) -> Result<Self, Error> {
        let found = C::find(&state, request.headers()).await;
        match &found {
            Ok(user) => state.rate.known(&request, user.id())?,
            Err(error) if error.status() == 401 => state.rate.stranger(&request, request.head())?,
            Err(_) => {}
        }
        let user = found?;
        request.extensions_mut().insert(user.who());
        Ok(Self { state, user, request, body })
    }
}

fn writes(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE)
}
