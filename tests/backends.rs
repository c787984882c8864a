//! Both backends: the tests that run on SQLite run on PostgreSQL too.

use std::process::{Command, Stdio};

use crate::load::table::{self, table};
use crate::load::{faults, steady};
use crate::support::backend::{self, REPORTED, SKIPPED, VARIABLE, is_postgres, say};
use crate::support::postgres::is_installed;

const THIS: &str = "backends::the_whole_suite_on_postgres";

/// Set where the half on PostgreSQL must not be left out, as in `.ci/run`.
pub(crate) const REQUIRED: &str = "STEWARD_REQUIRE_POSTGRES";

/// The tests themselves, as a program to run.
pub(crate) fn own_program() -> Command {
    Command::new(std::env::current_exe().expect("the tests"))
}

/// How many tests there are beside this one, and how many of them are about PostgreSQL alone.
fn number_of_tests() -> (usize, usize) {
    let output = own_program().args(["--list", "--format=terse", "--skip", THIS]).output().expect("the list");
    let list = String::from_utf8(output.stdout).expect("UTF-8");
    let tests: Vec<&str> = list.lines().filter(|line| line.ends_with(": test")).collect();
    (tests.len(), tests.iter().filter(|test| test.starts_with("postgres::")).count())
}

/// Such as 345 from `test result: ok. 345 passed; 0 failed; …`.
fn passed(out: &str) -> Option<usize> {
    let result = out.lines().find_map(|line| line.strip_prefix("test result: ok. "))?;
    result.split_once(" passed")?.0.parse().ok()
}

#[test]
fn the_whole_suite_on_postgres() {
    if is_postgres() {
        return;
    }
    if !is_installed() {
        let text = "no initdb and pg_ctl in PATH or in the usual places: THE HALF OF THE TESTS THAT IS ABOUT \
                    POSTGRESQL WAS SKIPPED";
        assert!(std::env::var_os(REQUIRED).is_none(), "{text}, and {REQUIRED} is set");
        say(&format!("\n*** {text} ***\n"));
        return;
    }
    let (all, only_on_postgres) = number_of_tests();
    let mut half = own_program();
    half.args(["--skip", THIS]).env(VARIABLE, "postgres").env_remove("STEWARD_WRITE_DOCS");
    let output = half.stdin(Stdio::null()).output().expect("the tests run");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "on PostgreSQL:\n{out}\n{err}");
    let passed = passed(&out).unwrap_or_else(|| panic!("the number of tests: {out}"));
    assert_eq!(passed, all, "all of them ran: {out}");
    err.lines().filter(|line| line.starts_with(REPORTED)).for_each(say);
    let mut skipped: Vec<&str> = err.lines().filter_map(|line| line.strip_prefix(SKIPPED)).collect();
    skipped.sort_unstable();
    let (on_sqlite, on_postgres) = (all - only_on_postgres, passed - skipped.len());
    let skipped = skipped.join("\n  ");
    say(&format!(
        "\ntests on SQLite: {on_sqlite}, on PostgreSQL: {on_postgres}, of which {only_on_postgres} are about it alone; \
         only on SQLite:\n  {skipped}\n"
    ));
    let here = [steady::one_user(), steady::many_users(), faults::killed_nodes()].map(ToString::to_string);
    let there = err.lines().filter(|line| line.starts_with(table::PREFIX)).map(str::to_owned);
    say(&table(here.into_iter().chain(there)));
}

#[test]
fn the_server_of_the_tests_is_the_one_that_was_asked_for() {
    use crate::support::TestApp;
    use steward::db::Connection;

    let on_postgres = matches!(TestApp::new().connection(), Connection::Postgres(_));
    assert_eq!(on_postgres, backend::is_postgres());
}
