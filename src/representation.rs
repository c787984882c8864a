//! A resource that is ready to be sent: its document and what names it (design 4), for every type the same.

use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};

use crate::clock::Stamp;
use crate::guard::precondition::{EntityTag, body_hash, if_none_match_names};
use crate::jsonapi::media_type;
use crate::pipeline::Call;
use crate::state::AppState;

/// What is rendered.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The version of the record.
    pub version: i64,
    /// Its stamp.
    pub stamp: Stamp,
    /// The revision of its rendering.
    pub renderer: u32,
    /// Whether the version names the body: not where it is sparse, or reaches rows of others.
    pub plain: bool,
}

/// A document with its entity tag and its time.
#[derive(Debug)]
pub struct Representation {
    body: Bytes,
    tag: String,
    stamp: Stamp,
}

impl Representation {
    /// The document `body` of a subject.
    #[must_use]
    pub fn new(state: &AppState, subject: Subject, body: impl Into<Bytes>) -> Self {
        let (Subject { version, stamp, renderer, plain }, body) = (subject, body.into());
        let hash = (!plain).then(|| body_hash(&body));
        let incarnation = state.incarnation.to_string();
        let tag = EntityTag { version, stamp, incarnation, renderer, body: hash }.to_string();
        Self { body, tag, stamp }
    }

    /// The answer to a read: 304 where the client has this very representation.
    #[must_use]
    pub fn answer_to(self, call: &Call) -> HttpResponse {
        if call.if_none_match().is_some_and(|header| if_none_match_names(&header, &self.tag)) {
            return HttpResponse::NotModified().insert_header((ETAG, self.tag)).finish();
        }
        self.answer(&call.state, HttpResponse::Ok())
    }

    /// The document as the body of `response`.
    #[must_use]
    pub fn answer(self, state: &AppState, mut response: HttpResponseBuilder) -> HttpResponse {
        response
            .insert_header((CONTENT_TYPE, HeaderValue::from_static(media_type::ANSWER)))
            .insert_header((ETAG, self.tag));
        // RFC 9110, 8.8.2.1: never later than the answer itself.
        if self.stamp <= state.clock.now() {
            response.insert_header((LAST_MODIFIED, httpdate::fmt_http_date(self.stamp.moment().into())));
        }
        response.body(self.body)
    }
}
