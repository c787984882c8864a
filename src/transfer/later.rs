//! The rows of users who are made together, until they are written: a table at a time.

use diesel::prelude::*;

use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::lists::{self, InsertLists};
use crate::db::schema::{account_list_users, people};
use crate::db::shared::{ListRow, MasterRow, SharedRow as _};
use crate::id::Id;
use crate::people::row::Row;
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

/// A row of `account_list_users`.
#[derive(Debug, Insertable)]
#[diesel(table_name = account_list_users)]
struct Membership {
    person_id: Id,
    account_list_id: Id,
    created_at: Stamp,
}

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Later {
    masters: Vec<MasterRow>,
    lists: Vec<ListRow>,
    people: Vec<NewPerson>,
    memberships: Vec<Membership>,
    rows: Vec<(Id, Row)>,
}

impl Later {
    /// Adds a user.
    pub(super) fn add(
        &mut self,
        person: NewPerson,
        (masters, lists): (Vec<MasterRow>, Vec<ListRow>),
        memberships: &[(Id, Stamp)],
        rows: impl Iterator<Item = Row>,
    ) {
        let id = person.row.id;
        self.people.push(person);
        self.masters.extend(masters);
        self.lists.extend(lists);
        self.memberships.extend(memberships.iter().map(|(list, since)| Membership {
            person_id: id,
            account_list_id: *list,
            created_at: *since,
        }));
        self.rows.extend(rows.map(|row| (id, row)));
    }

    /// Writes all of it, what others name before what names it.
    ///
    /// # Errors
    /// The statements', of which it is not known by which user they are.
    pub(super) fn write(&mut self, connection: &mut Connection) -> QueryResult<()> {
        let Self { masters, lists, people, memberships, rows } = std::mem::take(self);
        MasterRow::insert_all(connection, &masters)?;
        ListRow::insert_all(connection, &lists)?;
        insert_people(connection, &people)?;
        insert_memberships(connection, &memberships)?;
        rows::insert_all(connection, &rows)
    }
}

fn insert_people(connection: &mut Connection, new: &[NewPerson]) -> QueryResult<()> {
    let one = |connection: &mut SqliteConnection, person: &NewPerson| {
        diesel::insert_into(people::table).values(person).execute(connection)
    };
    lists::insert_all(connection, new, one, |connection| {
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
        InsertLists { table: "people", columns, more: Some(&more) }.execute(connection)
    })
}

fn insert_memberships(connection: &mut Connection, new: &[Membership]) -> QueryResult<()> {
    let one = |connection: &mut SqliteConnection, membership: &Membership| {
        diesel::insert_into(account_list_users::table).values(membership).execute(connection)
    };
    lists::insert_all(connection, new, one, |connection| {
        let columns = vec![
            ("person_id", new.iter().map(|membership| membership.person_id).collect()),
            ("account_list_id", new.iter().map(|membership| membership.account_list_id).collect()),
            ("created_at", new.iter().map(|membership| membership.created_at).collect()),
        ];
        InsertLists { table: "account_list_users", columns, more: None }.execute(connection)
    })
}
