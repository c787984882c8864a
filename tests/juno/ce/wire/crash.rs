//! The process dies in the middle of a claim, and whoever claims has no answer: he asks again.

use diesel::QueryResult;
use serde_json::Value;
use steward::db::{Connection, in_transaction};

use crate::support::Place;
use crate::support::app::JSON_API;
use crate::support::education::{join, program, record};
use crate::support::program::{Program, run_ok};

const RECORD: &str = "c1c1c1c1-0000-4000-8000-000000000001";

/// Where it dies, and whether the claim is made then.
const PLACES: [(&str, bool); 3] =
    [("idempotency::done", false), ("idempotency::recorded", false), ("idempotency::committed", true)];

/// A database with a record that can be claimed, and its user's token.
struct Home {
    place: Place,
    token: String,
}

impl Home {
    fn new() -> Self {
        let place = Place::empty();
        let user = run_ok(&place.url(), &["user", "add", "--first-name", "Rey"]);
        let user: Value = serde_json::from_str(&user).expect("JSON");
        let (person, token) = (user["id"].as_str().expect("an id"), user["token"].as_str().expect("a token"));
        let enrol = |connection: &mut Connection| -> QueryResult<()> {
            let number = join(connection, person)?;
            program(connection, RECORD)?;
            record(connection, (person, number), RECORD, RECORD).map(drop)
        };
        in_transaction(&mut place.target().connect().expect("a connection"), enrol).expect("a record");
        Self { token: token.to_owned(), place }
    }

    /// Claims, or reads the claims; `None` where there is no answer.
    fn ask(&self, program: &Program, method: &str, key: Option<&str>) -> Option<(u16, String)> {
        let url = format!("{}/api/v2/ce_records/{RECORD}/claims", program.url);
        let request = ureq::http::Request::builder().method(method).uri(url);
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        let request = match key {
            Some(key) => request.header("Idempotency-Key", key).header("Content-Type", JSON_API),
            None => request,
        };
        let mut answer = Program::agent().run(request.body(()).expect("a request")).ok()?;
        Some((answer.status().as_u16(), answer.body_mut().read_to_string().expect("a body")))
    }

    fn claims(&self, program: &Program) -> usize {
        let (status, text) = self.ask(program, "GET", None).expect("an answer");
        let list: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(status, 200, "{list}");
        list["data"].as_array().expect("a list").len()
    }
}

#[test]
fn a_claim_whose_answer_was_lost_is_made_once_whoever_asks_again() {
    for (place, is_made) in PLACES {
        for again in ["k1", "k2"] {
            let home = Home::new();
            let doomed = Program::start_to_die(&home.place.url(), place);
            assert_eq!(home.ask(&doomed, "POST", Some("k1")), None, "{place}: there is no answer");
            drop(doomed);
            let program = Program::start(&home.place.url(), &["serve"]);
            assert_eq!(home.claims(&program), usize::from(is_made), "{place}");
            let (status, text) = home.ask(&program, "POST", Some(again)).expect("an answer");
            if is_made && again == "k2" {
                assert!(status == 409 && text.contains("ce_already_claimed"), "{place}: {text}");
            } else {
                assert_eq!(status, 201, "{place} {again}: {text}");
            }
            assert_eq!(
                home.ask(&program, "POST", Some(again)),
                Some((status, text)),
                "{place}: the same bytes"
            );
            assert_eq!(home.claims(&program), 1, "{place} {again}");
        }
    }
}
