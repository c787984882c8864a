//! The OpenAPI document says what the routes, the tables of attributes and the list of error codes say. That answers are as it
//! tells, all other tests see (`tests/support/openapi.rs`).

mod errors;
mod examples;

use std::collections::BTreeSet;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::Value;
use steward::account_lists::{list, organization_account};
use steward::jsonapi::Code;
use steward::juno::user::field::FIELDS;
use steward::people::kind::{Access, Kind};
use steward::users::attributes::{ATTRIBUTES, Kind as UserKind};
use steward::{openapi, routes};

use crate::support::TestApp;
use crate::support::app::REY;

/// Every operation with its method and path.
fn operations() -> Vec<(Method, String, &'static Value)> {
    let mut all = Vec::new();
    for (pattern, methods) in routes::listed() {
        let path = openapi::path_of(&pattern);
        for method in methods {
            let operation = &openapi::document()["paths"][&path][method.as_str().to_ascii_lowercase()];
            all.push((method, path.clone(), operation));
        }
    }
    all
}

fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(at) => openapi::document().pointer(at.trim_start_matches('#')).expect("what is referred to"),
        None => value,
    }
}

#[test]
fn every_method_of_every_route_is_described() {
    let mut ids = BTreeSet::new();
    let all = operations();
    assert!(all.len() > 180, "{}", all.len());
    for (method, path, operation) in all {
        let id =
            operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} is not described"));
        assert!(ids.insert(id), "{id} twice");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
        let names = openapi::document()["paths"][&path]["parameters"].as_array().expect("parameters");
        for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            assert!(names.iter().any(|known| known["name"] == name), "{name} of {path}");
        }
    }
}

/// The attributes that the schema of a resource has.
fn shown(kind: &str) -> BTreeSet<&'static str> {
    let schema = &openapi::document()["components"]["schemas"][kind]["properties"]["attributes"];
    schema["properties"].as_object().expect("attributes").keys().map(String::as_str).collect()
}

#[test]
fn every_attribute_of_the_tables_is_in_its_schema() {
    let user = ATTRIBUTES.iter().map(|attribute| attribute.name);
    assert_eq!(shown("users"), user.collect());
    let person = ATTRIBUTES.iter().filter(|attribute| attribute.kind != UserKind::Preferences);
    assert_eq!(shown("people"), person.map(|attribute| attribute.name).collect());
    for kind in Kind::all() {
        let own = kind.attributes.iter().filter(|attribute| {
            matches!(attribute.access, Access::Open | Access::ReadOnly) && !attribute.holds.is_relationship()
        });
        let own = own.map(|attribute| attribute.name).chain(["created_at", "updated_at", "updated_in_db_at"]);
        assert_eq!(shown(kind.name), own.collect(), "{}", kind.name);
    }
    assert_eq!(shown("account_lists"), list::ATTRIBUTES.into_iter().collect());
    assert_eq!(shown("organization_accounts"), organization_account::ATTRIBUTES.into_iter().collect());
    assert_eq!(shown("juno_users"), FIELDS.iter().map(|field| field.name).collect());
}

#[test]
fn every_error_code_is_told_of_at_its_status_with_its_meaning() {
    let responses = openapi::document()["components"]["responses"].as_object().expect("responses");
    for code in Code::ALL {
        let told = format!("[`{0}`](/docs/errors#{0}): {1}", code.as_str(), code.meaning().trim());
        let at = responses
            .values()
            .filter(|response| response["description"].as_str().is_some_and(|text| text.contains(&told)));
        let at: Vec<_> = at.collect();
        assert_eq!(at.len(), 1, "{told}");
        let name = steward::jsonapi::error::title(code.status()).replace(' ', "");
        assert_eq!(at[0], &responses[&name], "{told}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn follow(value: &'static Value, seen: &mut usize) {
        if value.get("$ref").is_some() {
            assert!(!resolved(value).is_null(), "{value}");
            *seen += 1;
        }
        match value {
            Value::Object(members) => members.values().for_each(|value| follow(value, seen)),
            Value::Array(elements) => elements.iter().for_each(|value| follow(value, seen)),
            _ => {}
        }
    }
    let mut seen = 0;
    follow(openapi::document(), &mut seen);
    assert!(seen > 1000, "{seen}");
}

#[actix_web::test]
async fn every_parameter_of_a_query_is_known_to_its_route() {
    let app = TestApp::new();
    let mut asked = 0;
    for (method, path, operation) in operations() {
        let parameters = operation["parameters"].as_array().into_iter().flatten().map(resolved);
        let parameters = parameters.filter(|parameter| parameter["in"] == "query");
        for name in parameters.map(|parameter| parameter["name"].as_str().expect("a name")) {
            // A stream does not end.
            if method != Method::GET || path == "/api/v2/user/events" {
                continue;
            }
            let path = path.replace("{id}", REY).replace("{key}", "a").replace("{dimension}", "13");
            let path = path
                .replace("/api/v2/juno_users/55ae2416-6a72-4812-b85e-46cd15fcebdf", "/api/v2/juno_users/1");
            let answer = app.send(TestRequest::get().uri(&format!("{path}?{name}="))).await;
            assert!(!answer.text().contains("is not known here"), "{name} of {path}: {}", answer.text());
            asked += 1;
        }
    }
    assert!(asked > 150, "{asked}");
}

#[test]
fn nothing_in_the_document_leads_to_another_host_but_what_is_somebodys_data() {
    let mut document = openapi::document().clone();
    // Names of media types, and URLs that users have.
    document["components"]["examples"].take();
    let text = document.to_string().replace("https://jsonapi.org/ext/atomic", "");
    assert!(!text.contains("://"), "{}", text.split("://").next().unwrap_or_default().len());
    assert!(document["info"]["license"].get("identifier").is_none(), "Swagger UI links to spdx.org");
}

#[actix_web::test]
async fn the_document_is_served_to_everybody_and_not_sent_twice() {
    let app = TestApp::new();
    let request = || TestRequest::get().uri(openapi::PATH);
    let answer = app.send_as(None, request()).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(&answer.json(), openapi::document());
    let tag = answer.header("etag").expect("a tag").to_owned();
    let again = app.send_as(None, request().insert_header(("If-None-Match", tag))).await;
    assert_eq!((again.status, again.text()), (304, ""));
}
