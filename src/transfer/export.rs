//! From the database to lines.

use std::collections::BTreeSet;
use std::io::Write;

use diesel::prelude::*;
use diesel::result::Error as QueryError;

use super::tables;
use super::{
    DELETED, IDENTITIES, JOINED, PARENTS, PICTURE, STORED, TransferError, identities, juno, picture, shared,
};
use crate::account_lists;
use crate::clock::Stamp;
use crate::db::schema::{people, tombstones};
use crate::db::shared::{AccountRow, ContactRow, ListRow, OrganizationRow, SharedRow as _};
use crate::db::{Connection, in_snapshot};
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::json::Members;
use crate::jsonapi::query::Fieldsets;
use crate::people::kind::{ASIDE, Access, KINDS, Type};
use crate::people::row::Row;
use crate::people::store as rows;
use crate::users::face::Face;
use crate::users::include::Included;
use crate::users::person::Person;
use crate::users::{render, store};

/// Users whose ids are read at once.
const PAGE: i64 = 256;

/// Writes a line for each user in the order of the ids, or for the one of the id that is given; returns how many. All
/// lines are of one state of the database. `written` is told of each with how many there will be.
///
/// # Errors
/// The database's and the writer's.
pub fn export(
    connection: &mut Connection,
    user: Option<Id>,
    out: &mut impl Write,
    mut written: impl FnMut(u64),
) -> Result<u64, TransferError> {
    in_snapshot(connection, |connection| {
        if let Some(id) = user {
            let line = line(connection, id)?;
            return line.map_or(Ok(0), |line| write_line(out, line).map(|()| 1));
        }
        let all: i64 = people::table.count().get_result(connection)?;
        let all = u64::try_from(all).unwrap_or_default();
        let (mut count, mut last) = (0, None);
        loop {
            let ids = page(connection, last)?;
            for id in &ids {
                if let Some(line) = line(connection, *id)? {
                    write_line(out, line)?;
                    count += 1;
                    written(all);
                }
            }
            last = ids.last().copied();
            if last.is_none() {
                return Ok(count);
            }
        }
    })
}

fn write_line(out: &mut impl Write, mut line: Vec<u8>) -> Result<(), TransferError> {
    line.push(b'\n');
    Ok(out.write_all(&line)?)
}

/// The ids behind `last`: pages are reached by the key, however far behind they lie.
fn page(connection: &mut Connection, last: Option<Id>) -> QueryResult<Vec<Id>> {
    let page = people::table.order(people::id).limit(PAGE).select(people::id);
    match last {
        None => page.load(connection),
        Some(last) => page.filter(people::id.gt(last)).load(connection),
    }
}

/// The line of a user, without its end; `None` where there is no such user. Belongs into a transaction.
fn line(connection: &mut Connection, id: Id) -> QueryResult<Option<Vec<u8>>> {
    let Some(person) = store::read(connection, id)? else { return Ok(None) };
    let mut included = Included { master_person: true, ..Included::default() };
    for (kind, _) in KINDS.iter().zip(&person.linkage.owned).filter(|(_, ids)| !ids.is_empty()) {
        included.rows.extend(rows::load(connection, kind, id)?);
    }
    for kind in &ASIDE {
        included.rows.extend(rows::load(connection, kind, id)?);
    }
    included.lists = account_lists::store::lists(connection, id)?;
    let body = render::document(&person, Face::User, &Fieldsets::default(), Some(&included), None);
    let unreadable = |e| QueryError::DeserializationError(format!("user {id}: {e}").into());
    let mut document = Json::parse(&body).map_err(|e| unreadable(e.detail))?;
    let meta = user_meta(connection, &person)?;
    let (Some(data), Some(resources)) = parts(&mut document) else {
        return Err(unreadable("the document has no data".to_owned()));
    };
    data.push(("meta".to_owned(), Json::Object(meta)));
    let beside = Beside::read(connection, &person, &included.rows)?;
    let lists = included.lists.len();
    let mut elements = resources.iter_mut();
    for (row, resource) in included.rows.iter().zip(elements.by_ref()) {
        say(resource, "meta", row_meta(row));
    }
    for (list, resource) in included.lists.iter().zip(elements.by_ref().take(lists)) {
        beside.complete(list.id, resource);
    }
    resources.extend(beside.resources(id, &person));
    Ok(Some(document.to_text().into_bytes()))
}

/// The members of `data` and the elements of `included`.
fn parts(document: &mut Json) -> (Option<&mut Members>, Option<&mut Vec<Json>>) {
    let (mut data, mut included) = (None, None);
    if let Json::Object(members) = document {
        for (name, value) in members {
            match (name.as_str(), value) {
                ("data", Json::Object(members)) => data = Some(members),
                ("included", Json::Array(elements)) => included = Some(elements),
                _ => {}
            }
        }
    }
    (data, included)
}

/// Adds a member to a resource object, unless there is nothing in it.
fn say(resource: &mut Json, name: &str, members: Members) {
    if let Json::Object(object) = resource
        && !members.is_empty()
    {
        object.push((name.to_owned(), Json::Object(members)));
    }
}

