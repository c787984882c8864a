//! New rows: one, or those of several people.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};

use super::{COMMON, push_common, push_value};
use crate::clock::Stamp;
use crate::db::lists::{List, NewRows};
use crate::db::{Backend, Connection, SqlUuid, known_by_their_text};
use crate::id::Id;
use crate::people::kind::{Attribute, Kind, Type};
use crate::people::row::{Row, Value};

/// Writes a row that is not there yet.
///
/// # Errors
/// The statement's.
pub fn insert(connection: &mut Connection, person: Id, row: &Row) -> QueryResult<()> {
    Insert { person, row, stamps: row.stamps.to_text() }.execute(connection).map(drop)
}

/// Writes rows that are not there yet, each of the person beside it.
///
/// # Errors
/// The statements'.
pub fn insert_all(connection: &mut Connection, rows: &[(Id, &Row)]) -> QueryResult<()> {
    for kind in Kind::all() {
        let rows: Vec<_> = rows.iter().filter(|(_, row)| row.kind == kind).collect();
        if !rows.is_empty() {
            NewRows { table: kind.name, columns: columns(kind, &rows), more: None }.insert(connection)?;
        }
    }
    Ok(())
}

/// What rows of a kind have in each column.
fn columns(kind: &'static Kind, rows: &[&(Id, &Row)]) -> Vec<(&'static str, List)> {
    let stamps = |of: fn(&Row) -> Stamp| rows.iter().map(|(_, row)| of(row)).collect();
    let mut columns = vec![
        ("person_id", rows.iter().map(|(person, _)| *person).collect()),
        ("id", rows.iter().map(|(_, row)| row.id).collect()),
        ("changed_in_version", rows.iter().map(|(_, row)| row.version).collect()),
        ("created_at", stamps(|row| row.created_at)),
        ("updated_at", stamps(|row| row.updated_at)),
        ("updated_in_db_at", stamps(|row| row.stamp)),
        ("attribute_stamps", rows.iter().map(|(_, row)| row.stamps.to_text()).collect()),
    ];
    columns.extend(kind.attributes.iter().enumerate().map(|(place, attribute)| {
        let values = rows.iter().map(|(_, row)| row.values.get(place).unwrap_or(&Value::Null));
        (attribute.column, list(attribute, values))
    }));
    columns
}

fn list<'a>(attribute: &Attribute, values: impl Iterator<Item = &'a Value>) -> List {
    macro_rules! list_of {
        ($variant:ident) => {
            values
                .map(|value| match value {
                    Value::$variant(value) => Some(value.clone()),
                    _ => None,
                })
                .collect::<List>()
        };
    }
    match attribute.holds {
        Type::RequiredText | Type::Email | Type::Url | Type::Text | Type::State => list_of!(Text),
        Type::Boolean => list_of!(Boolean),
        Type::Integer => list_of!(Integer),
        Type::Time => list_of!(Time),
        Type::Person | Type::AccountList => list_of!(Id),
    }
}

struct Insert<'a> {
    person: Id,
    row: &'a Row,
    stamps: String,
}

known_by_their_text!(Connection: Insert<'_>);

impl QueryFragment<Backend> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        let Self { person, row, stamps } = self;
        out.push_sql("INSERT INTO ");
        out.push_identifier(row.kind.name)?;
        out.push_sql(" (person_id, id");
        for column in COMMON.into_iter().chain(row.kind.attributes.iter().map(|attribute| attribute.column)) {
            out.push_sql(", ");
            out.push_identifier(column)?;
        }
        out.push_sql(") VALUES (");
        out.push_bind_param::<SqlUuid, Id>(person)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, Id>(&row.id)?;
        for column in COMMON {
            out.push_sql(", ");
            push_common(&mut out, column, row, stamps)?;
        }
        for (attribute, value) in row.kind.attributes.iter().zip(&row.values) {
            out.push_sql(", ");
            push_value(&mut out, attribute.holds, value)?;
        }
        out.push_sql(")");
        Ok(())
    }
}
