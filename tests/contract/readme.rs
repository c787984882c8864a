//! The transcripts of the README are what the server answers.

use actix_web::http::Method;
use actix_web::test::TestRequest;
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

#[actix_web::test]
async fn every_path_of_the_readme_is_there_with_its_methods() {
    let app = TestApp::new();
    let table = README.split_once("| path | methods |").expect("the table").1;
    let table = table.split_once("\n\n").expect("its end").0;
    let mut paths = 0;
    for row in table.lines().filter(|row| row.contains("| `/")) {
        let mut cells = row.split('|').map(str::trim).skip(1);
        let (listed, methods) = (cells.next().expect("paths"), cells.next().expect("methods"));
        for path in listed.split('`').filter(|part| part.starts_with('/')) {
            let answer = app.send(TestRequest::with_uri(path).method(Method::OPTIONS)).await;
            assert_eq!(answer.status, 204, "{path}");
            let allowed = answer.header("allow").expect("methods");
            for method in
                ["GET", "POST", "PUT", "PATCH", "DELETE"].iter().filter(|method| methods.contains(**method))
            {
                assert!(allowed.contains(method), "{method} {path}: {allowed}");
            }
            paths += 1;
        }
    }
    assert!(paths >= 26, "{paths}");
}
