//! JUNO's routes, rule by rule.

mod callers;
mod ce;
mod copy;
mod dimensions;
mod files;
mod lines;
mod lists;
mod tags;
mod users;
mod wire;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::support::app::JSON_API;
use crate::support::{Answer, TestApp};

/// An application, and an integration that calls it.
pub struct Site {
    pub app: TestApp,
    pub key: String,
}

impl Site {
    pub fn new() -> Self {
        let app = TestApp::new();
        let key = app.api_key("importer");
        Self { app, key }
    }

    /// Sends a request with the integration's key.
    pub async fn send(&self, request: TestRequest) -> Answer {
        self.app.send_as(None, request.insert_header(("X-API-Key", self.key.as_str()))).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, None)).await
    }

    pub async fn post(&self, path: &str, document: &Value) -> Answer {
        self.send(request(Method::POST, path, Some(document))).await
    }

    pub async fn patch(&self, path: &str, document: &Value) -> Answer {
        self.send(request(Method::PATCH, path, Some(document))).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(request(Method::DELETE, path, None)).await
    }
}

/// A request to a path below `/api/v2/`.
pub fn request(method: Method, path: &str, document: Option<&Value>) -> TestRequest {
    let request = TestRequest::with_uri(&format!("/api/v2/{path}")).method(method);
    match document {
        Some(document) => request.insert_header((CONTENT_TYPE, JSON_API)).set_payload(document.to_string()),
        None => request,
    }
}

/// A document with attributes.
pub fn document(kind: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "attributes": attributes } })
}

/// The pointers of an answer's errors, in their order.
pub fn pointers(answer: &Answer) -> Vec<String> {
    let pointer = |error: &Value| error["source"]["pointer"].as_str().map(str::to_owned);
    answer.errors().iter().filter_map(pointer).collect()
}

/// The ids of a list.
pub fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let data = answer.json()["data"].as_array().cloned().expect("a list");
    data.iter().map(|one| one["id"].as_str().expect("an id that is a string").to_owned()).collect()
}

/// The id of what was made.
pub fn made(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["data"]["id"].as_str().expect("an id that is a string").to_owned()
}
