//! The rows that a user's document names, read with one statement, and the relationships that clients send back.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer, Nullable};

use crate::clock::Stamp;
use crate::db::{Backend, Connection, SqlStamp, SqlUuid};
use crate::id::Id;
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::people::kind::{KINDS, Kind, Primary};
use crate::people::row::{Row, Value};

/// The types of rows that a user owns, named as their relationships, in the order of the document.
#[expect(clippy::indexing_slicing, reason = "within bounds, or it does not compile")]
pub const OWNED: [&str; KINDS.len()] = {
    let mut names = [""; KINDS.len()];
    let mut i = 0;
    while i < KINDS.len() {
        names[i] = KINDS[i].name;
        i += 1;
    }
    names
};

/// The type and relationship of the lists that a user shares.
pub const ACCOUNT_LISTS: &str = "account_lists";

/// The relationship with the master person.
pub const MASTER_PERSON: &str = "master_person";

/// What a user's document names beside himself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linkage {
    /// Ids of owned rows, by the index of their type in [`OWNED`]; primary rows first, then the oldest.
    pub owned: [Vec<Id>; OWNED.len()],
    /// The account lists, the one joined first first.
    pub account_lists: Vec<AccountListLink>,
    /// The contacts that the person belongs to, as he ordered them.
    pub parent_contacts: Vec<Id>,
    /// The lowest remote id of a Facebook account.
    pub facebook_id: Option<i64>,
}

/// An account list as far as the user's document needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountListLink {
    /// Its id.
    pub id: Id,
    /// Whether a donation system is connected to it.
    pub has_organization_account: bool,
}

impl Linkage {
    /// Whether the user has the account list.
    #[must_use]
    pub fn has_account_list(&self, id: Id) -> bool {
        self.account_lists.iter().any(|list| list.id == id)
    }

    /// Names the rows of a kind as they would be read: primary rows first, then the oldest. `rows` are in the order
    /// of their age.
    pub fn name_rows(&mut self, kind: &Kind, rows: &[Row]) {
        let mut sorted: Vec<_> = rows.iter().collect();
        sorted.sort_by_key(|row| kind.primary == Primary::Elected && !row.get("primary").is_true());
        let ids = sorted.iter().map(|row| row.id).collect();
        let part = OWNED.iter().position(|name| *name == kind.name);
        if let Some(linked) = part.and_then(|part| self.owned.get_mut(part)) {
            *linked = ids;
        }
        if kind.name == "facebook_accounts" {
            let ids = rows.iter().filter_map(|row| match row.get("remote_id") {
                Value::Integer(id) => Some(*id),
                _ => None,
            });
            self.facebook_id = ids.min();
        }
    }

    /// Reads the linkage and the version that it belongs to; `None` where there is no such person. One statement
    /// sees one snapshot: where the row was read with another version, row and linkage do not belong together.
    ///
    /// # Errors
    /// The query's.
    pub fn read(connection: &mut Connection, person: Id) -> QueryResult<Option<(i64, Self)>> {
        let mut rows: Vec<Part> = LinkageQuery { person }.load(connection)?;
        // Sorted here and not by the database: a handful of rows, and a union has no index to sort by.
        rows.sort_unstable_by_key(|(part, id, rank, since)| (*part, *rank, *since, *id));
        let mut linkage = Self::default();
        let mut version = None;
        for (part, id, rank, _) in rows {
            match part {
                ACCOUNT_LIST_PART => {
                    linkage.account_lists.push(AccountListLink { id, has_organization_account: false });
                }
                CONNECTED_PART => {
                    for list in linkage.account_lists.iter_mut().filter(|list| list.id == id) {
                        list.has_organization_account = true;
                    }
                }
                PARENT_CONTACT_PART => linkage.parent_contacts.push(id),
                FACEBOOK_PART => linkage.facebook_id = linkage.facebook_id.or(rank),
                VERSION_PART => version = rank,
                _ => {
                    if let Some(ids) = usize::try_from(part).ok().and_then(|part| linkage.owned.get_mut(part))
                    {
                        ids.push(id);
                    }
                }
            }
        }
        Ok(version.map(|version| (version, linkage)))
    }
}

/// The part of the linkage, the id, what ranks it inside its part, and when it was made.
type Part = (i32, Id, Option<i64>, Stamp);

const ACCOUNT_LIST_PART: i32 = 10;
const CONNECTED_PART: i32 = 11;
const PARENT_CONTACT_PART: i32 = 12;
const FACEBOOK_PART: i32 = 13;
const VERSION_PART: i32 = 14;

/// All linkage of one person. A union of ten short index scans is one round trip and one prepared statement, which
/// the builder can't say.
#[derive(Debug, QueryId)]
struct LinkageQuery {
    person: Id,
}

