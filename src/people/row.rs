//! A row that a person owns.

use std::borrow::Cow;

use super::edit::RowChanges;
use super::kind::{Access, Attribute, Kind, Type};
use crate::clock::Stamp;
use crate::guard::Member;
use crate::guard::base::STAMP;
use crate::guard::member_stamps::MemberStamps;
use crate::id::Id;
use crate::jsonapi::Json;

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
    /// A time.
    Time(Stamp),
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

    /// The id of an id.
    #[must_use]
    pub fn as_id(&self) -> Option<Id> {
        match self {
            Self::Id(id) => Some(*id),
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
            Self::Time(at) => at.to_string().into(),
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

    /// The value that no other row of the kind may have, where there is such an attribute.
    #[must_use]
    pub fn unique(&self) -> Option<&str> {
        self.kind.unique().and_then(|name| self.get(name).as_text())
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
    /// 9). A value that comes to what is stored already is no change, however it is spelled; but JUNO, which shows what
    /// was sent, says itself what to keep.
    pub fn set_normalized(&mut self, name: &str, normal: &str, sent_name: &str, before: Option<&Self>) {
        let (normal, sent) = (Value::Text(normal.to_owned()), self.get(name).clone());
        let stored = before.map_or(&Value::Null, |before| before.get(sent_name));
        let beside = if self.get(sent_name) != stored {
            self.get(sent_name).clone()
        } else if before.is_some_and(|before| *before.get(name) == normal) {
            stored.clone()
        } else {
            sent
        };
        self.set(sent_name, if beside == normal { Value::Null } else { beside });
        self.set(name, normal);
    }

    /// The attributes that documents show, in the order of their names.
    #[must_use]
    pub fn shown_names(&self) -> Vec<&'static str> {
        let shown = |attribute: &&Attribute| {
            matches!(attribute.access, Access::Open | Access::ReadOnly) && !attribute.holds.is_relationship()
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

    /// The attributes that must be there and are blank.
    #[must_use]
    pub fn blanks(&self) -> Vec<&'static str> {
        let required = self.kind.attributes.iter().filter(|attribute| attribute.holds.is_required());
        let blank = |name: &&'static str| match self.get(name) {
            Value::Null => true,
            value => value.as_text().is_some_and(|text| text.trim().is_empty()),
        };
        required.map(|attribute| attribute.name).filter(blank).collect()
    }

    /// Whether two rows agree in attributes of which none is null.
    #[must_use]
    pub fn is_like(&self, other: &Self, names: &[&str]) -> bool {
        let agrees = |name: &&str| *self.get(name) != Value::Null && self.get(name) == other.get(name);
        !names.is_empty() && names.iter().all(agrees)
    }

    /// Sets what was sent. What the document shows counts as not sent: a phone number is shown in another form than
    /// it is stored in.
    pub fn set_sent(&mut self, changes: &RowChanges) {
        for (name, value) in &changes.values {
            if self.shown(name) != value.to_json() {
                self.set(name, value.clone());
            }
        }
        self.created_at = changes.created_at.unwrap_or(self.created_at);
        self.updated_at = changes.updated_at.unwrap_or(self.updated_at);
    }

    /// The attributes that were changed after `base`.
    #[must_use]
    pub fn changed_since(&self, base: Stamp) -> Vec<Member> {
        let attributes = self.kind.attributes.iter();
        let shown = attributes.filter(|attribute| attribute.access != Access::Internal);
        let names = shown.map(|attribute| attribute.name).chain(["created_at"]);
        names.map(Cow::Borrowed).filter(|name: &Member| self.stamps.of(name) > base).collect()
    }

    /// The attributes whose stored values are others in `after`.
    #[must_use]
    pub fn written(&self, after: &Self) -> Vec<Member> {
        let names = self.kind.attributes.iter().map(|attribute| attribute.name);
        let written = names.filter(|name| self.get(name) != after.get(name));
        let made = (self.created_at != after.created_at).then_some("created_at");
        written.chain(made).map(Cow::Borrowed).collect()
    }

    /// The row as the write of a person's state stamps it; `before` is what was stored of it.
    #[must_use]
    pub fn stamped(mut self, before: Option<&Self>, version: i64, at: Stamp) -> Self {
        if before == Some(&self) {
            return self;
        }
        for member in before.map(|before| before.written(&self)).unwrap_or_default() {
            self.stamps.set(member, at);
        }
        self.version = version;
        self.stamp = at;
        self
    }

    /// What the row is called in what is told of its person: `email_addresses/<id>`.
    #[must_use]
    pub fn member(&self) -> Member {
        Cow::Owned(format!("{}/{}", self.kind.name, self.id))
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
