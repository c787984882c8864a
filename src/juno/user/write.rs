//! The one way to write a user of JUNO, whichever codec it came through. Each belongs into a transaction; where it refuses,
//! nothing was written.

use diesel::QueryResult;
use diesel::result::Error as QueryError;

use super::changes::{Changes, SentTag, SentValue};
use super::rights::Rights;
use super::view::View;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::error::Error;
use crate::guard::precondition::Conditions;

/// With what rights, on what conditions, and when something is written.
#[derive(Clone, Copy, Debug)]
pub struct Write<'a> {
    /// Of the caller.
    pub rights: Rights,
    /// On the version of the view.
    pub conditions: &'a Conditions,
    /// When.
    pub now: Stamp,
}

/// What is done to the tags of a user.
#[derive(Clone, Debug, PartialEq)]
pub enum TagChange {
    /// They come to those that are there.
    Add(Vec<SentTag>),
    /// They are all that he has.
    Replace(Vec<SentTag>),
    /// They are taken away.
    Remove(Vec<SentTag>),
}

impl Write<'_> {
    /// Makes a user.
    ///
    /// # Errors
    /// The statements'; 400, 404, 409 as the rules say.
    pub fn create(&self, _: &mut Connection, _: &Changes) -> QueryResult<Result<View, Error>> {
        Err(QueryError::RollbackTransaction)
    }

    /// Changes a user.
    ///
    /// # Errors
    /// The statements'; 400, 403, 404, 409, 412 as the rules say.
    pub fn change(&self, _: &mut Connection, _: i64, _: &Changes) -> QueryResult<Result<View, Error>> {
        Err(QueryError::RollbackTransaction)
    }

    /// Changes values of dimensions and leaves the others as they are.
    ///
    /// # Errors
    /// As [`Write::change`].
    pub fn change_values(
        &self,
        _: &mut Connection,
        _: i64,
        _: &[SentValue],
    ) -> QueryResult<Result<View, Error>> {
        Err(QueryError::RollbackTransaction)
    }

    /// Changes tags.
    ///
    /// # Errors
    /// As [`Write::change`].
    pub fn change_tags(&self, _: &mut Connection, _: i64, _: &TagChange) -> QueryResult<Result<View, Error>> {
        Err(QueryError::RollbackTransaction)
    }

    /// Deletes a user.
    ///
    /// # Errors
    /// The statements'; 404, 412.
    pub fn delete(&self, _: &mut Connection, _: i64) -> QueryResult<Result<(), Error>> {
        Err(QueryError::RollbackTransaction)
    }
}
