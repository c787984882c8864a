//! The transcripts of the README are what the server answers.

use serde_json::Value;
use steward::jsonapi::Json;

use crate::support::{TestApp, put};

const README: &str = include_str!("../../README.md");

/// The JSON behind a marker in the README.
fn transcript(name: &str) -> &'static str {
    let marker = format!("<!-- transcript: {name} -->\n```json\n");
    let (_, rest) = README.split_once(&marker).unwrap_or_else(|| panic!("{marker}"));
    rest.split_once("```").expect("the end of the block").0
}

#[actix_web::test]
async fn the_conflict_of_the_readme_is_told_as_the_readme_tells_it() {
    let app = TestApp::new();
    let read = |name| serde_json::from_str::<Value>(transcript(name)).expect("JSON");
    let shown = app.send(put(&read("first"))).await.assert_ok();
    assert!(
        README.contains(&format!(
            "`updated_in_db_at` is now `{}`",
            shown["updated_in_db_at"].as_str().unwrap()
        ))
    );
    let refused = app.send(put(&read("second")).insert_header(("X-Request-Id", "tablet-1"))).await;
    assert_eq!(refused.status, 409);
    let told = Json::parse(transcript("refusal").as_bytes()).expect("JSON").to_text();
    assert_eq!(refused.text(), told, "byte for byte but for the blanks");
    let mut merge = read("second");
    merge["data"]["attributes"].as_object_mut().expect("attributes").remove("first_name");
    merge["data"]["meta"] = serde_json::json!({ "on_conflict": "merge" });
    assert_eq!(app.send(put(&merge)).await.assert_ok()["employer"], "Cru");
}
