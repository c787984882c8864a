//! New rows of a table on PostgreSQL, sent as a list for each column: one statement, the text of which is the same for any
//! number of rows.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};

use super::{Connection, SqlStamp, SqlUuid};
use crate::clock::Stamp;
use crate::id::Id;

/// Writes new rows of a table: on SQLite `one` after the other, with a statement that is prepared once, on PostgreSQL all
/// `together`.
///
/// # Errors
/// The statements'.
pub fn insert_all<T>(
    connection: &mut Connection,
    rows: &[T],
    one: impl Fn(&mut SqliteConnection, &T) -> QueryResult<usize>,
    together: impl FnOnce(&mut PgConnection) -> QueryResult<usize>,
) -> QueryResult<()> {
    match connection {
        _ if rows.is_empty() => Ok(()),
        Connection::Sqlite(connection) => rows.iter().try_for_each(|row| one(connection, row).map(drop)),
        Connection::Postgres(connection) => together(connection).map(drop),
    }
}

/// The values of a column, in the order of the rows.
#[derive(Debug)]
pub enum List {
    /// Ids.
    Ids(Vec<Option<Id>>),
    /// Times.
    Stamps(Vec<Option<Stamp>>),
    /// Whole numbers.
    Numbers(Vec<Option<i64>>),
    /// Texts.
    Texts(Vec<Option<String>>),
    /// Flags.
    Flags(Vec<Option<bool>>),
}

macro_rules! lists {
    ($($rust:ty => $list:ident),+ $(,)?) => {
        $(
            impl FromIterator<$rust> for List {
                fn from_iter<I: IntoIterator<Item = $rust>>(values: I) -> Self {
                    Self::$list(values.into_iter().map(Some).collect())
                }
            }

            impl FromIterator<Option<$rust>> for List {
                fn from_iter<I: IntoIterator<Item = Option<$rust>>>(values: I) -> Self {
                    Self::$list(values.into_iter().collect())
                }
            }
        )+
    };
}

lists!(Id => Ids, Stamp => Stamps, i64 => Numbers, String => Texts, bool => Flags);

impl List {
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Ids(list) => out.push_bind_param::<Array<Nullable<SqlUuid>>, _>(list),
            Self::Stamps(list) => out.push_bind_param::<Array<Nullable<SqlStamp>>, _>(list),
            Self::Numbers(list) => out.push_bind_param::<Array<Nullable<BigInt>>, _>(list),
            Self::Texts(list) => out.push_bind_param::<Array<Nullable<Text>>, _>(list),
            Self::Flags(list) => out.push_bind_param::<Array<Nullable<Bool>>, _>(list),
        }
    }
}

/// More lists, of which a table has its own type.
pub trait MoreLists {
    /// The names of the columns.
    fn names(&self) -> &'static [&'static str];

    /// Writes each list behind a comma.
    ///
    /// # Errors
    /// Where a value can't be bound.
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

/// The insertion of some rows.
pub struct InsertLists<'a> {
    /// The table.
    pub table: &'static str,
    /// The columns with their values.
    pub columns: Vec<(&'static str, List)>,
    /// Those that come behind them.
    pub more: Option<&'a dyn MoreLists>,
}

impl std::fmt::Debug for InsertLists<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InsertLists").field("table", &self.table).finish_non_exhaustive()
    }
}

// Its text is what it is known by: one for each table.
impl QueryId for InsertLists<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for InsertLists<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        out.push_identifier(self.table)?;
        let more = self.more.map(MoreLists::names).unwrap_or_default();
        for (i, name) in self.columns.iter().map(|(name, _)| name).chain(more).enumerate() {
            out.push_sql(if i == 0 { " (" } else { ", " });
            out.push_identifier(name)?;
        }
        for (i, (_, list)) in self.columns.iter().enumerate() {
            out.push_sql(if i == 0 { ") SELECT * FROM unnest(" } else { ", " });
            list.push(&mut out)?;
        }
        if let Some(more) = self.more {
            more.push(&mut out)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for InsertLists<'_> {}
