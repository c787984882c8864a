//! The rows that users share: who may read them, and how they are written.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::shared_row::SharedRow as _;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{
    account_list_coaches, account_list_users, account_lists, organization_accounts, organizations,
};
use crate::db::shared::{AccountRow, ListRow, OrganizationRow, SharedRow as _};
use crate::id::Id;
use crate::people::row::Row;
use crate::users::store::move_versions;

/// The account lists of a user, the one joined first first.
///
/// # Errors
/// The query's.
pub fn lists(connection: &mut Connection, user: Id) -> QueryResult<Vec<ListRow>> {
    account_lists::table
        .inner_join(account_list_users::table)
        .filter(account_list_users::person_id.eq(user))
        .order((account_list_users::created_at, account_lists::id))
        .select(ListRow::as_select())
        .load(connection)
}

/// The account lists that a person coaches, the oldest first.
///
/// # Errors
/// The query's.
pub fn coached_lists(connection: &mut Connection, person: Id) -> QueryResult<Vec<ListRow>> {
    account_lists::table
        .inner_join(account_list_coaches::table)
        .filter(account_list_coaches::person_id.eq(person))
        .order((account_lists::created_at, account_lists::id))
        .select(ListRow::as_select())
        .load(connection)
}

/// An account list of a user; `None` where he does not share it.
///
/// # Errors
/// The query's.
pub(super) fn list(connection: &mut Connection, user: Id, id: Id) -> QueryResult<Option<ListRow>> {
    account_lists::table
        .inner_join(account_list_users::table)
        .filter(account_list_users::person_id.eq(user).and(account_lists::id.eq(id)))
        .select(ListRow::as_select())
        .get_result(connection)
        .optional()
}

/// Takes the lock of an account list for the rest of the transaction: of the list, of its organization accounts, and of
/// who shares it, since a row that comes to refer to it waits. SQLite has none and needs none: a write transaction holds
/// the only write lock. Who locks lists does so before he locks people, several in the order of their ids.
///
/// # Errors
/// The query's.
pub fn lock(connection: &mut Connection, id: Id) -> QueryResult<()> {
    match connection {
        Connection::Sqlite(_) => Ok(()),
        Connection::Postgres(connection) => {
            let row = account_lists::table.find(id).select(account_lists::version).for_update();
            row.get_result::<i64>(connection).optional().map(drop)
        }
    }
}

/// Moves the versions of all who share a list, after something that they share was changed (design 3).
///
/// # Errors
/// The statements'.
pub(super) fn move_members(connection: &mut Connection, list: Id) -> QueryResult<()> {
    let members = members(connection, list)?;
    move_versions(connection, members)
}

/// The people who share a list, in the order of their ids.
///
/// # Errors
/// The query's.
pub fn members(connection: &mut Connection, list: Id) -> QueryResult<Vec<Id>> {
    use account_list_users as m;
    let members = m::table.filter(m::account_list_id.eq(list)).order(m::person_id);
    members.select(m::person_id).load(connection)
}

/// The organization accounts of all account lists of a user, the oldest first.
///
/// # Errors
/// The query's.
pub(super) fn accounts_of_lists(connection: &mut Connection, user: Id) -> QueryResult<Vec<AccountRow>> {
    use {account_list_users as m, organization_accounts as o};
    let lists = m::table.filter(m::person_id.eq(user)).select(m::account_list_id);
    let accounts = o::table.filter(o::account_list_id.eq_any(lists)).order((o::created_at, o::id));
    accounts.select(AccountRow::as_select()).load(connection)
}

/// Moves the version and the stamp of a list whose linkage was changed.
///
/// # Errors
/// The statements'.
pub(super) fn touch(connection: &mut Connection, id: Id, now: Stamp) -> QueryResult<()> {
    let Some(mut list) = ListRow::read(connection, id)? else { return Ok(()) };
    let row = list.as_row();
    list.take(&Row { version: row.version + 1, stamp: row.stamp.next(now), ..row });
    list.update(connection)
}

/// Deletes the organization accounts of a person who is to be deleted. Belongs before the person is locked.
///
/// # Errors
/// The statements'.
pub fn forget_accounts(connection: &mut Connection, person: Id, now: Stamp) -> QueryResult<()> {
    let accounts = accounts_of_person(connection, person)?;
    let lists: BTreeSet<Id> = accounts.iter().map(|account| account.account_list_id).collect();
    lists.iter().try_for_each(|list| lock(connection, *list))?;
    // By now there may be others.
    for account in accounts_of_person(connection, person)? {
        delete_account(connection, account.id)?;
    }
    for list in lists {
        touch(connection, list, now)?;
        move_members(connection, list)?;
    }
    Ok(())
}

/// How many organization accounts a list has.
///
/// # Errors
/// The query's.
pub(super) fn count_accounts(connection: &mut Connection, list: Id) -> QueryResult<i64> {
    use organization_accounts as o;
    o::table.filter(o::account_list_id.eq(list)).count().get_result(connection)
}

/// Deletes an organization account.
///
/// # Errors
/// The statement's.
pub(super) fn delete_account(connection: &mut Connection, id: Id) -> QueryResult<()> {
    diesel::delete(organization_accounts::table.find(id)).execute(connection).map(drop)
}

/// The organizations of some accounts, in the order of their ids.
///
/// # Errors
/// The query's.
pub(super) fn organizations(
    connection: &mut Connection,
    accounts: &[AccountRow],
) -> QueryResult<Vec<OrganizationRow>> {
    let ids: Vec<Id> = accounts.iter().map(|account| account.organization_id).collect();
    let organizations = organizations::table.filter(organizations::id.eq_any(ids));
    organizations.order(organizations::id).select(OrganizationRow::as_select()).load(connection)
}

/// The organization accounts that are a person's own, the oldest first.
///
/// # Errors
/// The query's.
pub fn accounts_of_person(connection: &mut Connection, person: Id) -> QueryResult<Vec<AccountRow>> {
    use organization_accounts as o;
    let accounts = o::table.filter(o::person_id.eq(person)).order((o::created_at, o::id));
    accounts.select(AccountRow::as_select()).load(connection)
}
