//! Whether the process runs, and whether it can serve.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use crate::db::DbError;
use crate::db::migrations::is_current;
use crate::error::Error;
use crate::jsonapi::{Code, ErrorObject, media_type};
use crate::state::AppState;

/// Whether the node is about to stop; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Leaving(Arc<AtomicBool>);

impl Leaving {
    /// From now on it is.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// `GET /healthz`: the process answers.
pub async fn healthz() -> HttpResponse {
    ok()
}

/// `GET /readyz`: the database can be reached and is migrated, and the node stays.
///
/// # Errors
/// 503.
pub async fn readyz(state: Data<AppState>) -> Result<HttpResponse, Error> {
    if state.leaving.has_begun() {
        return Err(ErrorObject::new(Code::Unavailable, "The server is about to stop.").into());
    }
    if state.db.read(is_current).await? {
        return Ok(ok());
    }
    Err(DbError::Unavailable("migrations are pending".to_owned()).into())
}

fn ok() -> HttpResponse {
    let document = json!({ "meta": { "status": "ok" } });
    HttpResponse::Ok().content_type(media_type::ANSWER).body(document.to_string())
}
