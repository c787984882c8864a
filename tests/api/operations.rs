//! `POST /api/v2/operations`: what the guard promises of several edits at once (design 3 and 4). The rules of the
//! extension by themselves are in `conformance/atomic.rs`.

mod conflicts;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::{account_list_users, account_lists};
use steward::jsonapi::atomic::ANSWER;
use steward::users::create::NewUser;

use crate::support::app::{MADE_AT, REY, STAMP, USER, id, stamp, user};
use crate::support::backend::{mended, sabotage};
use crate::support::{Answer, TestApp};

const SITE: &str = "11111111-1111-4111-8111-111111111111";
const OTHER: &str = "22222222-2222-4222-8222-222222222222";
const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";

fn request(operations: &Value) -> TestRequest {
    let document = json!({ "atomic:operations": operations });
    let request = TestRequest::post().uri("/api/v2/operations").insert_header((CONTENT_TYPE, ANSWER));
    request.set_payload(document.to_string())
}

async fn operate(app: &TestApp, operations: Value) -> Answer {
    app.send(request(&operations)).await
}

/// An update of the user.
fn edit(attributes: Value) -> Value {
    json!({ "op": "update", "data": user(attributes)["data"] })
}

fn add_site(id: &str, url: &str) -> Value {
    json!({ "op": "add", "data": { "type": "websites", "id": id, "attributes": { "url": url } } })
}

fn update_site(id: &str, attributes: Value) -> Value {
    json!({ "op": "update", "data": { "type": "websites", "id": id, "attributes": attributes } })
}

fn remove(kind: &str, id: &str) -> Value {
    json!({ "op": "remove", "ref": { "type": kind, "id": id } })
}

fn second(after: i64) -> String {
    stamp(MADE_AT + after).to_string()
}

#[actix_web::test]
async fn all_operations_together_make_one_state() {
    let app = TestApp::new();
    let operations = json!([
        edit(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })),
        add_site(SITE, "https://a.example"),
        update_site(SITE, json!({ "primary": true })),
        edit(json!({ "employer": "Cru", "updated_in_db_at": STAMP })),
        remove("email_addresses", EMAIL),
    ]);
    let answer = operate(&app, operations).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let results = answer.json()["atomic:results"].clone();
    // Each resource as all the operations leave it; the last of the user's is whole.
    for place in [0, 3] {
        let user = &results[place]["data"];
        assert_eq!((&user["type"], &user["id"]), (&json!("users"), &json!(crate::support::app::REY)));
        let mut expected = app.attributes().await;
        if place == 0 {
            expected.as_object_mut().expect("attributes").remove("preferences");
        }
        assert_eq!(user["attributes"], expected, "of operation {place}");
        assert_eq!(user.get("relationships").is_some(), place == 3);
    }
    for place in [1, 2] {
        assert_eq!(results[place]["data"]["attributes"]["primary"], true);
        assert_eq!(results[place]["data"]["attributes"]["updated_in_db_at"], second(1));
    }
    assert_eq!(results[4], json!({}));
    assert_eq!(answer.json()["meta"]["user"]["previous_updated_in_db_at"], STAMP);
    assert_eq!(answer.json()["meta"]["user"]["updated_in_db_at"], second(1));
    assert_eq!(app.get().await.json()["data"], results[3]["data"]);
    let pulled = app.send(TestRequest::get().uri("/api/v2/user/changes?since=1")).await.json();
    assert_eq!(pulled["meta"]["version"], 2, "one version: {pulled}");
    assert_eq!(app.stamp().await, second(1), "one stamp");
}

#[actix_web::test]
async fn when_one_is_refused_nothing_of_any_has_happened() {
    let app = TestApp::new();
    let before = app.get().await;
    for (refused, status, code, pointer) in [
        (edit(json!({ "first_name": "", "overwrite": true })), 400, "blank", "/data/attributes/first_name"),
        (edit(json!({ "first_name": "A" })), 409, "stamp_missing", "/data/attributes"),
        (
            edit(json!({ "gender": "x", "updated_in_db_at": second(-1) })),
            409,
            "stale",
            "/data/attributes/updated_in_db_at",
        ),
        (
            edit(json!({ "gender": "x", "updated_in_db_at": "x" })),
            400,
            "invalid_timestamp",
            "/data/attributes/updated_in_db_at",
        ),
        (add_site(SITE, "https://b.example"), 409, "duplicate", "/data/id"),
        (update_site(SITE, json!({ "url": null })), 400, "blank", "/data/attributes/url"),
        (update_site(EMAIL, json!({ "url": "https://b.example", "overwrite": true })), 404, "not_found", ""),
        (remove("websites", EMAIL), 404, "not_found", ""),
    ] {
        let operations = json!([
            edit(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })),
            add_site(SITE, "https://a.example"),
            remove("email_addresses", EMAIL),
            refused,
            edit(json!({ "last_name": "Never looked at", "updated_in_db_at": second(-2) })),
        ]);
        let answer = operate(&app, operations).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.errors()[0]["code"], code, "{}", answer.text());
        let pointer = format!("/atomic:operations/3{pointer}");
        assert_eq!(answer.errors()[0]["source"]["pointer"], pointer, "{}", answer.text());
        assert!(answer.errors().iter().all(|error| {
            error["source"]["pointer"].as_str().is_some_and(|p| p.starts_with("/atomic:operations/3"))
        }));
        let after = app.get().await;
        assert_eq!((after.text(), after.header("etag")), (before.text(), before.header("etag")));
    }
}

