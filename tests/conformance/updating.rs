//! Updating a resource: K98 to K109.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{EMAIL, FINN, NOTHING, document, full, get, patch, post, read, send, text, with_sites};
use crate::support::app::{ACCOUNT_LIST, REY, STAMP};
use crate::support::{TestApp, put, user};

fn edit(attributes: Value, relationships: Value) -> Value {
    let mut document = user(attributes);
    document["data"]["relationships"] = relationships;
    document
}

#[actix_web::test]
async fn k098_an_update_has_one_object_with_a_type_and_may_leave_out_its_id() {
    let app = TestApp::new();
    let overwrite = json!({ "overwrite": true });
    for (body, status) in [
        (json!({ "data": [{ "type": "users", "id": REY, "attributes": overwrite }] }), 400),
        (json!({ "data": { "id": REY, "attributes": overwrite } }), 409),
        (json!({ "data": { "type": "users", "attributes": overwrite } }), 200),
        (json!({ "data": { "type": "users", "id": REY, "attributes": overwrite } }), 200),
    ] {
        let answer = patch(&app, "user", &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
    }
}

#[actix_web::test]
async fn k099_attributes_that_are_absent_keep_their_values() {
    let app = TestApp::new();
    let before = app.attributes().await;
    let after = app.put(json!({ "employer": "Cru", "updated_in_db_at": STAMP })).await.assert_ok();
    for (name, value) in before.as_object().expect("attributes") {
        if !["employer", "updated_at", "updated_in_db_at"].contains(&name.as_str()) {
            assert_eq!(&after[name], value, "{name}");
        }
    }
    assert_eq!((&after["employer"], &after["first_name"]), (&json!("Cru"), &json!("Rey")));
}

#[actix_web::test]
async fn k100_relationships_that_are_absent_keep_their_values() {
    let app = full().await;
    let row = read(&app, "user/family_relationships").await["data"][0].clone();
    let path = format!("user/family_relationships/{}", text(&row["id"]));
    let change = document("family_relationships", json!({ "relationship": "Wife", "overwrite": true }));
    let after = patch(&app, &path, &change).await.json()["data"].clone();
    assert_eq!(after["attributes"]["relationship"], "Wife");
    assert_eq!(after["relationships"]["related_person"]["data"]["id"], FINN);
    let before = read(&app, "user").await["data"]["relationships"].clone();
    app.put(json!({ "employer": "Cru", "overwrite": true })).await.assert_ok();
    assert_eq!(read(&app, "user").await["data"]["relationships"], before);
}

#[actix_web::test]
async fn k101_a_relationship_of_a_user_may_only_be_what_is_stored_and_must_have_data() {
    let app = TestApp::new();
    let attributes = || json!({ "employer": "Cru", "overwrite": true });
    let stored = json!({ "email_addresses": { "data": [{ "id": EMAIL, "type": "email_addresses" }] } });
    assert_eq!(app.put_document(&edit(attributes(), stored)).await.assert_ok()["employer"], "Cru");
    let without = app.put_document(&edit(attributes(), json!({ "email_addresses": {} }))).await;
    without.assert_refused(400, &["invalid_document"]);
    let other = edit(attributes(), json!({ "email_addresses": { "data": [] } }));
    app.put_document(&other).await.assert_refused(403, &["replacement_refused"]);
}

#[actix_web::test]
async fn k102_an_update_whose_replacement_is_refused_is_refused_as_a_whole() {
    let app = TestApp::new();
    for (name, data) in [
        ("email_addresses", json!([])),
        ("websites", json!([{ "id": NOTHING, "type": "websites" }])),
        ("account_lists", json!([])),
    ] {
        let change = edit(json!({ "employer": "Cru", "overwrite": true }), json!({ name: { "data": data } }));
        app.put_document(&change).await.assert_refused(403, &["replacement_refused"]);
        assert_eq!(app.attributes().await["employer"], Value::Null, "{name}");
    }
}

#[actix_web::test]
async fn k103_an_update_is_200_with_the_resource_as_it_became() {
    let app = TestApp::new();
    app.clock.advance(60);
    let answer = app.put(json!({ "employer": "Cru", "updated_in_db_at": STAMP })).await;
    let attributes = answer.assert_ok();
    assert_eq!((&attributes["employer"], &attributes["first_name"]), (&json!("Cru"), &json!("Rey")));
    assert_ne!(attributes["updated_in_db_at"], STAMP, "the server changed this as well");
    assert_eq!(answer.json()["data"], app.get().await.json()["data"]);
}

#[actix_web::test]
async fn k104_an_update_that_changes_nothing_is_200_with_the_resource() {
    let app = TestApp::new();
    let before = app.get().await.json();
    let answer = app.put(json!({ "first_name": "Rey", "updated_in_db_at": STAMP })).await;
    assert_eq!((answer.status, answer.json()), (200, before));
}

#[actix_web::test]
async fn k105_an_update_that_is_not_supported_is_403() {
    let app = TestApp::new();
    for other in [json!(null), json!({ "type": "master_people", "id": NOTHING })] {
        let change = edit(json!({ "overwrite": true }), json!({ "master_person": { "data": other } }));
        app.put_document(&change).await.assert_refused(403, &["replacement_refused"]);
    }
}

#[actix_web::test]
async fn k106_an_update_of_what_does_not_exist_or_to_it_is_404() {
    let app = full().await;
    let site = document("websites", json!({ "url": "x", "overwrite": true }));
    patch(&app, &format!("user/websites/{NOTHING}"), &site).await.assert_refused(404, &["not_found"]);
    let row = read(&app, "user/family_relationships").await["data"][0].clone();
    let mut change = document("family_relationships", json!({ "overwrite": true }));
    change["data"]["relationships"] =
        json!({ "related_person": { "data": { "type": "people", "id": NOTHING } } });
    let path = format!("user/family_relationships/{}", text(&row["id"]));
    patch(&app, &path, &change).await.assert_refused(404, &["not_found"]);
    patch(&app, &format!("users/{ACCOUNT_LIST}"), &user(json!({ "overwrite": true })))
        .await
        .assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn k107_another_type_or_id_than_the_endpoints_is_409() {
    let app = TestApp::new();
    let path = format!("user/email_addresses/{EMAIL}");
    for (path, own, id) in
        [("user", "users", REY), ("contacts/people/me", "people", REY), (&path, "email_addresses", EMAIL)]
    {
        let mut change = document(own, json!({ "overwrite": true }));
        change["data"]["id"] = json!(id);
        assert_eq!(patch(&app, path, &change).await.status, 200, "{path}");
        change["data"]["id"] = json!(NOTHING);
        patch(&app, path, &change).await.assert_refused(409, &["id_conflict"]);
        (change["data"]["id"], change["data"]["type"]) = (json!(id), json!("websites"));
        patch(&app, path, &change).await.assert_refused(409, &["type_conflict"]);
    }
}

#[actix_web::test]
async fn k108_a_conflict_tells_what_it_is_about() {
    let app = TestApp::new();
    app.put(json!({ "employer": "Cru", "updated_in_db_at": STAMP })).await.assert_ok();
    let stale = app.put(json!({ "employer": "Agape", "updated_in_db_at": STAMP })).await;
    stale.assert_refused(409, &["stale"]);
    let error = stale.error();
    assert_eq!(error["source"], json!({ "pointer": "/data/attributes/updated_in_db_at" }));
    assert_eq!(error["meta"]["conflicting"], json!(["employer"]));
    assert_eq!(error["meta"]["changed"]["employer"], "Cru");
}

#[actix_web::test]
async fn k109_put_is_patch_and_a_post_may_ask_for_either() {
    for (method, asked) in [
        (Method::PUT, None),
        (Method::PATCH, None),
        (Method::POST, Some("PATCH")),
        (Method::POST, Some("PUT")),
    ] {
        let app = TestApp::new();
        let request = put(&user(json!({ "employer": "Cru", "updated_in_db_at": STAMP }))).method(method);
        let request: TestRequest = match asked {
            Some(asked) => request.insert_header(("X-HTTP-Method-Override", asked)),
            None => request,
        };
        let attributes = app.send(request).await.assert_ok();
        assert_eq!((&attributes["employer"], &attributes["first_name"]), (&json!("Cru"), &json!("Rey")));
    }
    let app = with_sites(&["a"]).await;
    let site = document("websites", json!({ "url": "b" }));
    assert_eq!(post(&app, "user/websites", &site).await.status, 201, "a plain POST creates");
    send(&app, Method::POST, "user", Some(&user(json!({}))))
        .await
        .assert_refused(405, &["method_not_allowed"]);
    assert_eq!(get(&app, "user").await.status, 200);
}
