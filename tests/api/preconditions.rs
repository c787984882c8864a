//! `ETag`, If-Match, If-None-Match, Cache-Control, Last-Modified (design 4 and 9).

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::support::app::{STAMP, USER};
use crate::support::{Answer, TestApp, put, user};
use diesel::prelude::*;
use steward::db::schema::people;

async fn put_if_match(app: &TestApp, tag: &str, attributes: Value) -> Answer {
    app.send(put(&user(attributes)).insert_header(("If-Match", tag))).await
}

async fn tag(app: &TestApp) -> String {
    app.get().await.header("etag").expect("a tag").to_owned()
}

#[actix_web::test]
async fn a_read_has_a_strong_tag_may_be_kept_but_must_be_asked_for() {
    let app = TestApp::new();
    let answer = app.get().await;
    let tag = answer.header("etag").expect("a tag");
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    assert_eq!(answer.header("last-modified"), Some("Wed, 12 Jan 2022 17:18:09 GMT"));
    assert_eq!(app.second_node().get().await.header("etag"), Some(tag), "the same on every node");
}

#[actix_web::test]
async fn if_none_match_of_the_same_representation_is_304_without_a_body() {
    let app = TestApp::new();
    let tag = tag(&app).await;
    for header in [tag.clone(), format!("\"x\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
        for method in [Method::GET, Method::HEAD] {
            let request =
                TestRequest::with_uri(USER).method(method).insert_header(("If-None-Match", header.clone()));
            let answer = app.send(request).await;
            assert_eq!(answer.status, 304, "{header}");
            assert!(answer.body.is_empty());
            assert_eq!(answer.header("etag"), Some(tag.as_str()));
            assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
        }
    }
    let unconditional =
        TestRequest::get().uri(USER).insert_header(("If-Modified-Since", "Wed, 12 Jan 2050 17:18:09 GMT"));
    assert_eq!(app.send(unconditional).await.status, 200, "If-Modified-Since is ignored");
    app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    let request = TestRequest::get().uri(USER).insert_header(("If-None-Match", tag));
    assert_eq!(app.send(request).await.status, 200);
}

#[actix_web::test]
async fn if_match_counts_as_a_stamp() {
    let app = TestApp::new();
    let tag = tag(&app).await;
    let answer = put_if_match(&app, &tag, json!({ "first_name": "Jack" })).await;
    assert_eq!(answer.assert_ok()["first_name"], "Jack");
    assert_ne!(answer.header("etag"), Some(tag.as_str()));
    let answer = put_if_match(&app, "*", json!({ "first_name": "Joe" })).await;
    assert_eq!(answer.assert_ok()["first_name"], "Joe");
}

#[actix_web::test]
async fn if_match_of_another_state_is_412_and_says_what_happened() {
    let app = TestApp::new();
    let old = tag(&app).await;
    app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    for overwrite in [json!(false), json!(true)] {
        let edit = json!({ "first_name": "Joe", "employer": "Cru", "overwrite": overwrite });
        let answer = put_if_match(&app, &old, edit).await;
        answer.assert_refused(412, &["precondition_failed"]);
        let error = answer.error();
        assert_eq!(error["source"], json!({ "header": "If-Match" }));
        assert_eq!(
            error["meta"],
            json!({
                "updated_in_db_at": "2022-01-12T17:18:10Z",
                "sent": old,
                "changed": { "first_name": "Jack" },
                "conflicting": ["first_name"],
            })
        );
    }
    assert_eq!(app.attributes().await["first_name"], "Jack");
}

#[actix_web::test]
async fn a_weak_a_garbage_and_a_foreign_tag_are_412() {
    let app = TestApp::new();
    let tag = tag(&app).await;
    let foreign = tag.replace("0123456789ab", "ba9876543210");
    assert_ne!(foreign, tag);
    for header in [format!("W/{tag}"), "\"garbage\"".to_owned(), "garbage".to_owned(), foreign, String::new()]
    {
        let answer =
            put_if_match(&app, &header, json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await;
        answer.assert_refused(412, &["precondition_failed"]);
    }
    let list = format!("\"garbage\", {tag}");
    put_if_match(&app, &list, json!({ "first_name": "Jack" })).await.assert_ok();
}

#[actix_web::test]
async fn a_tag_of_another_representation_of_the_same_state_holds_in_if_match_only() {
    let app = TestApp::new();
    let tag = tag(&app).await;
    let compressed = format!("{}-gzip\"", tag.trim_end_matches('"'));
    let request = TestRequest::get().uri(USER).insert_header(("If-None-Match", compressed.clone()));
    assert_eq!(app.send(request).await.status, 200);
    put_if_match(&app, &compressed, json!({ "first_name": "Jack" })).await.assert_ok();
}

#[actix_web::test]
async fn a_stamp_and_if_match_together_must_both_hold() {
    let app = TestApp::new();
    app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    let current = tag(&app).await;
    let answer =
        put_if_match(&app, &current, json!({ "first_name": "Joe", "updated_in_db_at": STAMP })).await;
    answer.assert_refused(409, &["stale"]);
    let stamp = app.stamp().await;
    let answer = put_if_match(&app, "\"x\"", json!({ "first_name": "Joe", "updated_in_db_at": stamp })).await;
    answer.assert_refused(412, &["precondition_failed"]);
    put_if_match(&app, &current, json!({ "first_name": "Joe", "updated_in_db_at": stamp })).await.assert_ok();
}

#[actix_web::test]
async fn if_match_comes_before_validation_and_after_an_unreadable_stamp() {
    let app = TestApp::new();
    put_if_match(&app, "\"x\"", json!({ "first_name": "" }))
        .await
        .assert_refused(412, &["precondition_failed"]);
    let answer = put_if_match(&app, "\"x\"", json!({ "first_name": "", "updated_in_db_at": "" })).await;
    answer.assert_refused(400, &["invalid_timestamp"]);
}

#[actix_web::test]
async fn if_none_match_of_the_current_state_refuses_a_write() {
    let app = TestApp::new();
    let tag = tag(&app).await;
    for header in ["*".to_owned(), tag.clone(), format!("W/{tag}")] {
        let edit = put(&user(json!({ "first_name": "Jack", "overwrite": true })));
        let answer = app.send(edit.insert_header(("If-None-Match", header))).await;
        answer.assert_refused(412, &["precondition_failed"]);
        assert_eq!(answer.error()["source"], json!({ "header": "If-None-Match" }));
    }
    let edit = put(&user(json!({ "first_name": "Jack", "overwrite": true })));
    app.send(edit.insert_header(("If-None-Match", "\"another\""))).await.assert_ok();
}

#[actix_web::test]
async fn a_state_of_before_1970_has_no_last_modified_which_http_could_not_write() {
    let app = TestApp::new();
    let old = crate::support::app::stamp(-86_400);
    let rey = crate::support::app::id(crate::support::app::REY);
    app.change(|c| diesel::update(people::table.find(rey)).set(people::updated_in_db_at.eq(old)).execute(c));
    let answer = app.second_node().get().await;
    assert_eq!(answer.assert_ok()["updated_in_db_at"], "1969-12-31T00:00:00Z");
    assert_eq!(answer.header("last-modified"), None);
}
