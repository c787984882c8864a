//! The rows that a user owns: design 3, 5 and 9; mpdx-behaviour 4.3 to 4.6 and 5.1.

mod election;
mod rules;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::{email_addresses, people};
use steward::people::kind::KINDS;

use crate::support::app::{JSON_API, REY, STAMP};
use crate::support::backend::many_websites;
use crate::support::{Answer, TestApp};

const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";
const OTHER: &str = "11111111-1111-4111-8111-111111111111";

fn document(kind: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "attributes": attributes } })
}

async fn send(app: &TestApp, method: Method, path: &str, document: Option<&Value>) -> Answer {
    app.call(method, &format!("/api/v2/user/{path}"), document).await
}

async fn create(app: &TestApp, kind: &str, attributes: Value) -> Answer {
    send(app, Method::POST, kind, Some(&document(kind, attributes))).await
}

async fn update(app: &TestApp, kind: &str, id: &str, attributes: Value) -> Answer {
    send(app, Method::PUT, &format!("{kind}/{id}"), Some(&document(kind, attributes))).await
}

async fn get(app: &TestApp, path: &str) -> Value {
    let answer = send(app, Method::GET, path, None).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// What each kind needs.
fn least(kind: &str) -> Value {
    match kind {
        "email_addresses" => json!({ "email": "new@example.com" }),
        "facebook_accounts" => json!({ "username": "rey" }),
        "family_relationships" => json!({ "relationship": "Wife" }),
        "linkedin_accounts" => json!({ "public_url": "https://www.linkedin.com/in/rey" }),
        "phone_numbers" => json!({ "number": "2134567890" }),
        "twitter_accounts" => json!({ "screen_name": "rey" }),
        _ => json!({ "url": "https://example.com" }),
    }
}

/// The document that creates a row of a kind; relatives are related to the user himself.
fn whole(kind: &str) -> Value {
    let mut document = document(kind, least(kind));
    if kind == "family_relationships" {
        document["data"]["relationships"] =
            json!({ "related_person": { "data": { "type": "people", "id": REY } } });
    }
    document
}

#[actix_web::test]
async fn every_kind_is_created_read_changed_and_deleted_and_each_time_the_users_stamp_moves() {
    for kind in &KINDS {
        let kind = kind.name;
        let app = TestApp::new();
        let mut stamps = vec![app.stamp().await];
        let made = send(&app, Method::POST, kind, Some(&whole(kind))).await;
        assert_eq!(made.status, 201, "{kind}: {}", made.text());
        let row = made.json()["data"].clone();
        let id = row["id"].as_str().expect("an id").to_owned();
        assert_eq!(made.header("location"), Some(format!("/api/v2/user/{kind}/{id}").as_str()));
        stamps.push(app.stamp().await);
        assert_eq!(
            made.json()["meta"]["user"],
            json!({ "id": REY, "updated_in_db_at": stamps[1], "previous_updated_in_db_at": stamps[0] })
        );
        for (name, value) in
            least(kind).as_object().expect("attributes").iter().filter(|(name, _)| *name != "number")
        {
            assert_eq!(&row["attributes"][name], value, "{kind}");
        }
        let path = format!("{kind}/{id}");
        assert_eq!(get(&app, &path).await["data"], row);
        let rows = get(&app, kind).await;
        assert!(rows["data"].as_array().expect("rows").contains(&row), "{kind}");
        let linked = app.get().await.json()["data"]["relationships"][kind]["data"].clone();
        assert!(linked.as_array().expect("linkage").contains(&json!({ "id": id, "type": kind })), "{kind}");

        let base = &row["attributes"]["updated_in_db_at"];
        let name = least(kind).as_object().expect("attributes").keys().next().expect("one").clone();
        let value = if kind == "phone_numbers" {
            "(213) 456-7891".to_owned()
        } else {
            "other@example.org".to_owned()
        };
        let changed = update(&app, kind, &id, json!({ name.clone(): value, "updated_in_db_at": base })).await;
        assert_eq!(changed.assert_ok()[&name], value, "{kind}");
        stamps.push(app.stamp().await);
        assert_eq!(changed.json()["meta"]["user"]["updated_in_db_at"], stamps[2]);
        update(&app, kind, &id, json!({ name: "third@example.org", "updated_in_db_at": base }))
            .await
            .assert_refused(409, &["stale"]);

        let gone = send(&app, Method::DELETE, &path, None).await;
        assert_eq!((gone.status, gone.body.len()), (204, 0), "{kind}");
        stamps.push(app.stamp().await);
        assert!(stamps.is_sorted_by(|a, b| a < b), "{kind}: {stamps:?}");
        let missing = send(&app, Method::GET, &path, None).await;
        missing.assert_refused(404, &["not_found"]);
        let detail = missing.error()["detail"].as_str().expect("a detail").to_owned();
        assert!(
            detail.starts_with("Couldn't find ") && detail.ends_with(&format!(" with 'id'={id}")),
            "{detail}"
        );
        send(&app, Method::DELETE, &path, None).await.assert_refused(404, &["not_found"]);
    }
}

#[actix_web::test]
async fn documents_have_the_attributes_of_the_original_in_the_order_of_their_names() {
    let app = TestApp::new();
    let body = send(&app, Method::GET, &format!("email_addresses/{EMAIL}"), None).await;
    assert_eq!(
        body.text(),
        format!(
            r#"{{"data":{{"id":"{EMAIL}","type":"email_addresses","attributes":{{"created_at":"{STAMP}","email":"rey@example.com","historic":false,"location":null,"primary":true,"source":"MPDX","updated_at":"{STAMP}","updated_in_db_at":"{STAMP}","valid_values":true}}}}}}"#
        )
    );
    let made = send(&app, Method::POST, "family_relationships", Some(&whole("family_relationships"))).await;
    let linked = &made.json()["data"]["relationships"];
    assert_eq!(*linked, json!({ "related_person": { "data": { "id": REY, "type": "people" } } }));
    let made = create(
        &app,
        "phone_numbers",
        json!({ "number": "+49 30 901820", "remote_id": "r", "location": "Work" }),
    )
    .await;
    let shown = made.json()["data"]["attributes"].clone();
    assert_eq!((&shown["number"], &shown["country_code"]), (&json!("+4930901820"), &json!("49")));
    assert!(shown.get("remote_id").is_none(), "written, not shown");
}

#[actix_web::test]
async fn a_client_may_make_the_id_and_an_id_is_used_once() {
    let app = TestApp::new();
    let mut row = whole("websites");
    row["data"]["id"] = json!(OTHER);
    let made = send(&app, Method::POST, "websites", Some(&row)).await;
    assert_eq!((made.status, &made.json()["data"]["id"]), (201, &json!(OTHER)));
    let again = send(&app, Method::POST, "websites", Some(&row)).await;
    again.assert_refused(409, &["duplicate"]);
    let detail = again.error()["detail"].as_str().expect("a detail").to_owned();
    assert!(detail.contains("duplicate key value violates unique constraint"), "{detail}");
    app.clock.advance(60);
    send(&app, Method::DELETE, &format!("websites/{OTHER}"), None).await;
    let deleted = send(&app, Method::POST, "websites", Some(&row)).await;
    deleted.assert_refused(409, &["deleted"]);
    assert_eq!(deleted.error()["meta"], json!({ "deleted_at": "2022-01-12T17:19:09Z" }));
    row["data"]["id"] = json!("not-a-uuid");
    send(&app, Method::POST, "websites", Some(&row)).await.assert_refused(400, &["invalid"]);
    row["data"]["id"] = json!("undefined");
    assert_eq!(send(&app, Method::POST, "websites", Some(&row)).await.status, 201, "as if it had none");
}

#[actix_web::test]
async fn a_create_takes_a_stamp_that_means_nothing_but_must_be_readable() {
    let app = TestApp::new();
    let made =
        create(&app, "websites", json!({ "url": "x", "updated_in_db_at": "2001-01-01 00:00:00 UTC" })).await;
    assert_eq!(made.status, 201);
    let conditional = TestRequest::post().uri("/api/v2/user/websites").insert_header(("If-Match", "*"));
    let conditional =
        conditional.insert_header(("Content-Type", JSON_API)).set_payload(whole("websites").to_string());
    app.send(conditional).await.assert_refused(412, &["precondition_failed"]);
    let long = format!("https://example.com/{}", "x".repeat(1000));
    assert_eq!(create(&app, "websites", json!({ "url": long })).await.status, 201);
    let garbage = create(&app, "websites", json!({ "url": "x", "updated_in_db_at": "" })).await;
    garbage.assert_refused(400, &["invalid_timestamp"]);
}

#[actix_web::test]
async fn the_guard_of_a_row_is_the_users() {
    let app = TestApp::new();
    let path = "email_addresses";
    update(&app, path, EMAIL, json!({ "location": "Home" }))
        .await
        .assert_refused(409, &["stamp_missing", "stale"]);
    update(&app, path, EMAIL, json!({ "updated_in_db_at": null }))
        .await
        .assert_refused(400, &["invalid_timestamp"]);
    update(&app, path, EMAIL, json!({ "location": "Home", "updated_in_db_at": STAMP })).await.assert_ok();
    let stale = json!({ "location": "Work", "historic": true, "updated_in_db_at": STAMP });
    let answer = update(&app, path, EMAIL, stale.clone()).await;
    answer.assert_refused(409, &["stale"]);
    let meta = answer.error()["meta"].clone();
    assert_eq!(
        (&meta["changed"], &meta["conflicting"]),
        (&json!({ "location": "Home" }), &json!(["location"]))
    );
    let mut merge = document(path, json!({ "valid_values": false, "updated_in_db_at": STAMP }));
    merge["data"]["meta"] = json!({ "on_conflict": "merge" });
    let answer = send(&app, Method::PUT, &format!("{path}/{EMAIL}"), Some(&merge)).await;
    answer.assert_ok();
    assert_eq!(answer.json()["meta"]["merged"], json!(["location"]));
    let mut overwrite = stale;
    overwrite["overwrite"] = json!(true);
    assert_eq!(update(&app, path, EMAIL, overwrite).await.assert_ok()["location"], "Work");
}

#[actix_web::test]
async fn conditions_hold_for_rows_as_for_the_user() {
    let app = TestApp::new();
    let path = format!("/api/v2/user/email_addresses/{EMAIL}");
    let read = app.send(TestRequest::get().uri(&path)).await;
    let tag = read.header("etag").expect("a tag").to_owned();
    let request = TestRequest::get().uri(&path).insert_header(("If-None-Match", tag.clone()));
    assert_eq!(app.send(request).await.status, 304);
    let put = |tag: &str| {
        let edit = document("email_addresses", json!({ "location": tag }));
        let request = TestRequest::put().uri(&path).insert_header(("If-Match", tag));
        request.insert_header(("Content-Type", JSON_API)).set_payload(edit.to_string())
    };
    app.send(put(&tag)).await.assert_ok();
    app.send(put(&tag)).await.assert_refused(412, &["precondition_failed"]);
    let delete = TestRequest::delete().uri(&path).insert_header(("If-Match", tag));
    app.send(delete).await.assert_refused(412, &["precondition_failed"]);
}

#[actix_web::test]
async fn a_delete_honours_a_stamp_in_its_body_and_tolerates_any_other_body() {
    let app = TestApp::new();
    let path = format!("email_addresses/{EMAIL}");
    let stale = document("email_addresses", json!({ "updated_in_db_at": "2021-01-01" }));
    let answer = send(&app, Method::DELETE, &path, Some(&stale)).await;
    answer.assert_refused(409, &["stale"]);
    for (wrong, status, code) in [
        (json!([]), 400, "invalid_document"),
        (json!(5), 400, "invalid_document"),
        (
            json!({ "data": [{ "attributes": { "updated_in_db_at": "2001-01-01" } }] }),
            400,
            "invalid_document",
        ),
        (json!({ "data": { "attributes": [] } }), 400, "invalid_document"),
        (json!({ "data": { "type": "email_addresses", "id": OTHER } }), 409, "id_conflict"),
    ] {
        send(&app, Method::DELETE, &path, Some(&wrong)).await.assert_refused(status, &[code]);
    }
    let odd =
        json!({ "data": { "id": "undefined", "type": "cbb8d3fs", "attributes": { "overwrite": true } } });
    assert_eq!(send(&app, Method::DELETE, &path, Some(&odd)).await.status, 204);
}

#[actix_web::test]
async fn rows_of_others_and_paths_that_are_none_are_404() {
    let app = TestApp::new();
    app.change(|c| diesel::update(people::table).set(people::disabled.eq(false)).execute(c));
    for path in [format!("email_addresses/{OTHER}"), format!("websites/{EMAIL}")] {
        for method in [Method::GET, Method::DELETE] {
            send(&app, method, &path, None).await.assert_refused(404, &["not_found"]);
        }
        let kind = path.split('/').next().expect("a kind");
        let edit = document(kind, json!({ "overwrite": true }));
        send(&app, Method::PUT, &path, Some(&edit)).await.assert_refused(404, &["not_found"]);
    }
    for path in ["email_addresses/x", "emails", "email_addresses/1/2"] {
        send(&app, Method::GET, path, None).await.assert_refused(404, &["route_not_found"]);
    }
    let answer = send(&app, Method::POST, &format!("websites/{OTHER}"), Some(&whole("websites"))).await;
    answer.assert_refused(405, &["method_not_allowed"]);
    assert_eq!(answer.header("allow"), Some("GET, HEAD, PUT, PATCH, DELETE, OPTIONS"));
    let wrong = send(&app, Method::POST, "websites", Some(&whole("phone_numbers"))).await;
    wrong.assert_refused(409, &["type_conflict"]);
}

#[actix_web::test]
async fn every_fault_of_a_row_is_told_at_once() {
    let app = TestApp::new();
    let edit = json!({ "email": 1, "historic": "yes", "location": "x".repeat(256), "created_at": "never", "shoe": 1 });
    let answer = create(&app, "email_addresses", edit).await;
    answer.assert_refused(400, &["invalid_timestamp", "wrong_type", "wrong_type", "too_long"]);
    let answer = create(&app, "email_addresses", json!({ "email": "nope", "location": 5 })).await;
    answer.assert_refused(400, &["wrong_type", "invalid"]);
    let answer = create(&app, "email_addresses", json!({ "email": "REY@example.com", "location": 5 })).await;
    answer.assert_refused(400, &["wrong_type", "taken"]);
}

#[actix_web::test]
async fn a_whole_row_sent_back_changes_nothing_whatever_its_source() {
    let app = TestApp::new();
    app.change(|c| {
        diesel::update(email_addresses::table).set(email_addresses::source.eq("Siebel")).execute(c)
    });
    for kind in &KINDS {
        send(&app, Method::POST, kind.name, Some(&whole(kind.name))).await;
    }
    for kind in &KINDS {
        for row in get(&app, kind.name).await["data"].as_array().expect("rows") {
            let path = format!("{}/{}", kind.name, row["id"].as_str().expect("an id"));
            let before = send(&app, Method::GET, &path, None).await.json();
            let stamp = app.stamp().await;
            let echo = send(&app, Method::PUT, &path, Some(&before)).await;
            echo.assert_ok();
            assert_eq!(echo.json()["data"], before["data"], "{path}");
            assert!(echo.json()["meta"].get("ignored_attributes").is_none(), "{path}");
            assert_eq!(app.stamp().await, stamp, "{path}");
        }
    }
    let answer = update(&app, "email_addresses", EMAIL, json!({ "source": "MPDX", "overwrite": true })).await;
    assert_eq!(answer.json()["meta"]["ignored_attributes"], json!(["source"]), "it stays the other system's");
    let spelled = json!({ "email": "REY@Example.com\n", "overwrite": true });
    update(&app, "email_addresses", EMAIL, spelled).await.assert_ok();
}

#[actix_web::test]
async fn a_user_has_at_most_a_thousand_rows_of_a_kind() {
    let app = TestApp::new();
    app.change(|connection| {
        use diesel::connection::SimpleConnection as _;
        connection.batch_execute(&many_websites("Rey", 1000))
    });
    create(&app, "websites", json!({ "url": "x" })).await.assert_refused(400, &["too_long"]);
    assert_eq!(get(&app, "websites?per_page=10000").await["data"].as_array().expect("rows").len(), 1000);
}

#[actix_web::test]
async fn a_conflict_of_the_user_tells_what_happened_to_his_rows() {
    let app = TestApp::new();
    let site = create(&app, "websites", json!({ "url": "https://example.com" })).await.json()["data"].clone();
    let site_name = format!("websites/{}", site["id"].as_str().expect("an id"));
    send(&app, Method::DELETE, &format!("email_addresses/{EMAIL}"), None).await;
    let email_name = format!("email_addresses/{EMAIL}");
    let answer = app.put(json!({ "employer": "Cru", "updated_in_db_at": STAMP })).await;
    let changed = json!({ site_name.clone(): site["attributes"], email_name.clone(): null });
    let meta = answer.error()["meta"].clone();
    assert_eq!((&meta["changed"], &meta["conflicting"]), (&changed, &json!([])));
    let since = site["attributes"]["updated_in_db_at"].clone();
    let answer = app.put(json!({ "employer": "Cru", "updated_in_db_at": since })).await;
    assert_eq!(
        answer.error()["meta"]["changed"],
        json!({ email_name.clone(): null }),
        "only what came after"
    );
    let mut merge = crate::support::user(json!({ "employer": "Cru", "updated_in_db_at": STAMP }));
    merge["data"]["meta"] = json!({ "on_conflict": "merge" });
    let answer = app.put_document(&merge).await;
    answer.assert_ok();
    assert_eq!(answer.json()["meta"], json!({ "merged": [site_name, email_name] }));
    assert_eq!(app.get().await.text(), app.second_node().get().await.text());
}