#[actix_web::test]
async fn a_statement_that_fails_leaves_nothing_of_any_operation() {
    let app = TestApp::new();
    let before = app.get().await;
    app.change(|connection| connection.batch_execute(&sabotage("websites", "INSERT")));
    let operations = json!([
        edit(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })),
        remove("email_addresses", EMAIL),
        add_site(SITE, "https://a.example"),
    ]);
    operate(&app, operations.clone()).await.assert_refused(500, &["internal_error"]);
    assert_eq!(app.get().await.text(), before.text());
    app.change(|connection| connection.batch_execute(&mended("websites")));
    assert_eq!(operate(&app, operations).await.status, 200);
}

#[actix_web::test]
async fn every_operation_names_the_state_before_all_of_them() {
    let app = TestApp::new();
    operate(&app, json!([add_site(SITE, "https://a.example")])).await;
    let (user, row) = (app.stamp().await, second(1));
    let answer = operate(
        &app,
        json!([
            update_site(SITE, json!({ "url": "https://b.example", "updated_in_db_at": row })),
            update_site(SITE, json!({ "primary": true, "updated_in_db_at": row })),
            edit(json!({ "first_name": "Jack", "updated_in_db_at": user })),
            edit(json!({ "first_name": "Jill", "updated_in_db_at": user })),
        ]),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["atomic:results"][0]["data"]["attributes"]["url"], "https://b.example");
    assert_eq!(app.attributes().await["first_name"], "Jill", "the later one wins");
    // A stamp that only the whole will have is nobody's base.
    let answer =
        operate(&app, json!([edit(json!({ "first_name": "Joe", "updated_in_db_at": second(3) }))])).await;
    answer.assert_refused(409, &["stale"]);
}

#[actix_web::test]
async fn a_row_of_an_earlier_operation_needs_no_stamp_and_a_stored_one_does() {
    let app = TestApp::new();
    let operations = json!([
        add_site(SITE, "https://a.example"),
        update_site(SITE, json!({ "url": "https://b.example", "updated_in_db_at": second(9) })),
        remove("websites", SITE),
    ]);
    let answer = operate(&app, operations).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    // It was never seen, but its id is used up, as if the three had come one by one.
    let deleted = app.send(TestRequest::get().uri("/api/v2/deleted_records")).await.json();
    assert_eq!(deleted["data"][0]["attributes"]["deletable_id"], SITE, "{deleted}");
    let again = json!([add_site(SITE, "https://a.example")]);
    operate(&app, again.clone()).await.assert_refused(409, &["deleted"]);
    let twice = json!([
        add_site(OTHER, "https://a.example"),
        remove("websites", OTHER),
        add_site(OTHER, "https://a.example")
    ]);
    operate(&app, twice).await.assert_refused(409, &["deleted"]);
    operate(&app, json!([add_site(OTHER, "https://a.example")])).await;
    operate(&app, json!([update_site(OTHER, json!({ "url": "https://b.example" }))]))
        .await
        .assert_refused(409, &["stamp_missing", "stale"]);
}

#[actix_web::test]
async fn an_operation_finds_what_the_ones_before_made_of_the_user() {
    let app = TestApp::new();
    app.change(|connection| {
        use {account_list_users as m, account_lists as l};
        NewUser::new(id(OTHER), "Finn", stamp(MADE_AT))
            .and_then(|finn| finn.account_list(id(OTHER), "In Germany"))
            .expect("a user")
            .insert(connection)?;
        let joined = (
            m::person_id.eq(id(REY)),
            m::account_list_id.eq(id(OTHER)),
            m::created_at.eq(stamp(MADE_AT + 1)),
        );
        diesel::insert_into(m::table).values(joined).execute(connection)?;
        diesel::update(l::table.find(id(OTHER))).set(l::home_country.eq("DE")).execute(connection)
    });
    let phone =
        json!({ "op": "add", "data": { "type": "phone_numbers", "attributes": { "number": "030 901820" } } });
    let moved = edit(json!({ "preferences": { "default_account_list": OTHER }, "overwrite": true }));
    let answer = operate(&app, json!([phone, moved, phone])).await;
    let results = &answer.json()["atomic:results"];
    let number = |place: usize| &results[place]["data"]["attributes"]["number"];
    assert_eq!((number(0), number(2)), (&json!("030 901820"), &json!("+4930901820")), "{}", answer.text());
    // A time of the device's own is kept as in requests one after the other: until the next edit without one.
    let own = "2021-05-05T05:05:05Z";
    for (edits, expected) in [
        (vec![json!({ "gender": "a", "updated_at": own })], own.to_owned()),
        (vec![json!({ "gender": "b", "updated_at": own }), json!({ "gender": "c" })], second(3)),
    ] {
        let edits = edits.into_iter().map(|mut attributes| {
            attributes["overwrite"] = json!(true);
            edit(attributes)
        });
        assert_eq!(operate(&app, edits.collect()).await.status, 200);
        assert_eq!(app.attributes().await["updated_at"], expected);
    }
}

