//! Why the database gave no answer, in the few words that decide what becomes of a request.

use diesel::result::{DatabaseErrorKind, Error as QueryError};
use thiserror::Error;

/// Why the database gave no answer. Except for [`DbError::OutcomeUnknown`] nothing was written.
#[derive(Debug, Error)]
pub enum DbError {
    /// All connections stayed taken for as long as a request may wait.
    #[error("no connection became free in time")]
    Busy,
    /// The database can't be reached or can't work.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The connection broke, or does not lead to where one can write any more; a new one may.
    #[error("the connection to the database broke: {0}")]
    Broken(String),
    /// The transaction came into the way of others and was chosen to give way (40001, 40P01).
    #[error("other transactions were in the way: {0}")]
    Conflict(String),
    /// Somebody else held a lock for longer than is waited for it.
    #[error("a lock did not become free in time: {0}")]
    Locked(String),
    /// The commit was sent and its answer was lost: the write happened wholly or not at all.
    #[error("the outcome of a commit is unknown: {0}")]
    OutcomeUnknown(String),
    /// A query that should work does not: a defect.
    #[error("a query failed: {0}")]
    Query(QueryError),
}

impl DbError {
    /// Whether the same may work if it is done again at once, from its beginning.
    #[must_use]
    pub fn is_worth_another_try(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::Conflict(_))
    }

    /// The same for one more of those who waited for it together.
    #[must_use]
    pub fn repeated(&self) -> Self {
        match self {
            Self::Busy => Self::Busy,
            Self::Unavailable(text) => Self::Unavailable(text.clone()),
            Self::Broken(text) => Self::Broken(text.clone()),
            Self::Conflict(text) => Self::Conflict(text.clone()),
            Self::Locked(text) => Self::Locked(text.clone()),
            Self::OutcomeUnknown(text) => Self::OutcomeUnknown(text.clone()),
            Self::Query(error) => Self::Query(QueryError::QueryBuilderError(error.to_string().into())),
        }
    }
}

impl From<QueryError> for DbError {
    fn from(error: QueryError) -> Self {
        let into = match &error {
            QueryError::BrokenTransactionManager => Self::Broken,
            QueryError::DatabaseError(kind, information) => match kind {
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::ReadOnlyTransaction => Self::Broken,
                DatabaseErrorKind::SerializationFailure => Self::Conflict,
                // Neither backend's codes come through for the rest, only their texts. PostgreSQL's are in the
                // language of `lc_messages`, of which a warning at start tells.
                DatabaseErrorKind::Unknown => {
                    let is = |texts: &[&str]| texts.iter().any(|text| information.message().contains(text));
                    if is(CONFLICT) {
                        Self::Conflict
                    } else if is(LOCKED) {
                        Self::Locked
                    } else if is(BROKEN) {
                        Self::Broken
                    } else if is(UNAVAILABLE) {
                        Self::Unavailable
                    } else {
                        return Self::Query(error);
                    }
                }
                _ => return Self::Query(error),
            },
            _ => return Self::Query(error),
        };
        into(error.to_string())
    }
}

/// 40P01. Its two parties may both go on when one is chosen.
const CONFLICT: &[&str] = &["deadlock detected"];

/// 55P03.
const LOCKED: &[&str] = &["canceling statement due to lock timeout"];

/// 57P01 and its like: the server ends the connection.
const BROKEN: &[&str] =
    &["terminating connection", "server closed the connection", "no connection to the server"];

/// Texts that mean the server, the file, its lock or its disk, not the statement.
const UNAVAILABLE: &[&str] = &[
    // PostgreSQL: 57014, 53100, 53200.
    "canceling statement due to",
    "No space left on device",
    "out of memory",
    "out of shared memory",
    // SQLite.
    "database is locked",
    "disk I/O error",
    "unable to open database file",
    "database or disk is full",
    "attempt to write a readonly database",
    "database disk image is malformed",
    "file is not a database",
    "locking protocol",
];
