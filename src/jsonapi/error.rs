//! Error objects (JSON:API 1.1, "Error Objects") and the list of all codes that this API answers with.

use std::borrow::Cow;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::json::Json;
use super::pointer::Pointer;

/// The path of the page on which each code has an anchor of its name.
pub const ERRORS_PAGE: &str = "/docs/errors";

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal $status:literal),+ $(,)?) => {
        /// What kind of error: a stable text for programs, with the HTTP status that it has by itself.
        /// Each has a heading of its name in `docs/errors.md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[doc = $doc])+ $variant),+ }

        impl Code {
            /// Every code, in the order of their statuses.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The text of the `code` member.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it means, in a sentence or two.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+)),+ }
            }

            /// The HTTP status of an answer whose only error has this code.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }
        }
    };
}

codes! {
    /// The body is no JSON, or JSON with something that would be lost.
    InvalidJson = "invalid_json" 400,
    /// The body is JSON but no JSON:API document that this endpoint takes.
    InvalidDocument = "invalid_document" 400,
    /// A time that can't be read.
    InvalidTimestamp = "invalid_timestamp" 400,
    /// A query parameter that is unknown here, given twice, or has a value that is not understood.
    InvalidParameter = "invalid_parameter" 400,
    /// A value is missing or has only blanks.
    Blank = "blank" 400,
    /// A value of another JSON type than the attribute takes.
    WrongType = "wrong_type" 400,
    /// A number, a date or a count outside its range.
    OutOfRange = "out_of_range" 400,
    /// A text or an object above its size.
    TooLong = "too_long" 400,
    /// A value of the right type whose text is not acceptable.
    Invalid = "invalid" 400,
    /// An attribute that the resource does not have.
    UnknownAttribute = "unknown_attribute" 400,
    /// No dimension has the name.
    UnknownDimension = "unknown_dimension" 400,
    /// Two places of one request give one value differently.
    ConflictingValues = "conflicting_values" 400,
    /// A value that names something the user does not have.
    NotIncluded = "not_included" 400,
    /// A value that another row of the user has, or of any user where it must be unique among all of them.
    Taken = "taken" 400,
    /// A value that comes from another system and is kept there.
    Locked = "locked" 400,
    /// A way to sign in that this server is not configured for.
    ProviderOff = "provider_off" 400,
    /// More hours than were earned.
    HoursExceedEarned = "hours_exceed_earned" 400,
    /// A claim of no hours.
    NothingToClaim = "nothing_to_claim" 400,
    /// The HTTP message itself is faulty.
    BadRequest = "bad_request" 400,
    /// No token, or one that is not valid.
    Unauthorized = "unauthorized" 401,
    /// What somebody shows to sign in is refused.
    SignInRefused = "sign_in_refused" 401,
    /// A row of another user, or what the caller may not do.
    Forbidden = "forbidden" 403,
    /// The site has locked the user out.
    UserBanned = "user_banned" 403,
    /// A value that can't be set, or a resource that can't be changed.
    ReadOnly = "read_only" 403,
    /// An id that the client made where the server makes them.
    ClientIdNotSupported = "client_id_not_supported" 403,
    /// A relationship can't be replaced through this request.
    ReplacementRefused = "replacement_refused" 403,
    /// No such resource.
    NotFound = "not_found" 404,
    /// No tag has the id.
    UnknownTag = "unknown_tag" 404,
    /// No such path.
    RouteNotFound = "route_not_found" 404,
    /// The path has no such method.
    MethodNotAllowed = "method_not_allowed" 405,
    /// No media type that the client accepts.
    NotAcceptable = "not_acceptable" 406,
    /// The request did not arrive in time.
    RequestTimeout = "request_timeout" 408,
    /// `type` is missing or belongs to another endpoint.
    TypeConflict = "type_conflict" 409,
    /// `id` names another resource than the endpoint.
    IdConflict = "id_conflict" 409,
    /// A row that is there already: the id that the client made, or the person that it relates to.
    Duplicate = "duplicate" 409,
    /// A value that another resource has and no two may have.
    NameTaken = "name_taken" 409,
    /// Another user signs in with the e-mail address.
    EmailTaken = "email_taken" 409,
    /// Another user has the `client_id`.
    ClientIdTaken = "client_id_taken" 409,
    /// Another user has the `client_guid`.
    ClientGuidTaken = "client_guid_taken" 409,
    /// Another user has the name.
    UsernameTaken = "username_taken" 409,
    /// A user of JUNO would be left without an e-mail address to sign in with.
    LoginEmailRequired = "login_email_required" 409,
    /// The dimension of the id has another name.
    DimensionNameMismatch = "dimension_name_mismatch" 409,
    /// Users have values of the dimension.
    DimensionInUse = "dimension_in_use" 409,
    /// Users have the tag.
    TagInUse = "tag_in_use" 409,
    /// An id whose row was deleted; it is never used again.
    Deleted = "deleted" 409,
    /// An attribute that JSON:API keeps for other members.
    ReservedAttribute = "reserved_attribute" 409,
    /// The edit names no base, so it can't be told whether it would undo another.
    StampMissing = "stamp_missing" 409,
    /// The edit was made on a state that is no longer the current one.
    Stale = "stale" 409,
    /// Another request with the same `Idempotency-Key` is at work.
    InFlight = "in_flight" 409,
    /// A record of continuing education does not go from one status to another so.
    CeInvalidTransition = "ce_invalid_transition" 409,
    /// Too little was earned to claim it, or the record is not published.
    CeNotReady = "ce_not_ready" 409,
    /// Enough was earned, but now it can't be claimed.
    CeClaimClosed = "ce_claim_closed" 409,
    /// The record has a claim already.
    CeAlreadyClaimed = "ce_already_claimed" 409,
    /// The way from the client's version to the current one is no longer known.
    SyncHorizon = "sync_horizon" 410,
    /// `If-Match` or `If-None-Match` does not hold.
    PreconditionFailed = "precondition_failed" 412,
    /// The body is larger than the server takes.
    PayloadTooLarge = "payload_too_large" 413,
    /// The body's media type is not taken here.
    UnsupportedMediaType = "unsupported_media_type" 415,
    /// The `Idempotency-Key` belongs to another request.
    KeyReused = "key_reused" 422,
    /// More of something than one client may have at one time.
    TooManyRequests = "too_many_requests" 429,
    /// The head of the request is larger than the server takes.
    HeadersTooLarge = "headers_too_large" 431,
    /// A defect of the server.
    InternalError = "internal_error" 500,
    /// The database can't be reached, or is too busy.
    Unavailable = "unavailable" 503,
    /// Whoever could say who somebody is does not answer.
    ProviderUnavailable = "provider_unavailable" 503,
    /// The write may or may not have happened.
    OutcomeUnknown = "outcome_unknown" 503,
}

