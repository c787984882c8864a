//! The extension "Atomic Operations" (K126-K138), rule by rule.

mod targets;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use steward::jsonapi::atomic::{ANSWER, LIMIT};

use crate::support::app::{JSON_API, REY, USER};
use crate::support::{Answer, TestApp};

const PATH: &str = "/api/v2/operations";
const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";
const SITE: &str = "11111111-1111-4111-8111-111111111111";
const NOBODY: &str = "22222222-2222-4222-8222-222222222222";

async fn send(app: &TestApp, document: &Value) -> Answer {
    let request = TestRequest::post().uri(PATH).insert_header((CONTENT_TYPE, ANSWER));
    app.send(request.set_payload(document.to_string())).await
}

async fn operate(app: &TestApp, operations: Value) -> Answer {
    send(app, &json!({ "atomic:operations": operations })).await
}

/// Asserts that operations are done, and returns their results.
async fn results(app: &TestApp, operations: Value) -> Value {
    let answer = operate(app, operations).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["atomic:results"].clone()
}

/// Asserts that the only operation is refused at `pointer`, which lies in it.
async fn refused(app: &TestApp, operation: Value, status: u16, code: &str, pointer: &str) {
    let answer = operate(app, json!([operation])).await;
    answer.assert_refused(status, &[code]);
    let expected = format!("/atomic:operations/0{pointer}");
    assert_eq!(answer.error()["source"]["pointer"], expected, "{}", answer.text());
}

fn site(url: &str) -> Value {
    json!({ "type": "websites", "id": SITE, "attributes": { "url": url, "overwrite": true } })
}

fn rename(name: &str) -> Value {
    json!({ "op": "update", "data": { "type": "users", "id": REY,
        "attributes": { "first_name": name, "overwrite": true } } })
}

#[actix_web::test]
async fn k003_answers_with_results_name_the_extension_and_no_other_answer_does() {
    let app = TestApp::new();
    let answer = operate(&app, json!([rename("Jack")])).await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"")
    );
    let answer = operate(&app, json!([{ "op": "update" }])).await;
    assert_eq!(answer.status, 400);
    assert!(answer.header("content-type").is_some_and(|value| !value.contains("ext")), "{answer:?}");
}

#[actix_web::test]
async fn k005_the_extension_is_named_in_quotes() {
    let answer = operate(&TestApp::new(), json!([rename("Jack")])).await;
    assert!(
        answer.header("content-type").is_some_and(|value| value.contains("ext=\"https://")),
        "{answer:?}"
    );
}

#[actix_web::test]
async fn k126_operations_are_posted_with_the_extension_and_nothing_else() {
    let app = TestApp::new();
    let document = json!({ "atomic:operations": [rename("Jack")] });
    let typed = |content_type: &str| {
        let request = TestRequest::post().uri(PATH).insert_header((CONTENT_TYPE, content_type));
        app.send(request.set_payload(document.to_string()))
    };
    for content_type in
        [JSON_API, "application/json", &format!("{JSON_API}; ext=\"https://example.com/ext\"")]
    {
        let answer = typed(content_type).await;
        answer.assert_refused(415, &["unsupported_media_type"]);
        assert!(answer.text().contains("ext=\\\"https://jsonapi.org/ext/atomic\\\""), "{}", answer.text());
    }
    assert_eq!(typed(&format!("{ANSWER}; charset=utf-8")).await.status, 200);
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = app.call(method, PATH, None).await;
        answer.assert_refused(405, &["method_not_allowed"]);
        assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
    }
    // The extension is applied there alone.
    let request = TestRequest::default().method(Method::PUT).uri(USER).insert_header((CONTENT_TYPE, ANSWER));
    app.send(request.set_payload(document.to_string()))
        .await
        .assert_refused(415, &["unsupported_media_type"]);
}

