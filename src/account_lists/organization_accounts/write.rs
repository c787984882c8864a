//! The writes of an organization account: one transaction under the lock of its list.

use actix_web::web::Data;
use diesel::QueryResult;
use diesel::result::Error as QueryError;

use super::beside::Beside;
use super::{not_found, represent};
use crate::account_lists::organization_account::{
    KIND, ORGANIZATION_ACCOUNTS, ORGANIZATIONS, attributes, relationships,
};
use crate::account_lists::shared_row::{Sent, SharedRow as _, decided, relationship};
use crate::account_lists::{list, store};
use crate::answer::Answer;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::shared::{AccountRow, OrganizationRow, SharedRow as _};
use crate::error::Error;
use crate::guard::{Edit, Member};
use crate::id::Id;
use crate::jsonapi::document::ResourceIdentifier;
use crate::jsonapi::json::find;
use crate::jsonapi::query::Query;
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::people::edit::{Deed, RowEdit};
use crate::people::row::Row;
use crate::people::store as rows;
use crate::people::surroundings::{self, Surroundings};
use crate::state::AppState;
use crate::users::linkage::ACCOUNT_LISTS;
use crate::users::person::Person;
use crate::users::store as users;

/// A write with all that it needs, so that it can be done and answered in one transaction.
pub(super) struct Write {
    pub(super) state: Data<AppState>,
    pub(super) user: Id,
    pub(super) edit: Edit<RowEdit>,
    pub(super) sent: Sent,
    pub(super) query: Query,
    pub(super) now: Stamp,
}

/// Organization accounts of one list.
const LIMIT: i64 = 100;

/// How often an id may be free when it is looked for and gone when it is taken.
const TRIES: usize = 8;

/// An account as it is after a write, and what the answer says of the edit.
type Written = (AccountRow, Option<Json>);

