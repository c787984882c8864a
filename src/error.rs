//! The one error of the HTTP layers: what a client is told, as a JSON:API error document, and what only the log is
//! told.

mod from;
mod written;

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};

use crate::answer::Answer;
use crate::guard::Decision;
use crate::id::Id;
use crate::jsonapi::error::Source;
use crate::jsonapi::media_type;
use crate::jsonapi::{Code, ErrorObject, Fault, Json, Pointer};
use crate::metrics::count::{CONFLICTS, PRECONDITIONS};
use written::{ErrorDocument, Written};

/// What a client may show to say who it is; a key on JUNO's routes only.
const TOKENS: &str = "Bearer";
const TOKENS_AND_KEYS: &str = "Bearer, ApiKey header=\"X-API-Key\"";

/// Seconds after which a client may try again when the database was away or busy.
const RETRY_SECONDS: u32 = 1;

/// An answer that is an error: one status, one or more error objects.
#[derive(Debug)]
pub struct Error {
    status: u16,
    objects: Vec<ErrorObject>,
    /// Methods that the path has, of a 405.
    allow: Option<String>,
    /// What may be shown instead, of a 401.
    challenge: &'static str,
    /// After how many seconds it may be tried again, of those of which that is told.
    retry_after: u32,
    /// What went wrong inside, for the log.
    internal: Option<String>,
}

impl Error {
    /// An error with the status of its code.
    #[must_use]
    pub fn new(object: ErrorObject) -> Self {
        let status = object.code.status();
        Self {
            status,
            objects: vec![object],
            allow: None,
            challenge: TOKENS,
            retry_after: RETRY_SECONDS,
            internal: None,
        }
    }

    /// Faults of a request. The status is the one that all of them have; 409 where a conflict is among them
    /// (design 9), else 400, the most general one (K124).
    #[must_use]
    pub fn faults(objects: Vec<Fault>) -> Self {
        let mut statuses = objects.iter().map(|object| object.code.status());
        let first = statuses.next().unwrap_or(400);
        let status = if statuses.clone().all(|status| status == first) {
            first
        } else if first == 409 || statuses.any(|status| status == 409) {
            409
        } else {
            400
        };
        Self { status, objects, allow: None, challenge: TOKENS, retry_after: RETRY_SECONDS, internal: None }
    }

    /// What is wrong, where it is told otherwise than by an answer.
    #[must_use]
    pub fn into_faults(self) -> Vec<Fault> {
        self.objects
    }

    /// 404 for a path that does not exist.
    #[must_use]
    pub fn route_not_found() -> Self {
        Self::new(ErrorObject::new(Code::RouteNotFound, "Route not found"))
    }

    /// 404 for a row, in the original's words, whose beginning clients match: the class and the id.
    #[must_use]
    pub fn record_not_found(model: &str, id: Id) -> Self {
        Self::new(ErrorObject::new(Code::NotFound, format!("Couldn't find {model} with 'id'={id}")))
    }

    /// 403 for a row of another user, in the original's words.
    #[must_use]
    pub fn forbidden(kind: &str, id: Id) -> Self {
        let detail =
            format!("Not allowed to perform that action on the resource with ID {id} of type {kind}");
        Self::new(ErrorObject::new(Code::Forbidden, detail))
    }

    /// Checks `data.id` of an update against the id of the endpoint's resource.
    ///
    /// # Errors
    /// 409 where another one was sent (K107).
    pub fn check_id(sent: Option<&str>, own: Id) -> Result<(), Self> {
        match sent {
            Some(sent) if Id::parse(sent) != Some(own) => {
                let detail =
                    format!("'{sent}' is not the id of this endpoint's resource. Expected '{own}' instead");
                let at = Pointer::root().member("data").member("id");
                Err(ErrorObject::new(Code::IdConflict, detail).at(at).into())
            }
            _ => Ok(()),
        }
    }

    /// What is told of an edit that the guard did not apply. `stamp_belongs_in` is the innermost object that should
    /// have held a missing stamp.
    #[must_use]
    pub fn refused<S>(decision: Decision<S>, stamp_belongs_in: &Pointer) -> Self {
        match decision {
            Decision::PreconditionFailed(header, conflict) => {
                PRECONDITIONS.up();
                conflict.precondition_failed(header).into()
            }
            Decision::Stale(conflict, faults) => {
                CONFLICTS.up();
                let mut objects = conflict.stale(stamp_belongs_in);
                objects.extend(faults);
                objects.into()
            }
            Decision::Invalid(faults) => faults.into(),
            Decision::Applied { .. } | Decision::Unchanged { .. } => {
                Self::internal("an edit that fits is refused")
            }
        }
    }