#[actix_web::test]
async fn k127_a_document_of_operations_has_no_data_included_or_results() {
    let app = TestApp::new();
    for name in ["data", "errors", "included", "atomic:results"] {
        let answer = send(&app, &json!({ "atomic:operations": [rename("Jack")], name: [] })).await;
        answer.assert_refused(400, &["invalid_document"]);
        assert_eq!(answer.error()["source"]["pointer"], format!("/{name}"));
    }
    let beside = json!({ "atomic:operations": [rename("Jack")], "meta": {}, "jsonapi": {}, "links": {} });
    assert_eq!(send(&app, &beside).await.status, 200);
}

#[actix_web::test]
async fn k128_an_operation_has_an_op_and_one_target() {
    let app = TestApp::new();
    let reference = json!({ "type": "websites", "id": SITE });
    for (operation, pointer) in [
        (json!(1), ""),
        (json!({}), ""),
        (json!({ "op": "upsert" }), "/op"),
        (json!({ "op": null }), "/op"),
        (json!({ "op": "remove", "ref": reference, "href": format!("{USER}/websites/{SITE}") }), ""),
        (json!({ "op": "remove", "ref": [] }), "/ref"),
        (json!({ "op": "remove", "ref": { "id": SITE } }), "/ref"),
        (json!({ "op": "remove", "ref": { "type": "websites" } }), "/ref"),
        (json!({ "op": "remove", "ref": { "type": "websites", "id": SITE, "lid": "a" } }), "/ref"),
        (json!({ "op": "remove", "ref": { "type": "websites", "id": 7 } }), "/ref/id"),
        (json!({ "op": "remove", "href": 7 }), "/href"),
        (json!({ "op": "update", "data": rename("A")["data"], "included": [] }), "/included"),
        (json!({ "op": "remove" }), ""),
        (json!({ "op": "add", "ref": reference, "data": site("https://a.example") }), "/ref"),
    ] {
        refused(&app, operation, 400, "invalid_document", pointer).await;
    }
}

#[actix_web::test]
async fn k129_operations_run_in_order() {
    let app = TestApp::new();
    let add = json!({ "op": "add", "data": site("https://a.example") });
    let update = json!({ "op": "update", "data": site("https://b.example") });
    let remove = json!({ "op": "remove", "ref": { "type": "websites", "id": SITE } });
    operate(&app, json!([update, add])).await.assert_refused(404, &["not_found"]);
    operate(&app, json!([add, remove, update])).await.assert_refused(404, &["not_found"]);
    let results = results(&app, json!([rename("A"), rename("B"), add, update])).await;
    assert_eq!(results[1]["data"]["attributes"]["first_name"], "B");
    assert_eq!(results[3]["data"]["attributes"]["url"], "https://b.example");
}

#[actix_web::test]
async fn k130_all_operations_happen_or_none() {
    let app = TestApp::new();
    let before = app.get().await;
    let missing = json!({ "op": "remove", "ref": { "type": "websites", "id": NOBODY } });
    let add = json!({ "op": "add", "data": site("https://a.example") });
    for operations in [json!([rename("Jack"), add, missing]), json!([missing, rename("Jack"), add])] {
        operate(&app, operations).await.assert_refused(404, &["not_found"]);
        assert_eq!(app.get().await.text(), before.text());
    }
}

#[actix_web::test]
async fn k131_there_is_a_result_for_each_operation_in_its_place() {
    let app = TestApp::new();
    let operations = json!([
        { "op": "add", "data": site("https://a.example") },
        { "op": "remove", "ref": { "type": "email_addresses", "id": EMAIL } },
        rename("Jack"),
    ]);
    let results = results(&app, operations).await;
    let types: Vec<_> = results.as_array().expect("results").iter().map(|r| &r["data"]["type"]).collect();
    assert_eq!(types, [&json!("websites"), &Value::Null, &json!("users")]);
}

