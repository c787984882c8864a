//! `/api/v2/user/organization_accounts`: how users have connected lists to organizations (`mpdx-behaviour.md` 1.7, 4.6,
//! 5.1; `clients.md` 1).

use actix_web::http::Method;
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::organizations;
use steward::users::create::{self, NewUser};

use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, STAMP, USER, id, stamp};
use crate::support::{Answer, TestApp};

const ACCOUNTS: &str = "/api/v2/user/organization_accounts";
const FINN: &str = "11111111-1111-4111-8111-111111111111";
const ORGANIZATION: &str = "77777777-7777-4777-8777-777777777777";
const FOREIGN: &str = "44444444-4444-4444-8444-444444444444";
const ACCOUNT: &str = "88888888-8888-4888-8888-888888888888";
const LATER: &str = "2022-01-12T17:18:10Z";

/// Rey and Finn, who share a list, Finn's own list, and an organization.
fn with_organization() -> TestApp {
    let app = TestApp::new();
    app.change(|connection| {
        let finn = NewUser::new(id(FINN), "Finn", stamp(MADE_AT + 60));
        let finn = finn.and_then(|finn| finn.account_list(id(ACCOUNT_LIST), "-"));
        finn.and_then(|finn| finn.account_list(id(FOREIGN), "Finn's")).expect("Finn").insert(connection)?;
        let times =
            (organizations::created_at.eq(stamp(MADE_AT)), organizations::updated_at.eq(stamp(MADE_AT)));
        let row = (organizations::id.eq(id(ORGANIZATION)), organizations::name.eq("The Resistance"), times);
        diesel::insert_into(organizations::table).values(row).execute(connection)
    });
    app
}

async fn as_finn(app: &TestApp, method: Method, path: &str, document: Option<&Value>) -> Answer {
    app.call_as(&app.token_of(FINN), method, path, document).await
}

fn named(kind: &str, id: &str) -> Value {
    json!({ "data": { "type": kind, "id": id } })
}

/// What the web client sends.
fn account() -> Value {
    json!({ "data": {
        "type": "organization_accounts", "id": ACCOUNT,
        "attributes": { "username": "rey", "password": "secret" },
        "relationships": { "organization": named("organizations", ORGANIZATION), "person": named("people", REY) },
    } })
}

async fn made(app: &TestApp) -> Answer {
    let made = app.call(Method::POST, ACCOUNTS, Some(&account())).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made
}

fn path() -> String {
    format!("{ACCOUNTS}/{ACCOUNT}")
}

fn change(attributes: Value) -> Value {
    json!({ "data": { "type": "organization_accounts", "id": ACCOUNT, "attributes": attributes } })
}

#[actix_web::test]
async fn an_account_is_made_for_a_list_and_no_password_is_kept() {
    let app = with_organization();
    let made = made(&app).await;
    assert_eq!(made.header("location"), Some(path().as_str()));
    let attributes = json!({
        "created_at": STAMP, "disable_downloads": false, "last_download": null, "latest_donation_date": null,
        "locked_at": null, "remote_id": null, "updated_at": STAMP, "updated_in_db_at": STAMP, "username": "rey",
    });
    let relationships = json!({
        "account_list": named("account_lists", ACCOUNT_LIST), "organization": named("organizations", ORGANIZATION),
        "person": named("people", REY),
    });
    let data = json!({ "id": ACCOUNT, "type": "organization_accounts", "attributes": attributes, "relationships": relationships });
    assert_eq!(made.json(), json!({ "data": data, "meta": { "ignored_attributes": ["password"] } }));
    let shown = app.call(Method::GET, &path(), None).await;
    assert_eq!(shown.json(), json!({ "data": data }));
    let list = app.call(Method::GET, &format!("/api/v2/account_lists/{ACCOUNT_LIST}"), None).await.json();
    let linked = &list["data"]["relationships"]["organization_accounts"]["data"];
    assert_eq!(*linked, json!([{ "id": ACCOUNT, "type": "organization_accounts" }]));
}

#[actix_web::test]
async fn what_an_account_names_comes_along() {
    let app = with_organization();
    made(&app).await;
    let list = app.call(Method::GET, &format!("{ACCOUNTS}?include=organization,person"), None).await.json();
    let organization = json!({ "created_at": STAMP, "name": "The Resistance", "updated_at": STAMP });
    let rey =
        json!({ "avatar": "https://mpdx.org/images/avatar.png", "first_name": "Rey", "last_name": null });
    let included = json!([
        { "id": ORGANIZATION, "type": "organizations", "attributes": organization },
        { "id": REY, "type": "people", "attributes": rey },
    ]);
    assert_eq!(list["included"], included);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    let one = app.call(Method::GET, &format!("{}?include=account_list", path()), None).await.json();
    assert_eq!(one["included"][0]["attributes"]["name"], "Rey's account list");
    let of_list = "/api/v2/account_lists?include=organization_accounts";
    let of_list = app.call(Method::GET, of_list, None).await.json();
    assert_eq!(of_list["included"], list["data"]);
}

