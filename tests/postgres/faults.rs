//! The server goes away and comes back: before Steward starts, and under it.

use std::time::{Duration, Instant};

use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use futures_util::future::join_all;
use serde_json::{Value, json};
use steward::db::migrations::migrate;
use steward::db::{Connection, Database, Limits, Target};

use crate::support::app::{JSON_API, STAMP, rey};
use crate::support::backend::only_on_postgres;
use crate::support::pooler::Pooler;
use crate::support::postgres::{Cluster, server};
use crate::support::program::{Program, run, run_ok, steward};
use crate::support::{Place, TestApp};

const LIMITS: Limits =
    Limits { connections: 4, wait: Duration::from_secs(1), lock_wait: Duration::from_secs(2), keeps: true };

/// Ends all other sessions of the database.
const END_OTHERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                          WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[actix_web::test]
async fn connections_that_broke_while_they_rested_are_no_reason_to_refuse_anything() {
    only_on_postgres!();
    let app = TestApp::new();
    for name in ["Jack", "Jim", "Joe"] {
        // All four connections are made.
        for answer in join_all((0..16).map(|_| app.get())).await {
            answer.assert_ok();
        }
        app.connection().batch_execute(END_OTHERS).expect("ended");
        app.put(json!({ "first_name": name, "overwrite": true })).await.assert_ok();
        app.connection().batch_execute(END_OTHERS).expect("ended");
        assert_eq!(app.attributes().await["first_name"], name);
    }
}

#[actix_web::test]
async fn a_server_that_fails_and_comes_back_is_503_meanwhile_and_nothing_acknowledged_is_lost() {
    only_on_postgres!();
    let cluster = Cluster::start();
    let target = Target::parse(&cluster.url("postgres")).expect("a URL");
    migrate(&target).expect("migrations");
    let mut connection = target.connect().expect("a connection");
    steward::db::in_transaction(&mut connection, |connection| rey().insert(connection)).expect("Rey");
    let app = TestApp::new().with_database(Database::open(&target, LIMITS));
    let acknowledged = app.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await;
    let acknowledged = acknowledged.assert_ok();
    cluster.crash();
    let ready = || app.send_as(None, TestRequest::get().uri("/readyz"));
    for answer in
        [app.get().await, app.put(json!({ "first_name": "Jim", "overwrite": true })).await, ready().await]
    {
        answer.assert_refused(503, &["unavailable"]);
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    cluster.up();
    let deadline = Instant::now() + Duration::from_secs(20);
    while ready().await.status != 200 {
        assert!(Instant::now() < deadline, "it is found again");
    }
    assert_eq!(app.attributes().await, acknowledged);
    let stamp = &acknowledged["updated_in_db_at"];
    app.put(json!({ "first_name": "Jim", "updated_in_db_at": stamp })).await.assert_ok();
}

#[test]
fn writes_that_wait_keep_nobody_from_reading() {
    only_on_postgres!();
    let place = Place::empty();
    let user = run_ok(&place.url(), &["user", "add", "--first-name", "Rey"]);
    let user: Value = serde_json::from_str(&user).expect("JSON");
    let authorization = format!("Bearer {}", user["token"].as_str().expect("a token"));
    // One worker, so that all meet there.
    let program = Program::start(&place.url(), &["serve", "--workers", "1", "--db-connections", "4"]);
    let mut holder = place.target().connect().expect("a connection");
    holder.batch_execute("BEGIN; SELECT 1 FROM people FOR UPDATE").expect("the lock");
    let document =
        json!({ "data": { "type": "users", "attributes": { "employer": "Cru", "overwrite": true } } });
    let waiting = |observer: &mut Connection| {
        diesel::sql_query("SELECT count(*) AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            .get_result::<Count>(observer)
            .expect("a count")
            .count
    };
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let request = Program::agent().put(program.user_url());
                    let request = request.header("Authorization", &authorization);
                    let sent = request.header("Content-Type", JSON_API).send(document.to_string());
                    sent.expect("an answer").status().as_u16()
                })
            })
            .collect();
        let mut observer = place.target().connect().expect("a connection");
        while waiting(&mut observer) < 3 {}
        for path in ["/readyz", "/api/v2/user", "/api/v2/user?include=*"] {
            let request = Program::agent().get(format!("{}{path}", program.url));
            let answer = request.header("Authorization", &authorization).call().expect("an answer");
            assert_eq!(answer.status(), 200, "{path}");
        }
        assert_eq!(waiting(&mut observer), 3, "of four connections");
        holder.batch_execute("COMMIT").expect("the end of the lock");
        for writer in writers {
            assert_eq!(writer.join().expect("written"), 200);
        }
    });
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

#[test]
fn a_server_that_is_not_there_yet_is_waited_for() {
    only_on_postgres!();
    let cluster = Cluster::start();
    cluster.crash();
    let url = cluster.url("postgres");
    let starting = std::thread::spawn(move || {
        let program = Program::start(&url, &["serve"]);
        let answer = Program::agent().get(format!("{}/readyz", program.url)).call().expect("an answer");
        (answer.status().as_u16(), program.stop())
    });
    cluster.up();
    assert_eq!(starting.join().expect("started"), (200, Some(0)));
}

#[test]
fn a_server_that_does_not_come_is_told_in_one_line_and_the_password_is_not() {
    only_on_postgres!();
    let cluster = Cluster::start();
    let refused = |url: &str, wait: &str| {
        let output = run(url, &["serve", "--bind", "127.0.0.1:0", "--database-wait", wait]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(!told.contains("hush"), "{told}");
        let lines: Vec<_> =
            told.lines().filter(|line| line.starts_with("steward: ")).map(str::to_owned).collect();
        assert_eq!(lines.len(), 1, "{told}");
        assert_eq!(told.lines().last(), Some(lines[0].as_str()), "the line is the last one, and one: {told}");
        lines[0].clone()
    };
    // What only an administrator can mend is not waited for.
    let begin = Instant::now();
    let told = refused(&cluster.url("nothing").replace("steward@", "steward:hush@"), "60s");
    assert!(told.contains("database \"nothing\" does not exist"), "{told}");
    assert!(begin.elapsed() < Duration::from_secs(30));
    cluster.crash();
    let told = refused(&cluster.url("postgres").replace("steward@", "steward:hush@"), "300ms");
    assert!(told.starts_with("steward: can't open the database postgres://…@"), "{told}");
    assert!(told.contains("No such file or directory"), "{told}");
}

#[test]
fn a_pooler_in_transaction_mode_is_refused() {
    only_on_postgres!();
    let pooler = Pooler::before(&server().socket());
    let output = run(&pooler.url("postgres"), &["migrate"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(told.contains("a pooler in transaction mode") && told.lines().count() == 1, "{told}");
}

#[test]
fn a_flags_value_of_a_time_is_checked() {
    let output =
        steward("x.db").args(["serve", "--database-wait", "soon"]).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
}
