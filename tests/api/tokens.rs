//! Bearer tokens (mpdx-behaviour 7).

use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;
use diesel::prelude::*;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use steward::clock::Clock as _;
use steward::db::schema::people;
use steward::users::create;

use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, STAMP, USER, id};
use crate::support::{Answer, TestApp};

const SECRET: &str = "a secret of the tests, long enough";

fn token(header: &Header, claims: &Value, secret: &str) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).expect("a token")
}

async fn get(app: &TestApp, token: &str) -> Answer {
    app.send_as(Some(token), TestRequest::get().uri(USER)).await
}

#[actix_web::test]
async fn a_token_of_the_original_is_accepted() {
    let app = TestApp::new();
    let mut header = Header::new(Algorithm::HS256);
    header.typ = None;
    let exp = MADE_AT + 2_592_000;
    for claims in [
        json!({ "user_id": REY, "exp": exp }),
        json!({ "user_uuid": REY, "exp": exp }),
        json!({ "user_id": REY, "user_uuid": REY, "exp": exp, "iss": "mpdx", "aud": ["web"] }),
    ] {
        assert_eq!(get(&app, &token(&header, &claims, SECRET)).await.status, 200, "{claims}");
    }
}

#[actix_web::test]
async fn every_other_token_is_401_and_looks_the_same() {
    let app = TestApp::new();
    let hs256 = Header::new(Algorithm::HS256);
    let exp = MADE_AT + 60;
    let own = json!({ "user_id": REY, "exp": exp });
    let signed = token(&hs256, &own, SECRET);
    let (head, rest) = signed.split_once('.').expect("three parts");
    let (payload, signature) = rest.split_once('.').expect("three parts");
    // {"alg":"none"}
    let none = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let swapped = token(&hs256, &json!({ "user_id": ACCOUNT_LIST, "exp": exp }), "another secret");
    let other_payload = swapped.split('.').nth(1).expect("three parts");
    for bad in [
        "no token".to_owned(),
        "x.y.z".to_owned(),
        none.clone(),
        format!("{none}{signature}"),
        format!("{head}.{other_payload}.{signature}"),
        format!("{head}.{payload}.{}", signature.to_lowercase()),
        token(&hs256, &own, "another secret"),
        token(&Header::new(Algorithm::HS384), &own, SECRET),
        token(&Header::new(Algorithm::HS512), &own, SECRET),
        token(&hs256, &json!({ "user_id": REY }), SECRET),
        token(&hs256, &json!({ "exp": exp }), SECRET),
        token(&hs256, &json!({ "user_id": REY, "exp": MADE_AT }), SECRET),
        token(&hs256, &json!({ "user_id": REY, "exp": "never" }), SECRET),
        token(&hs256, &json!({ "user_id": "rey", "exp": exp }), SECRET),
        token(&hs256, &json!({ "user_id": ACCOUNT_LIST, "exp": exp }), SECRET),
    ] {
        let answer = get(&app, &bad).await;
        answer.assert_refused(401, &["unauthorized"]);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.error()["detail"], "A valid token is needed: `Authorization: Bearer …`.");
    }
    app.send_as(None, TestRequest::get().uri(USER)).await.assert_refused(401, &["unauthorized"]);
    for header in ["", "   ", "\t", "Bearer", "Bearer  ", "Bearer \t"] {
        let request = TestRequest::get().uri(USER).insert_header((AUTHORIZATION, header));
        app.send_as(None, request).await.assert_refused(401, &["unauthorized"]);
    }
}

#[actix_web::test]
async fn a_remembered_token_ends_when_it_ends() {
    let app = TestApp::new();
    assert_eq!(app.get().await.status, 200);
    app.clock.advance(3599);
    assert_eq!(app.get().await.status, 200);
    app.clock.advance(1);
    app.get().await.assert_refused(401, &["unauthorized"]);
}

#[actix_web::test]
async fn disabling_revoking_and_deleting_a_user_are_seen_by_the_next_request() {
    let app = TestApp::new();
    let person = || people::table.find(id(REY));
    assert_eq!(app.get().await.status, 200);
    app.change(|c| diesel::update(person()).set(people::disabled.eq(true)).execute(c));
    app.get().await.assert_refused(401, &["unauthorized"]);
    app.put(json!({ "overwrite": true })).await.assert_refused(401, &["unauthorized"]);
    app.change(|c| diesel::update(person()).set(people::disabled.eq(false)).execute(c));
    assert_eq!(app.get().await.status, 200);
    app.change(|c| diesel::update(person()).set(people::token_epoch.eq(MADE_AT + 1)).execute(c));
    app.get().await.assert_refused(401, &["unauthorized"]);
    let newer = app.state.tokens.issue(id(REY), app.clock.now(), MADE_AT + 1, 60).expect("a token");
    assert_eq!(get(&app, &newer).await.status, 200, "a token of the second of the revocation");
    app.change(|c| diesel::delete(person()).execute(c));
    get(&app, &newer).await.assert_refused(401, &["unauthorized"]);
}

#[actix_web::test]
async fn who_is_made_anew_under_an_old_id_is_nobody_of_whom_anything_is_remembered() {
    let app = TestApp::new();
    app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    app.change(|connection| {
        assert!(create::delete(connection, id(REY), app.clock.now())?);
        crate::support::app::rey().insert(connection)
    });
    app.get().await.assert_refused(401, &["unauthorized"]);
    let newer = app.state.tokens.issue(id(REY), app.clock.now(), MADE_AT + 1, 60).expect("a token");
    let shown = get(&app, &newer).await.assert_ok();
    assert_eq!(shown["first_name"], "Rey");
    assert!(
        shown["updated_in_db_at"].as_str() > Some("2022-01-12T17:18:10Z"),
        "a stamp that nobody has seen"
    );
}

#[actix_web::test]
async fn tokens_that_were_revoked_up_to_a_time_to_come_stay_revoked_for_whoever_has_the_id_next() {
    let app = TestApp::new();
    let epoch = MADE_AT + 40;
    app.change(|c| diesel::update(people::table.find(id(REY))).set(people::token_epoch.eq(epoch)).execute(c));
    let old = app.state.tokens.issue(id(REY), app.clock.now(), epoch, 3600).expect("a token");
    assert_eq!(get(&app, &old).await.status, 200);
    app.change(|connection| {
        assert!(create::delete(connection, id(REY), app.clock.now())?);
        crate::support::app::rey().insert(connection)
    });
    get(&app, &old).await.assert_refused(401, &["unauthorized"]);
}
