//! JSON:API 1.1, rule by rule: a test for each K-number of the checklist that this server meets, named after it.
//! `docs/conformance.md` is rendered from [`table`], which these tests are held against.

mod atomic;
mod creating;
mod deleting;
mod document;
mod errors;
mod fetching;
mod fieldsets;
mod include;
mod media_types;
mod odd;
mod odd_attributes;
mod odd_bodies;
mod odd_queries;
mod paging;
mod query;
mod relationships;
mod report;
mod schema;
mod sorting;
mod table;
mod updating;

use actix_web::http::Method;
use serde_json::{Value, json};
use steward::people::kind::KINDS;
use steward::users::create::NewUser;

use crate::support::app::{ACCOUNT_LIST, MADE_AT, id, stamp};
use crate::support::rows::new_row;
use crate::support::{Answer, TestApp};

/// The documented user's only row.
const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";
/// A person who shares Rey's account list in [`full`].
const FINN: &str = "11111111-1111-4111-8111-111111111111";
/// An id that nothing has.
const NOTHING: &str = "22222222-2222-4222-8222-222222222222";

/// The relationships of a user.
const RELATIONSHIPS: [&str; 9] = [
    "email_addresses",
    "facebook_accounts",
    "family_relationships",
    "linkedin_accounts",
    "phone_numbers",
    "twitter_accounts",
    "websites",
    "account_lists",
    "master_person",
];

/// Sends a request to a path below `/api/v2/`.
async fn send(app: &TestApp, method: Method, path: &str, document: Option<&Value>) -> Answer {
    app.call(method, &format!("/api/v2/{path}"), document).await
}

async fn get(app: &TestApp, path: &str) -> Answer {
    send(app, Method::GET, path, None).await
}

async fn post(app: &TestApp, path: &str, document: &Value) -> Answer {
    send(app, Method::POST, path, Some(document)).await
}

async fn patch(app: &TestApp, path: &str, document: &Value) -> Answer {
    send(app, Method::PATCH, path, Some(document)).await
}

async fn delete(app: &TestApp, path: &str) -> Answer {
    send(app, Method::DELETE, path, None).await
}

/// The document of a GET that succeeds.
async fn read(app: &TestApp, path: &str) -> Value {
    let answer = get(app, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn document(kind: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "attributes": attributes } })
}

/// The document with the value at `pointer` put in or replaced; without it where there is none.
fn with(mut document: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer below the root");
    match (document.pointer_mut(parent).expect("the parent"), value) {
        (Value::Object(members), Some(value)) => _ = members.insert(member.to_owned(), value),
        (Value::Object(members), None) => assert!(members.remove(member).is_some(), "{pointer}"),
        (Value::Array(elements), Some(value)) => elements.push(value),
        _ => panic!("{pointer}"),
    }
    document
}

/// Rey with a row of every kind; Finn shares her account list and is her brother.
async fn full() -> TestApp {
    let app = TestApp::new();
    app.change(|connection| {
        let finn = NewUser::new(id(FINN), "Finn", stamp(MADE_AT));
        finn.and_then(|finn| finn.account_list(id(ACCOUNT_LIST), "-")).expect("Finn").insert(connection)
    });
    for kind in &KINDS {
        app.clock.advance(60);
        let made = post(&app, &format!("user/{}", kind.name), &new_row(kind.name, FINN)).await;
        assert_eq!(made.status, 201, "{}", made.text());
    }
    app
}

/// Rey with websites of these URLs, made a minute after each other.
async fn with_sites(urls: &[&str]) -> TestApp {
    let app = TestApp::new();
    for url in urls {
        app.clock.advance(60);
        let made = post(&app, "user/websites", &document("websites", json!({ "url": url }))).await;
        assert_eq!(made.status, 201, "{}", made.text());
    }
    app
}

/// The URLs of a list of websites, in its order.
async fn urls(app: &TestApp, query: &str) -> Vec<String> {
    let list = read(app, &format!("user/websites?{query}")).await;
    let url = |row: &Value| row["attributes"]["url"].as_str().expect("a URL").to_owned();
    list["data"].as_array().expect("rows").iter().map(url).collect()
}

/// Documents of every kind that has resources as primary data, with everything included that can be.
async fn documents(app: &TestApp) -> Vec<Value> {
    let mut paths: Vec<String> = [
        "user",
        "user?include=*,family_relationships.related_person,account_lists.users",
        "users/me",
        "contacts/people/me?include=*",
        "user/family_relationships?include=related_person",
        "user/account_lists",
        "user/account_lists?include=users",
        "user/master_person",
    ]
    .map(str::to_owned)
    .into();
    for kind in KINDS.iter().map(|kind| kind.name) {
        let path = format!("user/{kind}");
        let list = read(app, &path).await;
        paths.push(format!("{path}/{}", text(&list["data"][0]["id"])));
        paths.push(path);
    }
    let mut documents = Vec::new();
    for path in paths {
        documents.push(read(app, &path).await);
    }
    documents
}

/// The resource objects of a document: its primary data and what is included.
fn resources(document: &Value) -> Vec<&Value> {
    let data = &document["data"];
    let primary = data.as_array().map_or_else(|| std::slice::from_ref(data), Vec::as_slice);
    primary.iter().chain(document["included"].as_array().into_iter().flatten()).collect()
}

/// The types of the included resources, in their order.
fn included_types(document: &Value) -> Vec<&str> {
    document["included"].as_array().expect("included").iter().map(|r| text(&r["type"])).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}"))
}

/// The names of an object's members; none of what is no object.
fn names(value: &Value) -> Vec<&str> {
    value.as_object().into_iter().flat_map(|members| members.keys().map(String::as_str)).collect()
}
