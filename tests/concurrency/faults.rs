//! The database goes away, a client goes away.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::{TestRequest, init_service};
use diesel::connection::SimpleConnection as _;
use futures_util::future::{Either, select};
use serde_json::json;
use steward::db::{Database, Limits, Target};

use crate::support::app::{STAMP, USER};
use crate::support::backend::{mended, only_on_sqlite, sabotage, sql};
use crate::support::{TestApp, put, user};

const LIMITS: Limits = Limits {
    connections: 2,
    wait: Duration::from_millis(50),
    lock_wait: Duration::from_secs(2),
    keeps: true,
};

#[actix_web::test]
async fn while_the_database_can_not_be_reached_everything_is_503_and_nothing_is_served_from_memory() {
    let app = TestApp::new();
    app.get().await.assert_ok();
    let nowhere = Target::Sqlite("/nowhere/steward.db".to_owned());
    let remembering = app.with_database(Database::open(&nowhere, LIMITS));
    for answer in [
        remembering.get().await,
        remembering.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await,
        remembering.send_as(None, TestRequest::get().uri("/readyz")).await,
    ] {
        answer.assert_refused(503, &["unavailable"]);
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(!answer.text().contains("nowhere"), "no internals: {}", answer.text());
    }
    let alive = remembering.send_as(None, TestRequest::get().uri("/healthz")).await;
    assert_eq!(alive.status, 200, "the process itself is well");
}

#[actix_web::test]
async fn a_request_that_gets_no_connection_in_time_is_503_and_later_ones_are_served() {
    let app = TestApp::new();
    let app = app.with_database(Database::open(&app.place.target(), LIMITS));
    let (release, held) = std::sync::mpsc::channel::<()>();
    let db = app.state.db.clone();
    let held = Arc::new(std::sync::Mutex::new(held));
    let holders: Vec<_> = (0..2)
        .map(|_| {
            let (db, held) = (db.clone(), Arc::clone(&held));
            actix_web::rt::spawn(async move {
                db.read(move |_| {
                    let _ = held.lock().map(|held| held.recv());
                    Ok(())
                })
                .await
            })
        })
        .collect();
    // The holders take both connections before anybody else is asked.
    actix_web::rt::task::yield_now().await;
    app.get().await.assert_refused(503, &["unavailable"]);
    drop(release);
    for holder in holders {
        holder.await.expect("a task").expect("a read");
    }
    app.get().await.assert_ok();
}

#[actix_web::test]
async fn a_defect_is_500_and_tells_nothing_of_the_inside() {
    let app = TestApp::new();
    app.change(|connection| connection.batch_execute("ALTER TABLE websites RENAME TO elsewhere"));
    let answer = app.get().await;
    answer.assert_refused(500, &["internal_error"]);
    assert!(!answer.text().contains("websites"), "{}", answer.text());
}

#[actix_web::test]
async fn a_write_that_fails_half_way_leaves_nothing_behind() {
    let app = TestApp::new();
    // The contact goes in after the person's row; that second statement fails.
    app.change(|connection| {
        connection.batch_execute(sql(
            "INSERT INTO contacts SELECT x'11111111111141118111111111111111', id, 'A contact', 0, 0 FROM account_lists",
            "INSERT INTO contacts SELECT '11111111-1111-4111-8111-111111111111', id, 'A contact', now(), now() \
             FROM account_lists",
        ))?;
        connection.batch_execute(&sabotage("parent_contacts", "INSERT"))
    });
    let edit = json!({
        "first_name": "Jack",
        "parent_contacts": ["11111111-1111-4111-8111-111111111111"],
        "updated_in_db_at": STAMP,
    });
    app.put(edit.clone()).await.assert_refused(500, &["internal_error"]);
    let shown = app.attributes().await;
    assert_eq!((&shown["first_name"], &shown["updated_in_db_at"]), (&json!("Rey"), &json!(STAMP)));
    app.change(|connection| connection.batch_execute(&mended("parent_contacts")));
    app.put(edit).await.assert_ok();
}

