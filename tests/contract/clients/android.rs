//! The Android library (Kotlin, offline-first). It writes rows as it would write the user.

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE};
use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

use super::{EMAIL, STALE, edit, get, request, send, text};
use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, REY, STAMP, USER, id};

fn email(attributes: Value) -> Value {
    json!({ "data": { "type": "email_addresses", "id": EMAIL, "attributes": attributes } })
}

/// 2, headers: no `Accept`, compression accepted, languages of many forms.
#[actix_web::test]
async fn the_headers_of_okhttp_are_taken() {
    let app = TestApp::new();
    for language in ["fr_FR", "de", "ko", "th", "es-419", "id", "it", "ar", "tr", "ru", "en"] {
        let request = request().insert_header((ACCEPT_LANGUAGE, language));
        let answer = app.send(request.insert_header((ACCEPT_ENCODING, "gzip"))).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, Some("gzip")), "{language}");
    }
}

/// 2, headers: every path but a few gets it; one's own list changes nothing, another's is not told of.
#[actix_web::test]
async fn every_path_takes_the_account_list_filter() {
    let app = TestApp::new();
    let row = format!("user/email_addresses/{EMAIL}");
    for path in ["user", "users/me", "user/email_addresses", "user/account_lists", "user/master_person", &row]
    {
        let own = get(&app, &format!("{path}?filter[account_list_id]={ACCOUNT_LIST}")).await;
        let plain = get(&app, path).await;
        assert_eq!((own.status, &own.json()["data"]), (200, &plain.json()["data"]), "{path}");
        get(&app, &format!("{path}?filter[account_list_id]={REY}")).await.assert_refused(404, &["not_found"]);
    }
}

/// 2, "Partial update": the changed fields with the stamp, and nothing else.
#[actix_web::test]
async fn a_partial_update_with_the_stamp_is_applied() {
    let app = TestApp::new();
    let attributes = json!({ "last_name": "Solo", "employer": null, "updated_in_db_at": STAMP });
    assert_eq!(app.put_document(&edit(attributes)).await.assert_ok()["last_name"], "Solo");
    let path = format!("user/email_addresses/{EMAIL}");
    let document = email(json!({ "location": "Home", "updated_in_db_at": STAMP }));
    assert_eq!(send(&app, Method::PUT, &path, &document).await.assert_ok()["location"], "Home");
}

/// 2, "Partial update" and "Errors": a stamp that the phone could not read is null; the answer's text makes it fetch.
#[actix_web::test]
async fn a_stamp_that_is_null_is_400_with_the_text_that_makes_android_fetch() {
    let app = TestApp::new();
    let answer = app.put_document(&edit(json!({ "first_name": "Jack", "updated_in_db_at": null }))).await;
    assert_eq!((answer.status, &answer.error()["detail"]), (400, &json!("no time information in \"\"")));
    let path = format!("user/email_addresses/{EMAIL}");
    let answer = send(&app, Method::PUT, &path, &email(json!({ "updated_in_db_at": null }))).await;
    assert_eq!((answer.status, &answer.error()["detail"]), (400, &json!("no time information in \"\"")));
}

/// 2, "Reading".
#[actix_web::test]
async fn the_user_has_what_android_reads() {
    let app = TestApp::new();
    let document = app.get().await.json();
    assert_eq!(document["data"]["type"], "users");
    let attributes = &document["data"]["attributes"];
    assert!(["first_name", "avatar"].iter().all(|name| attributes[name].is_string()));
    assert!(attributes.get("last_name").is_some(), "there, though null");
    let preferences = &attributes["preferences"];
    for name in ["default_account_list", "setup"] {
        let value = preferences.get(name).unwrap_or_else(|| panic!("{name}"));
        assert!(value.is_null() || value.is_string(), "{name}: {value}");
    }
}

/// 2, "Reading": each of the texts that it knows; that null follows is shown in `api::preferences`.
#[actix_web::test]
async fn setup_is_one_of_the_three_texts_that_android_knows() {
    let app = TestApp::new();
    let setup = async |app: &TestApp| app.attributes().await["preferences"]["setup"].clone();
    assert_eq!(setup(&app).await, "no default_account_list");
    let list = json!({ "preferences": { "default_account_list": ACCOUNT_LIST }, "overwrite": true });
    app.put(list).await.assert_ok();
    assert_eq!(setup(&app).await, "no organization_account on default_account_list");
    app.change(|connection| connection.batch_execute("DELETE FROM account_list_users"));
    assert_eq!(setup(&app.second_node()).await, "no account_lists");
}

/// 2, "Reading": if the id changed the phone would wipe what it has.
#[actix_web::test]
async fn the_users_id_stays() {
    let app = TestApp::new();
    for name in ["Jack", "Rey"] {
        let answer = app.put(json!({ "first_name": name, "overwrite": true })).await;
        assert_eq!(answer.json()["data"]["id"], REY);
    }
    assert_eq!(app.second_node().get().await.json()["data"]["id"], REY);
}

/// 2, "Errors": 401 is the only status upon which it signs in again.
#[actix_web::test]
async fn a_token_that_has_ended_is_401_and_not_403() {
    let app = TestApp::new();
    app.clock.advance(3601);
    app.get().await.assert_refused(401, &["unauthorized"]);
    let other = app.state.tokens.issue(id(EMAIL), steward::clock::Clock::now(&*app.clock), 0, 60);
    let other = other.expect("a token of nobody");
    for token in [None, Some("x"), Some(other.as_str())] {
        app.send_as(token, TestRequest::get().uri(USER)).await.assert_refused(401, &["unauthorized"]);
    }
}

