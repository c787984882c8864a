//! Which bodies an endpoint takes (415), and which answers its client accepts (406).

use actix_web::http::header::{ACCEPT, AsHeaderName, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};

use crate::error::Error;
use crate::jsonapi::atomic;
use crate::jsonapi::media_type::{self, EVENTS, JSON, JSON_API};

/// What the bodies of an endpoint are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Documents of JSON:API.
    Documents,
    /// Documents of JSON:API, or plain JSON; and so are the answers.
    Flat,
    /// Documents of its extension for operations.
    Operations,
    /// Forms, which are read where they are understood.
    Forms,
    /// None; what is answered is a stream of events.
    Events,
    /// None; what is answered is a document, or a page where one is asked for.
    Pages,
}

/// Checks the headers of a request that tell of bodies.
///
/// # Errors
/// 415, 406.
pub(super) fn negotiate(headers: &HeaderMap, takes: Takes, has_body: bool) -> Result<(), Error> {
    if has_body {
        let mut lines = headers.get_all(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
        let extension = (takes == Takes::Operations).then_some(atomic::EXTENSION);
        let is_taken = |line| match takes {
            Takes::Forms => true,
            Takes::Flat if media_type::is_flat_body(line) => true,
            _ => media_type::accepts_body(line, extension),
        };
        let typed = lines.next().is_some_and(is_taken) && lines.next().is_none();
        let plain = headers.get(CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
        if !typed || !plain {
            let documents = match extension {
                Some(uri) => format!("{JSON_API}; ext=\"{uri}\""),
                None => JSON_API.to_owned(),
            };
            let flat = (takes == Takes::Flat).then(|| JSON.to_owned());
            let offered: Vec<String> = [documents].into_iter().chain(flat).collect();
            return Err(Error::unsupported_media_type(&offered));
        }
    }
    let Some(accept) = joined(headers, ACCEPT) else { return Ok(()) };
    match takes {
        Takes::Events if media_type::accepts_events(&accept) => Ok(()),
        Takes::Events => Err(Error::not_acceptable(&[EVENTS])),
        Takes::Flat if media_type::answer_form(&accept).is_some() => Ok(()),
        Takes::Flat => Err(Error::not_acceptable(&[JSON_API, JSON])),
        Takes::Pages if media_type::prefers_page(&accept) => Ok(()),
        _ if media_type::accepts_answer(&accept) => Ok(()),
        _ => Err(Error::not_acceptable(&[JSON_API])),
    }
}

/// The value of a header that is a list and may be sent in several lines. Bytes that are no text are an entry that
/// nothing matches.
pub(super) fn joined(headers: &HeaderMap, name: impl AsHeaderName) -> Option<String> {
    let lines: Vec<_> = headers.get_all(name).map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}
