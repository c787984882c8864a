//! What comes along with a user (JSON:API 1.1, "Inclusion of Related Resources"), read with him in one state: one
//! statement for all rows that are his own, one for each type that is not.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::linkage::{ACCOUNT_LISTS, MASTER_PERSON};
use super::person::Person;
use super::pictures::avatar;
use super::store::{self, READ_TRIES};
use crate::account_lists;
use crate::account_lists::linkage::ListLinkage;
use crate::clock::Stamp;
use crate::db::shared::ListRow;
use crate::db::{Backend, Connection, SqlStamp, SqlUuid};
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::collection::{Listed, Times};
use crate::jsonapi::query::{Include, Relationships};
use crate::people::row::Row;
use crate::people::store as rows;

/// The relationships that may be included from a kind of resource.
#[must_use]
pub fn relationships(kind: &str) -> Relationships {
    match kind {
        "users" => &[
            ("email_addresses", "email_addresses"),
            ("facebook_accounts", "facebook_accounts"),
            ("family_relationships", "family_relationships"),
            ("linkedin_accounts", "linkedin_accounts"),
            ("phone_numbers", "phone_numbers"),
            ("twitter_accounts", "twitter_accounts"),
            ("websites", "websites"),
            ("account_lists", "account_lists"),
            ("master_person", "master_people"),
        ],
        // Other people, of whom nothing more is shown; not the kind of the user himself.
        "family_relationships" => &[("related_person", "relatives")],
        // Not a list of his own, so nobody is shown who shares it.
        "account_list_coaches" => &[("account_list", "coached_list")],
        "account_lists" => &[("users", "members")],
        _ => &[],
    }
}

/// Resources that come along with a user.
#[derive(Clone, Debug, Default)]
pub struct Included {
    /// Owned rows, in the order of their types.
    pub rows: Vec<Row>,
    /// The people whom his family relationships name.
    pub relatives: Vec<OtherPerson>,
    /// His account lists.
    pub lists: Vec<ListRow>,
    /// What they name.
    pub list_linkage: Option<ListLinkage>,
    /// Who shares them; only where that was asked for.
    pub members: Option<Members>,
    /// Whether his master person comes along.
    pub master_person: bool,
}

/// The people who share account lists, each beside the list.
pub type Members = Vec<(Id, OtherPerson)>;

/// Another person: his name and picture, and nothing more (design 2, decision 19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherPerson {
    /// His id.
    pub id: Id,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: Option<String>,
    /// The avatar that is shown of him.
    pub avatar: String,
    /// When he was made, by which lists are ordered; not shown.
    pub created_at: Stamp,
}

impl Listed for OtherPerson {
    fn id(&self) -> Id {
        self.id
    }

    // Nothing more is known of him, so lists of people are neither sorted nor filtered by the others.
    fn times(&self) -> Times {
        Times { created_at: self.created_at, updated_at: self.created_at, stamp: self.created_at }
    }
}

impl OtherPerson {
    /// An attribute as it is shown of him; `None` where none of that name is.
    #[must_use]
    pub fn shown(&self, name: &str) -> Option<Json> {
        match name {
            "first_name" => Some(self.first_name.as_str().into()),
            "last_name" => Some(self.last_name.clone().into()),
            "avatar" => Some(self.avatar.as_str().into()),
            _ => None,
        }
    }

    /// Whether a resource object says nothing of him but what is shown.
    #[must_use]
    pub fn shows(&self, object: &Json) -> bool {
        let attributes = match object.get("attributes") {
            None => true,
            Some(Json::Object(sent)) => {
                sent.iter().all(|(name, value)| self.shown(name).as_ref() == Some(value))
            }
            Some(_) => false,
        };
        attributes && object.get("relationships").is_none()
    }
}

/// Reads a user and what is asked for with him, in one state; `None` where there is no such user.
///
/// # Errors
/// The queries'.
pub fn read(
    connection: &mut Connection,
    id: Id,
    include: &Include,
) -> QueryResult<Option<(Person, Included)>> {
    for _ in 0..READ_TRIES {
        let Some(person) = store::read(connection, id)? else { return Ok(None) };
        if let Some(included) = read_beside(connection, (id, person.version), include)? {
            return Ok(Some((person, included)));
        }
    }
    Err(Error::RollbackTransaction)
}

/// Reads what is asked for with a user whose state is known; `None` where it is not his state any more.
///
/// # Errors
/// The queries'.
pub fn read_beside(
    connection: &mut Connection,
    (id, version): (Id, i64),
    include: &Include,
) -> QueryResult<Option<Included>> {
    let included = included(connection, id, include)?;
    // Every write of a row moves the version, so the same version before and after is one state.
    Ok(included.filter(|(read, _)| *read == version).map(|(_, included)| included))
}

fn included(connection: &mut Connection, id: Id, include: &Include) -> QueryResult<Option<(i64, Included)>> {
    let mut included =
        Included { master_person: include.get(MASTER_PERSON).is_some(), ..Included::default() };
    if include.get("family_relationships").is_some_and(|below| below.get("related_person").is_some()) {
        included.relatives = relatives(connection, id)?;
    }
    if let Some(below) = include.get(ACCOUNT_LISTS) {
        included.lists = account_lists::store::lists(connection, id)?;
        included.list_linkage = Some(ListLinkage::read(connection, id)?);
        included.members = below.get("users").map(|_| members(connection, id)).transpose()?;
    }
    // Last, since it tells the version that all of it belongs to.
    let rows = rows::load_together(connection, id, |kind| include.get(kind.name).is_some())?;
    Ok(rows.map(|(version, rows)| (version, Included { rows, ..included })))
}

