//! A bad network between the devices and two nodes of one database.

use std::pin::Pin;
use std::rc::Rc;

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::test::{TestRequest, init_service};
use futures_util::future::join;
use serde_json::Value;
use steward::jsonapi::atomic;
use steward::server::app;

use super::ledger::Deed;
use super::script::Fate;
use crate::support::app::JSON_API;
use crate::support::{Answer, TestApp};

/// A request, as often as it is delivered.
#[derive(Clone, Debug)]
pub struct Letter {
    pub method: Method,
    pub path: String,
    pub body: Option<String>,
    pub key: Option<String>,
    /// What it does, for the ledger.
    pub deed: Deed,
}

impl Letter {
    pub fn get(path: String) -> Self {
        Self { method: Method::GET, path, body: None, key: None, deed: Deed::default() }
    }

    /// Whether a copy that arrives later can do no harm: docs/sync.md promises that of keys, stamps and ids.
    fn is_protected(&self) -> bool {
        self.key.is_some() || !self.deed.overwrites
    }
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub replayed: bool,
    pub text: String,
    pub json: Value,
}

impl Reply {
    /// Another request with its key is at work: to be sent again.
    pub fn is_in_flight(&self) -> bool {
        self.json["errors"][0]["code"] == "in_flight"
    }
}

/// What became of a letter.
#[derive(Debug, Default)]
pub struct Delivery {
    /// What the server answered.
    pub answers: Vec<Rc<Reply>>,
    /// What the device heard.
    pub heard: Option<Rc<Reply>>,
}

type Answering = Pin<Box<dyn Future<Output = Rc<Reply>>>>;

/// A node, ready to answer. Each answer is checked for what all must obey where the second argument says so.
type Node = Box<dyn Fn(TestRequest, bool) -> Answering>;

pub struct Network {
    nodes: [Node; 2],
}

/// Whose requests these are, and whether the answers are checked.
#[derive(Clone, Debug)]
pub struct Line {
    pub token: String,
    pub checked: bool,
}

async fn node(node: &TestApp) -> Node {
    let service = Rc::new(init_service(app(node.state.clone())).await);
    Box::new(move |request, checked| {
        let service = Rc::clone(&service);
        Box::pin(async move {
            let request = request.to_request();
            let answer = if checked {
                Answer::of(&*service, request).await
            } else {
                Answer::unchecked(&*service, request).await
            };
            let text = answer.text().to_owned();
            let json = if text.is_empty() { Value::Null } else { answer.json() };
            let replayed = answer.header("idempotent-replayed").is_some();
            Rc::new(Reply { status: answer.status, replayed, text, json })
        })
    })
}

impl Network {
    pub async fn between(nodes: [&TestApp; 2]) -> Self {
        Self { nodes: [node(nodes[0]).await, node(nodes[1]).await] }
    }

    /// Sends a request over a good line.
    pub async fn send(&self, to: usize, line: &Line, letter: &Letter) -> Rc<Reply> {
        let request = TestRequest::with_uri(&letter.path).method(letter.method.clone());
        let mut request = request.insert_header((AUTHORIZATION, format!("Bearer {}", line.token)));
        if let Some(key) = &letter.key {
            request = request.insert_header(("Idempotency-Key", key.clone()));
        }
        if let Some(body) = &letter.body {
            let operations = letter.path.ends_with("/operations");
            let kind = if operations { atomic::ANSWER } else { JSON_API };
            request = request.insert_header((CONTENT_TYPE, kind)).set_payload(body.clone());
        }
        self.nodes[to % 2](request, line.checked).await
    }

    pub async fn deliver(&self, to: usize, line: &Line, letter: &Letter, fate: Fate) -> Delivery {
        match fate {
            Fate::RequestLost | Fate::Late => Delivery::default(),
            Fate::AnswerLost => Delivery { answers: vec![self.send(to, line, letter).await], heard: None },
            Fate::Twice if letter.is_protected() => {
                let both = join(self.send(to, line, letter), self.send(to + 1, line, letter)).await;
                let heard = Some(Rc::clone(&both.1));
                let mut answers = vec![both.0, both.1];
                answers.sort_by_key(|answer| answer.replayed);
                Delivery { answers, heard }
            }
            Fate::Twice | Fate::Fine => {
                let answer = self.send(to, line, letter).await;
                Delivery { heard: Some(Rc::clone(&answer)), answers: vec![answer] }
            }
        }
    }

    /// What becomes of a letter that must not be done twice: it is not sent late, since it is sent again meanwhile.
    pub fn fate(letter: &Letter, fate: Fate) -> Fate {
        if fate == Fate::Late && !letter.is_protected() { Fate::RequestLost } else { fate }
    }
}
