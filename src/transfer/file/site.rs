//! The dimensions and tags that a row names, found on the site, or made.

use diesel::prelude::*;

use super::{By, Options};
use crate::db::Connection;
use crate::db::schema::{dimensions, tag_types, tags};
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::juno::attributes::Attributes;
use crate::juno::definition::{Definition, define};
use crate::juno::dimensions::Dimension;
use crate::juno::tag_types::TagType;
use crate::juno::tags::Tag;
use crate::juno::text::folded;
use crate::juno::user::values::whole;
use crate::transfer::resource::take;

/// Finds the dimensions and tags of a row.
pub(super) struct Site<'a> {
    pub connection: &'a mut Connection,
    pub options: Options,
    pub faults: &'a mut Vec<Fault>,
}

impl Site<'_> {
    /// Brings the arrays of a row into the form that names each by its id, as far as they are arrays of objects.
    pub(super) fn resolve(&mut self, members: &mut Members) -> QueryResult<()> {
        for (name, value) in members {
            let Json::Array(entries) = value else { continue };
            for (i, entry) in entries.iter_mut().enumerate() {
                let at = Pointer::root().member(name).element(i);
                match (name.as_str(), entry) {
                    ("dimensions", Json::Object(entry)) => self.dimension(entry, &at)?,
                    ("tags", Json::Object(entry)) => self.tag(entry, &at)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn dimension(&mut self, entry: &mut Members, at: &Pointer) -> QueryResult<()> {
        if let Some(Json::String(key)) = take(entry, "key") {
            let row = dimensions::table.filter(dimensions::key.eq(&key)).select(dimensions::id);
            let id: Option<i64> = row.get_result(self.connection).optional()?;
            entry.extend(id.map(|id| ("id".to_owned(), id.into())));
            return Ok(());
        }
        let Some(name) = text(entry, "name") else { return Ok(()) };
        if self.options.dimensions == By::Name {
            take(entry, "id");
        }
        let same = dimensions::table.filter(dimensions::name_folded.eq(folded(&name))).count();
        let is_new = find(entry, "id").is_none() && same.get_result::<i64>(self.connection)? == 0;
        if is_new && self.options.define {
            self.define::<Dimension>(vec![("name".to_owned(), name.into())], None, at)?;
        }
        Ok(())
    }

    fn tag(&mut self, entry: &mut Members, at: &Pointer) -> QueryResult<()> {
        let Some(name) = text(entry, "name") else { return Ok(()) };
        let id = find(entry, "id").and_then(whole).filter(|_| self.options.tags == By::Id);
        if let Some(id) = id {
            let row = tags::table.find(id).select((tags::name, tags::name_folded));
            let stored: Option<(String, String)> = row.get_result(self.connection).optional()?;
            if let Some((stored, _)) = stored.filter(|(_, stored)| *stored != folded(&name)) {
                let detail = format!("The tag {id} has the name '{stored}'.");
                self.faults.push(Fault::new(Code::UnknownTag, detail).at(at.member("name")));
            }
            return Ok(());
        }
        let row = tags::table.filter(tags::name_folded.eq(folded(&name))).select(tags::id);
        let found: Option<i64> = row.get_result(self.connection).optional()?;
        let id = match found {
            None if self.options.define => self.new_tag(entry, &name, at)?,
            None => {
                let detail = format!("No tag has the name '{name}'.");
                self.faults.push(Fault::new(Code::UnknownTag, detail).at(at.member("name")));
                None
            }
            found => found,
        };
        take(entry, "id");
        // A fault is noted where there is none.
        entry.push(("id".to_owned(), id.unwrap_or_default().into()));
        Ok(())
    }

    /// Makes a tag of the type that its entry tells: by its name, which may be new, else by its id.
    fn new_tag(&mut self, entry: &Members, name: &str, at: &Pointer) -> QueryResult<Option<i64>> {
        let of_type = match text(entry, "type_name") {
            Some(type_name) => {
                let row = tag_types::table.filter(tag_types::name_folded.eq(folded(&type_name)));
                match row.select(tag_types::id).get_result(self.connection).optional()? {
                    Some(id) => Some(id),
                    None => self.define::<TagType>(vec![("name".to_owned(), type_name.into())], None, at)?,
                }
            }
            None => find(entry, "type").and_then(whole),
        };
        let Some(of_type) = of_type else {
            let detail =
                format!("No tag has the name '{name}', and of what type a new one is to be is not told.");
            self.faults.push(Fault::new(Code::UnknownTag, detail).at(at.clone()));
            return Ok(None);
        };
        let object = |members: [(&str, Json); 2]| {
            Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
        };
        let data = object([("type", TagType::KIND.into()), ("id", of_type.into())]);
        let related = Json::Object(vec![("data".to_owned(), data)]);
        let attributes = vec![("name".to_owned(), name.into())];
        self.define::<Tag>(attributes, Some(vec![("tag_type".to_owned(), related)]), at)
    }

    fn define<D: Definition>(
        &mut self,
        attributes: Members,
        relationships: Option<Members>,
        at: &Pointer,
    ) -> QueryResult<Option<i64>> {
        let changes = D::read(Attributes::of(Some(attributes)), relationships, true);
        let defined = match changes {
            Ok(changes) => define::<D>(self.connection, &changes, (self.options.now, None))?,
            Err(faults) => Err(faults),
        };
        match defined {
            Ok(row) => Ok(Some(row.head().id)),
            Err(faults) => {
                self.faults.extend(faults.into_iter().map(|fault| fault.at(at.clone())));
                Ok(None)
            }
        }
    }
}

/// A text that is not blank.
fn text(entry: &Members, name: &str) -> Option<String> {
    let text = find(entry, name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
