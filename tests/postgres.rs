//! What is about PostgreSQL alone. These tests do nothing where the tests run on SQLite.

mod copy;
mod faults;
mod schema;
mod tls;
mod transactions;
