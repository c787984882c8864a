//! `steward secret rotate`: servers notice without a restart.

use std::time::{Duration, Instant};

use super::{Place, document, get};
use crate::support::program::{Program, steward};

/// The token is refused sooner or later; a minute is far beyond what is promised.
fn await_refusal(program: &Program, token: &str) {
    let begun = Instant::now();
    while get(program, token).0 != 401 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the old secret still counts");
    }
}

#[test]
fn servers_take_old_and_new_tokens_after_a_rotation_and_old_ones_no_more_after_one_without_grace() {
    let place = Place::new();
    let user = place.json(&["user", "add", "--first-name", "Rey"]);
    let (id, old) = (user["id"].as_str().expect("an id"), user["token"].as_str().expect("a token"));
    let servers: Vec<_> = (0..2).map(|_| Program::start(&place.database(), &["serve"])).collect();
    let told = place.json(&["secret", "rotate"]);
    assert!(told["old_valid_until"].as_str() > told["rotated_at"].as_str(), "{told}");
    let new = place.run_ok(&["token", id]);
    for server in &servers {
        document(server, new.trim());
        document(server, old);
    }
    let told = place.json(&["secret", "rotate", "--grace", "0s"]);
    assert_eq!(told["old_valid_until"], told["rotated_at"]);
    let newest = place.run_ok(&["token", id]);
    for server in &servers {
        await_refusal(server, old);
        await_refusal(server, new.trim());
        document(server, newest.trim());
    }
    let started_later = Program::start(&place.database(), &["serve"]);
    document(&started_later, newest.trim());
    assert_eq!(get(&started_later, old).0, 401);
}

#[test]
fn a_secret_that_is_given_can_not_be_rotated_and_a_grace_is_a_time() {
    let place = Place::new();
    let told = place.refused(&["secret", "rotate", "--jwt-secret", "given"], 2);
    assert!(told.contains("given by --jwt-secret") && told.contains("change it where"), "{told}");
    let mut command = steward(&place.database());
    let output =
        command.env("STEWARD_JWT_SECRET", "given").args(["secret", "rotate"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    for grace in ["soon", "-1s", "200years"] {
        place.refused(&["secret", "rotate", "--grace", grace], 2);
    }
}
