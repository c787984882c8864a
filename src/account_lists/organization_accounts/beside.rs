//! What comes along with organization accounts.

use std::collections::BTreeSet;

use diesel::QueryResult;
use serde::Serialize;

use crate::account_lists::list::ListResource;
use crate::account_lists::organization_account::ORGANIZATIONS;
use crate::account_lists::store;
use crate::db::Connection;
use crate::db::shared::{AccountRow, ListRow, OrganizationRow};
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::document::resource;
use crate::jsonapi::query::{Fieldsets, Query};
use crate::users::include::{OtherPerson, named_people};
use crate::users::render::OtherResource;

/// What was asked for beside accounts; each is empty where it was not.
#[derive(Debug, Default)]
pub(super) struct Beside {
    lists: Vec<ListRow>,
    organizations: Vec<OrganizationRow>,
    people: Vec<OtherPerson>,
}

/// A resource that comes along with an account.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Included<'a> {
    List(ListResource<'a>),
    Organization(OrganizationResource<'a>),
    Person(OtherResource<'a>),
}

impl Beside {
    /// Reads it: one statement for each type.
    pub(super) fn read(
        connection: &mut Connection,
        user: Id,
        accounts: &[AccountRow],
        query: &Query,
    ) -> QueryResult<Self> {
        let wanted = |name| query.include.as_ref().is_some_and(|include| include.get(name).is_some());
        let mut beside = Self::default();
        if wanted("account_list") {
            beside.lists = store::lists(connection, user)?;
        }
        if wanted("organization") {
            beside.organizations = store::organizations(connection, accounts)?;
        }
        if wanted("person") {
            beside.people = named_people(connection, user, &[user])?;
        }
        Ok(beside)
    }

    /// Of it, what the accounts that are `shown` name (K38).
    pub(super) fn included<'a>(
        &'a self,
        shown: &[AccountRow],
        query: &'a Query,
    ) -> Option<Vec<Included<'a>>> {
        query.include.as_ref()?;
        let fields = &query.fields;
        let named =
            |name: fn(&AccountRow) -> Option<Id>| shown.iter().filter_map(name).collect::<BTreeSet<_>>();
        let lists = named(|account| Some(account.account_list_id));
        let organizations = named(|account| Some(account.organization_id));
        let people = named(|account| account.person_id);
        let lists = self.lists.iter().filter(|list| lists.contains(&list.id));
        let lists = lists.map(|list| Included::List(ListResource { list, linkage: None, fields }));
        let organizations = self.organizations.iter().filter(|one| organizations.contains(&one.id));
        let organizations =
            organizations.map(|row| Included::Organization(OrganizationResource { row, fields }));
        let people = self.people.iter().filter(|other| people.contains(&other.id));
        let people = people.map(|other| Included::Person(OtherResource { kind: "people", other, fields }));
        Some(lists.chain(organizations).chain(people).collect())
    }
}

/// An organization as a resource object.
pub(super) struct OrganizationResource<'a> {
    row: &'a OrganizationRow,
    fields: &'a Fieldsets,
}

impl Serialize for OrganizationResource<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let OrganizationRow { id, name, created_at, updated_at } = self.row;
        let attributes: [(&str, Json); 3] = [
            ("created_at", created_at.to_string().into()),
            ("name", name.as_str().into()),
            ("updated_at", updated_at.to_string().into()),
        ];
        resource(serializer, (*id, ORGANIZATIONS), attributes, [], self.fields)
    }
}
