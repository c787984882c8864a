//! SQL types that are native on each backend and one in the query builder: a UUID is `uuid` on PostgreSQL and 16
//! bytes on SQLite; a stamp is `timestamp(0)` in UTC on PostgreSQL and seconds since 1970 on SQLite (design 6).

use diesel::Queryable;
use diesel::backend::Backend as DieselBackend;
use diesel::deserialize::{self, FromSql};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::pg::Pg;
use diesel::pg::data_types::PgTimestamp;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{self, HasSqlType, Nullable, SingleValue};
use diesel::sqlite::Sqlite;

use uuid::Uuid;

use super::connection::{Backend, MultiRawValue};
use crate::clock::Stamp;
use crate::id::Id;

/// The SQL type of [`Id`]. Its numbers on PostgreSQL are the same everywhere; by its name each connection would have to
/// ask for them first.
#[derive(Clone, Copy, Debug, Default, diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct SqlUuid;

/// The SQL type of [`Stamp`].
#[derive(Clone, Copy, Debug, Default, diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
#[diesel(postgres_type(oid = 1114, array_oid = 1115), sqlite_type(name = "Long"))]
pub struct SqlStamp;

/// Seconds from 1970-01-01 to 2000-01-01, PostgreSQL's epoch.
const PG_EPOCH: i64 = 946_684_800;

impl ToSql<SqlUuid, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<SqlUuid, Sqlite> for Id {
    fn from_sql(mut value: <Sqlite as DieselBackend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::from_uuid(Uuid::from_slice(value.read_blob())?))
    }
}

impl ToSql<SqlUuid, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        std::io::Write::write_all(out, self.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<SqlUuid, Pg> for Id {
    fn from_sql(value: <Pg as DieselBackend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::from_uuid(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<SqlStamp, Sqlite> for Stamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.seconds());
        Ok(IsNull::No)
    }
}

impl FromSql<SqlStamp, Sqlite> for Stamp {
    fn from_sql(mut value: <Sqlite as DieselBackend>::RawValue<'_>) -> deserialize::Result<Self> {
        Self::from_seconds(value.read_long()).ok_or_else(|| "a stamp outside the years 1 to 9999".into())
    }
}

impl ToSql<SqlStamp, Pg> for Stamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let since_2000 = PgTimestamp((self.seconds() - PG_EPOCH) * 1_000_000);
        ToSql::<sql_types::Timestamp, Pg>::to_sql(&since_2000, &mut out.reborrow())
    }
}

impl FromSql<SqlStamp, Pg> for Stamp {
    fn from_sql(value: <Pg as DieselBackend>::RawValue<'_>) -> deserialize::Result<Self> {
        let PgTimestamp(since_2000) = FromSql::<sql_types::Timestamp, Pg>::from_sql(value)?;
        Self::from_seconds(since_2000.div_euclid(1_000_000) + PG_EPOCH)
            .ok_or_else(|| "a stamp outside the years 1 to 9999".into())
    }
}

/// What Diesel's derives would write, for the backend that is one of the two as well; the types themselves need not
/// know that they are stored.
macro_rules! stored_as {
    ($rust:ty, $sql:ty) => {
        impl HasSqlType<$sql> for Backend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql>(lookup)
            }
        }

        impl ToSql<$sql, Backend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
                out.set_value((<$sql>::default(), self));
                Ok(IsNull::No)
            }
        }

        impl FromSql<$sql, Backend> for $rust {
            fn from_sql(value: MultiRawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<Self, $sql>()
            }
        }

        impl<DB: DieselBackend> ToSql<Nullable<$sql>, DB> for $rust
        where
            Self: ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                ToSql::<$sql, DB>::to_sql(self, out)
            }
        }

        impl<DB: DieselBackend> Queryable<$sql, DB> for $rust
        where
            Self: FromSql<$sql, DB>,
            $sql: SingleValue,
        {
            type Row = Self;

            fn build(row: Self::Row) -> deserialize::Result<Self> {
                Ok(row)
            }
        }

        stored_as!(expression $rust, $rust, $sql);
        stored_as!(expression &$rust, $rust, $sql);
    };
    (expression $from:ty, $rust:ty, $sql:ty) => {
        impl AsExpression<$sql> for $from {
            type Expression = Bound<$sql, Self>;

            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl AsExpression<Nullable<$sql>> for $from {
            type Expression = Bound<Nullable<$sql>, Self>;

            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
    };
}

stored_as!(Id, SqlUuid);
stored_as!(Stamp, SqlStamp);
