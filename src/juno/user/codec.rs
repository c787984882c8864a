//! Users of JUNO in the two forms that clients write and read: documents of JSON:API, and the flat object that JUNO
//! documents. Both come to the same [`Changes`] and from the same [`View`].

pub mod document;
pub mod flat;

use std::collections::BTreeMap;

use super::changes::{Changes, Sent, SentValue};
use super::field::{FIELDS, Field, Takes, Value};
use super::values;
use super::view::View;
use crate::clock::Stamp;
use crate::id::Id;
use crate::jsonapi::json::Members;
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::juno::attributes::Attributes;
use crate::juno::refusals;

/// So many tags, or values of dimensions, are taken in one request; a database takes some ten thousand values at a time.
const MOST: usize = 1_000;

/// What a body says, as far as that can be told without what is stored.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    changes: Changes,
    faults: Vec<Fault>,
    doubts: Vec<Doubt>,
    kept: Vec<Kept>,
}

/// A value that is refused unless it is the one that is shown: what is read can always be sent back.
#[derive(Clone, Debug)]
struct Doubt {
    field: &'static Field,
    sent: Json,
    fault: Fault,
}

/// A value of a dimension that is named, and so stays.
#[derive(Clone, Debug)]
struct Kept {
    dimension: i64,
    at: Pointer,
}

impl Reading {
    /// What is to be changed of a user as he is shown now, or of nobody.
    ///
    /// # Errors
    /// All that is wrong with what was sent.
    pub fn settle(self, now: Option<&View>) -> Result<Changes, Vec<Fault>> {
        let Self { mut changes, mut faults, doubts, kept } = self;
        let is_shown = |doubt: &Doubt| now.is_some_and(|view| shown(view, doubt.field) == doubt.sent);
        faults.extend(doubts.into_iter().filter(|doubt| !is_shown(doubt)).map(|doubt| doubt.fault));
        for Kept { dimension, at } in kept {
            let found = now.and_then(|view| view.dimensions.iter().find(|value| value.id == dimension));
            match (found, &mut changes.dimensions) {
                (Some(found), Some(values)) => values.push(SentValue {
                    id: Some(dimension),
                    name: None,
                    value: Some(found.value.clone()),
                    at,
                }),
                _ => faults.push(refusals::unknown_related("DimensionValue", &dimension.to_string(), at)),
            }
        }
        if faults.is_empty() { Ok(changes) } else { Err(faults) }
    }

    /// Whether what is stored has to be known before [`Self::settle`].
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.doubts.is_empty() || !self.kept.is_empty()
    }

    /// Takes the fields out of what was sent; those that somebody who is to be made needs must be there.
    fn take_fields(&mut self, sent: &mut Attributes, is_new: bool) {
        let mut fields = BTreeMap::new();
        for field in &FIELDS {
            let needed = matches!(field.takes, Takes::Email | Takes::Name { required: true });
            match sent.take(field.name) {
                None if is_new && needed => sent.miss(field.name),
                None => {}
                Some(_) if field.takes == Takes::Time => {}
                Some(value) => {
                    let value = self.take(field, value, sent.at(field.name));
                    fields.extend(value.map(|value| (field.name, value)));
                }
            }
        }
        self.changes.fields = fields;
    }

    fn take(&mut self, field: &'static Field, sent: Json, at: Pointer) -> Option<Sent> {
        match values::read(field.takes, &sent) {
            Ok(value) => Some(Sent { value, at }),
            Err(message) => {
                let fault = Fault::attribute(message.code, field.name, message.text, at);
                if matches!(fault.code, Code::WrongType | Code::Blank) {
                    self.faults.push(fault);
                } else {
                    self.doubts.push(Doubt { field, sent, fault });
                }
                None
            }
        }
    }
}

/// What documents show of a field.
fn shown(view: &View, field: &Field) -> Json {
    let time = match field.name {
        "date_created" => view.profile.created_at,
        "date_last_login" => view.profile.last_login_at,
        "date_updated" => Some(view.updated_at),
        _ => None,
    };
    match view.fields.get(field.name) {
        _ if field.takes == Takes::Time => time.map(|time: Stamp| time.to_string()).into(),
        None => Json::Null,
        Some(Value::Text(text)) => text.as_str().into(),
        Some(Value::Number(number)) => (*number).into(),
        Some(Value::Flag(flag)) => (*flag).into(),
    }
}

/// The id of a value of a dimension: a user has one of each at most.
#[must_use]
pub fn value_id(user: i64, dimension: i64) -> String {
    format!("{user}-{dimension}")
}

/// An id that was sent as a number or as its text.
fn id_text(sent: &Json) -> Option<&str> {
    match sent {
        Json::String(id) | Json::Number(id) => Some(id),
        _ => None,
    }
}

/// The id of a tag.
fn tag_id(sent: Option<&Json>, at: &Pointer) -> Result<i64, Fault> {
    let id = sent.and_then(id_text);
    let id =
        id.ok_or_else(|| Fault::new(Code::InvalidDocument, "A tag is named by its id.").at(at.clone()))?;
    let unknown = || Fault::new(Code::UnknownTag, format!("Couldn't find Tag with 'id'={id}")).at(at.clone());
    id.parse().map_err(|_| unknown())
}

/// How strong the link to a tag is, where that was sent.
fn score(sent: Option<Json>, at: impl FnOnce() -> Pointer) -> Result<Option<i32>, Fault> {
    let Some(sent) = sent else { return Ok(None) };
    let number = values::whole(&sent).and_then(|number| i32::try_from(number).ok());
    let message = || format!("must be a whole number from 0 to {}", i32::MAX);
    match number {
        Some(score @ 0..) => Ok(Some(score)),
        _ => Err(Fault::attribute(Code::OutOfRange, "score", message(), at())),
    }
}

/// The members of an object.
fn members(sent: Json, at: &Pointer) -> Result<Members, Fault> {
    match sent {
        Json::Object(members) => Ok(members),
        _ => Err(shape("This must be an object.", at)),
    }
}

fn elements(sent: Json, at: &Pointer) -> Result<Vec<Json>, Fault> {
    match sent {
        Json::Array(elements) if elements.len() > MOST => {
            let detail = format!("At most {MOST} are taken at once.");
            Err(Fault::new(Code::TooLong, detail).at(at.clone()))
        }
        Json::Array(elements) => Ok(elements),
        _ => Err(shape("This must be an array.", at)),
    }
}

fn shape(detail: &str, at: &Pointer) -> Fault {
    Fault::new(Code::InvalidDocument, detail).at(at.clone())
}

/// The person who is to be the user.
fn person(text: &str, at: Pointer) -> Result<(Id, Pointer), Fault> {
    match Id::parse(text) {
        Some(id) => Ok((id, at)),
        None => Err(refusals::unknown_related("User", text, at)),
    }
}
