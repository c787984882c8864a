//! What a line's users of JUNO have of the site, as far as the site has it; else it is made as the line says.

use std::collections::BTreeMap;

use diesel::QueryResult;
use diesel::prelude::*;

use super::given::Given;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{dimensions as d, tag_types as y, tags as t};
use crate::jsonapi::error::Source;
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::juno::attributes::Attributes;
use crate::juno::counters;
use crate::juno::definition::{Definition, define, free_id};
use crate::juno::dimensions::Dimension;
use crate::juno::tag_types::TagType;
use crate::juno::tags::Tag;
use crate::juno::text::folded;
use crate::juno::user::field::{Field, Takes};
use crate::juno::user::text;

/// A definition that is to be made: the id that it would like, and what it is.
#[derive(Clone, Debug)]
struct New<C> {
    id: Option<i64>,
    changes: C,
}

/// A tag that is to be made.
#[derive(Clone, Debug)]
struct NewTag {
    id: Option<i64>,
    name: String,
    type_name: String,
}

/// The definitions that a line needs.
#[derive(Debug, Default)]
pub(super) struct Site {
    /// What is there.
    found: Made,
    new_dimensions: BTreeMap<String, New<<Dimension as Definition>::Changes>>,
    new_types: BTreeMap<String, New<<TagType as Definition>::Changes>>,
    new_tags: BTreeMap<String, NewTag>,
}

impl Site {
    /// Finds what is there, and reads what is to be made.
    pub(super) fn read(
        connection: &mut Connection,
        given: &Given,
        faults: &mut Vec<Fault>,
    ) -> QueryResult<Self> {
        let mut site = Self::default();
        for user in &given.users {
            for (key, (text, at)) in &user.values {
                site.dimension(connection, given, (key, &text.value, at), faults)?;
            }
            for (name, (_, at)) in &user.tags {
                site.tag(connection, given, (name, at), faults)?;
            }
        }
        Ok(site)
    }

    fn dimension(
        &mut self,
        connection: &mut Connection,
        given: &Given,
        (key, value, at): (&str, &str, &Pointer),
        faults: &mut Vec<Fault>,
    ) -> QueryResult<()> {
        let row = d::table.filter(d::key.eq(key)).select((d::id, d::value_type, d::maps_to));
        let found: Option<(i64, String, Option<String>)> = row.get_result(connection).optional()?;
        let told = given.definition("dimensions", "key", |sent| sent == key);
        let value_type = match (&found, &told) {
            (Some((_, _, Some(attribute))), _) => {
                let message = format!("is the person's `{attribute}` here");
                faults.push(Fault::attribute(Code::Invalid, key, message, at.clone()));
                return Ok(());
            }
            (Some((id, value_type, None)), _) => {
                self.found.dimensions.insert(key.to_owned(), *id);
                value_type.clone()
            }
            (None, Some((members, place))) => {
                let changes = Dimension::read(Attributes::of(Some(without_id(members))), None, true);
                match changes {
                    Ok(changes) => {
                        self.new_dimensions.insert(key.to_owned(), New { id: id(members), changes });
                    }
                    Err(told) => faults.extend(told.into_iter().map(|fault| moved(fault, place))),
                }
                find(members, "value_type").and_then(Json::as_str).unwrap_or("text").to_owned()
            }
            (None, None) => {
                let detail =
                    format!("No dimension has the key '{key}', and the line does not say what it is.");
                faults.push(Fault::new(Code::UnknownDimension, detail).at(at.clone()));
                return Ok(());
            }
        };
        let takes = match found.and_then(|(id, ..)| Field::of_dimension(id)) {
            Some(field) => field.takes,
            None if value_type == "url" => Takes::Url,
            None => Takes::Text,
        };
        let read = text::read(takes, value);
        faults
            .extend(read.err().map(|message| Fault::attribute(message.code, key, message.text, at.clone())));
        Ok(())
    }

