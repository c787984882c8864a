//! What is about PostgreSQL alone. These tests do nothing where the tests run on SQLite.

mod copy;
mod distribution;
mod faults;
mod schema;
mod shared;
mod tls;
mod transactions;
