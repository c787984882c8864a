//! Continuing education in the lines.

use serde_json::{Value, json};

use super::{count, later, line_of, with};
use crate::juno::ce::wire::{new_activity, new_claim, new_record, time};
use crate::juno::wire::{least, user};
use crate::juno::{Site, document, ids, made};

const ETHICS: &str = "c1c1c1c1-0000-4000-8000-000000000001";
const RECORD: &str = "c2c2c2c2-0000-4000-8000-000000000001";
const OTHER: &str = "c3c3c3c3-0000-4000-8000-000000000001";

/// A document with an id that the client has made.
fn named(mut document: Value, id: &str) -> Value {
    document["data"]["id"] = id.into();
    document
}

impl Site {
    async fn program(&self, attributes: Value) -> String {
        made(&self.post("ce_programs", &document("ce_programs", attributes)).await)
    }

    async fn record(&self, juno_user: i64, program: &str, is_published: bool) -> String {
        let path = format!("juno_users/{juno_user}/ce_records");
        made(&self.post(&path, &new_record(program, is_published)).await)
    }

    async fn attended(&self, record: &str, source: &str, hours: f64) {
        self.app.clock.advance(1);
        let activity = new_activity(source, hours);
        made(&self.post(&format!("ce_records/{record}/activities"), &activity).await);
    }

    async fn claimed(&self, record: &str, hours: f64) {
        self.app.clock.advance(1);
        made(&self.post(&format!("ce_records/{record}/claims"), &new_claim(hours)).await);
    }

    async fn reopened(&self, record: &str) {
        self.app.clock.advance(1);
        self.post(&format!("ce_records/{record}/reopen"), &json!({})).await.assert_ok();
    }

    /// All that is shown of a record.
    async fn shows(&self, record: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for below in ["?include=program,user", "/activities", "/claims", "/certificate"] {
            let answer = self.get(&format!("ce_records/{record}{below}")).await;
            // Each error has an id of its own.
            texts.push(if answer.status == 404 { "404".to_owned() } else { answer.text().to_owned() });
        }
        texts
    }
}

/// A site with records in every status, of two users of whom one is deleted; and the ids of the records.
async fn taught() -> (Site, Vec<String>) {
    let site = Site::new();
    for email in ["j@x.co", "k@x.co"] {
        made(&site.post("juno_users", &user(least(email))).await);
    }
    let ethics = json!({ "name": "Ethics", "ce_credits": 10, "ce_threshold": 60, "partial_claims": true });
    made(&site.post("ce_programs", &named(document("ce_programs", ethics), ETHICS)).await);
    site.app.clock.advance(60);
    let window = json!({ "claim_opens_at": time(-60), "claim_closes_at": time(3600), "hour_step": 0.25 });
    let mut rules = json!({ "name": "Safety", "ce_credits": "5.25", "ce_threshold": 0 });
    rules.as_object_mut().expect("an object").extend(window.as_object().cloned().expect("an object"));
    let safety = site.program(rules).await;
    let presence = site.program(json!({ "name": "Presence", "ce_credits": 0, "ce_threshold": 100 })).await;
    site.program(json!({ "name": "Unused", "ce_credits": 1, "ce_threshold": 1 })).await;
    let done = site.record(1, ETHICS, true).await;
    for (source, hours) in [("b", 6.0), ("a", 1.05), ("c", 6.0)] {
        site.attended(&done, source, hours).await;
    }
    site.claimed(&done, 10.0).await;
    site.reopened(&done).await;
    site.claimed(&done, 4.5).await;
    let hidden = site.record(1, &safety, false).await;
    site.attended(&hidden, "a", 0.5).await;
    let ready = site.record(1, &presence, true).await;
    let kept = site.record(2, &presence, true).await;
    site.claimed(&kept, 0.0).await;
    let gone = site.record(2, ETHICS, true).await;
    site.attended(&gone, "a", 1.0).await;
    assert_eq!(site.delete("juno_users/2").await.status, 204);
    (site, vec![done, hidden, ready, kept])
}

#[actix_web::test]
async fn what_was_earned_and_claimed_goes_into_a_file_and_out_of_it_again() {
    let (site, records) = taught().await;
    let lines = site.export();
    let there = site.elsewhere();
    there.take(&lines, (count(&lines), 0, 0));
    assert_eq!(there.export(), lines, "to the byte");
    for record in &records {
        assert_eq!(there.shows(record).await, site.shows(record).await);
    }
    let list = "juno_users/1/ce_records?include=program";
    assert_eq!(there.get(list).await.text(), site.get(list).await.text());
    assert_eq!(ids(&there.get(list).await), records[..3]);
    let status = |record: &Value| record["attributes"]["ce_status"].clone();
    let list = there.get(list).await.json();
    let statuses: Vec<Value> = list["data"].as_array().expect("a list").iter().map(status).collect();
    assert_eq!(statuses, ["Done", "None", "Ready"]);
    let names = there.get("ce_programs?sort=name").await.json();
    let names: Vec<&Value> =
        names["data"].as_array().expect("a list").iter().map(|one| &one["attributes"]["name"]).collect();
    assert_eq!(names, ["Ethics", "Presence", "Safety"], "what nobody has does not travel");
    there.take(&lines, (0, 0, count(&lines)));
    there.reopened(&records[0]).await;
    there.claimed(&records[0], 10.0).await;
    assert_eq!(there.get(&format!("ce_records/{}", records[0])).await.assert_ok()["ce_claimed_hours"], 10);
}

