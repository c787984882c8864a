//! One line into the database: all that is stored is read, everything is decided, and only then anything is written.

mod made;

use diesel::prelude::*;

use super::identities;
use super::import::Options;
use super::juno;
use super::known::{Known, Stored};
use super::later::NewPerson;
use super::line::Line;
use super::plan::{self, Plan, is_there, missing};
use super::resource::by_kind;
use super::rows::{self, Ground, Rows};
use super::shared::CONTACTS;
use super::tables::Hidden;
use super::user::{self, Around};
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{account_list_users, parent_contacts, people, tombstones};
use crate::db::shared::{ContactRow, ListRow};
use crate::guard::Guarded as _;
use crate::guard::base::STAMP;
use crate::guard::member_stamps::MemberStamps;
use crate::id::Id;
use crate::jsonapi::{Fault, Pointer};
use crate::people::kind::Kind;
use crate::people::logins;
use crate::people::store as rows_store;
use crate::users::create::Born;
use crate::users::linkage::{ACCOUNT_LISTS, OWNED};
use crate::users::person::Person;
use crate::users::pictures;
use crate::users::store::{self, Row};

pub(super) use made::{Made, make, make_of_nothing};

/// What became of a line.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The user was not there before.
    Created,
    /// Something differed.
    Updated,
    /// All of it was there.
    Unchanged,
    /// Nothing was written: what is wrong with the line.
    Refused(Vec<Fault>),
    /// Nothing was written: the user was changed in the database at the first time, after the line's, the second, which
    /// stands there.
    Newer(Stamp, Stamp, Pointer),
}

/// A line with all that was read for it.
struct Unit<'a> {
    line: &'a Line,
    before: Option<Person>,
    hidden: Hidden,
    plan: Plan,
    rows: Vec<Rows>,
    after: Person,
    memberships: Vec<(Id, Stamp)>,
    juno: juno::Plan,
}

/// Takes a line in. Belongs into a transaction; where it is refused, nothing was written.
///
/// # Errors
/// The statements'.
pub(super) fn run(connection: &mut Connection, line: &Line, options: Options) -> QueryResult<Outcome> {
    // Before any person is locked, as all who write what is shared do.
    plan::lock_lists(connection, line)?;
    let before = if store::Status::read(connection, line.id)?.is_some() {
        store::lock(connection, line.id)?;
        store::read(connection, line.id)?
    } else {
        None
    };
    let hidden = match before {
        None => Hidden::default(),
        Some(_) => Hidden::read(connection, line.id)?,
    };
    let mut faults = Vec::new();
    let mut read_on = Stored { known: &Known::default(), connection: Some(connection) };
    let unit = Unit::read(&mut read_on, line, options, (before, hidden), &mut faults)?;
    if !faults.is_empty() {
        return Ok(Outcome::Refused(faults));
    }
    let Some(stored) = unit.before.as_ref().map(|before| before.stamp) else {
        unit.create(connection)?;
        return Ok(Outcome::Created);
    };
    let differs = unit.differs(stored);
    if differs && line.stamp < stored && !options.overwrite {
        return Ok(Outcome::Newer(stored, line.stamp, Pointer::attributes().member(STAMP)));
    }
    if let Some((stored, given, at)) = unit.juno.newer {
        return Ok(Outcome::Newer(stored, given, at));
    }
    if !differs && line.stamp <= stored {
        if unit.plan.is_empty() && unit.juno.is_empty() {
            return Ok(Outcome::Unchanged);
        }
        unit.write_shared(connection, false)?;
        // JUNO's own is no state of the person.
        unit.juno.write(connection)?;
        return Ok(Outcome::Updated);
    }
    unit.update(connection)?;
    Ok(Outcome::Updated)
}

impl<'a> Unit<'a> {
    fn read(
        stored: &mut Stored<'_>,
        line: &'a Line,
        options: Options,
        (before, hidden): (Option<Person>, Hidden),
        faults: &mut Vec<Fault>,
    ) -> QueryResult<Self> {
        let master = before.as_ref().map(|before| before.master_person);
        let plan = Plan::read(stored, line, options, master, faults)?;
        if !line.meta.identities.is_empty() {
            identities::check(stored.ask()?, line.id, &line.meta.identities, faults)?;
        }
        let ground = ground(line, before.as_ref());
        let mut all = Vec::new();
        for (kind, resources) in by_kind(&line.included) {
            let read = rows::read(stored, kind, ground, &resources, faults)?;
            for (list, at) in read.lists(&resources) {
                if !is_there::<ListRow>(stored, line, ACCOUNT_LISTS, list)? {
                    faults.push(missing(ACCOUNT_LISTS, list, at));
                }
            }
            all.push(read);
        }
        for (kind, id, at) in &line.owned {
            if !has_row(&all, before.as_ref(), kind, *id) {
                faults.push(missing(kind.name, *id, at.clone()));
            }
        }
        let mut memberships = hidden.memberships.clone();
        for (id, at) in &line.lists {
            if !is_there::<ListRow>(stored, line, ACCOUNT_LISTS, *id)? {
                faults.push(missing(ACCOUNT_LISTS, *id, at.clone()));
            }
            let given = line.meta.joined.iter().find(|(list, _)| list == id).map(|(_, at)| *at);
            match memberships.iter_mut().find(|(list, _)| list == id) {
                Some((_, since)) => *since = given.unwrap_or(*since),
                None => memberships.push((*id, given.unwrap_or(line.stamp))),
            }
        }
        let mut around = Around {
            lists: memberships.iter().map(|(id, _)| *id).collect(),
            facebook_id: before.as_ref().and_then(|before| before.linkage.facebook_id),
            contacts: std::collections::BTreeSet::new(),
            master_person: plan.master_person,
        };
        if let Some(rows) = all.iter().find(|rows| rows.kind.name == "facebook_accounts") {
            around.facebook_id = rows.facebook_id();
        }
        for (_, id) in line.changes.parent_contacts.iter().flatten() {
            if is_there::<ContactRow>(stored, line, CONTACTS, *id)? {
                around.contacts.insert(*id);
            }
        }
        let after = user::wanted(line, before.as_ref(), &around, faults);
        let juno = read_juno(stored, line, &all, options, faults)?;
        Ok(Self { line, before, hidden, plan, rows: all, after, memberships, juno })
    }

