//! `steward backup` and `steward restore`: an older state that is there again, and nobody who takes it for a newer one.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::http::Response;
use ureq::{Agent, Body};

use super::Place;
use crate::support::app::JSON_API;
use crate::support::backend::{only_on_postgres, only_on_sqlite};
use crate::support::program::{Program, run, run_ok};

const ADD: [&str; 4] = ["user", "add", "--first-name", "Rey"];

/// A path as an argument.
fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

struct User<'a> {
    agent: Agent,
    program: &'a Program,
    token: &'a str,
}

impl<'a> User<'a> {
    fn new(program: &'a Program, user: &'a Value) -> Self {
        Self { agent: Program::agent(), program, token: user["token"].as_str().expect("a token") }
    }

    fn get(&self, path: &str, header: Option<(&str, &str)>) -> Response<Body> {
        let mut request = self.agent.get(format!("{}{path}", self.program.user_url()));
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        request.header("Authorization", format!("Bearer {}", self.token)).call().expect("an answer")
    }

    fn json(&self, path: &str) -> Value {
        let body = self.get(path, None).body_mut().read_to_string().expect("a body");
        serde_json::from_str(&body).expect("JSON")
    }

    fn tag(&self) -> String {
        self.get("", None).headers()["ETag"].to_str().expect("text").to_owned()
    }

    fn put(&self, attributes: Value, tag: Option<&str>) -> u16 {
        let mut request = self.agent.put(self.program.user_url()).header("Content-Type", JSON_API);
        if let Some(tag) = tag {
            request = request.header("If-Match", tag);
        }
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        let body = json!({ "data": { "type": "users", "attributes": attributes } }).to_string();
        request.send(body).expect("an answer").status().as_u16()
    }
}

#[test]
fn a_backup_under_load_has_every_edit_that_was_acknowledged_before_it_and_old_tags_match_nothing() {
    only_on_sqlite!("PostgreSQL has tools of its own");
    let (place, folder) = (Place::new(), TempDir::new().expect("a folder"));
    let users = [0, 1, 2].map(|_| place.json(&ADD));
    let file = folder.path().join("backup.db");
    let acknowledged = [const { AtomicU64::new(0) }; 3];
    let ends = AtomicBool::new(false);
    let (mut before, mut tags) = ([0; 3], Vec::new());
    {
        let program = Program::start(&place.database(), &["serve"]);
        thread::scope(|scope| {
            for (user, last) in users.iter().zip(&acknowledged) {
                let (program, ends) = (&program, &ends);
                scope.spawn(move || {
                    let user = User::new(program, user);
                    for edit in 1.. {
                        let attributes = json!({ "employer": edit.to_string(), "overwrite": true });
                        assert_eq!(user.put(attributes, None), 200);
                        last.store(edit, Ordering::SeqCst);
                        if ends.load(Ordering::SeqCst) {
                            return;
                        }
                    }
                });
            }
            while acknowledged.iter().any(|last| last.load(Ordering::SeqCst) < 5) {
                thread::yield_now();
            }
            before = [0, 1, 2].map(|user| acknowledged[user].load(Ordering::SeqCst));
            let told = place.json(&["backup", text(&file)]);
            assert_eq!(told["bytes"], file.metadata().expect("a file").len());
            ends.store(true, Ordering::SeqCst);
        });
        tags.extend(users.iter().map(|user| User::new(&program, user).tag()));
    }
    let told = place.json(&["restore", text(&file), "--replace"]);
    assert_eq!(told["users"], 3);
    let program = Program::start(&place.database(), &["serve"]);
    for ((user, tag), before) in users.iter().zip(&tags).zip(before) {
        let user = User::new(&program, user);
        let employer = user.json("")["data"]["attributes"]["employer"].clone();
        let edit: u64 = employer.as_str().expect("an edit").parse().expect("its number");
        assert!(edit >= before, "{edit} of {before}");
        assert_eq!(user.get("", Some(("If-None-Match", tag))).status(), 200);
        assert_eq!(user.put(json!({ "employer": "Cru" }), Some(tag)), 412);
        assert_eq!(user.put(json!({ "employer": "Cru" }), Some(&user.tag())), 200);
    }
}

#[test]
fn what_is_replaced_is_kept_beside_as_it_was() {
    only_on_sqlite!("PostgreSQL has tools of its own");
    let (place, folder) = (Place::new(), TempDir::new().expect("a folder"));
    place.run_ok(&ADD);
    let file = folder.path().join("backup.db");
    place.run_ok(&["backup", text(&file)]);
    place.run_ok(&["user", "add", "--first-name", "Finn"]);
    let both = place.run_ok(&["export"]);
    let told = place.json(&["restore", text(&file), "--replace"]);
    assert_eq!(place.run_ok(&["export"]).lines().count(), 1);
    let replaced = told["replaced"].as_str().expect("a path");
    assert_eq!(run_ok(replaced, &["export"]), both);
}

