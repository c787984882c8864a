//! Values of dimensions by themselves, and through the user (`juno.md` 1.3).

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{user, with_john, with_rey};
use crate::juno::{Site, document, ids, pointers, request};
use crate::support::Answer;

const VALUES: &str = "juno_users/1/dimension_values";

fn value(value: impl Into<Value>) -> Value {
    document("dimension_values", json!({ "value": value.into() }))
}

async fn put(site: &Site, dimension: &str, sent: &Value) -> Answer {
    site.send(request(Method::PUT, &format!("{VALUES}/{dimension}"), Some(sent))).await
}

#[actix_web::test]
async fn both_doors_write_one_value() {
    let site = with_john().await;
    let made = put(&site, "13", &value("Los Angeles")).await;
    assert_eq!(made.assert_ok(), json!({ "value": "Los Angeles" }));
    let data = made.json()["data"].clone();
    assert_eq!((&data["id"], &data["type"]), (&json!("1-13"), &json!("dimension_values")));
    assert_eq!(data["relationships"]["dimension"]["data"], json!({ "id": "13", "type": "dimensions" }));
    assert_eq!(data["links"]["self"], "/api/v2/juno_users/1/dimension_values/13");
    assert_eq!(site.shown().await["city"], "Los Angeles");
    site.set(json!({ "city": "New York" })).await.assert_ok();
    assert_eq!(site.get(&format!("{VALUES}/13")).await.assert_ok()["value"], "New York");
    site.dimension(json!({ "name": "Medical School" })).await;
    assert_eq!(put(&site, "1000", &value("UCLA")).await.status, 200);
    assert_eq!(site.flat("juno_users/1").await["dimensions"][0]["value"], "UCLA");
}

#[actix_web::test]
async fn the_values_that_lie_with_the_person_go_through_to_him() {
    let site = with_rey(0).await;
    for (dimension, field, sent) in [
        ("5", "phone", "123-555-4321"),
        ("18", "title", "Detective"),
        ("4", "website", "https://junolive.co"),
        ("2", "facebook", "https://www.facebook.com/john.mclane"),
        ("3", "twitter", "https://twitter.com/jmclanenypd"),
        ("8", "linkedin", "https://www.linkedin.com/in/jmclane/"),
        ("1", "instagram", "https://www.instagram.com/jmclane/"),
    ] {
        assert_eq!(put(&site, dimension, &value(sent)).await.assert_ok()["value"], sent, "{field}");
        assert_eq!(site.shown().await[field], sent, "{field}");
    }
    assert_eq!(site.app.attributes().await["occupation"], "Detective");
    assert_eq!(site.send(request(Method::DELETE, &format!("{VALUES}/18"), None)).await.status, 204);
    assert_eq!(site.app.attributes().await["occupation"], json!(null));
}

#[actix_web::test]
async fn all_values_are_listed_those_of_the_system_as_well_in_pages() {
    let site = with_john().await;
    site.dimension(json!({ "name": "Medical School" })).await;
    site.set(json!({ "city": "Los Angeles", "instagram": "https://www.instagram.com/jmclane/" }))
        .await
        .assert_ok();
    put(&site, "1000", &value("UCLA")).await.assert_ok();
    let all = site.get(&format!("{VALUES}?include=dimension&fields[dimensions]=name")).await;
    assert_eq!(ids(&all), ["1-1", "1-13", "1-1000"]);
    let named: Vec<_> =
        all.json()["included"].as_array().expect("resources").iter().map(|one| one["id"].clone()).collect();
    assert_eq!(named, ["1", "13", "1000"]);
    let page = site.get(&format!("{VALUES}?page[size]=2&page[number]=2")).await;
    assert_eq!((ids(&page), &page.json()["meta"]["total"]), (vec!["1-1000".to_owned()], &json!(3)));
    assert!(page.json()["links"]["next"].is_null());
    let known = page.header("etag").expect("a tag").to_owned();
    let again = request(Method::GET, &format!("{VALUES}?page[size]=2&page[number]=2"), None);
    assert_eq!(site.send(again.insert_header(("If-None-Match", known))).await.status, 304);
}