/// The people whom a user's family relationships name.
///
/// # Errors
/// The query's.
pub fn relatives(connection: &mut Connection, id: Id) -> QueryResult<Vec<OtherPerson>> {
    let relatives = others(connection, id, Whom::Relatives)?;
    let mut seen = BTreeSet::new();
    Ok(relatives.into_iter().map(|(_, person)| person).filter(|person| seen.insert(person.id)).collect())
}

/// Of the people with the ids `named`, those whom a user may name: himself, who shares an account list with him, and
/// whom his family relationships name already.
///
/// # Errors
/// The query's.
pub fn named_people(connection: &mut Connection, user: Id, named: &[Id]) -> QueryResult<Vec<OtherPerson>> {
    let people = others(connection, user, Whom::Named(named.to_vec()))?;
    Ok(people.into_iter().map(|(_, person)| person).collect())
}

/// The people who share the account lists of a user, himself among them, each beside the list.
///
/// # Errors
/// The query's.
pub fn members(connection: &mut Connection, user: Id) -> QueryResult<Members> {
    others(connection, user, Whom::Members)
}

/// The people who coach the account lists of a user, each beside the list.
///
/// # Errors
/// The query's.
pub fn coaches(connection: &mut Connection, user: Id) -> QueryResult<Members> {
    others(connection, user, Whom::Coaches)
}

/// Which other people.
#[derive(Clone, Debug)]
enum Whom {
    /// Those whom the family relationships name; each beside the row that names him.
    Relatives,
    /// Those of all account lists, the user himself among them; each beside the list.
    Members,
    /// Those who coach them; each beside the list.
    Coaches,
    /// Of these, those whom he may name.
    Named(Vec<Id>),
}

fn others(connection: &mut Connection, user: Id, whom: Whom) -> QueryResult<Vec<(Id, OtherPerson)>> {
    let rows: Vec<OthersRow> = OthersQuery { user, whom }.load(connection)?;
    let other = |(beside, id, first_name, last_name, stored, gender, created_at, facebook): OthersRow| {
        let avatar = avatar(stored.as_deref(), facebook, gender.as_deref());
        (beside, OtherPerson { id, first_name, last_name, avatar, created_at })
    };
    Ok(rows.into_iter().map(other).collect())
}

type OthersRow = (Id, Id, String, Option<String>, Option<String>, Option<String>, Stamp, Option<i64>);

/// One statement for all people of a kind, with what their avatars are computed from; the builder can't say the
/// scalar sub-query.
#[derive(Debug)]
struct OthersQuery {
    user: Id,
    whom: Whom,
}

impl QueryId for OthersQuery {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for OthersQuery {
    type SqlType =
        (SqlUuid, SqlUuid, Text, Nullable<Text>, Nullable<Text>, Nullable<Text>, SqlStamp, Nullable<BigInt>);
}

impl QueryFragment<Backend> for OthersQuery {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        let (beside, from, owner) = match self.whom {
            Whom::Relatives => (
                "r.id",
                "family_relationships r JOIN people p ON p.id = r.related_person_id",
                "r.person_id = ",
            ),
            Whom::Members => (
                "m.account_list_id",
                "account_list_users own JOIN account_list_users m ON m.account_list_id = own.account_list_id \
                 JOIN people p ON p.id = m.person_id",
                "own.person_id = ",
            ),
            Whom::Coaches => (
                "m.account_list_id",
                "account_list_users own JOIN account_list_coaches m ON m.account_list_id = own.account_list_id \
                 JOIN people p ON p.id = m.person_id",
                "own.person_id = ",
            ),
            Whom::Named(_) => ("p.id", "people p", "p.id IN ("),
        };
        for part in [
            "SELECT ",
            beside,
            ", p.id, p.first_name, p.last_name, p.avatar, p.gender, p.created_at, \
             (SELECT MIN(f.remote_id) FROM facebook_accounts f WHERE f.person_id = p.id) FROM ",
            from,
            " WHERE ",
            owner,
        ] {
            out.push_sql(part);
        }
        match &self.whom {
            Whom::Relatives | Whom::Members | Whom::Coaches => {
                out.push_bind_param::<SqlUuid, Id>(&self.user)?;
            }
            Whom::Named(ids) => self.push_named(ids, &mut out)?,
        }
        out.push_sql(" ORDER BY p.created_at, p.id");
        Ok(())
    }
}

impl OthersQuery {
    fn push_named<'b>(&'b self, ids: &'b [Id], out: &mut AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        for (i, id) in ids.iter().enumerate() {
            out.push_sql(if i == 0 { "" } else { ", " });
            out.push_bind_param::<SqlUuid, Id>(id)?;
        }
        for (sql, id) in [
            (") AND (p.id = ", &self.user),
            (
                " OR EXISTS (SELECT 1 FROM account_list_users m JOIN account_list_users own \
                 ON own.account_list_id = m.account_list_id WHERE m.person_id = p.id AND own.person_id = ",
                &self.user,
            ),
            (
                ") OR EXISTS (SELECT 1 FROM family_relationships r WHERE r.related_person_id = p.id \
                 AND r.person_id = ",
                &self.user,
            ),
        ] {
            out.push_sql(sql);
            out.push_bind_param::<SqlUuid, Id>(id)?;
        }
        out.push_sql("))");
        Ok(())
    }
}

impl RunQueryDsl<Connection> for OthersQuery {}
