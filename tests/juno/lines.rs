//! What JUNO keeps of users, in the lines of `steward export` and `steward import`.

mod education;

use std::process::Output;

use actix_web::http::Method;
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::juno_users;
use tempfile::TempDir;

use super::wire::{least, user};
use super::{Site, document, made};
use crate::support::Place;
use crate::support::program::{run_ok, steward};

impl Site {
    fn export(&self) -> String {
        run_ok(&self.app.place.url(), &["export"])
    }

    /// A site elsewhere, as yet without anybody.
    fn elsewhere(&self) -> Self {
        let app = self.app.on_another_place(Place::migrated());
        let key = app.api_key("importer");
        Self { app, key }
    }

    fn import_lines(&self, flags: &[&str], lines: &str) -> Output {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("lines.jsonl");
        std::fs::write(&file, lines).expect("a file");
        let mut command = steward(&self.app.place.url());
        command.arg("import").args(flags).arg(&file).output().expect("the program runs")
    }

    /// That lines are taken, so many of them as changes.
    fn take(&self, lines: &str, (created, updated, unchanged): (u64, u64, u64)) {
        let output = self.import_lines(&[], lines);
        let summary: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let expected = json!({
            "lines": created + updated + unchanged, "created": created, "updated": updated,
            "unchanged": unchanged, "refused": 0,
        });
        assert_eq!(summary, expected, "{output:?}");
    }

    /// What is told of lines that are all refused.
    fn refuse(&self, lines: &str) -> Vec<String> {
        let output = self.import_lines(&[], lines);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let summary: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(summary["refused"], summary["lines"], "{output:?}");
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        told.lines().filter(|line| line.starts_with("line ")).map(str::to_owned).collect()
    }
}

/// A site with somebody who has all that JUNO keeps, and with somebody who was a user of JUNO.
async fn full() -> Site {
    let site = Site::new();
    site.dimension(json!({ "name": "Unused" })).await;
    site.dimension(json!({ "name": "Medical School", "locked": true })).await;
    site.dimension(json!({ "name": "Page", "value_type": "url" })).await;
    let session =
        made(&site.post("tag_types", &document("tag_types", json!({ "name": "Session", "group": 7 }))).await);
    for (name, of_type) in [("Unused", "2"), ("Speaker", session.as_str()), ("Main Stage", "2")] {
        site.tag(name, of_type).await;
    }
    let text = json!({
        "first_name": "John", "email": "j@x.co", "city": "Los Angeles", "timezone": -25200, "points": 120,
        "account_level": 99, "client_id": "A1", "client_guid": "735992af-c8a2-4cac-9072-5f1a29437e98",
        "username": "jmclane", "facebook": "https://m.facebook.com/john.mclane", "twitter": "https://x.com/i/no/account",
        "instagram": "https://instagram.com/j", "date_created": "2020-01-02", "date_last_login": "2021-01-02",
        "tags": [{ "id": 2, "score": 35 }, { "id": 3 }],
        "dimensions": [{ "id": 1001, "value": "UCLA" }, { "id": 1002, "value": "https://x.co" }],
    });
    site.import_flat(&["--keep-ids"], text.to_string()).assert(1, 0, 0, 0);
    for email in ["k@x.co", "l@x.co"] {
        made(&site.post("juno_users", &user(least(email))).await);
    }
    assert_eq!(site.delete("juno_users/2").await.status, 204);
    site
}

/// A line with members of its first user of JUNO set.
fn with(line: &str, changes: Value) -> String {
    let mut line: Value = serde_json::from_str(line).expect("JSON");
    let user = line["data"]["meta"]["juno"][0].as_object_mut().expect("a user of JUNO");
    user.extend(changes.as_object().cloned().expect("an object"));
    format!("{line}\n")
}

fn count(lines: &str) -> u64 {
    u64::try_from(lines.lines().count()).expect("few")
}

