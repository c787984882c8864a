//! A row that a person owns, as the guard decides on it.

use std::borrow::Cow;
use std::sync::Arc;

use phonenumber::country;

use super::edit::RowChanges;
use super::election::elect;
use super::kind::{Access, Around, Attribute, Kind, Type, fault};
use crate::clock::Stamp;
use crate::guard::base::STAMP;
use crate::guard::member_stamps::MemberStamps;
use crate::guard::{Applied, Guarded, Member};
use crate::id::Id;
use crate::jsonapi::{Code, Json};

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Null.
    Null,
    /// A text.
    Text(String),
    /// A flag.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// An id.
    Id(Id),
}

impl Value {
    /// The text of a text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `true`.
    #[must_use]
    pub fn is_true(&self) -> bool {
        *self == Self::Boolean(true)
    }

    /// The value as documents hold it.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => text.as_str().into(),
            Self::Boolean(value) => (*value).into(),
            Self::Integer(number) => Json::Number(number.to_string()),
            Self::Id(id) => id.to_string().into(),
        }
    }
}

/// A row as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its kind.
    pub kind: &'static Kind,
    /// Its id, unique among the person's rows of the kind.
    pub id: Id,
    /// The person's version that it was last written with.
    pub version: i64,
    /// When it was made.
    pub created_at: Stamp,
    /// The client's time of the last edit, else the stamp.
    pub updated_at: Stamp,
    /// `updated_in_db_at`: the person's stamp that it was last written with.
    pub stamp: Stamp,
    /// When each attribute was last changed.
    pub stamps: MemberStamps,
    /// The values, in the order of the kind's attributes.
    pub values: Vec<Value>,
}

impl Row {
    /// A row that has nothing yet, made at `now`.
    #[must_use]
    pub fn new(kind: &'static Kind, id: Id, now: Stamp) -> Self {
        let values = kind.attributes.iter().map(|attribute| match (attribute.name, attribute.holds) {
            ("source", _) => Value::Text(SOURCE.to_owned()),
            // What comes through the API comes from a person who knows (mpdx-behaviour 4.3).
            ("valid_values", _) => Value::Boolean(true),
            (_, Type::Boolean) => Value::Boolean(false),
            _ => Value::Null,
        });
        let (version, stamps) = (0, MemberStamps::all_at(now));
        Self {
            kind,
            id,
            version,
            created_at: now,
            updated_at: now,
            stamp: now,
            stamps,
            values: values.collect(),
        }
    }

    /// The value of an attribute; null where the kind has none of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> &Value {
        self.kind.attribute(name).and_then(|(place, _)| self.values.get(place)).unwrap_or(&Value::Null)
    }

    /// Sets an attribute that the kind has.
    pub fn set(&mut self, name: &str, value: Value) {
        if let Some((place, _)) = self.kind.attribute(name)
            && let Some(slot) = self.values.get_mut(place)
        {
            *slot = value;
        }
    }

    /// The value of an attribute as the row's document shows it.
    #[must_use]
    pub fn shown(&self, name: &str) -> Json {
        match (name, self.get(name)) {
            ("created_at", _) => self.created_at.to_string().into(),
            ("updated_at", _) => self.updated_at.to_string().into(),
            ("updated_in_db_at", _) => self.stamp.to_string().into(),
            ("number", Value::Text(number)) => super::phone_number::shown(number).into(),
            (_, value) => value.to_json(),
        }
    }

    /// Sets an attribute that is stored in another form than it was sent in, and keeps what was sent beside it (design
    /// 9). A value that comes to what is stored already is no change, however it is spelled.
    pub fn set_normalized(&mut self, name: &str, normal: &str, sent_name: &str, before: Option<&Self>) {
        let (normal, sent) = (Value::Text(normal.to_owned()), self.get(name).clone());
        let kept =
            before.filter(|before| *before.get(name) == normal).map(|before| before.get(sent_name).clone());
        let beside = kept.unwrap_or(if sent == normal { Value::Null } else { sent });
        self.set(sent_name, beside);
        self.set(name, normal);
    }

    /// The attributes that documents show, in the order of their names.
    #[must_use]
    pub fn shown_names(&self) -> Vec<&'static str> {
        let shown = |attribute: &&Attribute| {
            matches!(attribute.access, Access::Open | Access::ReadOnly) && attribute.holds != Type::Person
        };
        let own = self.kind.attributes.iter().filter(shown).map(|attribute| attribute.name);
        let mut names: Vec<_> = own.chain(["created_at", "updated_at", STAMP]).collect();
        names.sort_unstable();
        names
    }

    /// The attributes as documents show them.
    #[must_use]
    pub fn attributes(&self) -> Json {
        let shown = self.shown_names().into_iter().map(|name| (name.to_owned(), self.shown(name)));
        Json::Object(shown.collect())
    }

    /// Whether the row comes from a system whose data clients must not change (`mpdx-behaviour.md` 4.3).
    #[must_use]
    pub fn is_locked(&self) -> bool {
        let source = self.get("source").as_text();
        source.is_some_and(|source| !["MPDX", "manual", "TntImport"].contains(&source))
    }
}

