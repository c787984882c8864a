//! `steward copy`: a whole database to an empty one.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::app::JSON_API;
use crate::support::place::Place;
use crate::support::program::{Program, run, run_ok};

fn copy(from: &str, to: &str) -> std::process::Output {
    run("unused.db", &["copy", "--from", from, "--to", to])
}

/// A database with users, rows, deletions, a key, and secrets.
fn source() -> (Place, Value) {
    let place = Place::empty();
    let database = place.url();
    let add = ["user", "add", "--first-name", "Rey", "--email", "rey@example.com", "--account-list", "Rey's"];
    let user: Value = serde_json::from_str(&run_ok(&database, &add)).expect("JSON");
    run_ok(&database, &["user", "add", "--first-name", "Finn", "--phone", "2134567890"]);
    let gone = run_ok(&database, &["user", "add", "--first-name", "Poe"]);
    let gone: Value = serde_json::from_str(&gone).expect("JSON");
    run_ok(&database, &["user", "delete", gone["id"].as_str().expect("an id")]);
    let program = Program::start(&database, &["serve"]);
    let authorization = format!("Bearer {}", user["token"].as_str().expect("a token"));
    let site = json!({ "type": "websites", "attributes": { "url": "https://rey.example" } });
    let email = json!({ "type": "email_addresses", "attributes": { "email": "second@example.com" } });
    let rows = json!({ "websites": { "data": [site] }, "email_addresses": { "data": [email] } });
    let put = json!({ "data": { "type": "users", "attributes": { "employer": "Cru", "overwrite": true },
        "relationships": rows } });
    let request = Program::agent().put(program.user_url()).header("Authorization", &authorization);
    let request = request.header("Idempotency-Key", "k1").header("Content-Type", JSON_API);
    let mut answer = request.send(put.to_string()).expect("an answer");
    assert_eq!(answer.status(), 200);
    let account =
        json!({ "type": "key_accounts", "attributes": { "email": "rey@example.com", "remote_id": "F1" } });
    let request = Program::agent().post(format!("{}/key_accounts", program.user_url()));
    let request = request.header("Authorization", &authorization).header("Content-Type", JSON_API);
    assert_eq!(request.send(json!({ "data": account }).to_string()).expect("an answer").status(), 201);
    let shown: Value =
        serde_json::from_str(&answer.body_mut().read_to_string().expect("a body")).expect("JSON");
    let id = shown["data"]["relationships"]["websites"]["data"][0]["id"].as_str().expect("an id");
    let request = Program::agent().delete(format!("{}/websites/{id}", program.user_url()));
    assert_eq!(request.header("Authorization", &authorization).call().expect("an answer").status(), 204);
    assert_eq!(program.stop(), Some(0));
    (place, user)
}

#[test]
fn a_copy_has_everything_and_serves_the_same_clients() {
    let ((source, user), target) = (source(), Place::empty());
    let (from, to) = (source.url(), target.url());
    let output = copy(&from, &to);
    assert!(output.status.success(), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rows = |name: &str| {
        let tables = told["tables"].as_array().expect("a list");
        tables.iter().find(|table| table["table"] == name).expect("a table")["rows"]
            .as_u64()
            .expect("a number")
    };
    for (table, expected) in [
        ("people", 2),
        ("former_people", 1),
        ("email_addresses", 2),
        ("phone_numbers", 1),
        ("tombstones", 1),
        ("account_lists", 1),
        ("account_list_users", 1),
        ("idempotency_keys", 1),
        ("websites", 0),
        ("key_accounts", 1),
        ("owners", 1),
    ] {
        assert_eq!(rows(table), expected, "{table}");
    }
    assert_eq!(run_ok(&to, &["export"]), run_ok(&from, &["export"]));
    // The same secret, versions and tags: what clients hold stays good.
    let answers = [&from, &to].map(|database| {
        let program = Program::start(database, &["serve"]);
        let request = Program::agent().get(format!("{}/changes?since=1", program.user_url()));
        let token = user["token"].as_str().expect("a token");
        let mut changes =
            request.header("Authorization", format!("Bearer {token}")).call().expect("an answer");
        assert_eq!(changes.status(), 200);
        let request =
            Program::agent().get(program.user_url()).header("Authorization", format!("Bearer {token}"));
        let plain = request.call().expect("an answer");
        let tag = plain.headers().get("ETag").expect("a tag").to_str().expect("text").to_owned();
        (changes.body_mut().read_to_string().expect("a body"), tag)
    });
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn a_copy_to_what_is_not_empty_or_of_what_is_not_there_is_refused_and_changes_nothing() {
    let ((source, _), target) = (source(), Place::empty());
    let (from, other) = (source.url(), target.url());
    run_ok(&other, &["user", "add", "--first-name", "Finn"]);
    let before = run_ok(&other, &["export"]);
    let output = copy(&from, &other);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("the target is not empty"), "{told}");
    assert_eq!(run_ok(&other, &["export"]), before);
    let directory = TempDir::new().expect("a folder");
    let nowhere = directory.path().join("nowhere.db");
    let output = copy(nowhere.to_str().expect("text"), &Place::empty().url());
    assert_eq!(output.status.code(), Some(1));
    assert!(!nowhere.exists() && String::from_utf8_lossy(&output.stderr).contains("there is no database"));
    let to_itself = copy(&from, &from);
    assert_eq!(to_itself.status.code(), Some(1));
}
