//! The rows of several kinds of one person, with his version, in one statement: a union of the tables, in which each
//! value stands in a column that is shared by all values of its type.

use diesel::deserialize::{self, QueryableByName};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment};
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Integer, Untyped};

use super::select::{build, column};
use crate::db::{Backend, Connection, SqlUuid, known_by_their_text};
use crate::id::Id;
use crate::people::kind::{KINDS, Kind, Type};
use crate::people::row::Row;

/// Reads all rows of some kinds that a person owns, in the order of [`KINDS`], of each the oldest first; and the version
/// that he has at that moment. `None` where there is no such person.
///
/// # Errors
/// The query's.
pub fn load_together(
    connection: &mut Connection,
    person: Id,
    wanted: impl Fn(&Kind) -> bool,
) -> QueryResult<Option<(i64, Vec<Row>)>> {
    let kinds: Vec<_> = KINDS.iter().enumerate().filter(|(_, kind)| wanted(kind)).collect();
    let parts: Vec<Part> = Together { person, kinds }.load(connection)?;
    let (mut version, mut rows) = (None, Vec::new());
    for part in parts {
        match part {
            Part::Version(read) => version = Some(read),
            Part::Row(place, row) => rows.push((place, row)),
        }
    }
    // Sorted here and not by the database: a handful of rows, and a union has no index to sort by.
    rows.sort_unstable_by_key(|(place, row)| (*place, row.created_at, row.id));
    Ok(version.map(|version| (version, rows.into_iter().map(|(_, row)| row).collect())))
}

/// One row of the union.
enum Part {
    Version(i64),
    Row(usize, Row),
}

/// What stands for the kind where the version is read.
const VERSION: i32 = -1;

/// The columns that values share: the beginning of their names, and what stands for null of their type, made of a column
/// that the table of every branch has.
const SHARED: [(&str, &str); 5] = [
    ("texts", "CAST(NULL AS TEXT)"),
    ("flags", "CAST(NULL AS BOOLEAN)"),
    ("numbers", "CAST(NULL AS BIGINT)"),
    ("times", "CASE WHEN 1 = 0 THEN updated_in_db_at END"),
    ("ids", "CASE WHEN 1 = 0 THEN id END"),
];

fn shared(holds: Type) -> usize {
    match holds {
        Type::RequiredText | Type::Email | Type::Url | Type::Text | Type::State => 0,
        Type::Boolean => 1,
        Type::Integer => 2,
        Type::Time => 3,
        Type::Person | Type::AccountList => 4,
    }
}

/// The columns of a kind whose values are of the type of a shared column.
fn columns(kind: &Kind, of: usize) -> impl Iterator<Item = &'static str> {
    let attributes = kind.attributes.iter().filter(move |attribute| shared(attribute.holds) == of);
    attributes.map(|attribute| attribute.column)
}

/// The name of a shared column.
fn name(of: usize, place: usize) -> String {
    let (name, _) = SHARED.get(of).copied().unwrap_or_default();
    format!("{name}_{place}")
}

/// The names of the shared columns that the attributes of a kind have, in their order.
fn names(kind: &Kind) -> impl Iterator<Item = String> {
    let mut used = [0; SHARED.len()];
    kind.attributes.iter().map(move |attribute| {
        let of = shared(attribute.holds);
        let place = used.get_mut(of).map_or(0, |used| {
            *used += 1;
            *used - 1
        });
        name(of, place)
    })
}

impl QueryableByName<Backend> for Part {
    fn build<'a>(row: &impl NamedRow<'a, Backend>) -> deserialize::Result<Self> {
        let kind = column::<Integer, i32>(row, "kind")?;
        if kind == VERSION {
            return Ok(Self::Version(column::<BigInt, _>(row, "changed_in_version")?));
        }
        let place = usize::try_from(kind)?;
        let kind = KINDS.get(place).ok_or("a kind that does not exist")?;
        Ok(Self::Row(place, build(row, kind, names(kind))?))
    }
}

struct Together {
    person: Id,
    kinds: Vec<(usize, &'static Kind)>,
}

impl Together {
    /// Writes the values of a branch, null in those places that others have and it has not.
    fn push_values(&self, out: &mut AstPass<'_, '_, Backend>, own: Option<&Kind>) -> QueryResult<()> {
        for (of, (_, null)) in SHARED.iter().enumerate() {
            let most = self.kinds.iter().map(|(_, kind)| columns(kind, of).count()).max().unwrap_or_default();
            let mut own = own.map(|kind| columns(kind, of)).into_iter().flatten();
            for place in 0..most {
                out.push_sql(", ");
                match own.next() {
                    Some(column) => out.push_identifier(column)?,
                    None => out.push_sql(null),
                }
                out.push_sql(" AS ");
                out.push_identifier(&name(of, place))?;
            }
        }
        Ok(())
    }
}

impl QueryFragment<Backend> for Together {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        out.push_sql(&VERSION.to_string());
        out.push_sql(
            " AS kind, id, version AS changed_in_version, updated_in_db_at AS created_at, updated_at, \
             updated_in_db_at, attribute_stamps",
        );
        self.push_values(&mut out, None)?;
        out.push_sql(" FROM people WHERE id = ");
        out.push_bind_param::<SqlUuid, Id>(&self.person)?;
        for (place, kind) in &self.kinds {
            out.push_sql(" UNION ALL SELECT ");
            out.push_sql(&place.to_string());
            out.push_sql(
                ", id, changed_in_version, created_at, updated_at, updated_in_db_at, attribute_stamps",
            );
            self.push_values(&mut out, Some(kind))?;
            out.push_sql(" FROM ");
            out.push_identifier(kind.name)?;
            out.push_sql(" WHERE person_id = ");
            out.push_bind_param::<SqlUuid, Id>(&self.person)?;
        }
        Ok(())
    }
}

impl Query for Together {
    type SqlType = Untyped;
}

known_by_their_text!(Connection: Together);
