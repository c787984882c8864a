//! An organization account: what of it can be edited, and how it is shown.

use serde::{Serialize, Serializer};

use super::shared_row::{SharedRow, row};
use crate::clock::Stamp;
use crate::db::shared::AccountRow;
use crate::guard::base::STAMP;
use crate::guard::member_stamps::MemberStamps;
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::collection::{Listed, Times};
use crate::jsonapi::document::{ResourceIdentifier, identifier, resource};
use crate::jsonapi::query::Fieldsets;
use crate::people::kind::{Kind, Primary, Type, open};
use crate::people::row::{Row, Value};
use crate::users::linkage::ACCOUNT_LISTS;

/// The type.
pub const ORGANIZATION_ACCOUNTS: &str = "organization_accounts";

/// The type of what an account is with.
pub const ORGANIZATIONS: &str = "organizations";

/// The attributes that are edited. A password is not among them: nothing here signs in to an organization, so none is
/// kept.
pub static KIND: Kind = Kind {
    name: ORGANIZATION_ACCOUNTS,
    model: "Person::OrganizationAccount",
    attributes: &[open("disable_downloads", Type::Boolean), open("username", Type::Text)],
    primary: Primary::Free,
    identity: &[],
    check: |_, _, _| {},
};

impl SharedRow for AccountRow {
    /// What it names is to be set.
    fn new(id: Id, now: Stamp) -> Self {
        Self {
            id,
            organization_id: id,
            account_list_id: id,
            person_id: None,
            username: None,
            remote_id: None,
            disable_downloads: false,
            last_download: None,
            latest_donation_date: None,
            locked_at: None,
            created_at: now,
            updated_at: now,
            version: 0,
            updated_in_db_at: now,
            attribute_stamps: MemberStamps::all_at(now).to_text(),
        }
    }

    fn as_row(&self) -> Row {
        let username = self.username.clone().map_or(Value::Null, Value::Text);
        let values = vec![Value::Boolean(self.disable_downloads), username];
        let times = (self.created_at, self.updated_at, self.updated_in_db_at);
        row(&KIND, (self.id, self.version), times, &self.attribute_stamps, values)
    }

    fn take(&mut self, row: &Row) {
        (self.version, self.updated_in_db_at) = (row.version, row.stamp);
        (self.created_at, self.updated_at) = (row.created_at, row.updated_at);
        self.attribute_stamps = row.stamps.to_text();
        self.disable_downloads = row.get("disable_downloads").is_true();
        self.username = row.get("username").as_text().map(str::to_owned);
    }
}

impl Listed for AccountRow {
    fn id(&self) -> Id {
        self.id
    }

    fn times(&self) -> Times {
        Times { created_at: self.created_at, updated_at: self.updated_at, stamp: self.updated_in_db_at }
    }
}

/// The names of the attributes that documents show.
pub const ATTRIBUTES: [&str; 9] = [
    "created_at",
    "disable_downloads",
    "last_download",
    "latest_donation_date",
    "locked_at",
    "remote_id",
    "updated_at",
    STAMP,
    "username",
];

/// The attributes as documents show them, in the order of their names (`mpdx-behaviour.md` 1.7).
#[must_use]
pub fn attributes(account: &AccountRow) -> Vec<(&'static str, Json)> {
    let time = |at: Stamp| Json::from(at.to_string());
    let may_be = |at: Option<Stamp>| at.map_or(Json::Null, time);
    vec![
        ("created_at", time(account.created_at)),
        ("disable_downloads", account.disable_downloads.into()),
        ("last_download", may_be(account.last_download)),
        ("latest_donation_date", may_be(account.latest_donation_date)),
        ("locked_at", may_be(account.locked_at)),
        ("remote_id", account.remote_id.clone().into()),
        ("updated_at", time(account.updated_at)),
        (STAMP, time(account.updated_in_db_at)),
        ("username", account.username.clone().into()),
    ]
}

/// The relationships, each with what it leads to: the list that gets the donations, the organization, and whose account
/// it is.
#[must_use]
pub fn relationships(account: &AccountRow) -> [(&'static str, Option<ResourceIdentifier>); 3] {
    let to = |id, kind| ResourceIdentifier { id, kind };
    [
        ("account_list", Some(to(account.account_list_id, ACCOUNT_LISTS))),
        ("organization", Some(to(account.organization_id, ORGANIZATIONS))),
        ("person", account.person_id.map(|person| to(person, "people"))),
    ]
}

/// An organization account as a resource object.
#[derive(Clone, Copy, Debug)]
pub struct AccountResource<'a> {
    /// The account.
    pub account: &'a AccountRow,
    /// Who asks. Others than its person learn that it is there, and no more.
    pub whose: Option<Id>,
    /// The fields that are asked for.
    pub fields: &'a Fieldsets,
}

impl Serialize for AccountResource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_own = self.account.person_id == self.whose;
        let attributes = if is_own { attributes(self.account) } else { Vec::new() };
        let linked = relationships(self.account).into_iter().filter(|(name, _)| is_own || *name != "person");
        let linked = linked.map(|(name, linked)| {
            (name, linked.map_or(Json::Null, |ResourceIdentifier { id, kind }| identifier(id, kind)))
        });
        let account = (self.account.id, ORGANIZATION_ACCOUNTS);
        resource(serializer, account, attributes, linked, self.fields)
    }
}
