//! Odd bodies: what is no JSON, no document, no resource, or not of this endpoint. Each is refused with 4xx and changes
//! nothing. Odd values of attributes are in [`super::odd_attributes`].

mod broken;
mod shapes;

use std::collections::BTreeSet;

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::odd::{Odd, assert_all_refused, request};
use super::{full, new_row, read, text};
use crate::support::app::{JSON_API, REY, USER};
use crate::support::{TestApp, user};

/// An endpoint that takes documents, and a document that would change something there.
pub(super) struct Target {
    method: Method,
    path: String,
    document: Value,
}

impl Target {
    /// The endpoints, each with its own reader of bodies.
    pub(super) async fn all(app: &TestApp) -> [Self; 5] {
        let site = text(&read(app, "user/websites").await["data"][0]["id"]).to_owned();
        let mut edit =
            user(json!({ "first_name": "Jack", "preferences": { "locale": "de" }, "overwrite": true }));
        edit["data"]["id"] = json!(REY);
        let mut person = user(json!({ "first_name": "Jack", "overwrite": true }));
        person["data"]["type"] = json!("people");
        let mut site_edit = new_row("websites", REY);
        site_edit["data"]["attributes"]["overwrite"] = json!(true);
        site_edit["data"]["attributes"]["url"] = json!("https://example.org");
        let target = |method, path: &str, document: &Value| Self {
            method,
            path: path.to_owned(),
            document: document.clone(),
        };
        [
            target(Method::PUT, "user", &edit),
            target(Method::PATCH, "users/me", &edit),
            target(Method::PUT, "contacts/people/me", &person),
            target(Method::POST, "user/websites", &new_row("websites", REY)),
            target(Method::PUT, &format!("user/websites/{site}"), &site_edit),
        ]
    }

    /// The endpoint with a body.
    pub(super) fn odd(&self, name: &str, body: impl Into<Vec<u8>>) -> Odd {
        (format!("{} {}: {name}", self.method, self.path), request(&self.method, &self.path, Some(body)))
    }

    /// The document that would change something.
    pub(super) fn document(&self) -> Value {
        self.document.clone()
    }
}

/// The documents of the targets do change something, or all that follows would prove nothing.
#[actix_web::test]
async fn the_documents_that_are_made_odd_would_be_applied() {
    for target in 0..5 {
        let app = full().await;
        let target = &Target::all(&app).await[target];
        let before = app.stamp().await;
        let (name, request) = target.odd("as it is", target.document.to_string());
        let answer = app.send(request).await;
        assert!((200..300).contains(&answer.status), "{name}: {}", answer.text());
        assert_ne!(app.stamp().await, before, "{name}");
    }
}

#[actix_web::test]
async fn bodies_that_are_no_json_are_refused_and_change_nothing() {
    let app = full().await;
    let targets = Target::all(&app).await;
    let mut requests = Vec::new();
    let mut bodies = BTreeSet::new();
    for (i, target) in targets.iter().enumerate() {
        for (n, (name, body)) in broken::bodies(&target.document).into_iter().enumerate() {
            // Broken is broken everywhere; each is sent to the user and to one of the others.
            if i == 0 || n % (targets.len() - 1) + 1 == i {
                bodies.insert(body.clone());
                requests.push(target.odd(&name, body));
            }
        }
    }
    assert!(bodies.len() > 200, "{} bodies", bodies.len());
    assert_all_refused(&app, requests).await;
}

#[actix_web::test]
async fn documents_of_wrong_shapes_are_refused_and_change_nothing() {
    let app = full().await;
    let mut requests = Vec::new();
    let mut documents = BTreeSet::new();
    for target in &Target::all(&app).await {
        for (name, document) in shapes::documents(target) {
            documents.insert(document.to_string());
            requests.push(target.odd(&name, document.to_string()));
        }
    }
    for (name, document) in shapes::linkages() {
        for method in [Method::PATCH, Method::POST, Method::DELETE] {
            let path = "user/relationships/websites";
            documents.insert(document.to_string());
            requests.push((
                format!("{method} {path}: {name}"),
                request(&method, path, Some(document.to_string())),
            ));
        }
    }
    assert!(documents.len() > 300, "{} documents", documents.len());
    assert_all_refused(&app, requests).await;
}

