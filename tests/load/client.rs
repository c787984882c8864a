//! A client as there are many in the field: it reads, edits what it has read, and where an answer is lost sends the
//! edit again under its key. It writes down all that it sees.

use std::collections::HashMap;
use std::io::ErrorKind;

use chrono::DateTime;
use serde_json::{Value, json};
use ureq::http::Response;
use ureq::{Agent, Body};

use super::history::{AT_FIRST, Outcome, Read, Span, Token, Write};
use super::run::{Nodes, User};
use crate::support::app::JSON_API;
use crate::support::program::Program;

/// The row that nested edits write; everybody has his own.
const ROW: &str = "11111111-1111-4111-8111-111111111111";

const SITE: &str = "https://example.com/";

/// How often an edit is sent before its client gives up.
const TRIES: usize = 20;

/// After so many failures in a row a client waits until it is told that the fault is over.
const PATIENCE: usize = 3;

/// A state of a user as a document shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub stamp: String,
    pub tokens: [Token; 2],
    /// How many edits led to it.
    pub counter: u64,
}

/// An edit, and whether it was ever in doubt.
pub struct Sent {
    pub write: Write,
    pub was_in_doubt: bool,
}

/// What a client has seen, each with the number of its user.
#[derive(Default)]
pub struct Log {
    pub writes: Vec<(usize, Sent)>,
    pub reads: Vec<(usize, Read)>,
    pub requests: usize,
}

/// What is answered to one attempt at an edit.
enum Reply {
    Applied(Seen),
    Stale(i64),
    /// Nothing was done.
    Nothing,
    /// Another attempt with the key is at work.
    InFlight,
    InDoubt,
}

pub struct Client<'a> {
    nodes: &'a Nodes,
    users: &'a [User],
    agent: Agent,
    /// Tokens of this client are above it.
    number: u64,
    /// What it knows of whom.
    known: HashMap<usize, Seen>,
    /// The node that it talks to.
    node: usize,
    failures: usize,
    random: u64,
    pub log: Log,
}

impl<'a> Client<'a> {
    pub fn new(nodes: &'a Nodes, users: &'a [User], number: usize) -> Self {
        let as_number = u64::try_from(number).expect("small");
        Self {
            nodes,
            users,
            agent: Program::agent_without_memory(),
            number: (as_number + 1) * 1_000_000,
            known: HashMap::new(),
            node: number,
            failures: 0,
            // Any number but 0; another one for each client.
            random: (as_number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15),
            log: Log::default(),
        }
    }

    /// Reads, or edits. `acknowledged` is called after an edit was.
    pub fn work(&mut self, acknowledged: impl FnOnce()) {
        let user = self.choose(self.users.len());
        self.node += self.choose(2);
        let known = self.known.remove(&user);
        let Some(base) = known.or_else(|| self.read(user)) else { return };
        if self.choose(4) == 0 {
            return;
        }
        let is_keyed = self.choose(2) == 0;
        if self.edit(user, &base, is_keyed) {
            acknowledged();
        }
    }

