//! Reads of what account lists name, which moves no version of who shares them: they are read for every answer that
//! shows them, by the requests of one thread together.

use std::collections::BTreeMap;

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Integer};

use super::linkage::{ListLinkage, Named, push_union};
use crate::db::{Connection, Database, DbError, Gather, SqlStamp, SqlUuid};
use crate::id::Id;

/// The reads of one thread, which share statements. Clones share them.
#[derive(Clone, Debug)]
pub struct Linkages(Gather<Id, Option<ListLinkage>>);

impl Default for Linkages {
    fn default() -> Self {
        Self(Gather::new(1))
    }
}

impl Linkages {
    /// What the account lists of a user name, by a statement that is sent after this is called.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read(&self, db: &Database, user: Id) -> Result<ListLinkage, DbError> {
        let read = async |db: Database, users: Vec<Id>| {
            db.read_rows(move |connection| read_all(connection, &users)).await
        };
        Ok(self.0.read(db, user, read).await?.unwrap_or_default())
    }
}

fn read_all(connection: &mut Connection, users: &[Id]) -> QueryResult<BTreeMap<Id, ListLinkage>> {
    if let (Connection::Postgres(connection), [_, _, ..]) = (&mut *connection, users) {
        let rows: Vec<(Id, Named)> = OfAll { users: users.to_vec() }.load(connection)?;
        let mut found = BTreeMap::<Id, Vec<Named>>::new();
        for (user, named) in rows {
            found.entry(user).or_default().push(named);
        }
        return Ok(found.into_iter().map(|(user, named)| (user, ListLinkage::of(named))).collect());
    }
    // Inside this process a statement for each costs no way there and back.
    users.iter().map(|user| Ok((*user, ListLinkage::read(connection, *user)?))).collect()
}

/// All linkage of all lists of several people, each row beside whose list it is.
#[derive(Debug, QueryId)]
struct OfAll {
    users: Vec<Id>,
}

impl QueryFragment<Pg> for OfAll {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        push_union(&mut out, "own.person_id, ", |out| {
            out.push_sql("ANY(");
            out.push_bind_param::<Array<SqlUuid>, Vec<Id>>(&self.users)?;
            out.push_sql(")");
            Ok(())
        })
    }
}

impl Query for OfAll {
    type SqlType = (SqlUuid, (Integer, SqlUuid, SqlUuid, SqlStamp));
}

impl RunQueryDsl<PgConnection> for OfAll {}
