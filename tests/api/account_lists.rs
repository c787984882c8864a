//! `/api/v2/account_lists`: what users share (`mpdx-behaviour.md` 6.4, `clients.md` 1 and 2).

use actix_web::http::Method;
use actix_web::http::header::IF_NONE_MATCH;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use steward::users::create::NewUser;

use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, STAMP, USER, id, stamp};
use crate::support::{Answer, TestApp};

const LISTS: &str = "/api/v2/account_lists";
const FINN: &str = "11111111-1111-4111-8111-111111111111";
const FOREIGN: &str = "44444444-4444-4444-8444-444444444444";
const LATER: &str = "2022-01-12T17:18:10Z";

fn path() -> String {
    format!("{LISTS}/{ACCOUNT_LIST}")
}

/// Rey and Finn, who share a list; Finn has another one besides.
fn shared() -> TestApp {
    let app = TestApp::new();
    app.change(|connection| {
        let finn = NewUser::new(id(FINN), "Finn", stamp(MADE_AT + 60));
        let finn = finn.and_then(|finn| finn.account_list(id(ACCOUNT_LIST), "-"));
        finn.and_then(|finn| finn.account_list(id(FOREIGN), "Finn's")).expect("Finn").insert(connection)
    });
    app
}

async fn as_finn(app: &TestApp, method: Method, path: &str, document: Option<&Value>) -> Answer {
    app.call_as(&app.token_of(FINN), method, path, document).await
}

fn list(attributes: Value) -> Value {
    json!({ "data": { "type": "account_lists", "id": ACCOUNT_LIST, "attributes": attributes } })
}

async fn put(app: &TestApp, attributes: Value) -> Answer {
    app.call(Method::PUT, &path(), Some(&list(attributes))).await
}

async fn get(app: &TestApp, path: &str) -> Answer {
    app.call(Method::GET, path, None).await
}

#[actix_web::test]
async fn a_list_shows_the_documented_attributes_and_nothing_of_donations() {
    let app = shared();
    let shown = get(&app, &path()).await;
    let attributes = json!({
        "active_mpd_finish_at": null, "active_mpd_monthly_goal": null, "active_mpd_start_at": null, "balance": 0,
        "committed": 0, "created_at": STAMP, "currency": null, "default_currency": "USD", "home_country": null,
        "last_prayer_letter_at": null, "monthly_goal": null, "name": "Rey's account list",
        "progress": {
            "monthly_goal": null, "in_hand_percent": 0, "pledged_percent": 0, "received_pledges": 0,
            "salary_balance": 0, "balance": 0, "total_pledges": 0,
        },
        "received": 0, "salary_organization": null, "staff_account_ids": [], "tester": false, "total_pledges": 0,
        "updated_at": STAMP, "updated_in_db_at": STAMP, "weeks_on_mpd": null,
    });
    let user = |id: &str| json!({ "id": id, "type": "users" });
    let relationships = json!({
        "primary_appeal": { "data": null }, "users": { "data": [user(REY), user(FINN)] },
        "coaches": { "data": [] }, "notification_preferences": { "data": [] }, "organization_accounts": { "data": [] },
    });
    let data = json!({
        "id": ACCOUNT_LIST, "type": "account_lists", "attributes": attributes, "relationships": relationships });
    assert_eq!(shown.json(), json!({ "data": data }));
    let lists = get(&app, LISTS).await.json();
    assert_eq!(lists["data"], json!([data]), "and not Finn's");
    assert_eq!(lists["meta"]["pagination"]["total_count"], 1);
    let included = get(&app, &format!("{USER}?include=account_lists")).await.json();
    assert_eq!(included["included"], json!([data]));
}

#[actix_web::test]
async fn the_web_clients_request_for_a_list_is_answered() {
    let app = shared();
    let query = "?fields[primary_appeal]=&include=primary_appeal";
    let shown = get(&app, &format!("{}{query}", path())).await.json();
    assert_eq!(shown["data"]["attributes"]["name"], "Rey's account list");
    assert_eq!(shown["included"], json!([]));
}

#[actix_web::test]
async fn who_shares_a_list_is_shown_with_four_members_in_pages() {
    let app = shared();
    let users = format!("{}/users?page=1", path());
    let shown = get(&app, &users).await.json();
    let other = |id: &str, name: &str| {
        let avatar = "https://mpdx.org/images/avatar.png";
        json!({ "id": id, "type": "users", "attributes": { "avatar": avatar, "first_name": name, "last_name": null } })
    };
    assert_eq!(shown["data"], json!([other(REY, "Rey"), other(FINN, "Finn")]));
    assert_eq!(shown["meta"]["pagination"]["total_pages"], 1);
    let second = get(&app, &format!("{}/users?page[size]=1&page[number]=2", path())).await.json();
    assert_eq!(second["data"], json!([other(FINN, "Finn")]));
    for query in ["sort=created_at", "filter[updated_at]=2022-01-12", "include=account_lists"] {
        get(&app, &format!("{}/users?{query}", path())).await.assert_refused(400, &["invalid_parameter"]);
    }
}