/// What a row's document hides: attributes that are not shown, and those that are shown in another form than stored.
fn row_meta(row: &Row) -> Members {
    let hidden = row.kind.attributes.iter().filter(|attribute| match attribute.access {
        Access::WriteOnly | Access::Internal => true,
        Access::Open | Access::ReadOnly => row.shown(attribute.name) != row.get(attribute.name).to_json(),
    });
    hidden.map(|attribute| (attribute.name.to_owned(), row.get(attribute.name).to_json())).collect()
}

/// What the document of a user hides of him.
fn user_meta(connection: &mut Connection, person: &Person) -> QueryResult<Members> {
    let columns = people::table.find(person.id).select((people::disabled, people::token_epoch));
    let (disabled, token_epoch): (bool, i64) = columns.get_result(connection)?;
    let mut meta: Members = vec![
        ("disabled".to_owned(), disabled.into()),
        ("token_epoch".to_owned(), Json::Number(token_epoch.to_string())),
    ];
    let mut add = |name: &str, members: Members| {
        if !members.is_empty() {
            meta.push((name.to_owned(), Json::Object(members)));
        }
    };
    add(STORED, super::user::stored_otherwise(person));
    let since = |pairs: Vec<(Id, Stamp)>| -> Members {
        pairs.into_iter().map(|(id, at)| (id.to_string(), at.to_string().into())).collect()
    };
    add(JOINED, since(tables::memberships(connection, person.id)?));
    if !person.linkage.parent_contacts.is_empty() {
        add(PARENTS, since(tables::parents(connection, person.id)?));
    }
    add(IDENTITIES, identities::members(connection, person.id)?);
    add(PICTURE, picture::members(connection, person)?);
    meta.extend(juno::members(connection, person.id)?);
    let deleted = tombstones::table.filter(tombstones::person_id.eq(person.id));
    let deleted = deleted.order((tombstones::kind, tombstones::id));
    let columns = (tombstones::kind, tombstones::id, tombstones::deleted_at);
    let deleted: Vec<(String, Id, Stamp)> = deleted.select(columns).load(connection)?;
    let deleted = deleted.into_iter().map(|(kind, id, at)| (format!("{kind}/{id}"), at.to_string().into()));
    let deleted: Members = deleted.collect();
    if !deleted.is_empty() {
        meta.push((DELETED.to_owned(), Json::Object(deleted)));
    }
    Ok(meta)
}

/// The rows beside a user that his plain document does not reach.
struct Beside {
    lists: Vec<ListRow>,
    contacts: Vec<ContactRow>,
    accounts: Vec<AccountRow>,
    organizations: Vec<OrganizationRow>,
}

impl Beside {
    fn read(connection: &mut Connection, person: &Person, rows: &[Row]) -> QueryResult<Self> {
        let own = || person.linkage.account_lists.iter().map(|list| list.id);
        let mut contacts = Vec::new();
        for id in &person.linkage.parent_contacts {
            contacts.extend(ContactRow::read(connection, *id)?);
        }
        let mut accounts = Vec::new();
        for list in &person.linkage.account_lists {
            if list.has_organization_account {
                accounts.extend(tables::accounts_of_list(connection, list.id)?);
            }
        }
        let others = account_lists::store::accounts_of_person(connection, person.id)?;
        accounts
            .extend(others.into_iter().filter(|account| !own().any(|list| list == account.account_list_id)));
        let of_contacts = contacts.iter().map(|contact| contact.account_list_id);
        let of_rows = rows.iter().flat_map(|row| row.kind.attributes.iter().map(move |named| (row, named)));
        let of_rows = of_rows.filter(|(_, named)| named.holds == Type::AccountList);
        let reached = own().chain(of_contacts).chain(accounts.iter().map(|account| account.account_list_id));
        let reached = reached.chain(of_rows.filter_map(|(row, named)| row.get(named.name).as_id()));
        let mut seen = BTreeSet::new();
        let mut lists = Vec::new();
        for id in reached.filter(|id| seen.insert(*id)) {
            lists.extend(ListRow::read(connection, id)?);
        }
        let (mut seen, mut organizations) = (BTreeSet::new(), Vec::new());
        for account in &accounts {
            if seen.insert(account.organization_id) {
                organizations.extend(OrganizationRow::read(connection, account.organization_id)?);
            }
        }
        Ok(Self { lists, contacts, accounts, organizations })
    }

    /// Adds what is beside an account list to its document.
    fn complete(&self, id: Id, resource: &mut Json) {
        say(resource, "relationships", shared::list_relationships(id, &self.accounts));
    }

    /// All that is reached but not in the document: lists that are not the user's own first.
    fn resources(&self, user: Id, person: &Person) -> Vec<Json> {
        let foreign = self.lists.iter().filter(|list| !person.linkage.has_account_list(list.id));
        let lists = foreign.map(|list| {
            let mut resource = shared::list(list);
            self.complete(list.id, &mut resource);
            resource
        });
        let contacts = self.contacts.iter().map(shared::contact);
        let accounts = self.accounts.iter().map(|account| shared::account(account, user));
        lists
            .chain(contacts)
            .chain(accounts)
            .chain(self.organizations.iter().map(shared::organization))
            .collect()
    }
}
