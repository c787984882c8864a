//! The envelope of a write: the request document walked by hand, so that each fault points at a value that was
//! sent. Wording and order of the faults: `mpdx-behaviour.md` 3.3.

mod included;

pub use included::{Included, IncludedResource, says_something};

use super::error::{Code, Fault};
use super::json::{Json, Members, find};
use super::pointer::Path;

/// What an endpoint takes.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// The type of its resources.
    pub kind: &'static str,
    /// Attributes whose names end in `_id` although they are no foreign keys.
    pub id_attributes: &'static [&'static str],
    /// Relationships whose identifiers the documents themselves show without a `type`.
    pub untyped: &'static [&'static str],
}

/// A resource object as it was sent, its envelope checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceObject {
    /// `data.id`; the web client's text `undefined` counts as not sent.
    pub id: Option<String>,
    /// `data.attributes`.
    pub attributes: Option<Members>,
    /// `data.relationships`; each value is an object that has `data`.
    pub relationships: Option<Members>,
    /// `data.meta.on_conflict` is `merge`: the client asks for a merge (design 3).
    pub merge: bool,
    /// The top-level `included`.
    pub included: Included,
}

/// Reads the document of a create or an update. Top-level `included`, `jsonapi`, `meta`, `include` and `fields` are
/// tolerated (design 2, decision 20).
///
/// # Errors
/// The first fault of the envelope.
pub fn read(document: Json, expected: Expected) -> Result<ResourceObject, Fault> {
    let root = Path::ROOT;
    let Json::Object(mut top) = document else {
        return Err(shape("The document must be an object.", &root));
    };
    let included = take(&mut top, "included");
    let data = match take(&mut top, "data") {
        None => return Err(type_missing(&root.member("data"), &root)),
        Some(Json::Null) => return Err(type_missing(&root.member("data"), &root.member("data"))),
        Some(Json::Object(data)) => data,
        Some(_) => return Err(shape("`data` must be one resource object.", &root.member("data"))),
    };
    let resource = resource(data, expected)?;
    Ok(ResourceObject { included: Included::read(included, expected)?, ..resource })
}

fn resource(mut data: Members, expected: Expected) -> Result<ResourceObject, Fault> {
    let at = Path::ROOT;
    let at = at.member("data");
    check_type(&data, expected.kind, &at)?;
    let id = match take(&mut data, "id") {
        None | Some(Json::Null) => None,
        Some(Json::String(id)) if id == "undefined" => None,
        Some(Json::String(id)) => Some(id),
        Some(_) => return Err(shape("`id` must be a string.", &at.member("id"))),
    };
    let attributes = object(take(&mut data, "attributes"), &at.member("attributes"))?;
    if let Some(attributes) = &attributes {
        check_attributes(attributes, expected, &at.member("attributes"))?;
    }
    let relationships = object(take(&mut data, "relationships"), &at.member("relationships"))?;
    if let Some(relationships) = &relationships {
        check_relationships(relationships, expected, &at.member("relationships"))?;
    }
    let merge = match take(&mut data, "meta").as_ref().and_then(|meta| meta.get("on_conflict")) {
        None | Some(Json::Null) => false,
        Some(Json::String(text)) if text == "merge" => true,
        Some(Json::String(text)) if text == "refuse" => false,
        Some(_) => {
            let meta = at.member("meta");
            return Err(shape("`on_conflict` must be \"merge\" or \"refuse\".", &meta.member("on_conflict")));
        }
    };
    if attributes.is_none() && relationships.is_none() {
        return Err(shape("`data` must have `attributes` or `relationships`.", &at));
    }
    Ok(ResourceObject { id, attributes, relationships, merge, included: Included::default() })
}

fn check_type(data: &Members, expected: &str, at: &Path<'_>) -> Result<(), Fault> {
    match find(data, "type") {
        Some(Json::String(kind)) if kind == expected => Ok(()),
        Some(Json::String(kind)) if !kind.is_empty() => Err(Fault::new(
            Code::TypeConflict,
            format!("'{kind}' is not a valid resource type for this endpoint. Expected '{expected}' instead"),
        )
        .at(at.member("type").pointer())),
        sent => require_type(sent, at),
    }
}

