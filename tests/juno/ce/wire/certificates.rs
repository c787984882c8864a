//! The certificate: what proves a claim, for programs and for people.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{School, program, time};
use crate::juno::document;
use crate::support::Answer;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn accepting(school: &School, accept: &str) -> Answer {
    let request = school.with(Method::GET, "/certificate", ("Accept", accept));
    school.site.app.send(request).await
}

#[actix_web::test]
async fn there_is_a_certificate_of_what_is_claimed_and_of_nothing_else() {
    let school = School::new(program("10", 60)).await;
    let name = json!({ "name": "<b>Law & \"Order\"</b>" });
    school.change(name).await;
    school.attend("a", 6).await;
    for answer in [school.by_rey(Method::GET, "/certificate", None).await, accepting(&school, BROWSER).await]
    {
        answer.assert_refused(404, &["not_found"]);
    }
    let claim = school.claim_all().await.json()["data"]["id"].clone();
    let answer = school.by_rey(Method::GET, "/certificate", None).await;
    let expected = json!({
        "id": claim, "type": "ce_certificates",
        "attributes": {
            "name": "Rey", "program_name": "<b>Law & \"Order\"</b>", "ce_claimed_hours": 6, "ce_credits": 10,
            "claimed_at": time(0)
        },
        "relationships": {
            "user": { "data": { "id": "1", "type": "juno_users" } },
            "program": { "data": { "id": school.program, "type": "ce_programs" } },
            "record": { "data": { "id": school.record, "type": "ce_records" } }
        },
        "links": { "self": format!("/api/v2/ce_records/{}/certificate", school.record) }
    });
    assert_eq!(answer.json()["data"], expected);
    assert_eq!(school.by_key(Method::GET, "/certificate", None).await.json()["data"], expected);
    school.reopen().await;
    school.by_rey(Method::GET, "/certificate", None).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn a_browser_is_shown_a_page_in_which_names_are_texts() {
    let school = School::new(program("0", 0)).await;
    school.change(json!({ "name": "<b>Law & \"Order\"</b>" })).await;
    let user = json!({ "first_name": "Rey", "last_name": "O'<i>", "overwrite": true });
    school.site.app.put(user).await.assert_ok();
    assert_eq!(school.claim_all().await.status, 201);
    let page = accepting(&school, BROWSER).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(
        page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'"))
    );
    assert_eq!(page.header("cache-control"), Some("private, no-cache"));
    for text in ["Rey O&#39;&lt;i&gt;", "&lt;b&gt;Law &amp; &quot;Order&quot;&lt;/b&gt;", "0 hours", &time(0)]
    {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
    let tag = page.header("etag").expect("a tag").to_owned();
    let known = school
        .with(Method::GET, "/certificate", ("Accept", "text/html"))
        .insert_header(("If-None-Match", tag));
    assert_eq!(school.site.send(known).await.status, 304);
}

#[actix_web::test]
async fn a_page_is_answered_only_where_it_is_asked_for_first() {
    let school = School::new(program("0", 0)).await;
    assert_eq!(school.claim_all().await.status, 201);
    for accept in [
        "*/*",
        "application/vnd.api+json",
        "text/html, application/vnd.api+json",
        "text/html;q=0.5, application/vnd.api+json;q=0.6",
        "text/html;q=0, */*",
    ] {
        let answer = accepting(&school, accept).await;
        assert_eq!(answer.json()["data"]["type"], "ce_certificates", "{accept}");
    }
    for accept in ["text/html", "text/HTML; charset=utf-8, application/vnd.api+json;q=0.9"] {
        assert!(accepting(&school, accept).await.text().starts_with("<!DOCTYPE html>"), "{accept}");
    }
    accepting(&school, "application/pdf").await.assert_refused(406, &["not_acceptable"]);
    let elsewhere = school.with(Method::GET, "", ("Accept", "text/html"));
    school.site.send(elsewhere).await.assert_refused(406, &["not_acceptable"]);
    let strange = school.by_rey(Method::GET, "/certificate?include=program", None).await;
    strange.assert_refused(400, &["invalid_parameter"]);
    let hidden: Value = document("ce_records", json!({ "ce_status": "None" }));
    school.by_key(Method::PATCH, "", Some(&hidden)).await.assert_refused(409, &["ce_invalid_transition"]);
}
