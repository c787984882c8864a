//! The integration tests, one binary. Every test goes through the real router or the real program, with a database
//! of its own and a clock that stands still.

mod api;
mod cli;
mod concurrency;
mod contract;
mod property;
mod support;
