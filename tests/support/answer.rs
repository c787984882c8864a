//! An answer, checked for what every answer of the API must obey: so each test is a contract test too.

use std::collections::HashMap;
use std::io::Read as _;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, VARY};
use actix_web::test::{call_service, read_body};
use flate2::read::GzDecoder;
use jsonapi_rs::api::{DocumentData, PrimaryData, Resource};
use serde_json::Value;
use steward::jsonapi::atomic;
use steward::jsonapi::error::ERRORS_PAGE;
use steward::jsonapi::media_type;
use steward::users::pictures::FOLDER;
use steward::{console, swagger};

use super::{form, openapi, schema};

/// Status, headers and body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// As it was before it was compressed.
    pub body: Vec<u8>,
    /// How many bytes were sent.
    pub sent: usize,
}

impl Answer {
    pub async fn of<S, B>(service: &S, request: actix_http::Request) -> Self
    where
        S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
        B: MessageBody,
    {
        let mut request = request;
        let path = request.path();
        let is_page = [FOLDER, console::PATH, swagger::PATH].iter().any(|folder| path.starts_with(folder));
        let is_page = is_page || path.ends_with("/certificate");
        // Its answers are no documents of JSON:API; those in them are.
        let is_batch = request.path() == "/api/v2/batch";
        // A user of JUNO may be asked for as plain JSON; an error is a document all the same.
        let is_flat = request.path().starts_with("/api/v2/juno_users");
        let is_description = request.path() == steward::openapi::PATH;
        let sent = sent_document(&mut request).await;
        let (method, path) = (meant(&request), request.path().to_owned());
        let answer = Self::unchecked(service, request).await;
        openapi::check(&method, &path, &answer);
        answer.check(sent.as_ref(), is_page, is_description || is_batch || (is_flat && answer.status < 400));
        answer
    }

    /// For a test that asks so much that it can check only some of what it is answered.
    pub async fn unchecked<S, B>(service: &S, request: actix_http::Request) -> Self
    where
        S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
        B: MessageBody,
    {
        let response = call_service(service, request).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let sent = read_body(response).await;
        let encoding = headers.get(CONTENT_ENCODING).map(|name| name.to_str().expect("a name").to_owned());
        Self { status, headers, body: plain(&sent, encoding.as_deref()), sent: sent.len() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a header that is text"))
    }

    /// The only error of the answer.
    pub fn error(&self) -> Value {
        let errors = self.errors();
        assert_eq!(errors.len(), 1, "one error: {self:?}");
        errors[0].clone()
    }

    pub fn errors(&self) -> Vec<Value> {
        self.json()["errors"].as_array().cloned().unwrap_or_else(|| panic!("an error document: {self:?}"))
    }

    /// Asserts the status and the codes of all errors, in order.
    pub fn assert_refused(&self, status: u16, codes: &[&str]) {
        assert_eq!(self.status, status, "{}", self.text());
        let errors = self.errors();
        let sent: Vec<_> = errors.iter().map(|e| e["code"].as_str().expect("a code")).collect();
        assert_eq!(sent, codes, "{}", self.text());
    }

    /// Asserts 200 and returns the attributes of the document.
    pub fn assert_ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["data"]["attributes"].clone()
    }

    fn check(&self, sent: Option<&Value>, is_page: bool, may_be_plain: bool) {
        let varies = self.headers.get_all(VARY).any(|value| value == "Accept");
        assert!(varies, "K13: Vary: Accept on {self:?}");
        assert!(self.header("x-request-id").is_some(), "a request id on {self:?}");
        for name in ["x-content-type-options", "content-security-policy", "referrer-policy"] {
            assert_eq!(self.headers.get_all(name).count(), 1, "{name} on {self:?}");
        }
        // Documentation, pictures and the console are for people; but an error at their paths is a document like any other.
        let content_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let page = is_page && self.status == 200 && content_type != Some(media_type::ANSWER);
        if self.status == 204 || self.status == 304 || self.body.is_empty() || page {
            return;
        }
        if may_be_plain && content_type == Some("application/json") {
            return;
        }
        if content_type == Some(atomic::ANSWER) {
            return self.check_results();
        }
        assert_eq!(content_type, Some("application/vnd.api+json; charset=utf-8"), "{self:?}");
        schema::check(self.text());
        if self.status >= 400 { self.check_errors(sent) } else { check_document(&self.json()) }
    }

    fn check_errors(&self, sent: Option<&Value>) {
        let document = self.json();
        assert!(document.get("data").is_none(), "K18: {document}");
        let errors = document["errors"].as_array().expect("K118: an array");
        assert!(!errors.is_empty(), "K118: {document}");
        for (i, error) in errors.iter().enumerate() {
            let request_id = self.header("x-request-id").expect("a request id");
            // A replay tells of the occurrence that it repeats.
            if self.header("idempotent-replayed").is_none() {
                assert_eq!(error["id"], format!("{request_id}.{i}"), "K125: {error}");
            }
            assert_eq!(error["status"], self.status.to_string(), "K119: {error}");
            assert!(error["code"].is_string() && error["title"].is_string(), "{error}");
            let link = format!("{ERRORS_PAGE}#{}", error["code"].as_str().unwrap_or_default());
            assert_eq!(error["links"]["type"], link, "K123: {error}");
            assert!(error.as_object().expect("an object").values().all(|v| !v.is_null()), "no null: {error}");
            if let Some(pointer) = error["source"]["pointer"].as_str() {
                let resolved = sent.and_then(|sent| sent.pointer(pointer));
                let broken = error["code"] == "invalid_json";
                assert!(
                    resolved.is_some() || broken,
                    "K122: {pointer} exists in the request: {error} {sent:?}"
                );
            }
        }
    }

