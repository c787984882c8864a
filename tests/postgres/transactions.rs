//! Transactions that can't go on: what is done again, what is told, and that nothing is done twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use futures_util::future::join_all;
use serde_json::json;
use steward::db::schema::settings;
use steward::db::{Database, DbError, Limits, in_transaction};

use crate::support::app::{JSON_API, STAMP, USER};
use crate::support::backend::only_on_postgres;
use crate::support::{TestApp, put, user};

/// Ends the session that runs it, as an administrator or a failing server would.
const DIE: &str = "SELECT pg_terminate_backend(pg_backend_pid())";

fn insert(connection: &mut steward::db::Connection, name: &str) -> QueryResult<usize> {
    diesel::insert_into(settings::table)
        .values((settings::name.eq(name), settings::value.eq("x")))
        .execute(connection)
}

fn number_of_settings(app: &TestApp) -> i64 {
    settings::table.count().get_result(&mut app.connection()).expect("a count")
}

/// Makes what a commit does fail: `body` runs when an edit of a person is committed.
fn at_commit(app: &TestApp, body: &str) {
    let trigger = format!(
        "CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER at_commit AFTER UPDATE ON people DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION at_commit()"
    );
    app.change(|connection| connection.batch_execute(&trigger));
}

/// As another node with patience for so many milliseconds.
fn impatient(app: &TestApp, milliseconds: u64) -> TestApp {
    let limits = Limits {
        connections: 4,
        wait: Duration::from_secs(30),
        lock_wait: Duration::from_millis(milliseconds),
        keeps: true,
    };
    app.second_node().with_database(Database::open(&app.place.target(), limits))
}

#[actix_web::test]
async fn a_write_whose_connection_breaks_before_the_commit_is_done_again_once() {
    only_on_postgres!();
    let app = TestApp::new();
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let write = move |connection: &mut steward::db::Connection| {
        insert(connection, "a")?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            connection.batch_execute(DIE)?;
        }
        Ok(())
    };
    app.state.db.write(write).await.expect("written");
    assert_eq!(tries.load(Ordering::SeqCst), 2);
    assert_eq!(number_of_settings(&app), 1);
}

#[actix_web::test]
async fn a_write_that_must_give_way_is_done_again() {
    only_on_postgres!();
    let app = TestApp::new();
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let write = move |connection: &mut steward::db::Connection| {
        insert(connection, "a")?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            connection.batch_execute("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$")?;
        }
        Ok(())
    };
    app.state.db.write(write).await.expect("written");
    assert_eq!((tries.load(Ordering::SeqCst), number_of_settings(&app)), (2, 1));
}

#[actix_web::test]
async fn of_two_writes_that_wait_for_each_other_one_is_done_again_and_both_are_done() {
    only_on_postgres!();
    let app = TestApp::new();
    app.change(|connection| insert(connection, "a").and_then(|_| insert(connection, "b")));
    let both_have_one = Arc::new(Barrier::new(2));
    let tries = Arc::new(AtomicUsize::new(0));
    let writes = [["a", "b"], ["b", "a"]].map(|names| {
        let (both_have_one, tries) = (Arc::clone(&both_have_one), Arc::clone(&tries));
        let db = app.state.db.clone();
        async move {
            db.write(move |connection| {
                let is_first = tries.fetch_add(1, Ordering::SeqCst) < 2;
                for name in names {
                    diesel::update(settings::table.find(name))
                        .set(settings::value.eq("y"))
                        .execute(connection)?;
                    if is_first && name == names[0] {
                        both_have_one.wait();
                    }
                }
                Ok(())
            })
            .await
        }
    });
    for done in join_all(writes).await {
        done.expect("written");
    }
    assert_eq!(tries.load(Ordering::SeqCst), 3, "one of them twice");
}

#[actix_web::test]
async fn a_transaction_in_which_a_statement_failed_is_not_taken_for_committed() {
    only_on_postgres!();
    let app = TestApp::new();
    let swallowed = in_transaction(&mut app.connection(), |connection| {
        insert(connection, "a")?;
        // PostgreSQL answers the COMMIT that follows with success, and rolls back.
        let _ = insert(connection, "a");
        Ok(())
    });
    assert!(matches!(swallowed, Err(DbError::Query(_))), "{swallowed:?}");
    assert_eq!(number_of_settings(&app), 0);
}

