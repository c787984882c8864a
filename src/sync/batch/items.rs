//! What a batch is answered with, in the shapes of the original.

use actix_web::HttpResponse;
use actix_web::body::to_bytes_limited;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap};
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::telemetry::PRIVATE;

/// More bytes than any answer of the API has.
const LARGEST: usize = 64 * 1024 * 1024;

const JSON: &str = "application/json";

/// The answer to one request of a batch.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    status: u16,
    headers: Headers,
    body: String,
}

impl Item {
    /// The answer that the router gave.
    ///
    /// # Errors
    /// 500 for a body that can't be read, or is no text.
    pub(super) async fn of(response: HttpResponse) -> Result<Self, Error> {
        let (status, headers) = (response.status().as_u16(), Headers::of(response.headers()));
        let too_large = |_| Error::internal("an answer is too large for a batch");
        let body = to_bytes_limited(response.into_body(), LARGEST).await.map_err(too_large)?;
        let body = body.map_err(|e| Error::internal(e.to_string()))?;
        let body = String::from_utf8(body.into()).map_err(|e| Error::internal(e.to_string()))?;
        Ok(Self { status, headers, body })
    }

    /// The answer to a request that is not done.
    pub(super) fn refused(problem: &Problem<'_>) -> Self {
        let headers = Headers(vec![("Content-Type".to_owned(), JSON.to_owned())]);
        // Numbers and texts can always be written into memory.
        let body = serde_json::to_string(&Problems { errors: [problem] }).unwrap_or_default();
        Self { status: problem.status, headers, body }
    }

    /// About how many bytes it is.
    pub(super) fn size(&self) -> usize {
        self.body.len()
    }

    /// Its status, if it is that of an error.
    pub(super) fn failed(&self) -> Option<StatusCode> {
        let status = StatusCode::from_u16(self.status).ok()?;
        (status.is_client_error() || status.is_server_error()).then_some(status)
    }
}

/// Headers with the names as people write them, which is how the original has them.
#[derive(Debug)]
struct Headers(Vec<(String, String)>);

impl Headers {
    fn of(headers: &HeaderMap) -> Self {
        let names = headers.keys();
        let values = |name| {
            let texts = headers.get_all(name).filter_map(|value| value.to_str().ok());
            texts.collect::<Vec<_>>().join(", ")
        };
        Self(names.map(|name| (written_name(name.as_str()), values(name))).collect())
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// `content-type` → `Content-Type`
fn written_name(name: &str) -> String {
    match name {
        "etag" => return "ETag".to_owned(),
        "www-authenticate" => return "WWW-Authenticate".to_owned(),
        _ => {}
    }
    let mut begins = true;
    name.chars()
        .map(|c| {
            let written = if begins { c.to_ascii_uppercase() } else { c };
            begins = c == '-';
            written
        })
        .collect()
}

/// An error in a shape of the original's, which is not JSON:API's.
#[derive(Debug, Serialize)]
pub(super) struct Problem<'a> {
    pub(super) status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) meta: Option<Echo<'a>>,
}

/// The request that a problem is about.
#[derive(Debug, Serialize)]
pub(super) struct Echo<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) body: Option<&'a str>,
}

impl<'a> Problem<'a> {
    /// A problem with a message.
    pub(super) fn message(status: u16, message: &'a str) -> Self {
        Self { status, title: None, detail: None, message: Some(message), meta: None }
    }

    /// A problem with a title and a detail.
    pub(super) fn titled(status: u16, title: &'a str, detail: &'a str) -> Self {
        Self { status, title: Some(title), detail: Some(detail), message: None, meta: None }
    }
}

/// A document of problems.
#[derive(Debug, Serialize)]
pub(super) struct Problems<T> {
    errors: [T; 1],
}

impl<T> Problems<T> {
    /// A document of one problem.
    pub(super) fn of(problem: T) -> Self {
        Self { errors: [problem] }
    }
}

/// The answer to the batch.
pub(super) fn respond(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    // Numbers, texts and lists of them can always be written into memory.
    response
        .insert_header((CONTENT_TYPE, JSON))
        .insert_header((CACHE_CONTROL, PRIVATE))
        .body(serde_json::to_vec(body).unwrap_or_default())
}
