//! Whether the process runs, and whether it can serve.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use crate::db::DbError;
use crate::db::migrations::is_current;
use crate::error::Error;
use crate::jsonapi::media_type;
use crate::state::AppState;

/// `GET /healthz`: the process answers.
pub async fn healthz() -> HttpResponse {
    ok()
}

/// `GET /readyz`: the database can be reached and is migrated.
///
/// # Errors
/// 503.
pub async fn readyz(state: Data<AppState>) -> Result<HttpResponse, Error> {
    if state.db.read(is_current).await? {
        return Ok(ok());
    }
    Err(DbError::Unavailable("migrations are pending".to_owned()).into())
}

fn ok() -> HttpResponse {
    let document = json!({ "meta": { "status": "ok" } });
    HttpResponse::Ok().content_type(media_type::ANSWER).body(document.to_string())
}
