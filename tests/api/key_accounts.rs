//! `/api/v2/user/key_accounts`: rows of which no two users may have the same remote id (`mpdx-behaviour.md` 1.7, 4.6 and
//! 5.1, `clients.md` 1).

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, IF_MATCH};
use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use futures_util::future::join;
use serde_json::{Value, json};
use steward::clock::Clock as _;
use steward::db::schema::{key_accounts, owners};
use steward::id::Id;
use steward::users::create::{self, NewUser};

use crate::support::app::{JSON_API, MADE_AT, REY, STAMP, USER, id, stamp};
use crate::support::backend::only_on_postgres;
use crate::support::{Answer, TestApp};

const FINN: &str = "11111111-1111-4111-8111-111111111111";
const MADE_BY_CLIENT: &str = "33333333-3333-4333-8333-333333333333";

fn account(attributes: Value) -> Value {
    json!({ "data": { "type": "key_accounts", "attributes": attributes } })
}

fn known_as(remote_id: &str) -> Value {
    account(json!({ "email": "rey@example.com", "remote_id": remote_id }))
}

async fn send(app: &TestApp, method: Method, path: &str, document: Option<&Value>) -> Answer {
    app.call(method, &format!("{USER}/key_accounts{path}"), document).await
}

async fn send_as(app: &TestApp, token: &str, method: Method, path: &str, document: Option<&Value>) -> Answer {
    let mut request = TestRequest::with_uri(&format!("{USER}/key_accounts{path}")).method(method);
    if let Some(document) = document {
        request = request.insert_header((CONTENT_TYPE, JSON_API)).set_payload(document.to_string());
    }
    app.send_as(Some(token), request).await
}

