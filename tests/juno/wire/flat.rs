//! The object that JUNO documents, and its oddities (`juno.md` 1.1 to 1.4, 2.2).

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use super::{JSON, least, with_john};
use crate::juno::{Site, document, pointers, request};

/// The documented example, its two syntax errors mended, with what only the server tells taken out.
fn example() -> Value {
    json!({
        "first_name": "John", "last_name": "McLane", "designation": "Lt", "title": "Detective",
        "job_type": "law enforcement", "company": "Nakatomi", "email": "jmclane@diehard.com",
        "phone": "123-555-4321", "address": "2121 Avenue of the Stars", "city": "Los Angeles",
        "state_province": "CA", "postal_code": "90067", "country": "United States of America",
        "timezone": -25200, "avatar": "https://nakatomiplaza.com/avatar.png", "points": 0,
        "account_level": 99, "client_id": "A125637",
        "client_guid": "735992af-c8a2-4cac-9072-5f1a29437e98", "banned": "false", "username": "jmclane",
        "website": "https://junolive.co", "linkedin": "https://www.linkedin.com/in/jmclane/",
        "twitter": "https://twitter.com/jmclanenypd", "facebook": "https://www.facebook.com/john.mclane",
        "instagram": "https://www.instagram.com/jmclane/", "date_created": "1900-01-01T00:00:00",
        "date_last_login": "1900-01-01T00:00:00", "date_updated": "1900-01-01T00:00:00",
        "tags": [{ "id": "1", "name": "Main Stage", "type": "2", "type_name": "Access Level", "score": "35" }],
        "dimensions": [{ "id": 1000, "name": "Medical School", "value": "University of Washington" }],
    })
}

/// A site with the tag and the dimension of the example.
async fn documented() -> Site {
    let site = Site::new();
    assert_eq!(site.tag("Main Stage", "2").await, "1");
    assert_eq!(site.dimension(json!({ "name": "Medical School" })).await, "1000");
    site
}

