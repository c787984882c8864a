//! What other layers fail with, as what a client is told of it.

use super::Error;
use crate::db::DbError;
use crate::jsonapi::json::JsonError;
use crate::jsonapi::{Code, ErrorObject, Fault};

impl From<ErrorObject> for Error {
    fn from(object: ErrorObject) -> Self {
        Self::new(object)
    }
}

impl From<Vec<Fault>> for Error {
    fn from(faults: Vec<Fault>) -> Self {
        Self::faults(faults)
    }
}

impl From<JsonError> for Error {
    fn from(error: JsonError) -> Self {
        Self::new(ErrorObject::new(Code::InvalidJson, error.detail).at(error.pointer))
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        let internal = error.to_string();
        match error {
            // A rollback of our own: the row was written to by others each of the many times that it was read.
            DbError::Busy
            | DbError::Unavailable(_)
            | DbError::Broken(_)
            | DbError::Conflict(_)
            | DbError::Locked(_)
            | DbError::Query(diesel::result::Error::RollbackTransaction) => Self::unavailable(internal),
            DbError::OutcomeUnknown(_) => Self::outcome_unknown(internal),
            DbError::Query(_) => Self::internal(internal),
        }
    }
}
