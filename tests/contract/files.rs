//! Facts that stand in two files are compared.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use steward::db::Connection;
use steward::jsonapi::Code;

use crate::support::TestApp;

const ERRORS: &str = include_str!("../../docs/errors.md");
const SCHEMA: &str = include_str!("../../src/db/schema.rs");

#[test]
fn every_error_code_has_a_heading_in_the_docs_and_every_heading_a_code() {
    let headings: Vec<&str> = ERRORS.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(headings, codes, "docs/errors.md has the codes in the order of their statuses");
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    place: String,
}

#[actix_web::test]
async fn the_schema_file_has_the_columns_that_the_migrations_make() {
    let app = TestApp::new();
    let columns = diesel::sql_query(
        "SELECT m.name || '.' || c.name AS place FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'",
    );
    let migrated = columns.load::<Column>(&mut app.connection()).expect("the columns");
    let migrated: Vec<String> = migrated.into_iter().map(|column| column.place).collect();
    let mut described = Vec::new();
    let mut table = "";
    for line in SCHEMA.lines().map(str::trim).filter(|line| !line.starts_with("diesel::")) {
        if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            table = name;
        } else if let Some((column, _)) = line.split_once(" -> ") {
            described.push(format!("{table}.{column}"));
        }
    }
    let (described, migrated) = (BTreeSet::from_iter(described), BTreeSet::from_iter(migrated));
    assert!(described.len() > 100, "{described:?}");
    assert_eq!(described.symmetric_difference(&migrated).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[actix_web::test]
async fn the_migrations_can_be_taken_back() {
    let app = TestApp::new();
    let Connection::Sqlite(mut connection) = app.connection() else { panic!("SQLite") };
    for name in ["0002_idempotency", "0001_people"] {
        let down = std::fs::read_to_string(format!("migrations/sqlite/{name}/down.sql")).expect("the file");
        connection.batch_execute(&down).expect("the tables go in an order that their references allow");
    }
}
