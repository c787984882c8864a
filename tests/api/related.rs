//! `/api/v2/user/account_lists` and `/api/v2/user/master_person`: what the user's relationships lead to (design 9).

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use steward::users::create::NewUser;

use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, STAMP, id, stamp};
use crate::support::{Answer, TestApp};

const LISTS: &str = "/api/v2/user/account_lists";
const MASTER_PERSON: &str = "/api/v2/user/master_person";
const FINN: &str = "11111111-1111-4111-8111-111111111111";
const POE: &str = "22222222-2222-4222-8222-222222222222";
const SECOND: &str = "33333333-3333-4333-8333-333333333333";
const FOREIGN: &str = "44444444-4444-4444-8444-444444444444";

/// Rey with two lists, one of which she shares with Finn; Poe has a list of his own and shares the second.
fn with_lists() -> TestApp {
    let app = TestApp::new();
    let person = |who: &str, name: &str, seconds: i64| NewUser::new(id(who), name, stamp(MADE_AT + seconds));
    app.change(|connection| {
        let finn = person(FINN, "Finn", 60).and_then(|finn| finn.account_list(id(ACCOUNT_LIST), "-"));
        finn.expect("Finn").insert(connection)?;
        let poe = person(POE, "Poe", 120).and_then(|poe| poe.account_list(id(SECOND), "Another list"));
        poe.and_then(|poe| poe.account_list(id(FOREIGN), "Poe's")).expect("Poe").insert(connection)?;
        join(connection)
    });
    app
}

/// Rey joins the second list.
fn join(connection: &mut steward::db::Connection) -> diesel::QueryResult<usize> {
    use diesel::prelude::*;
    use steward::db::schema::account_list_users::dsl as u;
    let row =
        (u::account_list_id.eq(id(SECOND)), u::person_id.eq(id(REY)), u::created_at.eq(stamp(MADE_AT + 180)));
    diesel::insert_into(u::account_list_users).values(row).execute(connection)
}

async fn get(app: &TestApp, url: &str) -> Answer {
    app.call(Method::GET, url, None).await
}

async fn names(app: &TestApp, query: &str) -> Vec<String> {
    let answer = get(app, &format!("{LISTS}?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let lists = answer.json()["data"].as_array().expect("a list").clone();
    lists.iter().map(|list| list["attributes"]["name"].as_str().expect("a name").to_owned()).collect()
}

#[actix_web::test]
async fn account_lists_are_the_users_own_as_they_are_included_with_him() {
    let app = with_lists();
    let lists = get(&app, LISTS).await.json();
    let included = get(&app, "/api/v2/user?include=account_lists").await.json()["included"].clone();
    assert_eq!(lists["data"], included);
    let ids: Vec<_> = lists["data"].as_array().expect("a list").iter().map(|list| &list["id"]).collect();
    assert_eq!(ids, [ACCOUNT_LIST, SECOND]);
    let times = json!({ "page": 1, "per_page": 25, "total_count": 2, "total_pages": 1 });
    assert_eq!(lists["meta"]["pagination"], times);
    assert_eq!(lists.get("included"), None);
}

#[actix_web::test]
async fn account_lists_are_sorted_filtered_and_cut() {
    let app = with_lists();
    let (own, other) = ("Rey's account list", "Another list");
    assert_eq!(names(&app, "sort=name").await, [other, own]);
    assert_eq!(names(&app, "sort=-name").await, [own, other]);
    assert_eq!(names(&app, "sort=-created_at").await, [other, own]);
    assert_eq!(names(&app, "sort=-updated_at&page[size]=1&page[number]=2").await, [own]);
    assert_eq!(names(&app, "filter[updated_at]=2022-01-12T17:18:09Z").await, [own]);
    let answer = get(&app, &format!("{LISTS}?fields[account_lists]=name&page[size]=1")).await.json();
    assert_eq!(answer["data"][0]["attributes"], json!({ "name": "Rey's account list" }));
    assert!(answer["links"]["next"].is_string(), "{answer}");
    for query in ["sort=id", "include=nobody", "include=users.websites", "filter[name]=x", "page[size]=0"] {
        get(&app, &format!("{LISTS}?{query}")).await.assert_refused(400, &["invalid_parameter"]);
    }
}

#[actix_web::test]
async fn the_people_of_the_lists_of_a_page_come_along_each_once_with_four_members() {
    let app = with_lists();
    let document = get(&app, &format!("{LISTS}?include=users")).await.json();
    let people = |document: &Value| {
        let included = document["included"].as_array().expect("included").clone();
        included.iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(people(&document), [REY, FINN, POE]);
    let finn =
        json!({ "avatar": "https://mpdx.org/images/avatar.png", "first_name": "Finn", "last_name": null });
    assert_eq!(document["included"][1], json!({ "id": FINN, "type": "users", "attributes": finn }));
    let linkage = &document["data"][1]["relationships"]["users"]["data"];
    assert_eq!(*linkage, json!([{ "id": POE, "type": "users" }, { "id": REY, "type": "users" }]));
    let second = get(&app, &format!("{LISTS}?include=users&page[size]=1&page[number]=2")).await.json();
    assert_eq!(people(&second), [REY, POE], "nobody whom the page does not name");
}

#[actix_web::test]
async fn the_master_person_is_the_one_that_the_user_names() {
    let app = TestApp::new();
    let document = get(&app, MASTER_PERSON).await.json();
    let times = json!({ "created_at": STAMP, "updated_at": STAMP });
    let id = "df2cc53d-87d3-46e9-84b8-757921ebda71";
    assert_eq!(document, json!({ "data": { "id": id, "type": "master_people", "attributes": times } }));
    let included = get(&app, "/api/v2/user?include=master_person").await.json()["included"][0].clone();
    assert_eq!(document["data"], included);
    let sparse = get(&app, &format!("{MASTER_PERSON}?fields[master_people]=&page[size]=1")).await.json();
    assert_eq!(sparse, json!({ "data": { "id": id, "type": "master_people" } }));
    for query in ["include=people", "include=", "sort=created_at", "filter[updated_at]=2022-01-12", "x_y=1"] {
        get(&app, &format!("{MASTER_PERSON}?{query}")).await.assert_refused(400, &["invalid_parameter"]);
    }
}

#[actix_web::test]
async fn what_is_related_is_only_read_and_only_by_its_user() {
    let app = with_lists();
    for path in [LISTS, MASTER_PERSON] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = app.call(method, path, Some(&json!({ "data": [] }))).await;
            answer.assert_refused(405, &["method_not_allowed"]);
            assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
        }
        assert_eq!(app.call(Method::OPTIONS, path, None).await.status, 204);
        assert_eq!(app.call(Method::HEAD, path, None).await.status, 200);
        app.send_as(None, TestRequest::get().uri(path)).await.assert_refused(401, &["unauthorized"]);
        assert_eq!(get(&app, &format!("{path}?filter[account_list_id]={SECOND}")).await.status, 200);
        let foreign = get(&app, &format!("{path}?filter[account_list_id]={FOREIGN}")).await;
        foreign.assert_refused(404, &["not_found"]);
    }
}
