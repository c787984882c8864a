//! What users share, as resource objects of a line: account lists with their contacts and organization accounts,
//! organizations, master people. Each is in the line of every user who has it, so of two states the newer one counts,
//! in whatever order the lines come.

use super::known::{Known, KnownRows};
use super::resource::Resource;
use super::rows::wanted;
use crate::account_lists::list;
use crate::account_lists::organization_account::{self, ORGANIZATION_ACCOUNTS as ACCOUNTS, ORGANIZATIONS};
use crate::account_lists::shared_row::SharedRow as Guarded;
use crate::clock::Stamp;
use crate::db::shared::{AccountRow, ContactRow, ListRow, MasterRow, OrganizationRow, SharedRow};
use crate::id::Id;
use crate::jsonapi::document::identifier;
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::people::kind::Kind;
use crate::people::row::Row;
use crate::users::linkage::ACCOUNT_LISTS;
use crate::users::rules::Rule;

/// The types of these resources.
pub(super) const CONTACTS: &str = "contacts";
/// Of master people.
pub(super) const MASTER_PEOPLE: &str = "master_people";

/// Whether a resource of one of these types has an attribute of the name, in its document or beside it.
pub(super) fn has_attribute(kind: &str, name: &str) -> bool {
    let own: &[&str] = match kind {
        // What is computed of a list comes along, and says nothing.
        ACCOUNT_LISTS => return list::ATTRIBUTES.contains(&name),
        ACCOUNTS => return organization_account::ATTRIBUTES.contains(&name),
        CONTACTS | ORGANIZATIONS => &["name"],
        _ => &[],
    };
    matches!(name, "created_at" | "updated_at") || own.contains(&name)
}

fn object(members: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn time(at: Stamp) -> Json {
    at.to_string().into()
}

fn linked(name: &str, data: Json) -> (String, Json) {
    (name.to_owned(), object([("data", data)]))
}

fn resource(kind: &str, id: Id, attributes: Json, relationships: Members) -> Json {
    let Json::Object(mut members) = identifier(id, kind) else { return Json::Null };
    members.push(("attributes".to_owned(), attributes));
    if !relationships.is_empty() {
        members.push(("relationships".to_owned(), Json::Object(relationships)));
    }
    Json::Object(members)
}

/// An account list as documents show it.
pub(super) fn list(row: &ListRow) -> Json {
    resource(ACCOUNT_LISTS, row.id, object(list::attributes(row)), Members::new())
}

/// The linkage of an account list with its organization accounts, where it has any.
pub(super) fn list_relationships(id: Id, accounts: &[AccountRow]) -> Members {
    let own = accounts.iter().filter(|account| account.account_list_id == id);
    match own.map(|account| identifier(account.id, ACCOUNTS)).collect::<Vec<_>>() {
        accounts if accounts.is_empty() => Members::new(),
        accounts => vec![linked(ACCOUNTS, Json::Array(accounts))],
    }
}

/// A contact with the list that it belongs to.
pub(super) fn contact(row: &ContactRow) -> Json {
    let attributes = object([
        ("created_at", time(row.created_at)),
        ("name", row.name.as_str().into()),
        ("updated_at", time(row.updated_at)),
    ]);
    let list = linked("account_list", identifier(row.account_list_id, ACCOUNT_LISTS));
    resource(CONTACTS, row.id, attributes, vec![list])
}

/// An organization account. Whose it is stands in his own line only: the others can be read before he is there.
pub(super) fn account(row: &AccountRow, user: Id) -> Json {
    let attributes = object(organization_account::attributes(row));
    let mut relationships = vec![
        linked("account_list", identifier(row.account_list_id, ACCOUNT_LISTS)),
        linked("organization", identifier(row.organization_id, ORGANIZATIONS)),
    ];
    if row.person_id == Some(user) {
        relationships.push(linked("person", identifier(user, "people")));
    }
    resource(ACCOUNTS, row.id, attributes, relationships)
}

/// An organization.
pub(super) fn organization(row: &OrganizationRow) -> Json {
    let attributes = object([
        ("created_at", time(row.created_at)),
        ("name", row.name.as_str().into()),
        ("updated_at", time(row.updated_at)),
    ]);
    resource(ORGANIZATIONS, row.id, attributes, Members::new())
}

/// A line's resource that is to become a row: what the line says, on what is stored.
#[derive(Debug)]
pub(super) struct Reading<'a, R> {
    /// The resource.
    pub resource: &'a Resource,
    /// The row that is stored.
    pub stored: Option<&'a R>,
    /// The user whose line it is.
    pub user: Id,
    /// The time of what has no time of its own: the user's stamp.
    pub at: Stamp,
    /// What is wrong.
    pub faults: &'a mut Vec<Fault>,
}