/// The source of rows that are made through Steward (design 9).
pub const SOURCE: &str = "MPDX";

/// A row with what its rules look at: what the guard decides on.
#[derive(Clone, Debug)]
pub struct OwnedRow {
    /// The row.
    pub row: Row,
    /// Whether it is there already; a new one is decided on as a row that has nothing.
    pub stored: bool,
    /// The person's other rows of the kind.
    pub others: Arc<[Row]>,
    /// The country in which the person writes phone numbers.
    pub home: country::Id,
}

impl OwnedRow {
    /// Whether `row` is primary once it is written. Part of what an edit comes to, so that what it undoes is seen.
    fn elected(&self, row: &Row) -> Value {
        let mut rows: Vec<Row> = self.others.iter().chain([row]).cloned().collect();
        rows.sort_by_key(|row| (row.created_at, row.id));
        elect(row.kind.primary, &mut rows, Some(row.id));
        rows.iter().find(|other| other.id == row.id).map_or(Value::Null, |row| row.get("primary").clone())
    }
}

impl Guarded for OwnedRow {
    type Changes = RowChanges;

    fn version(&self) -> i64 {
        self.row.version
    }

    fn stamp(&self) -> Stamp {
        self.row.stamp
    }

    fn shown(&self, member: &str) -> Json {
        self.row.shown(member)
    }

    fn changed_since(&self, base: Stamp) -> Vec<Member> {
        let attributes = self.row.kind.attributes.iter();
        let shown = attributes.filter(|attribute| attribute.access != Access::Internal);
        let names = shown.map(|attribute| attribute.name).chain(["created_at"]);
        names.map(Cow::Borrowed).filter(|name: &Member| self.row.stamps.of(name) > base).collect()
    }

    fn written(&self, after: &Self) -> Vec<Member> {
        let names = self.row.kind.attributes.iter().map(|attribute| attribute.name);
        let written = names.filter(|name| self.row.get(name) != after.row.get(name));
        let made = (self.row.created_at != after.row.created_at).then_some("created_at");
        written.chain(made).map(Cow::Borrowed).collect()
    }

    fn changed(&self, after: &Self) -> Vec<Member> {
        self.written(after)
    }

    fn apply(&self, changes: &RowChanges, _: Stamp) -> Applied<Self> {
        let mut row = self.row.clone();
        let mut faults = Vec::new();
        for (name, value) in &changes.values {
            // What the document shows counts as not sent: a phone number is shown in another form than stored.
            if self.row.shown(name) != value.to_json() {
                row.set(name, value.clone());
            }
        }
        row.created_at = changes.created_at.unwrap_or(row.created_at);
        row.updated_at = changes.updated_at.unwrap_or(row.updated_at);
        let mut told: Vec<&str> = changes.faulty.clone();
        for attribute in row.kind.attributes.iter().filter(|attribute| attribute.holds.is_required()) {
            let blank = match row.get(attribute.name) {
                Value::Null => true,
                value => value.as_text().is_some_and(|text| text.trim().is_empty()),
            };
            if blank && !told.contains(&attribute.name) {
                told.push(attribute.name);
                faults.push(fault(changes, Code::Blank, attribute.name, "can't be blank"));
            }
        }
        let before = self.stored.then_some(&self.row);
        let around = Around { before, others: &self.others, home: self.home };
        (row.kind.check)(&mut row, &around, &mut |code, name, message| {
            // A value that is faulty by itself is told once.
            if !told.contains(&name) {
                faults.push(fault(changes, code, name, message));
            }
        });
        let mut ignored = changes.ignored.clone();
        let wanted = row.get("primary").clone();
        row.set("primary", self.elected(&row));
        let overruled = changes.values.contains_key("primary") && wanted != *row.get("primary");
        ignored.extend(overruled.then_some(Cow::Borrowed("primary")));
        let other = changes.read_only.iter().filter(|(name, sent)| row.shown(name) != *sent);
        ignored.extend(other.map(|(name, _)| Cow::Borrowed(*name)));
        let differs = !self.stored || row != self.row;
        let state = Self { row, stored: true, others: Arc::clone(&self.others), home: self.home };
        Applied { state, differs, faults, ignored }
    }

    fn moved(&self, mut after: Self, changed: &[Member], now: Stamp) -> Self {
        // `now` is the person's new stamp, which is later than that of any of his rows.
        after.row.stamp = now;
        if after.row.updated_at == self.row.updated_at {
            after.row.updated_at = now;
        }
        for member in changed {
            after.row.stamps.set(member.clone(), now);
        }
        after
    }
}