impl LinkageQuery {
    /// What is selected behind the number of the part; `person = ` and the bind follow.
    const PARTS: [(i32, &'static str); 12] = [
        (
            0,
            "id, CAST(CASE WHEN is_primary THEN 0 ELSE 1 END AS BIGINT), created_at FROM email_addresses WHERE person_id",
        ),
        (1, "id, CAST(NULL AS BIGINT), created_at FROM facebook_accounts WHERE person_id"),
        (2, "id, CAST(NULL AS BIGINT), created_at FROM family_relationships WHERE person_id"),
        (3, "id, CAST(NULL AS BIGINT), created_at FROM linkedin_accounts WHERE person_id"),
        (
            4,
            "id, CAST(CASE WHEN is_primary THEN 0 ELSE 1 END AS BIGINT), created_at FROM phone_numbers WHERE person_id",
        ),
        (5, "id, CAST(NULL AS BIGINT), created_at FROM twitter_accounts WHERE person_id"),
        (6, "id, CAST(NULL AS BIGINT), created_at FROM websites WHERE person_id"),
        (
            ACCOUNT_LIST_PART,
            "account_list_id, CAST(NULL AS BIGINT), created_at FROM account_list_users WHERE person_id",
        ),
        (
            CONNECTED_PART,
            "oa.account_list_id, CAST(NULL AS BIGINT), oa.created_at FROM organization_accounts oa \
            JOIN account_list_users alu ON alu.account_list_id = oa.account_list_id WHERE alu.person_id",
        ),
        (
            PARENT_CONTACT_PART,
            "contact_id, CAST(position AS BIGINT), created_at FROM parent_contacts WHERE person_id",
        ),
        (
            FACEBOOK_PART,
            "id, remote_id, created_at FROM facebook_accounts WHERE remote_id IS NOT NULL AND person_id",
        ),
        (VERSION_PART, "id, version, updated_in_db_at FROM people WHERE id"),
    ];
}

impl QueryFragment<Backend> for LinkageQuery {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        for (i, (part, selection)) in Self::PARTS.iter().enumerate() {
            out.push_sql(if i == 0 { "SELECT " } else { " UNION ALL SELECT " });
            out.push_sql(&part.to_string());
            out.push_sql(", ");
            out.push_sql(selection);
            out.push_sql(" = ");
            out.push_bind_param::<SqlUuid, Id>(&self.person)?;
        }
        Ok(())
    }
}

impl Query for LinkageQuery {
    type SqlType = (Integer, SqlUuid, Nullable<BigInt>, SqlStamp);
}

impl RunQueryDsl<Connection> for LinkageQuery {}

/// A relationship that was sent with a PUT of the user (design 2, decision 16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRelationship {
    name: &'static str,
    at: Pointer,
    /// The ids that were sent; `None` where the linkage is more than identifiers of rows.
    ids: Option<Vec<Option<Id>>>,
}

impl SentRelationship {
    /// Reads a relationship whose shape was checked with the envelope; `None` where a user has none of that name.
    #[must_use]
    pub fn read(name: &str, relationship: &Json, at: &Pointer) -> Option<Self> {
        let known = OWNED.iter().copied().chain([ACCOUNT_LISTS, MASTER_PERSON]);
        let name = known.into_iter().find(|known| *known == name)?;
        let kind = if name == MASTER_PERSON { "master_people" } else { name };
        // The outer option: whether it is a bare identifier. The inner one: whether it can be one of the stored.
        let id = |identifier: &Json| {
            let text = |member| identifier.get(member).and_then(Json::as_str).unwrap_or_default();
            let right_type =
                text("type") == kind || (name == MASTER_PERSON && identifier.get("type").is_none());
            let bare = identifier.get("attributes").is_none();
            bare.then(|| Id::parse(text("id")).filter(|_| right_type))
        };
        let ids = match relationship.get("data") {
            Some(Json::Array(identifiers)) if name != MASTER_PERSON => identifiers.iter().map(id).collect(),
            Some(identifier @ Json::Object(_)) if name == MASTER_PERSON => id(identifier).map(|id| vec![id]),
            _ => None,
        };
        Some(Self { name, at: at.clone(), ids })
    }

    /// The ids that are stored of the relationship.
    #[must_use]
    pub fn stored(&self, linkage: &Linkage, master_person: Id) -> BTreeSet<Id> {
        match OWNED.iter().position(|owned| *owned == self.name) {
            Some(part) => linkage.owned.get(part).into_iter().flatten().copied().collect(),
            None if self.name == ACCOUNT_LISTS => linkage.account_lists.iter().map(|list| list.id).collect(),
            None => BTreeSet::from([master_person]),
        }
    }

    /// Whether what was sent is what is stored, each once, in any order.
    #[must_use]
    pub fn equals(&self, stored: &BTreeSet<Id>) -> bool {
        self.ids.as_ref().is_some_and(|sent| sent.len() == stored.len()) && self.is_within(stored) && {
            let sent: BTreeSet<_> = self.ids.iter().flatten().copied().flatten().collect();
            sent.len() == stored.len()
        }
    }

    /// Whether all that was sent is stored.
    #[must_use]
    pub fn is_within(&self, stored: &BTreeSet<Id>) -> bool {
        self.ids.as_ref().is_some_and(|sent| sent.iter().all(|id| id.is_some_and(|id| stored.contains(&id))))
    }

    /// Whether anything that was sent is stored, or is more than bare identifiers.
    #[must_use]
    pub fn meets(&self, stored: &BTreeSet<Id>) -> bool {
        self.ids.as_ref().is_none_or(|sent| sent.iter().flatten().any(|id| stored.contains(id)))
    }

    /// The fault of a relationship that is not what is stored; sending back what was read changes nothing.
    #[must_use]
    pub fn refusal(&self, linkage: &Linkage, master_person: Id) -> Option<Fault> {
        (!self.equals(&self.stored(linkage, master_person))).then(|| self.refused())
    }

    /// The fault of a change.
    #[must_use]
    pub fn refused(&self) -> Fault {
        let detail = format!("The relationship `{}` can't be changed in this way.", self.name);
        Fault::new(Code::ReplacementRefused, detail).at(self.at.clone())
    }
}
