//! Values of dimensions as they are sent, and as they lie with JUNO (`juno.md` 1.3).

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::changes::{Sent, SentValue};
use super::field::{Field, Takes, Value};
use super::text;
use super::work::Work;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::{dimension_values as v, dimensions as d};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::juno::dimensions::Dimension;
use crate::juno::profile::Profile;
use crate::juno::text::folded;

/// Where a value of a custom dimension was sent, and what it is.
type Custom = BTreeMap<i64, (Option<String>, Pointer)>;

impl Work {
    /// Takes values that were sent. Those of the system's dimensions become fields, beside what was sent as fields; of the
    /// others, `replace` takes away what was not sent.
    pub(super) fn take_values(
        &mut self,
        sent: &[SentValue],
        fields: &mut BTreeMap<&'static str, Sent>,
        replace: bool,
    ) {
        let mut custom = Custom::new();
        for entry in sent {
            let Some(dimension) = self.found(entry) else { continue };
            let Some(value) = self.read_value(&dimension, entry) else { continue };
            let at = entry.at.member("value");
            let other = if let Some(field) = Field::of_dimension(dimension.id) {
                let value = value.map(Value::Text);
                let first = Sent { value: value.clone(), at: at.clone() };
                let first = fields.entry(field.name).or_insert(first);
                (first.value != value).then(|| first.at.clone())
            } else {
                let first = custom.entry(dimension.id).or_insert((value.clone(), at.clone()));
                (first.0 != value).then(|| first.1.clone())
            };
            self.faults.extend(other.map(|other| conflicting(&dimension.name, &other, &at)));
        }
        self.set_custom(&custom, replace);
    }

    /// A value by the rules of its dimension.
    fn read_value(&mut self, dimension: &Dimension, entry: &SentValue) -> Option<Option<String>> {
        let takes = match Field::of_dimension(dimension.id) {
            Some(field) => field.takes,
            None if dimension.value_type == "url" => Takes::Url,
            None => Takes::Text,
        };
        match text::read(takes, entry.value.as_deref().unwrap_or_default()) {
            Ok(value) => Some(value),
            Err(message) => {
                let at = entry.at.member("value");
                self.faults.push(Fault::attribute(message.code, &dimension.key, message.text, at));
                None
            }
        }
    }

    /// The dimension that is meant.
    fn found(&mut self, entry: &SentValue) -> Option<Dimension> {
        let name = entry.name.as_deref().map(folded);
        let found = self.dimensions.iter().find(|dimension| match (entry.id, &name) {
            (Some(id), _) => dimension.id == id,
            (None, Some(name)) => dimension.name_folded == *name,
            (None, None) => false,
        });
        let Some(dimension) = found else {
            let (member, what) = match (entry.id, &entry.name) {
                (Some(id), _) => ("id", format!("No dimension has the id {id}.")),
                (None, Some(name)) => ("name", format!("No dimension has the name '{name}'.")),
                (None, None) => ("", "A value of a dimension needs its id or its name.".to_owned()),
            };
            let at = if member.is_empty() { entry.at.clone() } else { entry.at.member(member) };
            self.faults.push(Fault::new(Code::UnknownDimension, what).at(at));
            return None;
        };
        if name.is_some_and(|name| name != dimension.name_folded) {
            let detail = format!("The dimension {} has the name '{}'.", dimension.id, dimension.name);
            let fault = Fault::new(Code::DimensionNameMismatch, detail);
            self.faults.push(fault.at(entry.at.member("name")));
            return None;
        }
        Some(dimension.clone())
    }

    fn set_custom(&mut self, sent: &Custom, replace: bool) {
        let dimensions = std::mem::take(&mut self.dimensions);
        for dimension in dimensions.iter().filter(|dimension| !dimension.system) {
            let (value, at) = match sent.get(&dimension.id) {
                Some((value, at)) => (value, Some(at)),
                // What is hidden is kept.
                None if replace && dimension.active => (&None, None),
                None => continue,
            };
            let shown = if dimension.active { self.before.custom(dimension) } else { None };
            if *value == shown {
                continue;
            }
            if !dimension.active || (dimension.locked && !self.rights.administers) {
                let why = if dimension.active { "is the site's to write" } else { "is not active" };
                let fault = Fault::new(Code::ReadOnly, format!("The dimension '{}' {why}.", dimension.name));
                self.faults.push(match at {
                    Some(at) => fault.at(at.clone()),
                    None => fault,
                });
                continue;
            }
            match &dimension.maps_to {
                Some(attribute) => {
                    let at = at.cloned().unwrap_or_default();
                    self.set_attribute(attribute, value.as_deref(), &dimension.key, at);
                }
                None => self.set_value(dimension.id, value.clone()),
            }
        }
        self.dimensions = dimensions;
    }

    /// Sets a value that lies with JUNO.
    pub(super) fn set_value(&mut self, dimension: i64, value: Option<String>) {
        match value {
            Some(value) => _ = self.values.insert(dimension, value),
            None => _ = self.values.remove(&dimension),
        }
    }
}

/// Two places that give one value differently; the error names both.
fn conflicting(name: &str, one: &Pointer, other: &Pointer) -> Fault {
    let detail = format!("'{name}' is sent twice, with different values.");
    let pointers: Json = [one, other].into_iter().map(|at| at.as_str().to_owned()).collect();
    let fault = Fault::new(Code::ConflictingValues, detail).at(one.clone());
    fault.with_meta(Json::Object(vec![("pointers".to_owned(), pointers)]))
}

/// Whether dimensions are still as they were read; then they stay so until the end of the transaction.
pub(super) fn hold(
    connection: &mut Connection,
    read: &[Dimension],
    ids: &BTreeSet<i64>,
) -> QueryResult<bool> {
    if ids.is_empty() {
        return Ok(true);
    }
    let rows = d::table.filter(d::id.eq_any(ids.clone())).order(d::id).select((d::id, d::version));
    let rows: Vec<(i64, i64)> = match connection {
        Connection::Sqlite(connection) => rows.load(connection)?,
        Connection::Postgres(connection) => rows.for_share().load(connection)?,
    };
    let same =
        |(id, version): &(i64, i64)| read.iter().any(|known| known.id == *id && known.version == *version);
    Ok(rows.len() == ids.len() && rows.iter().all(same))
}

/// Writes the values in which `after` differs from `before`.
pub(super) fn write(
    connection: &mut Connection,
    profile: &Profile,
    (before, after): (&BTreeMap<i64, String>, &BTreeMap<i64, String>),
    at: Stamp,
) -> QueryResult<()> {
    let (person, user) = (profile.person_id, profile.id);
    for (dimension, _) in before.iter().filter(|(id, value)| after.get(id) != Some(value)) {
        diesel::delete(v::table.find((person, user, *dimension))).execute(connection)?;
    }
    for (dimension, value) in after.iter().filter(|(id, value)| before.get(id) != Some(value)) {
        let key = (v::person_id.eq(person), v::juno_user_id.eq(user), v::dimension_id.eq(*dimension));
        let row = (key, (v::value.eq(value), v::updated_at.eq(at)));
        diesel::insert_into(v::table).values(row).execute(connection)?;
    }
    Ok(())
}
