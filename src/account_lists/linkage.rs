//! What account lists name, for all lists of a user in one statement.

use std::collections::BTreeMap;

use diesel::backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Integer;

use crate::clock::Stamp;
use crate::db::{Backend, Connection, SqlStamp, SqlUuid};
use crate::id::Id;
use crate::jsonapi::Json;
use crate::jsonapi::document::identifier;

/// A relationship of an account list.
struct Relationship {
    name: &'static str,
    /// The type of what it leads to.
    kind: &'static str,
    /// What is selected of the people and accounts of a list, behind the lists `own` of the user; nothing of what only
    /// a donation system could know.
    from: Option<&'static str>,
}

/// To-one, and always null: appeals are kept by donation systems.
const PRIMARY_APPEAL: &str = "primary_appeal";

/// In the documented order (`mpdx-behaviour.md` 6.4).
const RELATIONSHIPS: [Relationship; 5] = [
    Relationship { name: PRIMARY_APPEAL, kind: "appeals", from: None },
    Relationship {
        name: "users",
        kind: "users",
        from: Some("o.person_id, o.created_at FROM account_list_users own JOIN account_list_users o"),
    },
    Relationship {
        name: "coaches",
        kind: "people",
        from: Some("o.person_id, o.created_at FROM account_list_users own JOIN account_list_coaches o"),
    },
    Relationship { name: "notification_preferences", kind: "notification_preferences", from: None },
    Relationship {
        name: "organization_accounts",
        kind: "organization_accounts",
        from: Some("o.id, o.created_at FROM account_list_users own JOIN organization_accounts o"),
    },
];

/// Something that an account list names: the place of the relationship, the list, the id, since when.
pub(super) type Named = (i32, Id, Id, Stamp);

/// Writes the union of what is stored of all relationships, `before` each row, of the lists whose `own.person_id` is as
/// `whose` writes behind it.
pub(super) fn push_union<'b, DB: backend::Backend>(
    out: &mut AstPass<'_, 'b, DB>,
    before: &str,
    whose: impl Fn(&mut AstPass<'_, 'b, DB>) -> QueryResult<()>,
) -> QueryResult<()> {
    let stored = RELATIONSHIPS.iter().enumerate();
    let stored = stored.filter_map(|(part, relationship)| Some((part, relationship.from?)));
    for (i, (part, from)) in stored.enumerate() {
        out.push_sql(if i == 0 { "SELECT " } else { " UNION ALL SELECT " });
        out.push_sql(before);
        out.push_sql(&part.to_string());
        out.push_sql(", own.account_list_id, ");
        out.push_sql(from);
        out.push_sql(" ON o.account_list_id = own.account_list_id WHERE own.person_id = ");
        whose(out)?;
    }
    Ok(())
}

/// The names of the relationships.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    RELATIONSHIPS.iter().map(|relationship| relationship.name)
}

/// What the account lists of a user name, by the list and the place of the relationship.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListLinkage(BTreeMap<(Id, usize), Vec<Id>>);

impl ListLinkage {
    /// Reads it, in each relationship what was there first first.
    ///
    /// # Errors
    /// The query's.
    pub fn read(connection: &mut Connection, user: Id) -> QueryResult<Self> {
        Ok(Self::of(LinkageQuery { user }.load(connection)?))
    }

    /// What was read of one user.
    #[must_use]
    pub(super) fn of(mut rows: Vec<Named>) -> Self {
        rows.sort_unstable_by_key(|(part, list, id, since)| (*list, *part, *since, *id));
        let mut linkage = Self::default();
        for (part, list, id, _) in rows {
            let part = usize::try_from(part).unwrap_or(usize::MAX);
            linkage.0.entry((list, part)).or_default().push(id);
        }
        linkage
    }

    /// How many ids it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    fn ids(&self, list: Id, part: usize) -> &[Id] {
        self.0.get(&(list, part)).map_or(&[], Vec::as_slice)
    }

    /// The data of the relationships of a list as its document shows them.
    #[must_use]
    pub fn data(&self, list: Id) -> Vec<(&'static str, Json)> {
        let linked = RELATIONSHIPS.iter().enumerate().map(|(part, Relationship { name, kind, .. })| {
            let identifiers = self.ids(list, part).iter().map(|id| identifier(*id, kind));
            (*name, if *name == PRIMARY_APPEAL { Json::Null } else { Json::Array(identifiers.collect()) })
        });
        linked.collect()
    }

    /// Whether a relationship that was sent is what the list has, each resource once, in any order; `None` where lists
    /// have none of that name.
    #[must_use]
    pub fn equals(&self, list: Id, name: &str, sent: &Json) -> Option<bool> {
        let part = RELATIONSHIPS.iter().position(|relationship| relationship.name == name)?;
        let Some(Json::Array(sent)) = sent.get("data") else {
            return Some(name == PRIMARY_APPEAL && sent.get("data") == Some(&Json::Null));
        };
        let mut stored = self.ids(list, part).to_vec();
        let kind = RELATIONSHIPS.get(part).map(|relationship| relationship.kind);
        let id = |one: &Json| {
            let is_of_kind = one.get("type").and_then(Json::as_str) == kind;
            one.get("id").and_then(Json::as_str).and_then(Id::parse).filter(|_| is_of_kind)
        };
        let Some(mut sent) = sent.iter().map(id).collect::<Option<Vec<_>>>() else { return Some(false) };
        stored.sort_unstable();
        sent.sort_unstable();
        Some(name != PRIMARY_APPEAL && stored == sent)
    }
}

/// All linkage of all lists of one person: a union of short index scans, which the builder can't say.
#[derive(Debug, QueryId)]
struct LinkageQuery {
    user: Id,
}

impl QueryFragment<Backend> for LinkageQuery {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        push_union(&mut out, "", |out| out.push_bind_param::<SqlUuid, Id>(&self.user))
    }
}

impl Query for LinkageQuery {
    type SqlType = (Integer, SqlUuid, SqlUuid, SqlStamp);
}

impl RunQueryDsl<Connection> for LinkageQuery {}