async fn post(site: &Site, body: &Value) -> Value {
    let post = request(Method::POST, "juno_users", None).insert_header((CONTENT_TYPE, JSON));
    let answer = site.send(post.insert_header((ACCEPT, JSON)).set_payload(body.to_string())).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

#[actix_web::test]
async fn the_documented_object_comes_back_as_it_is_documented() {
    let site = documented().await;
    let answer = post(&site, &example()).await;
    let mut expected = example();
    expected["id"] = 1.into();
    expected["banned"] = false.into();
    // The server's own.
    expected["date_created"] = "2022-01-12T17:18:09".into();
    expected["date_updated"] = answer["date_updated"].clone();
    assert_eq!(answer, expected);
    assert_eq!(site.flat("juno_users/1").await, expected);
    let text = site.send(request(Method::GET, "juno_users/1", None).insert_header((ACCEPT, JSON))).await;
    let places: Vec<_> =
        ["\"id\":1,", "\"first_name\"", "\"phone\"", "\"banned\"", "\"tags\"", "\"dimensions\""]
            .map(|member| text.text().find(member).expect("a member"))
            .into();
    assert!(places.is_sorted(), "in the documented order: {}", text.text());
}

#[actix_web::test]
async fn the_flat_object_and_the_document_are_one_user() {
    let site = documented().await;
    post(&site, &example()).await;
    let shown = site.shown().await;
    for (name, value) in example().as_object().expect("an object") {
        if !name.starts_with("date_") && !matches!(name.as_str(), "tags" | "dimensions" | "banned") {
            assert_eq!(&shown[name], value, "{name}");
        }
    }
    assert_eq!(shown["banned"], false);
    assert_eq!(shown["date_last_login"], json!(null));
    assert!(shown.get("tags").is_none() && shown.get("dimensions").is_none() && shown.get("id").is_none());
    let document = site.get("juno_users/1").await.json();
    let related = &document["data"]["relationships"];
    assert_eq!(related["tags"]["data"][0]["meta"]["score"], 35);
    assert_eq!(related["dimension_values"]["data"], json!([{ "id": "1-1000", "type": "dimension_values" }]));
    assert_eq!(related["ce_records"], json!({ "links": { "related": "/api/v2/juno_users/1/ce_records" } }));
    assert_eq!(related["user"]["data"]["type"], "users");
    assert_eq!(document["data"]["links"]["self"], "/api/v2/juno_users/1");
}

#[actix_web::test]
async fn flags_are_texts_for_who_asks_for_junos_own_spelling() {
    let site = with_john().await;
    assert_eq!(site.flat("juno_users/1").await["banned"], false);
    assert_eq!(site.flat("juno_users/1?legacy=1").await["banned"], "false");
    assert_eq!(site.flat("juno_users?legacy=1").await["data"][0]["banned"], "false");
    site.set(json!({ "banned": true })).await.assert_ok();
    assert_eq!(site.flat("juno_users/1?legacy=1").await["banned"], "true");
    assert_eq!(
        site.get("juno_users/1?legacy=1").await.assert_ok()["banned"],
        true,
        "documents have booleans"
    );
    for bad in ["legacy=true", "legacy=0", "legacy="] {
        let answer = site.get(&format!("juno_users/1?{bad}")).await;
        answer.assert_refused(400, &["invalid_parameter"]);
        assert_eq!(answer.error()["source"]["parameter"], "legacy");
    }
}

#[actix_web::test]
async fn a_flat_echo_of_everything_changes_nothing() {
    let site = documented().await;
    let before = post(&site, &example()).await;
    site.app.clock.advance(60);
    let legacy = site.flat("juno_users/1?legacy=1").await;
    for (method, echo) in [(Method::PUT, before.clone()), (Method::PATCH, legacy)] {
        assert_eq!(site.send_flat(method, "juno_users/1", &echo).await.status, 200);
        assert_eq!(site.flat("juno_users/1").await, before);
    }
}

#[actix_web::test]
async fn what_is_shown_may_be_sent_back_though_mpdx_holds_it_to_other_rules() {
    let site = super::with_rey(0).await;
    let website = json!({ "data": { "type": "websites", "attributes": { "url": "rey.example" } } });
    let made = site.app.call(Method::POST, "/api/v2/user/websites", Some(&website)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let before = site.get("juno_users/1").await;
    assert_eq!(before.assert_ok()["website"], "rey.example");
    let echo = site.patch("juno_users/1", &before.json()).await;
    assert_eq!((echo.status, echo.header("etag")), (200, before.header("etag")), "{}", echo.text());
    let other = site.set(json!({ "website": "finn.example" })).await;
    other.assert_refused(400, &["invalid"]);
}

#[actix_web::test]
async fn ids_and_scores_are_numbers_or_their_texts() {
    let site = documented().await;
    post(&site, &example()).await;
    for (id, score, expected) in [(json!(1), json!(36), "36"), (json!("1"), json!("37"), "37")] {
        let body = json!({ "id": 1, "tags": [{ "id": id, "score": score }] });
        assert_eq!(site.send_flat(Method::PUT, "juno_users/1", &body).await.status, 200);
        assert_eq!(site.flat("juno_users/1").await["tags"][0]["score"], expected);
    }
    for (entry, code, pointer) in [
        (json!({ "id": "1", "score": -1 }), "out_of_range", "/tags/0/score"),
        (json!({ "id": "1", "score": "many" }), "out_of_range", "/tags/0/score"),
        (json!({ "id": "1", "score": 1.5 }), "out_of_range", "/tags/0/score"),
        (json!({ "score": 1 }), "invalid_document", "/tags/0"),
        (json!({ "id": "1", "colour": 1 }), "unknown_attribute", "/tags/0/colour"),
        (json!("1"), "invalid_document", "/tags/0"),
    ] {
        let answer = site.send_flat(Method::PUT, "juno_users/1", &json!({ "tags": [entry] })).await;
        answer.assert_refused(400, &[code]);
        assert_eq!(pointers(&answer), [pointer], "{entry}");
    }
    for (id, pointer) in [(json!(2), "/tags/0"), (json!("x"), "/tags/0")] {
        let answer = site.send_flat(Method::PUT, "juno_users/1", &json!({ "tags": [{ "id": id }] })).await;
        answer.assert_refused(404, &["unknown_tag"]);
        assert_eq!(pointers(&answer), [pointer]);
    }
    assert_eq!(site.flat("juno_users/1").await["tags"][0]["score"], "37");
}

#[actix_web::test]
async fn an_id_must_be_the_one_of_the_path_and_is_not_the_clients_to_make() {
    let site = with_john().await;
    for id in [json!(2), json!("2")] {
        let answer = site.send_flat(Method::PUT, "juno_users/1", &json!({ "id": id })).await;
        answer.assert_refused(409, &["id_conflict"]);
        assert_eq!(pointers(&answer), ["/id"]);
    }
    for id in [json!(1), json!("1")] {
        assert_eq!(site.send_flat(Method::PUT, "juno_users/1", &json!({ "id": id })).await.status, 200);
    }
    site.send_flat(Method::PUT, "juno_users/1", &json!({ "id": true }))
        .await
        .assert_refused(400, &["invalid_document"]);
    let mut john = least("b@example.com");
    john["id"] = 123.into();
    let answer = site.send_flat(Method::POST, "juno_users", &john).await;
    answer.assert_refused(403, &["client_id_not_supported"]);
    assert_eq!(pointers(&answer), ["/id"]);
    site.send_flat(Method::PUT, "juno_users/1", &json!([])).await.assert_refused(400, &["invalid_document"]);
}

#[actix_web::test]
async fn the_id_of_a_dimension_counts_and_its_name_is_a_check() {
    let site = documented().await;
    post(&site, &example()).await;
    let send = |entries: Value| {
        let body = json!({ "dimensions": entries });
        let site = &site;
        async move { site.send_flat(Method::PUT, "juno_users/1", &body).await }
    };
    // Q7 of the documented example.
    let mismatch =
        send(json!([{ "id": 14, "name": "Medical School", "value": "University of Washington" }])).await;
    mismatch.assert_refused(409, &["dimension_name_mismatch"]);
    assert_eq!(pointers(&mismatch), ["/dimensions/0/name"]);
    assert_eq!(site.flat("juno_users/1").await["state_province"], "CA", "never overwritten");
    assert_eq!(send(json!([{ "id": 1000, "name": "medical SCHOOL", "value": "UCLA" }])).await.status, 200);
    assert_eq!(send(json!([{ "name": "Medical school", "value": "UCSF" }])).await.status, 200);
    assert_eq!(site.flat("juno_users/1").await["dimensions"][0]["value"], "UCSF");
    let unknown = send(json!([{ "name": "Law School", "value": "x" }])).await;
    unknown.assert_refused(400, &["unknown_dimension"]);
    for (entry, code, pointer) in [
        (json!({ "id": 1000, "value": 7 }), "wrong_type", "/dimensions/0/value"),
        (json!({ "id": 1000, "value": true }), "wrong_type", "/dimensions/0/value"),
        (json!({ "id": 1000 }), "blank", "/dimensions/0"),
        (json!({ "value": "x" }), "invalid_document", "/dimensions/0"),
        (json!({ "id": "x", "name": "A", "value": "x" }), "invalid_document", "/dimensions/0/id"),
    ] {
        let answer = send(json!([entry])).await;
        answer.assert_refused(400, &[code]);
        assert_eq!(pointers(&answer), [pointer], "{entry}");
    }
    assert_eq!(site.flat("juno_users/1").await["dimensions"][0]["value"], "UCSF");
}

#[actix_web::test]
async fn a_value_that_is_given_twice_differently_is_named_at_both_places() {
    let site = with_john().await;
    let both = |value: &str| json!({ "city": "Los Angeles", "dimensions": [{ "id": 13, "value": value }] });
    let answer = site.send_flat(Method::PUT, "juno_users/1", &both("New York")).await;
    answer.assert_refused(400, &["conflicting_values"]);
    assert_eq!(answer.error()["meta"]["pointers"], json!(["/city", "/dimensions/0/value"]));
    assert_eq!(site.shown().await["city"], json!(null));
    assert_eq!(site.send_flat(Method::PUT, "juno_users/1", &both("Los Angeles")).await.status, 200);
    assert_eq!(site.flat("juno_users/1").await["dimensions"], json!([]), "those of the system are fields");
}

#[actix_web::test]
async fn an_array_replaces_what_is_there_and_none_leaves_it() {
    let site = documented().await;
    post(&site, &example()).await;
    let law = site.dimension(json!({ "name": "Law School" })).await;
    assert_eq!(law, "1001");
    assert_eq!(site.send_flat(Method::PATCH, "juno_users/1", &json!({ "city": "x" })).await.status, 200);
    let shown = site.flat("juno_users/1").await;
    assert_eq!(
        (shown["tags"].as_array().map(Vec::len), shown["dimensions"].as_array().map(Vec::len)),
        (Some(1), Some(1))
    );
    let body = json!({ "dimensions": [{ "id": 1001, "value": "UCLA" }] });
    assert_eq!(site.send_flat(Method::PATCH, "juno_users/1", &body).await.status, 200);
    let shown = site.flat("juno_users/1").await;
    assert_eq!(shown["dimensions"], json!([{ "id": 1001, "name": "Law School", "value": "UCLA" }]));
    assert_eq!(shown["city"], "x", "custom values only");
    let none = json!({ "dimensions": [], "tags": [] });
    assert_eq!(site.send_flat(Method::PATCH, "juno_users/1", &none).await.status, 200);
    let shown = site.flat("juno_users/1").await;
    assert_eq!((&shown["dimensions"], &shown["tags"]), (&json!([]), &json!([])));
    let null =
        site.send_flat(Method::PATCH, "juno_users/1", &json!({ "tags": null, "dimensions": {} })).await;
    null.assert_refused(400, &["invalid_document", "invalid_document"]);
    assert_eq!(pointers(&null), ["/tags", "/dimensions"]);
}

#[actix_web::test]
async fn fields_of_a_flat_object_can_be_chosen_and_nothing_is_included_in_it() {
    let site = with_john().await;
    let shown = site.flat("juno_users/1?fields[juno_users]=city,tags").await;
    assert_eq!(shown, json!({ "id": 1, "city": null, "tags": [] }));
    let include = request(Method::GET, "juno_users/1?include=tags", None).insert_header((ACCEPT, JSON));
    site.send(include).await.assert_refused(400, &["invalid_parameter"]);
    let list = site.flat("juno_users?page[size]=1").await;
    assert_eq!((&list["data"][0]["id"], &list["meta"]["total"]), (&json!(1), &json!(1)));
    assert!(list["links"]["next"].is_null());
    let named = document("juno_users", json!({ "city": "x" }));
    assert_eq!(site.patch("juno_users/1", &named).await.status, 200);
}
