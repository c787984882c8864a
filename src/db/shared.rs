//! The rows that users share, by their keys.

use diesel::prelude::*;

use super::lists::NewRows;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{account_lists, contacts, master_people, organization_accounts, organizations};
use crate::id::Id;

macro_rules! shared_rows {
    ($($(#[doc = $doc:literal])+ $row:ident in $table:ident { $($(#[doc = $field_doc:literal])+ $field:ident: $rust:ty),+ $(,)? })+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
            #[diesel(table_name = $table, treat_none_as_null = true, treat_none_as_default_value = false)]
            pub struct $row { $($(#[doc = $field_doc])+ pub $field: $rust),+ }

            impl SharedRow for $row {
                fn read(connection: &mut Connection, id: Id) -> QueryResult<Option<Self>> {
                    $table::table.find(id).select(Self::as_select()).get_result(connection).optional()
                }

                fn insert(&self, connection: &mut Connection) -> QueryResult<()> {
                    diesel::insert_into($table::table).values(self).execute(connection).map(drop)
                }

                fn insert_all(connection: &mut Connection, rows: &[&Self]) -> QueryResult<()> {
                    let columns = vec![
                        $((stringify!($field), rows.iter().map(|row| row.$field.clone()).collect())),+
                    ];
                    NewRows { table: stringify!($table), columns, more: None }.insert(connection)
                }

                fn insert_if_free(&self, connection: &mut Connection) -> QueryResult<bool> {
                    let inserted = match connection {
                        Connection::Sqlite(connection) => diesel::insert_into($table::table)
                            .values(self)
                            .on_conflict_do_nothing()
                            .execute(connection)?,
                        Connection::Postgres(connection) => diesel::insert_into($table::table)
                            .values(self)
                            .on_conflict_do_nothing()
                            .execute(connection)?,
                    };
                    Ok(inserted > 0)
                }

                fn update(&self, connection: &mut Connection) -> QueryResult<()> {
                    diesel::update($table::table.find(self.id)).set(self).execute(connection).map(drop)
                }
            }
        )+
    };
}

/// A row of a table whose key is the id alone.
pub trait SharedRow: Clone + PartialEq {
    /// Reads a row; `None` where there is none.
    ///
    /// # Errors
    /// The query's.
    fn read(connection: &mut Connection, id: Id) -> QueryResult<Option<Self>>;

    /// Writes a row that is not there yet.
    ///
    /// # Errors
    /// The statement's.
    fn insert(&self, connection: &mut Connection) -> QueryResult<()>;

    /// Writes rows that are not there yet.
    ///
    /// # Errors
    /// The statements'.
    fn insert_all(connection: &mut Connection, rows: &[&Self]) -> QueryResult<()>;

    /// Writes a row unless one of its id is there; whether it has. Waits for whoever is about to write one.
    ///
    /// # Errors
    /// The statement's.
    fn insert_if_free(&self, connection: &mut Connection) -> QueryResult<bool>;

    /// Writes all columns of a row that is there.
    ///
    /// # Errors
    /// The statement's.
    fn update(&self, connection: &mut Connection) -> QueryResult<()>;
}

shared_rows! {
    /// A row of `master_people`.
    MasterRow in master_people {
        /// Its id.
        id: Id,
        /// When it was made.
        created_at: Stamp,
        /// When it was last changed.
        updated_at: Stamp,
    }

    /// A row of `account_lists`.
    ListRow in account_lists {
        /// Its id.
        id: Id,
        /// Counts its states.
        version: i64,
        /// The stamp of the guard.
        updated_in_db_at: Stamp,
        /// When it was last edited.
        updated_at: Stamp,
        /// When it was made.
        created_at: Stamp,
        /// When each attribute was last changed.
        attribute_stamps: String,
        /// Its name.
        name: String,
        /// The country in which its users write phone numbers.
        home_country: Option<String>,
        /// The code of the currency of its goal.
        currency: Option<String>,
        /// What is to be given to it in a month.
        monthly_goal: Option<i64>,
    }

    /// A row of `contacts`.
    ContactRow in contacts {
        /// Its id.
        id: Id,
        /// The list that it belongs to.
        account_list_id: Id,
        /// Its name.
        name: String,
        /// When it was made.
        created_at: Stamp,
        /// When it was last changed.
        updated_at: Stamp,
    }

    /// A row of `organizations`.
    OrganizationRow in organizations {
        /// Its id.
        id: Id,
        /// Its name.
        name: String,
        /// When it was made.
        created_at: Stamp,
        /// When it was last changed.
        updated_at: Stamp,
    }

    /// A row of `organization_accounts`.
    AccountRow in organization_accounts {
        /// Its id.
        id: Id,
        /// The organization.
        organization_id: Id,
        /// The list that gets its donations.
        account_list_id: Id,
        /// Whose account it is.
        person_id: Option<Id>,
        /// The name to sign in with.
        username: Option<String>,
        /// Its id at the organization.
        remote_id: Option<String>,
        /// Whether nothing is to be fetched.
        disable_downloads: bool,
        /// When donations were last fetched.
        last_download: Option<Stamp>,
        /// When the last donation was made.
        latest_donation_date: Option<Stamp>,
        /// When it was locked.
        locked_at: Option<Stamp>,
        /// When it was made.
        created_at: Stamp,
        /// When it was last edited.
        updated_at: Stamp,
        /// Counts its states.
        version: i64,
        /// The stamp of the guard.
        updated_in_db_at: Stamp,
        /// When each attribute was last changed.
        attribute_stamps: String,
    }
}
