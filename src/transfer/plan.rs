//! What a line does to the rows that users share, decided before anything is written.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::import::Options;
use super::known::Stored;
use super::line::Line;
use super::resource::Resource;
use super::shared::{CONTACTS, MASTER_PEOPLE, Reading, Wanted, moved};
use crate::account_lists::organization_account::{ORGANIZATION_ACCOUNTS as ACCOUNTS, ORGANIZATIONS};
use crate::account_lists::store::{lock, members};
use crate::db::Connection;
use crate::db::schema::people;
use crate::db::shared::{AccountRow, ContactRow, ListRow, MasterRow, OrganizationRow, SharedRow};
use crate::id::Id;
use crate::jsonapi::{Code, Fault, Pointer};
use crate::users::linkage::ACCOUNT_LISTS;
use crate::users::person::MasterPerson;

/// A row to be written.
#[derive(Debug)]
enum Write<R> {
    Insert(R),
    Update { stored: R, wanted: R },
}

impl<R: SharedRow> Write<R> {
    fn run(&self, connection: &mut Connection) -> QueryResult<()> {
        match self {
            Self::Insert(row) => row.insert(connection),
            Self::Update { wanted, .. } => wanted.update(connection),
        }
    }

    fn into_new(self) -> Option<R> {
        match self {
            Self::Insert(row) => Some(row),
            Self::Update { .. } => None,
        }
    }

    fn row(&self) -> &R {
        match self {
            Self::Insert(row) | Self::Update { wanted: row, .. } => row,
        }
    }
}

/// The rows that a line writes beside the user's own.
#[derive(Debug)]
pub(super) struct Plan {
    masters: Vec<Write<MasterRow>>,
    lists: Vec<Write<ListRow>>,
    organizations: Vec<Write<OrganizationRow>>,
    contacts: Vec<Write<ContactRow>>,
    accounts: Vec<Write<AccountRow>>,
    /// The user's master person after the line.
    pub master_person: MasterPerson,
}

impl Plan {
    /// Decides: of what is stored and what the line has, the newer one counts, or the line's where it overwrites.
    /// `master_person` is the one that the user has.
    ///
    /// # Errors
    /// The queries'.
    pub(super) fn read(
        stored: &mut Stored<'_>,
        line: &Line,
        options: Options,
        master_person: Option<MasterPerson>,
        faults: &mut Vec<Fault>,
    ) -> QueryResult<Self> {
        let over = options.overwrite;
        let newer = |given, stored| over || given > stored;
        let mut planner = Planner { stored, line, faults };
        let mut masters = planner.writes(MASTER_PEOPLE, |wanted: MasterRow, stored| {
            newer(wanted.updated_at, stored.updated_at).then_some(wanted)
        })?;
        let lists = planner.writes(ACCOUNT_LISTS, |wanted: ListRow, stored| {
            let wins = newer(wanted.updated_in_db_at, stored.updated_in_db_at);
            moved(wanted, stored).filter(|_| wins)
        })?;
        let organizations = planner.writes(ORGANIZATIONS, |wanted: OrganizationRow, stored| {
            newer(wanted.updated_at, stored.updated_at).then_some(wanted)
        })?;
        let contacts = planner.writes(CONTACTS, |wanted: ContactRow, stored| {
            newer(wanted.updated_at, stored.updated_at).then_some(wanted)
        })?;
        let accounts = planner.writes(ACCOUNTS, |wanted: AccountRow, stored| {
            // Whose it is stands in his line only, which says nothing else that is new.
            let person = wanted.person_id.filter(|_| stored.person_id.is_none());
            let wins = newer(wanted.updated_in_db_at, stored.updated_in_db_at);
            let named = person.map(|person| AccountRow { person_id: Some(person), ..stored.clone() });
            moved(wanted, stored).filter(|_| wins).or(named)
        })?;
        planner.check_parents(&contacts, &accounts)?;
        let master_person = planner.master_person(&mut masters, master_person)?;
        Ok(Self { masters, lists, organizations, contacts, accounts, master_person })
    }

