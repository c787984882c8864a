//! The database: two backends behind one connection type, and the only two ways to it, [`Database::read`] and
//! [`Database::write`]. Knows no HTTP.

mod connection;
pub mod copy;
mod executor;
pub mod migrations;
#[expect(missing_docs, reason = "the columns are explained in the migrations")]
pub mod schema;
pub mod settings;
pub mod sql_types;

pub use connection::{AnyConnection as Connection, Backend, Target};
pub use executor::{Database, DbError, Limits, in_snapshot, in_transaction};
pub use sql_types::{SqlStamp, SqlUuid};
