//! Users of JUNO as documents of JSON:API (`juno.md` 1.6).

use super::{Kept, Reading, elements, id_text, members, person, score, shape, shown, tag_id, value_id};
use crate::error::Error;
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::request::{self, Expected};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::juno::attributes::Attributes;
use crate::juno::profile::KIND;
use crate::juno::refusals;
use crate::juno::resource::{Resource, identifier, object, path};
use crate::juno::user::changes::{SentTag, SentValue};
use crate::juno::user::field::{FIELDS, Field};
use crate::juno::user::values;
use crate::juno::user::view::{ShownTag, View};

/// The type of the values of dimensions.
pub const VALUES: &str = "dimension_values";

/// The type of tags.
pub const TAGS: &str = "tags";

const EXPECTED: Expected = Expected { kind: KIND, id_attributes: &["client_id"], untyped: &[] };

/// Reads the document of a user with the id `own`, or of one who is to be made.
///
/// # Errors
/// What is wrong with its envelope; 409 for another id, 403 for any where the server makes them.
pub fn read(document: Json, own: Option<i64>) -> Result<Reading, Error> {
    let mut resource = request::read(without_links(document), EXPECTED)?;
    match own {
        Some(own) => refusals::check_id(resource.id.as_deref(), own, refusals::data_id())?,
        None if resource.id.is_some() => return Err(refusals::client_id(refusals::data_id())),
        None => {}
    }
    let mut sent = Attributes::of(resource.attributes.take());
    let mut reading = Reading::default();
    reading.take_fields(&mut sent, own.is_none());
    let mut relationships = resource.relationships.unwrap_or_default();
    let place = Pointer::root().member("data").member("relationships");
    let mut take = |name: &str| {
        let at = relationships.iter().position(|(sent, _)| sent == name)?;
        let (_, relationship) = relationships.remove(at);
        let data = relationship.get("data").cloned().unwrap_or(Json::Null);
        Some((data, place.member(name).member("data")))
    };
    let related = [take("user"), take(TAGS), take(VALUES), take("ce_records")];
    if let Err(faults) = reading.relate(related, own) {
        reading.faults.extend(faults);
    }
    let faults = sent.faults(Some(&relationships));
    reading.faults.splice(0..0, faults);
    Ok(reading)
}

/// The document without what has links and no linkage, which clients send back.
fn without_links(mut document: Json) -> Json {
    fn member<'a>(json: &'a mut Json, name: &str) -> Option<&'a mut Json> {
        let Json::Object(members) = json else { return None };
        members.iter_mut().find(|(sent, _)| sent == name).map(|(_, value)| value)
    }
    let relationships = member(&mut document, "data").and_then(|data| member(data, "relationships"));
    if let Some(Json::Object(relationships)) = relationships {
        let is_link = |sent: &Json| sent.get("data").is_none() && sent.get("links").is_some();
        relationships.retain(|(name, sent)| name != "ce_records" || !is_link(sent));
    }
    document
}

type Related = Option<(Json, Pointer)>;

