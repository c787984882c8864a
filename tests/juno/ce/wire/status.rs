//! From status to status (`juno.md` 3.2): by a request, by what is earned, by the program, by the clock.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{School, program, refused, time};
use crate::juno::{document, pointers};

#[actix_web::test]
async fn a_record_is_hidden_unless_it_is_made_published_and_then_open_or_ready_by_itself() {
    School::hidden(program("0", 0)).await.assert_at("None", 0, 0).await;
    School::new(program("10", 60)).await.assert_at("Open", 0, 0).await;
    School::new(program("0", 60)).await.assert_at("Ready", 0, 0).await;
    School::new(program("10", 0)).await.assert_at("Ready", 0, 0).await;
}

#[actix_web::test]
async fn publishing_makes_what_is_enough_ready_and_hiding_keeps_what_is_earned() {
    let school = School::hidden(program("10", 60)).await;
    assert_eq!(school.attend("a", 6).await.status, 201);
    school.assert_at("None", 6, 0).await;
    assert_eq!(school.set("Open").await.assert_ok()["ce_status"], "Ready");
    assert_eq!(school.set("None").await.assert_ok()["ce_status"], "None");
    school.assert_at("None", 6, 0).await;
    school.change(json!({ "ce_threshold": 61 })).await;
    assert_eq!(school.set("Open").await.assert_ok()["ce_status"], "Open");
    assert_eq!(school.set("None").await.assert_ok()["ce_earned_hours"], 6);
}

#[actix_web::test]
async fn hours_the_program_and_the_clock_move_a_record_between_open_and_ready() {
    let school = School::new(program("10", 60)).await;
    let activity = school.attend("a", 6).await.json()["data"]["id"].as_str().expect("an id").to_owned();
    school.assert_at("Ready", 6, 0).await;
    for (rules, status) in [
        (json!({ "ce_threshold": 61 }), "Open"),
        (json!({ "ce_threshold": 60 }), "Ready"),
        (json!({ "ce_credits": "10.01" }), "Open"),
        (json!({ "ce_credits": 8 }), "Ready"),
        (json!({ "claim_opens_at": time(10) }), "Open"),
    ] {
        school.change(rules.clone()).await;
        assert_eq!(school.at().await.0, status, "{rules}");
    }
    school.change(json!({ "claim_closes_at": time(20) })).await;
    for (seconds, status) in [(9, "Open"), (10, "Ready"), (19, "Ready"), (20, "Open"), (10, "Ready")] {
        school.clock(seconds);
        assert_eq!(school.at().await.0, status, "{seconds}");
    }
    let gone = school.by_key(Method::DELETE, &format!("/activities/{activity}"), None).await;
    assert_eq!(gone.status, 204);
    school.assert_at("Open", 0, 0).await;
}

#[actix_web::test]
async fn nothing_becomes_ready_or_done_by_a_patch_and_what_is_done_stays_it() {
    let school = School::hidden(program("0", 0)).await;
    for to in ["Ready", "Done"] {
        let meta = refused(&school.set(to).await, 409, "ce_invalid_transition");
        assert_eq!(meta, json!({ "ce_status": "None" }));
    }
    school.set("Open").await.assert_ok();
    let told = school.set("Done").await;
    assert_eq!(refused(&told, 409, "ce_invalid_transition"), json!({ "ce_status": "Ready" }));
    assert_eq!(pointers(&told), ["/data/attributes/ce_status"]);
    let tag = school.tag().await;
    assert_eq!(school.set("Ready").await.header("etag"), Some(tag.as_str()), "it is");
    assert_eq!(school.set("Open").await.header("etag"), Some(tag.as_str()), "Ready is published, too");
    assert_eq!(school.claim_all().await.status, 201);
    for to in ["None", "Open", "Ready"] {
        refused(&school.set(to).await, 409, "ce_invalid_transition");
    }
    assert_eq!(school.set("Done").await.assert_ok()["ce_status"], "Done");
}

