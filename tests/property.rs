//! Rules that hold for whatever is sent. proptest prints a failing case, shrunk, and the seed that finds it again.

use proptest::test_runner::{Config, FailurePersistence, FileFailurePersistence};

mod decide;
mod json;
mod query;
mod stamps;
mod sync;
mod writes;

/// So many cases. The seed of a failing one is printed, and kept where the build keeps its own files.
pub(crate) fn cases(cases: u32) -> Config {
    let seeds = concat!(env!("CARGO_TARGET_TMPDIR"), "/proptest-seeds.txt");
    let seeds: Box<dyn FailurePersistence> = Box::new(FileFailurePersistence::Direct(seeds));
    Config { cases, failure_persistence: Some(seeds), ..Config::default() }
}
