//! Updating relationships: K110 to K115.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{EMAIL, NOTHING, RELATIONSHIPS, full, patch, post, read, send};
use crate::support::TestApp;
use crate::support::app::STAMP;

const EMAILS: &str = "user/relationships/email_addresses";
const MASTER: &str = "user/relationships/master_person";

fn emails(ids: &[&str]) -> Value {
    let identifiers: Vec<_> = ids.iter().map(|id| json!({ "id": id, "type": "email_addresses" })).collect();
    json!({ "data": identifiers })
}

#[actix_web::test]
async fn k110_a_to_one_relationship_takes_an_identifier_or_null() {
    let app = TestApp::new();
    let stored = read(&app, MASTER).await["data"].clone();
    let identifier = json!({ "data": { "id": stored["id"], "type": stored["type"] } });
    assert_eq!(patch(&app, MASTER, &identifier).await.status, 204);
    patch(&app, MASTER, &json!({ "data": null })).await.assert_refused(403, &["replacement_refused"]);
    for wrong in [json!([]), json!("x"), json!([identifier["data"]])] {
        let answer = patch(&app, MASTER, &json!({ "data": wrong })).await;
        answer.assert_refused(400, &["invalid_document"]);
    }
}

#[actix_web::test]
async fn k111_a_to_many_relationship_takes_an_array_of_identifiers() {
    let app = TestApp::new();
    for method in [Method::PATCH, Method::POST, Method::DELETE] {
        for wrong in [json!(null), json!({ "id": EMAIL, "type": "email_addresses" }), json!([1]), json!("x")]
        {
            let answer = send(&app, method.clone(), EMAILS, Some(&json!({ "data": wrong }))).await;
            answer.assert_refused(400, &["invalid_document"]);
        }
    }
    assert_eq!(patch(&app, "user/relationships/websites", &json!({ "data": [] })).await.status, 204);
}

#[actix_web::test]
async fn k112_a_patch_of_a_list_keeps_it_or_is_403() {
    let app = TestApp::new();
    assert_eq!(patch(&app, EMAILS, &emails(&[EMAIL])).await.status, 204);
    for other in [&[][..], &[NOTHING], &[EMAIL, NOTHING]] {
        patch(&app, EMAILS, &emails(other)).await.assert_refused(403, &["replacement_refused"]);
    }
    assert_eq!(read(&app, EMAILS).await, emails(&[EMAIL]));
}

#[actix_web::test]
async fn k113_a_post_of_members_that_are_there_succeeds_and_doubles_nothing() {
    let app = TestApp::new();
    for present in [&[][..], &[EMAIL], &[EMAIL, EMAIL]] {
        assert_eq!(post(&app, EMAILS, &emails(present)).await.status, 204);
    }
    post(&app, EMAILS, &emails(&[EMAIL, NOTHING])).await.assert_refused(403, &["replacement_refused"]);
    assert_eq!(read(&app, EMAILS).await, emails(&[EMAIL]));
}

#[actix_web::test]
async fn k114_a_delete_of_members_that_are_absent_succeeds() {
    let app = TestApp::new();
    for absent in [&[][..], &[NOTHING]] {
        assert_eq!(send(&app, Method::DELETE, EMAILS, Some(&emails(absent))).await.status, 204);
    }
    let answer = send(&app, Method::DELETE, EMAILS, Some(&emails(&[EMAIL, NOTHING]))).await;
    answer.assert_refused(403, &["replacement_refused"]);
    assert_eq!(read(&app, EMAILS).await, emails(&[EMAIL]));
}

#[actix_web::test]
async fn k115_an_update_of_linkage_is_204_where_nothing_changes_and_else_403() {
    let app = full().await;
    let stamp = app.stamp().await;
    assert_ne!(stamp, STAMP);
    for name in RELATIONSHIPS {
        let path = format!("user/relationships/{name}");
        let stored = read(&app, &path).await;
        let same = patch(&app, &path, &stored).await;
        assert_eq!((same.status, same.body.len()), (204, 0), "{name}");
        let none = if stored["data"].is_array() { json!([]) } else { Value::Null };
        let refused = patch(&app, &path, &json!({ "data": none })).await;
        refused.assert_refused(403, &["replacement_refused"]);
    }
    assert_eq!(app.stamp().await, stamp);
}