/// A time after that of the first user of JUNO of a line.
fn later(line: &str) -> String {
    let line: Value = serde_json::from_str(line).expect("JSON");
    let at = line["data"]["meta"]["juno"][0]["updated_at"].as_str().expect("a time");
    let at = chrono::DateTime::parse_from_rfc3339(at).expect("a time") + chrono::TimeDelta::hours(1);
    at.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// The line of the user with the address.
fn line_of(lines: &str, email: &str) -> String {
    let line = lines.lines().find(|line| line.contains(email)).expect("his line");
    format!("{line}\n")
}

#[actix_web::test]
async fn what_juno_keeps_goes_into_a_file_and_out_of_it_again() {
    let site = full().await;
    let lines = site.export();
    let there = site.elsewhere();
    there.take(&lines, (count(&lines), 0, 0));
    assert_eq!(there.export(), lines, "to the byte");
    for path in
        ["juno_users/1", "juno_users/1/relationships/tags", "juno_users/1/dimension_values", "juno_users/3"]
    {
        assert_eq!(there.get(path).await.text(), site.get(path).await.text(), "{path}");
    }
    there.get("juno_users/2").await.assert_refused(404, &["not_found"]);
    for (path, names) in [
        ("dimensions?filter[system]=false", json!(["Medical School", "Page"])),
        ("tags", json!(["Speaker", "Main Stage"])),
    ] {
        let list = there.get(path).await.json();
        let shown: Value = list["data"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["attributes"]["name"].clone())
            .collect();
        assert_eq!(shown, names, "what nobody has does not travel");
    }
    for (one, path) in
        [("dimensions/1001", "dimensions/1001"), ("tags/3", "tags/3"), ("tag_types/1000", "tag_types/1000")]
    {
        assert_eq!(there.get(one).await.text(), site.get(path).await.text());
    }
    assert_eq!(
        made(&there.post("juno_users", &user(least("m@x.co"))).await),
        "4",
        "what is given later is higher"
    );
    for (attributes, code) in [
        (json!({ "first_name": "A", "email": "J@x.co" }), "email_taken"),
        (json!({ "first_name": "A", "email": "n@x.co", "client_id": "A1" }), "client_id_taken"),
        (json!({ "first_name": "A", "email": "n@x.co", "username": "JMclane" }), "username_taken"),
    ] {
        there.post("juno_users", &user(attributes)).await.assert_refused(409, &[code]);
    }
    let free = made(&there.post("juno_users", &user(least("k@x.co"))).await);
    assert_eq!(free, "5", "what a deleted one had is free");
}

#[actix_web::test]
async fn each_value_of_a_dimension_keeps_the_time_of_its_last_change() {
    let site = Site::new();
    made(&site.post("juno_users", &user(least("j@x.co"))).await);
    for (name, value) in [("city", "Los Angeles"), ("country", "USA")] {
        site.app.clock.advance(60);
        site.set(json!({ name: value })).await.assert_ok();
    }
    let lines = site.export();
    let line = line_of(&lines, "j@x.co");
    let values =
        serde_json::from_str::<Value>(&line).expect("JSON")["data"]["meta"]["juno"][0]["dimensions"].clone();
    assert!(values["city"]["updated_at"].as_str() < values["country"]["updated_at"].as_str(), "{values}");
    assert_eq!(values["city"]["value"], "Los Angeles");
    let there = site.elsewhere();
    there.take(&lines, (count(&lines), 0, 0));
    assert_eq!(there.export(), lines);
    let mut told = values.clone();
    told["city"]["updated_at"] = "soon".into();
    let refused = there.refuse(&with(&line, json!({ "dimensions": told })));
    let place = "line 1: invalid_timestamp /data/meta/juno/0/dimensions/city/updated_at: ";
    assert!(refused[0].starts_with(place), "{refused:?}");
}

#[actix_web::test]
async fn a_line_that_comes_to_what_is_stored_changes_nothing() {
    let site = full().await;
    let before = site.get("juno_users/1").await;
    let lines = site.export();
    site.take(&lines, (0, 0, count(&lines)));
    assert_eq!(site.get("juno_users/1").await.header("etag"), before.header("etag"));
    assert_eq!(site.export(), lines);
}

#[actix_web::test]
async fn a_line_that_was_written_before_somebody_signed_in_does_not_undo_that() {
    let site = full().await;
    let line = line_of(&site.export(), "j@x.co");
    let at = steward::clock::Stamp::from_seconds(1_700_000_000).expect("a time");
    site.app.change(|connection| {
        diesel::update(juno_users::table).set(juno_users::last_login_at.eq(at)).execute(connection)
    });
    site.take(&line, (0, 0, 1));
    let shown = site.get("juno_users/1").await.assert_ok();
    assert_eq!(shown["date_last_login"], at.to_string());
}

#[actix_web::test]
async fn a_later_state_of_junos_own_is_taken_and_does_not_move_the_person() {
    let site = full().await;
    let line = line_of(&site.export(), "j@x.co");
    let person =
        |line: &str| serde_json::from_str::<Value>(line).expect("JSON")["data"]["attributes"].clone();
    let changes = json!({
        "points": 7, "username": null, "updated_at": later(&line), "dimensions": { "medical_school": "UCSF" },
        "tags": { "speaker": { "score": 1, "preferred": false, "origin": "engagement" } },
    });
    let refused = site.refuse(&with(&line, json!({ "updated_at": "soon" })));
    assert!(
        refused[0].starts_with("line 1: invalid_timestamp /data/meta/juno/0/updated_at: "),
        "{refused:?}"
    );
    site.take(&with(&line, changes), (0, 1, 0));
    let now = line_of(&site.export(), "j@x.co");
    assert_eq!(person(&now), person(&line));
    let shown = site.flat("juno_users/1").await;
    assert_eq!(
        (&shown["points"], &shown["username"], &shown["city"]),
        (&json!(7), &json!(null), &json!("Los Angeles"))
    );
    assert_eq!(shown["dimensions"][0]["value"], "UCSF");
    assert_eq!(shown["dimensions"][1]["value"], "https://x.co", "what the line does not have stays");
    assert_eq!(shown["tags"].as_array().map(Vec::len), Some(2));
    let again = site.refuse(&line);
    assert!(again[0].starts_with("line 1: newer_in_database "), "{again:?}");
    let heir = user(json!({ "first_name": "A", "email": "n@x.co", "username": "jmclane" }));
    made(&site.post("juno_users", &heir).await);
}

#[actix_web::test]
async fn an_older_line_is_written_where_that_is_asked_for() {
    let site = full().await;
    let line = line_of(&site.export(), "j@x.co");
    let older = with(&line, json!({ "points": 7, "updated_at": "2021-01-01T00:00:00Z" }));
    assert!(site.refuse(&older)[0].starts_with("line 1: newer_in_database "));
    assert_eq!(site.import_lines(&["--overwrite"], &older).status.code(), Some(0));
    assert_eq!(site.flat("juno_users/1").await["points"], 7);
}

#[actix_web::test]
async fn what_another_user_of_juno_has_is_refused_with_its_place() {
    let site = full().await;
    let there = site.elsewhere();
    there.take(&line_of(&site.export(), "j@x.co"), (1, 0, 0));
    let other = line_of(&site.export(), "l@x.co");
    for (changes, told) in [
        (json!({ "id": 1 }), "line 1: duplicate /data/meta/juno/0/id: "),
        (json!({ "client_id": "A1" }), "line 1: client_id_taken /data/meta/juno/0/client_id: "),
        (json!({ "username": "JMCLANE" }), "line 1: username_taken /data/meta/juno/0/username: "),
        (json!({ "id": 0 }), "line 1: out_of_range /data/meta/juno/0/id: "),
        (json!({ "points": "many" }), "line 1: wrong_type /data/meta/juno/0/points: "),
        (
            json!({ "dimensions": { "nowhere": "x" } }),
            "line 1: unknown_dimension /data/meta/juno/0/dimensions/nowhere: ",
        ),
        (
            json!({ "dimensions": { "website": "x" } }),
            "line 1: invalid /data/meta/juno/0/dimensions/website: ",
        ),
        (json!({ "tags": { "Nowhere": {} } }), "line 1: unknown_tag /data/meta/juno/0/tags/Nowhere: "),
    ] {
        let refused = there.refuse(&with(&other, changes.clone()));
        assert!(refused[0].starts_with(told), "{changes}: {refused:?}");
    }
    let email = other.replace("l@x.co", "j@x.co");
    assert!(there.refuse(&email)[0].starts_with("line 1: email_taken /data/meta/juno/0: "));
    let mut nameless: Value = serde_json::from_str(&other).expect("JSON");
    nameless["data"]["relationships"] = json!({});
    nameless["included"] = json!([]);
    let refused = there.refuse(&nameless.to_string());
    assert!(refused[0].starts_with("line 1: login_email_required /data/meta/juno/0: "), "{refused:?}");
    assert_eq!(there.get("juno_users").await.json()["meta"]["total"], 1);
}

#[actix_web::test]
async fn nobody_is_deleted_by_a_line_and_who_was_can_come_back() {
    let site = full().await;
    let line = line_of(&site.export(), "j@x.co");
    let deleted = with(&line, json!({ "deleted_at": later(&line), "updated_at": later(&line) }));
    site.take(&deleted, (0, 0, 1));
    assert_eq!(site.flat("juno_users/1").await["first_name"], "John");
    assert_eq!(site.delete("juno_users/1").await.status, 204);
    assert!(site.refuse(&line)[0].starts_with("line 1: newer_in_database "), "he was deleted later");
    site.take(&with(&line, json!({ "updated_at": later(&line) })), (0, 1, 0));
    let shown = site.flat("juno_users/1").await;
    assert_eq!((&shown["client_id"], &shown["city"]), (&json!("A1"), &json!("Los Angeles")));
    let second = user(json!({ "first_name": "A", "email": "n@x.co", "client_id": "A1" }));
    site.post("juno_users", &second).await.assert_refused(409, &["client_id_taken"]);
    let person = site.get("juno_users/1").await.json()["data"]["relationships"]["user"]["data"].clone();
    let other = with(&line, json!({ "id": 77, "client_id": null, "client_guid": null, "username": null }));
    assert!(
        site.refuse(&other)[0].starts_with("line 1: duplicate /data/meta/juno/0/id: "),
        "{person} is 1 already"
    );
    let sent = site.send(super::request(Method::GET, "juno_users/77", None)).await;
    sent.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn a_copy_has_users_of_juno_with_all_that_is_theirs() {
    let site = full().await;
    let target = Place::migrated();
    let copied =
        steward::db::copy::copy(&site.app.place.target(), &target.target(), |_, _| {}).expect("a copy");
    let rows = |name: &str| copied.iter().find(|one| one.table == name).expect("a table").rows;
    assert_eq!((rows("juno_users"), rows("dimension_values"), rows("user_tags")), (3, 5, 2));
    let there = Site { app: site.app.on_another_place(target), key: site.key.clone() };
    for path in ["juno_users", "juno_users/1", "juno_users/1/dimension_values", "tags"] {
        assert_eq!(there.get(path).await.text(), site.get(path).await.text(), "{path}");
    }
    assert_eq!(there.export(), site.export());
    assert_eq!(made(&there.post("juno_users", &user(least("m@x.co"))).await), "4");
}
