//! Around every request: its id, its line in the access log, and the last hand on errors of any layer, so that each
//! is a JSON:API error document.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, VARY};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use futures_util::FutureExt as _;
use uuid::Uuid;

use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::media_type;
use crate::metrics::Route;
use crate::state::AppState;
use crate::transport::compression::{Encoding, compressed, take_known};
use crate::transport::connection::{Connection, with_work};
use crate::transport::security::secure;
use crate::users::pictures::FOLDER;

/// Names one request in answers and in the log; taken from the client where he sends a usable one.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What lines of the access log come from.
const ACCESS: &str = "steward::access";

/// The longest request id that is taken from a client.
const LONGEST_ID: usize = 128;

/// What is told to one user may be kept by him, but not shared and not used without asking.
pub const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Who called, for the access log.
#[derive(Clone, Debug)]
pub enum Who {
    /// A user, by his id.
    User(Id),
    /// An API key, by its name.
    Key(String),
}

impl Who {
    /// The user's id, or the key's name.
    fn parts(&self) -> (Option<String>, Option<&str>) {
        match self {
            Self::User(id) => (Some(id.to_string()), None),
            Self::Key(name) => (None, Some(name)),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user={id}"),
            Self::Key(name) => write!(f, "key={name}"),
        }
    }
}

#[derive(Clone, Debug)]
struct RequestId(HeaderValue);

/// Marks the requests of a batch: they come from within, and name the batch with a number behind it.
#[derive(Clone, Copy, Debug)]
pub struct InBatch;

impl InBatch {
    /// How many characters the number has at most, with what divides it from the name.
    pub const LONGEST_NUMBER: usize = 3;

    /// How much longer names may be in the request than in others.
    #[must_use]
    pub fn room(request: &impl HttpMessage) -> usize {
        if request.extensions().contains::<Self>() { Self::LONGEST_NUMBER } else { 0 }
    }
}

/// The outermost middleware.
///
/// # Errors
/// Only those of middlewares that answer without a request; they carry a finished answer.
pub async fn observe(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let id = usable_id(request.headers(), LONGEST_ID + InBatch::room(&request));
    let is_logged = log::log_enabled!(target: ACCESS, log::Level::Info);
    let line = is_logged.then(|| format!("{} {}", request.method(), logged(request.path())));
    request.extensions_mut().insert(RequestId(id.clone()));
    let state = request.app_data::<Data<AppState>>().cloned();
    let metrics = state.as_ref().and_then(|state| state.metrics.clone());
    let compresses = state.as_ref().is_some_and(|state| state.compresses) && InBatch::room(&request) == 0;
    let by_tls = state.is_some_and(|state| state.by_tls);
    let wanted = compresses.then(|| Encoding::wanted(request.headers())).flatten();
    let known = compresses.then(|| take_known(wanted, request.headers_mut())).flatten();
    let work = request.conn_data::<Connection>().map(Connection::work);
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let finish = |response: &mut HttpResponse, caller: Option<Who>| {
        response.headers_mut().insert(REQUEST_ID, id.clone());
        response.headers_mut().append(VARY, HeaderValue::from_static("Accept"));
        secure(response.headers_mut(), by_tls);
        if caller.is_some() && !response.headers().contains_key(CACHE_CONTROL) {
            response.headers_mut().insert(CACHE_CONTROL, PRIVATE);
        }
        if let Some(line) = &line {
            let (status, micros) = (response.status().as_u16(), started.elapsed().as_micros());
            let (id, (user, key)) = (text(&id), caller.as_ref().map_or((None, None), Who::parts));
            let who = caller.as_ref().map_or_else(|| "user=-".to_owned(), Who::to_string);
            let (method, path) = line.split_once(' ').unwrap_or_default();
            let micros = u64::try_from(micros).unwrap_or(u64::MAX);
            log::info!(
                target: ACCESS,
                method, path, status, micros, request = id, user = user.as_deref(), key;
                "{line} {status} {micros}us request={id} {who}"
            );
        }
    };
    match outcome {
        Ok(Ok(response)) => {
            let caller = response.request().extensions().get::<Who>().cloned();
            let (request, response) = response.map_into_boxed_body().into_parts();
            let mut response = as_document(response, text(&id));
            finish(&mut response, caller);
            if let Some(metrics) = metrics {
                let route = request.app_data::<Arc<Route>>().map_or(metrics.unmatched(), AsRef::as_ref);
                route.count(request.method(), response.status().as_u16(), started.elapsed());
            }
            if compresses {
                response = compressed(wanted, known.as_ref(), response).await;
            }
            Ok(ServiceResponse::new(request, response.map_body(|_, body| with_work(body, work))))
        }
        Ok(Err(error)) => {
            let mut response = as_document(error.error_response(), text(&id));
            finish(&mut response, None);
            Err(InternalError::from_response(error, response).into())
        }
        Err(_) => {
            // The panic hook has written what happened.
            let error = Error::internal("a handler panicked");
            log_internal(&error, text(&id));
            let mut response = error.answer(text(&id));
            finish(&mut response, None);
            Err(InternalError::from_response(error, response).into())
        }
    }
}

