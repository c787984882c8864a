//! Documentation that the server shows itself, so that what its errors link to is always there, and is that of the
//! version that runs.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TextMergeStream, html};

const ERRORS: &str = include_str!("../docs/errors.md");

static ERRORS_PAGE: LazyLock<String> = LazyLock::new(|| page("Errors", ERRORS));

/// `GET /docs/errors`: `docs/errors.md` as a page on which each code is an anchor. Public: it is the same for all.
pub async fn errors() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .body(ERRORS_PAGE.as_str())
}

fn page(title: &str, markdown: &str) -> String {
    let mut events: Vec<_> =
        TextMergeStream::new(Parser::new_ext(markdown, Options::ENABLE_TABLES)).collect();
    for i in 0..events.len() {
        // A heading is an anchor of its own name.
        let Some(Event::Text(name)) = events.get(i + 1).cloned() else { continue };
        if let Some(Event::Start(Tag::Heading { id, .. })) = events.get_mut(i) {
            *id = Some(CowStr::from(name.into_string()));
        }
    }
    let mut body = String::new();
    html::push_html(&mut body, events.into_iter());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Steward: {title}</title>\n\
         <style>body {{ font-family: sans-serif; line-height: 1.5; max-width: 45rem; margin: 2rem auto; padding: 0 1rem }} \
         td, th {{ text-align: left; vertical-align: top; padding-right: 1rem }} :target {{ background: #ff8 }}</style>\n\
         </head>\n<body>\n{body}</body>\n</html>\n"
    )
}
