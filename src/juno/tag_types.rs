//! Types of tags. The access level is known by its id, 2.

use diesel::prelude::*;

use super::attributes::Attributes;
use super::definition::{Definition, Head, Shown};
use super::listing::{filters, flag};
use super::resource::Resource;
use super::stored::stored_in;
use super::{refusals, text};
use crate::clock::Stamp;
use crate::db::schema::tag_types as t;
use crate::db::{Backend, Connection};
use crate::jsonapi::json::Members;
use crate::jsonapi::query::Query;
use crate::jsonapi::{Fault, Pointer};

/// The id of the type whose tags open what carries them, to nobody else.
pub const ACCESS_LEVEL: i64 = 2;

/// A row of `tag_types`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = t)]
pub struct TagType {
    /// Its id.
    pub(super) id: i64,
    /// Its name.
    pub(super) name: String,
    name_folded: String,
    group_number: i32,
    /// Whether its tags may be made, changed and deleted.
    pub(super) modifiable: bool,
    analytics: bool,
    version: i64,
    created_at: Stamp,
    updated_at: Stamp,
}

/// What a document says of a type of tags.
#[derive(Clone, Debug)]
pub struct Changes {
    name: String,
    group: i32,
    modifiable: bool,
    analytics: bool,
}

impl Definition for TagType {
    const KIND: &'static str = "tag_types";
    const MODEL: &'static str = "TagType";
    const FIRST_ID: i64 = 1_000;
    const FILTERS: &'static [&'static str] = &["analytics", "modifiable", "name"];
    const FLAGS: &'static [&'static str] = &["analytics", "modifiable"];
    type Changes = Changes;

    fn read(mut sent: Attributes, relationships: Option<Members>, _: bool) -> Result<Changes, Vec<Fault>> {
        let changes = Changes {
            name: sent.required_name("name").unwrap_or_default(),
            group: sent.count("group").unwrap_or(1),
            modifiable: sent.flag("modifiable").unwrap_or(true),
            analytics: sent.flag("analytics").unwrap_or(false),
        };
        sent.end(relationships.as_ref(), changes)
    }

    fn after(
        connection: &mut Connection,
        _: Option<&Self>,
        changes: &Changes,
        Head { id, version, updated_at }: Head,
    ) -> QueryResult<Result<Self, Vec<Fault>>> {
        let Changes { name, group, modifiable, analytics } = changes.clone();
        let name_folded = text::folded(&name);
        let same = t::table.filter(t::name_folded.eq(&name_folded)).count();
        if same.get_result::<i64>(connection)? > 0 {
            let at = Pointer::attributes().member("name");
            return Ok(Err(vec![refusals::taken("name", at)]));
        }
        Ok(Ok(Self {
            id,
            name,
            name_folded,
            group_number: group,
            modifiable,
            analytics,
            version,
            created_at: updated_at,
            updated_at,
        }))
    }

    stored_in!(t);

    fn shown(_: &mut Connection, rows: &[Self], _: &Query) -> QueryResult<Shown> {
        Ok((rows.iter().map(Self::resource).collect(), None))
    }
}

impl TagType {
    /// Some of them, in the order of their ids.
    pub(super) fn some(connection: &mut Connection, ids: Vec<i64>) -> QueryResult<Vec<Self>> {
        t::table.filter(t::id.eq_any(ids)).order(t::id).select(Self::as_select()).load(connection)
    }

    pub(super) fn resource(&self) -> Resource {
        let attributes = vec![
            ("name", self.name.as_str().into()),
            ("group", self.group_number.into()),
            ("modifiable", self.modifiable.into()),
            ("analytics", self.analytics.into()),
        ];
        Resource::new(Self::KIND, self.id, attributes)
    }
}

fn filtered(query: &Query) -> t::BoxedQuery<'static, Backend> {
    filters(query).fold(t::table.into_boxed(), |rows, (name, value)| match (name, flag(value)) {
        ("analytics", Some(flag)) => rows.filter(t::analytics.eq(flag)),
        ("modifiable", Some(flag)) => rows.filter(t::modifiable.eq(flag)),
        _ => rows.filter(t::name_folded.eq(text::folded(value))),
    })
}