    /// K127: a document of results has nothing beside them but `meta`, and each is a document of its own.
    fn check_results(&self) {
        let mut document = self.json();
        let members = document.as_object_mut().expect("an object");
        let results = members.remove("atomic:results");
        members.remove("meta");
        assert!(members.is_empty(), "K127: {}", self.text());
        for result in results.as_ref().and_then(Value::as_array).expect("results") {
            let mut members = result.as_object().expect("an object").clone();
            if members.contains_key("data") {
                schema::check(&result.to_string());
                check_document(result);
            }
            members.retain(|name, _| name != "data" && name != "meta");
            assert!(members.is_empty(), "K127: {}", self.text());
        }
    }
}

/// Reads a document with `jsonapi-rs`, which was written by others, and compares: it takes almost any object for a
/// document, so that alone would prove nothing.
fn check_document(document: &Value) {
    assert!(document.get("errors").is_none(), "K18, and Android: {document}");
    let Some(data) = document.get("data") else {
        assert!(document["meta"].is_object(), "K17: {document}");
        return;
    };
    // Linkage by itself has identifiers, which are no resource objects to the other reader.
    let identifiers = match data {
        Value::Array(elements) => elements.iter().all(|e| e.get("attributes").is_none()),
        one => one.get("created_at").is_some(),
    };
    if identifiers {
        return;
    }
    let read: DocumentData = serde_json::from_value(document.clone()).expect("a JSON:API document");
    match (read.data, data) {
        (Some(PrimaryData::Single(read)), Value::Object(_)) => compare(&read, data),
        (Some(PrimaryData::Multiple(read)), Value::Array(sent)) => {
            assert_eq!(read.len(), sent.len(), "{document}");
            read.iter().zip(sent).for_each(|(read, sent)| compare(read, sent));
        }
        (read, _) => panic!("{read:?} is not {document}"),
    }
}

/// A resource as `jsonapi-rs` read it, against the bytes.
fn compare(read: &Resource, sent: &Value) {
    assert_eq!(read._type, sent["type"], "{sent}");
    assert_eq!(read.id, sent["id"], "{sent}");
    // A sparse fieldset may leave none.
    let none = serde_json::Map::new();
    let attributes = sent["attributes"].as_object().unwrap_or(&none);
    assert_eq!(read.attributes.len(), attributes.len(), "{sent}");
    for (name, value) in attributes {
        assert_eq!(read.attributes.get(name), Some(value), "{name} of {sent}");
    }
    let relationships = sent["relationships"].as_object().map_or(0, serde_json::Map::len);
    assert_eq!(read.relationships.as_ref().map_or(0, HashMap::len), relationships, "{sent}");
}

/// The method that a request means.
fn meant(request: &actix_http::Request) -> String {
    let instead = request.head().headers.get("x-http-method-override").and_then(|name| name.to_str().ok());
    let known = instead.map(|name| name.trim().to_ascii_uppercase());
    let known = known.filter(|name| ["GET", "PUT", "PATCH", "DELETE"].contains(&name.as_str()));
    let method = request.method().as_str();
    known.filter(|_| method == "POST").unwrap_or_else(|| method.to_owned())
}

/// The body of a request as a reader other than ours sees it; puts it back.
async fn sent_document(request: &mut actix_http::Request) -> Option<Value> {
    use actix_http::{HttpMessage as _, Payload};
    use actix_web::web::{Bytes, BytesMut};
    use futures_util::StreamExt as _;

    let mut payload = request.take_payload();
    let mut body = BytesMut::new();
    while let Some(Ok(chunk)) = payload.next().await {
        body.extend_from_slice(&chunk);
    }
    let bytes: Bytes = body.freeze();
    let is_form =
        request.headers().get(CONTENT_TYPE).is_some_and(|of| of.as_bytes().starts_with(b"multipart/"));
    let document = if is_form { Some(form::document(&bytes)) } else { serde_json::from_slice(&bytes).ok() };
    let stream = futures_util::stream::once(async move { Ok::<_, actix_http::error::PayloadError>(bytes) });
    let stream: actix_http::BoxedPayloadStream = Box::pin(stream);
    *request.payload() = Payload::from(stream);
    document
}

/// A body as it was before it was compressed.
fn plain(sent: &[u8], encoding: Option<&str>) -> Vec<u8> {
    let mut out = Vec::new();
    match encoding {
        // 304 has the head of an answer alone.
        _ if sent.is_empty() => {}
        None => out.extend_from_slice(sent),
        Some("gzip") => _ = GzDecoder::new(sent).read_to_end(&mut out).expect("gzip"),
        Some("br") => brotli::BrotliDecompress(&mut &*sent, &mut out).expect("brotli"),
        Some(other) => panic!("{other}"),
    }
    out
}