impl Reading {
    fn relate(&mut self, related: [Related; 4], own: Option<i64>) -> Result<(), Vec<Fault>> {
        let [user, tags, values, records] = related;
        let mut faults = Vec::new();
        if let Some((data, at)) = user {
            match named_person(&data, at) {
                Ok(person) => self.changes.person = person,
                Err(fault) => faults.push(fault),
            }
        }
        if let Some((data, at)) = tags {
            match sent_tags(data, &at) {
                Ok(tags) => self.changes.tags = Some(tags),
                Err(tags) => faults.extend(tags),
            }
        }
        if let Some((data, at)) = values {
            match self.relate_values(data, &at, own) {
                Ok(values) => self.changes.dimensions = Some(values),
                Err(values) => faults.extend(values),
            }
        }
        if let Some((_, at)) = records {
            faults.push(Fault::new(Code::ReadOnly, "Records are made and deleted by themselves.").at(at));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn relate_values(
        &mut self,
        data: Json,
        at: &Pointer,
        own: Option<i64>,
    ) -> Result<Vec<SentValue>, Vec<Fault>> {
        let (mut values, mut faults) = (Vec::new(), Vec::new());
        for (i, element) in elements(data, at).map_err(|fault| vec![fault])?.into_iter().enumerate() {
            match linked_value(element, at.element(i), own) {
                Ok(Linked::Value(value)) => values.push(value),
                Ok(Linked::Kept(kept)) => self.kept.push(kept),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(values) } else { Err(faults) }
    }
}

/// The person of the relationship `user`; none where it is null.
fn named_person(data: &Json, at: Pointer) -> Result<Option<(crate::id::Id, Pointer)>, Fault> {
    if matches!(data, Json::Null) {
        return Err(Fault::attribute(Code::Blank, "user", "can't be blank", at));
    }
    if !matches!(data, Json::Object(_)) {
        return Err(shape("A user of JUNO is one person.", &at));
    }
    check_type(data, "users", &at)?;
    let id = data.get("id").and_then(Json::as_str);
    let id = id.ok_or_else(|| shape("The person is named by his id.", &at))?;
    let place = at.member("id");
    person(id, place).map(Some)
}

/// Reads the linkage of tags, which is found at `at`.
///
/// # Errors
/// All that is wrong with it.
pub fn sent_tags(data: Json, at: &Pointer) -> Result<Vec<SentTag>, Vec<Fault>> {
    let (mut tags, mut faults) = (Vec::new(), Vec::new());
    for (i, element) in elements(data, at).map_err(|fault| vec![fault])?.into_iter().enumerate() {
        let at = at.element(i);
        let tag = check_type(&element, TAGS, &at).and_then(|()| {
            let id = tag_id(element.get("id"), &at)?;
            let sent = element.get("meta").and_then(|meta| meta.get("score")).cloned();
            let score = score(sent, || at.member("meta").member("score"))?;
            Ok(SentTag { id, score, at: at.clone() })
        });
        match tag {
            Ok(tag) => tags.push(tag),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(tags) } else { Err(faults) }
}

enum Linked {
    Value(SentValue),
    Kept(Kept),
}

/// A value of a dimension as linkage names it. What is in `meta` is what entries of the flat object say: a value that is
/// not there yet has no id, and a value that is not told stays.
fn linked_value(element: Json, at: Pointer, own: Option<i64>) -> Result<Linked, Fault> {
    check_type(&element, VALUES, &at)?;
    let element = members(element, &at)?;
    let meta = find(&element, "meta");
    let member = |name: &str| meta.and_then(|meta| meta.get(name));
    let by_id = match find(&element, "id") {
        None => None,
        Some(id) => Some(own_value(id, at.member("id"), own)?),
    };
    let by_meta = member("dimension").map(|id| {
        let wrong = || shape("A dimension is named by its id.", &at.member("meta").member("dimension"));
        values::whole(id).ok_or_else(wrong)
    });
    let id = by_id.or(by_meta.transpose()?);
    let name = match member("name") {
        None => None,
        Some(Json::String(name)) => Some(name.clone()),
        Some(_) => return Err(shape("A name is a text.", &at.member("meta").member("name"))),
    };
    let Some(value) = member("value") else {
        return match id {
            Some(dimension) => Ok(Linked::Kept(Kept { dimension, at })),
            None => Err(shape("A value is named by its id, or told in `meta`.", &at)),
        };
    };
    if id.is_none() && name.is_none() {
        return Err(shape("`meta` must tell the `dimension` of the value, or its `name`.", &at));
    }
    let takes = id.and_then(Field::of_dimension).map(|field| field.takes);
    let value = values::of_dimension(takes, value).map_err(|message| {
        Fault::attribute(message.code, "value", message.text, at.member("meta").member("value"))
    })?;
    // Names and values of the flat object are members of the entry; here those of its `meta`.
    Ok(Linked::Value(SentValue { id, name, value, at: at.member("meta") }))
}

/// The dimension of a value whose id was sent.
fn own_value(sent: &Json, at: Pointer, own: Option<i64>) -> Result<i64, Fault> {
    let text = id_text(sent).unwrap_or_default();
    let parts = text.split_once('-');
    let parts = parts.and_then(|(user, of)| Some((user.parse::<i64>().ok()?, of.parse::<i64>().ok()?)));
    match parts {
        Some((user, dimension)) if Some(user) == own => Ok(dimension),
        _ => Err(refusals::unknown_related("DimensionValue", text, at)),
    }
}

fn check_type(element: &Json, expected: &str, at: &Pointer) -> Result<(), Fault> {
    match element.get("type") {
        Some(Json::String(kind)) if kind == expected => Ok(()),
        Some(Json::String(kind)) => {
            let detail =
                format!("'{kind}' is not the type of this relationship. Expected '{expected}' instead");
            Err(Fault::new(Code::TypeConflict, detail).at(at.member("type")))
        }
        _ => Err(shape("A resource identifier has a type.", at)),
    }
}

/// The resource object of a user.
#[must_use]
pub fn resource(view: &View) -> Resource {
    let id = view.profile.id;
    let attributes = FIELDS.iter().map(|field| (field.name, shown(view, field))).collect();
    let values = view.dimensions.iter().map(|value| identifier(VALUES, value_id(id, value.id))).collect();
    let records = format!("{}/{id}/ce_records", path(KIND));
    let links = object([("related", records.into())]);
    Resource::new(KIND, id, attributes)
        .related("user", identifier("users", view.person().to_string()))
        .related(TAGS, view.tags.iter().map(linked_tag).collect())
        .related(VALUES, values)
        .relationship("ce_records", object([("links", links)]))
}

/// The identifier of a tag of a user, with what the link says.
#[must_use]
pub fn linked_tag(tag: &ShownTag) -> Json {
    let meta = [
        ("score", tag.score.into()),
        ("preferred", tag.preferred.into()),
        ("origin", tag.origin.as_str().into()),
    ];
    let mut members: Members = vec![("id".to_owned(), tag.id.to_string().into())];
    members.push(("type".to_owned(), TAGS.into()));
    members.push(("meta".to_owned(), object(meta)));
    Json::Object(members)
}
