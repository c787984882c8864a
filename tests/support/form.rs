//! Forms (RFC 7578) as clients write them, and the small pictures that they bring.

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A form that is being written.
#[derive(Clone, Debug)]
pub struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    pub fn new() -> Self {
        Self::with_boundary("----of-the-tests")
    }

    pub fn with_boundary(boundary: &str) -> Self {
        Self { boundary: boundary.to_owned(), body: Vec::new() }
    }

    /// Adds a text.
    pub fn text(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), None, value.as_bytes())
    }

    /// Adds a file, as browsers do.
    pub fn file(self, name: &str, content_type: &str, bytes: &[u8]) -> Self {
        self.part(&format!("name=\"{name}\"; filename=\"me\""), Some(content_type), bytes)
    }

    /// Adds a part.
    pub fn part(mut self, disposition: &str, content_type: Option<&str>, bytes: &[u8]) -> Self {
        let head = format!("--{}\r\nContent-Disposition: form-data; {disposition}\r\n", self.boundary);
        self.body.extend_from_slice(head.as_bytes());
        if let Some(content_type) = content_type {
            self.body.extend_from_slice(format!("Content-Type: {content_type}\r\n").as_bytes());
        }
        self.body.extend_from_slice(b"\r\n");
        self.body.extend_from_slice(bytes);
        self.body.extend_from_slice(b"\r\n");
        self
    }

    /// A PUT of it.
    pub fn put(self, path: &str) -> TestRequest {
        let request = TestRequest::with_uri(path).method(Method::PUT);
        request.insert_header((CONTENT_TYPE, self.content_type())).set_payload(self.body())
    }

    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub fn body(mut self) -> Vec<u8> {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        self.body
    }
}

/// What the `people.service` of MPDX's web client sends to make a picture the avatar.
pub fn of_mpdx_web(person: &str, content_type: &str, picture: &[u8]) -> Form {
    const ID: &str = "99999999-9999-4999-8999-999999999999";
    Form::new()
        .text("data[id]", person)
        .text("data[type]", "people")
        .text("data[attributes][overwrite]", "true")
        .text("data[relationships][pictures][data][][id]", ID)
        .text("data[relationships][pictures][data][][type]", "pictures")
        .text("included[][id]", ID)
        .text("included[][type]", "pictures")
        .file("included[][attributes][image]", content_type, picture)
        .text("included[][attributes][primary]", "true")
}

/// The document that a form stands for, into which the pointers of errors lead.
pub fn document(body: &[u8]) -> Value {
    let text = String::from_utf8_lossy(body);
    let mut data = json!({ "attributes": {} });
    for part in text.split("Content-Disposition: form-data; name=\"").skip(1) {
        // One that breaks off may have none.
        let Some((name, rest)) = part.split_once('"') else { continue };
        let value = rest.split_once("\r\n\r\n").and_then(|(_, value)| value.split_once("\r\n"));
        let value = value.map_or("", |(value, _)| value);
        let names = name.strip_prefix("data[").map_or(name, |rest| rest.trim_end_matches(']'));
        match *names.split("][").collect::<Vec<_>>() {
            ["id" | "type"] => data[names] = value.into(),
            ["attributes", attribute] | [attribute] => data["attributes"][attribute] = value.into(),
            _ => {}
        }
    }
    json!({ "data": data })
}

fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("base64")
}

/// A PNG of one pixel.
pub fn png() -> Vec<u8> {
    decoded(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    )
}

/// A JPEG of one pixel.
pub fn jpeg() -> Vec<u8> {
    decoded(
        "/9j/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAAB\
         AAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=",
    )
}

/// A WebP of one pixel.
pub fn webp() -> Vec<u8> {
    decoded("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
}