#[actix_web::test]
async fn none_is_a_word_and_null_is_no_status() {
    let school = School::new(program("10", 60)).await;
    for (sent, code) in
        [(Value::Null, "blank"), (json!("none"), "invalid"), (json!(0), "wrong_type"), (json!(""), "invalid")]
    {
        let change = document("ce_records", json!({ "ce_status": sent }));
        school.by_key(Method::PATCH, "", Some(&change)).await.assert_refused(400, &[code]);
    }
    let hidden = school.set("None").await;
    assert!(hidden.text().contains(r#""ce_status":"None""#), "{}", hidden.text());
}

#[actix_web::test]
async fn an_echo_changes_nothing_and_what_follows_from_something_else_can_not_be_set() {
    let school = School::new(program("10", 60)).await;
    school.attend("a", "1.50").await;
    let shown = school.by_key(Method::GET, "", None).await;
    for method in [Method::PATCH, Method::PUT] {
        let echo = school.by_key(method, "", Some(&json!({ "data": shown.json()["data"] }))).await;
        assert_eq!((echo.status, echo.header("etag")), (200, shown.header("etag")));
        assert_eq!(echo.text(), shown.text());
    }
    let other = json!({
        "ce_credits": 11, "ce_threshold": 1, "ce_earned_hours": "1.51", "ce_claimed_hours": 1, "ce_status": "None"
    });
    let answer = school.by_key(Method::PATCH, "", Some(&document("ce_records", other))).await;
    answer.assert_refused(403, &["read_only"; 4]);
    let mut moved = document("ce_records", json!({ "ce_status": "None" }));
    moved["data"]["relationships"] = json!({
        "user": { "data": { "type": "juno_users", "id": "2" } }, "program": { "data": null }
    });
    let answer = school.by_key(Method::PATCH, "", Some(&moved)).await;
    answer.assert_refused(403, &["read_only", "read_only"]);
    assert_eq!(pointers(&answer), ["/data/relationships/user/data", "/data/relationships/program/data"]);
    let odd = document("ce_records", json!({ "published": true }));
    school.by_key(Method::PATCH, "", Some(&odd)).await.assert_refused(400, &["unknown_attribute"]);
    assert_eq!(school.tag().await, shown.header("etag").expect("a tag"));
    let by_rey = document("ce_records", json!({ "ce_status": "None" }));
    school.by_rey(Method::PATCH, "", Some(&by_rey)).await.assert_refused(403, &["forbidden"]);
    let late = school.with(Method::PATCH, "", ("If-Match", "\"x\""));
    let late =
        late.insert_header(("Content-Type", crate::support::app::JSON_API)).set_payload(by_rey.to_string());
    school.site.send(late).await.assert_refused(412, &["precondition_failed"]);
}

#[actix_web::test]
async fn reopening_makes_the_claim_void_and_what_is_earned_is_claimed_anew() {
    let school = School::new(program("10", 60)).await;
    school.attend("a", 6).await;
    let meta = refused(&school.reopen().await, 409, "ce_invalid_transition");
    assert_eq!(meta, json!({ "ce_status": "Ready" }));
    assert_eq!(school.claim_all().await.status, 201);
    school.by_rey(Method::POST, "/reopen", None).await.assert_refused(403, &["forbidden"]);
    school.clock(5);
    let reopened = school.reopen().await.assert_ok();
    assert_eq!((&reopened["ce_status"], &reopened["ce_claimed_hours"]), (&json!("Ready"), &json!(0)));
    school.attend("b", 1).await;
    assert_eq!(school.claim_all().await.status, 201);
    assert_eq!(school.claims().await, [(json!(6), true), (json!(7), false)]);
    let list = school.by_key(Method::GET, "/claims", None).await.json();
    let void = &list["data"][0]["attributes"];
    assert_eq!((&void["voided_at"], &void["voided_by"]), (&json!(time(5)), &json!("key=importer")));
    let own = school.by_rey(Method::GET, "/claims", None).await.json();
    assert_eq!(own["data"][0]["attributes"]["voided_at"], time(5));
    assert!(own["data"][0]["attributes"].get("voided_by").is_none(), "who did it is the site's to know");
}
