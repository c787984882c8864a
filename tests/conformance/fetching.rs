//! Fetching: K51 to K58; and how times are written, K142.

use actix_web::test::TestRequest;
use diesel::RunQueryDsl as _;
use serde_json::{Value, json};
use steward::db::schema::account_list_users;
use steward::people::kind::KINDS;

use super::{EMAIL, NOTHING, RELATIONSHIPS, documents, full, get, read, text, with_sites};
use crate::support::TestApp;

#[actix_web::test]
async fn k051_every_self_link_answers_get_with_its_document() {
    let app = full().await;
    for path in KINDS.iter().map(|kind| kind.name).chain(["account_lists"]) {
        let list = read(&app, &format!("user/{path}?page[size]=1")).await;
        let answer = app.send(TestRequest::get().uri(text(&list["links"]["self"]))).await;
        assert_eq!((answer.status, answer.json()), (200, list), "{path}");
    }
}

#[actix_web::test]
async fn k052_a_fetch_that_succeeds_is_200() {
    let app = TestApp::new();
    let row = format!("user/email_addresses/{EMAIL}");
    for path in [
        "user",
        "users/me",
        "contacts/people/me",
        "user/websites",
        &row,
        "user/account_lists",
        "user/master_person",
    ] {
        assert_eq!(get(&app, path).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn k053_a_list_is_an_array_also_when_it_is_empty() {
    let app = TestApp::new();
    assert_eq!(read(&app, "user/websites").await["data"], json!([]));
    let list = read(&app, "user/email_addresses").await["data"].clone();
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(list[0]["id"], EMAIL);
    app.change(|connection| diesel::delete(account_list_users::table).execute(connection));
    assert_eq!(read(&app.second_node(), "user/account_lists").await["data"], json!([]));
}

#[actix_web::test]
async fn k054_an_individual_resource_is_one_object_and_never_null() {
    let app = full().await;
    for kind in &KINDS {
        let first = read(&app, &format!("user/{}", kind.name)).await["data"][0].clone();
        let one = read(&app, &format!("user/{}/{}", kind.name, text(&first["id"]))).await;
        assert_eq!(one["data"], first);
    }
    assert_eq!(get(&app, &format!("user/websites/{NOTHING}")).await.json().get("data"), None);
    let related = read(&app, "user/master_person").await["data"].clone();
    let linkage = read(&app, "user/relationships/master_person").await["data"].clone();
    assert_eq!((&related["type"], &related["id"]), (&linkage["type"], &linkage["id"]));
}

#[actix_web::test]
async fn k055_a_single_resource_that_is_missing_is_404() {
    let app = full().await;
    for kind in &KINDS {
        get(&app, &format!("user/{}/{NOTHING}", kind.name)).await.assert_refused(404, &["not_found"]);
    }
    for door in ["users", "user", "contacts/people"] {
        get(&app, &format!("{door}/{NOTHING}")).await.assert_refused(404, &["not_found"]);
    }
}

#[actix_web::test]
async fn k056_every_relationship_is_read_by_itself() {
    let app = full().await;
    let shown = read(&app, "user").await["data"]["relationships"].clone();
    assert_eq!(super::names(&shown).len(), RELATIONSHIPS.len());
    for name in RELATIONSHIPS {
        let linkage = read(&app, &format!("user/relationships/{name}")).await;
        assert_eq!(linkage["data"], shown[name]["data"], "{name}");
        assert_ne!(linkage["data"], json!([]), "{name}");
    }
}

#[actix_web::test]
async fn k057_a_relationship_that_does_not_exist_is_404() {
    let app = TestApp::new();
    for path in ["user/relationships/friends", "user/relationships/", "user/relationships"] {
        get(&app, path).await.assert_refused(404, &["route_not_found"]);
    }
}

#[actix_web::test]
async fn k058_a_relationship_that_is_empty_is_200_with_an_empty_array() {
    let app = with_sites(&[]).await;
    let answer = get(&app, "user/relationships/websites").await;
    assert_eq!((answer.status, &answer.json()["data"]), (200, &Value::Array(Vec::new())));
}

#[actix_web::test]
async fn k142_times_are_iso_8601() {
    let app = full().await;
    let mut times = 0;
    for document in documents(&app).await {
        for resource in super::resources(&document) {
            for (name, value) in resource["attributes"].as_object().expect("attributes") {
                if name.ends_with("_at") && !value.is_null() {
                    let read = chrono::DateTime::parse_from_rfc3339(text(value));
                    assert!(read.is_ok_and(|time| time.timestamp() > 0), "{name}: {value}");
                    times += 1;
                }
            }
        }
    }
    assert!(times > 3 * KINDS.len(), "{times}");
}
