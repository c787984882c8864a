//! Continuing education: the rules by themselves, without HTTP and a database, and on the wire. The names of the tests are those of the
//! rules, and of the rows of the tables, in `juno.md` 3.2 and 3.3.

use steward::clock::Stamp;
use steward::id::Id;
use steward::jsonapi::{ErrorObject, Json};
use steward::juno::ce::{
    Activity, Caller, Claim, Hours, Program, Record, Refusal, SomeHours, Source, Threshold, Window,
};

use crate::support::app::stamp as at;

mod claims;
mod earning;
mod hours;
mod model;
mod program;
mod reference;
mod script;
mod transitions;
pub mod wire;

fn hours(text: &str) -> Hours {
    Hours::read(&text.into()).unwrap_or_else(|message| panic!("{text}: {message:?}"))
}

fn some(text: &str) -> SomeHours {
    SomeHours::new(hours(text)).expect("more than zero")
}

fn window(opens_at: Option<i64>, closes_at: Option<i64>) -> Window {
    Window::new(opens_at.map(at), closes_at.map(at)).expect("a window")
}

/// The time at which all happens that does not say otherwise.
const NOW: i64 = 1000;

fn now() -> Stamp {
    at(NOW)
}

/// A program without a window that gives all or nothing.
fn program(credits: &str, percent: i32) -> Program {
    Program {
        credits: hours(credits),
        threshold: Threshold::new(percent).expect("a percentage"),
        window: Window::default(),
        partial_claims: false,
        hour_step: SomeHours::LEAST,
    }
}

/// The same where parts can be claimed, in steps.
fn partial(credits: &str, percent: i32, step: &str) -> Program {
    Program { partial_claims: true, hour_step: some(step), ..program(credits, percent) }
}

/// Hours of a session, which its name stands for; it also makes the id.
fn session(name: &str, hours: &str) -> Activity {
    let source = Source { kind: "session".to_owned(), id: name.to_owned() };
    Activity { id: session_id(name), source, hours: some(hours) }
}

fn session_id(name: &str) -> Id {
    Id::from_uuid(uuid::Uuid::nil()).derived(name)
}

/// A published record with so many hours.
fn earned(hours: &str) -> Record {
    let mut record = Record::new(true);
    record.add(session("first", hours));
    record
}

/// A claim by the user.
fn claim(record: &mut Record, asked: Option<&str>, program: &Program) -> Result<Claim, Refusal> {
    record.claim_hours(Id::random(), asked.map(hours), Caller::User, program, now())
}

/// A record that was claimed whole.
fn claimed(hours: &str, program: &Program) -> Record {
    let mut record = earned(hours);
    claim(&mut record, None, program).expect("a claim");
    record
}

fn error(refusal: Refusal) -> ErrorObject {
    refusal.error("1f6a")
}

/// The code of a refusal, its status and its `meta`.
fn told(refusal: Refusal) -> (&'static str, u16, String) {
    let error = error(refusal);
    let meta = error.meta.as_ref().map(Json::to_text).unwrap_or_default();
    (error.code.as_str(), error.code.status(), meta)
}
