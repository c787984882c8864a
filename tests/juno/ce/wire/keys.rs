//! Claims under an `Idempotency-Key` (`juno.md` 3.2, step 2).

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{School, new_claim, program, refused};
use crate::juno::request;

fn partial() -> Value {
    let mut rules = program("10", 10);
    rules["partial_claims"] = true.into();
    rules
}

fn keyed(school: &School, hours: u8, key: &str) -> TestRequest {
    let claim = request(Method::POST, &school.path("/claims"), Some(&new_claim(hours)));
    claim.insert_header(("Idempotency-Key", key.to_owned()))
}

#[actix_web::test]
async fn a_claim_that_is_sent_again_under_its_key_is_answered_with_the_same_bytes_also_by_another_node() {
    let school = School::new(partial()).await;
    school.attend("a", 6).await;
    let first = school.site.app.send(keyed(&school, 2, "k")).await;
    assert_eq!(first.status, 201, "{}", first.text());
    school.clock(60);
    for app in [&school.site.app, &school.site.app.second_node()] {
        let again = app.send(keyed(&school, 2, "k")).await;
        assert_eq!((again.status, again.text()), (201, first.text()));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    assert_eq!(school.claims().await, [(json!(2), false)]);
}

#[actix_web::test]
async fn another_claim_under_a_key_is_refused_and_so_is_one_of_another_record() {
    let school = School::new(partial()).await;
    school.attend("a", 6).await;
    assert_eq!(school.site.app.send(keyed(&school, 2, "k")).await.status, 201);
    let other = school.site.app.send(keyed(&school, 3, "k")).await;
    other.assert_refused(422, &["key_reused"]);
    let (key, record) = (school.site.key.clone(), school.record.clone());
    let second = School::on(school.site, partial(), true).await;
    second.attend("a", 6).await;
    second.site.app.send(keyed(&second, 2, "k")).await.assert_refused(422, &["key_reused"]);
    second.assert_at("Ready", 6, 0).await;
    let by_key = keyed(&second, 4, "k").insert_header(("X-API-Key", key));
    assert_eq!(second.site.app.send_as(None, by_key).await.status, 201, "keys are each caller's own");
    let first = School { record, ..second };
    first.assert_at("Done", 6, 2).await;
}

#[actix_web::test]
async fn a_refusal_is_an_answer_and_a_new_key_asks_anew() {
    let school = School::new(partial()).await;
    let first = school.site.app.send(keyed(&school, 2, "k")).await;
    refused(&first, 409, "ce_not_ready");
    school.attend("a", 6).await;
    let again = school.site.app.send(keyed(&school, 2, "k")).await;
    assert_eq!((again.status, again.text()), (409, first.text()));
    assert_eq!(school.site.app.send(keyed(&school, 2, "k2")).await.status, 201);
    let late = school.site.app.send(keyed(&school, 2, "k3")).await;
    refused(&late, 409, "ce_already_claimed");
}

#[actix_web::test]
async fn every_write_of_continuing_education_is_done_once_under_its_key() {
    let school = School::new(partial()).await;
    let activity = super::new_activity("a", 6);
    let add = || request(Method::POST, &school.path("/activities"), Some(&activity));
    let send = |request: TestRequest, key: &'static str| {
        school.site.send(request.insert_header(("Idempotency-Key", key)))
    };
    let first = send(add(), "add").await;
    let again = send(add(), "add").await;
    assert_eq!(
        (first.status, again.status, again.text()),
        (201, 201, first.text()),
        "not 200: it is the first answer"
    );
    let id = first.json()["data"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(school.claim_all().await.status, 201);
    let reopen = || request(Method::POST, &school.path("/reopen"), None);
    let (first, again) = (send(reopen(), "reopen").await, send(reopen(), "reopen").await);
    assert_eq!((first.status, again.status, again.text()), (200, 200, first.text()));
    let gone = || request(Method::DELETE, &school.path(&format!("/activities/{id}")), None);
    assert_eq!((send(gone(), "gone").await.status, send(gone(), "gone").await.status), (204, 204));
    let rules = crate::juno::document("ce_programs", program("1", 1));
    let program = || request(Method::POST, "ce_programs", Some(&rules));
    let (first, again) = (send(program(), "program").await, send(program(), "program").await);
    assert_eq!((first.text(), first.header("location")), (again.text(), again.header("location")));
}