    /// 404 for a resource, in the original's words: the class and the id.
    #[must_use]
    pub fn account_list_not_found(id: &str) -> Self {
        let detail = format!("Resource 'AccountList' with id '{id}' does not exist.");
        Self::new(ErrorObject::new(Code::NotFound, detail).in_parameter("filter[account_list_id]"))
    }

    /// 404 for a picture: there never was one, or there is another one now.
    #[must_use]
    pub fn picture_not_found() -> Self {
        Self::new(ErrorObject::new(Code::NotFound, "There is no such picture, or no more."))
    }

    /// 405, with the methods that the path has, separated by commas.
    #[must_use]
    pub fn method_not_allowed(allow: &str) -> Self {
        let object = ErrorObject::new(Code::MethodNotAllowed, format!("This path has the methods {allow}."));
        Self { allow: Some(allow.to_owned()), ..Self::new(object) }
    }

    /// 413.
    #[must_use]
    pub fn payload_too_large(limit: usize) -> Self {
        let detail = format!("The body is larger than {limit} bytes.");
        Self::new(ErrorObject::new(Code::PayloadTooLarge, detail))
    }

    /// 415, where nothing but `taken` can be sent.
    #[must_use]
    pub fn unsupported_media_type(taken: &[String]) -> Self {
        let detail =
            format!("A body needs `Content-Type: {}` without foreign parameters.", taken.join("` or `"));
        Self::new(ErrorObject::new(Code::UnsupportedMediaType, detail).in_header("Content-Type"))
    }

    /// 406, where nothing but `offered` can be answered.
    #[must_use]
    pub fn not_acceptable(offered: &[&str]) -> Self {
        let detail = format!("Answers are `{}`.", offered.join("` or `"));
        Self::new(ErrorObject::new(Code::NotAcceptable, detail).in_header("Accept"))
    }

    /// 401. Every reason looks the same, so that nothing is learnt about tokens and users.
    #[must_use]
    pub fn unauthorized() -> Self {
        let detail = "A valid token is needed: `Authorization: Bearer …`.";
        Self::new(ErrorObject::new(Code::Unauthorized, detail).in_header("Authorization"))
    }

    /// 401 where an API key would do as well; `header` is what was sent, or should have been.
    #[must_use]
    pub fn unknown_caller(header: &'static str) -> Self {
        let detail = "A valid API key (`X-API-Key: …`) or token (`Authorization: Bearer …`) is needed.";
        let object = ErrorObject::new(Code::Unauthorized, detail).in_header(header);
        Self { challenge: TOKENS_AND_KEYS, ..Self::new(object) }
    }

