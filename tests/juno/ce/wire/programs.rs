//! Programs as resources.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::program;
use crate::juno::{Site, document, ids, made, pointers, request};

const ID: &str = "c1c1c1c1-0000-4000-8000-000000000001";

fn new(attributes: Value) -> Value {
    document("ce_programs", attributes)
}

fn path(id: &str) -> String {
    format!("ce_programs/{id}")
}

#[actix_web::test]
async fn a_program_has_rules_and_without_more_it_gives_all_or_nothing_at_any_time() {
    let site = Site::new();
    let answer = site.post("ce_programs", &new(program("1.50", 33))).await;
    let id = made(&answer);
    assert_eq!(answer.header("location"), Some(format!("/api/v2/ce_programs/{id}").as_str()));
    let attributes = json!({
        "name": "Ethics", "ce_credits": 1.5, "ce_threshold": 33, "claim_opens_at": null, "claim_closes_at": null,
        "partial_claims": false, "hour_step": 0.01
    });
    let links = json!({ "self": format!("/api/v2/ce_programs/{id}") });
    let data = json!({ "id": id, "type": "ce_programs", "attributes": attributes, "links": links });
    assert_eq!(answer.json()["data"], data);
    assert_eq!(site.get(&path(&id)).await.json()["data"], data);
    let rey = site.app.send(request(Method::GET, &path(&id), None)).await;
    assert_eq!(rey.json()["data"], data, "whoever calls reads it");
    site.get(&path(ID)).await.assert_refused(404, &["not_found"]);
    let sparse = site.get(&format!("{}?fields[ce_programs]=ce_credits", path(&id))).await;
    assert_eq!(sparse.assert_ok(), json!({ "ce_credits": 1.5 }));
}

#[actix_web::test]
async fn what_a_program_needs_is_told_and_so_is_each_value_that_can_not_be_one() {
    let site = Site::new();
    let answer = site.post("ce_programs", &new(json!({}))).await;
    answer.assert_refused(400, &["blank", "blank", "blank"]);
    assert_eq!(pointers(&answer), ["/data/attributes"; 3]);
    let odd = json!({
        "name": "", "ce_credits": 1.005, "ce_threshold": 60.5, "claim_opens_at": "soon", "claim_closes_at": 1,
        "partial_claims": "yes", "hour_step": 0, "points": 1
    });
    let answer = site.post("ce_programs", &new(odd)).await;
    let mut codes: Vec<_> =
        answer.errors().iter().map(|e| e["code"].as_str().expect("a code").to_owned()).collect();
    codes.sort_unstable();
    let expected = [
        "blank",
        "invalid",
        "invalid",
        "invalid_timestamp",
        "out_of_range",
        "unknown_attribute",
        "wrong_type",
        "wrong_type",
    ];
    assert_eq!((answer.status, codes), (400, expected.map(str::to_owned).to_vec()));
    for (attributes, code) in [
        (json!({ "ce_credits": 100 }), "out_of_range"),
        (json!({ "ce_credits": -1 }), "out_of_range"),
        (json!({ "ce_credits": null }), "blank"),
        (json!({ "ce_threshold": 101 }), "out_of_range"),
        (json!({ "ce_threshold": "60" }), "wrong_type"),
        (json!({ "hour_step": "0.001" }), "invalid"),
        (json!({ "claim_opens_at": "2022-03-01", "claim_closes_at": "2022-03-01" }), "out_of_range"),
    ] {
        let mut rules = program("10", 60);
        rules.as_object_mut().expect("an object").extend(attributes.as_object().expect("an object").clone());
        site.post("ce_programs", &new(rules)).await.assert_refused(400, &[code]);
    }
    assert_eq!(ids(&site.get("ce_programs").await), Vec::<String>::new());
}

