//! A user's rows: read as one state of one version, written by comparing and setting that version.

use std::collections::BTreeSet;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::attributes::Columns;
use super::edit::UserChanges;
use super::linkage::Linkage;
use super::person::{Context, MasterPerson, Person, RowChange};
use super::pictures;
use super::preferences::Preferences;
use crate::clock::Stamp;
use crate::db::schema::{account_list_users, contacts, master_people, parent_contacts, people, tombstones};
use crate::db::{Backend, Connection, SqlStamp, SqlUuid};
use crate::guard::member_stamps::MemberStamps;
use crate::guard::{Edit, Member};
use crate::id::Id;
use crate::jsonapi::Json;
use crate::juno::profile::Profile;
use crate::mutants::mutant;
use crate::people::kind::KINDS;
use crate::people::logins;
use crate::people::store::{self as people_store, NO_VERSION};
use crate::people::surroundings::{Surroundings, WantedRows};

/// How often row and linkage are read again because a write came between them. Each time another write has
/// succeeded, so this many in a row do not happen to a reader that is not cut off.
pub const READ_TRIES: usize = 32;

/// What every request asks about the caller first: one read by primary key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = people)]
pub struct Status {
    /// The current version of his record.
    pub version: i64,
    /// Whether he may not use the API.
    pub disabled: bool,
    /// Tokens issued before this second (since 1970) are revoked.
    pub token_epoch: i64,
}

impl Status {
    /// Whether a token made at `issued_at` (seconds since 1970) opens the API to the person now.
    #[must_use]
    pub fn admits(&self, issued_at: i64) -> bool {
        !self.disabled && issued_at >= self.token_epoch
    }

    /// Reads the status; `None` where there is no such person.
    ///
    /// # Errors
    /// The query's.
    pub fn read(connection: &mut Connection, id: Id) -> QueryResult<Option<Self>> {
        let columns = (people::version, people::disabled, people::token_epoch);
        let row = people::table.find(id).select(columns);
        // Of a query for either backend Diesel writes the text each time, though the statement is kept.
        match connection {
            Connection::Sqlite(connection) => row.get_result(connection).optional(),
            Connection::Postgres(connection) => row.get_result(connection).optional(),
        }
    }
}

/// A row of `people`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = people, treat_none_as_default_value = false)]
pub struct Row {
    /// The person's id.
    pub id: Id,
    /// Counts the states.
    pub version: i64,
    /// The stamp of the guard.
    pub updated_in_db_at: Stamp,
    /// The client's time of the last edit, else the stamp.
    pub updated_at: Stamp,
    /// The text form of [`MemberStamps`].
    pub attribute_stamps: String,
    /// The master person.
    pub master_person_id: Id,
    /// The text form of [`Preferences`].
    pub preferences: String,
    /// The stored default account list.
    pub default_account_list: Option<Id>,
    /// The attributes.
    #[diesel(embed)]
    pub columns: Columns,
}

/// What a request needs to know beside the person's own state.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Contacts of which it must be known whether he can see them.
    pub contacts: Vec<Id>,
    /// Whether, and since when, to look for what happened to his rows.
    pub rows_since: Option<Stamp>,
    /// Rows that are edited.
    pub rows: WantedRows,
}

impl Wanted {
    /// What a decision on an edit may need to know.
    #[must_use]
    pub fn of(edit: &Edit<UserChanges>) -> Self {
        let mut wanted = Self::default();
        wanted.add(edit);
        wanted
    }

    /// What a decision on one more edit may need to know. The bases that it names are its stamp and its conditions.
    pub fn add(&mut self, edit: &Edit<UserChanges>) {
        self.contacts.extend(edit.changes.parent_contacts.iter().flatten().map(|(_, id)| *id));
        let stamp = edit.claim.base.as_ref().filter(|_| !edit.claim.overwrite).map(|base| base.stamp);
        let bases = self.rows_since.into_iter().chain(stamp).chain(edit.conditions.base());
        self.rows_since = bases.min();
        for nested in &edit.changes.rows {
            self.rows.add(nested.kind, &nested.edits);
        }
    }
}

/// Reads a person; `None` where there is none.
///
/// # Errors
/// The queries'.
pub fn read(connection: &mut Connection, id: Id) -> QueryResult<Option<Person>> {
    read_with(connection, id, &Wanted::default())
}

