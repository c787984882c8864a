//! A connection to the database is cut at each step of an edit: before each message, and after each answer that the
//! server has given. What is answered is true, what is in the database is whole, and what is sent again is done once.

use serde_json::{Value, json};
use ureq::{Agent, http};

use super::client::{Seen, document, seen};
use super::history::Token;
use super::run::{User, users};
use super::table::Row;
use crate::support::Place;
use crate::support::app::{JSON_API, SECRET, USER};
use crate::support::backend::only_on_postgres;
use crate::support::cutter::{Cut, Cutter};
use crate::support::postgres::server;
use crate::support::program::Program;

/// More messages than any edit takes.
const TOO_MANY: usize = 300;

/// How long a request waits for a connection where there is none: in vain.
const WAIT_MS: &str = "25";

/// A node behind something that cuts.
struct Scene {
    cutter: Cutter,
    node: Program,
    user: User,
    is_keyed: bool,
    agent: Agent,
    requests: usize,
    _place: Place,
}

/// What an edit was answered, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Done,
    Stale,
    /// Nothing was changed.
    Unavailable,
    Unknown,
}

/// How many edits were answered so, and what was found then.
#[derive(Debug, Default)]
struct Counts {
    edits: Token,
    done: usize,
    unavailable: usize,
    there: usize,
    absent: usize,
    acknowledged: usize,
}

impl Counts {
    /// Counts an edit, of which the truth must have been told.
    fn add(&mut self, told: Told, is_there: bool, case: &str) {
        let count = match (told, is_there) {
            (Told::Done, true) => &mut self.done,
            (Told::Unavailable, false) => &mut self.unavailable,
            (Told::Unknown, true) => &mut self.there,
            (Told::Unknown, false) => &mut self.absent,
            _ => panic!("{case}"),
        };
        *count += 1;
    }
}

impl Scene {
    fn new(is_nested: bool, is_keyed: bool) -> Self {
        let place = Place::migrated();
        let mut both = users(&place.target(), 2);
        let user = both.remove(usize::from(is_nested));
        let Place::Server(name) = &place else { panic!("PostgreSQL") };
        let cutter = Cutter::before(&server().socket());
        let flags = ["serve", "--log", "off", "--workers", "1", "--jwt-secret", SECRET];
        let one_connection = ["--db-connections", "1", "--db-wait-ms", WAIT_MS];
        let node = Program::start(&cutter.url(name), &[&flags[..], &one_connection].concat());
        Self { cutter, node, user, is_keyed, agent: Program::agent(), requests: 0, _place: place }
    }

    fn send(&mut self, method: &str, url: String, body: String, key: Option<Token>) -> (u16, Value) {
        self.requests += 1;
        let mut request = http::Request::builder().method(method).uri(url);
        if let Some(key) = key.filter(|_| self.is_keyed) {
            request = request.header("Idempotency-Key", format!("key-{key}"));
        }
        let request =
            request.header("Authorization", &self.user.authorization).header("Content-Type", JSON_API);
        let mut answer = self.agent.run(request.body(body).expect("a request")).expect("an answer");
        let body = answer.body_mut().read_to_string().expect("a body");
        (answer.status().as_u16(), serde_json::from_str(&body).expect("JSON"))
    }

    /// What is in the database, once it is reached again.
    fn get(&mut self, url: String) -> Value {
        loop {
            match self.send("GET", url.clone(), String::new(), None) {
                (200, document) => return document,
                (status, document) => assert_eq!(status, 503, "{document}"),
            }
        }
    }

    fn read(&mut self) -> Seen {
        let document = self.get(self.user.url(&self.node.url));
        seen(&document, self.user.is_nested)
    }

    fn edit(&mut self, base: &Seen, token: Token) -> Told {
        let document = document(base, token, self.user.is_nested);
        let (status, answer) =
            self.send("PUT", self.user.url(&self.node.url), document.to_string(), Some(token));
        if status == 200 {
            assert_eq!(seen(&answer, self.user.is_nested).tokens, [token; 2]);
        }
        told(status, &answer)
    }

    /// Makes a row that is like no other but for its id.
    fn post(&mut self, token: Token) -> Told {
        let attributes = json!({ "url": token.to_string() });
        let document = json!({ "data": { "type": "websites", "attributes": attributes } });
        let (status, answer) = self.send("POST", self.rows_url(), document.to_string(), Some(token));
        told(status, &answer)
    }

    fn rows_url(&self) -> String {
        format!("{}{USER}/websites?page[size]=1000", self.node.url)
    }

    /// How many rows a POST has made.
    fn made(&mut self, token: Token) -> usize {
        let (list, url) = (self.get(self.rows_url()), token.to_string());
        let rows = list["data"].as_array().expect("a list");
        rows.iter().filter(|row| row["attributes"]["url"] == url.as_str()).count()
    }
}