#[actix_web::test]
async fn a_line_that_comes_to_the_records_that_are_stored_changes_nothing() {
    let (site, records) = taught().await;
    let before = site.shows(&records[0]).await;
    let tag = |answer: crate::support::Answer| answer.header("etag").map(str::to_owned);
    let known = tag(site.get(&format!("ce_records/{}", records[0])).await);
    let lines = site.export();
    site.take(&lines, (0, 0, count(&lines)));
    assert_eq!(site.export(), lines);
    assert_eq!(site.shows(&records[0]).await, before);
    assert_eq!(tag(site.get(&format!("ce_records/{}", records[0])).await), known);
}

/// A site with one user, and his line with one record, which is not stored.
async fn untaught() -> (Site, String) {
    let site = Site::new();
    made(&site.post("juno_users", &user(least("j@x.co"))).await);
    let line = line_of(&site.export(), "j@x.co");
    (site, with_program(&with(&line, json!({ "ce_records": [record()] })), program()))
}

fn program() -> Value {
    json!({ "id": ETHICS, "name": "Ethics", "ce_credits": 10, "ce_threshold": 60 })
}

fn record() -> Value {
    json!({ "id": RECORD, "program": ETHICS, "published": true, "activities": [activity(1)], "claims": [] })
}

fn activity(n: u32) -> Value {
    json!({ "id": format!("{}{n}", &OTHER[..35]), "source_type": "session", "source_id": n.to_string(), "hours": 6 })
}

fn claim(n: u32) -> Value {
    json!({
        "id": format!("{}{n}", &OTHER[..35]), "hours": 6, "ce_credits": 10, "ce_threshold": 60, "ce_earned_hours": 6,
        "claimed_at": "2022-01-02T00:00:00Z", "claimed_by": "key=importer", "voided_at": null,
    })
}

fn with_program(line: &str, program: Value) -> String {
    let mut line: Value = serde_json::from_str(line).expect("JSON");
    line["data"]["meta"]["juno_definitions"] = json!({ "ce_programs": [program] });
    format!("{line}\n")
}

/// A line with members of its first record set.
fn with_record(line: &str, changes: Value) -> String {
    let mut line: Value = serde_json::from_str(line).expect("JSON");
    let record = line["data"]["meta"]["juno"][0]["ce_records"][0].as_object_mut().expect("a record");
    record.extend(changes.as_object().cloned().expect("an object"));
    format!("{line}\n")
}

fn set(mut value: Value, name: &str, to: impl Into<Value>) -> Value {
    value[name] = to.into();
    value
}

#[actix_web::test]
async fn a_record_that_cannot_be_is_refused_with_its_place_and_nothing_of_its_line_is_written() {
    let (site, line) = untaught().await;
    let (one, two) = (activity(1), claim(2));
    let void = set(claim(1), "voided_at", "2022-01-03T00:00:00Z");
    for (changes, told) in [
        (json!({ "id": "x" }), "invalid /id: "),
        (json!({ "id": null }), "blank /id: "),
        (json!({ "program": OTHER }), "not_included /program: "),
        (json!({ "published": "yes" }), "wrong_type /published: "),
        (json!({ "activities": 1 }), "wrong_type /activities: "),
        (json!({ "updated_at": "9999-01-01T00:00:00Z" }), "out_of_range /updated_at: "),
        (json!({ "activities": [set(one.clone(), "hours", 0)] }), "out_of_range /activities/0/hours: "),
        (json!({ "activities": [set(one.clone(), "hours", 1.005)] }), "invalid /activities/0/hours: "),
        (json!({ "activities": [set(one.clone(), "source_id", " ")] }), "blank /activities/0/source_id: "),
        (json!({ "activities": [one, set(activity(2), "source_id", "1")] }), "duplicate /activities/1: "),
        (json!({ "claims": [set(claim(1), "hours", 7)] }), "hours_exceed_earned /claims/0/hours: "),
        (json!({ "claims": [set(claim(1), "ce_credits", 5)] }), "out_of_range /claims/0/ce_earned_hours: "),
        (json!({ "claims": [set(claim(1), "ce_threshold", 101)] }), "out_of_range /claims/0/ce_threshold: "),
        (json!({ "claims": [void] }), "blank /claims/0: "),
        (json!({ "claims": [claim(1), two] }), "ce_already_claimed /claims/1: "),
        (json!({ "claims": [claim(1), claim(1)] }), "duplicate /claims/1: "),
    ] {
        let (code, place) = told.split_once(' ').expect("a code and a place");
        let expected = format!("line 1: {code} /data/meta/juno/0/ce_records/0{place}");
        let refused = site.refuse(&with_record(&line, changes.clone()));
        assert!(refused[0].starts_with(&expected), "{changes}: {refused:?}");
    }
    for (changed, told) in [
        (set(program(), "ce_credits", -1), "out_of_range /ce_credits: "),
        (set(program(), "colour", "red"), "unknown_attribute /colour: "),
        (json!({ "id": ETHICS, "name": "Ethics", "ce_credits": 1 }), "blank : "),
    ] {
        let (code, place) = told.split_once(' ').expect("a code and a place");
        let expected = format!("line 1: {code} /data/meta/juno_definitions/ce_programs/0{place}");
        let refused = site.refuse(&with_program(&line, changed.clone()));
        assert!(refused[0].starts_with(&expected), "{changed}: {refused:?}");
    }
    for path in ["ce_programs", "juno_users/1/ce_records"] {
        assert_eq!(site.get(path).await.json()["meta"]["total"], 0, "{path}");
    }
    site.take(&line, (0, 1, 0));
    assert_eq!(site.get(&format!("ce_records/{RECORD}")).await.assert_ok()["ce_status"], "Ready");
}