#[actix_web::test]
async fn a_list_of_others_is_not_found_by_any_verb() {
    let app = shared();
    for id in [FOREIGN, "55555555-5555-4555-8555-555555555555"] {
        let path = format!("{LISTS}/{id}");
        let document =
            json!({ "data": { "type": "account_lists", "attributes": { "overwrite": true, "name": "x" } } });
        for (method, path) in
            [(Method::GET, path.clone()), (Method::GET, format!("{path}/users")), (Method::PUT, path.clone())]
        {
            let document = (method == Method::PUT).then_some(&document);
            let answer = app.call(method, &path, document).await;
            answer.assert_refused(404, &["not_found"]);
            assert_eq!(answer.error()["detail"], format!("Couldn't find AccountList with 'id'={id}"));
        }
    }
    assert_eq!(as_finn(&app, Method::GET, &format!("{LISTS}/{FOREIGN}"), None).await.status, 200);
}

#[actix_web::test]
async fn four_attributes_are_changed_under_the_lists_own_stamp() {
    let app = shared();
    let all = json!({ "name": " Ours ", "currency": "nzd", "home_country": "NZ", "monthly_goal": 5000, "updated_in_db_at": STAMP });
    let changed = put(&app, all).await;
    let attributes = changed.assert_ok();
    for (name, value) in [
        ("currency", json!("NZD")),
        ("default_currency", json!("NZD")),
        ("home_country", json!("NZ")),
        ("monthly_goal", json!(5000)),
        (
            "progress",
            json!({ "monthly_goal": 5000, "in_hand_percent": 0, "pledged_percent": 0, "received_pledges": 0,
            "salary_balance": 0, "balance": 0, "total_pledges": 0 }),
        ),
        ("updated_in_db_at", json!(LATER)),
        ("updated_at", json!(LATER)),
        ("created_at", json!(STAMP)),
    ] {
        assert_eq!(attributes[name], value, "{name}");
    }
    assert!(changed.json().get("meta").is_none(), "{}", changed.text());
    let user = get(&app, USER).await;
    assert_eq!(user.assert_ok()["updated_in_db_at"], STAMP, "the user has not changed");
}

#[actix_web::test]
async fn a_stale_edit_of_a_list_says_what_others_changed_and_may_be_merged() {
    let app = shared();
    let renamed = list(json!({ "name": "Finn was here", "updated_in_db_at": STAMP }));
    as_finn(&app, Method::PUT, &path(), Some(&renamed)).await.assert_ok();
    let stale = put(&app, json!({ "name": "Mine", "updated_in_db_at": STAMP })).await;
    stale.assert_refused(409, &["stale"]);
    let detail = format!("Updated in db at is not equal to the current value in the database ({LATER})");
    assert_eq!(stale.error()["detail"], detail);
    let meta = json!({ "updated_in_db_at": LATER, "sent": STAMP, "changed": { "name": "Finn was here" }, "conflicting": ["name"] });
    assert_eq!(stale.error()["meta"], meta);
    put(&app, json!({ "name": "Mine" })).await.assert_refused(409, &["stamp_missing", "stale"]);
    let mut merge = list(json!({ "currency": "EUR", "updated_in_db_at": STAMP }));
    merge["data"]["meta"] = json!({ "on_conflict": "merge" });
    let merged = app.call(Method::PATCH, &path(), Some(&merge)).await;
    assert_eq!(merged.assert_ok()["name"], "Finn was here");
    assert_eq!(merged.json()["meta"], json!({ "merged": ["name"] }));
    put(&app, json!({ "name": "Mine", "overwrite": true })).await.assert_ok();
}

#[actix_web::test]
async fn if_match_and_keys_hold_for_lists_too() {
    let app = shared();
    let tag = get(&app, &path()).await.header("etag").expect("a tag").to_owned();
    let send = |tag: &str, key: &str| {
        let request = TestRequest::put().uri(&path()).insert_header(("If-Match", tag.to_owned()));
        let request = request.insert_header(("Idempotency-Key", key.to_owned()));
        let request = request.insert_header(("Content-Type", crate::support::app::JSON_API));
        app.send(request.set_payload(list(json!({ "name": "New" })).to_string()))
    };
    let first = send(&tag, "one").await;
    first.assert_ok();
    let again = send(&tag, "one").await;
    assert_eq!((again.text(), again.header("idempotent-replayed")), (first.text(), Some("true")));
    send(&tag, "two").await.assert_refused(412, &["precondition_failed"]);
}

