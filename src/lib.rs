//! Steward: a JSON:API user service whose promise is one sentence: **an edit that was acknowledged is never lost,
//! and one that was refused says exactly why.**
//!
//! Dependencies point down only:
//!
//! | layer | modules |
//! | --- | --- |
//! | command line | [`cli`], [`config`] |
//! | server | [`server`], [`routes`], [`telemetry`], [`pipeline`], [`representation`], [`answer`], [`auth`], [`health`], [`documentation`], [`console`], [`state`], [`error`] |
//! | files | [`transfer`] |
//! | API | [`users`], [`people`], [`account_lists`], [`juno`], [`sync`], [`constants`], [`policy`] |
//! | rules | [`guard`], [`jsonapi`] |
//! | storage | [`db`] |
//! | values | [`clock`], [`id`], [`public_url`] |

pub mod account_lists;
pub mod answer;
pub mod asset;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod constants;
pub mod db;
pub mod documentation;
pub mod error;
pub mod guard;
pub mod health;
pub mod id;
pub mod jsonapi;
pub mod juno;
pub mod metrics;
mod mutants;
pub mod openapi;
pub mod people;
pub mod pipeline;
pub mod policy;
pub mod public_url;
pub mod representation;
pub mod routes;
pub mod server;
pub mod state;
pub mod swagger;
pub mod sync;
pub mod telemetry;
pub mod transfer;
pub mod transport;
pub mod users;

// The crates below are used for what they bring to the build: the C libraries, without which nothing links.
use libsqlite3_sys as _;
use openssl_sys as _;
use pq_sys as _;
