//! Continuing education: how its routes are asked for, and what they answer. Rey has a record that is claimed and one that
//! is not yet.

use actix_web::http::Method;
use diesel::QueryResult;
use serde_json::{Value, json};
use steward::db::Connection;

use crate::support::app::REY;
use crate::support::education::{claim, program, record};

const CLAIMED: &str = "c1c1c1c1-0000-4000-8000-000000000001";
const OPEN: &str = "c1c1c1c1-0000-4000-8000-000000000002";
const NOT_JOINED: &str = "c1c1c1c1-0000-4000-8000-000000000003";

pub fn make(connection: &mut Connection) -> QueryResult<()> {
    let rey = (REY, 1);
    for one in [CLAIMED, OPEN, NOT_JOINED] {
        program(connection, one)?;
    }
    record(connection, rey, OPEN, OPEN)?;
    let claimed = record(connection, rey, CLAIMED, CLAIMED)?;
    claim(connection, claimed)
}

pub fn is_education(route: &str) -> bool {
    route.starts_with("/api/v2/ce_") || route == "/api/v2/juno_users/<id>/ce_records"
}

/// The path, with what the ids in it are.
pub fn path(route: &str, method: &Method) -> String {
    let is_new_claim = route.ends_with("/claims") && *method == Method::POST;
    let id = match route {
        "/api/v2/juno_users/<id>/ce_records" => "1",
        _ if is_new_claim => OPEN,
        _ => CLAIMED,
    };
    route.replace("<id>", id).replace("<activity>", CLAIMED)
}

pub fn document(route: &str, number: u8) -> Value {
    let resource =
        |kind: &str, attributes: Value| json!({ "data": { "type": kind, "attributes": attributes } });
    match route {
        "/api/v2/ce_programs" => {
            resource("ce_programs", json!({ "name": "A", "ce_credits": number, "ce_threshold": 0 }))
        }
        "/api/v2/ce_programs/<id>" => resource("ce_programs", json!({ "name": format!("{number}") })),
        "/api/v2/ce_records/<id>" => resource("ce_records", json!({ "ce_status": "Done" })),
        "/api/v2/ce_records/<id>/activities" => {
            let source = format!("new {number}");
            resource("ce_activities", json!({ "hours": 1, "source_type": "session", "source_id": source }))
        }
        "/api/v2/ce_records/<id>/claims" => resource("ce_claims", json!({})),
        "/api/v2/juno_users/<id>/ce_records" => {
            let mut record = resource("ce_records", json!({ "published": true }));
            let program = json!({ "type": "ce_programs", "id": NOT_JOINED });
            record["data"]["relationships"] = json!({ "program": { "data": program } });
            record
        }
        _ => json!({}),
    }
}

/// What an integration, another, who shares a list, and Rey herself are answered.
pub fn expected(route: &str, method: &Method) -> [u16; 4] {
    match (route, method.as_str()) {
        (route, "GET") if route.starts_with("/api/v2/ce_programs") => [200; 4],
        (_, "GET") => [200, 404, 404, 200],
        // Nobody is told whether another has it; what the integration has claimed is claimed.
        (route, "POST") if route.ends_with("/claims") => [201, 404, 404, 409],
        (route, "POST") if !route.ends_with("/reopen") => [201, 403, 403, 403],
        (_, "DELETE") => [204, 403, 403, 403],
        _ => [200, 403, 403, 403],
    }
}
