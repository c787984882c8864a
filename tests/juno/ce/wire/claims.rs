//! Claims (`juno.md` 3.2 and 3.3), on the wire.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use steward::juno::profile::Profile;

use super::{RECORDS, School, new_claim, program, refused, time};
use crate::juno::{document, made, pointers, request};
use crate::support::app::{REY, id};

const ID: &str = "c1c1c1c1-0000-4000-8000-000000000009";

/// A program that allows parts, in quarters of an hour.
fn quarters() -> Value {
    let mut rules = program("10", 50);
    rules["partial_claims"] = true.into();
    rules["hour_step"] = "0.25".into();
    rules
}

async fn earned(rules: Value, hours: &str) -> School {
    let school = School::new(rules).await;
    school.attend("a", hours).await;
    school
}

#[actix_web::test]
async fn a_claim_gives_what_is_earned_ends_the_record_and_moves_no_points() {
    let school = earned(program("10", 60), "6.25").await;
    let points = |school: &School| {
        school
            .site
            .app
            .change(|connection| Profile::of(connection, id(REY)))
            .map(|user| (user.points, user.version))
    };
    let before = points(&school);
    let claim = school.claim_all().await;
    made(&claim);
    let attributes = json!({
        "hours": 6.25, "claimed_at": time(0), "ce_credits": 10, "ce_threshold": 60, "ce_earned_hours": 6.25,
        "voided_at": null
    });
    assert_eq!(claim.json()["data"]["attributes"], attributes);
    assert_eq!(claim.json()["data"]["relationships"]["record"]["data"]["id"], school.record.as_str());
    school.assert_at("Done", 6.25, 6.25).await;
    assert_eq!(points(&school), before);
    assert_eq!(school.claims().await, [(json!(6.25), false)]);
}

#[actix_web::test]
async fn an_integration_claims_on_behalf_of_a_user_and_who_it_was_is_kept() {
    let school = earned(program("10", 60), "6").await;
    let claim = school.by_key(Method::POST, "/claims", Some(&document("ce_claims", json!({})))).await;
    made(&claim);
    assert_eq!(claim.json()["data"]["attributes"]["claimed_by"], "key=importer");
    school.assert_at("Done", 6, 6).await;
}

#[actix_web::test]
async fn what_is_claimed_is_not_claimed_again_by_anybody() {
    let school = earned(program("10", 60), "6").await;
    assert_eq!(school.claim_all().await.status, 201);
    school.clock(9);
    let by_key = school.by_key(Method::POST, "/claims", None).await;
    for answer in [school.claim(1).await, by_key] {
        let meta = refused(&answer, 409, "ce_already_claimed");
        assert_eq!(meta, json!({ "claimed_hours": 6, "claimed_at": time(0) }));
    }
    assert_eq!(school.claims().await.len(), 1);
}

#[actix_web::test]
async fn a_hidden_record_can_not_be_claimed_and_the_user_is_not_told_why() {
    let school = School::hidden(program("0", 0)).await;
    refused(&school.claim_all().await, 404, "not_found");
    let meta = refused(&school.by_key(Method::POST, "/claims", None).await, 409, "ce_not_ready");
    assert_eq!(meta, json!({ "required_hours": 0, "earned_hours": 0 }));
}

#[actix_web::test]
async fn too_little_can_not_be_claimed_and_how_much_is_required_is_told() {
    let school = earned(program("1.50", 33), "0.49").await;
    let meta = refused(&school.claim_all().await, 409, "ce_not_ready");
    assert_eq!(meta, json!({ "required_hours": 0.5, "earned_hours": 0.49 }));
    school.attend("b", "0.01").await;
    assert_eq!(school.claim_all().await.status, 201);
}

#[actix_web::test]
async fn hours_are_claimed_from_the_opening_on_and_before_the_closing_while_earning_goes_on() {
    let mut rules = program("10", 60);
    (rules["claim_opens_at"], rules["claim_closes_at"]) = (time(10).into(), time(20).into());
    let school = earned(rules, "6").await;
    for seconds in [9, 20] {
        school.clock(seconds);
        let meta = refused(&school.claim_all().await, 409, "ce_claim_closed");
        assert_eq!(meta, json!({ "opens_at": time(10), "closes_at": time(20) }));
    }
    assert_eq!(school.attend("b", 1).await.status, 201);
    school.clock(19);
    assert_eq!(made(&school.claim_all().await).len(), 36);
    school.assert_at("Done", 7, 7).await;
}

#[actix_web::test]
async fn a_program_that_gives_all_or_nothing_takes_all_or_nothing() {
    let school = earned(program("10", 60), "6").await;
    for hours in [json!(5), json!("6.01"), json!(0)] {
        let answer = school.claim(hours).await;
        assert_eq!(refused(&answer, 400, "invalid"), json!({ "earned_hours": 6 }));
        assert_eq!(pointers(&answer), ["/data/attributes/hours"]);
    }
    assert_eq!(made(&school.claim("6.00").await).len(), 36);
}