    /// Whether nothing is to be written.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        let Self { masters, lists, organizations, contacts, accounts, .. } = self;
        let others =
            lists.is_empty() && organizations.is_empty() && contacts.is_empty() && accounts.is_empty();
        masters.is_empty() && others
    }

    /// Takes the rows out that are to be written, where they are master people and account lists that are not there yet;
    /// `None` where there is more to write.
    #[must_use]
    pub(super) fn into_new(self) -> Option<(Vec<MasterRow>, Vec<ListRow>)> {
        let is_less = self.organizations.is_empty() && self.contacts.is_empty() && self.accounts.is_empty();
        let masters = self.masters.into_iter().map(Write::into_new).collect::<Option<_>>()?;
        let lists = self.lists.into_iter().map(Write::into_new).collect::<Option<_>>()?;
        is_less.then_some((masters, lists))
    }

    /// Writes what the user's own row may name.
    ///
    /// # Errors
    /// The statements'.
    pub(super) fn write(&self, connection: &mut Connection) -> QueryResult<()> {
        self.masters.iter().try_for_each(|write| write.run(connection))?;
        self.lists.iter().try_for_each(|write| write.run(connection))?;
        self.organizations.iter().try_for_each(|write| write.run(connection))?;
        self.contacts.iter().try_for_each(|write| write.run(connection))
    }

    /// Writes what may name the user.
    ///
    /// # Errors
    /// The statements'.
    pub(super) fn write_accounts(&self, connection: &mut Connection) -> QueryResult<()> {
        self.accounts.iter().try_for_each(|write| write.run(connection))
    }

    /// The people whose plain documents show what is written: their versions move (design 3).
    ///
    /// # Errors
    /// The queries'.
    pub(super) fn witnesses(&self, connection: &mut Connection) -> QueryResult<BTreeSet<Id>> {
        let mut witnesses = BTreeSet::new();
        for write in &self.masters {
            if let Write::Update { wanted, .. } = write {
                let own = people::table.filter(people::master_person_id.eq(wanted.id)).select(people::id);
                witnesses.extend(own.load::<Id>(connection)?);
            }
        }
        let changed = self.lists.iter().filter_map(|write| match write {
            Write::Insert(_) => None,
            Write::Update { stored, .. } => Some(stored.id),
        });
        let lists = self.accounts.iter().flat_map(|write| match write {
            Write::Insert(row) => vec![row.account_list_id],
            Write::Update { stored, wanted } if stored.account_list_id != wanted.account_list_id => {
                vec![stored.account_list_id, wanted.account_list_id]
            }
            Write::Update { .. } => Vec::new(),
        });
        for list in lists.chain(changed) {
            witnesses.extend(members(connection, list)?);
        }
        Ok(witnesses)
    }
}

/// Locks all account lists that a line writes, joins, or changes the organization accounts of.
///
/// # Errors
/// The queries'.
pub(super) fn lock_lists(connection: &mut Connection, line: &Line) -> QueryResult<()> {
    let mut lists: BTreeSet<Id> = line.of(ACCOUNT_LISTS).map(|resource| resource.id).collect();
    lists.extend(line.lists.iter().map(|(id, _)| *id));
    for account in line.of(ACCOUNTS) {
        lists.extend(AccountRow::read(connection, account.id)?.map(|stored| stored.account_list_id));
        lists.extend(account.one("account_list", &[ACCOUNT_LISTS], &mut Vec::new()).flatten());
    }
    lists.into_iter().try_for_each(|list| lock(connection, list))
}

/// Whether a row is in the line or stored.
///
/// # Errors
/// The query's.
pub(super) fn is_there<R: Wanted>(
    stored: &mut Stored<'_>,
    line: &Line,
    kind: &str,
    id: Id,
) -> QueryResult<bool> {
    Ok(line.has(kind, id) || stored.row::<R>(id)?.is_some())
}

