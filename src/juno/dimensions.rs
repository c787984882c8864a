//! Dimensions: values with a name that a site keeps of its users. 14 are the system's and stand for the documented fields;
//! a site adds its own.

use diesel::prelude::*;

use super::attributes::Attributes;
use super::definition::{Changeable, Definition, Head, Shown};
use super::listing::{filters, flag};
use super::resource::Resource;
use super::stored::{changed_in, stored_in};
use super::{refusals, text};
use crate::clock::Stamp;
use crate::db::schema::{dimension_values as v, dimensions as d};
use crate::db::{Backend, Connection};
use crate::error::Error;
use crate::jsonapi::json::Members;
use crate::jsonapi::query::Query;
use crate::jsonapi::{Code, Fault, Json, Pointer};

/// The attributes of a person that a dimension may hold: texts that JUNO's own fields do not stand for.
pub const MAPPABLE: [&str; 5] = ["alma_mater", "legal_first_name", "middle_name", "suffix", "title"];

/// What the values of a dimension are.
pub(crate) const VALUE_TYPES: [&str; 2] = ["text", "url"];

/// Longest key, in characters.
const LONGEST_KEY: usize = 64;

/// A row of `dimensions`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = d, treat_none_as_null = true)]
pub struct Dimension {
    /// Its id.
    pub(super) id: i64,
    /// What programs call it.
    pub(super) key: String,
    /// Its name.
    pub(super) name: String,
    /// The name as names are compared.
    pub(super) name_folded: String,
    /// Whether it is one of JUNO's own.
    pub(super) system: bool,
    /// What its values are: `text` or `url`.
    pub(super) value_type: String,
    /// Whether a user may not write his own value.
    pub(super) locked: bool,
    /// Whether users are shown with it.
    pub(super) active: bool,
    /// The attribute of the person that holds its values.
    pub(super) maps_to: Option<String>,
    /// Counts its states.
    pub(super) version: i64,
    created_at: Stamp,
    updated_at: Stamp,
}

/// What a document says of a dimension.
#[derive(Clone, Debug)]
pub struct Changes {
    key: Option<Option<String>>,
    name: Option<String>,
    system: Option<Json>,
    value_type: Option<&'static str>,
    locked: Option<bool>,
    active: Option<bool>,
    maps_to: Option<Option<String>>,
}

impl Definition for Dimension {
    const KIND: &'static str = "dimensions";
    const MODEL: &'static str = "Dimension";
    const FIRST_ID: i64 = 1_000;
    const FILTERS: &'static [&'static str] = &["active", "key", "locked", "name", "system"];
    const FLAGS: &'static [&'static str] = &["active", "locked", "system"];
    type Changes = Changes;

    fn read(
        mut sent: Attributes,
        relationships: Option<Members>,
        is_new: bool,
    ) -> Result<Changes, Vec<Fault>> {
        let changes = Changes {
            key: sent.text("key", check_key),
            name: if is_new { sent.required_name("name") } else { sent.name("name") },
            system: sent.take("system"),
            value_type: sent.word("value_type", &VALUE_TYPES),
            locked: sent.flag("locked"),
            active: sent.flag("active"),
            maps_to: sent.text("maps_to", check_mapping),
        };
        sent.end(relationships.as_ref(), changes)
    }

    fn after(
        connection: &mut Connection,
        before: Option<&Self>,
        changes: &Changes,
        head: Head,
    ) -> QueryResult<Result<Self, Vec<Fault>>> {
        let mut after = before.cloned().unwrap_or_else(|| Self::blank(head));
        let mut faults = before.map_or_else(|| changes.refused_by_new(), |row| changes.refused_by(row));
        after.take(changes);
        if before.is_none() {
            after.key = match &changes.key {
                Some(Some(key)) => key.clone(),
                _ => free_key(connection, &after.name)?,
            };
        }
        faults.extend(after.faults());
        faults.extend(after.taken(connection)?);
        if before.is_some_and(|before| before.maps_to != after.maps_to) {
            // They would be hidden behind the attribute.
            let at = Pointer::attributes().member("maps_to");
            faults.extend(after.in_use(connection)?.map(|fault| fault.at(at)));
        }
        Ok(if faults.is_empty() { Ok(after) } else { Err(faults) })
    }

    stored_in!(d);

    fn shown(_: &mut Connection, rows: &[Self], _: &Query) -> QueryResult<Shown> {
        Ok((rows.iter().map(Self::resource).collect(), None))
    }
}

impl Changeable for Dimension {
    fn kept(&self, connection: &mut Connection) -> QueryResult<Option<Error>> {
        if self.system {
            let detail = "A dimension of the system can't be deleted; `active: false` hides it.";
            return Ok(Some(Fault::new(Code::ReadOnly, detail).into()));
        }
        Ok(self.in_use(connection)?.map(Error::from))
    }

    changed_in!(d);
}

impl Dimension {
    /// One of a site's own, as yet without a name.
    fn blank(Head { id, version, updated_at }: Head) -> Self {
        Self {
            id,
            key: String::new(),
            name: String::new(),
            name_folded: String::new(),
            system: false,
            value_type: "text".to_owned(),
            locked: false,
            active: true,
            maps_to: None,
            version,
            created_at: updated_at,
            updated_at,
        }
    }