    fn ground(&self) -> Ground {
        ground(self.line, self.before.as_ref())
    }

    /// Since when the user belongs to his contacts after the line; `at` where nothing says it.
    fn parents(&self, at: Stamp) -> Vec<(Id, Stamp)> {
        let known =
            |id: Id| self.line.meta.parents.iter().chain(&self.hidden.parents).find(|(own, _)| *own == id);
        let ids = self.after.linkage.parent_contacts.iter();
        ids.map(|id| (*id, known(*id).map_or(at, |(_, since)| *since))).collect()
    }

    /// The identities that nothing is known of yet.
    fn identities(&self) -> impl Iterator<Item = &(String, String)> {
        self.line.meta.identities.iter().filter(|one| !self.hidden.identities.contains(one))
    }

    /// The deleted rows that nothing is known of yet. One that is there again is not deleted.
    fn deleted(&self) -> impl Iterator<Item = &(&'static Kind, Id, Stamp)> {
        self.line.meta.deleted.iter().filter(|(kind, id, _)| {
            let known = self.hidden.deleted.iter().any(|(of, known)| of == kind.name && known == id);
            !known && !has_row(&self.rows, self.before.as_ref(), kind, *id)
        })
    }

    /// Who was disabled stays so, as revoked tokens stay revoked: no stamp tells which of the two is newer.
    fn disabled(&self) -> bool {
        self.hidden.disabled || self.line.meta.disabled.unwrap_or_default()
    }

    /// Whether the line changes anything that is the user's own.
    fn differs(&self, stamp: Stamp) -> bool {
        let Some(before) = &self.before else { return true };
        let after = &self.after;
        before.columns != after.columns
            || before.preferences != after.preferences
            || before.default_account_list != after.default_account_list
            || before.updated_at != after.updated_at
            || before.master_person.id != after.master_person.id
            || self.hidden.parents != self.parents(stamp)
            || self.hidden.memberships != self.memberships
            || self.hidden.disabled != self.disabled()
            || self.hidden.token_epoch < self.line.meta.token_epoch.unwrap_or_default()
            || self.identities().next().is_some()
            || self.deleted().next().is_some()
            || self.rows.iter().any(|rows| rows.differ(self.ground()))
    }

    /// The person's row, and what else belongs there of him who is made.
    fn born(&self, born: &Born) -> NewPerson {
        let after = &self.after;
        let row = Row {
            id: after.id,
            version: born.version,
            updated_in_db_at: born.at,
            updated_at: self.line.changes.updated_at.unwrap_or(born.at),
            attribute_stamps: MemberStamps::all_at(born.at).to_text(),
            master_person_id: after.master_person.id,
            preferences: after.preferences.to_text(),
            default_account_list: after.default_account_list,
            columns: after.columns.clone(),
        };
        let token_epoch = self.line.meta.token_epoch.unwrap_or_default().max(born.token_epoch);
        NewPerson { row, token_epoch, disabled: self.disabled() }
    }

    fn create(&self, connection: &mut Connection) -> QueryResult<()> {
        self.plan.write(connection)?;
        let born = Born::under(connection, self.line.id, self.line.stamp)?;
        diesel::insert_into(people::table).values(self.born(&born)).execute(connection)?;
        self.write_beside(connection, born.version, born.at)?;
        let others = self.plan.witnesses(connection)?;
        store::move_versions(connection, others.into_iter().filter(|other| *other != self.line.id))
    }