#[test]
fn a_version_of_before_a_restore_leads_nowhere_and_those_after_it_are_new() {
    let place = Place::new();
    let user = place.json(&ADD);
    let of_before = {
        let program = Program::start(&place.database(), &["serve"]);
        let user = User::new(&program, &user);
        assert_eq!(user.put(json!({ "employer": "Cru", "overwrite": true }), None), 200);
        user.json("/changes")["meta"]["version"].as_i64().expect("a version")
    };
    place.run_ok(&["restore", "--in-place"]);
    let later = place.json(&ADD);
    let program = Program::start(&place.database(), &["serve"]);
    let user = User::new(&program, &user);
    // Those that were given out and are gone, whatever is done from now on.
    for gone in [of_before, of_before + 1, of_before + 1000] {
        assert_eq!(user.get(&format!("/changes?since={gone}"), None).status(), 410);
    }
    let version = user.json("/changes")["meta"]["version"].as_i64().expect("a version");
    assert_eq!(user.put(json!({ "employer": "Resistance", "overwrite": true }), None), 200);
    let changes = user.json(&format!("/changes?since={version}"));
    assert_eq!(changes["meta"]["version"], version + 1);
    assert_eq!(changes["data"][0]["attributes"]["employer"], "Resistance");
    // Who came afterwards begins where everybody does.
    let later = User::new(&program, &later);
    let version = later.json("/changes")["meta"]["version"].as_i64().expect("a version");
    assert_eq!(later.get(&format!("/changes?since={version}"), None).status(), 200);
}

#[test]
fn each_restore_has_versions_of_its_own() {
    let place = Place::new();
    let user = place.json(&ADD);
    let versions = [0, 1].map(|_| {
        place.run_ok(&["restore", "--in-place"]);
        let program = Program::start(&place.database(), &["serve"]);
        User::new(&program, &user).json("/changes")["meta"]["version"].as_i64().expect("a version")
    });
    assert!(versions[0] < versions[1], "{versions:?}");
}

#[test]
fn what_can_not_be_backed_up_or_put_back_is_refused_and_nothing_is_changed() {
    only_on_sqlite!("PostgreSQL has tools of its own");
    let (place, folder) = (Place::new(), TempDir::new().expect("a folder"));
    place.run_ok(&ADD);
    let path = |name: &str| folder.path().join(name);
    let (backup, missing) = (path("backup.db"), path("missing.db"));
    place.run_ok(&["backup", text(&backup)]);
    place.run_ok(&["user", "add", "--first-name", "Finn"]);
    let users = place.run_ok(&["export"]);
    let whole = std::fs::read(&backup).expect("the backup");

    assert!(place.refused(&["backup", text(&backup)], 1).contains("is there already"));
    let nowhere = run(text(&missing), &["backup", text(&path("of-nothing.db"))]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(!missing.exists() && !path("of-nothing.db").exists());

    assert!(place.refused(&["restore", text(&missing)], 1).contains("there is no file"));
    assert!(place.refused(&["restore", text(&backup)], 1).contains("--replace"));
    for (what, bytes) in [
        ("a text", b"Rey, Finn, Poe".as_slice()),
        ("nothing", b"".as_slice()),
        ("half of a backup", &whole[..whole.len() / 2]),
    ] {
        let broken = path("broken.db");
        std::fs::write(&broken, bytes).expect("a file");
        let why = place.refused(&["restore", text(&broken), "--replace"], 1);
        assert!(why.contains("is no backup"), "{what}: {why}");
    }
    let running = Program::start(&place.database(), &["serve"]);
    assert!(place.refused(&["restore", text(&backup), "--replace"], 1).contains("is in use"));
    assert_eq!(running.stop(), Some(0));

    assert_eq!(place.run_ok(&["export"]), users);
    let left = std::fs::read_dir(place.0.file().parent().expect("its folder")).expect("the folder");
    let names: Vec<_> = left.map(|entry| entry.expect("a file").file_name()).collect();
    assert!(names.iter().all(|name| !text(Path::new(name)).contains("part")), "{names:?}");
}

#[test]
fn only_its_owner_may_read_a_backup() {
    use std::os::unix::fs::PermissionsExt as _;
    only_on_sqlite!("PostgreSQL has tools of its own");
    let (place, folder) = (Place::new(), TempDir::new().expect("a folder"));
    place.run_ok(&ADD);
    let file = folder.path().join("backup.db");
    place.run_ok(&["backup", text(&file)]);
    assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
}

#[test]
fn on_postgresql_it_is_said_whose_tools_to_use() {
    only_on_postgres!();
    let (place, folder) = (Place::new(), TempDir::new().expect("a folder"));
    let file = folder.path().join("backup.db");
    for command in ["backup", "restore"] {
        assert!(place.refused(&[command, text(&file)], 1).contains("pg_dump"));
    }
}
