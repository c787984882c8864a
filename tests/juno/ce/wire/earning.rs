//! The ledger of activities (`juno.md` 3.3).

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{School, new_activity, program};
use crate::juno::{ids, made, pointers};

const ID: &str = "c1c1c1c1-0000-4000-8000-000000000009";

#[actix_web::test]
async fn an_activity_adds_its_hours() {
    let school = School::new(program("10", 60)).await;
    let first = school.attend("4711", "1.50").await;
    let id = made(&first);
    let data = &first.json()["data"];
    let attributes = json!({
        "hours": 1.5, "source_type": "session", "source_id": "4711", "created_at": super::time(0),
        "updated_at": super::time(0)
    });
    assert_eq!(data["attributes"], attributes);
    assert_eq!(data["relationships"]["record"]["data"], json!({ "id": school.record, "type": "ce_records" }));
    assert!(first.json().get("meta").is_none());
    let second = made(&school.attend("4712", 0.01).await);
    school.assert_at("Open", 1.51, 0).await;
    let list = school.by_rey(Method::GET, "/activities", None).await;
    assert_eq!((ids(&list), &list.json()["meta"]["total"]), (vec![id.clone(), second.clone()], &json!(2)));
    let page = school.by_key(Method::GET, "/activities?page[size]=1&page[number]=2", None).await;
    assert_eq!(ids(&page), [second]);
}

#[actix_web::test]
async fn what_is_over_the_credits_is_kept_in_the_ledger_and_counts_when_something_else_is_taken_away() {
    let school = School::new(program("10", 60)).await;
    let first = made(&school.attend("a", 6).await);
    let over = school.attend("b", 6).await;
    assert_eq!((over.status, &over.json()["meta"]), (201, &json!({ "uncounted_hours": 2 })));
    school.assert_at("Ready", 10, 0).await;
    let gone = school.by_key(Method::DELETE, &format!("/activities/{first}"), None).await;
    assert_eq!((gone.status, gone.text()), (204, ""));
    school.assert_at("Ready", 6, 0).await;
    let again = school.by_key(Method::DELETE, &format!("/activities/{first}"), None).await;
    again.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn a_source_counts_once_and_of_two_hours_for_it_the_larger() {
    let school = School::new(program("10", 60)).await;
    let first = school.attend("a", 2).await;
    let tag = school.tag().await;
    for fewer in [2.0, 1.0] {
        let again = school.attend("a", fewer).await;
        assert_eq!((again.status, &again.json()["data"]), (200, &first.json()["data"]));
        assert_eq!(school.tag().await, tag, "no change");
    }
    school.clock(7);
    let more = school.attend("a", 3).await;
    assert_eq!((more.status, &more.json()["data"]["id"]), (200, &first.json()["data"]["id"]));
    let attributes = &more.json()["data"]["attributes"];
    assert_eq!((&attributes["hours"], &attributes["updated_at"]), (&json!(3), &json!(super::time(7))));
    assert_eq!(attributes["created_at"], super::time(0));
    school.assert_at("Open", 3, 0).await;
    let mut elsewhere = new_activity("a", 1);
    elsewhere["data"]["attributes"]["source_type"] = "video".into();
    assert_eq!(school.by_key(Method::POST, "/activities", Some(&elsewhere)).await.status, 201);
    school.assert_at("Open", 4, 0).await;
}

#[actix_web::test]
async fn hours_are_earned_while_a_record_is_hidden_and_after_it_was_claimed_which_moves_no_claim() {
    let school = School::hidden(program("10", 60)).await;
    school.attend("a", 6).await;
    school.set("Open").await.assert_ok();
    school.assert_at("Ready", 6, 0).await;
    assert_eq!(school.claim_all().await.status, 201);
    assert_eq!(school.attend("b", 6).await.status, 201);
    school.assert_at("Done", 10, 6).await;
}

#[actix_web::test]
async fn credits_below_what_is_earned_cut_it_and_the_requirement_is_compared_exactly() {
    let school = School::new(program("10", 60)).await;
    school.attend("a", 5).await;
    school.change(json!({ "ce_credits": 4 })).await;
    school.assert_at("Ready", 4, 0).await;
    school.change(json!({ "ce_credits": 10 })).await;
    school.assert_at("Open", 5, 0).await;
    let exact = School::on(school.site, program("1.50", 33), true).await;
    exact.attend("a", 0.49).await;
    exact.assert_at("Open", 0.49, 0).await;
    exact.attend("a", 0.5).await;
    exact.assert_at("Ready", 0.5, 0).await;
    let whole = School::on(exact.site, program("2", 100), true).await;
    whole.attend("a", 1.99).await;
    whole.assert_at("Open", 1.99, 0).await;
    whole.attend("b", 5).await;
    whole.assert_at("Ready", 2, 0).await;
}

#[actix_web::test]
async fn an_activity_is_of_one_hundredth_to_99_99_hours_of_something() {
    let school = School::new(program("10", 60)).await;
    for (hours, code) in [
        (json!(0), "out_of_range"),
        (json!(-1), "out_of_range"),
        (json!(100), "out_of_range"),
        (json!(1.005), "invalid"),
        (json!("1e1"), "invalid"),
        (json!(true), "wrong_type"),
        (Value::Null, "blank"),
    ] {
        let answer = school.attend("a", hours.clone()).await;
        answer.assert_refused(400, &[code]);
        assert_eq!(pointers(&answer), ["/data/attributes/hours"], "{hours}");
    }
    let odd = crate::juno::document("ce_activities", json!({ "source_type": " ", "source_id": 1, "x": 1 }));
    let answer = school.by_key(Method::POST, "/activities", Some(&odd)).await;
    answer.assert_refused(400, &["blank", "blank", "wrong_type", "unknown_attribute"]);
    school.assert_at("Open", 0, 0).await;
}

#[actix_web::test]
async fn a_client_may_make_the_id_of_an_activity_once_and_only_those_who_administer_the_site_tell_of_any() {
    let school = School::new(program("10", 60)).await;
    let mut own = new_activity("a", 1);
    own["data"]["id"] = ID.into();
    let add = |document: Value| {
        let school = &school;
        async move { school.by_key(Method::POST, "/activities", Some(&document)).await }
    };
    assert_eq!(made(&add(own.clone()).await), ID);
    assert_eq!(add(own.clone()).await.status, 200, "its source was counted");
    own["data"]["attributes"]["source_id"] = "b".into();
    let taken = add(own.clone()).await;
    taken.assert_refused(409, &["duplicate"]);
    assert_eq!(pointers(&taken), ["/data/id"]);
    school.assert_at("Open", 1, 0).await;
    let by_rey = school.by_rey(Method::POST, "/activities", Some(&own)).await;
    by_rey.assert_refused(403, &["forbidden"]);
    let by_rey = school.by_rey(Method::DELETE, &format!("/activities/{ID}"), None).await;
    by_rey.assert_refused(403, &["forbidden"]);
    let late = school.with(Method::DELETE, &format!("/activities/{ID}"), ("If-Match", "\"x\""));
    school.site.send(late).await.assert_refused(412, &["precondition_failed"]);
    school.assert_at("Open", 1, 0).await;
}