#[actix_web::test]
async fn odd_media_types_are_refused_and_change_nothing() {
    let app = full().await;
    let mut requests: Vec<Odd> = Vec::new();
    let targets = Target::all(&app).await;
    let send = |target: &Target| {
        let path = format!("/api/v2/{}", target.path);
        TestRequest::with_uri(&path).method(target.method.clone()).set_payload(target.document.to_string())
    };
    let types = [
        "",
        " ",
        "x",
        "text/plain",
        "text/html",
        "application/json",
        "application/vnd.api",
        "application/vnd.api+xml",
        "application/vnd.api+json2",
        "application/*",
        "*/*",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/vnd.api+json, application/json",
        "application/json, application/vnd.api+json",
        "application/vnd.api+json; charset=latin1",
        "application/vnd.api+json; charset=utf-16",
        "application/vnd.api+json; version=1",
        "application/vnd.api+json; q=1",
        "application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"",
        "application/vnd.api+json; ext=x",
        "application/vnd.api+json; ext",
        "application/vnd.api+json; profile",
        "application/vnd.api+json; =x",
        "application / vnd.api+json",
    ];
    let accepts = [
        "text/html",
        "application/json",
        "image/*",
        "application/vnd.api+json; version=1",
        "application/vnd.api+json; q=0",
        "*/*; q=0",
        "application/vnd.api+json; ext=\"https://example.com/ext\"",
        "x",
        "/",
        "application/vnd.api+json2",
    ];
    for target in &targets {
        let place = format!("{} {}", target.method, target.path);
        requests.push((format!("{place}: no type"), send(target)));
        for kind in types {
            requests
                .push((format!("{place}: type {kind}"), send(target).insert_header((CONTENT_TYPE, kind))));
        }
        let typed = || send(target).insert_header((CONTENT_TYPE, JSON_API));
        requests.push((format!("{place}: two types"), typed().append_header((CONTENT_TYPE, JSON_API))));
        for coding in ["gzip", "br", "deflate", "x"] {
            let request = typed().insert_header((CONTENT_ENCODING, coding));
            requests.push((format!("{place}: coding {coding}"), request));
        }
        for accept in accepts {
            requests.push((format!("{place}: accept {accept}"), typed().insert_header((ACCEPT, accept))));
        }
    }
    assert_all_refused(&app, requests).await;
}

#[actix_web::test]
async fn odd_methods_and_overrides_are_refused_and_change_nothing() {
    let app = full().await;
    let targets = Target::all(&app).await;
    let mut requests: Vec<Odd> = Vec::new();
    let send = |method: &str, path: &str, document: &Value| {
        let method = Method::from_bytes(method.as_bytes()).expect("a token");
        request(&method, path, Some(document.to_string()))
    };
    for target in &targets {
        for method in ["TRACE", "CONNECT", "LINK", "FOO", "put", "Patch", "PROPFIND"] {
            let request = send(method, &target.path, &target.document);
            requests.push((format!("{method} {}", target.path), request));
        }
        // Only a POST may ask to be another method, and only for one that the API has.
        let overrides = [
            "",
            " ",
            "FOO",
            "TRACE",
            "CONNECT",
            "LINK",
            "PUTT",
            "PUT,PATCH",
            "PUT PATCH",
            "HEAD",
            "OPTIONS",
            "POST",
            "\"PUT\"",
        ];
        for other in overrides.into_iter().filter(|_| target.method != Method::POST) {
            let request =
                send("POST", &target.path, &target.document).insert_header(("X-HTTP-Method-Override", other));
            requests.push((format!("POST {} as {other}", target.path), request));
        }
    }
    let edit = &targets[0].document;
    for path in ["user", "users/me", "user/me", "contacts/people/me"] {
        requests.push((format!("POST {path}"), send("POST", path, edit)));
        requests.push((format!("DELETE {path}"), send("DELETE", path, edit)));
        let request = send("POST", path, edit).insert_header(("X-HTTP-Method-Override", "DELETE"));
        requests.push((format!("POST {path} as DELETE"), request));
    }
    for path in ["user/websites", "user/account_lists", "user/master_person", "user/email_addresses"] {
        for method in ["PUT", "PATCH", "DELETE"] {
            requests.push((format!("{method} {path}"), send(method, path, edit)));
            let request = send("POST", path, edit).insert_header(("X-HTTP-Method-Override", method));
            requests.push((format!("POST {path} as {method}"), request));
        }
    }
    // With the right method the override takes the body of that method, and its faults.
    for (name, body) in broken::bodies(edit).into_iter().take(40) {
        for method in ["PUT", "patch"] {
            let request = TestRequest::post().uri(USER).insert_header((CONTENT_TYPE, JSON_API));
            let request = request.insert_header(("X-HTTP-Method-Override", method)).set_payload(body.clone());
            requests.push((format!("POST user as {method}: {name}"), request));
        }
    }
    assert_all_refused(&app, requests).await;
}

/// A body above the limit is refused whatever it holds.
#[actix_web::test]
async fn bodies_that_are_too_large_are_refused_and_change_nothing() {
    let app = full().await;
    let targets = Target::all(&app).await;
    let requests = targets.iter().map(|target| {
        let mut document = target.document.clone();
        document["data"]["attributes"]["nickname"] = json!("x".repeat(1024 * 1024));
        target.odd("more than 1 MiB", document.to_string())
    });
    assert_all_refused(&app, requests.collect()).await;
}
