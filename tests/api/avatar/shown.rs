//! The picture at its URL, and the avatar in documents.

use actix_web::http::Method;
use actix_web::http::header::IF_NONE_MATCH;
use actix_web::test::TestRequest;
use serde_json::json;

use super::{PROFILE, avatar, get, path, pictures, set};
use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, USER, id, stamp};
use crate::support::form::{jpeg, png};
use steward::clock::Clock as _;
use steward::users::create::NewUser;

const PLACEHOLDER: &str = "https://mpdx.org/images/avatar.png";
const FINN: &str = "11111111-1111-4111-8111-111111111111";

#[actix_web::test]
async fn a_picture_is_shown_to_everybody_and_kept_for_a_year() {
    let app = TestApp::new();
    let url = set(&app, "image/png", &png()).await;
    let answer = get(&app, &url).await;
    assert_eq!((answer.status, &answer.body), (200, &png()));
    for (name, value) in [
        ("cache-control", "public, max-age=31536000, immutable"),
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let tag = answer.header("etag").expect("a tag").to_owned();
    assert!(tag.len() == 66 && tag.starts_with('"'), "strong: {tag}");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"a\", {tag}"), "*".to_owned()] {
        let request = TestRequest::get().uri(path(&url)).insert_header((IF_NONE_MATCH, known));
        let answer = app.send_as(None, request).await;
        assert_eq!((answer.status, answer.body.len()), (304, 0));
        assert_eq!(answer.header("etag"), Some(tag.as_str()));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
    }
    let request = TestRequest::get().uri(path(&url)).insert_header((IF_NONE_MATCH, "\"a\""));
    assert_eq!(app.send_as(None, request).await.status, 200);
    let head = TestRequest::default().method(Method::HEAD).uri(path(&url));
    let head = app.send_as(None, head).await;
    assert_eq!((head.status, head.header("etag")), (200, Some(tag.as_str())));
    assert!(head.body.is_empty(), "nothing of it is read");
}

#[actix_web::test]
async fn nobody_finds_a_picture_without_its_whole_url() {
    let app = TestApp::new();
    let url = set(&app, "image/png", &png()).await;
    let own = path(&url);
    let token = own.rsplit_once('/').expect("a token").1;
    assert_eq!(token.len(), 32, "128 bits");
    let zeros = "0".repeat(32);
    for (wrong, code) in [
        (format!("/pictures/{REY}/{zeros}"), "not_found"),
        (format!("/pictures/{FINN}/{token}"), "not_found"),
        (
            format!("/pictures/{REY}/{}", token.to_uppercase().replace(char::is_numeric, "A")),
            "route_not_found",
        ),
        (format!("/pictures/{REY}"), "route_not_found"),
        (format!("/pictures/{token}"), "route_not_found"),
        (format!("{own}0"), "route_not_found"),
    ] {
        let answer = app.send_as(None, TestRequest::get().uri(&wrong)).await;
        answer.assert_refused(404, &[code]);
        assert!(answer.header("cache-control").is_none_or(|value| !value.contains("immutable")));
    }
    app.call(Method::PUT, own, None).await.assert_refused(405, &["method_not_allowed"]);
    let other = set(&app, "image/jpeg", &jpeg()).await;
    assert_ne!(other, url);
}

#[actix_web::test]
async fn a_picture_that_was_replaced_or_removed_is_gone() {
    let app = TestApp::new();
    let first = set(&app, "image/png", &png()).await;
    let second = set(&app, "image/jpeg", &jpeg()).await;
    get(&app, &first).await.assert_refused(404, &["not_found"]);
    assert_eq!(get(&app, &second).await.status, 200);
    // Through any door: the picture goes with the attribute.
    let shown = app.put(json!({ "avatar": null, "overwrite": true })).await.assert_ok();
    assert_eq!(shown["avatar"], PLACEHOLDER);
    get(&app, &second).await.assert_refused(404, &["not_found"]);
    assert_eq!(pictures(&app), 0);
    let third = set(&app, "image/png", &png()).await;
    let document = json!({ "data": { "type": "people", "attributes": {
        "avatar": "https://example.com/a.png", "overwrite": true } } });
    let shown = app.call(Method::PUT, PROFILE, Some(&document)).await.assert_ok();
    assert_eq!(shown["avatar"], "https://example.com/a.png");
    get(&app, &third).await.assert_refused(404, &["not_found"]);
    assert_eq!(pictures(&app), 0);
}

#[actix_web::test]
async fn the_url_sent_back_is_an_echo_also_under_another_address_of_the_server() {
    let app = TestApp::new();
    let url = set(&app, "image/png", &png()).await;
    let before = app.get().await;
    let elsewhere = format!("https://old.example/steward{}", path(&url));
    let upper =
        url.replace(path(&url), &format!("/pictures{}", path(&url)["/pictures".len()..].to_uppercase()));
    let others = ["?v=1", "#x", "/", "/?v=1#/pictures/x"].map(|end| format!("{url}{end}"));
    for echo in [url.clone(), elsewhere, upper].into_iter().chain(others) {
        let answer = app.put(json!({ "avatar": echo, "overwrite": true })).await;
        answer.assert_ok();
        assert_eq!((&answer.body, answer.header("etag")), (&before.body, before.header("etag")));
    }
    let edited = app.put(json!({ "avatar": url, "first_name": "Jack", "overwrite": true })).await.assert_ok();
    assert_eq!((&edited["avatar"], &edited["first_name"]), (&url.into(), &"Jack".into()));
}

#[actix_web::test]
async fn the_url_of_a_picture_that_is_gone_takes_nothing_away_and_is_named() {
    let app = TestApp::new();
    let gone = set(&app, "image/png", &png()).await;
    let url = set(&app, "image/jpeg", &jpeg()).await;
    let answer = app.put(json!({ "avatar": gone, "first_name": "Jack", "overwrite": true })).await;
    let shown = answer.assert_ok();
    assert_eq!((&shown["avatar"], &shown["first_name"]), (&url.clone().into(), &"Jack".into()));
    assert_eq!(answer.json()["meta"]["ignored_attributes"], json!(["avatar"]));
    assert_eq!(get(&app, &url).await.status, 200);
}

#[actix_web::test]
async fn others_see_the_picture_as_well() {
    let app = TestApp::new();
    app.change(|connection| {
        let finn = NewUser::new(id(FINN), "Finn", stamp(MADE_AT));
        let finn = finn.and_then(|finn| finn.account_list(id(ACCOUNT_LIST), "-"));
        finn.expect("Finn").insert(connection)
    });
    let url = set(&app, "image/png", &png()).await;
    let token = app.state.tokens.issue(id(FINN), app.clock.now(), 0, 3600).expect("a token");
    let request = TestRequest::get().uri(&format!("{USER}?include=account_lists.users"));
    let answer = app.send_as(Some(&token), request).await.json();
    let rey = answer["included"].as_array().expect("included").iter().find(|one| one["id"] == REY);
    assert_eq!(rey.expect("Rey")["attributes"]["avatar"], url);
}

#[actix_web::test]
async fn who_is_deleted_takes_his_picture_along() {
    use diesel::prelude::*;
    use steward::db::schema::people;
    let app = TestApp::new();
    let url = set(&app, "image/png", &png()).await;
    assert_eq!(avatar(&app).await, url);
    app.change(|connection| diesel::delete(people::table.find(id(REY))).execute(connection));
    get(&app, &url).await.assert_refused(404, &["not_found"]);
    assert_eq!(pictures(&app), 0);
}