/// What an error lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A value in the request document.
    Pointer(Pointer),
    /// A query parameter.
    Parameter(String),
    /// A request header.
    Header(&'static str),
}

/// One error. `status` and `id` are the answer's and are added when it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorObject {
    /// The kind of error.
    pub code: Code,
    /// The same for every occurrence; the message alone where it is about an attribute (`mpdx-behaviour.md` 3.8).
    pub title: Cow<'static, str>,
    /// About this occurrence.
    pub detail: Option<String>,
    /// What it lies in.
    pub source: Option<Source>,
    /// What a program needs to go on.
    pub meta: Option<Json>,
}

/// An error in a value that the client sent; several are answered at once.
pub type Fault = ErrorObject;

impl ErrorObject {
    /// An error with the title of its status.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let title = Cow::Borrowed(title(code.status()));
        Self { code, title, detail: Some(detail.into()), source: None, meta: None }
    }

    /// An error in the attribute `key`, worded as the original words it: the title is `message`, the detail the
    /// name of the attribute in words and then `message`.
    #[must_use]
    pub fn attribute(code: Code, key: &str, message: impl Into<Cow<'static, str>>, pointer: Pointer) -> Self {
        let message = message.into();
        let detail = format!("{} {message}", humanize(key));
        Self {
            code,
            title: message,
            detail: Some(detail),
            source: Some(Source::Pointer(pointer)),
            meta: None,
        }
    }

    /// The same error, lying in the value at `pointer`.
    #[must_use]
    pub fn at(mut self, pointer: Pointer) -> Self {
        self.source = Some(Source::Pointer(pointer));
        self
    }

    /// The same error, lying in the query parameter `name`.
    #[must_use]
    pub fn in_parameter(mut self, name: impl Into<String>) -> Self {
        self.source = Some(Source::Parameter(name.into()));
        self
    }

    /// The same error, lying in the header `name`.
    #[must_use]
    pub fn in_header(mut self, name: &'static str) -> Self {
        self.source = Some(Source::Header(name));
        self
    }

    /// The same error with `meta`.
    #[must_use]
    pub fn with_meta(mut self, meta: Json) -> Self {
        self.meta = Some(meta);
        self
    }

    /// The error as it is written into an answer: `id` is unique to this occurrence (K125), `status` the answer's.
    #[must_use]
    pub fn written<'a>(&'a self, id: String, status: &'a str) -> impl Serialize + 'a {
        Written { object: self, id, status }
    }
}

/// The reason phrase of a status, as the original titles its errors.
#[must_use]
pub fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

/// An attribute's name in words, as Rails' `humanize`: `first_name` → `First name`.
#[must_use]
pub fn humanize(key: &str) -> String {
    let words = key.strip_suffix("_id").unwrap_or(key).replace('_', " ");
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// `links` of an error: `type` leads to what is written about its code (K123).
struct Links(Code);

impl Serialize for Links {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        // Relative, since the server does not know under which names it is reached.
        map.serialize_entry("type", &format_args!("{ERRORS_PAGE}#{}", self.0.as_str()))?;
        map.end()
    }
}

struct Written<'a> {
    object: &'a ErrorObject,
    id: String,
    status: &'a str,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ErrorObject { code, title, detail, source, meta } = self.object;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("links", &Links(*code))?;
        map.serialize_entry("status", self.status)?;
        map.serialize_entry("code", code.as_str())?;
        map.serialize_entry("title", title)?;
        // A member that is absent must stay absent: Android reads `"detail":null` as the text "null".
        if let Some(detail) = detail {
            map.serialize_entry("detail", detail)?;
        }
        if let Some(source) = source {
            map.serialize_entry("source", source)?;
        }
        if let Some(meta) = meta {
            map.serialize_entry("meta", meta)?;
        }
        map.end()
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Pointer(pointer) => map.serialize_entry("pointer", pointer.as_str())?,
            Self::Parameter(name) => map.serialize_entry("parameter", name)?,
            Self::Header(name) => map.serialize_entry("header", name)?,
        }
        map.end()
    }
}