#[actix_web::test]
async fn a_first_account_changes_setup_for_everybody_who_shares_the_list() {
    let app = with_organization();
    let setup = async |finn: bool| {
        let preferences = json!({ "default_account_list": ACCOUNT_LIST });
        let edit = json!({ "data": { "type": "users", "attributes": { "preferences": preferences, "overwrite": true } } });
        let answer = if finn {
            as_finn(&app, Method::PUT, USER, Some(&edit)).await
        } else {
            app.call(Method::PUT, USER, Some(&edit)).await
        };
        answer.assert_ok()["preferences"]["setup"].clone()
    };
    let missing = json!("no organization_account on default_account_list");
    assert_eq!((setup(false).await, setup(true).await), (missing.clone(), missing.clone()));
    made(&app).await;
    let shown = as_finn(&app, Method::GET, USER, None).await.assert_ok()["preferences"]["setup"].clone();
    assert_eq!(shown, Value::Null);
    assert_eq!(app.call(Method::DELETE, &path(), None).await.status, 204);
    let shown = as_finn(&app, Method::GET, USER, None).await.assert_ok()["preferences"]["setup"].clone();
    assert_eq!(shown, missing);
}

#[actix_web::test]
async fn an_account_is_changed_under_its_own_stamp() {
    let app = with_organization();
    made(&app).await;
    let edit = change(
        json!({ "username": "rey.s", "disable_downloads": true, "remote_id": "7", "updated_in_db_at": STAMP }),
    );
    let changed = app.call(Method::PUT, &path(), Some(&edit)).await;
    let attributes = changed.assert_ok();
    assert_eq!((&attributes["username"], &attributes["updated_in_db_at"]), (&json!("rey.s"), &json!(LATER)));
    assert_eq!(changed.json()["meta"], json!({ "ignored_attributes": ["remote_id"] }));
    let stale = app.call(Method::PUT, &path(), Some(&edit)).await;
    stale.assert_refused(409, &["stale"]);
    assert_eq!(stale.error()["meta"]["changed"], json!({ "disable_downloads": true, "username": "rey.s" }));
    let shown = app.call(Method::GET, &path(), None).await.json();
    assert_eq!(app.call(Method::PATCH, &path(), Some(&shown)).await.json(), shown, "an echo");
    let farewell = change(json!({ "updated_in_db_at": STAMP }));
    app.call(Method::DELETE, &path(), Some(&farewell)).await.assert_refused(409, &["stale"]);
    let elsewhere = json!({ "data": { "type": "organization_accounts", "attributes": { "overwrite": true },
        "relationships": { "account_list": named("account_lists", FOREIGN) } } });
    app.call(Method::PUT, &path(), Some(&elsewhere)).await.assert_refused(403, &["replacement_refused"]);
}

#[actix_web::test]
async fn an_account_needs_an_organization_and_a_list_of_the_users_own() {
    let app = with_organization();
    let refused = async |change: fn(&mut Value)| {
        let mut document = account();
        change(&mut document["data"]["relationships"]);
        app.call(Method::POST, ACCOUNTS, Some(&document)).await
    };
    let unknown = refused(|sent| sent["organization"] = named("organizations", FOREIGN)).await;
    unknown.assert_refused(404, &["not_found"]);
    assert_eq!(unknown.error()["detail"], format!("Couldn't find Organization with 'id'={FOREIGN}"));
    assert_eq!(unknown.error()["source"]["pointer"], "/data/relationships/organization/data");
    let none = refused(|sent| sent["organization"] = json!({ "data": null })).await;
    none.assert_refused(400, &["blank"]);
    assert_eq!(none.error()["detail"], "Organization can't be blank");
    refused(|sent| sent["account_list"] = named("account_lists", FOREIGN))
        .await
        .assert_refused(404, &["not_found"]);
    refused(|sent| sent["person"] = named("people", FINN)).await.assert_refused(404, &["not_found"]);
    refused(|sent| sent["organization"] = named("people", REY)).await.assert_refused(400, &["invalid"]);
    made(&app).await;
    app.call(Method::POST, ACCOUNTS, Some(&account())).await.assert_refused(409, &["duplicate"]);
}