#[actix_web::test]
async fn an_echo_of_a_list_changes_nothing_and_nothing_unknown_is_dropped_silently() {
    let app = shared();
    let shown = get(&app, &path()).await.json();
    let echo = app.call(Method::PUT, &path(), Some(&shown)).await;
    assert_eq!(echo.json(), shown, "{}", echo.text());
    let odd =
        put(&app, json!({ "balance": 10, "salary_organization": null, "nickname": "x", "overwrite": true }))
            .await;
    odd.assert_ok();
    assert_eq!(odd.json()["meta"], json!({ "ignored_attributes": ["balance", "nickname"] }));
    let mut without = shown;
    without["data"]["relationships"] = json!({ "users": { "data": [{ "id": REY, "type": "users" }] } });
    let refused = app.call(Method::PUT, &path(), Some(&without)).await;
    refused.assert_refused(403, &["replacement_refused"]);
    assert_eq!(refused.error()["source"]["pointer"], "/data/relationships/users/data");
}

#[actix_web::test]
async fn faulty_attributes_of_a_list_are_all_told() {
    let app = shared();
    let faulty = json!({ "name": " ", "currency": "Dollars", "monthly_goal": -1, "home_country": 7, "updated_in_db_at": STAMP });
    let refused = put(&app, faulty).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    let pointers: Vec<_> = refused.json()["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| error["source"]["pointer"].as_str().expect("a pointer").to_owned())
        .collect();
    for name in ["name", "currency", "monthly_goal", "home_country"] {
        assert!(pointers.contains(&format!("/data/attributes/{name}")), "{name} in {pointers:?}");
    }
    let other =
        json!({ "data": { "type": "account_lists", "id": FOREIGN, "attributes": { "overwrite": true } } });
    app.call(Method::PUT, &path(), Some(&other)).await.assert_refused(409, &["id_conflict"]);
}

#[actix_web::test]
async fn a_renamed_list_is_seen_at_once_by_everybody_who_shares_it() {
    let app = shared();
    let node = app.second_node();
    let url = format!("{USER}?include=account_lists");
    let name_of = |answer: &Answer| {
        let included = answer.json()["included"].as_array().expect("included").clone();
        let list = included.into_iter().find(|list| list["id"] == ACCOUNT_LIST).expect("the list");
        list["attributes"]["name"].clone()
    };
    // Both nodes remember both users, and both users have the document.
    let (mine, finns) = (get(&app, &url).await, as_finn(&node, Method::GET, &url, None).await);
    let plain = as_finn(&node, Method::GET, USER, None).await;
    let tag = |answer: &Answer| answer.header("etag").expect("a tag").to_owned();
    let unchanged = async |app: &TestApp, token: String, url: &str, tag: String| {
        let request = TestRequest::get().uri(url).insert_header((IF_NONE_MATCH, tag));
        app.send_as(Some(&token), request).await
    };
    assert_eq!(unchanged(&app, app.token.clone(), &url, tag(&mine)).await.status, 304);
    put(&app, json!({ "name": "Renamed", "updated_in_db_at": STAMP })).await.assert_ok();
    for (app, token, first) in [(&app, app.token.clone(), &mine), (&node, app.token_of(FINN), &finns)] {
        let now = unchanged(app, token, &url, tag(first)).await;
        assert_eq!((now.status, name_of(&now)), (200, json!("Renamed")));
    }
    assert_eq!(name_of(&as_finn(&app, Method::GET, &url, None).await), "Renamed");
    // The version moves with it, which is what listeners are told.
    assert_ne!(tag(&as_finn(&node, Method::GET, USER, None).await), tag(&plain));
}

#[actix_web::test]
async fn rivals_for_a_list_are_told_apart() {
    let app = shared();
    let node = app.second_node();
    let edit = |name: &str| list(json!({ "name": name, "updated_in_db_at": STAMP }));
    let (mine, finns) = (edit("Mine"), edit("Finn's"));
    let path = path();
    let (mine, finns) = futures_util::future::join(
        app.call(Method::PUT, &path, Some(&mine)),
        as_finn(&node, Method::PUT, &path, Some(&finns)),
    )
    .await;
    let mut statuses = [mine.status, finns.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[actix_web::test]
async fn a_new_home_country_is_where_phone_numbers_are_read_from_then_on() {
    let app = shared();
    put(&app, json!({ "home_country": "New Zealand", "overwrite": true })).await.assert_ok();
    let phone = json!({ "data": { "type": "phone_numbers", "attributes": { "number": "09 373 7999" } } });
    let made = app.call(Method::POST, &format!("{USER}/phone_numbers"), Some(&phone)).await;
    assert_eq!(made.json()["data"]["attributes"]["number"], "+6493737999", "{}", made.text());
}