    fn tag(
        &mut self,
        connection: &mut Connection,
        given: &Given,
        (name, at): (&str, &Pointer),
        faults: &mut Vec<Fault>,
    ) -> QueryResult<()> {
        let row = t::table.filter(t::name_folded.eq(name)).select(t::id);
        if let Some(found) = row.get_result(connection).optional()? {
            self.found.tags.insert(name.to_owned(), found);
            return Ok(());
        }
        let told = given.definition("tags", "name", |sent| folded(sent) == name);
        let named = told.as_ref().and_then(|(members, _)| {
            let text = |name| find(members, name).and_then(Json::as_str);
            let name = text::read(Takes::Text, text("name")?).ok().flatten()?;
            Some((id(members), name, text("type_name")?.to_owned()))
        });
        let Some((id, tag_name, type_name)) = named else {
            let detail = format!("No tag has the name '{name}', and the line does not say what it is.");
            faults.push(Fault::new(Code::UnknownTag, detail).at(at.clone()));
            return Ok(());
        };
        let row = y::table.filter(y::name_folded.eq(folded(&type_name))).select(y::id);
        let has_type = row.get_result::<i64>(connection).optional()?.is_some();
        let of_type = given.definition("tag_types", "name", |sent| folded(sent) == folded(&type_name));
        match (has_type, of_type) {
            (true, _) => {}
            (false, Some((members, place))) => self.tag_type(&type_name, members, place, faults),
            (false, None) => {
                let detail = format!("No type of tags has the name '{type_name}'.");
                faults.push(Fault::new(Code::UnknownTag, detail).at(at.clone()));
            }
        }
        self.new_tags.insert(name.to_owned(), NewTag { id, name: tag_name, type_name });
        Ok(())
    }

    fn tag_type(&mut self, name: &str, members: &Members, place: &Pointer, faults: &mut Vec<Fault>) {
        match TagType::read(Attributes::of(Some(without_id(members))), None, true) {
            Ok(changes) => {
                self.new_types.insert(folded(name), New { id: id(members), changes });
            }
            Err(told) => faults.extend(told.into_iter().map(|fault| moved(fault, place))),
        }
    }

    /// Makes what there is not.
    pub(super) fn write(&self, connection: &mut Connection, at: Stamp) -> QueryResult<Made> {
        let mut made = self.found.clone();
        for (key, New { id, changes }) in &self.new_dimensions {
            let row = define::<Dimension>(connection, changes, (at, *id))?.map_err(refused)?;
            made.dimensions.insert(key.clone(), row.head().id);
        }
        for New { id, changes } in self.new_types.values() {
            define::<TagType>(connection, changes, (at, *id))?.map_err(refused)?;
        }
        for (name, tag) in &self.new_tags {
            made.tags.insert(name.clone(), tag.insert(connection, name, at)?);
        }
        Ok(made)
    }
}

/// The ids of what a line needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    /// By the keys of dimensions.
    pub dimensions: BTreeMap<String, i64>,
    /// By the folded names of tags.
    pub tags: BTreeMap<String, i64>,
}

impl NewTag {
    /// Also where its type takes no more tags: it is one of those that the type had.
    fn insert(&self, connection: &mut Connection, name_folded: &str, at: Stamp) -> QueryResult<i64> {
        let row = y::table.filter(y::name_folded.eq(folded(&self.type_name))).select(y::id);
        let of_type: i64 = row.get_result(connection)?;
        counters::lock(connection, Tag::KIND)?;
        let id = free_id::<Tag>(connection, self.id)?;
        counters::pass(connection, Tag::KIND, id)?;
        let key = (t::id.eq(id), t::name.eq(&self.name), t::name_folded.eq(name_folded));
        let row = (
            key,
            (t::tag_type_id.eq(of_type), t::version.eq(1_i64)),
            (t::created_at.eq(at), t::updated_at.eq(at)),
        );
        diesel::insert_into(t::table).values(row).execute(connection)?;
        Ok(id)
    }
}

impl Given {
    /// What the line says of a definition with the member.
    pub(super) fn definition(
        &self,
        kind: &str,
        name: &str,
        is_it: impl Fn(&str) -> bool,
    ) -> Option<&(Members, Pointer)> {
        let all = self.definitions.get(kind)?;
        all.iter().find(|(members, _)| find(members, name).and_then(Json::as_str).is_some_and(&is_it))
    }
}

fn id(members: &Members) -> Option<i64> {
    match find(members, "id") {
        Some(Json::Number(id)) => id.parse().ok(),
        _ => None,
    }
}

fn without_id(members: &Members) -> Members {
    members.iter().filter(|(name, _)| name != "id").cloned().collect()
}

/// A fault in the attributes of a document, at the place where they stand here.
pub(super) fn moved(fault: Fault, place: &Pointer) -> Fault {
    let name = match &fault.source {
        Some(Source::Pointer(at)) => at.as_str().strip_prefix("/data/attributes/").map(str::to_owned),
        _ => None,
    };
    fault.at(name.map_or_else(|| place.clone(), |name| place.member(&name)))
}

/// What a database with rules for names would say.
fn refused(faults: Vec<Fault>) -> diesel::result::Error {
    let told = faults.into_iter().filter_map(|fault| fault.detail).collect::<Vec<_>>().join("; ");
    super::plan::violation(told)
}