/// 2, "Errors": fetch again, put one's own changes over it, send with the new time.
#[actix_web::test]
async fn a_conflict_ends_with_a_fetch_and_a_second_try() {
    let app = TestApp::new();
    app.put(json!({ "employer": "Cru", "overwrite": true })).await.assert_ok();
    let mine = |stamp: &Value| edit(json!({ "last_name": "Solo", "updated_in_db_at": stamp }));
    let refused = app.put_document(&mine(&json!(STAMP))).await;
    assert!(refused.status == 409 && text(&refused.error()["detail"]).starts_with(STALE));
    let fetched = app.attributes().await["updated_in_db_at"].clone();
    assert_eq!(refused.error()["meta"]["updated_in_db_at"], fetched, "told at once");
    let shown = app.put_document(&mine(&fetched)).await.assert_ok();
    assert_eq!((&shown["last_name"], &shown["employer"]), (&json!("Solo"), &json!("Cru")));
}

/// 2, "Errors": a create whose answer was lost is sent again.
#[actix_web::test]
async fn a_row_that_is_there_already_is_told_in_the_databases_words() {
    let app = TestApp::new();
    let again = json!({ "data": { "type": "email_addresses", "id": EMAIL, "attributes": { "email": "a@example.com" } } });
    let answer = send(&app, Method::POST, "user/email_addresses", &again).await;
    assert_eq!(answer.status, 409);
    assert!(text(&answer.error()["detail"]).contains("duplicate key value violates unique constraint"));
}

/// 2, "Errors": texts of 400 that it compares.
#[actix_web::test]
async fn faults_are_400_in_the_words_that_android_compares() {
    let app = TestApp::new();
    let answer = app.put(json!({ "first_name": "", "updated_in_db_at": STAMP })).await;
    assert_eq!((answer.status, &answer.error()["detail"]), (400, &json!("First name can't be blank")));
    let taken =
        json!({ "data": { "type": "email_addresses", "attributes": { "email": "Rey@Example.com" } } });
    let answer = send(&app, Method::POST, "user/email_addresses", &taken).await;
    assert_eq!((answer.status, &answer.error()["detail"]), (400, &json!("Email has already been taken")));
}

/// 2, "Errors": the attribute is the last segment of the pointer.
#[actix_web::test]
async fn a_value_of_another_system_is_told_with_the_ending_and_the_pointer_that_android_reads() {
    let app = TestApp::new();
    app.change(|connection| connection.batch_execute("UPDATE email_addresses SET source = 'Siebel'"));
    let document = email(json!({ "email": "b@example.com", "overwrite": true }));
    let answer = send(&app, Method::PUT, &format!("user/email_addresses/{EMAIL}"), &document).await;
    assert_eq!(answer.status, 400);
    let error = answer.error();
    let ending = "cannot be changed because the source is not MPDX or TntImport";
    assert!(text(&error["detail"]).ends_with(ending), "{error}");
    assert!(text(&error["source"]["pointer"]).ends_with("/email"), "{error}");
}

/// 2, "Errors": a delete that was done already counts as done.
#[actix_web::test]
async fn what_is_gone_is_404_in_the_words_that_android_matches() {
    let app = TestApp::new();
    let path = format!("user/email_addresses/{EMAIL}");
    assert_eq!(app.call(Method::DELETE, &format!("/api/v2/{path}"), None).await.status, 204);
    let edit = email(json!({ "location": "Home", "updated_in_db_at": STAMP }));
    for answer in [
        app.call(Method::DELETE, &format!("/api/v2/{path}"), None).await,
        send(&app, Method::PUT, &path, &edit).await,
        get(&app, &path).await,
    ] {
        assert_eq!(answer.status, 404);
        assert_eq!(answer.error()["detail"], format!("Couldn't find EmailAddress with 'id'={EMAIL}"));
    }
}

/// 2, "Errors": its JSON class reads null as the text "null".
#[actix_web::test]
async fn members_of_errors_that_are_not_known_are_left_out_and_never_null() {
    let app = TestApp::new();
    for answer in [app.put(json!({})).await, get(&app, "x").await, get(&app, "user?x_y=1").await] {
        for error in answer.errors() {
            let members = error.as_object().expect("an object");
            assert!(members.values().all(|value| !value.is_null()), "{error}");
        }
    }
}

/// 2, "What would break it": 422 in place of 409 and 400.
#[actix_web::test]
async fn no_fault_is_422() {
    let app = TestApp::new();
    for attributes in
        [json!({ "first_name": 1 }), json!({ "birthday_day": 32 }), json!({ "title": "x".repeat(256) })]
    {
        let answer = app.put(attributes).await;
        assert!([400, 409].contains(&answer.status), "{}", answer.text());
    }
}

/// 2, "Queue": a record's own changes in one PUT, many records at once.
#[actix_web::test]
async fn a_burst_of_rows_after_hours_offline_is_taken() {
    let app = TestApp::new();
    let rows: Vec<_> = (0..20)
        .map(|n| json!({ "data": { "type": "websites", "attributes": { "url": format!("u{n}") } } }))
        .collect();
    let sent = rows.iter().map(|row| send(&app, Method::POST, "user/websites", row));
    for answer in futures_util::future::join_all(sent).await {
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    assert_eq!(get(&app, "user/websites").await.json()["meta"]["pagination"]["total_count"], 20);
}
