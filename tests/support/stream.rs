//! A stream of server-sent events, as a client reads it.

use std::pin::Pin;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderName};
use actix_web::test::{TestRequest, init_service};
use serde_json::Value;
use steward::server::app;

use super::TestApp;

/// Nothing is measured by it: a test that waits for what never comes must end.
const IN_VAIN: Duration = Duration::from_secs(60);

/// What a stream brings.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    Comment,
    /// The version, and the data.
    Event(i64, Value),
    End,
}

pub struct Stream {
    pub response: ServiceResponse<()>,
    body: Pin<Box<BoxBody>>,
    read: String,
}

impl Stream {
    /// Opens a stream, with the id of the last event where there was one.
    pub async fn open(app: &TestApp, last: Option<&str>) -> Self {
        Self::open_as(app, &app.token, last).await
    }

    /// Opens a stream with another header.
    pub async fn open_with(app: &TestApp, header: (HeaderName, &str)) -> Self {
        Self::begin(app, TestRequest::get().insert_header(header), &app.token).await
    }

    pub async fn open_as(app: &TestApp, token: &str, last: Option<&str>) -> Self {
        let request = TestRequest::get();
        let request = match last {
            Some(last) => request.insert_header(("Last-Event-ID", last)),
            None => request,
        };
        Self::begin(app, request, token).await
    }

    async fn begin(app_: &TestApp, request: TestRequest, token: &str) -> Self {
        let request = request.uri("/api/v2/user/events").insert_header(("Accept", "text/event-stream"));
        let request = request.insert_header((AUTHORIZATION, format!("Bearer {token}")));
        let service = init_service(app(app_.state.clone())).await;
        let response = service.call(request.to_request()).await.expect("an answer");
        assert_eq!(response.status(), 200);
        let mut body = None;
        let response = response.map_body(|_, own| body = Some(own));
        Self { response, body: Box::pin(body.expect("a body")), read: String::new() }
    }

    /// The next block.
    pub async fn next(&mut self) -> Block {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let block: String = self.read.drain(..end + 2).collect();
                return parse(block.trim_end());
            }
            let chunk = std::future::poll_fn(|context| self.body.as_mut().poll_next(context));
            let chunk = tokio::time::timeout(IN_VAIN, chunk).await.expect("something comes in a minute");
            match chunk {
                Some(chunk) => {
                    let chunk = chunk.expect("a chunk");
                    self.read.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
                }
                None => return Block::End,
            }
        }
    }

    /// The next event, past comments; `None` where the stream ends.
    pub async fn event(&mut self) -> Option<(i64, Value)> {
        loop {
            match self.next().await {
                Block::Comment => {}
                Block::Event(version, data) => return Some((version, data)),
                Block::End => return None,
            }
        }
    }
}

fn parse(block: &str) -> Block {
    if block == ":" {
        return Block::Comment;
    }
    let (id, data) = block.split_once('\n').expect("two lines");
    let id = id.strip_prefix("id: ").and_then(|id| id.parse().ok()).expect("a version");
    let data = data.strip_prefix("data: ").expect("data");
    assert!(!data.contains('\n'), "one line: {data}");
    Block::Event(id, serde_json::from_str(data).expect("JSON"))
}