/// Makes one; returns the end of its path.
async fn make(app: &TestApp, remote_id: &str) -> String {
    let answer = send(app, Method::POST, "", Some(&known_as(remote_id))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    format!("/{}", answer.json()["data"]["id"].as_str().expect("an id"))
}

/// Another user; returns his token.
fn finn(app: &TestApp) -> String {
    app.change(|connection| {
        NewUser::new(id(FINN), "Finn", stamp(MADE_AT)).expect("a user").insert(connection)
    });
    app.state.tokens.issue(id(FINN), app.clock.now(), 0, 3600).expect("a token")
}

#[actix_web::test]
async fn a_key_account_is_made_read_changed_and_deleted() {
    let app = TestApp::new();
    let document = json!({ "data": { "type": "key_accounts", "id": MADE_BY_CLIENT, "attributes": {
        "email": "rey@example.com", "first_name": "Rey", "last_name": "S", "remote_id": "F167605D", "primary": true,
        "last_download": STAMP, "relay_remote_id": "F1" } } });
    let made = send(&app, Method::POST, "", Some(&document)).await;
    let path = format!("/{MADE_BY_CLIENT}");
    assert_eq!(
        made.header("location"),
        Some(format!("{USER}/key_accounts{path}").as_str()),
        "{}",
        made.text()
    );
    let expected = json!({
        "created_at": STAMP, "email": "rey@example.com", "first_name": "Rey", "last_download": null,
        "last_name": "S", "primary": false, "remote_id": "F167605D", "updated_at": STAMP, "updated_in_db_at": STAMP,
    });
    let names: Vec<_> = expected.as_object().expect("members").keys().collect();
    let shown = made.json();
    assert_eq!((made.status, &shown["data"]["attributes"]), (201, &expected));
    assert_eq!(shown["data"]["attributes"].as_object().expect("members").keys().collect::<Vec<_>>(), names);
    assert!(shown["data"].get("relationships").is_none(), "{shown}");
    assert_eq!(
        shown["meta"],
        json!({ "ignored_attributes": ["relay_remote_id", "last_download", "primary"] })
    );
    assert_eq!(send(&app, Method::GET, &path, None).await.json()["data"], shown["data"]);
    assert_eq!(send(&app, Method::GET, "", None).await.json()["data"], json!([shown["data"]]));
    for (method, name) in [(Method::PUT, "Kira"), (Method::PATCH, "Rey")] {
        let change = account(json!({ "first_name": name, "overwrite": true }));
        let changed = send(&app, method, &path, Some(&change)).await;
        assert_eq!(changed.assert_ok()["first_name"], name);
    }
    assert_eq!(send(&app, Method::DELETE, &path, None).await.status, 204);
    send(&app, Method::GET, &path, None).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn a_key_account_is_guarded_by_a_stamp_and_a_tag_of_its_own() {
    let app = TestApp::new();
    let path = make(&app, "F1").await;
    let before = app.get().await;
    let put = |name: &str| account(json!({ "first_name": name, "updated_in_db_at": STAMP }));
    let tag = send(&app, Method::GET, &path, None).await.header("etag").expect("a tag").to_owned();
    send(&app, Method::PUT, &path, Some(&put("Kira"))).await.assert_ok();
    send(&app, Method::PUT, &path, Some(&put("Jyn"))).await.assert_refused(409, &["stale"]);
    let request = TestRequest::put().uri(&format!("{USER}/key_accounts{path}"));
    let request = request.insert_header((CONTENT_TYPE, JSON_API)).insert_header((IF_MATCH, tag));
    let document = account(json!({ "first_name": "Jyn" }));
    app.send(request.set_payload(document.to_string())).await.assert_refused(412, &["precondition_failed"]);
    let after = app.get().await;
    assert_eq!((after.text(), after.header("etag")), (before.text(), before.header("etag")));
}

#[actix_web::test]
async fn the_rules_of_key_accounts() {
    let app = TestApp::new();
    make(&app, "F1").await;
    let (email, remote_id) = ("/data/attributes/email", "/data/attributes/remote_id");
    for (attributes, code, detail, pointer) in [
        (json!({ "remote_id": "F2" }), "blank", "Email can't be blank", "/data/attributes"),
        (json!({ "remote_id": "F2", "email": " " }), "blank", "Email can't be blank", email),
        (json!({ "email": "a@b.c" }), "blank", "Remote can't be blank", "/data/attributes"),
        (json!({ "email": "a@b.c", "remote_id": null }), "blank", "Remote can't be blank", remote_id),
        (
            json!({ "email": "a@b.c", "remote_id": 7 }),
            "wrong_type",
            "Remote must be a string or null",
            remote_id,
        ),
        (json!({ "email": "a@b.c", "remote_id": "F1" }), "taken", "Remote has already been taken", remote_id),
    ] {
        let answer = send(&app, Method::POST, "", Some(&account(attributes))).await;
        answer.assert_refused(400, &[code]);
        let error = answer.error();
        assert_eq!((&error["detail"], &error["source"]["pointer"]), (&json!(detail), &json!(pointer)));
    }
    let foreign_key = account(json!({ "email": "a@b.c", "remote_id": "F2", "person_id": REY }));
    send(&app, Method::POST, "", Some(&foreign_key)).await.assert_refused(409, &["reserved_attribute"]);
}

#[actix_web::test]
async fn a_remote_id_is_one_users_until_he_gives_it_back() {
    let app = TestApp::new();
    let finn = finn(&app);
    let path = make(&app, "F1").await;
    let take = |method: Method, path: String, remote_id: &str| {
        let (app, finn) = (&app, &finn);
        let document = account(json!({ "email": "f@b.c", "remote_id": remote_id, "overwrite": true }));
        async move { send_as(app, finn, method, &path, Some(&document)).await }
    };
    let refused = take(Method::POST, String::new(), "F1").await;
    refused.assert_refused(400, &["taken"]);
    assert_eq!(refused.error()["detail"], "Remote has already been taken");
    let his = take(Method::POST, String::new(), "F2").await.json();
    let his = format!("/{}", his["data"]["id"].as_str().expect("an id"));
    take(Method::PUT, his.clone(), "F1").await.assert_refused(400, &["taken"]);
    // What is sent back is one's own.
    take(Method::PUT, his.clone(), "F2").await.assert_ok();
    let other = account(json!({ "remote_id": "F3", "overwrite": true }));
    send(&app, Method::PUT, &path, Some(&other)).await.assert_ok();
    assert_eq!(take(Method::PUT, his, "F1").await.assert_ok()["remote_id"], "F1");
    send(&app, Method::POST, "", Some(&known_as("F1"))).await.assert_refused(400, &["taken"]);
    assert_eq!(send(&app, Method::DELETE, &path, None).await.status, 204);
    assert_eq!(take(Method::POST, String::new(), "F3").await.status, 201);
    assert_eq!(take(Method::POST, String::new(), "f3").await.status, 201, "letters count");
}

#[actix_web::test]
async fn who_is_deleted_gives_his_remote_ids_back() {
    let app = TestApp::new();
    let finn = finn(&app);
    assert_eq!(send_as(&app, &finn, Method::POST, "", Some(&known_as("F1"))).await.status, 201);
    app.change(|connection| create::delete(connection, id(FINN), stamp(MADE_AT)));
    make(&app, "F1").await;
}

#[actix_web::test]
async fn a_key_account_of_another_is_403_and_one_of_nobody_404() {
    let app = TestApp::new();
    let finn = finn(&app);
    let path = make(&app, "F1").await;
    let document = account(json!({ "first_name": "Finn", "overwrite": true }));
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let document = (method != Method::GET && method != Method::DELETE).then_some(&document);
        let refused = send_as(&app, &finn, method.clone(), &path, document).await;
        refused.assert_refused(403, &["forbidden"]);
        let detail = format!(
            "Not allowed to perform that action on the resource with ID {} of type key_accounts",
            &path[1..]
        );
        let error = refused.error();
        assert_eq!((&error["title"], &error["detail"]), (&json!("Forbidden"), &json!(detail)), "{method}");
        let nobodys = format!("/{MADE_BY_CLIENT}");
        send_as(&app, &finn, method, &nobodys, document).await.assert_refused(404, &["not_found"]);
    }
    assert_eq!(send(&app, Method::GET, &path, None).await.assert_ok()["first_name"], Value::Null);
    assert_eq!(send_as(&app, &finn, Method::GET, "", None).await.json()["data"], json!([]));
    assert_eq!(send(&app, Method::DELETE, &path, None).await.status, 204);
    send_as(&app, &finn, Method::GET, &path, None).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn the_web_clients_delete_with_its_odd_body_is_done() {
    let app = TestApp::new();
    for (remote_id, id_sent) in [("F1", Some("undefined")), ("F2", None)] {
        let path = make(&app, remote_id).await;
        // Its type is the id, which the client takes for the name of a resource.
        let mut body = json!({ "data": { "type": format!("{}s", &path[1..]), "attributes": {} } });
        body["data"]["id"] = id_sent.unwrap_or(&path[1..]).into();
        let deleted = send(&app, Method::DELETE, &path, Some(&body)).await;
        assert_eq!((deleted.status, deleted.text()), (204, ""));
    }
    assert_eq!(send(&app, Method::GET, "", None).await.json()["data"], json!([]));
}

#[actix_web::test]
async fn a_repeated_post_of_a_key_account_is_done_once() {
    let app = TestApp::new();
    let post = || {
        let request = TestRequest::post().uri(&format!("{USER}/key_accounts"));
        let request =
            request.insert_header((CONTENT_TYPE, JSON_API)).insert_header(("Idempotency-Key", "k1"));
        app.send(request.set_payload(known_as("F1").to_string()))
    };
    let (first, again) = (post().await, post().await);
    assert_eq!((first.status, again.status, again.text()), (201, 201, first.text()));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}

#[actix_web::test]
async fn of_two_users_who_take_one_remote_id_at_once_one_gets_it_and_the_other_is_told() {
    let app = TestApp::new();
    let (node, finn) = (app.second_node(), finn(&app));
    for round in 0..12 {
        let document = known_as(&format!("F{round}"));
        let (one, other) = join(
            send(&app, Method::POST, "", Some(&document)),
            send_as(&node, &finn, Method::POST, "", Some(&document)),
        )
        .await;
        let (made, refused) = if one.status == 201 { (one, other) } else { (other, one) };
        assert_eq!(made.status, 201, "{}", made.text());
        refused.assert_refused(400, &["taken"]);
    }
    let own = send(&app, Method::GET, "", None).await.json()["meta"]["pagination"]["total_count"].clone();
    let his =
        send_as(&app, &finn, Method::GET, "", None).await.json()["meta"]["pagination"]["total_count"].clone();
    assert_eq!(own.as_u64().expect("a number") + his.as_u64().expect("a number"), 12);
}

/// Sends a POST while another transaction holds the remote id, ends that by `end` as soon as the POST waits for it.
async fn post_while_held(end: &str) -> Answer {
    let app = TestApp::new();
    finn(&app);
    let mut holder = app.connection();
    let hold =
        format!("BEGIN; INSERT INTO owners VALUES ('key_accounts', 'F1', '{FINN}', '{MADE_BY_CLIENT}')");
    holder.batch_execute(&hold).expect("held");
    let node = app.second_node();
    let post =
        actix_web::rt::spawn(async move { send(&node, Method::POST, "", Some(&known_as("F1"))).await });
    let waiting =
        "count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let mut observer = app.connection();
    loop {
        let waiting = diesel::dsl::sql::<BigInt>(waiting);
        if diesel::select(waiting).get_result::<i64>(&mut observer).expect("a number") > 0 {
            break;
        }
        actix_web::rt::task::yield_now().await;
    }
    holder.batch_execute(end).expect("ended");
    post.await.expect("a task")
}

#[actix_web::test]
async fn who_is_about_to_take_a_remote_id_is_waited_for() {
    only_on_postgres!();
    post_while_held("COMMIT").await.assert_refused(400, &["taken"]);
    assert_eq!(post_while_held("ROLLBACK").await.status, 201);
}

#[actix_web::test]
async fn each_remote_id_has_one_owner_whatever_was_written() {
    let app = TestApp::new();
    let path = make(&app, "F1").await;
    make(&app, "F2").await;
    let other = account(json!({ "remote_id": "F3", "first_name": "R", "overwrite": true }));
    send(&app, Method::PUT, &path, Some(&other)).await.assert_ok();
    let refused = account(json!({ "remote_id": "F2", "first_name": "S", "overwrite": true }));
    send(&app, Method::PUT, &path, Some(&refused)).await.assert_refused(400, &["taken"]);
    let mut connection = app.connection();
    let rows =
        key_accounts::table.select((key_accounts::remote_id, key_accounts::person_id, key_accounts::id));
    let mut rows: Vec<(String, Id, Id)> = rows.load(&mut connection).expect("rows");
    let found = owners::table.select((owners::value, owners::person_id, owners::id)).order(owners::value);
    let owners: Vec<(String, Id, Id)> = found.load(&mut connection).expect("rows");
    rows.sort();
    assert_eq!(rows, owners);
    assert_eq!(rows.len(), 2);
}
