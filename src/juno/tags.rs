//! Tags: what users and content are marked with. Each has one type.

use diesel::prelude::*;

use super::attributes::Attributes;
use super::definition::{Changeable, Definition, Head, Shown};
use super::listing::filters;
use super::resource::{Resource, identifier};
use super::stored::{changed_in, stored_in};
use super::tag_types::TagType;
use super::{refusals, text};
use crate::clock::Stamp;
use crate::db::schema::{tags as t, user_tags as l};
use crate::db::{Backend, Connection};
use crate::error::Error;
use crate::jsonapi::json::Members;
use crate::jsonapi::query::{Query, Relationships};
use crate::jsonapi::{Code, Fault, Json, Pointer};

/// The relationship to the type; `type` is none that JSON:API lets a resource have.
pub(super) const TAG_TYPE: &str = "tag_type";

/// A row of `tags`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = t)]
pub struct Tag {
    /// Its id.
    pub(super) id: i64,
    /// Its name.
    pub(super) name: String,
    name_folded: String,
    /// The id of its type.
    #[diesel(column_name = tag_type_id)]
    pub(super) of_type: i64,
    version: i64,
    created_at: Stamp,
    updated_at: Stamp,
}

/// What a document says of a tag.
#[derive(Clone, Debug)]
pub struct Changes {
    name: Option<String>,
    /// The id as it was sent, which may be none.
    tag_type: Option<String>,
}

impl Definition for Tag {
    const KIND: &'static str = "tags";
    const MODEL: &'static str = "Tag";
    const FIRST_ID: i64 = 1;
    const FILTERS: &'static [&'static str] = &["name", TAG_TYPE];
    const FLAGS: &'static [&'static str] = &[];
    type Changes = Changes;

    fn relationships(kind: &str) -> Relationships {
        if kind == Self::KIND { &[(TAG_TYPE, TagType::KIND)] } else { &[] }
    }

    fn read(
        mut sent: Attributes,
        mut relationships: Option<Members>,
        is_new: bool,
    ) -> Result<Changes, Vec<Fault>> {
        let name = if is_new { sent.required_name("name") } else { sent.name("name") };
        // The type's name, which clients send back.
        sent.take("type_name");
        let place = Pointer::root().member("data");
        let place = if relationships.is_some() { place.member("relationships") } else { place };
        let own = relationships.as_mut().and_then(|all| {
            let at = all.iter().position(|(name, _)| name == TAG_TYPE)?;
            Some(all.remove(at).1)
        });
        let tag_type = match own.as_ref().map(identified) {
            None if is_new => Err(Fault::attribute(Code::Blank, TAG_TYPE, "can't be blank", place)),
            other => other.transpose(),
        };
        let tag_type = tag_type.unwrap_or_else(|fault| {
            sent.add(fault);
            None
        });
        sent.end(relationships.as_ref(), Changes { name, tag_type })
    }

    fn after(
        connection: &mut Connection,
        before: Option<&Self>,
        changes: &Changes,
        head: Head,
    ) -> QueryResult<Result<Self, Vec<Fault>>> {
        let mut after = before.cloned().unwrap_or_else(|| Self::blank(head));
        if let Some(name) = &changes.name {
            (after.name, after.name_folded) = (name.clone(), text::folded(name));
        }
        let mut faults = Vec::new();
        if let Some(sent) = &changes.tag_type {
            match sent.parse().ok().map(|id| TagType::find(connection, id)).transpose()?.flatten() {
                Some(found) => after.of_type = found.id,
                None => faults.push(refusals::unknown_related(TagType::MODEL, sent, linkage().member("id"))),
            }
        }
        if before != Some(&after) && faults.is_empty() {
            faults.extend(after.kept_by_type(connection)?);
            if let Some(before) = before.filter(|before| before.of_type != after.of_type) {
                faults.extend(before.kept_by_type(connection)?);
            }
        }
        let same = t::table.filter(t::name_folded.eq(&after.name_folded)).filter(t::id.ne(after.id));
        if same.count().get_result::<i64>(connection)? > 0 {
            faults.push(refusals::taken("name", Pointer::attributes().member("name")));
        }
        Ok(if faults.is_empty() { Ok(after) } else { Err(faults) })
    }

    stored_in!(t);

    fn shown(connection: &mut Connection, rows: &[Self], query: &Query) -> QueryResult<Shown> {
        let types = TagType::some(connection, rows.iter().map(|tag| tag.of_type).collect())?;
        let resources = rows.iter().map(|tag| tag.resource(&types)).collect();
        let included = query.include.as_ref().map(|include| match include.get(TAG_TYPE) {
            Some(_) => types.iter().map(TagType::resource).collect(),
            None => Vec::new(),
        });
        Ok((resources, included))
    }
}