#[actix_web::test]
async fn a_client_that_hangs_up_leaves_a_whole_edit_or_none() {
    let app = TestApp::new();
    for hang_up_after in 0..12 {
        let stamp = app.stamp().await;
        let name = format!("Jack {hang_up_after}");
        let edit = user(json!({ "first_name": name, "employer": name, "updated_in_db_at": stamp }));
        {
            let service = init_service(steward::server::app(app.state.clone())).await;
            let request = put(&edit).insert_header(("Authorization", format!("Bearer {}", app.token)));
            let answer = Box::pin(actix_web::test::try_call_service(&service, request.to_request()));
            let hang_up = Box::pin(async {
                for _ in 0..hang_up_after {
                    actix_web::rt::task::yield_now().await;
                }
            });
            // Dropping the request's future is what the server does when the connection closes.
            match select(answer, hang_up).await {
                Either::Left((answer, _)) => assert!(answer.is_ok()),
                Either::Right(((), answer)) => drop(answer),
            }
        }
        // A write that was sent is finished before the next write begins.
        let marker = app.put(json!({ "preferences": { "marker": hang_up_after }, "overwrite": true })).await;
        let shown = marker.assert_ok();
        assert_eq!(shown["first_name"] == name, shown["employer"] == name, "{shown}");
    }
    let permits = (0..8).map(|_| app.send(TestRequest::get().uri(USER)));
    for answer in futures_util::future::join_all(permits).await {
        answer.assert_ok();
    }
}

#[actix_web::test]
async fn closing_the_database_folds_the_log_into_the_file() {
    only_on_sqlite!("PostgreSQL keeps its log itself");
    let app = TestApp::new();
    app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    app.state.db.close().await.expect("closed");
    let file = app.place.file();
    let copy = file.with_file_name("copy.db");
    std::fs::copy(file, &copy).expect("a copy of the file alone");
    let copy = Target::Sqlite(copy.to_str().expect("a path that is text").to_owned());
    let mut connection = copy.connect().expect("the copy");
    let check = "CREATE TEMP TABLE t AS SELECT 1 / (count(*) = 1) FROM people WHERE first_name = 'Jack'";
    connection.batch_execute(check).expect("Jack is in the copy");
}

#[actix_web::test]
async fn an_edit_and_what_is_included_in_its_answer_are_one_transaction() {
    let app = TestApp::new();
    // What is to be included can't be read; the edit itself does not touch it.
    app.change(|connection| {
        connection.batch_execute("ALTER TABLE account_lists RENAME COLUMN name TO title")
    });
    let edit = put(&user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })));
    let answer = app.send(edit.uri(&format!("{USER}?include=account_lists"))).await;
    answer.assert_refused(500, &["internal_error"]);
    assert_eq!(app.attributes().await["first_name"], "Rey");
}

#[actix_web::test]
async fn a_delete_that_fails_half_way_leaves_the_row_and_the_stamp() {
    let app = TestApp::new();
    app.change(|connection| connection.batch_execute(&sabotage("tombstones", "INSERT")));
    let before = app.get().await;
    let delete =
        || TestRequest::delete().uri("/api/v2/user/email_addresses/cbb8d3f5-8000-46b1-81f9-5e3c3a49819f");
    app.send(delete()).await.assert_refused(500, &["internal_error"]);
    assert_eq!(app.second_node().get().await.text(), before.text());
    app.change(|connection| connection.batch_execute(&mended("tombstones")));
    assert_eq!(app.send(delete()).await.status, 204);
}

#[actix_web::test]
async fn nested_rows_that_fail_half_way_leave_neither_the_user_nor_the_rows_before_them() {
    let app = TestApp::new();
    app.change(|connection| connection.batch_execute(&sabotage("websites", "INSERT")));
    let rows = |kind: &str, attributes: serde_json::Value| json!({ "data": [{ "type": kind, "attributes": attributes }] });
    let mut edit = user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP }));
    edit["data"]["relationships"] = json!({
        "email_addresses": rows("email_addresses", json!({ "email": "b@example.com" })),
        "websites": rows("websites", json!({ "url": "https://example.com" })),
    });
    let before = app.get().await.text().to_owned();
    app.put_document(&edit).await.assert_refused(500, &["internal_error"]);
    assert_eq!(app.get().await.text(), before);
    assert_eq!(app.second_node().get().await.text(), before);
    app.change(|connection| connection.batch_execute(&mended("websites")));
    assert_eq!(app.put_document(&edit).await.assert_ok()["first_name"], "Jack");
}