/// The fault of an identifier whose resource is nowhere.
#[must_use]
pub(super) fn missing(kind: &str, id: Id, at: Pointer) -> Fault {
    let detail = format!("The resource {kind} {id} is neither in the line nor in the database.");
    Fault::new(Code::NotIncluded, detail).at(at)
}

struct Planner<'a, 'b> {
    stored: &'a mut Stored<'b>,
    line: &'a Line,
    faults: &'a mut Vec<Fault>,
}

impl Planner<'_, '_> {
    /// The writes of a type. `wins` says what is to be written over a stored row, if anything is.
    fn writes<R: Wanted>(
        &mut self,
        kind: &str,
        wins: impl Fn(R, &R) -> Option<R>,
    ) -> QueryResult<Vec<Write<R>>> {
        let (line, mut writes) = (self.line, Vec::new());
        for resource in line.included.iter().filter(|resource| resource.kind == kind) {
            let stored = self.stored.row::<R>(resource.id)?;
            let (user, at) = (line.id, line.stamp);
            let row = R::wanted(Reading { resource, stored: stored.as_ref(), user, at, faults: self.faults });
            match stored {
                None => writes.push(Write::Insert(row)),
                Some(stored) => {
                    if let Some(wanted) = wins(row, &stored).filter(|wanted| *wanted != stored) {
                        writes.push(Write::Update { stored, wanted });
                    }
                }
            }
        }
        Ok(writes)
    }

    fn check_parents(
        &mut self,
        contacts: &[Write<ContactRow>],
        accounts: &[Write<AccountRow>],
    ) -> QueryResult<()> {
        let line = self.line;
        for row in contacts.iter().map(Write::row) {
            for resource in line.of(CONTACTS).filter(|resource| resource.id == row.id) {
                self.require::<ListRow>(ACCOUNT_LISTS, row.account_list_id, resource, "account_list")?;
            }
        }
        for row in accounts.iter().map(Write::row) {
            for resource in line.of(ACCOUNTS).filter(|resource| resource.id == row.id) {
                self.require::<ListRow>(ACCOUNT_LISTS, row.account_list_id, resource, "account_list")?;
                let organization = row.organization_id;
                self.require::<OrganizationRow>(ORGANIZATIONS, organization, resource, "organization")?;
            }
        }
        Ok(())
    }

    /// Notes a row that names another which is neither in the line nor stored.
    fn require<R: Wanted>(&mut self, kind: &str, id: Id, resource: &Resource, name: &str) -> QueryResult<()> {
        // A row without a parent has its own id there, and its fault is noted.
        if id == resource.id || is_there::<R>(self.stored, self.line, kind, id)? {
            return Ok(());
        }
        let at = resource.at.member("relationships").member(name).member("data");
        self.faults.push(missing(kind, id, at));
        Ok(())
    }

    /// The master person that the line names, else the one that the user has, else a new one.
    fn master_person(
        &mut self,
        writes: &mut Vec<Write<MasterRow>>,
        stored: Option<MasterPerson>,
    ) -> QueryResult<MasterPerson> {
        let named = self.line.master_person.or(stored.map(|master| master.id));
        let id = named.unwrap_or_else(Id::random);
        let written = writes.iter().map(Write::row).find(|row| row.id == id).cloned();
        let row = match written {
            Some(row) => Some(row),
            None if named.is_none() => None,
            None => self.stored.row(id)?,
        };
        let row = row.unwrap_or_else(|| {
            let row = MasterRow { id, created_at: self.line.stamp, updated_at: self.line.stamp };
            writes.push(Write::Insert(row.clone()));
            row
        });
        Ok(MasterPerson { id, created_at: row.created_at, updated_at: row.updated_at })
    }
}
