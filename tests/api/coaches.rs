//! `/api/v2/user/account_list_coaches`: the lists that a user coaches (`clients.md` 2).

use actix_web::http::Method;
use actix_web::http::header::IF_NONE_MATCH;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use steward::clock::Clock as _;
use steward::people::kind::Kind;
use steward::people::row::{Row, Value as RowValue};
use steward::people::store;
use steward::users::create::NewUser;

use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, STAMP, USER, id, stamp};
use crate::support::{Answer, TestApp};

const FINN: &str = "11111111-1111-4111-8111-111111111111";
const FINNS: &str = "44444444-4444-4444-8444-444444444444";
const FIRST: &str = "22222222-2222-4222-8222-222222222222";
const SECOND: &str = "33333333-3333-4333-8333-333333333333";

/// Rey coaches Finn's list, and later her own as well.
fn with_coach() -> TestApp {
    let app = TestApp::new();
    app.change(|connection| {
        let finn = NewUser::new(id(FINN), "Finn", stamp(MADE_AT));
        finn.and_then(|finn| finn.account_list(id(FINNS), "Finn's")).expect("Finn").insert(connection)?;
        let kind = Kind::of_type("account_list_coaches").expect("a kind");
        for (row, list, seconds) in [(FIRST, FINNS, 0), (SECOND, ACCOUNT_LIST, 60)] {
            let mut row = Row::new(kind, id(row), stamp(MADE_AT + seconds));
            row.set("account_list", RowValue::Id(id(list)));
            store::insert(connection, id(REY), &row)?;
        }
        Ok(())
    });
    app
}

async fn get(app: &TestApp, path: &str) -> Answer {
    app.call(Method::GET, &format!("{USER}/account_list_coaches{path}"), None).await
}

fn ids(document: &Value) -> Vec<&str> {
    document["data"].as_array().expect("a list").iter().filter_map(|row| row["id"].as_str()).collect()
}

#[actix_web::test]
async fn a_coach_sees_the_lists_that_he_coaches_though_he_does_not_share_them() {
    let app = with_coach();
    let list = get(&app, "?include=account_list&page=1").await.json();
    let first = json!({
        "id": FIRST,
        "type": "account_list_coaches",
        "attributes": { "created_at": STAMP, "updated_at": STAMP, "updated_in_db_at": STAMP },
        "relationships": { "account_list": { "data": { "id": FINNS, "type": "account_lists" } } },
    });
    assert_eq!((&list["data"][0], ids(&list)), (&first, vec![FIRST, SECOND]));
    assert_eq!(list["meta"]["pagination"]["total_pages"], 1);
    let included = list["included"].as_array().expect("lists");
    let named: Vec<_> = included.iter().map(|list| (&list["type"], &list["attributes"]["name"])).collect();
    let kind = json!("account_lists");
    assert_eq!(named, [(&kind, &json!("Finn's")), (&kind, &json!("Rey's account list"))]);
    // As it is shown to who shares it.
    let own = app.call(Method::GET, &format!("{USER}/account_lists"), None).await.json();
    assert_eq!(own["data"][0]["attributes"], included[1]["attributes"]);
    assert_eq!(own["meta"]["pagination"]["total_count"], 1, "no list of his own more");
    let one = get(&app, &format!("/{FIRST}?include=account_list")).await.json();
    assert_eq!((&one["data"], &one["included"]), (&first, &json!([included[0]])));
    assert!(get(&app, "").await.json().get("included").is_none());
}

#[actix_web::test]
async fn what_is_coached_has_pages_order_filters_and_fields() {
    let app = with_coach();
    assert_eq!(ids(&get(&app, "?sort=-created_at").await.json()), [SECOND, FIRST]);
    let second = get(&app, "?include=account_list&page[size]=1&page[number]=2").await.json();
    assert_eq!(ids(&second), [SECOND]);
    assert_eq!(second["included"].as_array().expect("lists").len(), 1, "of the rows of the page");
    let late = get(&app, "?filter[updated_at]=2022-01-12T17:19:00Z..2022-01-12T18:00:00Z").await.json();
    assert_eq!(ids(&late), [SECOND]);
    let fields = "fields[account_list_coaches]=created_at&fields[account_lists]=name";
    let sparse = get(&app, &format!("/{FIRST}?include=account_list&{fields}")).await.json();
    assert_eq!(sparse["data"]["attributes"], json!({ "created_at": STAMP }));
    assert_eq!(sparse["included"][0]["attributes"], json!({ "name": "Finn's" }));
    get(&app, "?include=account_list.users").await.assert_refused(400, &["invalid_parameter"]);
    get(&app, &format!("?filter[account_list_id]={FINNS}")).await.assert_refused(404, &["not_found"]);
    let tag = get(&app, &format!("/{FIRST}")).await.header("etag").expect("a tag").to_owned();
    let request = TestRequest::get().uri(&format!("{USER}/account_list_coaches/{FIRST}"));
    assert_eq!(app.send(request.insert_header((IF_NONE_MATCH, tag))).await.status, 304);
}

#[actix_web::test]
async fn no_request_writes_who_coaches() {
    let app = with_coach();
    let document = json!({ "data": { "type": "account_list_coaches", "attributes": { "overwrite": true } } });
    for (method, path) in [
        (Method::POST, String::new()),
        (Method::PUT, format!("/{FIRST}")),
        (Method::PATCH, format!("/{FIRST}")),
        (Method::DELETE, format!("/{FIRST}")),
    ] {
        let answer = app.call(method, &format!("{USER}/account_list_coaches{path}"), Some(&document)).await;
        answer.assert_refused(405, &["method_not_allowed"]);
        assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
    }
    assert_eq!(ids(&get(&app, "").await.json()), [FIRST, SECOND]);
}

#[actix_web::test]
async fn what_another_coaches_is_not_there() {
    let app = with_coach();
    let finn = app.state.tokens.issue(id(FINN), app.clock.now(), 0, 3600).expect("a token");
    let get = |path: &str| {
        let request = TestRequest::get().uri(&format!("{USER}/account_list_coaches{path}"));
        app.send_as(Some(&finn), request)
    };
    assert_eq!(get("").await.json()["data"], json!([]));
    get(&format!("/{FIRST}")).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn who_shares_a_list_sees_who_coaches_it() {
    let app = with_coach();
    let path = format!("/api/v2/account_lists/{FINNS}?include=coaches,users");
    let list = app.call_as(&app.token_of(FINN), Method::GET, &path, None).await.json();
    let rey = json!([{ "id": REY, "type": "people" }]);
    assert_eq!(list["data"]["relationships"]["coaches"]["data"], rey);
    let included: Vec<_> =
        list["included"].as_array().expect("people").iter().map(|one| &one["id"]).collect();
    assert_eq!(included, [FINN, REY]);
    let attributes =
        json!({ "avatar": "https://mpdx.org/images/avatar.png", "first_name": "Rey", "last_name": null });
    assert_eq!(list["included"][1]["attributes"], attributes);
    let path = format!("/api/v2/account_lists/{FINNS}");
    app.call(Method::GET, &path, None).await.assert_refused(404, &["not_found"]);
}
