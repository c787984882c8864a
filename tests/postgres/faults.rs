//! The server goes away and comes back: before Steward starts, and under it.

use std::time::{Duration, Instant};

use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use futures_util::future::join_all;
use serde_json::json;
use steward::db::migrations::migrate;
use steward::db::{Database, Limits, Target};

use crate::support::TestApp;
use crate::support::app::{STAMP, rey};
use crate::support::backend::only_on_postgres;
use crate::support::pooler::Pooler;
use crate::support::postgres::{Cluster, server};
use crate::support::program::{Program, run, steward};

const LIMITS: Limits =
    Limits { connections: 4, wait: Duration::from_secs(1), lock_wait: Duration::from_secs(2) };

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
fn a_server_that_is_not_there_yet_is_waited_for() {
    only_on_postgres!();
    let cluster = Cluster::start();
    cluster.crash();
    let url = cluster.url("postgres");
    let starting = std::thread::spawn(move || {
        let program = Program::start(&url, &["serve"]);
        let answer = Program::agent().get(format!("{}/readyz", program.url)).call().expect("an answer");
        (answer.status().as_u16(), program.stop("-TERM"))
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
