//! The other doors to a user (design 2, decision 19) and his relationships by themselves (design 9, K56 to K58, K110
//! to K115).

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, REY, STAMP};

const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";

#[actix_web::test]
async fn ones_own_id_and_me_are_the_same_user_and_anybody_elses_is_404() {
    let app = TestApp::new();
    let plain = app.get().await;
    for door in ["users", "user"] {
        for id in [REY, &REY.to_uppercase(), "me"] {
            let path = format!("/api/v2/{door}/{id}");
            let answer = app.call(Method::GET, &path, None).await;
            assert_eq!(
                (answer.text(), answer.header("etag")),
                (plain.text(), plain.header("etag")),
                "{path}"
            );
            let edit = json!({ "data": { "type": "users", "id": REY, "attributes": { "overwrite": true } } });
            assert_eq!(app.call(Method::PATCH, &path, Some(&edit)).await.text(), plain.text());
        }
        let other = app.call(Method::GET, &format!("/api/v2/{door}/{ACCOUNT_LIST}"), None).await;
        other.assert_refused(404, &["not_found"]);
        assert_eq!(other.error()["detail"], format!("Couldn't find User with 'id'={ACCOUNT_LIST}"));
        app.call(Method::GET, &format!("/api/v2/{door}/x"), None)
            .await
            .assert_refused(404, &["route_not_found"]);
    }
}

#[actix_web::test]
async fn the_profile_page_is_a_person_with_the_same_record_and_the_same_guard() {
    let app = TestApp::new();
    let path = format!("/api/v2/contacts/people/{REY}");
    let person = app.call(Method::GET, &path, None).await.json()["data"].clone();
    let user = app.get().await.json()["data"].clone();
    assert_eq!((&person["type"], &person["id"]), (&json!("people"), &json!(REY)));
    let mut attributes = user["attributes"].clone();
    attributes.as_object_mut().expect("attributes").remove("preferences");
    assert_eq!(person["attributes"], attributes);
    let mut relationships = user["relationships"].clone();
    for name in ["account_lists", "master_person"] {
        relationships.as_object_mut().expect("relationships").remove(name);
    }
    assert_eq!(person["relationships"], relationships);

    let edit = |kind: &str, attributes: Value| json!({ "data": { "type": kind, "id": REY, "attributes": attributes } });
    let wrong = app.call(Method::PUT, &path, Some(&edit("users", json!({ "overwrite": true })))).await;
    wrong.assert_refused(409, &["type_conflict"]);
    let changed =
        json!({ "first_name": "Jack", "preferences": { "locale": "de" }, "updated_in_db_at": STAMP });
    let answer = app.call(Method::PUT, &path, Some(&edit("people", changed.clone()))).await;
    assert_eq!(answer.assert_ok()["first_name"], "Jack");
    assert_eq!(answer.json()["meta"], json!({ "ignored_attributes": ["preferences"] }), "a person has none");
    let user = app.attributes().await;
    assert_eq!((&user["first_name"], &user["preferences"]["locale"]), (&json!("Jack"), &json!("en")));
    app.call(Method::PUT, &path, Some(&edit("people", changed))).await.assert_refused(409, &["stale"]);
    let echo = app.call(Method::GET, &path, None).await;
    let mut document = echo.json();
    document["data"]["attributes"]["overwrite"] = json!(true);
    assert_eq!(app.call(Method::PUT, &path, Some(&document)).await.text(), echo.text());
    let sparse = format!("{path}?fields[people]=first_name&include=email_addresses");
    let sparse = app.call(Method::GET, &sparse, None).await.json();
    assert_eq!(
        sparse["data"],
        json!({ "id": REY, "type": "people", "attributes": { "first_name": "Jack" } })
    );
    assert_eq!(sparse["included"][0]["type"], "email_addresses");
    let lists = app.call(Method::GET, &format!("{path}?include=account_lists"), None).await;
    lists.assert_refused(400, &["invalid_parameter"]);
}

#[actix_web::test]
async fn every_relationship_is_read_by_itself() {
    let app = TestApp::new();
    let user = app.get().await.json()["data"]["relationships"].clone();
    for (name, relationship) in user.as_object().expect("relationships") {
        let path = format!("/api/v2/user/relationships/{name}");
        let answer = app.call(Method::GET, &path, None).await;
        assert_eq!((answer.status, &answer.json()), (200, relationship), "{name}");
        let same = app.call(Method::PATCH, &path, Some(relationship)).await;
        assert_eq!((same.status, same.body.len()), (204, 0), "{name}");
    }
    app.call(Method::GET, "/api/v2/user/relationships/friends", None)
        .await
        .assert_refused(404, &["route_not_found"]);
}

#[actix_web::test]
async fn a_relationship_takes_what_changes_nothing_and_refuses_all_else() {
    let app = TestApp::new();
    let email = |id: &str| json!({ "data": [{ "id": id, "type": "email_addresses" }] });
    let path = "/api/v2/user/relationships/email_addresses";
    for (method, document, status) in [
        (Method::POST, email(EMAIL), 204),
        (Method::POST, email(REY), 403),
        (Method::DELETE, email(REY), 204),
        (Method::DELETE, email(EMAIL), 403),
        (Method::PATCH, email(REY), 403),
        (Method::PATCH, json!({ "data": [] }), 403),
        (Method::POST, json!({ "data": [] }), 204),
        (Method::PATCH, json!({ "data": null }), 400),
        (Method::PATCH, json!({ "data": [1] }), 400),
        (Method::PATCH, json!({}), 400),
    ] {
        let answer = app.call(method.clone(), path, Some(&document)).await;
        assert_eq!(answer.status, status, "{method} {document}: {}", answer.text());
    }
    let master = "/api/v2/user/relationships/master_person";
    let none = json!({ "data": null });
    app.call(Method::PATCH, master, Some(&none)).await.assert_refused(403, &["replacement_refused"]);
    assert_eq!(app.stamp().await, STAMP);
}
