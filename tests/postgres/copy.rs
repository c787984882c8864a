//! The way up from SQLite, and back.

use std::thread;

use tempfile::TempDir;

use crate::support::backend::only_on_postgres;
use crate::support::place::Place;
use crate::support::pooler::Pooler;
use crate::support::postgres::{Cluster, server};
use crate::support::program::{run, run_ok};

#[test]
fn a_copy_from_sqlite_to_postgresql_and_back_is_the_same() {
    only_on_postgres!();
    let folder = TempDir::new().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("a path that is text").to_owned();
    let (from, back, place) = (file("from.db"), file("back.db"), Place::empty());
    let add = ["user", "add", "--first-name", "Rey", "--email", "rey@example.com", "--account-list", "Rey's"];
    run_ok(&from, &add);
    run_ok(&from, &["user", "add", "--first-name", "Finn", "--phone", "2134567890"]);
    let copy = |from: &str, to: &str| run_ok("unused.db", &["copy", "--from", from, "--to", to]);
    let (up, down) = (copy(&from, &place.url()), copy(&place.url(), &back));
    assert_eq!(up, down, "the same rows with the same hashes");
    for copied in [place.url(), back] {
        assert_eq!(run_ok(&copied, &["export"]), run_ok(&from, &["export"]));
    }
}

#[test]
fn a_server_that_is_not_there_yet_is_waited_for_at_either_end_of_a_copy() {
    only_on_postgres!();
    let folder = TempDir::new().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("a path that is text").to_owned();
    let (from, back, cluster) = (file("from.db"), file("back.db"), Cluster::start());
    run_ok(&from, &["user", "add", "--first-name", "Rey"]);
    for (from, to) in [(from.clone(), cluster.url("postgres")), (cluster.url("postgres"), back.clone())] {
        cluster.crash();
        let copying = thread::spawn(move || run_ok("unused.db", &["copy", "--from", &from, "--to", &to]));
        cluster.up();
        copying.join().expect("copied");
    }
    assert_eq!(run_ok(&back, &["export"]), run_ok(&from, &["export"]));
}

#[test]
fn a_copy_from_or_to_what_is_not_there_or_is_pooled_is_refused_in_one_line() {
    only_on_postgres!();
    let (cluster, pooler) = (Cluster::start(), Pooler::before(&server().socket()));
    let (place, absent) = (Place::migrated(), cluster.url("postgres"));
    cluster.crash();
    for (url, why) in
        [(absent, "can't open the database"), (pooler.url("postgres"), "a pooler in transaction mode")]
    {
        for (from, to) in [(&url, &place.url()), (&place.url(), &url)] {
            let flags = ["--log", "off", "--database-wait", "1ms"];
            let output = run("unused.db", &[&["copy", "--from", from, "--to", to], &flags[..]].concat());
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            let told = String::from_utf8(output.stderr).expect("UTF-8");
            assert!(told.contains(why) && told.lines().count() == 1, "{told}");
        }
    }
}
