//! Ids that are numbers: each is given once, also where its row is deleted.

use diesel::prelude::*;

use crate::db::Connection;
use crate::db::schema::counters;

/// Waits for whoever else changes the table, for the rest of the transaction; so names can be compared before they are
/// written. SQLite has one writer at a time as it is.
pub(crate) fn lock(connection: &mut Connection, table: &'static str) -> QueryResult<()> {
    match connection {
        Connection::Sqlite(_) => Ok(()),
        Connection::Postgres(connection) => {
            let row = counters::table.find(table).select(counters::last).for_no_key_update();
            row.get_result::<i64>(connection).map(drop)
        }
    }
}

/// The next id of a table that is locked. It is not given yet.
pub(super) fn next(connection: &mut Connection, table: &'static str) -> QueryResult<i64> {
    let last = counters::table.find(table).select(counters::last).get_result::<i64>(connection)?;
    last.checked_add(1).ok_or_else(|| diesel::result::Error::QueryBuilderError("no number is left".into()))
}

/// Gives an id that was the next.
pub(super) fn give(connection: &mut Connection, table: &'static str, id: i64) -> QueryResult<()> {
    diesel::update(counters::table.find(table)).set(counters::last.eq(id)).execute(connection).map(drop)
}

/// Keeps an id that came from elsewhere from being given, in a table that is locked.
pub(crate) fn pass(connection: &mut Connection, table: &'static str, id: i64) -> QueryResult<()> {
    let lower = counters::table.find(table).filter(counters::last.lt(id));
    diesel::update(lower).set(counters::last.eq(id)).execute(connection).map(drop)
}
