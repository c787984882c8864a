//! Tokens of an issuer as bearer tokens.

use actix_web::test::TestRequest;
use diesel::prelude::*;
use serde_json::json;
use steward::clock::Clock as _;
use steward::db::schema::{identities, people};
use steward::id::Id;
use steward::users::create;

use super::{app, get, sign_in, users};
use crate::support::app::{MADE_AT, USER};
use crate::support::provider::Reply;
use crate::support::provider::issuer::{Issuer, Key};

#[actix_web::test]
async fn a_token_of_the_issuer_is_taken_by_every_path_and_its_first_request_makes_the_user() {
    let key = Key::p256("1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    let token = key.sign(&issuer.claims("finn", json!({})));
    let shown = get(&app, &token).await;
    assert_eq!(shown.assert_ok()["first_name"], "Finn");
    assert!(shown.header("cache-control").expect("private").contains("private"));
    let send = |request| app.send_as(Some(&token), request);
    let put = crate::support::put(&crate::support::user(json!({ "first_name": "FN", "overwrite": true })));
    assert_eq!(send(put).await.assert_ok()["first_name"], "FN");
    let rows = TestRequest::get().uri(&format!("{USER}/email_addresses"));
    assert_eq!(send(rows).await.status, 200);
    let batch = json!({ "requests": [{ "method": "GET", "path": USER }] });
    let batch = TestRequest::post().uri("/api/v2/batch").set_payload(batch.to_string());
    assert_eq!(
        send(batch.insert_header(("Content-Type", "application/json"))).await.json()[0]["status"],
        200
    );
    sign_in(&app, json!({ "access_token": token })).await.assert_ok();
    assert_eq!(users(&app), 2, "he is one user");
    assert_eq!(issuer.times_asked(), 1);
}

#[actix_web::test]
async fn a_token_that_is_refused_looks_like_any_other_that_is() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    for claims in [
        json!({ "exp": MADE_AT }),
        json!({ "aud": "other" }),
        json!({ "nbf": MADE_AT + 100 }),
        json!({ "iss": "https://evil.example" }),
    ] {
        let answer = get(&app, &key.sign(&issuer.claims("finn", claims))).await;
        answer.assert_refused(401, &["unauthorized"]);
        assert_eq!(answer.error()["detail"], "A valid token is needed: `Authorization: Bearer …`.");
    }
    let stranger = Key::ed25519("1").sign(&issuer.claims("finn", json!({})));
    get(&app, &stranger).await.assert_refused(401, &["unauthorized"]);
    assert_eq!(users(&app), 1);
}

#[actix_web::test]
async fn a_remembered_token_ends_when_it_ends() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    let token = key.sign(&issuer.claims("finn", json!({ "exp": MADE_AT + 60 })));
    get(&app, &token).await.assert_ok();
    app.clock.advance(59);
    get(&app, &token).await.assert_ok();
    app.clock.advance(1);
    get(&app, &token).await.assert_refused(401, &["unauthorized"]);
}

#[actix_web::test]
async fn disabling_and_revoking_are_seen_by_the_next_request_and_by_a_sign_in() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    let token = key.sign(&issuer.claims("finn", json!({})));
    get(&app, &token).await.assert_ok();
    app.change(|c| diesel::update(people::table).set(people::disabled.eq(true)).execute(c));
    get(&app, &token).await.assert_refused(401, &["unauthorized"]);
    sign_in(&app, json!({ "access_token": token })).await.assert_refused(401, &["sign_in_refused"]);
    let revoked = (people::disabled.eq(false), people::token_epoch.eq(MADE_AT + 1));
    app.change(|c| diesel::update(people::table).set(revoked).execute(c));
    get(&app, &token).await.assert_refused(401, &["unauthorized"]);
    let answer = sign_in(&app, json!({ "access_token": token })).await;
    answer.assert_refused(401, &["sign_in_refused"]);
    assert!(answer.text().contains("were revoked"), "or a stolen token would become a new one");
    let undated = key.sign(&issuer.claims("finn", json!({ "iat": null })));
    get(&app, &undated).await.assert_refused(401, &["unauthorized"]);
    let newer = key.sign(&issuer.claims("finn", json!({ "iat": MADE_AT + 1 })));
    get(&app, &newer).await.assert_ok();
    sign_in(&app, json!({ "access_token": newer })).await.assert_ok();
}

#[actix_web::test]
async fn who_was_deleted_is_somebody_new_when_he_comes_again() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    let token = key.sign(&issuer.claims("finn", json!({})));
    let before = get(&app, &token).await;
    before.assert_ok();
    let id = Id::parse(before.json()["data"]["id"].as_str().expect("an id")).expect("an id");
    app.change(|connection| create::delete(connection, id, app.clock.now()));
    let left: i64 = identities::table.count().get_result(&mut app.connection()).expect("a number");
    assert_eq!(left, 0, "his identity went with him");
    let after = get(&app, &token).await;
    after.assert_ok();
    assert_ne!(after.json()["data"]["id"], before.json()["data"]["id"]);
    get(&app, &token).await.assert_ok();
    assert_eq!(users(&app), 2);
}

#[actix_web::test]
async fn what_a_withdrawn_key_has_verified_is_refused_within_ten_minutes() {
    let (old, new) = (Key::ed25519("old"), Key::ed25519("new"));
    let issuer = Issuer::new(&old);
    let app = app(&issuer.flags());
    let token = old.sign(&issuer.claims("finn", json!({})));
    get(&app, &token).await.assert_ok();
    issuer.has(&[&new]);
    app.clock.advance(599);
    get(&app, &token).await.assert_ok();
    app.clock.advance(1);
    get(&app, &token).await.assert_refused(401, &["unauthorized"]);
    get(&app, &new.sign(&issuer.claims("finn", json!({})))).await.assert_ok();
}

#[actix_web::test]
async fn keys_count_for_a_day_while_the_issuer_is_away_and_no_longer() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    let token = key.sign(&issuer.claims("finn", json!({ "exp": MADE_AT + 1_000_000 })));
    get(&app, &token).await.assert_ok();
    issuer.answers(Reply::Empty(502, String::new()));
    app.clock.advance(24 * 60 * 60 - 1);
    get(&app, &token).await.assert_ok();
    assert_eq!(issuer.times_asked(), 2);
    get(&app, &token).await.assert_ok();
    assert_eq!(issuer.times_asked(), 2, "it is not asked again at once");
    app.clock.advance(10);
    get(&app, &token).await.assert_refused(503, &["provider_unavailable"]);
    app.get().await.assert_refused(401, &["unauthorized"]);
    issuer.has(&[&key]);
    app.clock.advance(10);
    get(&app, &token).await.assert_ok();
}

#[actix_web::test]
async fn made_up_tokens_ask_nobody() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    for token in ["x", "x.y.z", "..", "eyJhbGciOiJub25lIn0.e30."] {
        get(&app, token).await.assert_refused(401, &["unauthorized"]);
    }
    app.get().await.assert_ok();
    assert_eq!(issuer.server.asked(), Vec::<String>::new());
}
