//! New rows of a table, as a list for each column. PostgreSQL gets the lists: one statement, the text of which is the same for
//! any number of rows. SQLite, inside this process, gets the rows one by one, with a statement that is prepared once.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::Error as QueryError;
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, Bool, HasSqlType, Nullable, Text};
use diesel::sqlite::Sqlite;

use super::{Connection, SqlStamp, SqlUuid, known_by_their_text};
use crate::clock::Stamp;
use crate::id::Id;

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
    fn len(&self) -> usize {
        match self {
            Self::Ids(list) => list.len(),
            Self::Stamps(list) => list.len(),
            Self::Numbers(list) => list.len(),
            Self::Texts(list) => list.len(),
            Self::Flags(list) => list.len(),
        }
    }

    fn push_value<'b>(&'b self, row: usize, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        match self {
            Self::Ids(list) => push_value::<Nullable<SqlUuid>, _>(list, row, out),
            Self::Stamps(list) => push_value::<Nullable<SqlStamp>, _>(list, row, out),
            Self::Numbers(list) => push_value::<Nullable<BigInt>, _>(list, row, out),
            Self::Texts(list) => push_value::<Nullable<Text>, _>(list, row, out),
            Self::Flags(list) => push_value::<Nullable<Bool>, _>(list, row, out),
        }
    }

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

/// Binds the value of a row.
///
/// # Errors
/// Where it can't be bound.
pub fn push_value<'b, S, T>(values: &'b [T], row: usize, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()>
where
    Sqlite: HasSqlType<S>,
    T: ToSql<S, Sqlite>,
{
    match values.get(row) {
        Some(value) => out.push_bind_param::<S, T>(value),
        None => Err(QueryError::QueryBuilderError("the lists are not equally long".into())),
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

    /// Writes each value of a row behind a comma.
    ///
    /// # Errors
    /// Where a value can't be bound.
    fn push_values<'b>(&'b self, row: usize, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
}

/// New rows.
pub struct NewRows<'a> {
    /// The table.
    pub table: &'static str,
    /// The columns with their values.
    pub columns: Vec<(&'static str, List)>,
    /// Those that come behind them.
    pub more: Option<&'a dyn MoreLists>,
}

impl std::fmt::Debug for NewRows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewRows").field("table", &self.table).finish_non_exhaustive()
    }
}

impl NewRows<'_> {
    /// Writes them.
    ///
    /// # Errors
    /// The statements', of which it is not known by which row they are.
    pub fn insert(&self, connection: &mut Connection) -> QueryResult<()> {
        let rows = self.columns.first().map_or(0, |(_, list)| list.len());
        if rows == 0 {
            return Ok(());
        }
        let head = self.head();
        match connection {
            Connection::Sqlite(connection) => (0..rows).try_for_each(|row| {
                let new = NewRow { rows: self, head: &head, row };
                new.execute(connection).map(drop)
            }),
            Connection::Postgres(connection) => {
                Together { rows: self, head: &head }.execute(connection).map(drop)
            }
        }
    }

    /// The statement up to its values.
    fn head(&self) -> String {
        let more = self.more.map(MoreLists::names).unwrap_or_default();
        let names = self.columns.iter().map(|(name, _)| name).chain(more);
        let names: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
        format!("INSERT INTO \"{}\" ({}) ", self.table, names.join(", "))
    }
}

/// A row of them by itself.
struct NewRow<'a> {
    rows: &'a NewRows<'a>,
    head: &'a str,
    row: usize,
}

/// All of them.
struct Together<'a> {
    rows: &'a NewRows<'a>,
    head: &'a str,
}

known_by_their_text!(SqliteConnection: NewRow<'_>);
known_by_their_text!(PgConnection: Together<'_>);

impl QueryFragment<Sqlite> for NewRow<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.head);
        for (i, (_, list)) in self.rows.columns.iter().enumerate() {
            out.push_sql(if i == 0 { "VALUES (" } else { ", " });
            list.push_value(self.row, &mut out)?;
        }
        if let Some(more) = self.rows.more {
            more.push_values(self.row, &mut out)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl QueryFragment<Pg> for Together<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.head);
        for (i, (_, list)) in self.rows.columns.iter().enumerate() {
            out.push_sql(if i == 0 { "SELECT * FROM unnest(" } else { ", " });
            list.push(&mut out)?;
        }
        if let Some(more) = self.rows.more {
            more.push(&mut out)?;
        }
        out.push_sql(")");
        Ok(())
    }
}
