//! Answers in fewer bytes, for who can read them so (design 4).

use std::io::{self, Write as _};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody as _};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue,
    IF_NONE_MATCH, VARY,
};
use actix_web::web::{Bytes, block};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// What such an answer depends on.
const ENCODING: HeaderValue = HeaderValue::from_static("Accept-Encoding");

/// A body with fewer bytes fits into one packet with its head, whatever is done to it.
const SMALLEST: u64 = 1024;

/// A larger body is compressed off the event loop, which answers others meanwhile.
const AT_ONCE: usize = 16 * 1024;

/// More effort costs more than it saves: bodies are made for one answer.
const GZIP_EFFORT: u32 = 4;
const BROTLI_EFFORT: i32 = 4;

/// How an answer can be compressed; the smaller result last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// `gzip`
    Gzip,
    /// `br`
    Brotli,
}

impl Encoding {
    /// The one that a request wants most; where it does not care, the smaller one.
    #[must_use]
    pub fn wanted(headers: &HeaderMap) -> Option<Self> {
        let mut best = None;
        for line in headers.get_all(ACCEPT_ENCODING).filter_map(|line| line.to_str().ok()) {
            for entry in line.split(',') {
                let (name, weight) = weighed(entry);
                let known = match name {
                    name if name.eq_ignore_ascii_case("br") => Self::Brotli,
                    name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => {
                        Self::Gzip
                    }
                    _ => continue,
                };
                let is_better =
                    best.is_none_or(|(other, best)| weight.total_cmp(&best).then(known.cmp(&other)).is_gt());
                if weight > 0.0 && is_better {
                    best = Some((known, weight));
                }
            }
        }
        best.map(|(encoding, _)| encoding)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    fn compress(self, body: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut out =
                    GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::new(GZIP_EFFORT));
                out.write_all(body)?;
                out.finish()
            }
            Self::Brotli => {
                let mut out = Vec::with_capacity(body.len() / 2);
                let window = usize::BITS - body.len().leading_zeros();
                let parameters = BrotliEncoderParams {
                    quality: BROTLI_EFFORT,
                    lgwin: i32::try_from(window).unwrap_or(22).clamp(10, 22),
                    size_hint: body.len(),
                    ..BrotliEncoderParams::default()
                };
                brotli::BrotliCompress(&mut &*body, &mut out, &parameters)?;
                Ok(out)
            }
        }
    }

    /// An entity tag of the same representation in this encoding.
    fn tagged(self, tag: &HeaderValue) -> Option<HeaderValue> {
        let plain = tag.to_str().ok()?.strip_suffix('"')?;
        HeaderValue::try_from(format!("{plain}-{}\"", self.name())).ok()
    }
}

/// An entry of `Accept-Encoding` with its weight: 1 unless said otherwise, 0 where it can't be read.
fn weighed(entry: &str) -> (&str, f32) {
    let (name, parameters) = entry.split_once(';').unwrap_or((entry, ""));
    let weight = match parameters.trim().strip_prefix("q=").or(parameters.trim().strip_prefix("Q=")) {
        Some(weight) => weight.trim().parse().unwrap_or(0.0),
        None if parameters.trim().is_empty() => 1.0,
        None => 0.0,
    };
    (name.trim(), weight)
}

/// What the client says that it has. Tags of the encoding that it wants are put into the request as the plain ones, which
/// are all that is known below; those of another are of another representation.
pub fn take_known(wanted: Option<Encoding>, headers: &mut HeaderMap) -> Option<HeaderValue> {
    let lines: Vec<&str> = headers.get_all(IF_NONE_MATCH).filter_map(|line| line.to_str().ok()).collect();
    let known = HeaderValue::try_from(lines.join(", ")).ok().filter(|known| !known.is_empty())?;
    if let Some(encoding) = wanted {
        let plain = lines.join(", ").replace(&format!("-{}\"", encoding.name()), "\"");
        headers.insert(IF_NONE_MATCH, HeaderValue::try_from(plain).ok()?);
    }
    Some(known)
}

/// The answer as it is, or in the encoding that is wanted, with the entity tag of that. `known` is what the client has.
pub async fn compressed(
    wanted: Option<Encoding>,
    known: Option<&HeaderValue>,
    mut response: HttpResponse,
) -> HttpResponse {
    if response.status() == StatusCode::NOT_MODIFIED {
        return not_modified(wanted, known, response);
    }
    let is_large = matches!(response.body().size(), BodySize::Sized(length) if length >= SMALLEST);
    if !is_large || !is_text(response.headers()) || !may_be_changed(response.headers()) {
        return response;
    }
    response.headers_mut().append(VARY, ENCODING);
    let Some(encoding) = wanted else { return response };
    let (response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(body) => return response.set_body(body),
    };
    let small = if body.len() <= AT_ONCE {
        encoding.compress(&body).ok()
    } else {
        let body = body.clone();
        block(move || encoding.compress(&body)).await.ok().and_then(Result::ok)
    };
    match small.filter(|small| small.len() < body.len()) {
        Some(small) => encoded(encoding, response.set_body(BoxBody::new(Bytes::from(small)))),
        None => response.set_body(BoxBody::new(body)),
    }
}

fn encoded(encoding: Encoding, mut response: HttpResponse) -> HttpResponse {
    let tag = response.headers().get(ETAG).and_then(|tag| encoding.tagged(tag));
    let headers = response.headers_mut();
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
    if let Some(tag) = tag {
        headers.insert(ETAG, tag);
    }
    response
}

/// Who has the representation in the encoding is told the tag of that (RFC 9110, 15.4.5).
fn not_modified(
    wanted: Option<Encoding>,
    known: Option<&HeaderValue>,
    mut response: HttpResponse,
) -> HttpResponse {
    response.headers_mut().append(VARY, ENCODING);
    let tag = response.headers().get(ETAG).and_then(|tag| wanted?.tagged(tag));
    let known = known.and_then(|known| known.to_str().ok());
    if let Some((tag, known)) = tag.zip(known)
        && tag.to_str().is_ok_and(|tag| known.contains(tag))
    {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// Whether it gets smaller: not pictures, which are compressed already, and no stream of events, which must not be kept
/// back.
fn is_text(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind != "text/event-stream"
        && (kind.starts_with("text/") || kind.ends_with("json") || kind.ends_with("+xml"))
}

/// Whether nothing speaks against it. What must not be stored holds a token: next to what a stranger has sent, the length
/// of the two compressed together tells something of it.
fn may_be_changed(headers: &HeaderMap) -> bool {
    let caching = headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    !headers.contains_key(CONTENT_ENCODING)
        && !caching.contains("no-store")
        && !caching.contains("no-transform")
}