#[actix_web::test]
async fn null_and_a_blank_delete_and_what_is_not_there_is_404() {
    let site = with_john().await;
    site.dimension(json!({ "name": "Medical School" })).await;
    for gone in [json!(null), json!(""), json!("  ")] {
        put(&site, "1000", &value("UCLA")).await.assert_ok();
        assert_eq!(put(&site, "1000", &value(gone)).await.status, 204);
        let answer = site.get(&format!("{VALUES}/1000")).await;
        answer.assert_refused(404, &["not_found"]);
    }
    for _ in 0..2 {
        assert_eq!(site.delete(&format!("{VALUES}/1000")).await.status, 204);
    }
    put(&site, "6", &value("x")).await.assert_refused(404, &["not_found"]);
    site.delete(&format!("{VALUES}/1001")).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn a_value_is_a_text_by_the_rules_of_its_field_and_points_at_what_was_sent() {
    let site = with_john().await;
    for (dimension, sent, code) in [
        ("13", json!(7), "wrong_type"),
        ("13", json!(true), "wrong_type"),
        ("13", json!("x".repeat(256)), "too_long"),
        ("5", json!("1".repeat(65)), "too_long"),
        ("4", json!("junolive.co"), "invalid"),
    ] {
        let answer = put(&site, dimension, &value(sent)).await;
        answer.assert_refused(400, &[code]);
        assert_eq!(pointers(&answer), ["/data/attributes/value"], "{dimension}");
    }
    site.dimension(json!({ "name": "Blog", "value_type": "url" })).await;
    let answer = put(&site, "1000", &value("no url")).await;
    answer.assert_refused(400, &["invalid"]);
    assert_eq!(pointers(&answer), ["/data/attributes/value"]);
    let answer = put(&site, "13", &document("dimension_values", json!({ "name": "City" }))).await;
    answer.assert_refused(400, &["blank", "unknown_attribute"]);
}

#[actix_web::test]
async fn an_id_may_be_left_out_and_else_is_the_one_of_the_path() {
    let site = with_john().await;
    let mut sent = value("Los Angeles");
    sent["data"]["id"] = "1-13".into();
    assert_eq!(put(&site, "13", &sent).await.status, 200);
    let echo = site.get(&format!("{VALUES}/13")).await;
    let again = put(&site, "13", &echo.json()).await;
    assert_eq!((again.status, again.header("etag")), (200, echo.header("etag")), "{}", again.text());
    sent["data"]["id"] = "1-14".into();
    let answer = put(&site, "13", &sent).await;
    answer.assert_refused(409, &["id_conflict"]);
    assert_eq!(pointers(&answer), ["/data/id"]);
}

#[actix_web::test]
async fn what_is_locked_an_integration_writes_and_the_user_does_not() {
    let site = with_rey(0).await;
    site.dimension(json!({ "name": "Badge", "locked": true })).await;
    let own = |method: Method, sent: Option<&Value>| {
        site.as_rey(request(method, "juno_users/me/dimension_values/1000", sent))
    };
    own(Method::PUT, Some(&value("gold"))).await.assert_refused(403, &["read_only"]);
    assert_eq!(put(&site, "1000", &value("gold")).await.status, 200);
    own(Method::DELETE, None).await.assert_refused(403, &["read_only"]);
    assert_eq!(own(Method::GET, None).await.assert_ok()["value"], "gold");
}

#[actix_web::test]
async fn a_document_names_values_it_keeps_tells_others_and_drops_the_rest() {
    let site = with_john().await;
    for name in ["A", "B", "C"] {
        site.dimension(json!({ "name": name })).await;
    }
    for dimension in ["1000", "1001"] {
        put(&site, dimension, &value("old")).await.assert_ok();
    }
    let mut sent = user(json!({}));
    let told =
        json!({ "type": "dimension_values", "lid": "new", "meta": { "dimension": 1002, "value": "new" } });
    let kept = json!({ "type": "dimension_values", "id": "1-1000" });
    sent["data"]["relationships"] = json!({ "dimension_values": { "data": [kept, told] } });
    site.patch("juno_users/1", &sent).await.assert_ok();
    let flat = site.flat("juno_users/1").await["dimensions"].clone();
    assert_eq!(
        flat,
        json!([{ "id": 1000, "name": "A", "value": "old" }, { "id": 1002, "name": "C", "value": "new" }])
    );
    for unknown in ["1-1001", "2-1000", "x"] {
        let link = json!({ "type": "dimension_values", "id": unknown });
        sent["data"]["relationships"] = json!({ "dimension_values": { "data": [link] } });
        site.patch("juno_users/1", &sent).await.assert_refused(404, &["not_found"]);
    }
    assert_eq!(site.flat("juno_users/1").await["dimensions"], flat);
}

#[actix_web::test]
async fn a_value_goes_with_the_conditions_of_its_user() {
    let site = with_john().await;
    let stale = site.get("juno_users/1").await.header("etag").expect("a tag").to_owned();
    put(&site, "13", &value("Los Angeles")).await.assert_ok();
    let conditional = |tag: String| {
        let put = request(Method::PUT, &format!("{VALUES}/13"), Some(&value("New York")));
        site.send(put.insert_header(("If-Match", tag)))
    };
    conditional(stale).await.assert_refused(412, &["precondition_failed"]);
    let now = site.get(&format!("{VALUES}/13")).await.header("etag").expect("a tag").to_owned();
    assert_eq!(conditional(now).await.status, 200);
}
