//! The rows of users who are made together, until they are written: a table at a time.

use std::sync::Arc;

use diesel::prelude::*;

use super::unit::Made;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::lists::NewRows;
use crate::db::schema::people;
use crate::db::shared::{ListRow, MasterRow, SharedRow as _};
use crate::id::Id;
use crate::people::store as rows;
use crate::users::attributes::ColumnLists;
use crate::users::store;

/// The row of a new person.
#[derive(Debug, Insertable)]
#[diesel(table_name = people)]
pub(super) struct NewPerson {
    /// What is his state.
    #[diesel(embed)]
    pub row: store::Row,
    /// Tokens issued before this second are revoked.
    pub token_epoch: i64,
    /// Whether he may not use the API.
    pub disabled: bool,
}

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Later {
    made: Vec<Arc<Made>>,
}

impl Later {
    /// Adds a user.
    pub(super) fn add(&mut self, made: Arc<Made>) {
        self.made.push(made);
    }

    /// Writes all of it, what others name before what names it, and each in the order of the tree that it goes to.
    ///
    /// # Errors
    /// The statements', of which it is not known by which user they are.
    pub(super) fn write(&mut self, connection: &mut Connection) -> QueryResult<()> {
        let mut made = std::mem::take(&mut self.made);
        made.sort_unstable_by_key(|made| made.person.row.id);
        let mut masters: Vec<_> = made.iter().flat_map(|made| &made.masters).collect();
        masters.sort_unstable_by_key(|row| row.id);
        MasterRow::insert_all(connection, &masters)?;
        let mut lists: Vec<_> = made.iter().flat_map(|made| &made.lists).collect();
        lists.sort_unstable_by_key(|row| row.id);
        ListRow::insert_all(connection, &lists)?;
        insert_people(connection, &made.iter().map(|made| &made.person).collect::<Vec<_>>())?;
        let by_id = || made.iter().map(|made| (made.person.row.id, made));
        let memberships = by_id().flat_map(|(id, made)| made.memberships.iter().map(move |of| (id, of)));
        insert_memberships(connection, &memberships.collect::<Vec<_>>())?;
        let rows = by_id().flat_map(|(id, made)| made.rows.iter().map(move |row| (id, row)));
        rows::insert_all(connection, &rows.collect::<Vec<_>>())
    }
}

fn insert_people(connection: &mut Connection, new: &[&NewPerson]) -> QueryResult<()> {
    let rows = || new.iter().map(|person| &person.row);
    let columns = vec![
        ("id", rows().map(|row| row.id).collect()),
        ("version", rows().map(|row| row.version).collect()),
        ("updated_in_db_at", rows().map(|row| row.updated_in_db_at).collect()),
        ("updated_at", rows().map(|row| row.updated_at).collect()),
        ("attribute_stamps", rows().map(|row| row.attribute_stamps.clone()).collect()),
        ("master_person_id", rows().map(|row| row.master_person_id).collect()),
        ("preferences", rows().map(|row| row.preferences.clone()).collect()),
        ("default_account_list", rows().map(|row| row.default_account_list).collect()),
        ("token_epoch", new.iter().map(|person| person.token_epoch).collect()),
        ("disabled", new.iter().map(|person| person.disabled).collect()),
    ];
    let more: ColumnLists<'_> = rows().map(|row| &row.columns).collect();
    NewRows { table: "people", columns, more: Some(&more) }.insert(connection)
}

fn insert_memberships(connection: &mut Connection, new: &[(Id, &(Id, Stamp))]) -> QueryResult<()> {
    let columns = vec![
        ("person_id", new.iter().map(|(person, _)| *person).collect()),
        ("account_list_id", new.iter().map(|(_, (list, _))| *list).collect()),
        ("created_at", new.iter().map(|(_, (_, since))| *since).collect()),
    ];
    NewRows { table: "account_list_users", columns, more: None }.insert(connection)
}
