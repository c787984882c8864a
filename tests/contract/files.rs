//! Facts that stand in two files are compared.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;
use steward::jsonapi::Code;

use crate::support::TestApp;
use crate::support::backend::sql;
use crate::support::structure::columns;

const ERRORS: &str = include_str!("../../docs/errors.md");
const SCHEMA: &str = concat!(
    include_str!("../../src/db/schema.rs"),
    include_str!("../../src/db/schema/ce.rs"),
    include_str!("../../src/db/schema/juno.rs"),
    include_str!("../../src/db/schema/shared.rs")
);

#[test]
fn every_error_code_has_a_heading_in_the_docs_and_every_heading_a_code() {
    let headings: Vec<&str> = ERRORS.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(headings, codes, "docs/errors.md has the codes in the order of their statuses");
}

#[actix_web::test]
async fn the_schema_file_has_the_columns_that_the_migrations_make() {
    let migrated = columns(&mut TestApp::new().connection());
    let mut described = Vec::new();
    let mut table = "";
    for line in SCHEMA.lines().map(str::trim).filter(|line| !line.starts_with("diesel::")) {
        if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            table = name;
        } else if let Some((column, _)) = line.split_once(" -> ") {
            described.push(format!("{table}.{column}"));
        }
    }
    let described = BTreeSet::from_iter(described);
    assert!(described.len() > 100, "{described:?}");
    assert_eq!(described.symmetric_difference(&migrated).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[actix_web::test]
async fn the_migrations_can_be_taken_back() {
    let app = TestApp::new();
    let mut connection = app.connection();
    let backend = sql("sqlite", "postgres");
    let folder = std::fs::read_dir(format!("migrations/{backend}")).expect("the folder");
    let mut names: Vec<_> = folder.map(|entry| entry.expect("a migration").path()).collect();
    names.sort();
    assert!(names.len() > 2, "{names:?}");
    for name in names.iter().rev() {
        let down = std::fs::read_to_string(name.join("down.sql"));
        connection
            .batch_execute(&down.expect("the file"))
            .expect("the tables go in an order that their references allow");
    }
}
