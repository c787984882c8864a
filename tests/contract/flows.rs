//! What the clients in the field do, request by request, with their headers and bodies: at sign-in, at the start, and at
//! a save. The sections are those of the survey that `clients` names; what stands there a fact at a time is not said again.

mod android;
mod web;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::Value;
use steward::config::SignInFlags;

use crate::support::provider::providers;
use crate::support::{Answer, TestApp};

/// An application with providers.
fn app(flags: &SignInFlags) -> TestApp {
    TestApp::with(|state| state.sign_in = providers(flags))
}

/// A client with what it sends with everything.
struct Client<'a> {
    app: &'a TestApp,
    headers: Vec<(&'static str, String)>,
    token: Option<String>,
}

impl Client<'_> {
    async fn ask(&self, method: Method, path: &str, body: Option<&str>) -> Answer {
        let request = TestRequest::with_uri(&format!("/api/v2/{path}")).method(method);
        let headers = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let request = headers.fold(request, TestRequest::insert_header);
        let request = match body {
            Some(body) => request.set_payload(body.to_owned()),
            None => request,
        };
        self.app.send_as(self.token.as_deref(), request).await
    }

    /// What is read. Both clients want `data`, and Android no `errors` beside it.
    async fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let document = answer.json();
        assert!(document.get("data").is_some() && document.get("errors").is_none(), "{path}: {document}");
        document
    }

    /// A write; its status is the client's business.
    async fn send(&self, method: Method, path: &str, body: &str) -> Answer {
        self.ask(method, path, Some(body)).await
    }

    /// Signs in; both clients read the token and nothing else, Android only where the type is right.
    async fn sign_in(&mut self, body: &str) {
        self.token = None;
        let answer = self.send(Method::POST, "user/authenticate", body).await;
        let token = answer.assert_ok()["json_web_token"].clone();
        assert_eq!(answer.json()["data"]["type"], "authenticate");
        self.token = token.as_str().map(str::to_owned);
    }
}

/// The rows of a list.
fn rows(document: &Value) -> &[Value] {
    document["data"].as_array().unwrap_or_else(|| panic!("a list: {document}"))
}

/// What a relationship of the document's resource names, as clients find it: in `included`, or not at all.
fn related(document: &Value, resource: &Value, name: &str) -> Vec<Value> {
    let linkage = &resource["relationships"][name]["data"];
    let linked = linkage.as_array().map_or_else(|| std::slice::from_ref(linkage), Vec::as_slice);
    let included = document["included"].as_array().map_or(&[][..], Vec::as_slice);
    let find = |one: &Value| included.iter().find(|i| i["type"] == one["type"] && i["id"] == one["id"]);
    linked.iter().map(|one| find(one).unwrap_or_else(|| panic!("{one} in {document}")).clone()).collect()
}
