//! An answer that is finished, as data: it can be sent, and kept to be sent again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED, LOCATION};
use actix_web::web::Bytes;
use serde::Serialize;

use crate::jsonapi::media_type;

/// Status, body, and the headers that belong to what was done rather than to the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `ETag`
    pub etag: Option<String>,
    /// `Location`
    pub location: Option<String>,
    /// `Last-Modified`
    pub last_modified: Option<String>,
    /// The media type of the body, where it is another than the documented one.
    pub content_type: Option<String>,
    /// A JSON:API document, or nothing.
    pub body: Bytes,
}

impl Answer {
    /// 200 with a document that has no entity tag, such as a list.
    #[must_use]
    pub fn document(document: &impl Serialize) -> Self {
        // Strings, numbers and lists of them can always be written into memory.
        let body = serde_json::to_vec(document).unwrap_or_default();
        Self { status: 200, body: body.into(), ..Self::default() }
    }

    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self { status: 204, ..Self::default() }
    }

    /// The same answer with another status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same answer with a body of another media type than the documented one.
    #[must_use]
    pub fn typed(self, content_type: &str) -> Self {
        Self { content_type: Some(content_type.to_owned()), ..self }
    }

    /// The same answer, which tells where what was made is found.
    #[must_use]
    pub fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    /// The answer as actix sends it.
    #[must_use]
    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        for (name, value) in
            [(ETAG, self.etag), (LOCATION, self.location), (LAST_MODIFIED, self.last_modified)]
        {
            if let Some(value) = value {
                response.insert_header((name, value));
            }
        }
        if self.body.is_empty() {
            return response.finish();
        }
        let documented = HeaderValue::from_static(media_type::ANSWER);
        let content_type = self.content_type.and_then(|own| HeaderValue::try_from(own).ok());
        response.insert_header((CONTENT_TYPE, content_type.unwrap_or(documented)));
        response.body(self.body)
    }
}