    /// 400 for a message that can't be read as HTTP.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(ErrorObject::new(Code::BadRequest, detail))
    }

    /// 400 for an `Idempotency-Key` that is none.
    #[must_use]
    pub fn invalid_key(longest: usize) -> Self {
        let detail = format!("An Idempotency-Key is one line of 1 to {longest} printable ASCII characters.");
        Self::new(ErrorObject::new(Code::BadRequest, detail).in_header("Idempotency-Key"))
    }

    /// 409 for a write whose key is at work.
    #[must_use]
    pub fn in_flight() -> Self {
        let detail = "Another request with this Idempotency-Key is at work. Try again later.";
        Self::new(ErrorObject::new(Code::InFlight, detail).in_header("Idempotency-Key"))
    }

    /// 422 for a key that another request was sent under.
    #[must_use]
    pub fn key_reused() -> Self {
        let detail = "Another request was sent under this Idempotency-Key.";
        Self::new(ErrorObject::new(Code::KeyReused, detail).in_header("Idempotency-Key"))
    }

    /// 429.
    #[must_use]
    pub fn too_many_requests(detail: impl Into<String>) -> Self {
        Self::new(ErrorObject::new(Code::TooManyRequests, detail))
    }

    /// 429 of a client who may ask again after some seconds.
    #[must_use]
    pub fn too_often(seconds: u32) -> Self {
        let error = Self::too_many_requests(format!("Too many requests; try again in {seconds} seconds."));
        Self { retry_after: seconds, ..error }
    }

    /// 503 of a node that can't do more now; `internal` goes to the log only.
    #[must_use]
    pub fn busy(internal: impl Into<String>) -> Self {
        let detail = "The server is too busy for this now. Try again later.";
        Self { internal: Some(internal.into()), ..Self::new(ErrorObject::new(Code::Unavailable, detail)) }
    }

    /// 503 where whoever could say who somebody is does not answer; `internal` goes to the log only.
    #[must_use]
    pub fn provider_unavailable(internal: impl Into<String>) -> Self {
        let detail = "The provider of identities does not answer now; nobody was signed in. Try again later.";
        let object = ErrorObject::new(Code::ProviderUnavailable, detail);
        Self { internal: Some(internal.into()), ..Self::new(object) }
    }

    /// 500: a defect. `internal` goes to the log only.
    #[must_use]
    pub fn internal(internal: impl Into<String>) -> Self {
        let detail = "The server has a defect; the request id names this occurrence in its log.";
        let object = ErrorObject::new(Code::InternalError, detail);
        Self { internal: Some(internal.into()), ..Self::new(object) }
    }

    /// The same error of a part of `document` that was looked at by itself: what was found at a place inside the part
    /// lies at that place inside `at`, and what lies nowhere at `at` itself.
    #[must_use]
    pub fn within(mut self, at: &Pointer, document: &Json) -> Self {
        for object in &mut self.objects {
            if let None | Some(Source::Pointer(_)) = object.source {
                let inner = object.source.take();
                let place = match inner {
                    Some(Source::Pointer(inner)) => at.join(&inner),
                    _ => at.clone(),
                };
                object.source = Some(Source::Pointer(place.within(document)));
            }
        }
        self
    }

    /// The same error of a request that has no body to point into.
    #[must_use]
    pub fn without_pointers(mut self) -> Self {
        for object in &mut self.objects {
            object.source = object.source.take().filter(|source| !matches!(source, Source::Pointer(_)));
        }
        self
    }

    fn unavailable(internal: String) -> Self {
        let detail = "The database is not available now; nothing was changed. Try again later.";
        Self { internal: Some(internal), ..Self::new(ErrorObject::new(Code::Unavailable, detail)) }
    }

    fn outcome_unknown(internal: String) -> Self {
        let detail =
            "The change was sent to the database and its answer was lost: it may or may not have happened.";
        Self { internal: Some(internal), ..Self::new(ErrorObject::new(Code::OutcomeUnknown, detail)) }
    }

    /// Whether the same request would be refused again on the same state: a refusal of the guard or of validation.
    #[must_use]
    fn is_settled(&self) -> bool {
        matches!(self.status, 400 | 403 | 404 | 409 | 412)
            && self.objects.iter().all(|o| o.code != Code::InFlight)
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What only the log is told.
    #[must_use]
    pub fn log_text(&self) -> Option<&str> {
        self.internal.as_deref()
    }

    /// The error as an answer that can be kept: without the headers that belong to the moment.
    #[must_use]
    fn to_answer(&self, request_id: &str) -> Answer {
        Answer { status: self.status, body: self.document(request_id).into(), ..Answer::default() }
    }

    /// A refusal that would be the same again as an answer that can be kept; any other error as it is.
    ///
    /// # Errors
    /// The error itself, where it says nothing of the request.
    pub fn settled(self, request_id: &str) -> Result<Answer, Self> {
        if self.is_settled() { Ok(self.to_answer(request_id)) } else { Err(self) }
    }

    fn document(&self, request_id: &str) -> Vec<u8> {
        let status = self.status.to_string();
        let document =
            ErrorDocument { errors: Written { objects: &self.objects, request_id, status: &status } };
        // Strings and lists of them can always be written into memory.
        serde_json::to_vec(&document).unwrap_or_default()
    }

    /// The answer. `request_id` makes the ids of the error objects.
    #[must_use]
    pub fn answer(&self, request_id: &str) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status());
        response.insert_header((CONTENT_TYPE, HeaderValue::from_static(media_type::ANSWER)));
        if let Some(allow) = &self.allow {
            response.insert_header((ALLOW, allow.as_str()));
        }
        match self.status {
            401 => _ = response.insert_header((WWW_AUTHENTICATE, HeaderValue::from_static(self.challenge))),
            429 | 503 => _ = response.insert_header((RETRY_AFTER, self.retry_after)),
            _ => {}
        }
        if self.objects.iter().any(|object| object.code == Code::InFlight) {
            response.insert_header((RETRY_AFTER, RETRY_SECONDS));
        }
        response.body(self.document(request_id))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = self.objects.iter().map(|object| object.detail.as_deref().unwrap_or(&object.title));
        write!(f, "{} {}", self.status, details.collect::<Vec<_>>().join("; "))
    }
}

impl std::error::Error for Error {}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Replaced by [`crate::telemetry`], which knows the request's id.
    fn error_response(&self) -> HttpResponse {
        self.answer("")
    }
}
