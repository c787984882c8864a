//! Who somebody is here: found, linked by his e-mail address, or made.

use diesel::prelude::*;
use serde_json::{Value, json};
use steward::config::SignInFlags;
use steward::db::schema::{email_addresses, identities, juno_users};
use steward::juno::profile::Profile;
use steward::users::create::NewUser;

use super::{app, get, sign_in, user, users};
use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, STAMP, id, stamp};
use crate::support::provider::issuer::{Issuer, Key};

fn identities_of(app: &TestApp) -> i64 {
    identities::table.count().get_result(&mut app.connection()).expect("a number")
}

#[actix_web::test]
async fn a_new_user_has_the_documented_defaults() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    let claims = json!({ "email": "Finn@Example.com", "email_verified": true });
    let shown = user(&app, json!({ "access_token": key.sign(&issuer.claims("finn", claims)) })).await;
    let expected = json!({ "hour_to_send_notifications": 12, "locale": "en", "default_account_list": null,
        "setup": "no account_lists" });
    assert_eq!(shown["attributes"]["preferences"], expected);
    assert_eq!(shown["attributes"]["first_name"], "Finn");
    assert_eq!(shown["attributes"]["last_name"], "Storm");
    assert_eq!(shown["attributes"]["updated_in_db_at"], STAMP);
    assert_eq!(shown["relationships"]["account_lists"]["data"], json!([]));
    let emails = email_addresses::table.filter(email_addresses::email.eq("finn@example.com"));
    let primary: Vec<bool> =
        emails.select(email_addresses::is_primary).load(&mut app.connection()).expect("the address");
    assert_eq!(primary, [true]);
}

#[actix_web::test]
async fn a_new_user_gets_an_account_list_of_his_own_where_it_is_wanted() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&SignInFlags { new_user_account_list: true, ..issuer.flags() });
    for subject in ["finn", "poe"] {
        let token = key.sign(&issuer.claims(subject, json!({ "given_name": subject })));
        let shown = user(&app, json!({ "access_token": token })).await;
        let lists = shown["relationships"]["account_lists"]["data"].as_array().expect("lists");
        assert_eq!(lists.len(), 1, "his own and nobody's else");
        let path = "/api/v2/user/account_lists";
        let request = actix_web::test::TestRequest::get().uri(path);
        let names = app.send_as(Some(&token), request).await.json();
        assert_eq!(names["data"][0]["attributes"]["name"], format!("{subject}'s account list"));
    }
}

#[actix_web::test]
async fn whatever_an_issuer_says_of_somebody_a_user_can_be_made_of_it() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&SignInFlags { new_user_account_list: true, ..issuer.flags() });
    let long = "x".repeat(300);
    for (subject, claims, name) in [
        ("1", json!({ "given_name": null, "name": "Finn Storm" }), "Finn Storm"),
        ("2", json!({ "given_name": " ", "preferred_username": "fn2187" }), "fn2187"),
        ("3", json!({ "given_name": "a\u{0}b", "email": "poe@example.com" }), "poe"),
        ("4", json!({ "given_name": long, "family_name": long, "name": "Rose " }), "Rose"),
        ("5", json!({ "given_name": "", "email": "no address", "email_verified": true }), "no address"),
        ("6", json!({ "given_name": "" }), "New user"),
        ("7", json!({ "given_name": "y".repeat(255) }), &"y".repeat(255)),
    ] {
        let shown = user(&app, json!({ "access_token": key.sign(&issuer.claims(subject, claims)) })).await;
        assert_eq!(shown["attributes"]["first_name"], name);
        assert_eq!(shown["relationships"]["email_addresses"]["data"], json!([]), "none that is verified");
    }
    assert_eq!(users(&app), 8);
}

/// Who signs in with an issuer that says this of him, where e-mail addresses are linked.
async fn linked(app: &TestApp, issuer: &Issuer, key: &Key, subject: &str, claims: Value) -> String {
    let token = key.sign(&issuer.claims(subject, claims));
    let shown = user(app, json!({ "access_token": token })).await;
    shown["id"].as_str().expect("an id").to_owned()
}

