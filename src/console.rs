//! The console: a page that edits offline, syncs and shows conflicts, served out of the program. It is a client of the
//! API as any other, and its `sync/` is what writers of clients are to copy (`docs/sync.md`).

use std::sync::LazyLock;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::asset;
use crate::error::Error;
use crate::guard::precondition::body_hash;
use crate::state::AppState;

/// Where it is.
pub const PATH: &str = "/console";

/// Nothing but what this server has, and no code in the page itself: a token in a script of somebody else's is lost.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Lets the worker answer for the page itself, which is not below its own path.
const WORKER_SCOPE: HeaderName = HeaderName::from_static("service-worker-allowed");

/// A file of the page.
struct Asset {
    /// Its path below [`PATH`].
    path: &'static str,
    content: &'static [u8],
}

macro_rules! assets {
    ($($path:literal),+ $(,)?) => {
        /// All files, as they are in `src/console/page/`.
        static ASSETS: &[Asset] = &[
            $(Asset { path: $path, content: include_bytes!(concat!("console/page/", $path)) }),+
        ];
    };
}

assets! {
    "app.js",
    "icon.svg",
    "index.html",
    "store.js",
    "style.css",
    "sync/client.js",
    "sync/device.js",
    "sync/entry.js",
    "sync/events.js",
    "sync/memory.js",
    "sync/replica.js",
    "vendor/idb.LICENSE",
    "vendor/idb.js",
    "view/dom.js",
    "view/lists.js",
    "view/names.js",
    "view/questions.js",
    "view/record.js",
    "worker.js",
}

/// What the worker keeps for when there is no network: the page, and each file of it.
static LIST: LazyLock<String> = LazyLock::new(|| {
    let files = ASSETS.iter().filter(|asset| !matches!(asset.path, "index.html" | "worker.js"));
    let paths = files.map(|asset| format!("\"{PATH}/{}\"", asset.path));
    format!("[{}]", std::iter::once(format!("\"{PATH}\"")).chain(paths).collect::<Vec<_>>().join(","))
});

/// The worker with the name of this version in it: browsers look for a new page where the worker is another.
static WORKER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let all: Vec<u8> = ASSETS.iter().flat_map(|asset| asset.content).copied().collect();
    let worker = ASSETS.iter().find(|asset| asset.path == "worker.js").map_or(&[][..], |asset| asset.content);
    String::from_utf8_lossy(worker).replace("VERSION", &body_hash(&all)).into_bytes()
});

/// `GET /console`
///
/// # Errors
/// 404 where the console is left out.
pub async fn page(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Error> {
    answer(&state, &request, "index.html")
}

/// `GET /console/<path>`
///
/// # Errors
/// 404 where there is no such file, or the console is left out.
pub async fn file(
    state: Data<AppState>,
    request: HttpRequest,
    path: Path<String>,
) -> Result<HttpResponse, Error> {
    answer(&state, &request, &path)
}

fn answer(state: &AppState, request: &HttpRequest, path: &str) -> Result<HttpResponse, Error> {
    let asset = ASSETS.iter().find(|asset| asset.path == path).map(|asset| asset.content);
    let content = match path {
        "assets.json" => Some(LIST.as_bytes()),
        "worker.js" => Some(WORKER.as_slice()),
        _ => asset,
    };
    let content = content.filter(|_| state.has_console).ok_or_else(Error::route_not_found)?;
    let mut response = asset::answer(request, content, type_of(path));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response.headers_mut().insert(WORKER_SCOPE, HeaderValue::from_static(PATH));
    Ok(response)
}

fn type_of(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}
