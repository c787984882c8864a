//! The web client, a page that runs in browsers.

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{EMAIL, PAGE_LOAD, edit, get, request, send, text};
use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, JSON_API, REY, USER};

/// 1, headers: all on every call, a media type on GET and DELETE too.
#[actix_web::test]
async fn the_web_clients_headers_are_taken_with_every_method() {
    let app = TestApp::new();
    for language in ["en-US", "en", "fr-FR", "zh-Hans-CN", "x"] {
        let get = request().insert_header((ACCEPT, JSON_API)).insert_header((ACCEPT_LANGUAGE, language));
        assert_eq!(app.send(get).await.status, 200, "{language}");
    }
    let delete = TestRequest::delete().uri(&format!("{USER}/email_addresses/{EMAIL}"));
    let delete = delete.insert_header((CONTENT_TYPE, JSON_API)).insert_header((ACCEPT, JSON_API));
    assert_eq!(app.send(delete).await.status, 204, "a media type without a body");
}

/// 1, headers: browsers ask first, without a token.
#[actix_web::test]
async fn the_preflight_of_each_method_is_allowed_with_the_web_clients_headers() {
    let app = TestApp::new();
    let headers = "accept,accept-language,authorization,content-type,x-http-method-override";
    for path in [USER, "/api/v2/user/email_addresses", "/api/v2/contacts/people/me"] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let request = TestRequest::with_uri(path).method(Method::OPTIONS);
            let request = request.insert_header(("Origin", "https://mpdx.org"));
            let request = request.insert_header(("Access-Control-Request-Method", method));
            let request = request.insert_header(("Access-Control-Request-Headers", headers));
            let answer = app.send_as(None, request).await;
            assert_eq!(answer.status, 200, "{method} {path}");
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            let allowed = |name: &str| answer.header(name).expect("what is allowed").to_ascii_lowercase();
            assert!(allowed("access-control-allow-methods").contains(&method.to_ascii_lowercase()));
            assert!(headers.split(',').all(|name| allowed("access-control-allow-headers").contains(name)));
        }
    }
    let answer = app.send(request().insert_header(("Origin", "https://mpdx.org"))).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

/// 1, headers: objects in queries are in the style of jQuery, and a sparse list may be empty.
#[actix_web::test]
async fn queries_in_the_style_of_jquery_are_read() {
    let app = TestApp::new();
    let answer =
        get(&app, &format!("user?fields%5Bprimary_appeal%5D=&filter%5Baccount_list_id%5D={ACCOUNT_LIST}"))
            .await;
    assert_eq!(answer.text(), app.get().await.text());
}

/// 1, "every page load", and "Reading answers".
#[actix_web::test]
async fn the_page_load_has_what_the_web_client_reads() {
    let app = TestApp::new();
    let document = get(&app, PAGE_LOAD).await.json();
    assert_eq!(document["data"]["id"], REY);
    let preferences = &document["data"]["attributes"]["preferences"];
    assert!(
        preferences.is_object() && preferences["default_account_list"].is_null(),
        "strictly null, or a text"
    );
    let included = |kind: &str| {
        let all = document["included"].as_array().expect("included");
        all.iter().find(|one| one["type"] == kind).unwrap_or_else(|| panic!("{kind}")).clone()
    };
    let list = included("account_lists");
    assert_eq!(
        (&list["id"], &list["attributes"]["name"]),
        (&json!(ACCOUNT_LIST), &json!("Rey's account list"))
    );
    let email = included("email_addresses")["attributes"].clone();
    assert_eq!((&email["email"], &email["primary"]), (&json!("rey@example.com"), &json!(true)));
}

/// 1, "weekly report page".
#[actix_web::test]
async fn the_user_is_read_without_a_query() {
    assert_eq!(get(&TestApp::new(), "user").await.json()["data"]["type"], "users");
}

/// 1, "What a save sends": one changed preference sends them all, the read-only ones too.
#[actix_web::test]
async fn a_save_sends_the_whole_preferences_back() {
    let app = TestApp::new();
    let mut preferences = app.attributes().await["preferences"].clone();
    preferences["locale"] = json!("fr-FR");
    let answer = app.put_document(&edit(json!({ "preferences": preferences, "overwrite": true }))).await;
    assert_eq!(answer.assert_ok()["preferences"], preferences);
    assert_eq!(answer.json().get("meta"), None, "an echo is nothing that was ignored");
}

/// 1, "What a save sends": whatever it may not send is dropped, and this is left.
#[actix_web::test]
async fn overwrite_alone_is_200_and_changes_nothing() {
    let app = TestApp::new();
    let before = app.get().await;
    let answer = app.put_document(&edit(json!({ "overwrite": true }))).await;
    assert_eq!((answer.status, answer.text()), (200, before.text()));
    assert_eq!(answer.header("etag"), before.header("etag"));
}

/// 1, "What a save sends".
#[actix_web::test]
async fn null_clears_and_what_is_left_out_stays() {
    let app = TestApp::new();
    app.put(json!({ "last_name": "Solo", "employer": "Cru", "overwrite": true })).await.assert_ok();
    let shown = app.put_document(&edit(json!({ "last_name": null, "overwrite": true }))).await.assert_ok();
    assert_eq!((&shown["last_name"], &shown["employer"]), (&Value::Null, &json!("Cru")));
    app.put(json!({ "first_name": null, "overwrite": true })).await.assert_refused(400, &["blank"]);
}

