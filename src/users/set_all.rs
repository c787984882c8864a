//! Several users written at once: each by comparing and setting his version, as if he were alone.

use std::collections::BTreeSet;

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};

use super::attributes::ColumnLists;
use super::person::Person;
use super::store::set_if_free;
use crate::clock::Stamp;
use crate::db::{Connection, SqlStamp, SqlUuid};
use crate::id::Id;

/// Writes the second of each pair where the first is what is stored; the ids of those that were written. The pairs come in
/// the order of their ids, each id once, and differ in nothing but the row of the person. A row that somebody else has
/// locked is not waited for: it counts as not stored so.
///
/// # Errors
/// The statements'; then none is written.
pub(super) fn set_all(
    connection: &mut Connection,
    changes: &[(&Person, &Person)],
) -> QueryResult<BTreeSet<Id>> {
    if let (Connection::Postgres(connection), [_, _, ..]) = (&mut *connection, changes) {
        return Ok(SetMany::of(changes).load::<Id>(connection)?.into_iter().collect());
    }
    let mut won = BTreeSet::new();
    for (before, after) in changes {
        if set_if_free(connection, before, after)? {
            won.insert(before.id);
        }
    }
    Ok(won)
}

/// The guard's write for many: a list for each column.
struct SetMany<'a> {
    ids: Vec<Id>,
    expected: Vec<i64>,
    versions: Vec<i64>,
    stamps: Vec<Stamp>,
    updated_at: Vec<Stamp>,
    attribute_stamps: Vec<String>,
    preferences: Vec<String>,
    default_account_lists: Vec<Option<Id>>,
    columns: ColumnLists<'a>,
}

impl<'a> SetMany<'a> {
    fn of(changes: &[(&'a Person, &'a Person)]) -> Self {
        let after = || changes.iter().map(|(_, after)| *after);
        Self {
            ids: after().map(|person| person.id).collect(),
            expected: changes.iter().map(|(before, _)| before.version).collect(),
            versions: after().map(|person| person.version).collect(),
            stamps: after().map(|person| person.stamp).collect(),
            updated_at: after().map(|person| person.updated_at).collect(),
            attribute_stamps: after().map(|person| person.stamps.to_text()).collect(),
            preferences: after().map(|person| person.preferences.to_text()).collect(),
            default_account_lists: after().map(|person| person.default_account_list).collect(),
            columns: after().map(|person| &person.columns).collect(),
        }
    }
}

impl QueryId for SetMany<'_> {
    type QueryId = SetMany<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for SetMany<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        const OWN: [&str; 6] = [
            "version",
            "updated_in_db_at",
            "updated_at",
            "attribute_stamps",
            "preferences",
            "default_account_list",
        ];
        let names = || OWN.iter().chain(ColumnLists::NAMES);
        // The locks first, in the order of the ids; who waits for nobody is in nobody's way.
        out.push_sql("WITH free AS MATERIALIZED (SELECT id FROM people WHERE id = ANY(");
        out.push_bind_param::<Array<SqlUuid>, Vec<Id>>(&self.ids)?;
        out.push_sql(") ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) UPDATE people SET ");
        for (i, name) in names().enumerate() {
            out.push_sql(if i == 0 { "" } else { ", " });
            out.push_identifier(name)?;
            out.push_sql(" = new.");
            out.push_identifier(name)?;
        }
        out.push_sql(" FROM unnest(");
        out.push_bind_param::<Array<SqlUuid>, Vec<Id>>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, Vec<i64>>(&self.expected)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, Vec<i64>>(&self.versions)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<SqlStamp>, Vec<Stamp>>(&self.stamps)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<SqlStamp>, Vec<Stamp>>(&self.updated_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, Vec<String>>(&self.attribute_stamps)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, Vec<String>>(&self.preferences)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<SqlUuid>>, Vec<Option<Id>>>(&self.default_account_lists)?;
        self.columns.push_lists(&mut out)?;
        out.push_sql(") AS new(id, expected");
        for name in names() {
            out.push_sql(", ");
            out.push_identifier(name)?;
        }
        out.push_sql(
            ") JOIN free ON free.id = new.id WHERE people.id = new.id AND people.version = new.expected \
             RETURNING people.id",
        );
        Ok(())
    }
}

impl Query for SetMany<'_> {
    type SqlType = SqlUuid;
}

impl RunQueryDsl<PgConnection> for SetMany<'_> {}
