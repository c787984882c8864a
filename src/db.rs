//! The database: two backends behind one connection type, and the only two ways to it, [`Database::read`] and
//! [`Database::write`]. Knows no HTTP.

pub mod backup;
mod by_text;
mod checkpoints;
mod connection;
pub mod copy;
mod error;
mod executor;
mod gather;
pub mod inspect;
pub mod lists;
pub mod migrations;
mod pool;
pub mod postgres;
#[expect(missing_docs, reason = "the columns are explained in the migrations")]
pub mod schema;
pub mod settings;
pub mod shared;
pub mod sql_types;
mod target;
mod transaction;
mod unchanged;

pub(crate) use by_text::known_by_their_text;
pub use connection::{AnyConnection as Connection, Backend};
pub use error::DbError;
pub use executor::{Database, Limits, PoolUse, REST};
pub use gather::{Asked, Gather};
pub use sql_types::{SqlStamp, SqlUuid};
pub use target::{Target, expect_much};
pub use transaction::{in_snapshot, in_transaction};