/// 1, "What a save sends": a request may have a top-level `included`, here of what is read only.
#[actix_web::test]
async fn included_resources_in_a_request_are_no_fault() {
    let app = TestApp::new();
    let read = get(&app, "user?include=account_lists").await.json();
    let mut echo = edit(json!({ "first_name": "Jack", "overwrite": true }));
    echo["included"] = read["included"].clone();
    echo["data"]["relationships"] = read["data"]["relationships"].clone();
    assert_eq!(app.put_document(&echo).await.assert_ok()["first_name"], "Jack");
}

/// 1, "What a save sends": e-mail addresses are linkage with a top-level `included`.
#[actix_web::test]
async fn email_addresses_are_saved_through_linkage_and_included() {
    let app = TestApp::new();
    let mut document = edit(json!({ "overwrite": true }));
    let linkage = json!({ "data": [{ "type": "email_addresses", "id": EMAIL }] });
    document["data"]["relationships"] = json!({ "email_addresses": linkage });
    let attributes = json!({ "email": "rey@example.org", "primary": true });
    document["included"] = json!([{ "type": "email_addresses", "id": EMAIL, "attributes": attributes }]);
    app.put_document(&document).await.assert_ok();
    let shown = get(&app, PAGE_LOAD).await.json()["included"].clone();
    let is_email = |one: &&Value| one["type"] == "email_addresses";
    let emails: Vec<_> = shown.as_array().expect("included").iter().filter(is_email).collect();
    assert_eq!(emails.len(), 1);
    assert_eq!(
        (&emails[0]["id"], &emails[0]["attributes"]["email"]),
        (&json!(EMAIL), &json!("rey@example.org"))
    );
}

/// 1, "What a save sends": keys of its own, underscored, come back.
#[actix_web::test]
async fn preferences_that_nobody_knows_come_back() {
    let app = TestApp::new();
    let state =
        json!({ "locale_display": "Deutsch", "column_widths": { "a_b": [1, null] }, "tasks_filter": "{}" });
    app.put(json!({ "preferences": state, "overwrite": true })).await.assert_ok();
    let shown = app.attributes().await["preferences"].clone();
    assert!(state.as_object().expect("members").iter().all(|(name, value)| shown[name] == *value), "{shown}");
}

/// 1, "Odd ids".
#[actix_web::test]
async fn the_id_undefined_is_no_id() {
    let app = TestApp::new();
    let mut document = edit(json!({ "first_name": "Jack", "overwrite": true }));
    document["data"]["id"] = json!("undefined");
    assert_eq!(app.put_document(&document).await.assert_ok()["first_name"], "Jack");
    let body = json!({ "data": { "id": "undefined", "type": "email_addresses", "attributes": {} } });
    let path = format!("user/email_addresses/{EMAIL}");
    assert_eq!(send(&app, Method::DELETE, &path, &body).await.status, 204);
}

/// 1, "option removed" and "What would break it": a DELETE has a body, whose type may be odd.
#[actix_web::test]
async fn a_delete_with_a_body_deletes() {
    let app = TestApp::new();
    let body = json!({ "data": { "id": EMAIL, "type": "cbb8d3f5s", "attributes": { "overwrite": true } } });
    assert_eq!(send(&app, Method::DELETE, &format!("user/email_addresses/{EMAIL}"), &body).await.status, 204);
    assert_eq!(get(&app, "user/email_addresses").await.json()["data"], json!([]));
}

/// 1, "Edit my profile": the user is also a person, with the same stamp.
#[actix_web::test]
async fn the_profile_page_writes_the_user_as_a_person() {
    let app = TestApp::new();
    let path = format!("contacts/people/{REY}");
    assert_eq!(get(&app, &path).await.json()["data"]["type"], "people");
    let before = app.stamp().await;
    let attributes = json!({ "occupation": "Pilot", "overwrite": true });
    let document = json!({ "data": { "type": "people", "id": REY, "attributes": attributes } });
    assert_eq!(send(&app, Method::PUT, &path, &document).await.assert_ok()["occupation"], "Pilot");
    let user = app.attributes().await;
    assert_eq!(user["occupation"], "Pilot");
    assert_ne!(user["updated_in_db_at"], before);
}

/// 1, "Retry bug": the type is lost, so nobody can tell what was meant.
#[actix_web::test]
async fn the_retry_that_lost_its_type_is_409_and_never_200() {
    let app = TestApp::new();
    let mut document = edit(json!({ "overwrite": true }));
    document["data"]["type"] = json!("v2s");
    let answer = app.put_document(&document).await;
    answer.assert_refused(409, &["type_conflict"]);
    let detail = answer.error()["detail"].clone();
    assert_eq!(
        text(&detail),
        "'v2s' is not a valid resource type for this endpoint. Expected 'users' instead"
    );
}

/// 1, "What would break it": a cap on pages that drops rows in silence.
#[actix_web::test]
async fn ten_thousand_a_page_is_everything() {
    let app = TestApp::new();
    for n in 0..30 {
        let site = json!({ "data": { "type": "websites", "attributes": { "url": format!("u{n}") } } });
        assert_eq!(send(&app, Method::POST, "user/websites", &site).await.status, 201);
    }
    let list = get(&app, "user/websites?per_page=10000").await.json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(30));
    assert_eq!(list["meta"]["pagination"]["total_pages"], 1);
}