/// Every resource object and identifier in a request needs a type.
fn require_type(sent: Option<&Json>, at: &Path<'_>) -> Result<(), Fault> {
    match sent {
        Some(Json::String(kind)) if !kind.is_empty() => Ok(()),
        None => Err(type_missing(at, at)),
        Some(Json::Null | Json::String(_)) => Err(type_missing(at, &at.member("type"))),
        Some(_) => Err(shape("`type` must be a string.", &at.member("type"))),
    }
}

fn check_attributes(attributes: &Members, expected: Expected, at: &Path<'_>) -> Result<(), Fault> {
    for (name, _) in attributes.iter().filter(|(name, _)| !is_at_member(name)) {
        if name == "id" {
            let place = at.member(name).pointer();
            let detail = format!(
                "A primary key, if sent in a request, CANNOT be referenced in the #attributes of a JSONAPI resource \
                 object. It must instead be sent as a top level member of the resource's `data` object. Reference: \
                 `{place}`. Expected `/data/id`"
            );
            return Err(Fault::new(Code::ReservedAttribute, detail).at(place));
        }
        if name.ends_with("_id") && !expected.id_attributes.contains(&name.as_str()) {
            let place = at.member(name).pointer();
            let detail = format!(
                "Foreign keys SHOULD NOT be referenced in the #attributes of a JSONAPI resource object. Reference: \
                 {place}"
            );
            return Err(Fault::new(Code::ReservedAttribute, detail).at(place));
        }
    }
    Ok(())
}

fn check_relationships(relationships: &Members, expected: Expected, at: &Path<'_>) -> Result<(), Fault> {
    for (name, relationship) in relationships.iter().filter(|(name, _)| !is_at_member(name)) {
        let place = at.member(name);
        let Some(data) = relationship.get("data") else {
            return Err(shape("A relationship must be an object with `data`.", &place));
        };
        let place = place.member("data");
        match data {
            Json::Null => {}
            Json::Object(_) => linked(name, data, expected, &place)?,
            Json::Array(elements) => {
                for (i, element) in elements.iter().enumerate() {
                    linked(name, element, expected, &place.element(i))?;
                }
            }
            _ => return Err(shape("Linkage must be null, an object or an array.", &place)),
        }
    }
    Ok(())
}

/// An element of linkage; clients of the original nest whole resource objects here.
fn linked(name: &str, element: &Json, expected: Expected, at: &Path<'_>) -> Result<(), Fault> {
    let Json::Object(members) = element else {
        return Err(shape("Linkage must hold resource identifier objects.", at));
    };
    if !(expected.untyped.contains(&name) && find(members, "type").is_none()) {
        require_type(find(members, "type"), at)?;
    }
    nested(members, expected, at)
}

fn nested(members: &Members, expected: Expected, at: &Path<'_>) -> Result<(), Fault> {
    // Included resources are of other types, which name their remote ids as the original lets them.
    let expected = Expected { id_attributes: &["remote_id"], ..expected };
    if let Some(Json::Object(attributes)) = find(members, "attributes") {
        check_attributes(attributes, expected, &at.member("attributes"))?;
    }
    if let Some(Json::Object(relationships)) = find(members, "relationships") {
        check_relationships(relationships, expected, &at.member("relationships"))?;
    }
    Ok(())
}

fn object(sent: Option<Json>, at: &Path<'_>) -> Result<Option<Members>, Fault> {
    match sent {
        None => Ok(None),
        Some(Json::Object(mut members)) => {
            members.retain(|(name, _)| !is_at_member(name));
            Ok(Some(members))
        }
        Some(_) => Err(shape(format!("`{}` must be an object.", at.pointer()), at)),
    }
}

/// Members that a reader must not look at (K49).
#[must_use]
pub fn is_at_member(name: &str) -> bool {
    name.starts_with('@')
}

fn take(members: &mut Members, name: &str) -> Option<Json> {
    let at = members.iter().position(|(n, _)| n == name)?;
    Some(members.remove(at).1)
}

fn shape(detail: impl Into<String>, at: &Path<'_>) -> Fault {
    Fault::new(Code::InvalidDocument, detail).at(at.pointer())
}

/// The fault of a resource at `object` that has no type, lying in the innermost value `at` that was sent.
fn type_missing(object: &Path<'_>, at: &Path<'_>) -> Fault {
    let missing = object.member("type").pointer();
    let detail = format!(
        "JSONAPI resource objects MUST contain a `type` top-level member of its hash for POST and PATCH requests. \
         Expected to find a `type` member at {missing}"
    );
    Fault::new(Code::TypeConflict, detail).at(at.pointer())
}
