//! Writes of what users share, of several at once: a list is locked before anybody who shares it, by everybody.

use std::io::Cursor;
use std::thread;

use actix_web::http::Method;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};
use steward::transfer::{Lines, Options, import};
use steward::users::create::NewUser;

use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, STAMP, USER, id, stamp};
use crate::support::backend::only_on_postgres;

const FINN: &str = "11111111-1111-4111-8111-111111111111";
const OTHER: &str = "44444444-4444-4444-8444-444444444444";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Waits until a session of this database waits for a lock.
fn until_somebody_waits(app: &TestApp) {
    let waiting = "SELECT count(*) AS count FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let mut connection = app.connection();
    while diesel::sql_query(waiting).get_result::<Count>(&mut connection).expect("a count").count == 0 {
        thread::yield_now();
    }
}

/// Imports one line; returns how many were refused.
fn import_line(app: &TestApp, line: &Value) -> u64 {
    let text = line.to_string() + "\n";
    let mut lines = Lines::new(Cursor::new(text.into_bytes()));
    let options = Options { overwrite: false, now: stamp(MADE_AT + 60) };
    let (summary, outcome) = import(&mut app.connection(), &mut lines, options, &mut |_| {});
    outcome.expect("a database");
    summary.refused
}

/// A line of a new user, with what it says of the account list.
fn line_with(list: Value, relationships: Value) -> Value {
    let attributes = json!({ "first_name": "Poe", "updated_in_db_at": STAMP });
    json!({
        "data": { "type": "users", "id": OTHER, "attributes": attributes, "relationships": relationships },
        "included": [{ "type": "account_lists", "id": ACCOUNT_LIST, "attributes": list }],
    })
}

#[actix_web::test]
async fn an_import_waits_for_who_writes_a_list_and_undoes_nothing_of_it() {
    only_on_postgres!();
    let app = TestApp::new();
    let mut writer = app.connection();
    // A write that is not committed yet, as a PUT of the list is while it moves the versions of its members.
    let write = format!(
        "BEGIN; SELECT 1 FROM account_lists WHERE id = '{ACCOUNT_LIST}' FOR UPDATE; \
         UPDATE account_lists SET name = 'Acknowledged', version = version + 1, \
         updated_in_db_at = updated_in_db_at + interval '10 s' WHERE id = '{ACCOUNT_LIST}'"
    );
    writer.batch_execute(&write).expect("a write");
    let line = line_with(json!({ "currency": "EUR", "updated_in_db_at": "2022-01-12T17:18:12Z" }), json!({}));
    thread::scope(|scope| {
        let import = scope.spawn(|| import_line(&app, &line));
        until_somebody_waits(&app);
        writer.batch_execute("COMMIT").expect("a commit");
        assert_eq!(import.join().expect("an import"), 0);
    });
    let list =
        app.call(Method::GET, &format!("/api/v2/account_lists/{ACCOUNT_LIST}"), None).await.assert_ok();
    assert_eq!(list["name"], "Acknowledged");
    assert_eq!(list["updated_in_db_at"], "2022-01-12T17:18:19Z", "the newer one counts");
}

#[actix_web::test]
async fn who_joins_a_list_waits_for_who_writes_it_so_that_his_version_moves_too() {
    only_on_postgres!();
    let app = TestApp::new();
    app.change(|connection| NewUser::new(id(FINN), "Finn", stamp(MADE_AT)).expect("Finn").insert(connection));
    let mut writer = app.connection();
    let write = format!("BEGIN; SELECT 1 FROM account_lists WHERE id = '{ACCOUNT_LIST}' FOR UPDATE");
    writer.batch_execute(&write).expect("a lock");
    let linked = json!({ "account_lists": { "data": [{ "type": "account_lists", "id": ACCOUNT_LIST }] } });
    let line = line_with(json!({ "updated_in_db_at": STAMP }), linked);
    thread::scope(|scope| {
        let import = scope.spawn(|| import_line(&app, &line));
        until_somebody_waits(&app);
        let others = "SELECT count(*) AS count FROM account_list_users";
        let count = diesel::sql_query(others).get_result::<Count>(&mut writer).expect("a count").count;
        assert_eq!(count, 1, "not before the writer knows who shares the list");
        writer.batch_execute("COMMIT").expect("a commit");
        assert_eq!(import.join().expect("an import"), 0);
    });
}

#[actix_web::test]
async fn imports_and_requests_that_meet_on_a_list_all_come_through() {
    only_on_postgres!();
    let app = TestApp::new();
    let path = format!("/api/v2/account_lists/{ACCOUNT_LIST}");
    let mut line = line_with(json!({ "updated_in_db_at": STAMP }), json!({}));
    line["data"]["id"] = REY.into();
    let refused = thread::scope(|scope| {
        let import = scope.spawn(|| (0..20).map(|_| import_line(&app, &line)).sum::<u64>());
        let put = scope.spawn(|| {
            let system = actix_web::rt::System::new();
            let node = app.second_node();
            for name in 0..20 {
                let edit = json!({ "name": name.to_string(), "overwrite": true });
                let list = json!({ "data": { "type": "account_lists", "attributes": edit } });
                assert_eq!(system.block_on(node.call(Method::PUT, &path, Some(&list))).status, 200);
                let edit = json!({ "employer": name.to_string(), "overwrite": true });
                let user = json!({ "data": { "type": "users", "attributes": edit } });
                assert_eq!(system.block_on(node.call(Method::PUT, USER, Some(&user))).status, 200);
            }
        });
        put.join().expect("requests");
        import.join().expect("imports")
    });
    assert!(refused <= 20, "older lines may be refused, but none dies: {refused}");
    let list = app.call(Method::GET, &path, None).await.assert_ok();
    assert_eq!(list["name"], "19");
}