#[actix_web::test]
async fn a_verified_address_links_the_one_user_who_has_it_and_moves_nothing() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&SignInFlags { oidc_link_email: true, ..issuer.flags() });
    let before = app.get().await;
    let claims = json!({ "email": " REY@example.com", "email_verified": true });
    assert_eq!(linked(&app, &issuer, &key, "rey", claims).await, REY);
    assert_eq!(app.get().await.text(), before.text(), "name, stamp and version are as they were");
    assert_eq!(linked(&app, &issuer, &key, "rey", json!({})).await, REY, "now he is known by his subject");
    assert_eq!((users(&app), identities_of(&app)), (1, 1));
}

#[actix_web::test]
async fn an_address_that_is_not_proven_or_not_one_users_links_nobody() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let rey = |verified: Value| json!({ "email": "rey@example.com", "email_verified": verified });
    let unlinked = app(&issuer.flags());
    assert_ne!(
        linked(&unlinked, &issuer, &key, "rey", rey(json!(true))).await,
        REY,
        "only where it is wanted"
    );
    let app = app(&SignInFlags { oidc_link_email: true, ..issuer.flags() });
    for (subject, verified) in
        [("1", json!(false)), ("2", json!("true")), ("3", json!(1)), ("4", json!(null))]
    {
        assert_ne!(linked(&app, &issuer, &key, subject, rey(verified)).await, REY);
    }
    let historic = email_addresses::historic.eq(true);
    app.change(|c| diesel::update(email_addresses::table).set(historic).execute(c));
    assert_ne!(linked(&app, &issuer, &key, "5", rey(json!(true))).await, REY, "he had it once");
    let two = self::app(&SignInFlags { oidc_link_email: true, ..issuer.flags() });
    let namesake = NewUser::new(id(ACCOUNT_LIST), "Rey", stamp(MADE_AT));
    let namesake = namesake.and_then(|user| user.email(id(ACCOUNT_LIST), "rey@example.com")).expect("a user");
    two.change(|connection| namesake.insert(connection));
    let third = linked(&two, &issuer, &key, "rey", rey(json!(true))).await;
    assert!(third != REY && third != ACCOUNT_LIST, "two have it");
}

#[actix_web::test]
async fn nobody_can_wait_with_the_address_of_another_for_him_to_come() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&SignInFlags { oidc_link_email: true, ..issuer.flags() });
    let mallory = key.sign(&issuer.claims("mallory", json!({})));
    let email = json!({ "type": "email_addresses", "attributes": { "email": "alice@example.com" } });
    let request = actix_web::test::TestRequest::post().uri("/api/v2/user/email_addresses");
    let request = request.insert_header(("Content-Type", "application/vnd.api+json"));
    let request = request.set_payload(json!({ "data": email }).to_string());
    assert_eq!(app.send_as(Some(&mallory), request).await.status, 201);
    let claims = json!({ "email": "alice@example.com", "email_verified": true });
    let alice = linked(&app, &issuer, &key, "alice", claims).await;
    assert_ne!(get(&app, &mallory).await.json()["data"]["id"], alice);
    assert_eq!(users(&app), 3);
}

#[actix_web::test]
async fn first_sign_ins_at_once_make_one_user() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let first = app(&SignInFlags { new_user_account_list: true, ..issuer.flags() });
    let second = TestApp::beside(&first, |state| state.sign_in = first.state.sign_in.clone());
    let token = key.sign(&issuer.claims("finn", json!({})));
    let shown = || json!({ "access_token": token });
    let sign_ins = (0..8).map(|i| sign_in(if i % 2 == 0 { &first } else { &second }, shown()));
    for answer in futures_util::future::join_all(sign_ins).await {
        answer.assert_ok();
    }
    assert_eq!((users(&first), identities_of(&first)), (2, 1));
}

#[actix_web::test]
async fn when_a_user_of_juno_signs_in_is_noted_of_him_and_of_nobody_else() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    let token = json!({ "access_token": key.sign(&issuer.claims("finn", json!({}))) });
    let finn = user(&app, token.clone()).await["id"].as_str().map(id).expect("an id");
    let profiles =
        |app: &TestApp| app.change(|connection| juno_users::table.count().get_result::<i64>(connection));
    assert_eq!(profiles(&app), 0, "nobody becomes one by signing in");
    let profile = Profile::new(finn, 1, stamp(MADE_AT));
    app.change(|connection| profile.insert(connection));
    app.clock.advance(60);
    user(&app, token).await;
    let noted = app.change(|connection| Profile::of(connection, finn)).expect("the user");
    let expected = Profile { last_login_at: Some(stamp(MADE_AT + 60)), version: 2, ..profile };
    assert_eq!(noted, expected);
}
