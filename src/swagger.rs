//! The OpenAPI document as a page that sends requests: Swagger UI, out of the program.

mod archive;

use actix_web::http::header::{
    AcceptEncoding, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, Encoding, Header as _, HeaderValue, VARY,
};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use crate::asset;
use crate::error::Error;
use crate::guard::precondition::body_hash;

/// Where it is.
pub const PATH: &str = "/docs";

/// As that of the console; but Swagger UI draws with images that are in its style sheet, and sets styles in the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// A file of the page.
enum Content {
    Plain(&'static [u8]),
    Gzip(&'static [u8]),
}

macro_rules! packed {
    ($path:literal) => {{
        const ENTRY: archive::Entry = archive::find($path);
        static FILE: [u8; ENTRY.length + archive::AROUND] = archive::gzip(&ENTRY);
        Content::Gzip(&FILE)
    }};
}

/// All files, each with its media type.
static FILES: [(&str, &str, Content); 5] = [
    ("start.js", SCRIPT, Content::Plain(include_bytes!("swagger/page/start.js"))),
    ("swagger-ui-bundle.js", SCRIPT, packed!("/dist/swagger-ui-bundle.js")),
    ("swagger-ui.css", STYLE, packed!("/dist/swagger-ui.css")),
    ("swagger-ui.LICENSE", TEXT, packed!("/LICENSE")),
    ("swagger-ui.NOTICE", TEXT, Content::Plain(NOTICE.as_bytes())),
];

/// As the archive has it.
const NOTICE: &str = "swagger-ui\nCopyright 2020-2021 SmartBear Software Inc.\n";

/// `GET /docs`
pub async fn page(request: HttpRequest) -> HttpResponse {
    let page = include_bytes!("swagger/page/index.html");
    with_policy(asset::answer(&request, page, "text/html; charset=utf-8"))
}

/// `GET /docs/<file>`
///
/// # Errors
/// 404 where there is no such file.
pub async fn file(request: HttpRequest, name: Path<String>) -> Result<HttpResponse, Error> {
    let file = FILES.iter().find(|(known, _, _)| *known == name.as_str());
    let (_, content_type, content) = file.ok_or_else(Error::route_not_found)?;
    let response = match content {
        Content::Plain(content) => asset::answer(&request, content, content_type),
        Content::Gzip(content) => packed(&request, content, content_type),
    };
    Ok(with_policy(response))
}

fn with_policy(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// A file as it is in the program, or unpacked for a client that can't do that.
fn packed(request: &HttpRequest, content: &'static [u8], content_type: &'static str) -> HttpResponse {
    let offered = [Encoding::gzip(), Encoding::identity()];
    let wanted = AcceptEncoding::parse(request).ok().and_then(|wanted| wanted.negotiate(offered.iter()));
    let hash = body_hash(content);
    let mut response = if wanted == Some(Encoding::gzip()) {
        let mut response = asset::tagged(request, content, (content_type, format!("\"{hash}.packed\"")));
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        asset::tagged(request, archive::content(content), (content_type, format!("\"{hash}\"")))
    };
    response.headers_mut().append(VARY, HeaderValue::from_static("Accept-Encoding"));
    response
}