/// Reads a person with what a request wants beside him, in one state; `None` where there is none.
///
/// # Errors
/// The queries'.
pub fn read_with(connection: &mut Connection, id: Id, wanted: &Wanted) -> QueryResult<Option<Person>> {
    for _ in 0..READ_TRIES {
        let row = people::table
            .inner_join(master_people::table)
            .filter(people::id.eq(id))
            .select((Row::as_select(), (master_people::created_at, master_people::updated_at)))
            .get_result::<(Row, (Stamp, Stamp))>(connection)
            .optional()?;
        let (Some((row, master)), Some((version, linkage))) = (row, Linkage::read(connection, id)?) else {
            return Ok(None);
        };
        if version != row.version {
            continue;
        }
        let mut person = person(row, master, linkage)?;
        person.context.visible_contacts = visible_contacts(connection, id, &wanted.contacts)?;
        let mut has_rows = !wanted.rows.kinds.is_empty();
        if let Some(base) = wanted.rows_since.filter(|base| *base < person.stamp) {
            person.context.row_changes = row_changes(connection, id, base)?;
            has_rows = true;
        }
        for kind in &wanted.rows.kinds {
            person.context.rows.insert(kind.name, people_store::load(connection, kind, id)?);
        }
        person.context.around = Arc::new(Surroundings::read(connection, &person, &wanted.rows)?);
        // Every write of a row moves the version.
        if has_rows && Status::read(connection, id)?.is_none_or(|status| status.version != version) {
            continue;
        }
        return Ok(Some(person));
    }
    Err(Error::RollbackTransaction)
}

/// Takes the person's row lock for the rest of the transaction. SQLite has none and needs none: a write transaction
/// holds the only write lock.
///
/// # Errors
/// The query's.
pub fn lock(connection: &mut Connection, id: Id) -> QueryResult<()> {
    match connection {
        Connection::Sqlite(_) => Ok(()),
        Connection::Postgres(connection) => {
            // The lock that an UPDATE takes: a key that refers to the person does not wait for it.
            let row = people::table.find(id).select(people::version).for_no_key_update();
            row.get_result::<i64>(connection).optional().map(drop)
        }
    }
}

/// Keeps the person from being deleted for the rest of the transaction; whether there is one. Writes of him go on.
///
/// # Errors
/// The query's.
pub fn hold(connection: &mut Connection, id: Id) -> QueryResult<bool> {
    let row = people::table.find(id).select(people::version);
    let found = match connection {
        Connection::Sqlite(connection) => row.get_result::<i64>(connection).optional()?,
        Connection::Postgres(connection) => row.for_key_share().get_result::<i64>(connection).optional()?,
    };
    Ok(found.is_some())
}

/// Writes `after`, with the rows in its context, if the person still has the version `before`; false where he has
/// not, or where another user of JUNO has just got the address that he would sign in with, and then nothing is written.
///
/// # Errors
/// The statements'.
pub fn compare_and_set(connection: &mut Connection, before: &Person, after: &Person) -> QueryResult<bool> {
    if before.context.around.logins.is_some()
        && let Some(rows) = after.context.rows.get(logins::ROWS)
    {
        let stored = before.context.rows.get(logins::ROWS).map_or(&[][..], Vec::as_slice);
        if !logins::exchange(connection, before.id, stored, rows)? {
            return Ok(false);
        }
    }
    if CompareAndSet::<false>::of(before, after).execute(connection)? == 0 {
        return Ok(false);
    }
    if before.columns.avatar != after.columns.avatar
        && let Some(old) = pictures::stored(before.id, before.columns.avatar.as_deref())
    {
        pictures::remove(connection, before.id, old)?;
    }
    let time_zone =
        |person: &Person| person.preferences.get("time_zone").cloned().filter(|zone| *zone != Json::Null);
    if time_zone(after).is_some() && time_zone(before) != time_zone(after) {
        // A zone with a name takes the place of an offset that JUNO has set.
        Profile::forget_offset(connection, after.id)?;
    }
    if before.linkage.parent_contacts != after.linkage.parent_contacts {
        write_parent_contacts(connection, after)?;
    }
    for (kind, rows) in &after.context.rows {
        let stored = before.context.rows.get(kind).map_or(&[][..], Vec::as_slice);
        people_store::save(connection, after.id, (stored, rows), (after.version, after.stamp))?;
    }
    Ok(true)
}

/// As [`compare_and_set`], of what is in the row of the person alone; false as well where somebody else has locked it.
///
/// # Errors
/// The statement's.
pub(super) fn set_if_free(connection: &mut Connection, before: &Person, after: &Person) -> QueryResult<bool> {
    let rows = match connection {
        Connection::Sqlite(_) => CompareAndSet::<false>::of(before, after).execute(connection)?,
        Connection::Postgres(_) => CompareAndSet::<true>::of(before, after).execute(connection)?,
    };
    Ok(rows > 0)
}

/// Moves the versions of people whose documents show something else now, though nothing of their own was changed; in
/// the order of their ids, in which they come.
///
/// # Errors
/// The statements'.
pub fn move_versions(connection: &mut Connection, ids: impl IntoIterator<Item = Id>) -> QueryResult<()> {
    for id in ids {
        diesel::update(people::table.find(id))
            .set(people::version.eq(people::version + 1))
            .execute(connection)?;
    }
    Ok(())
}

