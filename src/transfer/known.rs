//! What a batch of lines needs to know of the database to make users who are not there yet: read for all of them together.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::result::Error as QueryError;

use super::line::Line;
use super::shared::{MASTER_PEOPLE, Wanted};
use crate::db::Connection;
use crate::db::schema::{account_lists, former_people, master_people, people};
use crate::db::shared::{ListRow, MasterRow};
use crate::id::Id;
use crate::people::kind::Kind;
use crate::users::linkage::ACCOUNT_LISTS;

/// Ids that one statement asks for, which backends bound.
const IDS: usize = 500;

/// Rows by their ids, and ids of which there is no row.
pub(super) type KnownRows<R> = BTreeMap<Id, Option<R>>;

/// What is known. Of what it does not have nothing is known.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Users who can be made with others: they are not there, never were, and their lines make nothing that is rare.
    free: BTreeSet<Id>,
    pub(super) masters: KnownRows<MasterRow>,
    pub(super) lists: KnownRows<ListRow>,
}

impl Known {
    /// Reads what lines need. The account lists that they name are locked, in the order of their ids, before anybody is.
    ///
    /// # Errors
    /// The queries'.
    pub(super) fn read<'a>(
        connection: &mut Connection,
        lines: impl Iterator<Item = &'a Line>,
    ) -> QueryResult<Self> {
        let lines: Vec<&Line> = lines.filter(|line| is_plain(line)).collect();
        let mut known = Self { free: lines.iter().map(|line| line.id).collect(), ..Self::default() };
        let lists = lines.iter().flat_map(|line| lists_of(line)).collect();
        let masters = lines.iter().flat_map(|line| masters_of(line)).collect();
        for ids in chunks(&lists) {
            known.lists.extend(ids.iter().map(|id| (*id, None)));
            let stored = locked(connection, ids)?.into_iter();
            known.lists.extend(stored.map(|row| (row.id, Some(row))));
        }
        for ids in chunks(&masters) {
            known.masters.extend(ids.iter().map(|id| (*id, None)));
            let rows = master_people::table.filter(master_people::id.eq_any(ids));
            let stored: Vec<MasterRow> = rows.select(MasterRow::as_select()).load(connection)?;
            known.masters.extend(stored.into_iter().map(|row| (row.id, Some(row))));
        }
        for ids in chunks(&known.free.clone()) {
            let there = people::table.filter(people::id.eq_any(ids.clone())).select(people::id);
            let former = former_people::table.filter(former_people::id.eq_any(ids));
            let former = former.select(former_people::id).load::<Id>(connection)?;
            for id in there.load::<Id>(connection)?.into_iter().chain(former) {
                known.free.remove(&id);
            }
        }
        Ok(known)
    }

    /// Whether a line makes a user who can be made with others.
    #[must_use]
    pub(super) fn is_free(&self, line: &Line) -> bool {
        self.free.contains(&line.id) && is_plain(line)
    }

    /// As if nothing of a line were stored: what [`Known::has_nothing_of`] finds in most cases.
    #[must_use]
    pub(super) fn nothing_of(line: &Line) -> Self {
        Self {
            masters: masters_of(line).map(|id| (id, None)).collect(),
            lists: lists_of(line).map(|id| (id, None)).collect(),
            ..Self::default()
        }
    }

    /// Whether nothing that a line names is stored.
    #[must_use]
    pub(super) fn has_nothing_of(&self, line: &Line) -> bool {
        let lists = lists_of(line).all(|id| matches!(self.lists.get(&id), Some(None)));
        lists && masters_of(line).all(|id| matches!(self.masters.get(&id), Some(None)))
    }

    /// Adds what a line has made.
    pub(super) fn add(&mut self, user: Id, masters: &[MasterRow], lists: &[ListRow]) {
        self.free.remove(&user);
        self.masters.extend(masters.iter().map(|row| (row.id, Some(row.clone()))));
        self.lists.extend(lists.iter().map(|row| (row.id, Some(row.clone()))));
    }

    /// Forgets all that a line may write by itself.
    pub(super) fn forget(&mut self, line: &Line) {
        self.free.remove(&line.id);
        for id in lists_of(line) {
            self.lists.remove(&id);
        }
        for id in masters_of(line) {
            self.masters.remove(&id);
        }
    }
}

/// What a line is read on: what is known, and the database for all else, if it may be asked.
pub(super) struct Stored<'a> {
    /// What is known.
    pub known: &'a Known,
    /// The database.
    pub connection: Option<&'a mut Connection>,
}

impl Stored<'_> {
    /// The database.
    ///
    /// # Errors
    /// `NotFound` where it may not be asked.
    pub(super) fn ask(&mut self) -> QueryResult<&mut Connection> {
        self.connection.as_deref_mut().ok_or(QueryError::NotFound)
    }

    /// A row as it is known, else as it is stored.
    ///
    /// # Errors
    /// The query's.
    pub(super) fn row<R: Wanted>(&mut self, id: Id) -> QueryResult<Option<R>> {
        match R::known(self.known).and_then(|rows| rows.get(&id)) {
            Some(row) => Ok(row.clone()),
            None => R::read(self.ask()?, id),
        }
    }
}

/// Whether a line has nothing but what most users have: their own row, rows, account lists, a master person.
pub(super) fn is_plain(line: &Line) -> bool {
    let meta = &line.meta;
    let is_usual = |kind: &str| Kind::named(kind).is_some() || kind == ACCOUNT_LISTS || kind == MASTER_PEOPLE;
    let has_more = !meta.identities.is_empty() || meta.picture.is_some() || !meta.deleted.is_empty();
    let has_parents = line.changes.parent_contacts.as_ref().is_some_and(|contacts| !contacts.is_empty());
    let is_usual = line.included.iter().all(|resource| is_usual(&resource.kind));
    is_usual && !has_more && !has_parents && line.juno.is_empty()
}

fn lists_of(line: &Line) -> impl Iterator<Item = Id> {
    let included = line.of(ACCOUNT_LISTS).map(|resource| resource.id);
    included.chain(line.lists.iter().map(|(id, _)| *id))
}

fn masters_of(line: &Line) -> impl Iterator<Item = Id> {
    line.of(MASTER_PEOPLE).map(|resource| resource.id).chain(line.master_person)
}

fn chunks(ids: &BTreeSet<Id>) -> Vec<Vec<Id>> {
    let ids: Vec<Id> = ids.iter().copied().collect();
    ids.chunks(IDS).map(<[Id]>::to_vec).collect()
}

fn locked(connection: &mut Connection, ids: Vec<Id>) -> QueryResult<Vec<ListRow>> {
    let rows = account_lists::table.filter(account_lists::id.eq_any(ids)).order(account_lists::id);
    match connection {
        Connection::Sqlite(connection) => rows.select(ListRow::as_select()).load(connection),
        Connection::Postgres(connection) => rows.select(ListRow::as_select()).for_update().load(connection),
    }
}