#[actix_web::test]
async fn k132_a_malformed_operation_is_400_and_tells_which_one() {
    let app = TestApp::new();
    for (document, pointer) in [
        (json!({}), ""),
        (json!([]), ""),
        (json!({ "atomic:operations": {} }), "/atomic:operations"),
        (json!({ "atomic:operations": [] }), "/atomic:operations"),
        (json!({ "atomic:operations": [rename("A"), { "op": "add" }] }), "/atomic:operations/1"),
        (json!({ "atomic:operations": [{ "op": "update", "data": [] }] }), "/atomic:operations/0/data"),
        (
            json!({ "atomic:operations": [{ "op": "update", "ref": { "type": "users", "id": REY } }] }),
            "/atomic:operations/0",
        ),
        (
            json!({ "atomic:operations": [{ "op": "add", "data": { "type": "websites" } }] }),
            "/atomic:operations/0/data",
        ),
    ] {
        let answer = send(&app, &document).await;
        answer.assert_refused(400, &["invalid_document"]);
        assert_eq!(answer.error()["source"]["pointer"], pointer, "{document}");
    }
    let many = vec![rename("Jack"); LIMIT + 1];
    operate(&app, json!(many)).await.assert_refused(400, &["too_long"]);
    assert_eq!(operate(&app, json!(many[1..])).await.status, 200);
}

#[actix_web::test]
async fn k133_an_impossible_operation_is_refused_as_at_its_endpoint() {
    let app = TestApp::new();
    let row = |kind: &str, id: &str| json!({ "op": "remove", "ref": { "type": kind, "id": id } });
    refused(&app, row("websites", NOBODY), 404, "not_found", "").await;
    refused(&app, row("websites", "7"), 404, "not_found", "/ref/id").await;
    refused(&app, row("contacts", NOBODY), 409, "type_conflict", "/ref/type").await;
    refused(&app, row("users", NOBODY), 404, "not_found", "/ref/id").await;
    refused(&app, row("users", REY), 400, "invalid_document", "/ref").await;
    let add = |data: Value| json!({ "op": "add", "data": data });
    refused(&app, add(json!({ "type": "contacts", "attributes": {} })), 409, "type_conflict", "/data/type")
        .await;
    refused(&app, add(json!({ "type": "users", "attributes": {} })), 400, "invalid_document", "/data/type")
        .await;
    refused(
        &app,
        add(json!({ "type": "websites", "id": "7", "attributes": { "url": "https://a.example" } })),
        400,
        "invalid",
        "/data/id",
    )
    .await;
    refused(&app, add(json!({ "type": "websites", "attributes": {} })), 400, "blank", "/data/attributes")
        .await;
    let paths = [
        ("add", format!("{USER}/websites/{SITE}"), 400, "invalid_document"),
        ("add", format!("{USER}/nothing"), 404, "route_not_found"),
        ("update", format!("{USER}/websites"), 400, "invalid_document"),
        ("update", format!("{USER}/websites/{NOBODY}"), 404, "not_found"),
        ("update", format!("{USER}/websites/seven"), 404, "route_not_found"),
        ("update", format!("/api/v2/users/{NOBODY}"), 404, "not_found"),
        ("update", format!("https://elsewhere.example{USER}"), 404, "route_not_found"),
        ("update", String::new(), 404, "route_not_found"),
    ];
    for (op, href, status, code) in paths {
        let mut data = site("https://a.example");
        if href.ends_with(NOBODY) {
            data["id"] = json!(NOBODY);
        }
        let answer = operate(&app, json!([{ "op": op, "href": href, "data": data }])).await;
        answer.assert_refused(status, &[code]);
    }
}

#[actix_web::test]
async fn results_are_whole_so_fields_are_refused() {
    let app = TestApp::new();
    let document = json!({ "atomic:operations": [rename("Jack")] });
    let request = TestRequest::post().uri("/api/v2/operations?fields[users]=first_name");
    let answer =
        app.send(request.insert_header((CONTENT_TYPE, ANSWER)).set_payload(document.to_string())).await;
    answer.assert_refused(400, &["invalid_parameter"]);
}