#[actix_web::test]
async fn a_part_is_at_most_what_is_earned_and_a_multiple_of_the_step_and_all_is_always_one() {
    let school = earned(quarters(), "5.10").await;
    assert_eq!(
        refused(&school.claim("5.25").await, 400, "hours_exceed_earned"),
        json!({ "earned_hours": 5.1 })
    );
    let meta = refused(&school.claim(1.1).await, 400, "invalid");
    assert_eq!(meta, json!({ "hour_step": 0.25, "earned_hours": 5.1 }));
    let nothing = school.claim(0).await;
    assert_eq!(refused(&nothing, 400, "nothing_to_claim"), json!({ "earned_hours": 5.1 }));
    assert_eq!(pointers(&nothing), ["/data/attributes/hours"]);
    assert_eq!(school.claim("1.25").await.status, 201);
    school.assert_at("Done", 5.1, 1.25).await;
    refused(&school.claim(1).await, 409, "ce_already_claimed");
    let all = School::on(school.site, quarters(), true).await;
    all.attend("a", "5.10").await;
    assert_eq!(all.claim("5.10").await.status, 201, "whatever the step");
}

#[actix_web::test]
async fn nothing_is_claimed_only_where_there_is_nothing_to_earn() {
    let school = School::new(program("10", 0)).await;
    let nothing = school.claim_all().await;
    assert_eq!(refused(&nothing, 400, "nothing_to_claim"), json!({ "earned_hours": 0 }));
    assert!(nothing.error().get("source").is_none());
    school.assert_at("Ready", 0, 0).await;
    let attendance = School::on(school.site, program("0", 100), true).await;
    assert_eq!(attendance.claim(0).await.status, 201);
    attendance.assert_at("Done", 0, 0).await;
}

#[actix_web::test]
async fn hours_are_read_as_hundredths_or_not_at_all() {
    let school = earned(quarters(), "5").await;
    for (sent, code) in [
        (json!(1.005), "invalid"),
        (json!("1e0"), "invalid"),
        (json!(-1), "out_of_range"),
        (json!([]), "wrong_type"),
        (Value::Null, "blank"),
    ] {
        refused(&school.claim(sent).await, 400, code);
    }
    let odd = document("ce_claims", json!({ "hours": 1, "ce_status": "Done" }));
    school.by_rey(Method::POST, "/claims", Some(&odd)).await.assert_refused(400, &["unknown_attribute"]);
    school.assert_at("Ready", 5, 0).await;
    assert_eq!(school.claim("1.50").await.json()["data"]["attributes"]["hours"], 1.5);
}

#[actix_web::test]
async fn a_claim_stands_whatever_becomes_of_its_program_and_its_activities() {
    let school = School::new(program("10", 60)).await;
    let activity = made(&school.attend("a", 6).await);
    assert_eq!(school.claim_all().await.status, 201);
    school.change(json!({ "ce_credits": 1, "ce_threshold": 100, "claim_closes_at": time(-1) })).await;
    let shown = school.shown().await;
    let expected = json!({
        "ce_credits": 10, "ce_threshold": 60, "ce_status": "Done", "ce_earned_hours": 6, "ce_claimed_hours": 6
    });
    assert_eq!(shown, expected);
    school.by_key(Method::DELETE, &format!("/activities/{activity}"), None).await;
    school.assert_at("Done", 0, 6).await;
    school.reopen().await;
    assert_eq!(school.shown().await["ce_credits"], 1, "the program's again");
}

#[actix_web::test]
async fn a_client_may_make_the_id_of_a_claim_once() {
    let school = earned(quarters(), "5").await;
    let mut own = new_claim(1);
    own["data"]["id"] = ID.into();
    assert_eq!(made(&school.by_rey(Method::POST, "/claims", Some(&own)).await), ID);
    school.reopen().await;
    let taken = school.by_rey(Method::POST, "/claims", Some(&own)).await;
    taken.assert_refused(409, &["duplicate"]);
    school.assert_at("Ready", 5, 0).await;
    own["data"]["id"] = "one".into();
    school.by_rey(Method::POST, "/claims", Some(&own)).await.assert_refused(400, &["invalid"]);
}

#[actix_web::test]
async fn who_is_locked_out_is_refused_everywhere_and_nothing_of_his_is_lost() {
    let school = earned(program("10", 60), "6").await;
    school.ban(true);
    for (method, below) in [
        (Method::GET, ""),
        (Method::GET, "/activities"),
        (Method::GET, "/claims"),
        (Method::POST, "/claims"),
        (Method::GET, "/certificate"),
        (Method::POST, "/reopen"),
    ] {
        school.by_rey(method, below, None).await.assert_refused(403, &["user_banned"]);
    }
    for path in [RECORDS, "ce_programs"] {
        let answer = school.site.app.send(request(Method::GET, path, None)).await;
        answer.assert_refused(403, &["user_banned"]);
    }
    school.attend("b", 1).await;
    assert_eq!(school.by_key(Method::POST, "/claims", None).await.status, 201, "others correct it");
    assert_eq!(school.reopen().await.status, 200);
    school.ban(false);
    assert_eq!(school.claim_all().await.json()["data"]["attributes"]["hours"], 7);
}

#[actix_web::test]
async fn a_user_with_full_access_is_an_administrator_also_of_his_own_record() {
    let school = School::hidden(program("0", 0)).await;
    school.site.app.change(|connection| {
        let user = Profile::of(connection, id(REY))?.expect("a user");
        Profile { account_level: 99, ..user }.update(connection)
    });
    refused(&school.claim_all().await, 409, "ce_not_ready");
    let publish = document("ce_records", json!({ "ce_status": "Open" }));
    assert_eq!(school.by_rey(Method::PATCH, "", Some(&publish)).await.assert_ok()["ce_status"], "Ready");
    let claim: TestRequest = request(Method::POST, &school.path("/claims"), None);
    let claim = school.site.app.send(claim).await;
    assert_eq!(claim.json()["data"]["attributes"]["claimed_by"], format!("user={REY}"));
}