fn told(status: u16, answer: &Value) -> Told {
    match (status, answer["errors"][0]["code"].as_str()) {
        (200 | 201, _) => Told::Done,
        (409, Some("stale")) => Told::Stale,
        (503, Some("unavailable")) => Told::Unavailable,
        (503, Some("outcome_unknown")) => Told::Unknown,
        _ => panic!("{status}: {answer}"),
    }
}

impl Scene {
    /// Cuts at one place of an edit; false where the edit has no such place.
    fn cut(&mut self, cut: Cut, stays_down: bool, counts: &mut Counts) -> bool {
        counts.edits += 1;
        let (base, token) = (self.read(), counts.edits);
        self.cutter.cut(cut, stays_down);
        let told = self.edit(&base, token);
        let was_cut = self.cutter.mend();
        let found = self.read();
        let is_there = found != base;
        let case = format!("{cut:?}, down {stays_down}: {told:?}, {base:?}, {found:?}");
        if is_there {
            assert_eq!((found.tokens, found.counter), ([token; 2], base.counter + 1), "whole: {case}");
        }
        counts.add(told, is_there, &case);
        // The key settles it; without one the guard says that it was done.
        let again = self.edit(&base, token);
        assert_eq!(again, if is_there && !self.is_keyed { Told::Stale } else { Told::Done }, "{case}");
        counts.acknowledged += usize::from(told == Told::Done || again == Told::Done);
        let settled = self.read();
        assert_eq!((settled.tokens, settled.counter), ([token; 2], base.counter + 1), "once: {case}");
        assert!(!is_there || settled == found, "once: {case}");
        was_cut
    }

    /// The same of a POST, which nothing but its key keeps from being done twice.
    fn cut_post(&mut self, cut: Cut, stays_down: bool, counts: &mut Counts) -> bool {
        counts.edits += 1;
        let token = counts.edits;
        self.read();
        self.cutter.cut(cut, stays_down);
        let told = self.post(token);
        let was_cut = self.cutter.mend();
        let found = self.made(token);
        let case = format!("{cut:?}, down {stays_down}: {told:?}, {found} rows");
        counts.add(told, found == 1, &case);
        assert_eq!((self.post(token), self.made(token)), (Told::Done, 1), "once: {case}");
        counts.acknowledged += 1;
        was_cut
    }
}

/// A kind of place, by its numbers.
type NumberedCut = fn(usize) -> Cut;

/// What is cut, at a place of it.
type CutAt = fn(&mut Scene, Cut, bool, &mut Counts) -> bool;

/// Cuts everywhere for a moment, and after each answer also until the edit is answered.
fn everywhere(fault: &'static str, mut scene: Scene, cut_at: CutAt) {
    let mut counts = Counts::default();
    let (before, after): (NumberedCut, NumberedCut) = (Cut::Before, Cut::After);
    for (place, stays_down) in [(before, false), (after, false), (after, true)] {
        let cuts = (1..TOO_MANY).take_while(|n| cut_at(&mut scene, place(*n), stays_down, &mut counts));
        let cuts = cuts.count();
        assert!((3..TOO_MANY - 1).contains(&cuts), "{fault}: {cuts} places");
    }
    let Counts { edits, done, unavailable, there, absent, acknowledged } = counts;
    assert!(
        [done, unavailable, there, absent].iter().all(|number| *number > 0),
        "{fault}: all of it happens"
    );
    let rows = scene.get(scene.rows_url())["data"].as_array().map_or(0, Vec::len);
    let counted = scene.read().counter.max(Token::try_from(rows).expect("a small number"));
    let lost = usize::try_from(edits.saturating_sub(counted)).expect("a small number");
    let row = Row { fault, requests: scene.requests, acknowledged, in_doubt: there + absent, there, lost };
    assert_eq!(row.lost, 0, "{row}");
    row.say();
}

#[test]
fn a_put_that_is_cut_anywhere_is_answered_truly() {
    only_on_postgres!();
    everywhere("a cut at each step of a PUT", Scene::new(false, false), Scene::cut);
}

#[test]
fn a_put_with_a_row_that_is_cut_anywhere_is_there_wholly_or_not_at_all() {
    only_on_postgres!();
    everywhere("a cut at each step of a PUT with a row", Scene::new(true, false), Scene::cut);
}

#[test]
fn a_put_with_a_key_that_is_cut_anywhere_is_done_once() {
    only_on_postgres!();
    everywhere("a cut at each step of a PUT with a key", Scene::new(false, true), Scene::cut);
}

#[test]
fn a_post_with_a_key_that_is_cut_anywhere_is_done_once() {
    only_on_postgres!();
    everywhere("a cut at each step of a POST with a key", Scene::new(false, true), Scene::cut_post);
}
