//! `include`: K61 to K64.

use serde_json::json;

use super::{document, full, get, included_types, post, read};
use crate::support::TestApp;

#[actix_web::test]
async fn k061_nothing_comes_that_was_not_asked_for() {
    let app = full().await;
    assert_eq!(included_types(&read(&app, "user?include=websites").await), ["websites"]);
    let two = read(&app, "user?include=family_relationships,phone_numbers").await;
    assert_eq!(included_types(&two), ["family_relationships", "phone_numbers"]);
}

#[actix_web::test]
async fn k062_the_value_is_a_list_of_paths_and_an_empty_one_asks_for_nothing() {
    let app = full().await;
    let nested = read(&app, "user?include=websites,family_relationships.related_person").await;
    assert_eq!(included_types(&nested), ["family_relationships", "websites", "people"]);
    let nothing = read(&app, "user?include=").await;
    assert!(nothing.get("included").is_none_or(|included| *included == json!([])), "{nothing}");
    assert_eq!(nothing["data"], read(&app, "user").await["data"]);
}

#[actix_web::test]
async fn k063_unknown_include_is_400() {
    let app = TestApp::new();
    for path in ["friends", "websites.user", "account_lists.users.websites", "websites,friends", "Websites"] {
        let answer = get(&app, &format!("user?include={path}")).await;
        answer.assert_refused(400, &["invalid_parameter"]);
        assert_eq!(answer.error()["source"], json!({ "parameter": "include" }), "{path}");
    }
    let site = document("websites", json!({ "url": "x" }));
    post(&app, "user/websites?include=x", &site).await.assert_refused(400, &["invalid_parameter"]);
    assert_eq!(read(&app, "user/websites").await["data"], json!([]));
}

#[actix_web::test]
async fn k064_a_nested_path_brings_what_lies_between() {
    let app = full().await;
    let nested = read(&app, "user?include=family_relationships.related_person").await;
    assert_eq!(included_types(&nested), ["family_relationships", "people"]);
    let nested = read(&app, "user?include=account_lists.users").await;
    assert_eq!(included_types(&nested), ["account_lists", "users"]);
}

#[actix_web::test]
async fn k059_an_endpoint_that_includes_nothing_refuses_include() {
    let app = full().await;
    for path in ["user/websites", "user/relationships/websites"] {
        for value in ["", "**", "*", "user"] {
            let answer = get(&app, &format!("{path}?include={value}")).await;
            answer.assert_refused(400, &["invalid_parameter"]);
            assert_eq!(answer.error()["source"], json!({ "parameter": "include" }), "{path} {value}");
        }
    }
}

#[actix_web::test]
async fn k060_included_is_there_whenever_include_was_sent() {
    let app = TestApp::new();
    for query in
        ["user?include=", "user?include=**", "user?include=websites", "user/family_relationships?include="]
    {
        assert_eq!(read(&app, query).await["included"], json!([]), "{query}");
    }
    assert!(read(&app, "user").await.get("included").is_none());
}
