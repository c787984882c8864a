//! What JUNO's resources refuse.

use std::fmt::Display;

use crate::error::Error;
use crate::jsonapi::{Code, ErrorObject, Fault, Pointer};

/// 404 for a resource by its id, in the words of all others.
pub(crate) fn not_found(model: &str, id: impl Display) -> Error {
    ErrorObject::new(Code::NotFound, format!("Couldn't find {model} with 'id'={id}")).into()
}

/// 404 for a resource that a relationship names.
pub(super) fn unknown_related(model: &str, id: &str, at: Pointer) -> Fault {
    Fault::new(Code::NotFound, format!("Couldn't find {model} with 'id'={id}")).at(at)
}

/// Checks the id that was sent with an update against the one in its path.
pub(super) fn check_id(sent: Option<&str>, own: impl Display, at: Pointer) -> Result<(), Error> {
    match sent {
        Some(sent) if sent != own.to_string() => {
            let detail =
                format!("'{sent}' is not the id of this endpoint's resource. Expected '{own}' instead");
            Err(ErrorObject::new(Code::IdConflict, detail).at(at).into())
        }
        _ => Ok(()),
    }
}

/// 403 for an id that was sent with what is to be made.
pub(super) fn client_id(at: Pointer) -> Error {
    let detail = "The server makes the ids of these resources: leave `id` out.";
    ErrorObject::new(Code::ClientIdNotSupported, detail).at(at).into()
}

/// 403 for another value than the one that is kept.
pub(super) fn read_only(name: &str) -> Fault {
    let at = Pointer::attributes().member(name);
    Fault::attribute(Code::ReadOnly, name, "can't be changed", at)
}

/// 409 for a value that another resource has.
pub(super) fn taken(name: &str, at: Pointer) -> Fault {
    Fault::attribute(Code::NameTaken, name, "has already been taken", at)
}

/// 412.
pub(super) fn precondition_failed(header: &'static str) -> Error {
    let detail = format!("{header} does not hold for the current state.");
    ErrorObject::new(Code::PreconditionFailed, detail).in_header(header).into()
}

/// Where documents have their ids.
pub(super) fn data_id() -> Pointer {
    Pointer::root().member("data").member("id")
}