fn write_parent_contacts(connection: &mut Connection, person: &Person) -> QueryResult<()> {
    diesel::delete(parent_contacts::table.filter(parent_contacts::person_id.eq(person.id)))
        .execute(connection)?;
    for (position, contact) in (0_i32..).zip(&person.linkage.parent_contacts) {
        let row = (
            parent_contacts::person_id.eq(person.id),
            parent_contacts::contact_id.eq(*contact),
            parent_contacts::position.eq(position),
            parent_contacts::created_at.eq(person.stamp),
        );
        diesel::insert_into(parent_contacts::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// What happened to a person's rows of all kinds since `base`.
fn row_changes(connection: &mut Connection, person: Id, base: Stamp) -> QueryResult<Vec<RowChange>> {
    mutant!("rows_unmerged", Ok(Vec::new()));
    let name = |kind: &str, id: Id| Member::Owned(format!("{kind}/{id}"));
    let mut changes = Vec::new();
    for kind in &KINDS {
        let rows = people_store::load(connection, kind, person)?;
        changes.extend(rows.iter().filter(|row| row.stamp > base).map(|row| RowChange {
            member: name(kind.name, row.id),
            at: row.stamp,
            value: row.attributes(),
        }));
    }
    let deleted = tombstones::table
        .filter(tombstones::person_id.eq(person).and(tombstones::deleted_at.gt(base)))
        .filter(tombstones::changed_in_version.gt(NO_VERSION))
        .order((tombstones::kind, tombstones::id))
        .select((tombstones::kind, tombstones::id, tombstones::deleted_at));
    let deleted = deleted.load::<(String, Id, Stamp)>(connection)?.into_iter();
    changes.extend(deleted.map(|(kind, id, at)| RowChange {
        member: name(&kind, id),
        at,
        value: Json::Null,
    }));
    Ok(changes)
}

/// Of `wanted`, the contacts of account lists that the person has.
fn visible_contacts(connection: &mut Connection, person: Id, wanted: &[Id]) -> QueryResult<BTreeSet<Id>> {
    if wanted.is_empty() {
        return Ok(BTreeSet::new());
    }
    let lists = account_list_users::table
        .filter(account_list_users::person_id.eq(person))
        .select(account_list_users::account_list_id);
    let visible = contacts::table
        .filter(contacts::id.eq_any(wanted.to_vec()))
        .filter(contacts::account_list_id.eq_any(lists))
        .select(contacts::id);
    Ok(visible.load::<Id>(connection)?.into_iter().collect())
}

fn person(row: Row, master: (Stamp, Stamp), linkage: Linkage) -> QueryResult<Person> {
    let unreadable = |what: &str| Error::DeserializationError(format!("person {}: {what}", row.id).into());
    let stamps =
        MemberStamps::from_text(&row.attribute_stamps).ok_or_else(|| unreadable("attribute_stamps"))?;
    let preferences = Preferences::from_text(&row.preferences).ok_or_else(|| unreadable("preferences"))?;
    Ok(Person {
        id: row.id,
        version: row.version,
        stamp: row.updated_in_db_at,
        updated_at: row.updated_at,
        stamps,
        columns: row.columns,
        preferences,
        default_account_list: row.default_account_list,
        master_person: MasterPerson { id: row.master_person_id, created_at: master.0, updated_at: master.1 },
        linkage,
        context: Context::default(),
    })
}

/// The guard's write. Written out, with all columns every time, because the builder's UPDATE is never kept as a
/// prepared statement, and because it checks the version in the same statement.
struct CompareAndSet<const IF_FREE: bool> {
    expected: i64,
    stamps: String,
    preferences: String,
    person: Person,
}

impl<const IF_FREE: bool> CompareAndSet<IF_FREE> {
    fn of(before: &Person, after: &Person) -> Self {
        Self {
            expected: before.version,
            stamps: after.stamps.to_text(),
            preferences: after.preferences.to_text(),
            person: after.clone(),
        }
    }
}

impl<const IF_FREE: bool> QueryId for CompareAndSet<IF_FREE> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const IF_FREE: bool> QueryFragment<Backend> for CompareAndSet<IF_FREE> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        let person = &self.person;
        out.push_sql("UPDATE people SET version = ");
        out.push_bind_param::<BigInt, i64>(&person.version)?;
        out.push_sql(", updated_in_db_at = ");
        out.push_bind_param::<SqlStamp, Stamp>(&person.stamp)?;
        out.push_sql(", updated_at = ");
        out.push_bind_param::<SqlStamp, Stamp>(&person.updated_at)?;
        out.push_sql(", attribute_stamps = ");
        out.push_bind_param::<Text, String>(&self.stamps)?;
        out.push_sql(", preferences = ");
        out.push_bind_param::<Text, String>(&self.preferences)?;
        out.push_sql(", default_account_list = ");
        out.push_bind_param::<Nullable<SqlUuid>, Option<Id>>(&person.default_account_list)?;
        person.columns.push_assignments(&mut out)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<SqlUuid, Id>(&person.id)?;
        if IF_FREE {
            out.push_sql(" AND id = (SELECT id FROM people WHERE id = ");
            out.push_bind_param::<SqlUuid, Id>(&person.id)?;
            out.push_sql(" FOR NO KEY UPDATE SKIP LOCKED)");
        }
        mutant!("no_compare_and_set", Ok(()));
        out.push_sql(" AND version = ");
        out.push_bind_param::<BigInt, i64>(&self.expected)
    }
}

impl<const IF_FREE: bool> RunQueryDsl<Connection> for CompareAndSet<IF_FREE> {}
