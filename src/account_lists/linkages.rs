//! Reads of what account lists name, which moves no version of who shares them: they are read for every answer that
//! shows them, by the requests of one thread together.

use std::collections::BTreeMap;

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Integer};

use super::linkage::{ListLinkage, Named, parts};
use crate::db::{Connection, Database, DbError, Gather, SqlStamp, SqlUuid};
use crate::id::Id;

/// The reads of one thread, which share statements. Clones share them.
#[derive(Clone, Debug)]
pub struct Linkages(Gather<Id, ListLinkage>);

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
        let database = db.clone();
        let told = self.0.ask(user, db.wait(), move |asked| {
            let db = database.clone();
            async move {
                let mut users: Vec<Id> = asked.iter().map(|asked| asked.question).collect();
                users.sort_unstable();
                users.dedup();
                let found = db.read_rows(move |connection| read_all(connection, &users)).await;
                for asked in asked {
                    let answer = match &found {
                        Ok(found) => Ok(found.get(&asked.question).cloned().unwrap_or_default()),
                        Err(error) => Err(error.repeated()),
                    };
                    asked.tell(answer);
                }
            }
        });
        told.await.unwrap_or_else(|| Err(DbError::Unavailable("a shared read was given up".to_owned())))
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
        for (i, (part, from)) in parts().enumerate() {
            out.push_sql(if i == 0 { "SELECT own.person_id, " } else { " UNION ALL SELECT own.person_id, " });
            out.push_sql(&part.to_string());
            out.push_sql(", own.account_list_id, ");
            out.push_sql(from);
            out.push_sql(" ON o.account_list_id = own.account_list_id WHERE own.person_id = ANY(");
            out.push_bind_param::<Array<SqlUuid>, Vec<Id>>(&self.users)?;
            out.push_sql(")");
        }
        Ok(())
    }
}

impl Query for OfAll {
    type SqlType = (SqlUuid, (Integer, SqlUuid, SqlUuid, SqlStamp));
}

impl RunQueryDsl<PgConnection> for OfAll {}
