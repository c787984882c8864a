//! Users as lines of JSON, out of a database and into one. A line is the document that `GET /api/v2/user?include=*`
//! answers with; what that document hides stands beside it in `meta` members, so that nothing is lost on the way
//! (docs/transfer.md). Knows no HTTP.

mod batches;
mod export;
pub mod file;
mod identities;
mod import;
mod juno;
mod known;
mod later;
mod line;
mod lines;
mod picture;
mod plan;
mod resource;
mod rows;
mod shared;
mod tables;
mod unit;
mod user;

pub use export::export;
pub use import::{Event, Options, Summary, import};
pub use lines::{LINE_LIMIT, Lines};

use crate::db::DbError;

/// `data.meta`: stored values that the document shows otherwise.
const STORED: &str = "stored";
/// `data.meta`: when the user joined his account lists.
const JOINED: &str = "joined";
/// `data.meta`: since when the user belongs to his parent contacts.
const PARENTS: &str = "parent_contacts";
/// `data.meta`: what providers of identities call the user.
const IDENTITIES: &str = "identities";
/// `data.meta`: the picture that the user has uploaded.
const PICTURE: &str = "picture";
/// `data.meta`: the user's deleted rows, and when each was deleted.
const DELETED: &str = "deleted";

/// Why a transfer ended early.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The database's reason.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The file's reason.
    #[error(transparent)]
    File(#[from] std::io::Error),
}

impl From<diesel::result::Error> for TransferError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}
