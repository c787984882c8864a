//! From the documents of the three writes of a row to edits.

use super::edit::{Deed, RowEdit, expected, read};
use super::kind::Kind;
use crate::clock::Stamp;
use crate::error::Error;
use crate::guard::precondition::Conditions;
use crate::guard::{Claim, Edit};
use crate::id::Id;
use crate::jsonapi::request::ResourceObject;
use crate::jsonapi::{Code, ErrorObject, Json, Pointer, request};

/// Reads what is to be made. The client may make the id; a stamp is taken and means nothing, since there is no state
/// that it could be compared with.
///
/// # Errors
/// 400 and 409 for the envelope, an id that is no UUID, and an unreadable stamp.
pub fn creation(kind: &'static Kind, document: Json, now: Stamp) -> Result<Edit<RowEdit>, Error> {
    let mut resource = request::read(document, expected(kind))?;
    let id = client_id(&mut resource)?;
    let mut edit = read(kind, (id, Deed::Create), resource, Conditions::default(), now)?;
    edit.claim = Claim { base: None, overwrite: true };
    Ok(edit)
}

/// The id that a client has made for a new resource, else another one.
///
/// # Errors
/// 400 for one that is no UUID.
pub fn client_id(resource: &mut ResourceObject) -> Result<Id, Error> {
    let id = resource.id.take().map(|id| Id::parse(&id).ok_or_else(invalid_id)).transpose()?;
    Ok(id.unwrap_or_else(Id::random))
}

/// Refuses the one condition that no creation can meet.
///
/// # Errors
/// 412.
pub fn refuse_if_match(conditions: &Conditions) -> Result<(), Error> {
    if conditions.if_match.is_none() {
        return Ok(());
    }
    let detail = "If-Match can't hold for a row that is not there yet.";
    Err(ErrorObject::new(Code::PreconditionFailed, detail).in_header("If-Match").into())
}

/// Reads what is to be changed of the row `id`.
///
/// # Errors
/// 400 and 409 for the envelope, another id, and an unreadable stamp.
pub fn change(
    (kind, id): (&'static Kind, Id),
    document: Json,
    conditions: Conditions,
    now: Stamp,
) -> Result<Edit<RowEdit>, Error> {
    let resource = request::read(document, expected(kind))?;
    Error::check_id(resource.id.as_deref(), id)?;
    Ok(read(kind, (id, Deed::Update), resource, conditions, now)?)
}

/// Reads what is said of the row `id` that is to be deleted. Without a stamp it is deleted in whatever state (design
/// 3).
///
/// # Errors
/// 400 for a body that is no document and an unreadable stamp, 409 for another id.
pub fn deletion(
    id: Id,
    document: Option<&Json>,
    conditions: Conditions,
    now: Stamp,
) -> Result<Edit<RowEdit>, Error> {
    let mut claim = match document {
        Some(document) => claim_of_deletion(document, id, now)?,
        None => Claim::default(),
    };
    claim.overwrite |= claim.base.is_none();
    Ok(Edit {
        claim,
        conditions,
        merge: false,
        changes: RowEdit::bare(id, Deed::Delete, Pointer::root()),
        faults: Vec::new(),
        stamp_belongs_in: Pointer::root(),
    })
}

/// What the body of a DELETE says of the state that the client knows. Clients of the field send odd bodies, so types
/// and the id `undefined` are not looked at; but a stamp must not be missed, and another row not be taken for this.
fn claim_of_deletion(document: &Json, own: Id, now: Stamp) -> Result<Claim, Error> {
    let at = Pointer::root();
    let shape = |at: Pointer| {
        ErrorObject::new(Code::InvalidDocument, "The body of a DELETE must be a document.").at(at)
    };
    let data = match (document, document.get("data")) {
        (Json::Object(_), None | Some(Json::Null)) => return Ok(Claim::default()),
        (_, Some(data @ Json::Object(_))) => data,
        (Json::Object(_), Some(_)) => return Err(shape(at.member("data")).into()),
        _ => return Err(shape(at).into()),
    };
    if let Some(id) = data.get("id").and_then(Json::as_str).filter(|id| Id::parse(id).is_some()) {
        Error::check_id(Some(id), own)?;
    }
    match data.get("attributes") {
        None | Some(Json::Null) => Ok(Claim::default()),
        Some(Json::Object(attributes)) => {
            Ok(Claim::take(&mut attributes.clone(), &Pointer::attributes(), now)?)
        }
        Some(_) => Err(shape(Pointer::attributes()).into()),
    }
}

fn invalid_id() -> Error {
    let at = Pointer::root().member("data").member("id");
    ErrorObject::new(Code::Invalid, "An id that a client makes must be a UUID.").at(at).into()
}