#[actix_web::test]
async fn an_account_is_its_persons_alone() {
    let app = with_organization();
    made(&app).await;
    assert_eq!(as_finn(&app, Method::GET, ACCOUNTS, None).await.json()["data"], json!([]));
    let edit = change(json!({ "username": "finn", "overwrite": true }));
    for (method, document) in [(Method::GET, None), (Method::PUT, Some(&edit)), (Method::DELETE, None)] {
        let answer = as_finn(&app, method, &path(), document).await;
        answer.assert_refused(404, &["not_found"]);
        let detail = format!("Couldn't find Person::OrganizationAccount with 'id'={ACCOUNT}");
        assert_eq!(answer.error()["detail"], detail);
    }
}

#[actix_web::test]
async fn others_who_share_the_list_see_that_an_account_is_there_and_no_more() {
    let app = with_organization();
    made(&app).await;
    let lists = "/api/v2/account_lists?include=organization_accounts";
    let included = as_finn(&app, Method::GET, lists, None).await.json()["included"].clone();
    let relationships = json!({
        "account_list": named("account_lists", ACCOUNT_LIST), "organization": named("organizations", ORGANIZATION),
    });
    assert_eq!(
        included,
        json!([{ "id": ACCOUNT, "type": "organization_accounts", "relationships": relationships }])
    );
}

#[actix_web::test]
async fn the_id_of_a_deleted_account_is_never_used_again_and_no_stamp_comes_twice() {
    let app = with_organization();
    let first = made(&app).await;
    let tag = first.header("etag").expect("a tag").to_owned();
    assert_eq!(app.call(Method::DELETE, &path(), None).await.status, 204);
    app.call(Method::POST, ACCOUNTS, Some(&account())).await.assert_refused(409, &["deleted"]);
    let mut other = account();
    other["data"]["id"] = FOREIGN.into();
    let other = app.call(Method::POST, ACCOUNTS, Some(&other)).await;
    assert_eq!(other.status, 201, "{}", other.text());
    assert!(other.json()["data"]["attributes"]["updated_in_db_at"].as_str() > Some(STAMP));
    assert_ne!(other.header("etag"), Some(tag.as_str()));
}

#[actix_web::test]
async fn posts_of_one_account_at_once_make_it_once() {
    let app = with_organization();
    let node = app.second_node();
    let document = account();
    let posts = (0..6).map(|i| {
        let app = if i % 2 == 0 { &app } else { &node };
        app.call(Method::POST, ACCOUNTS, Some(&document))
    });
    let answers = futures_util::future::join_all(posts).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
}

#[actix_web::test]
async fn a_list_whose_accounts_changed_is_another_state() {
    let app = with_organization();
    let path = format!("/api/v2/account_lists/{ACCOUNT_LIST}");
    let mut document = app.call(Method::GET, &path, None).await.json();
    made(&app).await;
    document["data"]["attributes"]["name"] = "Ours".into();
    // Its linkage is not what is there any more; that this is why it is refused is told by the stamp.
    let stale = app.call(Method::PUT, &path, Some(&document)).await;
    stale.assert_refused(409, &["stale", "replacement_refused"]);
}

#[actix_web::test]
async fn who_is_deleted_takes_his_accounts_along() {
    let app = with_organization();
    made(&app).await;
    let preferences = json!({ "default_account_list": ACCOUNT_LIST });
    let edit = json!({ "data": { "type": "users", "attributes": { "preferences": preferences, "overwrite": true } } });
    assert_eq!(
        as_finn(&app, Method::PUT, USER, Some(&edit)).await.assert_ok()["preferences"]["setup"],
        Value::Null
    );
    app.change(|connection| create::delete(connection, id(REY), stamp(MADE_AT + 5)));
    let finn = as_finn(&app, Method::GET, USER, None).await.assert_ok();
    assert_eq!(finn["preferences"]["setup"], "no organization_account on default_account_list");
    let list = format!("/api/v2/account_lists/{ACCOUNT_LIST}");
    let list = as_finn(&app, Method::GET, &list, None).await.json();
    assert_eq!(list["data"]["relationships"]["organization_accounts"]["data"], json!([]));
}

#[actix_web::test]
async fn what_is_sent_of_relationships_is_named_or_compared_with_its_type() {
    let app = with_organization();
    let mut document = account();
    document["data"]["relationships"]["bogus"] = json!({ "data": null });
    let made = app.call(Method::POST, ACCOUNTS, Some(&document)).await;
    assert_eq!(made.json()["meta"]["ignored_attributes"], json!(["password", "bogus"]), "{}", made.text());
    let mut edit = change(json!({ "overwrite": true }));
    edit["data"]["relationships"] = json!({ "organization": named("people", ORGANIZATION) });
    app.call(Method::PUT, &path(), Some(&edit)).await.assert_refused(403, &["replacement_refused"]);
}
