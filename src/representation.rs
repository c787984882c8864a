//! A resource that is ready to be sent: its document and what names it (design 4), for every type the same.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED};
use actix_web::web::Bytes;

use crate::answer::Answer;
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

/// What names a document in the headers of its answer.
#[derive(Clone, Debug)]
pub struct Head {
    tag: HeaderValue,
    /// The time, and how HTTP writes it; not before 1970, which it can't write.
    modified: Option<(Stamp, HeaderValue)>,
}

impl Head {
    /// The head of a subject, rendered as `body`.
    #[must_use]
    pub fn new(state: &AppState, subject: Subject, body: &[u8]) -> Self {
        let stamp = Some(subject.stamp).filter(|stamp| stamp.seconds() >= 0);
        let modified = stamp.and_then(|stamp| {
            let text = httpdate::fmt_http_date(stamp.moment().into());
            Some((stamp, HeaderValue::try_from(text).ok()?))
        });
        Self { tag: header(subject.tag(state, body)), modified }
    }

    fn tag(&self) -> &str {
        self.tag.to_str().unwrap_or_default()
    }

    /// RFC 9110, 8.8.2.1: never later than the answer itself.
    fn modified(&self, now: Stamp) -> Option<&HeaderValue> {
        self.modified.as_ref().filter(|(stamp, _)| *stamp <= now).map(|(_, written)| written)
    }

    /// The answer to who has this very representation.
    #[must_use]
    pub fn not_modified<C>(&self, call: &Call<C>) -> Option<HttpResponse> {
        let sent = call.if_none_match()?;
        let known = if_none_match_names(&sent, self.tag());
        known.then(|| HttpResponse::NotModified().insert_header((ETAG, self.tag.clone())).finish())
    }
}

/// Tags are digits, letters and points.
fn header(tag: String) -> HeaderValue {
    HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// A document with its entity tag and its time.
#[derive(Debug)]
pub struct Representation {
    body: Bytes,
    head: Head,
    content_type: Option<&'static str>,
}

impl Representation {
    /// The document `body` of a subject.
    #[must_use]
    pub fn new(state: &AppState, subject: Subject, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self { head: Head::new(state, subject, &body), body, content_type: None }
    }

    /// A document whose head is known already.
    #[must_use]
    pub fn known(head: Head, body: Bytes) -> Self {
        Self { body, head, content_type: None }
    }

    /// Its head and its document, by which it is known again.
    #[must_use]
    pub fn parts(&self) -> (Head, Bytes) {
        (self.head.clone(), self.body.clone())
    }

    /// A document that no record stands behind; its tag is made of nothing but itself.
    #[must_use]
    pub fn timeless(body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let head = Head { tag: header(format!("\"{}\"", body_hash(&body))), modified: None };
        Self { head, body, content_type: None }
    }

    /// The same as another media type than the documented one.
    #[must_use]
    pub fn typed(self, content_type: Option<&'static str>) -> Self {
        Self { content_type, ..self }
    }

    /// The response to a read: 304 where the client has this very representation.
    #[must_use]
    pub fn answer_to<C>(self, call: &Call<C>) -> HttpResponse {
        self.head.not_modified(call).unwrap_or_else(|| self.respond(call.state.clock.now()))
    }

    /// The response 200 at `now`.
    #[must_use]
    pub fn respond(self, now: Stamp) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(modified) = self.head.modified(now) {
            response.insert_header((LAST_MODIFIED, modified.clone()));
        }
        response.insert_header((ETAG, self.head.tag));
        response.insert_header((
            CONTENT_TYPE,
            HeaderValue::from_static(self.content_type.unwrap_or(media_type::ANSWER)),
        ));
        response.body(self.body)
    }

    /// The answer 200 at `now`, to be kept as well.
    #[must_use]
    pub fn answer(self, now: Stamp) -> Answer {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let (etag, last_modified) = (Some(text(&self.head.tag)), self.head.modified(now).map(text));
        let content_type = self.content_type.map(str::to_owned);
        Answer { status: 200, etag, last_modified, content_type, body: self.body, ..Answer::default() }
    }
}
