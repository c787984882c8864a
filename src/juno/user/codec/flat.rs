//! Users of JUNO as the object that JUNO documents (`juno-user-payload.txt`), in which dimensions and tags are arrays.

use super::{Reading, elements, id_text, members, score, shape, shown, tag_id};
use crate::error::Error;
use crate::jsonapi::json::Members;
use crate::jsonapi::query::Fieldsets;
use crate::jsonapi::{Fault, Json, Pointer};
use crate::juno::attributes::Attributes;
use crate::juno::profile::KIND;
use crate::juno::refusals;
use crate::juno::resource::object;
use crate::juno::user::changes::{SentTag, SentValue};
use crate::juno::user::field::{FIELDS, Field, Takes};
use crate::juno::user::values;
use crate::juno::user::view::{ShownTag, ShownValue, View};

/// What stands for a time that is not known, or never was.
const NEVER: &str = "1900-01-01T00:00:00";

/// Reads the object of a user with the id `own`, or of one who is to be made.
///
/// # Errors
/// 400 for what is no object; 409 for another id, 403 for any where the server makes them.
pub fn read(body: Json, own: Option<i64>) -> Result<Reading, Error> {
    let root = Pointer::root();
    let mut sent = Attributes::within(members(body, &root)?, root.clone());
    if let Some(id) = sent.take("id") {
        let at = root.member("id");
        let text = id_text(&id).ok_or_else(|| shape("`id` must be a number.", &at))?;
        match own {
            Some(own) => refusals::check_id(Some(text), own, at)?,
            None => return Err(refusals::client_id(at)),
        }
    }
    let mut reading = Reading::default();
    reading.take_fields(&mut sent, own.is_none());
    let (tags, dimensions) = (sent.take("tags"), sent.take("dimensions"));
    let mut faults = sent.faults(None);
    reading.changes.tags = all(tags, &root.member("tags"), tag, &mut faults);
    reading.changes.dimensions = all(dimensions, &root.member("dimensions"), dimension, &mut faults);
    reading.faults.splice(0..0, faults);
    Ok(reading)
}

/// What the elements of an array say, where it was sent.
fn all<T>(
    sent: Option<Json>,
    at: &Pointer,
    read: impl Fn(Attributes, Pointer) -> Result<T, Vec<Fault>>,
    faults: &mut Vec<Fault>,
) -> Option<Vec<T>> {
    let elements = elements(sent?, at).map_err(|fault| faults.push(fault)).ok()?;
    let mut entries = Vec::new();
    for (i, element) in elements.into_iter().enumerate() {
        let at = at.element(i);
        let entry = members(element, &at).map_err(|fault| vec![fault]);
        match entry.and_then(|entry| read(Attributes::within(entry, at.clone()), at)) {
            Ok(entry) => entries.push(entry),
            Err(wrong) => faults.extend(wrong),
        }
    }
    Some(entries)
}

/// A tag. What it is called and its type are its own, and not looked at.
fn tag(mut sent: Attributes, at: Pointer) -> Result<SentTag, Vec<Fault>> {
    for own in ["name", "type", "type_name"] {
        sent.take(own);
    }
    let id = tag_id(sent.take("id").as_ref(), &at);
    let score = score(sent.take("score"), || at.member("score"));
    let mut faults = sent.faults(None);
    match (id, score) {
        (Ok(id), Ok(score)) if faults.is_empty() => Ok(SentTag { id, score, at }),
        (id, score) => {
            faults.extend([id.err(), score.err()].into_iter().flatten());
            Err(faults)
        }
    }
}

/// A value of a dimension, which is named by its id or by its name.
fn dimension(mut sent: Attributes, at: Pointer) -> Result<SentValue, Vec<Fault>> {
    let id = match sent.take("id") {
        None | Some(Json::Null) => None,
        Some(id) => {
            let whole = values::whole(&id);
            if whole.is_none() {
                sent.add(shape("The id of a dimension is a number.", &at.member("id")));
            }
            whole
        }
    };
    let name = sent.name("name");
    if id.is_none() && name.is_none() {
        sent.add(shape("A dimension is named by its id or its name.", &at));
    }
    let value = match sent.take("value") {
        None => {
            sent.miss("value");
            None
        }
        Some(value) => {
            let takes = id.and_then(Field::of_dimension).map(|field| field.takes);
            values::of_dimension(takes, &value).unwrap_or_else(|message| {
                let at = at.member("value");
                sent.add(Fault::attribute(message.code, "value", message.text, at));
                None
            })
        }
    };
    sent.end(None, SentValue { id, name, value, at })
}

/// The object of a user; `legacy` writes flags as JUNO's example does, as texts.
#[must_use]
pub fn object_of(view: &View, legacy: bool, fields: &Fieldsets) -> Json {
    let mut members: Members = vec![("id".to_owned(), view.profile.id.into())];
    members
        .extend(FIELDS.iter().map(|field| (field.name.to_owned(), flat(shown(view, field), field, legacy))));
    members.push(("tags".to_owned(), view.tags.iter().map(shown_tag).collect()));
    members.push(("dimensions".to_owned(), view.dimensions.iter().map(shown_value).collect()));
    members.retain(|(name, _)| name == "id" || fields.allows(KIND, name));
    Json::Object(members)
}

fn flat(value: Json, field: &Field, legacy: bool) -> Json {
    match (field.takes, value) {
        (Takes::Time, Json::String(time)) => time.trim_end_matches('Z').into(),
        (Takes::Time, _) => NEVER.into(),
        (Takes::Flag, Json::Bool(flag)) if legacy => flag.to_string().into(),
        (_, value) => value,
    }
}

fn shown_tag(tag: &ShownTag) -> Json {
    object([
        ("id", tag.id.to_string().into()),
        ("name", tag.name.as_str().into()),
        ("type", tag.of_type.to_string().into()),
        ("type_name", tag.type_name.as_str().into()),
        ("score", tag.score.to_string().into()),
    ])
}

fn shown_value(value: &ShownValue) -> Json {
    object([
        ("id", value.id.into()),
        ("name", value.name.as_str().into()),
        ("value", value.value.as_str().into()),
    ])
}