    /// One of so many: xorshift, whose numbers are the same in each run.
    fn choose(&mut self, number: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random >> 33).expect("31 bits") % number
    }

    /// Reads a user; `None` where nobody answers.
    pub fn read(&mut self, user: usize) -> Option<Seen> {
        let person = &self.users[user];
        let request = self.agent.get(person.url(&self.nodes.url(self.node)));
        let begun = self.nodes.now();
        self.log.requests += 1;
        let answer = request.header("Authorization", &person.authorization).call();
        let seen = match answer.ok().and_then(whole) {
            Some((200, document)) => seen(&document, person.is_nested),
            Some((503, document)) if code(&document) == "outcome_unknown" => panic!("a read: {document}"),
            Some((503, _)) | None => {
                self.failed();
                return None;
            }
            Some((status, document)) => panic!("a read: {status}: {document}"),
        };
        self.failures = 0;
        let span = Span { begun, ended: self.nodes.now() };
        self.log.reads.push((user, Read { span, stamp: seconds(&seen.stamp), tokens: seen.tokens }));
        self.known.insert(user, seen.clone());
        Some(seen)
    }

    pub fn read_from_the_next_node(&mut self, user: usize) -> Option<Seen> {
        self.node += 1;
        self.read(user)
    }

    /// Edits what was read; whether that was acknowledged.
    fn edit(&mut self, user: usize, base: &Seen, is_keyed: bool) -> bool {
        self.number += 1;
        let token = self.number;
        let document = document(base, token, self.users[user].is_nested);
        let key = is_keyed.then(|| format!("key-{token}"));
        let begun = self.nodes.now();
        let (mut was_in_doubt, mut outcome) = (false, None);
        for _ in 0..TRIES {
            let reply = self.attempt(user, &document, key.as_deref());
            was_in_doubt |= matches!(reply, Reply::InDoubt);
            outcome = match reply {
                Reply::Applied(seen) => {
                    assert_eq!((seen.tokens, seen.counter), ([token; 2], base.counter + 1), "its own state");
                    let stamp = seconds(&seen.stamp);
                    self.known.insert(user, seen);
                    Some(Outcome::Applied(stamp))
                }
                Reply::Stale(stamp) => Some(Outcome::Stale(stamp)),
                Reply::Nothing | Reply::InFlight | Reply::InDoubt => None,
            };
            if outcome.is_some() || !is_keyed {
                break;
            }
        }
        let unsettled = if was_in_doubt { Outcome::Unknown } else { Outcome::Nothing };
        let outcome = outcome.unwrap_or(unsettled);
        let span = Span { begun, ended: self.nodes.now() };
        let write = Write { token, base: seconds(&base.stamp), span, outcome };
        self.log.writes.push((user, Sent { write, was_in_doubt }));
        matches!(outcome, Outcome::Applied(_))
    }

    fn attempt(&mut self, user: usize, document: &Value, key: Option<&str>) -> Reply {
        let person = &self.users[user];
        let request = self.agent.put(person.url(&self.nodes.url(self.node)));
        let request = request.header("Authorization", &person.authorization).header("Content-Type", JSON_API);
        let request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
        self.log.requests += 1;
        let answer = request.send(document.to_string());
        let was_sent =
            !matches!(&answer, Err(ureq::Error::Io(e)) if e.kind() == ErrorKind::ConnectionRefused);
        let reply = match answer.ok().and_then(whole) {
            Some((200, document)) => Reply::Applied(seen(&document, person.is_nested)),
            Some((status, document)) => refusal(status, &document),
            None if was_sent => Reply::InDoubt,
            None => Reply::Nothing,
        };
        match reply {
            Reply::Applied(_) | Reply::Stale(_) => self.failures = 0,
            Reply::Nothing | Reply::InFlight | Reply::InDoubt => self.failed(),
        }
        reply
    }

    /// Tries the other node next, and does not try for ever.
    fn failed(&mut self) {
        self.node += 1;
        self.failures += 1;
        if self.failures >= PATIENCE {
            self.nodes.wait_for_the_end_of_the_fault();
        }
    }
}

/// A whole answer; `None` where it breaks off.
fn whole(mut answer: Response<Body>) -> Option<(u16, Value)> {
    let body = answer.body_mut().read_to_string().ok()?;
    Some((answer.status().as_u16(), serde_json::from_str(&body).expect("JSON")))
}

fn refusal(status: u16, document: &Value) -> Reply {
    match (status, code(document)) {
        (409, "stale") => Reply::Stale(seconds(text(&document["errors"][0]["meta"]["updated_in_db_at"]))),
        (409, "in_flight") => Reply::InFlight,
        (503, "unavailable") => Reply::Nothing,
        (503, "outcome_unknown") => Reply::InDoubt,
        _ => panic!("an edit: {status}: {document}"),
    }
}

fn code(document: &Value) -> &str {
    text(&document["errors"][0]["code"])
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

pub fn seconds(stamp: &str) -> i64 {
    DateTime::parse_from_rfc3339(stamp).expect("a stamp").timestamp()
}

/// An edit that writes the token in two places: in two members, or in one and in a row.
pub fn document(base: &Seen, token: Token, is_nested: bool) -> Value {
    let mut preferences = json!({ "counter": base.counter + 1 });
    if !is_nested {
        preferences["token"] = json!(token);
    }
    let attributes = json!({
        "employer": token.to_string(),
        "preferences": preferences,
        "updated_in_db_at": base.stamp,
    });
    let mut data = json!({ "type": "users", "attributes": attributes });
    if is_nested {
        let url = format!("{SITE}{token}");
        let row = json!({ "type": "websites", "id": ROW, "attributes": { "url": url } });
        data["relationships"] = json!({ "websites": { "data": [row] } });
    }
    json!({ "data": data })
}

pub fn seen(document: &Value, is_nested: bool) -> Seen {
    let attributes = &document["data"]["attributes"];
    let preferences = &attributes["preferences"];
    let first = attributes["employer"].as_str().map_or(AT_FIRST, |token| token.parse().expect("a token"));
    let second = if is_nested {
        let site = document["included"][0]["attributes"]["url"].as_str();
        let token = site.map(|url| url.strip_prefix(SITE).expect("its beginning").parse().expect("a token"));
        token.unwrap_or(AT_FIRST)
    } else {
        preferences["token"].as_u64().unwrap_or(AT_FIRST)
    };
    Seen {
        stamp: text(&attributes["updated_in_db_at"]).to_owned(),
        tokens: [first, second],
        counter: preferences["counter"].as_u64().unwrap_or(0),
    }
}