impl Changeable for Tag {
    fn kept(&self, connection: &mut Connection) -> QueryResult<Option<Error>> {
        if let Some(fault) = self.kept_by_type(connection)? {
            return Ok(Some(fault.into()));
        }
        if let Connection::Postgres(connection) = connection {
            // Nobody gives it to a user before the end of the transaction.
            t::table.find(self.id).select(t::id).for_update().get_result::<i64>(connection).optional()?;
        }
        let users = l::table.filter(l::tag_id.eq(self.id)).count().get_result::<i64>(connection)?;
        let detail = format!("Users have the tag '{}'.", self.name);
        Ok((users > 0).then(|| Fault::new(Code::TagInUse, detail).into()))
    }

    changed_in!(t);
}

impl Tag {
    fn blank(Head { id, version, updated_at }: Head) -> Self {
        Self {
            id,
            name: String::new(),
            name_folded: String::new(),
            of_type: 0,
            version,
            created_at: updated_at,
            updated_at,
        }
    }

    /// Why the tag can't be made, changed or deleted.
    fn kept_by_type(&self, connection: &mut Connection) -> QueryResult<Option<Fault>> {
        let of_type = TagType::find(connection, self.of_type)?;
        let fixed = of_type.filter(|of_type| !of_type.modifiable);
        let detail = |name| format!("Tags of the type '{name}' can't be made, changed or deleted.");
        Ok(fixed.map(|of_type| Fault::new(Code::ReadOnly, detail(of_type.name))))
    }

    /// Some of them, in the order of their ids.
    pub(super) fn some(connection: &mut Connection, ids: Vec<i64>) -> QueryResult<Vec<Self>> {
        t::table.filter(t::id.eq_any(ids)).order(t::id).select(Self::as_select()).load(connection)
    }

    pub(super) fn resource(&self, types: &[TagType]) -> Resource {
        let of_type = types.iter().find(|of_type| of_type.id == self.of_type);
        let type_name = of_type.map(|of_type| of_type.name.clone());
        let attributes = vec![("name", self.name.as_str().into()), ("type_name", type_name.into())];
        let to = identifier(TagType::KIND, self.of_type.to_string());
        Resource::new(Self::KIND, self.id, attributes).related(TAG_TYPE, to)
    }
}

/// Where a document names the type.
fn linkage() -> Pointer {
    let place = Pointer::root().member("data").member("relationships");
    place.member(TAG_TYPE).member("data")
}

/// The id of the type that a relationship leads to. It may be sent as a number.
fn identified(relationship: &Json) -> Result<String, Fault> {
    let data = relationship.get("data");
    let member = |name| data.and_then(|data| data.get(name));
    match (data, member("type"), member("id")) {
        (Some(Json::Null), ..) => Err(Fault::attribute(Code::Blank, TAG_TYPE, "can't be blank", linkage())),
        (Some(Json::Object(_)), Some(Json::String(kind)), _) if kind != TagType::KIND => {
            let detail =
                format!("'{kind}' is not the type of a tag's type. Expected '{}' instead", TagType::KIND);
            Err(Fault::new(Code::TypeConflict, detail).at(linkage().member("type")))
        }
        (Some(Json::Object(_)), _, Some(Json::String(id) | Json::Number(id))) => Ok(id.clone()),
        _ => Err(Fault::new(Code::InvalidDocument, "A tag has one type, named by its id.").at(linkage())),
    }
}

fn filtered(query: &Query) -> t::BoxedQuery<'static, Backend> {
    filters(query).fold(t::table.into_boxed(), |rows, (name, value)| match name {
        // No type has the number 0, so what is no number finds nothing.
        TAG_TYPE => rows.filter(t::tag_type_id.eq(value.parse::<i64>().unwrap_or_default())),
        _ => rows.filter(t::name_folded.eq(text::folded(value))),
    })
}
