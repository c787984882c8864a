//! The requests of a batch.

use actix_http::Request;
use actix_http::h1::Payload;
use actix_web::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue,
};
use actix_web::http::{Method, Uri};
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpRequest};

use super::NOT_WITHIN;
use super::items::{Echo, Item, Problem};
use crate::auth::api_keys::X_API_KEY;
use crate::jsonapi::Json;
use crate::sync::idempotency::IDEMPOTENCY_KEY;
use crate::telemetry::{InBatch, REQUEST_ID, request_id};
use crate::transport::rate::FORWARDED_FOR;

/// A batch as it was sent.
pub(super) struct Batch {
    pub(super) requests: Vec<Sent>,
    /// Whether the first request that fails ends it.
    pub(super) aborts: bool,
}

/// A request of a batch as it was sent.
pub(super) struct Sent {
    method: String,
    path: String,
    body: Option<String>,
}

impl Batch {
    /// Reads a batch; `None` where it is none.
    pub(super) fn read(document: &Json) -> Option<Self> {
        let Some(Json::Array(requests)) = document.get("requests") else { return None };
        let requests = requests.iter().map(Sent::read).collect::<Option<_>>()?;
        let aborts = document.get("on_error").and_then(Json::as_str) == Some("ABORT");
        Some(Self { requests, aborts })
    }
}

impl Sent {
    fn read(request: &Json) -> Option<Self> {
        let Json::Object(_) = request else { return None };
        let text = |name| match request.get(name) {
            None | Some(Json::Null) => Some(String::new()),
            Some(Json::String(text)) => Some(text.clone()),
            Some(_) => None,
        };
        let body = match request.get("body") {
            None | Some(Json::Null) => None,
            Some(Json::String(text)) => Some(text.clone()),
            // Documented as text; clients send the document itself too.
            Some(document @ Json::Object(_)) => Some(document.to_text()),
            Some(_) => return None,
        };
        Some(Self { method: text("method")?, path: text("path")?, body })
    }

    /// What is to be done. `spent` is why nothing more is done in the batch.
    ///
    /// # Errors
    /// The item that it is answered with instead.
    pub(super) fn check(&self, spent: Option<&str>) -> Result<(Method, Uri), Item> {
        let Self { method, path, .. } = self;
        let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let Some(known) = known.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(method)) else {
            return Err(
                self.refused(405, &format!("HTTP method `{method}` is not allowed in a batch request"))
            );
        };
        if path.is_empty() {
            let message = "The `path` key must be provided as part of a request object in a batch request";
            return Err(self.refused(400, message));
        }
        let Some(uri) = path.parse::<Uri>().ok().filter(|_| path.starts_with('/')) else {
            return Err(self.refused(400, "The `path` must begin with a slash and be a path as HTTP has it"));
        };
        let place = uri.path().trim_end_matches('/');
        if ["/batch", "/bulk", "/events"].iter().any(|end| place.ends_with(end)) {
            return Err(self.refused(403, NOT_WITHIN));
        }
        if let Some(why) = spent {
            return Err(self.refused(429, why));
        }
        Ok((known, uri))
    }

    /// The request, with what it takes over from the one around it: never a condition, which is about one resource;
    /// and its own key where that one has one.
    pub(super) fn request(
        &self,
        around: &HttpRequest,
        (method, uri): (Method, Uri),
        index: usize,
    ) -> Request {
        let body = self.body.clone().unwrap_or_default();
        let (_, mut payload) = Payload::create(true);
        let length = body.len();
        payload.unread_data(Bytes::from(body));
        let mut request = Request::with_payload(actix_http::Payload::from(payload));
        let head = request.head_mut();
        (head.method, head.uri, head.peer_addr) = (method, uri, around.peer_addr());
        for name in [ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, FORWARDED_FOR, X_API_KEY] {
            for value in around.headers().get_all(&name) {
                head.headers.append(name.clone(), value.clone());
            }
        }
        let mut number = |name: HeaderName, text: &[u8], separator: char| {
            let numbered = [text, format!("{separator}{index}").as_bytes()].concat();
            // Headers that were received, and digits behind them, are headers.
            if let Ok(value) = HeaderValue::from_bytes(&numbered) {
                head.headers.append(name, value);
            }
        };
        for key in around.headers().get_all(IDEMPOTENCY_KEY) {
            number(IDEMPOTENCY_KEY, key.as_bytes(), '#');
        }
        number(REQUEST_ID, request_id(around).as_bytes(), '/');
        head.headers.insert(CONTENT_LENGTH, length.into());
        request.extensions_mut().insert(InBatch);
        request
    }

    /// The answer to a request that is not done.
    fn refused(&self, status: u16, message: &str) -> Item {
        let Self { method, path, body } = self;
        let problem = Problem::message(status, message);
        Item::refused(&Problem { meta: Some(Echo { method, path, body: body.as_deref() }), ..problem })
    }
}
