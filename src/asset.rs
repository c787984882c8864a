//! What the program serves as it is: files of pages, with a tag by which nothing is sent twice.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};

use crate::guard::precondition::{body_hash, if_none_match_names};

/// The answer with a content, or 304 where the client has it.
#[must_use]
pub fn answer(request: &HttpRequest, content: &'static [u8], content_type: &'static str) -> HttpResponse {
    tagged(request, content, (content_type, format!("\"{}\"", body_hash(content))))
}

/// As [`answer`], of a content whose tag is known.
#[must_use]
pub fn tagged(
    request: &HttpRequest,
    content: impl Into<actix_web::web::Bytes>,
    (content_type, tag): (&'static str, String),
) -> HttpResponse {
    let is_known = is_known(request, &tag);
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, tag))
        // Each file is asked about, so that no two of different versions meet.
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_TYPE, HeaderValue::from_static(content_type)));
    if is_known { response.finish() } else { response.body(content.into()) }
}

/// Whether the client has what the tag names.
#[must_use]
pub fn is_known(request: &HttpRequest, tag: &str) -> bool {
    let mut known = request.headers().get_all(IF_NONE_MATCH).filter_map(|line| line.to_str().ok());
    known.any(|line| if_none_match_names(line, tag))
}
