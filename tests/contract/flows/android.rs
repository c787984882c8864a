//! The Android library (2), when the phone is unlocked.

use actix_web::http::Method;
use serde_json::{Value, json};
use steward::config::SignInFlags;

use super::{Client, app, rows};
use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, JSON_API, MADE_AT, REY};
use crate::support::provider::issuer::{Issuer, Key};

const HOUR: i64 = 3600;

/// A phone with the library: no `Accept`, and a language in a form of its own.
fn phone(app: &TestApp) -> Client<'_> {
    let headers = [("Content-Type", JSON_API), ("Accept-Language", "es-419"), ("Accept-Encoding", "gzip")];
    Client { app, headers: headers.map(|(name, value)| (name, value.to_owned())).to_vec(), token: None }
}

/// The sign-in with a token that the issuer gives the documented user after some time.
fn body(issuer: &Issuer, key: &Key, after: i64) -> String {
    let now = MADE_AT + after;
    let claims = json!({ "email": "rey@example.com", "email_verified": true,
        "iat": now, "nbf": now, "exp": now + HOUR });
    let token = key.sign(&issuer.claims("00u1", claims));
    format!(
        r#"{{"data":{{"type":"authenticate","attributes":{{"provider":"okta","access_token":"{token}"}}}}}}"#
    )
}

/// The user as the phone reads him: his id, his first name, the list to begin with. Nothing may be in the way.
async fn user(phone: &Client<'_>) -> (Value, Value, Value) {
    let data = phone.get("user").await["data"].clone();
    assert_eq!(data["type"], "users", "else there is no user");
    let attributes = &data["attributes"];
    for name in ["first_name", "last_name", "avatar"] {
        let value = attributes.get(name).expect("there");
        assert!(value.is_null() || value.is_string(), "{name}: {value}");
    }
    let preferences = &attributes["preferences"];
    assert_eq!(preferences["setup"], Value::Null, "else it goes no further");
    (data["id"].clone(), attributes["first_name"].clone(), preferences["default_account_list"].clone())
}

/// What is sent each time that the phone comes online; returns the device's id.
async fn register(phone: &Client<'_>) -> Value {
    let document = r#"{"data":{"type":"user_devices","attributes":
        {"token":"fcm-1","version":"5.0.1","locale":"es_419","platform":"GCM"}}}"#;
    let path = format!("user/devices?filter[account_list_id]={ACCOUNT_LIST}");
    let answer = phone.send(Method::POST, &path, document).await;
    let data = answer.json()["data"].clone();
    assert_eq!((answer.status, &data["type"]), (201, &json!("user_devices")), "{}", answer.text());
    data["id"].clone()
}

/// All pages of a list, as the library reads them: as many as the answer says, and one if it says nothing.
async fn pages(phone: &Client<'_>, path: &str) -> Vec<Value> {
    let mut read = Vec::new();
    for page in 1.. {
        let document = phone.get(&format!("{path}page={page}")).await;
        read.extend_from_slice(rows(&document));
        if page >= document["meta"]["pagination"]["total_pages"].as_i64().unwrap_or(1) {
            break;
        }
    }
    read
}

/// The documented user, who has been set up on the web.
async fn app_of_rey(issuer: &Issuer) -> TestApp {
    let app = app(&SignInFlags { oidc_link_email: true, ..issuer.flags() });
    app.connect_organization();
    let list = json!({ "preferences": { "default_account_list": ACCOUNT_LIST }, "overwrite": true });
    app.put(list).await.assert_ok();
    app
}

#[actix_web::test]
async fn an_unlocked_phone_signs_in_reads_the_user_and_registers() {
    let key = Key::p256("okta-1");
    let issuer = Issuer::new(&key);
    let app = app_of_rey(&issuer).await;
    let mut phone = phone(&app);
    phone.sign_in(&body(&issuer, &key, 0)).await;
    assert_eq!(user(&phone).await, (json!(REY), json!("Rey"), json!(ACCOUNT_LIST)));
    let lists = pages(&phone, "account_lists?").await;
    assert_eq!(lists.len(), 1);
    assert_eq!((&lists[0]["type"], &lists[0]["id"]), (&json!("account_lists"), &json!(ACCOUNT_LIST)));
    assert_eq!(lists[0]["attributes"]["name"], "Rey's account list");
    let users = pages(&phone, &format!("account_lists/{ACCOUNT_LIST}/users?")).await;
    assert_eq!(users.len(), 1);
    assert_eq!((&users[0]["type"], &users[0]["id"]), (&json!("users"), &json!(REY)));
    assert_eq!(users[0]["attributes"]["first_name"], "Rey");
    let filter = format!("filter[account_list_id]={ACCOUNT_LIST}");
    let coaches = pages(&phone, &format!("user/account_list_coaches?include=account_list&{filter}&")).await;
    assert_eq!(coaches, Vec::<Value>::new(), "nobody coaches");
    let device = register(&phone).await;
    assert_eq!(register(&phone).await, device, "online again");
    app.clock.advance(6 * HOUR);
    assert_eq!(user(&phone).await.0, REY, "asked again every six hours, with the same token");
}

#[actix_web::test]
async fn a_phone_whose_token_has_ended_signs_in_again_as_the_same_user() {
    let key = Key::p256("okta-1");
    let issuer = Issuer::new(&key);
    let app = app_of_rey(&issuer).await;
    let mut phone = phone(&app);
    phone.sign_in(&body(&issuer, &key, 0)).await;
    let (device, before) = (register(&phone).await, user(&phone).await);
    let month = 31 * 24 * HOUR;
    app.clock.advance(month);
    let refused = phone.ask(Method::GET, "user", None).await;
    refused.assert_refused(401, &["unauthorized"]);
    phone.sign_in(&body(&issuer, &key, month)).await;
    assert_eq!(user(&phone).await, before, "with another id it would wipe what it has");
    assert_eq!(register(&phone).await, device);
}
