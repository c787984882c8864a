//! What a line has of a user beside his own rows: what he belongs to, and since when.

use diesel::prelude::*;

use super::identities::Identities;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{account_list_users, organization_accounts, parent_contacts, people, tombstones};
use crate::db::shared::AccountRow;
use crate::id::Id;
use crate::users::identities as users_identities;

/// The account lists of a person and when he joined each, the one joined first first.
///
/// # Errors
/// The query's.
pub(super) fn memberships(connection: &mut Connection, person: Id) -> QueryResult<Vec<(Id, Stamp)>> {
    use account_list_users as m;
    let own = m::table.filter(m::person_id.eq(person)).order((m::created_at, m::account_list_id));
    own.select((m::account_list_id, m::created_at)).load(connection)
}

/// The contacts that a person belongs to in his order, and since when.
///
/// # Errors
/// The query's.
pub(super) fn parents(connection: &mut Connection, person: Id) -> QueryResult<Vec<(Id, Stamp)>> {
    use parent_contacts as p;
    let own = p::table.filter(p::person_id.eq(person)).order((p::position, p::created_at, p::contact_id));
    own.select((p::contact_id, p::created_at)).load(connection)
}

/// The organization accounts of an account list, the oldest first.
///
/// # Errors
/// The query's.
pub(super) fn accounts_of_list(connection: &mut Connection, list: Id) -> QueryResult<Vec<AccountRow>> {
    use organization_accounts as o;
    let accounts = o::table.filter(o::account_list_id.eq(list)).order((o::created_at, o::id));
    accounts.select(AccountRow::as_select()).load(connection)
}

/// What is stored of a user beside his state.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    pub disabled: bool,
    pub token_epoch: i64,
    pub memberships: Vec<(Id, Stamp)>,
    pub parents: Vec<(Id, Stamp)>,
    pub identities: Identities,
    pub deleted: Vec<(String, Id)>,
}

impl Hidden {
    /// Reads it of a user who is there.
    ///
    /// # Errors
    /// The queries'.
    pub(super) fn read(connection: &mut Connection, id: Id) -> QueryResult<Self> {
        let columns = people::table.find(id).select((people::disabled, people::token_epoch));
        let (disabled, token_epoch) = columns.get_result(connection)?;
        let deleted = tombstones::table.filter(tombstones::person_id.eq(id));
        Ok(Self {
            disabled,
            token_epoch,
            memberships: memberships(connection, id)?,
            parents: parents(connection, id)?,
            identities: users_identities::of(connection, id)?,
            deleted: deleted.select((tombstones::kind, tombstones::id)).load(connection)?,
        })
    }
}
