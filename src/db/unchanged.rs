//! What a connection to a file has read and nobody has changed since: SQLite tells whether others have committed without
//! looking at a table.

use std::any::Any;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;

use super::connection::AnyConnection as Connection;
use crate::mutants::mutant;

/// What a connection keeps. It writes nothing itself (`query_only`): its own commits are not told.
#[derive(Default)]
pub(super) struct Unchanged {
    version: Option<i64>,
    kept: Option<Box<dyn Any + Send>>,
}

impl Unchanged {
    /// Runs a query with what queries of its kind have kept on this connection since others last committed.
    ///
    /// The version is read first: what is kept beside it may be newer, and is then thrown away once too often; older it can't
    /// be.
    pub(super) fn with<K: Default + Send + 'static, T>(
        &mut self,
        connection: &mut Connection,
        query: impl FnOnce(&mut Connection, &mut K) -> QueryResult<T>,
    ) -> QueryResult<T> {
        let version = match connection {
            Connection::Sqlite(connection) => Some(DataVersion.get_result::<i64>(connection)?),
            Connection::Postgres(_) => None,
        };
        let is_unchanged = version.is_some() && version == self.version;
        mutant!("commits_unseen", let is_unchanged = self.version.is_some());
        self.version = version;
        // Out of its place until the query has succeeded: half of what it keeps would be wrong.
        let kept = self.kept.take().filter(|_| is_unchanged);
        let mut kept = kept.and_then(|kept| kept.downcast::<K>().ok()).unwrap_or_default();
        let outcome = query(connection, &mut kept)?;
        self.kept = Some(kept);
        Ok(outcome)
    }
}

/// A number that changes when another connection, of whichever process, has committed.
#[derive(Debug, QueryId)]
struct DataVersion;

impl QueryFragment<Sqlite> for DataVersion {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("PRAGMA data_version");
        Ok(())
    }
}

impl Query for DataVersion {
    type SqlType = BigInt;
}

impl RunQueryDsl<SqliteConnection> for DataVersion {}