impl<R> Reading<'_, R> {
    fn blank(&mut self, name: &str, at: Pointer) {
        self.faults.push(Fault::attribute(Code::Blank, name, "can't be blank", at));
    }

    /// The name that is sent; a new row must have one.
    fn name(&mut self, stored: Option<&str>) -> String {
        let sent: Option<String> = self.resource.attributes(self.at, self.faults).get("name", Rule::text());
        if sent.is_none() && stored.is_none() && find(&self.resource.attributes, "name").is_none() {
            self.blank("name", self.resource.at.clone());
        }
        sent.or_else(|| stored.map(str::to_owned)).unwrap_or_default()
    }

    /// The times of creation and of the last change.
    fn times(&mut self, stored: Option<(Stamp, Stamp)>) -> (Stamp, Stamp) {
        let mut fields = self.resource.attributes(self.at, self.faults);
        let (mut created, mut updated) = stored.unwrap_or((self.at, self.at));
        fields.set("created_at", Rule::Time, &mut created);
        fields.set("updated_at", Rule::Time, &mut updated);
        (created, updated)
    }

    /// The row that a relationship names; a new row must name one.
    fn parent(&mut self, name: &str, kind: &str, stored: Option<Id>) -> Id {
        let sent = self.resource.one(name, &[kind], self.faults);
        sent.flatten().or(stored.filter(|_| sent.is_none())).unwrap_or_else(|| {
            self.blank(name, self.resource.at.clone());
            self.resource.id
        })
    }
}

/// A row that can be read out of a resource.
pub(super) trait Wanted: SharedRow {
    /// The row that the line wants.
    fn wanted(reading: Reading<'_, Self>) -> Self;

    /// The rows of which it is known whether they are there.
    fn known(_: &Known) -> Option<&KnownRows<Self>> {
        None
    }
}

impl Wanted for MasterRow {
    fn known(known: &Known) -> Option<&KnownRows<Self>> {
        Some(&known.masters)
    }

    fn wanted(mut reading: Reading<'_, Self>) -> Self {
        let (created_at, updated_at) =
            reading.times(reading.stored.map(|row| (row.created_at, row.updated_at)));
        MasterRow { id: reading.resource.id, created_at, updated_at }
    }
}

impl Wanted for OrganizationRow {
    fn wanted(mut reading: Reading<'_, Self>) -> Self {
        let name = reading.name(reading.stored.map(|row| row.name.as_str()));
        let (created_at, updated_at) =
            reading.times(reading.stored.map(|row| (row.created_at, row.updated_at)));
        OrganizationRow { id: reading.resource.id, name, created_at, updated_at }
    }
}

impl Wanted for ContactRow {
    fn wanted(mut reading: Reading<'_, Self>) -> Self {
        let name = reading.name(reading.stored.map(|row| row.name.as_str()));
        let (created_at, updated_at) =
            reading.times(reading.stored.map(|row| (row.created_at, row.updated_at)));
        let list =
            reading.parent("account_list", ACCOUNT_LISTS, reading.stored.map(|row| row.account_list_id));
        ContactRow { id: reading.resource.id, account_list_id: list, name, created_at, updated_at }
    }
}

impl Wanted for AccountRow {
    fn wanted(mut reading: Reading<'_, Self>) -> Self {
        let (stored, resource) = (reading.stored, reading.resource);
        let mut account = reading.row(&organization_account::KIND);
        account.account_list_id =
            reading.parent("account_list", ACCOUNT_LISTS, stored.map(|row| row.account_list_id));
        account.organization_id =
            reading.parent("organization", ORGANIZATIONS, stored.map(|row| row.organization_id));
        let mut fields = resource.attributes(reading.at, reading.faults);
        fields.set("remote_id", Rule::text(), &mut account.remote_id);
        fields.set_time("last_download", &mut account.last_download);
        fields.set_time("latest_donation_date", &mut account.latest_donation_date);
        fields.set_time("locked_at", &mut account.locked_at);
        match resource.one("person", &["people", "users"], reading.faults).flatten() {
            Some(person) if person == reading.user => account.person_id = Some(person),
            Some(_) => {
                let at = resource.at.member("relationships").member("person").member("data");
                let message = "must be the user of the line; others are named in their own lines";
                reading.faults.push(Fault::attribute(Code::Invalid, "person", message, at));
            }
            None => {}
        }
        account
    }
}

impl Wanted for ListRow {
    fn known(known: &Known) -> Option<&KnownRows<Self>> {
        Some(&known.lists)
    }

    fn wanted(mut reading: Reading<'_, Self>) -> Self {
        reading.row(&list::KIND)
    }
}

impl<R: Guarded> Reading<'_, R> {
    /// What the line makes of a row by the rules of its kind.
    fn row(&mut self, kind: &'static Kind) -> R {
        let stored = self.stored.map(R::as_row);
        let (row, stamp) = wanted(kind, stored.as_ref(), self.resource, self.at, self.faults);
        let version = stored.as_ref().map_or(1, |stored| stored.version);
        let mut of = self.stored.cloned().unwrap_or_else(|| R::new(self.resource.id, self.at));
        of.take(&Row { version, stamp, ..row });
        of
    }
}

/// A row moved on from `stored`, as every change moves it; `None` where nothing differs.
#[must_use]
pub(super) fn moved<R: Guarded>(mut wanted: R, stored: &R) -> Option<R> {
    let (row, before) = (wanted.as_row(), stored.as_row());
    let given = row.stamp;
    wanted.take(&Row { stamp: before.stamp, ..row });
    if wanted == *stored && given <= before.stamp {
        return None;
    }
    let (version, at) = (before.version + 1, before.stamp.next(given));
    let row = wanted.as_row().stamped(Some(&before), version, at);
    // Also where only that differs which no edit can change.
    wanted.take(&Row { version, stamp: at, ..row });
    Some(wanted)
}
