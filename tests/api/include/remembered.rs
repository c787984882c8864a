//! A remembered document with everything included is never an old one, whoever has written whatever it shows.

use std::io::Cursor;

use actix_web::http::Method;
use serde_json::{Value, json};
use steward::people::kind::Kind;
use steward::people::row::{Row, Value as RowValue};
use steward::people::store;
use steward::transfer::{Lines, Options, import};
use steward::users::create::{self, NewUser};

use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, USER, id, stamp};
use crate::support::full::Full;
use crate::support::{Answer, TestApp, user};

const FINN: &str = "11111111-1111-4111-8111-111111111111";
const SITE: &str = "22222222-2222-4222-8222-222222222222";
const ACCOUNT: &str = "88888888-8888-4888-8888-888888888888";

async fn call(app: &TestApp, method: Method, path: &str, document: Option<Value>) -> Answer {
    let answer = app.call(method, path, document.as_ref()).await;
    assert!((200..300).contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
    answer
}

fn site(id: &str, attributes: Value) -> Value {
    json!({ "data": { "type": "websites", "id": id, "attributes": attributes } })
}

/// Finn, who shares Rey's account list.
fn finn_joins(app: &TestApp) {
    app.change(|connection| {
        let finn = NewUser::new(id(FINN), "Finn", stamp(MADE_AT));
        finn.and_then(|finn| finn.account_list(id(ACCOUNT_LIST), "-")).expect("Finn").insert(connection)
    });
}

fn take(app: &TestApp, line: &Value) {
    let mut lines = Lines::new(Cursor::new(line.to_string().into_bytes()));
    let options = Options { overwrite: true, now: stamp(MADE_AT + 60) };
    let (summary, outcome) = import(&mut app.connection(), &mut lines, options, &mut |_| {});
    outcome.expect("a database");
    assert_eq!(summary.refused, 0, "{summary:?}");
}

/// A line that says nothing but whose lists somebody shares, or has rows.
fn line(of: &str, relationships: &Value, included: &Value) -> Value {
    let attributes = json!({ "first_name": "Poe", "updated_in_db_at": "2022-01-12T17:18:30Z" });
    let data = json!({ "type": "users", "id": of, "attributes": attributes, "relationships": relationships });
    json!({ "data": data, "included": included })
}

#[actix_web::test]
async fn every_write_of_ones_own_is_seen_at_once_in_a_remembered_document() {
    let app = TestApp::new();
    let elsewhere = app.second_node();
    let mut full = Full::of(&app);
    full.assert_changed("nothing yet").await;
    // Through the node that remembers, and through another one, of which it is told nothing.
    for (node, name, id) in [(&app, "here", SITE), (&elsewhere, "there", ACCOUNT)] {
        let put = |attributes: Value| call(node, Method::PUT, USER, Some(user(attributes)));
        put(json!({ "employer": name, "overwrite": true })).await;
        full.assert_changed("an edit of the user").await;
        let sites = format!("{USER}/websites");
        let one = format!("{sites}/{id}");
        call(node, Method::POST, &sites, Some(site(id, json!({ "url": name })))).await;
        full.assert_changed("a new row").await;
        call(node, Method::PUT, &one, Some(site(id, json!({ "url": "other", "overwrite": true })))).await;
        full.assert_changed("an edit of a row").await;
        call(node, Method::DELETE, &one, None).await;
        full.assert_changed("a deletion of a row").await;
        let mut nested = user(json!({ "overwrite": true }));
        let number = json!({ "type": "phone_numbers", "attributes": { "number": format!("+1 213 373 42{}", name.len()) } });
        nested["data"]["relationships"] = json!({ "phone_numbers": { "data": [number] } });
        call(node, Method::PUT, USER, Some(nested)).await;
        full.assert_changed("a nested row").await;
    }
    take(
        &app,
        &line(REY, &json!({}), &json!([{ "type": "websites", "id": SITE, "attributes": { "url": "line" } }])),
    );
    full.assert_changed("an import of a row").await;
}

#[actix_web::test]
async fn every_write_of_what_is_shared_is_seen_at_once_in_a_remembered_document() {
    let app = TestApp::new();
    let mut full = Full::of(&app);
    full.assert_changed("nothing yet").await;
    finn_joins(&app);
    full.assert_changed("a new user who shares the list").await;
    let list = format!("/api/v2/account_lists/{ACCOUNT_LIST}");
    let renamed = |name: &str| {
        let attributes = json!({ "name": name, "overwrite": true });
        json!({ "data": { "type": "account_lists", "id": ACCOUNT_LIST, "attributes": attributes } })
    };
    call(&app, Method::PUT, &list, Some(renamed("Mine"))).await;
    full.assert_changed("one's own new name of a list").await;
    let finns = app.second_node();
    let answer = finns.call_as(&finns.token_of(FINN), Method::PUT, &list, Some(&renamed("Finn's"))).await;
    answer.assert_ok();
    full.assert_changed("another's new name of a list").await;
    app.change(|connection| {
        let coaches = Kind::of_type("account_list_coaches").expect("a kind");
        let mut row = Row::new(coaches, id(SITE), stamp(MADE_AT));
        row.set("account_list", RowValue::Id(id(ACCOUNT_LIST)));
        store::insert(connection, id(FINN), &row)
    });
    full.assert_changed("a coach").await;
    let joined = json!({ "account_lists": { "data": [{ "type": "account_lists", "id": ACCOUNT_LIST }] } });
    take(&app, &line(ACCOUNT, &joined, &json!([])));
    full.assert_changed("a line of a user who shares the list").await;
    let name = json!({ "name": "Line", "updated_in_db_at": "2022-02-01T00:00:00Z" });
    let lists = json!([{ "type": "account_lists", "id": ACCOUNT_LIST, "attributes": name }]);
    take(&app, &line(ACCOUNT, &joined, &lists));
    full.assert_changed("a line with a new name of the list").await;
    app.connect_organization();
    full.assert_changed("an organization account").await;
    app.change(|connection| create::delete(connection, id(FINN), stamp(MADE_AT + 120)));
    full.assert_changed("the deletion of who shares the list").await;
}