    /// Why the values that users have of it can't lose it. Nobody writes one before the end of the transaction.
    fn in_use(&self, connection: &mut Connection) -> QueryResult<Option<Fault>> {
        if let Connection::Postgres(connection) = connection {
            let row = d::table.find(self.id).select(d::id).for_update();
            row.get_result::<i64>(connection).optional()?;
        }
        let values = v::table.filter(v::dimension_id.eq(self.id)).count().get_result::<i64>(connection)?;
        let detail = format!("Users have values of the dimension '{}'.", self.name);
        Ok((values > 0).then(|| Fault::new(Code::DimensionInUse, detail)))
    }

    fn take(&mut self, changes: &Changes) {
        if let Some(name) = &changes.name {
            (self.name, self.name_folded) = (name.clone(), text::folded(name));
        }
        if let Some(value_type) = changes.value_type {
            value_type.clone_into(&mut self.value_type);
        }
        self.locked = changes.locked.unwrap_or(self.locked);
        self.active = changes.active.unwrap_or(self.active);
        if let Some(maps_to) = &changes.maps_to {
            self.maps_to.clone_from(maps_to);
        }
    }

    /// What is wrong with the row by itself.
    fn faults(&self) -> Option<Fault> {
        let at = Pointer::attributes();
        (self.maps_to.is_some() && self.value_type != "text").then(|| {
            let message = "needs the value type text";
            Fault::attribute(Code::Invalid, "maps_to", message, at)
        })
    }

    /// What of the row another one has.
    fn taken(&self, connection: &mut Connection) -> QueryResult<Vec<Fault>> {
        let same = d::name_folded.eq(&self.name_folded).or(d::key.eq(&self.key));
        let mapping = self.maps_to.clone().unwrap_or_default();
        let others = d::table.filter(d::id.ne(self.id)).filter(same.or(d::maps_to.eq(mapping)));
        let others = others.select(Self::as_select()).load(connection)?;
        let mut faults = Vec::new();
        for (name, is_taken) in [
            ("name", others.iter().any(|other| other.name_folded == self.name_folded)),
            ("key", others.iter().any(|other| other.key == self.key)),
            ("maps_to", others.iter().any(|other| other.maps_to.is_some() && other.maps_to == self.maps_to)),
        ] {
            if is_taken {
                faults.push(refusals::taken(name, Pointer::attributes().member(name)));
            }
        }
        Ok(faults)
    }

    pub(super) fn resource(&self) -> Resource {
        let attributes = vec![
            ("key", self.key.as_str().into()),
            ("name", self.name.as_str().into()),
            ("system", self.system.into()),
            ("value_type", self.value_type.as_str().into()),
            ("locked", self.locked.into()),
            ("active", self.active.into()),
            ("maps_to", self.maps_to.clone().into()),
        ];
        Resource::new(Self::KIND, self.id, attributes)
    }
}

impl Changes {
    /// What of this can't be said of a row that is to be made.
    fn refused_by_new(&self) -> Vec<Fault> {
        let says_system = self.system.as_ref().is_some_and(|system| *system != Json::Bool(false));
        says_system.then(|| refusals::read_only("system")).into_iter().collect()
    }

    /// What of this differs from what never changes.
    fn refused_by(&self, row: &Dimension) -> Vec<Fault> {
        let differs = [
            ("key", self.key.as_ref().is_some_and(|key| key.as_ref() != Some(&row.key))),
            ("system", self.system.as_ref().is_some_and(|system| *system != Json::Bool(row.system))),
            ("value_type", row.system && self.value_type.is_some_and(|sent| sent != row.value_type)),
            ("maps_to", row.system && self.maps_to.as_ref().is_some_and(Option::is_some)),
        ];
        differs
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(name, _)| refusals::read_only(name))
            .collect()
    }
}

fn filtered(query: &Query) -> d::BoxedQuery<'static, Backend> {
    filters(query).fold(d::table.into_boxed(), |rows, (name, value)| match (name, flag(value)) {
        ("active", Some(flag)) => rows.filter(d::active.eq(flag)),
        ("locked", Some(flag)) => rows.filter(d::locked.eq(flag)),
        ("system", Some(flag)) => rows.filter(d::system.eq(flag)),
        ("key", _) => rows.filter(d::key.eq(value.to_owned())),
        _ => rows.filter(d::name_folded.eq(text::folded(value))),
    })
}

fn check_key(key: &str) -> Result<(), String> {
    let is_key = key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && key.len() <= LONGEST_KEY;
    let message = || format!("must be at most {LONGEST_KEY} of a-z, 0-9 and _, and begin with a letter");
    is_key.then_some(()).ok_or_else(message)
}

fn check_mapping(attribute: &str) -> Result<(), String> {
    let message = || format!("must be one of {}", MAPPABLE.join(", "));
    MAPPABLE.contains(&attribute).then_some(()).ok_or_else(message)
}

/// A key that is made of a name; with a number where others have that.
fn free_key(connection: &mut Connection, name: &str) -> QueryResult<String> {
    let keys: Vec<String> = d::table.select(d::key).load(connection)?;
    let plain = text::key_of(name, LONGEST_KEY);
    // Room for the number.
    let short: String = plain.chars().take(LONGEST_KEY - 20).collect();
    let numbered = (2_u64..).map(|number| format!("{short}_{number}"));
    let mut candidates = std::iter::once(plain).chain(numbered);
    Ok(candidates.find(|key| !keys.contains(key)).unwrap_or_default())
}
