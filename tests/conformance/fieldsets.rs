//! Sparse fieldsets: K65 and K66.

use actix_web::http::Method;
use serde_json::json;

use super::{document, full, names, post, read, send};
use crate::support::app::REY;
use crate::support::{TestApp, user};

#[actix_web::test]
async fn k065_a_fieldset_is_a_comma_list_and_an_empty_one_leaves_no_field() {
    let app = TestApp::new();
    let two = read(&app, "user?fields[users]=first_name,gender").await;
    assert_eq!(two["data"]["attributes"], json!({ "first_name": "Rey", "gender": null }));
    let none = read(&app, "user?fields[users]=").await;
    assert_eq!(none["data"], json!({ "id": REY, "type": "users" }));
}

#[actix_web::test]
async fn k066_no_other_field_is_sent_anywhere() {
    let app = full().await;
    let shown = read(&app, "user?include=websites&fields[websites]=url&fields[users]=websites").await;
    assert_eq!(shown["data"].get("attributes"), None);
    assert_eq!(names(&shown["data"]["relationships"]), ["websites"]);
    assert_eq!(shown["included"][0]["attributes"], json!({ "url": "https://example.com" }));
    let list = read(&app, "user/websites?fields[websites]=url").await;
    assert_eq!(list["data"][0]["attributes"], json!({ "url": "https://example.com" }));

    let edit = user(json!({ "first_name": "Jack", "overwrite": true }));
    let edited = send(&app, Method::PUT, "user?fields[users]=first_name", Some(&edit)).await.json();
    let expected = json!({ "id": REY, "type": "users", "attributes": { "first_name": "Jack" } });
    assert_eq!(edited["data"], expected);
    let site = document("websites", json!({ "url": "x" }));
    let made = post(&app, "user/websites?fields[websites]=primary", &site).await;
    assert_eq!(made.status, 201);
    assert_eq!(names(&made.json()["data"]["attributes"]), ["primary"]);
}
