//! The way up from SQLite, and back.

use tempfile::TempDir;

use crate::support::backend::only_on_postgres;
use crate::support::place::Place;
use crate::support::program::run_ok;

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
