//! The model test finds each of the defects that can be planted in `src/` (see `src/mutants.rs`).

use std::process::Stdio;

use crate::backends::own_program;
use crate::support::backend::{is_postgres, report};

/// Names what is planted, in the words of the `fail` crate.
pub const VARIABLE: &str = "FAILPOINTS";

/// What stands before a failure that the model test has found.
pub const FOUND: &str = "the model test has found ";

/// So many runs a defect may stay hidden.
const RUNS: &str = "20000";

/// By the names of their lines in `src/`.
const PLANTED: [(&str, &str); 7] = [
    ("no_compare_and_set", "the compare-and-set without the version"),
    ("remembered_no_op", "a no-op decided on a remembered state without its version"),
    ("joined_version_read", "a version read of an earlier request"),
    ("commits_unseen", "what a connection keeps though others have committed"),
    ("no_tombstone", "a deletion that leaves no tombstone"),
    ("keys_ignored", "a write that ignores its Idempotency-Key"),
    ("rows_unmerged", "a merge that ignores what others did to rows"),
];

/// Plants what the environment asks for, as long as it is kept.
pub fn planted() -> Option<fail::FailScenario<'static>> {
    std::env::var_os(VARIABLE).map(|_| fail::FailScenario::setup())
}

/// A model test in a process of its own, with a defect: what it has found.
pub fn find(test: &str, name: &str) -> String {
    let mut model = own_program();
    model.args(["--exact", test]).env(VARIABLE, format!("mutant::{name}=return"));
    model.env(super::RUNS, RUNS).env_remove(super::SEED);
    let output = model.stdin(Stdio::null()).output().expect("the test runs");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "{name} was not found: {out}");
    let found = out.lines().find_map(|line| line.strip_prefix(FOUND));
    found.unwrap_or_else(|| panic!("{name}: {out}\n{}", String::from_utf8_lossy(&output.stderr))).to_owned()
}

#[test]
fn each_planted_defect_is_found() {
    let backend = if is_postgres() { "PostgreSQL" } else { "SQLite" };
    let test = "model::all_devices_agree_in_the_end_and_no_acknowledged_edit_is_lost";
    // A server's connections keep nothing.
    let is_here = |name: &str| !(is_postgres() && name == "commits_unseen");
    for (name, what) in PLANTED.into_iter().filter(|(name, _)| is_here(name)) {
        let found = find(test, name);
        let (runs, _) = found.split_once(':').expect("after how many runs");
        report(&format!("planted on {backend}: {what}: found {runs}"));
    }
}
