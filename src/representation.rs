//! A resource that is ready to be sent: its document and what names it (design 4), for every type the same.

use actix_web::HttpResponse;
use actix_web::http::header::ETAG;
use actix_web::web::Bytes;

use crate::answer::Answer;
use crate::clock::Stamp;
use crate::guard::precondition::{EntityTag, body_hash, if_none_match_names};
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

impl Subject {
    /// The entity tag of the subject, rendered as `body`.
    #[must_use]
    pub fn tag(self, state: &AppState, body: &[u8]) -> String {
        let Self { version, stamp, renderer, plain } = self;
        let hash = (!plain).then(|| body_hash(body));
        let incarnation = state.incarnation.to_string();
        EntityTag { version, stamp, incarnation, renderer, body: hash }.to_string()
    }
}

/// A document with its entity tag and its time.
#[derive(Debug)]
pub struct Representation {
    body: Bytes,
    tag: String,
    stamp: Option<Stamp>,
    content_type: Option<&'static str>,
}

impl Representation {
    /// The document `body` of a subject.
    #[must_use]
    pub fn new(state: &AppState, subject: Subject, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self { tag: subject.tag(state, &body), body, stamp: Some(subject.stamp), content_type: None }
    }

    /// A document that no record stands behind; its tag is made of nothing but itself.
    #[must_use]
    pub fn timeless(body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self { tag: format!("\"{}\"", body_hash(&body)), body, stamp: None, content_type: None }
    }

    /// The same as another media type than the documented one.
    #[must_use]
    pub fn typed(self, content_type: Option<&'static str>) -> Self {
        Self { content_type, ..self }
    }

    /// The response to a read: 304 where the client has this very representation.
    #[must_use]
    pub fn answer_to<C>(self, call: &Call<C>) -> HttpResponse {
        if call.if_none_match().is_some_and(|header| if_none_match_names(&header, &self.tag)) {
            return HttpResponse::NotModified().insert_header((ETAG, self.tag)).finish();
        }
        self.answer(call.state.clock.now()).into_response()
    }

    /// The answer 200 at `now`.
    #[must_use]
    pub fn answer(self, now: Stamp) -> Answer {
        // RFC 9110, 8.8.2.1: never later than the answer itself; nor can HTTP write a date before 1970.
        let past = self.stamp.filter(|stamp| *stamp <= now && stamp.seconds() >= 0);
        let last_modified = past.map(|stamp| httpdate::fmt_http_date(stamp.moment().into()));
        let content_type = self.content_type.map(str::to_owned);
        let etag = Some(self.tag);
        Answer { status: 200, etag, last_modified, content_type, body: self.body, ..Answer::default() }
    }
}