impl Write {
    pub(super) fn answer(&self, connection: &mut Connection) -> QueryResult<Result<Answer, Error>> {
        let (account, meta) = match self.run(connection)? {
            Ok(done) => done,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let beside = Beside::read(connection, self.user, std::slice::from_ref(&account), &self.query)?;
        let shown = represent(&self.state, &account, &beside, &self.query, meta);
        let answer = shown.answer(self.state.clock.now());
        let location = format!("/api/v2/user/{ORGANIZATION_ACCOUNTS}/{}", account.id);
        let is_made = self.edit.changes.deed == Deed::Create;
        Ok(Ok(if is_made { answer.with_status(201).at(location) } else { answer }))
    }

    /// Decides and writes.
    pub(super) fn run(&self, connection: &mut Connection) -> QueryResult<Result<Written, Error>> {
        for _ in 0..TRIES {
            if let Some(done) = self.attempt(connection)? {
                return Ok(done);
            }
        }
        Err(QueryError::RollbackTransaction)
    }

    /// Decides on what is stored and writes it; nothing where another request has just made the account, of which the
    /// next attempt knows.
    fn attempt(&self, connection: &mut Connection) -> QueryResult<Option<Result<Written, Error>>> {
        let (id, deed, mut edit) = (self.edit.changes.id, self.edit.changes.deed, self.edit.clone());
        if !users::hold(connection, self.user)? {
            return Ok(Some(Err(Error::unauthorized())));
        }
        let stored = locked(connection, id)?;
        let mut account = if deed == Deed::Create {
            let Some(person) = users::read(connection, self.user)? else {
                return Ok(Some(Err(Error::unauthorized())));
            };
            self.draft(connection, &person, &mut edit)?
        } else {
            let own = stored.clone().filter(|account| account.person_id == Some(self.user));
            let Some(account) = own else { return Ok(Some(Err(not_found(id)))) };
            self.sent.compare_relationships(&mut edit, |name, sent| equals(&account, name, sent));
            account
        };
        let (before, shown) = (stored.as_ref().map(AccountRow::as_row), attributes(&account));
        let mut around = Surroundings::default();
        around.deleted = surroundings::deleted(connection, self.user, &[id])?;
        // A new one gets a stamp that none has had that was deleted.
        let now = match rows::last_burial(connection, self.user, &KIND)? {
            Some(at) if deed == Deed::Create => at.next(self.now),
            _ => self.now,
        };
        Ok(Some(match decided(before.as_ref(), &edit, (&KIND, now, around), (&self.sent, &shown)) {
            Ok((Some(row), meta)) => {
                if !self.save(connection, &mut account, &row)? {
                    return Ok(None);
                }
                Ok((account, meta))
            }
            Ok((None, meta)) => Ok((account, meta)),
            Err(refusal) => Err(refusal),
        }))
    }

    /// Writes it; `false` where another request has made it meanwhile, and then nothing was written.
    fn save(&self, connection: &mut Connection, account: &mut AccountRow, row: &Row) -> QueryResult<bool> {
        account.take(row);
        match self.edit.changes.deed {
            Deed::Create if !account.insert_if_free(connection)? => return Ok(false),
            Deed::Create => store::touch(connection, account.account_list_id, self.now)?,
            Deed::Delete => {
                store::delete_account(connection, account.id)?;
                let buried = (rows::NO_VERSION, row.stamp);
                rows::bury(connection, self.user, (&KIND, account.id), buried)?;
                store::touch(connection, account.account_list_id, self.now)?;
            }
            _ => account.update(connection)?,
        }
        store::move_members(connection, account.account_list_id)?;
        Ok(true)
    }

    /// The account that is to be made, with nothing but what its relationships name, whose faults are added to the
    /// edit's. Its list is locked.
    fn draft(
        &self,
        connection: &mut Connection,
        person: &Person,
        edit: &mut Edit<RowEdit>,
    ) -> QueryResult<AccountRow> {
        let (id, now) = (self.edit.changes.id, self.now);
        let organization = match self.required("organization", &[ORGANIZATIONS]) {
            Ok(id) if OrganizationRow::read(connection, id)?.is_none() => {
                Err(missing("Organization", id, "organization"))
            }
            named => named,
        };
        let mut or_fault = |named: Result<Id, Fault>| {
            named.unwrap_or_else(|fault| {
                edit.faults.push(fault);
                // With a fault nothing is written.
                id
            })
        };
        let organization_id = or_fault(organization);
        let person_id = Some(or_fault(self.owner(person)));
        let account_list_id = or_fault(self.account_list(person));
        store::lock(connection, account_list_id)?;
        if store::count_accounts(connection, account_list_id)? >= LIMIT {
            let detail = format!("An account list can have {LIMIT} organization accounts.");
            edit.faults.push(Fault::new(Code::TooLong, detail).at(Pointer::root().member("data")));
        }
        let known = ["account_list", "organization", "person"];
        let unknown = self.sent.relationships.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        edit.changes.changes.ignored.extend(unknown.map(|(name, _)| Member::Owned(name.clone())));
        Ok(AccountRow { organization_id, account_list_id, person_id, ..AccountRow::new(id, now) })
    }

    /// The id that a relationship names; nothing where it is not sent, or null.
    fn named(&self, name: &str, kinds: &[&str]) -> Result<Option<Id>, Fault> {
        let data = find(&self.sent.relationships, name).and_then(|sent| sent.get("data"));
        let Some(data) = data.filter(|data| **data != Json::Null) else { return Ok(None) };
        let text = |member| data.get(member).and_then(Json::as_str).unwrap_or_default();
        let id = Id::parse(text("id")).filter(|_| kinds.contains(&text("type")));
        let message = || format!("must be the identifier of one of the type `{}`", kinds.join("` or `"));
        let fault = || Fault::attribute(Code::Invalid, name, message(), relationship(name));
        id.ok_or_else(fault).map(Some)
    }

    fn blank(&self, name: &str) -> Fault {
        let belongs_in = self.edit.changes.changes.belongs_in.clone();
        Fault::attribute(Code::Blank, name, "can't be blank", belongs_in)
    }

    fn required(&self, name: &str, kinds: &[&str]) -> Result<Id, Fault> {
        self.named(name, kinds)?.ok_or_else(|| self.blank(name))
    }

    /// The user himself; nobody makes accounts for others.
    fn owner(&self, person: &Person) -> Result<Id, Fault> {
        match self.named("person", &["people", "users"])? {
            Some(other) if other != person.id => Err(missing("Person", other, "person")),
            _ => Ok(person.id),
        }
    }

    /// The list that is named, else the user's default one, else the one that he joined first.
    fn account_list(&self, person: &Person) -> Result<Id, Fault> {
        let first = person.linkage.account_lists.first().map(|list| list.id);
        match self.named("account_list", &[ACCOUNT_LISTS])? {
            Some(id) if !person.linkage.has_account_list(id) => {
                Err(missing(list::KIND.model, id, "account_list"))
            }
            Some(id) => Ok(id),
            None => person.default_list().or(first).ok_or_else(|| self.blank("account_list")),
        }
    }
}

fn missing(model: &str, id: Id, name: &str) -> Fault {
    Fault::new(Code::NotFound, format!("Couldn't find {model} with 'id'={id}")).at(relationship(name))
}

/// An account as it is stored, its list locked.
fn locked(connection: &mut Connection, id: Id) -> QueryResult<Option<AccountRow>> {
    let Some(account) = AccountRow::read(connection, id)? else { return Ok(None) };
    store::lock(connection, account.account_list_id)?;
    AccountRow::read(connection, id)
}

/// Whether a relationship that was sent is what the account has; `None` where accounts have none of that name.
fn equals(account: &AccountRow, name: &str, sent: &Json) -> Option<bool> {
    let (_, stored) = relationships(account).into_iter().find(|(own, _)| *own == name)?;
    let data = sent.get("data")?;
    let text = |member| data.get(member).and_then(Json::as_str).unwrap_or_default();
    Some(match stored {
        None => *data == Json::Null,
        // A person is a user, too.
        Some(ResourceIdentifier { id, kind }) => {
            let is_of_kind = text("type") == kind || (kind == "people" && text("type") == "users");
            is_of_kind && Id::parse(text("id")) == Some(id)
        }
    })
}
