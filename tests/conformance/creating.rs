//! Creating: K87 to K97.

use actix_web::test::TestRequest;
use serde_json::json;
use steward::people::kind::KINDS;

use super::{FINN, NOTHING, document, full, get, names, new_row, post, read, text, with_sites};
use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, STAMP};

#[actix_web::test]
async fn k036_a_lid_names_one_resource_in_a_document() {
    let app = TestApp::new();
    let linked = json!([{ "type": "websites", "lid": "b" }, { "type": "websites", "lid": "a" }]);
    let site = |lid: &str| json!({ "type": "websites", "lid": lid, "attributes": { "url": lid } });
    let mut edit = document("users", json!({ "updated_in_db_at": STAMP }));
    edit["data"]["relationships"] = json!({ "websites": { "data": linked } });
    edit["included"] = json!([site("a"), site("b")]);
    app.put_document(&edit).await.assert_ok();
    let sites = read(&app, "user/websites").await;
    let mut urls: Vec<_> =
        sites["data"].as_array().expect("a list").iter().map(|s| text(&s["attributes"]["url"])).collect();
    urls.sort_unstable();
    assert_eq!(urls, ["a", "b"]);
    edit["included"] = json!([site("a"), site("a")]);
    app.put_document(&edit).await.assert_refused(400, &["invalid_document"]);
}

#[actix_web::test]
async fn k087_a_request_succeeds_or_fails_as_a_whole() {
    let app = TestApp::new();
    let edit = json!({ "employer": "Cru", "birthday_month": 13, "updated_in_db_at": STAMP });
    app.put(edit).await.assert_refused(400, &["out_of_range"]);
    assert_eq!(app.attributes().await["employer"], json!(null));
    let made = post(&app, "user/websites", &document("websites", json!({ "url": "x", "primary": 1 }))).await;
    assert_eq!(made.status, 400);
    assert_eq!(read(&app, "user/websites").await["data"], json!([]));
    assert_eq!(app.stamp().await, STAMP);
}

#[actix_web::test]
async fn k088_a_create_has_one_resource_object_with_a_type() {
    let app = TestApp::new();
    for (body, status) in [
        (json!({}), 409),
        (json!({ "data": null }), 409),
        (json!({ "data": { "attributes": { "url": "x" } } }), 409),
        (json!({ "data": [{ "type": "websites", "attributes": { "url": "x" } }] }), 400),
        (json!({ "data": "websites" }), 400),
        (json!([]), 400),
    ] {
        let answer = post(&app, "user/websites", &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
    }
    assert_eq!(read(&app, "user/websites").await["data"], json!([]));
}

#[actix_web::test]
async fn k089_a_relationship_of_a_create_has_data() {
    let app = full().await;
    for wrong in [json!({}), json!({ "meta": {} }), json!(null), json!([])] {
        let mut row = new_row("family_relationships", FINN);
        row["data"]["relationships"]["related_person"] = wrong.clone();
        let answer = post(&app, "user/family_relationships", &row).await;
        answer.assert_refused(400, &["invalid_document"]);
        let pointer = "/data/relationships/related_person";
        assert_eq!(answer.error()["source"], json!({ "pointer": pointer }), "{wrong}");
    }
}

#[actix_web::test]
async fn k090_a_client_may_make_an_id_that_is_a_uuid() {
    let app = TestApp::new();
    let mut site = document("websites", json!({ "url": "x" }));
    for wrong in ["1", "x", "11111111-1111-4111-8111-11111111111"] {
        site["data"]["id"] = json!(wrong);
        post(&app, "user/websites", &site).await.assert_refused(400, &["invalid"]);
    }
    site["data"]["id"] = json!(FINN);
    let made = post(&app, "user/websites", &site).await;
    assert_eq!((made.status, &made.json()["data"]["id"]), (201, &json!(FINN)));
}

#[actix_web::test]
async fn k091_a_create_is_201_with_the_resource() {
    let app = full().await;
    let made = post(&app, "user/websites", &document("websites", json!({ "url": "x" }))).await;
    assert_eq!(made.status, 201);
    let data = made.json()["data"].clone();
    assert_eq!((&data["type"], &data["attributes"]["url"]), (&json!("websites"), &json!("x")));
    assert_eq!(read(&app, &format!("user/websites/{}", text(&data["id"]))).await["data"], data);
}

#[actix_web::test]
async fn k092_the_location_of_a_create_is_the_resource() {
    let app = TestApp::new();
    let made = post(&app, "user/websites", &document("websites", json!({ "url": "x" }))).await;
    let location = made.header("location").expect("a Location").to_owned();
    assert_eq!(location, format!("/api/v2/user/websites/{}", text(&made.json()["data"]["id"])));
    let found = app.send(TestRequest::get().uri(&location)).await;
    assert_eq!((found.status, &found.json()["data"]), (200, &made.json()["data"]));
    assert_eq!(made.json()["data"].get("links"), None, "there is no self link to differ from it");
}

#[actix_web::test]
async fn k094_no_create_is_answered_without_its_resource() {
    let app = full().await;
    for kind in KINDS.iter().filter(|kind| kind.name == "websites" || kind.name == "linkedin_accounts") {
        let mut row = new_row(kind.name, FINN);
        row["data"]["id"] = json!(NOTHING);
        let made = post(&app, &format!("user/{}", kind.name), &row).await;
        assert_eq!(made.status, 201, "the server set times of its own: {}", made.text());
        assert!(names(&made.json()["data"]["attributes"]).contains(&"created_at"), "{}", made.text());
    }
}

#[actix_web::test]
async fn k095_a_related_resource_that_does_not_exist_is_404() {
    let app = full().await;
    for nobody in [NOTHING, ACCOUNT_LIST] {
        let row = new_row("family_relationships", nobody);
        post(&app, "user/family_relationships", &row).await.assert_refused(404, &["not_found"]);
    }
}

#[actix_web::test]
async fn k096_an_id_that_exists_is_409() {
    let app = full().await;
    for kind in &KINDS {
        let path = format!("user/{}", kind.name);
        let mut row = new_row(kind.name, FINN);
        row["data"]["id"] = read(&app, &path).await["data"][0]["id"].clone();
        post(&app, &path, &row).await.assert_refused(409, &["duplicate"]);
    }
}

#[actix_web::test]
async fn k097_another_type_than_the_lists_is_409_and_told() {
    let app = with_sites(&[]).await;
    let answer = post(&app, "user/websites", &document("phone_numbers", json!({ "number": "1" }))).await;
    answer.assert_refused(409, &["type_conflict"]);
    let error = answer.error();
    assert_eq!(error["source"], json!({ "pointer": "/data/type" }));
    let detail = text(&error["detail"]);
    assert!(detail.contains("'phone_numbers'") && detail.contains("'websites'"), "{detail}");
    assert_eq!(get(&app, "user/websites").await.json()["data"], json!([]));
}
