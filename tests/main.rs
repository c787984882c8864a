//! The integration tests, one binary. Every test goes through the real router or the real program, with a database
//! of its own and a clock that stands still.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that can't go on fails"
)]
#![expect(unreachable_pub, reason = "nothing is reachable from outside a test binary")]

mod api;
mod backends;
mod cli;
mod concurrency;
mod conformance;
mod contract;
mod juno;
mod load;
mod model;
mod postgres;
mod property;
mod serving;
mod support;
