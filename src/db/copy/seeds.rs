//! Rows that the migrations make: an empty database has them, and a copy brings its own.

use diesel::prelude::*;

use crate::db::connection::AnyConnection as Connection;
use crate::db::schema::{counters, dimensions, tag_types};

/// The counters as the migrations make them.
const COUNTERS: [(&str, i64); 4] = [("dimensions", 999), ("juno_users", 0), ("tag_types", 999), ("tags", 0)];

/// The version of a row as the migrations make it.
const AS_MADE: i64 = 0;

/// How many rows of a table are as the migrations made them.
pub(super) fn untouched(connection: &mut Connection, table: &str) -> QueryResult<i64> {
    match table {
        "counters" => {
            let rows: Vec<(String, i64)> = counters::table.load(connection)?;
            let seeds = rows.iter().filter(|(name, last)| COUNTERS.contains(&(name.as_str(), *last)));
            Ok(i64::try_from(seeds.count()).unwrap_or(i64::MAX))
        }
        "dimensions" => {
            dimensions::table.filter(dimensions::version.eq(AS_MADE)).count().get_result(connection)
        }
        "tag_types" => tag_types::table.filter(tag_types::version.eq(AS_MADE)).count().get_result(connection),
        _ => Ok(0),
    }
}

/// Makes room for the rows of a copy, in a database that has no others.
pub(super) fn clear(connection: &mut Connection) -> QueryResult<()> {
    diesel::delete(counters::table).execute(connection)?;
    diesel::delete(dimensions::table).execute(connection)?;
    diesel::delete(tag_types::table).execute(connection).map(drop)
}