#[actix_web::test]
async fn a_program_is_changed_in_what_is_sent_and_an_echo_changes_nothing() {
    let site = Site::new();
    let first = site.post("ce_programs", &new(program("10", 60))).await;
    let path = path(&made(&first));
    let echo = site.patch(&path, &json!({ "data": first.json()["data"] })).await;
    assert_eq!((echo.status, echo.header("etag")), (200, first.header("etag")));
    let window = json!({ "claim_opens_at": "2022-03-01T12:00:00+01:00", "claim_closes_at": "2022-04-01" });
    let changed = site.patch(&path, &new(window)).await;
    let shown = changed.assert_ok();
    assert_eq!(
        (&shown["claim_opens_at"], &shown["claim_closes_at"]),
        (&json!("2022-03-01T11:00:00Z"), &json!("2022-04-01T00:00:00Z"))
    );
    assert_eq!((&shown["ce_credits"], &shown["ce_threshold"]), (&json!(10), &json!(60)));
    for (edge, at) in [("claim_opens_at", "2022-05-01"), ("claim_closes_at", "2022-01-01")] {
        let answer = site.patch(&path, &new(json!({ edge: at }))).await;
        answer.assert_refused(400, &["out_of_range"]);
        assert_eq!(pointers(&answer), [format!("/data/attributes/{edge}")]);
    }
    let put =
        request(Method::PUT, &path, Some(&new(json!({ "claim_closes_at": null, "partial_claims": true }))));
    let put = site.send(put).await.assert_ok();
    assert_eq!((&put["claim_closes_at"], &put["partial_claims"]), (&Value::Null, &json!(true)));
    assert_eq!(put["claim_opens_at"], "2022-03-01T11:00:00Z", "absent leaves it");
}

#[actix_web::test]
async fn a_program_is_guarded_by_its_tag_and_changed_by_none_but_those_who_administer_the_site() {
    let site = super::site();
    let first = site.post("ce_programs", &new(program("10", 60))).await;
    let path = path(&made(&first));
    let tag = first.header("etag").expect("a tag").to_owned();
    let known = request(Method::GET, &path, None).insert_header(("If-None-Match", tag.as_str()));
    assert_eq!(site.send(known).await.status, 304);
    let change = |name: &str| request(Method::PATCH, &path, Some(&new(json!({ "name": name }))));
    site.send(change("A").insert_header(("If-Match", tag.as_str()))).await.assert_ok();
    let late = site.send(change("B").insert_header(("If-Match", tag.as_str()))).await;
    late.assert_refused(412, &["precondition_failed"]);
    site.app.send(change("C")).await.assert_refused(403, &["forbidden"]);
    site.app
        .send(request(Method::POST, "ce_programs", Some(&new(program("1", 1)))))
        .await
        .assert_refused(403, &["forbidden"]);
    site.delete(&path).await.assert_refused(405, &["method_not_allowed"]);
    assert_eq!(site.get(&path).await.assert_ok()["name"], "A");
}

#[actix_web::test]
async fn a_client_may_make_the_id_of_a_program_once() {
    let site = Site::new();
    let mut own = new(program("10", 60));
    own["data"]["id"] = ID.to_uppercase().into();
    assert_eq!(made(&site.post("ce_programs", &own).await), ID);
    let again = site.post("ce_programs", &own).await;
    again.assert_refused(409, &["duplicate"]);
    assert_eq!(pointers(&again), ["/data/id"]);
    own["data"]["id"] = "1".into();
    site.post("ce_programs", &own).await.assert_refused(400, &["invalid"]);
    let mut another = new(json!({ "name": "A" }));
    another["data"]["id"] = "c1c1c1c1-0000-4000-8000-000000000002".into();
    site.patch(&path(ID), &another).await.assert_refused(409, &["id_conflict"]);
    site.patch(&path(ID), &document("ce_records", json!({}))).await.assert_refused(409, &["type_conflict"]);
}

#[actix_web::test]
async fn programs_are_listed_in_pages_by_their_age_or_name() {
    let site = Site::new();
    let mut all = Vec::new();
    for name in ["b", "C", "a"] {
        all.push(made(
            &site
                .post("ce_programs", &new(json!({ "name": name, "ce_credits": 1, "ce_threshold": 1 })))
                .await,
        ));
        site.app.clock.advance(1);
    }
    let [b, c, a] = &all[..] else { panic!("three") };
    assert_eq!(ids(&site.get("ce_programs").await), all);
    assert_eq!(ids(&site.get("ce_programs?sort=-created_at").await), [a.clone(), c.clone(), b.clone()]);
    assert_eq!(ids(&site.get("ce_programs?sort=name").await), [a.clone(), b.clone(), c.clone()]);
    assert_eq!(ids(&site.get("ce_programs?filter[name]=c").await), [c.as_str()]);
    let page = site.get("ce_programs?sort=-name&page[size]=2&page[number]=2").await;
    assert_eq!((ids(&page), &page.json()["meta"]["total"]), (vec![a.clone()], &json!(3)));
    assert_eq!(page.json()["links"]["next"], Value::Null);
    for bad in ["sort=ce_credits", "include=records", "filter[id]=1", "page[size]=101"] {
        site.get(&format!("ce_programs?{bad}")).await.assert_refused(400, &["invalid_parameter"]);
    }
}