    fn update(&self, connection: &mut Connection) -> QueryResult<()> {
        let Some(before) = &self.before else { return Err(diesel::result::Error::NotFound) };
        self.write_shared(connection, true)?;
        let changed = before.changed(&self.after);
        let mut after = before.moved(self.after.clone(), &changed, self.line.stamp);
        after.updated_at = self.line.changes.updated_at.unwrap_or(after.updated_at);
        if !store::compare_and_set(connection, before, &after)? {
            // Under the person's lock nobody else can have written him.
            return Err(diesel::result::Error::RollbackTransaction);
        }
        let epoch = self.line.meta.token_epoch.unwrap_or_default().max(self.hidden.token_epoch);
        let hidden = (
            people::master_person_id.eq(after.master_person.id),
            people::disabled.eq(self.disabled()),
            people::token_epoch.eq(epoch),
        );
        diesel::update(people::table.find(after.id)).set(hidden).execute(connection)?;
        self.write_beside(connection, after.version, after.stamp)
    }

    /// Writes what users share; without a change of the user himself (`moved`) his version may move with it.
    fn write_shared(&self, connection: &mut Connection, moved: bool) -> QueryResult<()> {
        self.plan.write(connection)?;
        self.plan.write_accounts(connection)?;
        let witnesses = self.plan.witnesses(connection)?;
        store::move_versions(connection, witnesses.into_iter().filter(|id| !moved || *id != self.line.id))
    }

    /// Writes all that names the user, who is there.
    fn write_beside(&self, connection: &mut Connection, version: i64, at: Stamp) -> QueryResult<()> {
        use {account_list_users as m, parent_contacts as p, tombstones as t};
        let user = self.line.id;
        for (list, since) in &self.memberships {
            let stored = self.hidden.memberships.iter().find(|(id, _)| id == list);
            if stored.is_none() {
                let row = (m::person_id.eq(user), m::account_list_id.eq(*list), m::created_at.eq(*since));
                diesel::insert_into(m::table).values(row).execute(connection)?;
            } else if stored.is_some_and(|(_, stored)| stored != since) {
                let row = diesel::update(m::table.find((user, *list)));
                row.set(m::created_at.eq(*since)).execute(connection)?;
            }
        }
        if self.before.is_none() {
            self.plan.write_accounts(connection)?;
        }
        let parents = self.parents(at);
        if parents != self.hidden.parents {
            diesel::delete(p::table.filter(p::person_id.eq(user))).execute(connection)?;
            for (position, (contact, since)) in (0_i32..).zip(parents) {
                let key = (p::person_id.eq(user), p::contact_id.eq(contact));
                let row = (key, (p::position.eq(position), p::created_at.eq(since)));
                diesel::insert_into(p::table).values(row).execute(connection)?;
            }
        }
        identities::write(connection, user, self.identities(), at)?;
        let stored = self.before.as_ref().map(|before| &before.columns.avatar);
        if let Some(picture) =
            self.line.meta.picture.as_ref().filter(|_| stored != Some(&self.after.columns.avatar))
        {
            pictures::put(connection, user, picture, at)?;
        }
        for rows in &self.rows {
            rows.write(connection, self.ground(), version)?;
        }
        self.juno.write(connection)?;
        for (kind, id) in &self.hidden.deleted {
            if let Some(kind) = user::buried_kind(kind).filter(|kind| has_row(&self.rows, None, kind, *id)) {
                diesel::delete(t::table.find((user, kind.name, *id))).execute(connection)?;
            }
        }
        let before = self.before.as_ref().map(|before| before.stamp);
        for (kind, id, deleted_at) in self.deleted() {
            let key = (t::person_id.eq(user), t::kind.eq(kind.name), t::id.eq(*id));
            let deleted_at = before.map_or(*deleted_at, |stamp| stamp.next(*deleted_at));
            let is_shown = Kind::named(kind.name).is_some();
            let version = if is_shown { version } else { rows_store::NO_VERSION };
            let row = (key, (t::changed_in_version.eq(version), t::deleted_at.eq(deleted_at)));
            diesel::insert_into(t::table).values(row).execute(connection)?;
        }
        Ok(())
    }
}

/// What becomes of JUNO's own, whose users sign in with the addresses after the line.
fn read_juno(
    stored: &mut Stored<'_>,
    line: &Line,
    rows: &[Rows],
    options: Options,
    faults: &mut Vec<Fault>,
) -> QueryResult<juno::Plan> {
    if line.juno.is_empty() {
        return Ok(juno::Plan::default());
    }
    let emails = match rows.iter().find(|rows| rows.kind.name == logins::ROWS) {
        Some(rows) => rows.after.clone(),
        None => match Kind::named(logins::ROWS) {
            Some(kind) => rows_store::load(stored.ask()?, kind, line.id)?,
            None => Vec::new(),
        },
    };
    juno::Plan::read(stored.ask()?, &line.juno, (line.id, &emails), options.overwrite, faults)
}

fn ground(line: &Line, before: Option<&Person>) -> Ground {
    Ground { user: line.id, stamp: before.map(|before| before.stamp), given: line.stamp }
}

/// Whether the user has a row after the line.
fn has_row(rows: &[Rows], before: Option<&Person>, kind: &Kind, id: Id) -> bool {
    if let Some(rows) = rows.iter().find(|rows| rows.kind == kind) {
        return rows.ids().any(|own| own == id);
    }
    let part = OWNED.iter().position(|name| *name == kind.name);
    let linked = part.zip(before).and_then(|(part, before)| before.linkage.owned.get(part));
    linked.is_some_and(|ids| ids.contains(&id))
}