#[actix_web::test]
async fn a_line_adds_what_was_earned_and_claimed_and_takes_nothing_away() {
    let (site, line) = untaught().await;
    let at = later(&line);
    site.take(&with_record(&line, json!({ "updated_at": at })), (0, 1, 0));
    let path = format!("ce_records/{RECORD}");
    site.attended(RECORD, "mine", 1.0).await;
    let changes = |at: &str, members: Value| {
        let mut changes = json!({ "updated_at": at });
        changes.as_object_mut().expect("an object").extend(members.as_object().cloned().expect("an object"));
        with_record(&line, changes)
    };
    let next = "2024-01-01T00:00:00Z";
    let grown = json!([set(activity(1), "hours", 7), activity(2)]);
    let renamed =
        with_program(&changes(next, json!({ "activities": grown })), set(program(), "name", "Other"));
    site.take(&renamed, (0, 1, 0));
    assert_eq!(site.get(&path).await.assert_ok()["ce_earned_hours"], 10, "7 + 1 + 6, of 10");
    assert_eq!(site.get(&format!("{path}/activities")).await.json()["meta"]["total"], 3);
    assert_eq!(site.get(&format!("ce_programs/{ETHICS}")).await.assert_ok()["name"], "Ethics", "it stays");
    let older = changes(&at, json!({ "published": false }));
    let told = site.refuse(&older);
    let place = "line 1: newer_in_database /data/meta/juno/0/ce_records/0/updated_at: ";
    assert!(told[0].starts_with(place), "{told:?}");
    assert_eq!(site.get(&path).await.assert_ok()["ce_status"], "Ready");
    assert_eq!(site.import_lines(&["--overwrite"], &older).status.code(), Some(0));
    assert_eq!(site.get(&path).await.assert_ok()["ce_status"], "None");
    let claimed = changes("2024-01-02T00:00:00Z", json!({ "claims": [claim(1)] }));
    site.take(&claimed, (0, 1, 0));
    assert_eq!(site.get(&path).await.assert_ok()["ce_claimed_hours"], 6);
    let second = changes("2024-01-03T00:00:00Z", json!({ "claims": [claim(2)] }));
    let told = site.refuse(&second);
    let place = "line 1: ce_already_claimed /data/meta/juno/0/ce_records/0/claims/0: ";
    assert!(told[0].starts_with(place), "{told:?}");
    let mut void = set(claim(1), "voided_at", "2022-01-03T00:00:00Z");
    void["voided_by"] = "key=importer".into();
    let anew = changes("2024-01-03T00:00:00Z", json!({ "claims": [void, set(claim(2), "hours", 5)] }));
    site.take(&anew, (0, 1, 0));
    assert_eq!(site.get(&path).await.assert_ok()["ce_claimed_hours"], 5);
    assert_eq!(site.get(&format!("{path}/claims")).await.json()["meta"]["total"], 2);
    site.take(&claimed, (0, 0, 1));
    assert_eq!(site.get(&path).await.assert_ok()["ce_claimed_hours"], 5, "what is void stays so");
}

#[actix_web::test]
async fn an_id_that_is_something_else_here_is_refused() {
    let (site, line) = untaught().await;
    site.take(&line, (0, 1, 0));
    made(&site.post("juno_users", &user(least("k@x.co"))).await);
    let other = line_of(&site.export(), "k@x.co");
    let other = with_program(&with(&other, json!({ "ce_records": [record()] })), program());
    let place = "line 1: duplicate /data/meta/juno/0/ce_records/0";
    for (line, changes, below) in [
        (&other, json!({}), "/id: "),
        (&line, json!({ "id": OTHER }), "/activities/0/id: "),
        (&line, json!({ "id": OTHER, "activities": [] }), "/program: "),
        (&line, json!({ "activities": [set(activity(1), "source_id", "9")] }), "/activities/0/id: "),
    ] {
        let refused = site.refuse(&with_record(line, changes.clone()));
        assert!(refused[0].starts_with(&format!("{place}{below}")), "{changes}: {refused:?}");
    }
    assert_eq!(site.get("juno_users/2/ce_records").await.json()["meta"]["total"], 0);
}
