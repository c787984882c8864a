//! Rows that come nested in a PUT of the user: linkage whose elements have attributes, their own or through the
//! top-level `included` (`mpdx-behaviour.md` 3.6; design 2, decision 16).

use super::edit::{Deed, RowEdit, Sent};
use super::kind::Kind;
use super::rows::LIMIT;
use crate::clock::Stamp;
use crate::guard::{Claim, Member};
use crate::id::Id;
use crate::jsonapi::json::Members;
use crate::jsonapi::request::{Included, is_at_member, says_something};
use crate::jsonapi::{Code, Fault, Json, Pointer};

/// What a request does to rows of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedRows {
    /// The kind.
    pub kind: &'static Kind,
    /// The rows, in the order in which they were sent.
    pub edits: Vec<RowEdit>,
}

/// What the request says that its nested rows are read with.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Its base.
    pub claim: &'a Claim,
    /// Whether it asks for a merge.
    pub merge: bool,
    /// When it arrived.
    pub now: Stamp,
}

impl Request<'_> {
    fn merged_from(&self) -> Option<Stamp> {
        self.claim.base.as_ref().filter(|_| self.merge).map(|base| base.stamp)
    }
}

/// The fault of a second element for one row: which of the two is meant?
#[must_use]
pub fn named_twice(at: Pointer) -> Fault {
    Fault::new(Code::InvalidDocument, "The relationship names this row twice.").at(at)
}

/// The attribute that deletes a nested row.
const DESTROY: &str = "_destroy";

/// Reads the linkage `elements` at `at`; `None` where all of them are bare, which writes nothing. Faults of single
/// elements are added to `faults`.
///
/// # Errors
/// The fault of an unreadable stamp, which is answered alone (design 9).
pub fn read(
    kind: &'static Kind,
    (elements, at): (&[Json], &Pointer),
    included: &mut Included,
    request: Request<'_>,
    faults: &mut Vec<Fault>,
) -> Result<Option<NestedRows>, Fault> {
    if !elements.iter().any(|element| says_something(element) || included.asked_for(element).is_some()) {
        return Ok(None);
    }
    let mut nested = NestedRows { kind, edits: Vec::new() };
    if elements.len() > LIMIT {
        let detail = format!("A user can have {LIMIT} rows of a kind.");
        faults.push(Fault::new(Code::TooLong, detail).at(at.clone()));
        return Ok(Some(nested));
    }
    for (i, element) in elements.iter().enumerate() {
        let read = Element { kind, sent: element, at: at.element(i), request }.read(included, faults)?;
        nested.edits.extend(read);
    }
    Ok(Some(nested))
}

/// An element of linkage.
struct Element<'a> {
    kind: &'static Kind,
    sent: &'a Json,
    at: Pointer,
    request: Request<'a>,
}

impl Element<'_> {
    fn read(&self, included: &mut Included, faults: &mut Vec<Fault>) -> Result<Option<RowEdit>, Fault> {
        let Self { kind, sent: element, at, request } = self;
        if element.get("type").and_then(Json::as_str) != Some(kind.name) {
            let detail = format!("The rows of this relationship are of the type `{}`.", kind.name);
            faults.push(Fault::new(Code::TypeConflict, detail).at(at.member("type")));
            return Ok(None);
        }
        let named = match self.id() {
            Ok(named) => named,
            Err(fault) => {
                faults.push(fault);
                return Ok(None);
            }
        };
        let resource = if says_something(element) {
            Some((*element, at.clone()))
        } else if included.asked_for(element) == Some(true) {
            faults.push(named_twice(at.clone()));
            return Ok(None);
        } else {
            included.find(element).map(|resource| (&*resource.object, resource.at.clone()))
        };
        let (object, place) = match (resource, named) {
            (Some(resource), _) => resource,
            (None, Some(id)) => return Ok(Some(RowEdit::bare(id, Deed::Keep, at.clone()))),
            (None, None) => {
                let detail = "An element of linkage needs an id or attributes.";
                faults.push(Fault::new(Code::InvalidDocument, detail).at(at.clone()));
                return Ok(None);
            }
        };
        let (attributes, relationships) =
            (members(object, "attributes", &place)?, members(object, "relationships", &place)?);
        let mut sent = Sent { kind, at: place, attributes, relationships, now: request.now };
        let destroy = match take_destroy(&mut sent) {
            Ok(destroy) => destroy,
            Err(fault) => {
                faults.push(fault);
                return Ok(None);
            }
        };
        let claim = sent.claim()?;
        let mut unheard = Vec::new();
        let deed = match (named, destroy) {
            (Some(_), true) => Deed::Delete,
            (Some(_), false) => Deed::Upsert,
            (None, false) => Deed::Fill,
            (None, true) => {
                let detail = "A row that is to be deleted needs its id.";
                faults.push(Fault::new(Code::InvalidDocument, detail).at(at.clone()));
                return Ok(None);
            }
        };
        // What a row should be is of no matter once it is gone.
        let changes = sent.changes(&claim, included, if destroy { &mut unheard } else { faults });
        let overwrite = request.claim.overwrite || claim.overwrite;
        Ok(Some(RowEdit {
            id: named.unwrap_or_else(Id::random),
            deed,
            changes,
            at: at.clone(),
            base: claim.base.filter(|_| !overwrite),
            merged_from: request.merged_from(),
        }))
    }

    /// The id that was sent; the web client writes the text `undefined` where it has none.
    fn id(&self) -> Result<Option<Id>, Fault> {
        match self.sent.get("id") {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(id)) if id == "undefined" => Ok(None),
            Some(id) => id.as_str().and_then(Id::parse).map(Some).ok_or_else(|| {
                let detail = "An id that a client makes must be a UUID.";
                Fault::new(Code::Invalid, detail).at(self.at.member("id"))
            }),
        }
    }
}

/// A member of a resource object that is an object, without what a reader must not look at (K49).
fn members(object: &Json, name: &str, at: &Pointer) -> Result<Option<Members>, Fault> {
    match object.get(name) {
        Some(Json::Object(members)) => {
            Ok(Some(members.iter().filter(|(name, _)| !is_at_member(name)).cloned().collect()))
        }
        None => Ok(None),
        Some(_) => {
            let detail = format!("`{name}` must be an object.");
            Err(Fault::new(Code::InvalidDocument, detail).at(at.member(name)))
        }
    }
}

/// Takes out whether the row is to be deleted: the spellings of the original's forms are known.
fn take_destroy(sent: &mut Sent) -> Result<bool, Fault> {
    let Some(attributes) = &mut sent.attributes else { return Ok(false) };
    let Some(at) = attributes.iter().position(|(name, _)| name == DESTROY) else { return Ok(false) };
    match attributes.remove(at).1 {
        Json::Bool(destroy) => Ok(destroy),
        Json::Null => Ok(false),
        Json::String(text) if text == "1" || text == "true" => Ok(true),
        Json::String(text) if text == "0" || text == "false" => Ok(false),
        Json::Number(number) if number == "1" => Ok(true),
        Json::Number(number) if number == "0" => Ok(false),
        _ => {
            let at = sent.at.member("attributes").member(DESTROY);
            Err(Fault::attribute(Code::WrongType, DESTROY, "must be true or false", at))
        }
    }
}

/// What an attribute of a row is called in an answer about the user: `email_addresses/<id>.location`.
#[must_use]
pub fn member(kind: &Kind, id: Id, attribute: &Member) -> Member {
    Member::Owned(format!("{}/{id}.{attribute}", kind.name))
}