#[actix_web::test]
async fn operations_that_change_nothing_move_nothing() {
    let app = TestApp::new();
    let before = app.get().await;
    let answer = operate(
        &app,
        json!([
            edit(json!({ "first_name": "Rey", "updated_in_db_at": STAMP })),
            json!({ "op": "update", "data": { "type": "email_addresses", "id": EMAIL,
                "attributes": { "email": "rey@example.com", "updated_in_db_at": STAMP } } }),
        ]),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["atomic:results"][0]["data"], before.json()["data"]);
    assert_eq!(answer.json()["meta"]["user"]["updated_in_db_at"], STAMP);
    assert_eq!(app.get().await.header("etag"), before.header("etag"));
}

#[actix_web::test]
async fn a_repeated_queue_is_done_once_and_answered_with_the_same_bytes() {
    let app = TestApp::new();
    let operations = json!([
        edit(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })),
        json!({ "op": "add", "data": { "type": "websites", "attributes": { "url": "https://a.example" } } }),
    ]);
    let send = |app| {
        let request = request(&operations).insert_header(("Idempotency-Key", "queue-1"));
        async move { TestApp::send(app, request).await }
    };
    let first = send(&app).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let other_node = app.second_node();
    for again in [send(&app).await, send(&other_node).await] {
        assert_eq!((again.status, again.text()), (200, first.text()));
        assert_eq!(again.header("content-type"), Some(ANSWER));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    let sites = app.send(TestRequest::get().uri(&format!("{USER}/websites"))).await.json();
    assert_eq!(sites["meta"]["pagination"]["total_count"], 1, "{sites}");
    // A refusal is kept too.
    let refused = request(&json!([edit(json!({ "first_name": "Joe", "updated_in_db_at": STAMP }))]));
    let first = app.send(refused.insert_header(("Idempotency-Key", "queue-2"))).await;
    first.assert_refused(409, &["stale"]);
    let refused = request(&json!([edit(json!({ "first_name": "Joe", "updated_in_db_at": STAMP }))]));
    let again = app.send(refused.insert_header(("Idempotency-Key", "queue-2"))).await;
    assert_eq!((again.status, again.text()), (409, first.text()));
    let other = request(&json!([edit(json!({ "first_name": "Jim", "overwrite": true }))]));
    let other = app.send(other.insert_header(("Idempotency-Key", "queue-2"))).await;
    other.assert_refused(422, &["key_reused"]);
}

#[actix_web::test]
async fn what_is_not_applied_is_named_at_its_result() {
    let app = TestApp::new();
    let answer = operate(
        &app,
        json!([
            edit(json!({ "shoe_size": 44, "overwrite": true })),
            json!({ "op": "add", "data": { "type": "websites", "attributes": {
                "url": "https://a.example", "color": "red" } } }),
        ]),
    )
    .await;
    let results = &answer.json()["atomic:results"];
    assert_eq!(results[0]["meta"], json!({ "ignored_attributes": ["shoe_size"] }));
    assert_eq!(results[1]["meta"], json!({ "ignored_attributes": ["color"] }));
}

#[actix_web::test]
async fn a_queue_that_comes_back_to_what_was_is_no_change() {
    let app = TestApp::new();
    operate(&app, json!([add_site(SITE, "https://a.example")])).await;
    let before = app.get().await;
    let row = second(1);
    let operations = json!([
        edit(json!({ "first_name": "Jack", "overwrite": true })),
        update_site(SITE, json!({ "primary": true, "updated_in_db_at": row })),
        edit(json!({ "first_name": "Rey", "overwrite": true })),
        update_site(SITE, json!({ "primary": false, "updated_in_db_at": row })),
    ]);
    app.clock.advance(9);
    let answer = operate(&app, operations).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["atomic:results"][3]["data"]["attributes"]["updated_at"], row);
    let after = app.get().await;
    assert_eq!((after.text(), after.header("etag")), (before.text(), before.header("etag")));
}

#[actix_web::test]
async fn what_a_queue_may_name_is_bounded() {
    let app = TestApp::with(|state| state.limits.body = 8 * 1024 * 1024);
    let contacts = vec![SITE; 1000];
    let update = edit(json!({ "parent_contacts": contacts, "overwrite": true }));
    let answer = operate(&app, json!(vec![update; 11])).await;
    answer.assert_refused(400, &["too_long"]);
    assert_eq!(answer.error()["source"]["pointer"], "/atomic:operations/10");
}

#[actix_web::test]
async fn results_do_not_repeat_what_is_large() {
    let app = TestApp::new();
    let large = json!({ "preferences": { "state": "x".repeat(60_000) }, "overwrite": true });
    app.put(large).await.assert_ok();
    let update = edit(json!({ "gender": "x", "overwrite": true }));
    let answer = operate(&app, json!(vec![update; 100])).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.len() < 300_000, "{}", answer.body.len());
}