#[actix_web::test]
async fn a_commit_whose_answer_is_lost_is_outcome_unknown_and_not_done_again() {
    only_on_postgres!();
    let app = TestApp::new();
    app.change(|connection| connection.batch_execute("CREATE SEQUENCE commits"));
    at_commit(&app, "PERFORM nextval('commits'); PERFORM pg_terminate_backend(pg_backend_pid())");
    let answer = app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await;
    answer.assert_refused(503, &["outcome_unknown"]);
    assert_eq!(answer.header("retry-after"), Some("1"));
    // A sequence counts what was rolled back too.
    let commits = diesel::dsl::sql::<diesel::sql_types::BigInt>("last_value FROM commits");
    let commits: i64 = diesel::select(commits).get_result(&mut app.connection()).expect("the number");
    assert_eq!(commits, 1, "sent once");
    let shown = app.attributes().await;
    assert_eq!((&shown["first_name"], &shown["updated_in_db_at"]), (&json!("Rey"), &json!(STAMP)));
    app.change(|connection| connection.batch_execute("DROP TRIGGER at_commit ON people"));
    app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
}

#[actix_web::test]
async fn a_commit_that_the_server_refuses_is_no_unknown_outcome() {
    only_on_postgres!();
    let app = TestApp::new();
    at_commit(&app, "RAISE EXCEPTION 'no'");
    let answer = app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await;
    answer.assert_refused(500, &["internal_error"]);
    assert_eq!(app.attributes().await["first_name"], "Rey");
}

#[actix_web::test]
async fn a_write_that_waits_too_long_for_the_persons_lock_is_503() {
    only_on_postgres!();
    let app = impatient(&TestApp::new(), 50);
    let mut holder = app.connection();
    holder.batch_execute("BEGIN; SELECT 1 FROM people FOR UPDATE").expect("the lock");
    let answer = app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await;
    answer.assert_refused(503, &["unavailable"]);
    assert_eq!(answer.header("retry-after"), Some("1"));
    app.get().await.assert_ok();
    holder.batch_execute("ROLLBACK").expect("the lock is free");
    app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
}

#[actix_web::test]
async fn a_rival_with_the_key_on_another_node_is_waited_for_and_then_told_of() {
    only_on_postgres!();
    let app = TestApp::new();
    let keyed = || {
        let edit = user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP }));
        put(&edit).insert_header(("Idempotency-Key", "k1"))
    };
    // He holds the person, so the first one holds the key and waits.
    let mut holder = app.connection();
    holder.batch_execute("BEGIN; SELECT 1 FROM people FOR UPDATE").expect("the lock");
    let first = {
        let node = app.second_node();
        actix_web::rt::spawn(async move { node.send(keyed()).await })
    };
    let waiting =
        "count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let mut observer = app.connection();
    loop {
        let waiting = diesel::dsl::sql::<diesel::sql_types::BigInt>(waiting);
        if diesel::select(waiting).get_result::<i64>(&mut observer).expect("a number") > 0 {
            break;
        }
        actix_web::rt::task::yield_now().await;
    }
    let second = impatient(&app, 50).send(keyed()).await;
    second.assert_refused(409, &["in_flight"]);
    assert_eq!(second.header("retry-after"), Some("1"));
    holder.batch_execute("ROLLBACK").expect("the lock is free");
    let first = first.await.expect("a task");
    first.assert_ok();
    let again = app.send(keyed()).await;
    assert_eq!((again.header("idempotent-replayed"), again.text()), (Some("true"), first.text()));
}

#[actix_web::test]
async fn what_can_not_be_a_text_of_postgresql_is_refused_on_both_backends() {
    let app = TestApp::new();
    for body in [
        r#"{"data":{"type":"users","attributes":{"overwrite":true,"preferences":{"a\u0000":1}}}}"#,
        r#"{"data":{"type":"users","attributes":{"overwrite":true,"preferences":{"a":"\u0000"}}}}"#,
        r#"{"data":{"type":"users","attributes":{"overwrite":true,"employer":"\u0000"}}}"#,
    ] {
        let answer = app.put_bytes(body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
    }
    let request = TestRequest::get().uri(&format!("{USER}?filter[account_list_id]=%00"));
    assert_eq!(app.send(request.insert_header(("Accept", JSON_API))).await.status, 404);
}