/// A path as it is logged: who knows the whole one of a picture may see it.
#[must_use]
pub fn logged(path: &str) -> Cow<'_, str> {
    let picture = path.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/'));
    match picture.and_then(|rest| rest.split_once('/')) {
        Some((id, _)) => format!("{FOLDER}/{id}/…").into(),
        None => path.into(),
    }
}

/// The id that answers and the log name a request by.
#[must_use]
pub fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|id| text(&id.0).to_owned()).unwrap_or_default()
}

/// The client's id of the request where it is short and has only harmless characters, else a new one.
fn usable_id(headers: &HeaderMap, longest: usize) -> HeaderValue {
    let harmless = |id: &&HeaderValue| {
        (1..=longest).contains(&id.len())
            && id
                .as_bytes()
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'/'))
    };
    headers.get(REQUEST_ID).filter(harmless).cloned().unwrap_or_else(new_id)
}

/// A UUID that no other request has. One random number for each thread is enough for that, and nobody may rely on not being
/// able to guess the rest.
fn new_id() -> HeaderValue {
    thread_local! {
        static THREAD: u128 = Uuid::new_v4().as_u128();
        static REQUESTS: Cell<u64> = const { Cell::new(0) };
    }
    let number = u128::from(REQUESTS.replace(REQUESTS.get().wrapping_add(1)));
    let id = uuid::Builder::from_random_bytes((THREAD.with(|id| *id) ^ number).to_be_bytes()).into_uuid();
    let mut buffer = Uuid::encode_buffer();
    // Hexadecimal digits and hyphens.
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut buffer))
        .unwrap_or_else(|_| HeaderValue::from_static("-"))
}

/// Ids are printable ASCII.
fn text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or_default()
}

/// An answer as it is; an error of ours with the request's id; an error of another layer as a document of ours.
fn as_document(response: HttpResponse, id: &str) -> HttpResponse {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let ours = response.error().and_then(|error| error.as_error::<Error>());
    let answer = match ours {
        Some(error) => {
            log_internal(error, id);
            error.answer(id)
        }
        None if is_ours(response.headers()) => return response,
        None => {
            let cause = response.error().map(ToString::to_string);
            let error = foreign(status, cause);
            log_internal(&error, id);
            error.answer(id)
        }
    };
    // Headers of the layers between, CORS above all, stay.
    let mut answer = answer;
    for (name, value) in response.headers() {
        if !answer.headers().contains_key(name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}

/// Whether an error without a cause is a document of ours, or an answer to a batch; other layers have no JSON.
fn is_ours(headers: &HeaderMap) -> bool {
    let own = [media_type::ANSWER, "application/json"];
    headers.get(CONTENT_TYPE).is_some_and(|value| own.iter().any(|own| value == own))
}

/// An error that actix or a middleware answered.
fn foreign(status: StatusCode, cause: Option<String>) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::route_not_found(),
        StatusCode::PAYLOAD_TOO_LARGE => Error::bad_request("The message is too large."),
        status if status.is_server_error() => Error::internal(cause.unwrap_or_else(|| status.to_string())),
        _ => Error::bad_request(cause.unwrap_or_else(|| "The request can't be understood.".to_owned())),
    }
}

fn log_internal(error: &Error, id: &str) {
    if let Some(text) = error.log_text() {
        log::error!(request = id; "{text} request={id}");
    }
}
