//! The process dies in the middle of its work.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::support::Place;
use crate::support::app::JSON_API;
use crate::support::program::{Program, run_ok};

/// PUTs that must have been acknowledged before the process is killed.
const ENOUGH: usize = 40;

#[test]
fn sigkill_during_writes_loses_no_acknowledged_edit() {
    let place = Place::empty();
    let database = place.url();
    let user = run_ok(&database, &["user", "add", "--first-name", "Rey"]);
    let user: Value = serde_json::from_str(&user).expect("JSON");
    let authorization = format!("Bearer {}", user["token"].as_str().expect("a token"));
    for round in 0..3 {
        let program = Program::start(&database, &["serve"]);
        let url = program.user_url();
        let acknowledged = Mutex::new(Vec::<String>::new());
        let count = AtomicUsize::new(0);
        thread::scope(|scope| {
            for writer in 0..4 {
                let (url, authorization) = (&url, &authorization);
                let (acknowledged, count) = (&acknowledged, &count);
                scope.spawn(move || {
                    let agent = Program::agent();
                    for i in 0.. {
                        let name = format!("r{round}w{writer}i{i}");
                        let attributes = json!({ "preferences": { &name: i }, "overwrite": true });
                        let document = json!({ "data": { "type": "users", "attributes": attributes } });
                        let request = agent.put(url).header("Authorization", authorization);
                        match request.header("Content-Type", JSON_API).send(document.to_string()) {
                            Ok(answer) if answer.status() == 200 => {
                                acknowledged.lock().expect("the list").push(name);
                                count.fetch_add(1, Ordering::SeqCst);
                            }
                            Ok(answer) => panic!("{}", answer.status()),
                            // The process is gone; what was under way is in doubt.
                            Err(_) => return,
                        }
                    }
                });
            }
            while count.load(Ordering::SeqCst) < ENOUGH {
                thread::yield_now();
            }
            program.kill();
        });
        let survivor = Program::start(&database, &["serve"]);
        let answer = Program::agent().get(survivor.user_url()).header("Authorization", &authorization).call();
        let document = answer.expect("an answer").body_mut().read_to_string().expect("a body");
        let document: Value = serde_json::from_str(&document).expect("JSON");
        let stored = &document["data"]["attributes"]["preferences"];
        let acknowledged = acknowledged.into_inner().expect("the list");
        assert!(acknowledged.len() >= ENOUGH);
        for name in &acknowledged {
            assert!(stored.get(name).is_some(), "{name} was acknowledged and is lost");
        }
    }
}
