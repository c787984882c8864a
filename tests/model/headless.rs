//! The reference client (`src/console/page/sync/`) as one of the devices: in a Node process, which is told what its user
//! does and what arrives.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use actix_web::http::Method;
use serde_json::{Value, json};

use super::device::Party;
use super::ledger::{Claim, Deed, Scope};
use super::network::{Letter, Reply};
use super::replica::{Name, name};
use super::script::{self, Habits, KINDS, MEMBERS, Policy, is_elected, value};
use crate::support::app::{self, USER};

/// Where Node must be there.
const REQUIRED: &str = "STEWARD_REQUIRE_NODE";

/// A Node process, for all devices of a thread.
pub struct Node {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Node {
    /// None where there is no Node, and none has to be.
    pub fn start() -> Option<Rc<RefCell<Self>>> {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model/headless.mjs");
        let child = Command::new("node").arg(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(why) => {
                assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED}: {why}");
                return None;
            }
        };
        let (input, output) = (child.stdin.take(), child.stdout.take().expect("its output"));
        Some(Rc::new(RefCell::new(Self { child, input, output: BufReader::new(output) })))
    }

    fn ask(&mut self, line: &Value) -> Value {
        writeln!(self.input.as_mut().expect("its input"), "{line}").expect("it listens");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("it answers");
        serde_json::from_str(&answer).unwrap_or_else(|e| panic!("{e}: {answer:?} to {line}"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // The end of its input is its own.
        self.input = None;
        let _ = self.child.wait();
    }
}

pub struct Headless {
    node: Rc<RefCell<Node>>,
    number: usize,
    clock: i64,
    tries: usize,
}

impl Headless {
    pub fn new(node: &Rc<RefCell<Node>>, number: usize, habits: &Habits, first: &Value) -> Self {
        let choice = if habits.policy == Policy::KeepMine { "mine" } else { "theirs" };
        let device = Self { node: Rc::clone(node), number, clock: habits.clock, tries: 0 };
        device.ask("begin", json!({ "choice": choice, "document": first }));
        device
    }

    fn ask(&self, work: &str, mut line: Value) -> Value {
        line["work"] = work.into();
        line["device"] = self.number.into();
        self.node.borrow_mut().ask(&line)
    }
}

fn part(part: &script::Part) -> Value {
    let kind = |kind: usize| &KINDS[kind];
    match *part {
        script::Part::Set { member, value: number } => {
            json!({ "set": MEMBERS[member], "value": value(MEMBERS[member], number) })
        }
        script::Part::Make { kind: of, value: number } => {
            let attribute = kind(of).attributes[0];
            let value = value(attribute, number);
            json!({ "deed": "make", "type": kind(of).name, "attribute": attribute, "value": value })
        }
        script::Part::Change { kind: of, pick, attribute, value: number } => {
            let attribute = kind(of).attributes[attribute % kind(of).attributes.len()];
            let (kind, value) = (kind(of).name, value(attribute, number));
            json!({ "deed": "change", "type": kind, "pick": pick, "attribute": attribute, "value": value })
        }
        script::Part::Delete { kind: of, pick, .. } => {
            json!({ "deed": "delete", "type": kind(of).name, "pick": pick })
        }
    }
}

/// What a request does, as it says itself.
fn deed_of(method: &Method, document: &Value) -> Deed {
    let data = &document["data"];
    let kind = data["type"].as_str().expect("a type");
    let row = format!("{kind}/{}", data["id"].as_str().expect("an id"));
    let mut deed = Deed::default();
    let attributes = data["attributes"].as_object().expect("attributes");
    for (member, value) in attributes.iter().filter(|(member, _)| !member.starts_with("updated_")) {
        match (kind, member.as_str()) {
            ("users", "preferences") => {
                let members = value.as_object().expect("preferences").iter();
                deed.sets.extend(members.map(|(name, value)| (format!("preferences.{name}"), value.clone())));
            }
            ("users", _) => _ = deed.sets.insert(member.clone(), value.clone()),
            _ if is_elected(kind, member) && *method != Method::POST => {}
            _ => _ = deed.sets.insert(format!("{row}.{member}"), value.clone()),
        }
    }
    match *method {
        Method::POST => _ = deed.sets.insert(row.clone(), json!(true)),
        Method::DELETE => _ = deed.sets.insert(row.clone(), Value::Null),
        _ => {}
    }
    if let Some(base) = attributes.get("updated_in_db_at") {
        let of = if kind == "users" { Scope::UserWithRows } else { Scope::Row(row) };
        deed.claims = vec![Claim { of, base: base.as_str().expect("a stamp").to_owned(), merge: false }];
    }
    deed
}

impl Party for Headless {
    fn edit(&mut self, edit: &script::Edit) {
        self.ask("edit", json!({ "parts": edit.parts.iter().map(part).collect::<Vec<_>>() }));
    }

    fn letter(&mut self, now: i64) -> Option<Letter> {
        self.tries += 1;
        let request = self.ask("next", json!({ "now": app::stamp(now + self.clock).to_string() }));
        let text = |name: &str| request[name].as_str().map(str::to_owned);
        let method: Method = text("method")?.parse().expect("a method");
        let body = text("body").expect("a body");
        let mut deed = deed_of(&method, &serde_json::from_str(&body).expect("JSON"));
        let path = text("path")?;
        let row = path.strip_prefix(&format!("{USER}/")).map(|row| format!("{row}."));
        let seen = request["seen"].as_object().expect("what was seen").iter();
        deed.seen =
            seen.map(|(member, value)| (row.clone().unwrap_or_default() + member, value.clone())).collect();
        Some(Letter { method, path, body: Some(body), key: text("key"), deed })
    }

    fn hear(&mut self, letter: &Letter, reply: &Reply) {
        if !reply.is_in_flight() {
            self.tries = 0;
        }
        let (status, replayed) = (reply.status, reply.replayed);
        let heard =
            json!({ "key": letter.key, "status": status, "replayed": replayed, "document": reply.json });
        self.ask("hear", heard);
    }

    fn pull(&mut self, document: &Value) {
        self.ask("pull", json!({ "document": document }));
    }

    fn next_pull(&self) -> String {
        self.ask("path", json!({})).as_str().expect("a path").to_owned()
    }

    fn left(&self) -> Option<usize> {
        let left = self.ask("left", json!({})).as_u64().expect("a number");
        (left > 0).then_some(self.tries)
    }

    fn resources(&self) -> BTreeMap<Name, Value> {
        let all = self.ask("resources", json!({}));
        let all = all.as_array().expect("a list").iter();
        all.map(|resource| (name(resource), resource.clone())).collect()
    }
}
