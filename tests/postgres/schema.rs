//! The migrations of both backends make the same database.

use std::collections::BTreeSet;
use std::thread;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use steward::db::Target;
use steward::db::migrations::migrate;
use tempfile::TempDir;

use crate::support::backend::only_on_postgres;
use crate::support::structure::structure;
use crate::support::{Place, TestApp};

fn migrations(backend: &str) -> BTreeSet<String> {
    let folders = std::fs::read_dir(format!("migrations/{backend}")).expect("the migrations");
    folders.map(|folder| folder.expect("a folder").file_name().into_string().expect("UTF-8")).collect()
}

#[test]
fn both_backends_have_migrations_of_the_same_names() {
    assert_eq!(migrations("sqlite"), migrations("postgres"));
}

#[test]
fn both_backends_have_the_same_tables_columns_keys_references_and_indexes() {
    only_on_postgres!();
    let directory = TempDir::new().expect("a folder");
    let file = Target::Sqlite(directory.path().join("steward.db").to_str().expect("text").to_owned());
    migrate(&file).expect("migrations");
    let on_sqlite = structure(&mut file.connect().expect("a connection"));
    let on_postgres = structure(&mut TestApp::new().connection());
    assert!(on_sqlite.len() > 150, "{on_sqlite:?}");
    let differences: Vec<_> = on_sqlite.symmetric_difference(&on_postgres).collect();
    assert_eq!(differences, Vec::<&String>::new());
}

#[derive(QueryableByName)]
struct Comment {
    #[diesel(sql_type = Text)]
    text: String,
}

#[test]
fn the_tables_explain_themselves() {
    only_on_postgres!();
    let comments = diesel::sql_query(
        "SELECT description AS text FROM pg_description d JOIN pg_class c ON c.oid = d.objoid \
         WHERE c.relnamespace = 'public'::regnamespace",
    );
    let comments = comments.load::<Comment>(&mut TestApp::new().connection()).expect("the comments");
    assert!(comments.iter().any(|comment| comment.text.starts_with("The stamp of the guard")));
    assert!(comments.len() >= 10);
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[test]
fn of_nodes_that_start_at_once_one_migrates_and_the_others_wait_for_it() {
    only_on_postgres!();
    let place = Place::empty();
    let nodes: Vec<_> = (0..6)
        .map(|_| {
            let target = place.target();
            thread::spawn(move || migrate(&target).expect("migrations").len())
        })
        .collect();
    let applied: Vec<usize> = nodes.into_iter().map(|node| node.join().expect("a node")).collect();
    assert_eq!(applied.iter().sum::<usize>(), migrations("postgres").len(), "{applied:?}");
    assert_eq!(applied.iter().filter(|number| **number > 0).count(), 1, "{applied:?}");
    let locks = "SELECT count(*) AS number FROM pg_locks WHERE locktype = 'advisory' \
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let mut connection = place.target().connect().expect("a connection");
    let left = diesel::sql_query(locks).load::<Count>(&mut connection).expect("the locks");
    assert_eq!(left[0].number, 0, "the lock is let go");
}
