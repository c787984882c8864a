//! The extension "Atomic Operations" of JSON:API (`https://jsonapi.org/ext/atomic`, K126-K138): its documents, whatever
//! the operations are about.

use serde::Serialize;

use super::error::{Code, Fault};
use super::json::Json;
use super::pointer::Pointer;

/// The URI by which media types name the extension.
pub const EXTENSION: &str = "https://jsonapi.org/ext/atomic";

/// The media type of an answer with results.
pub const ANSWER: &str = "application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"";

/// Operations that one request may have.
pub const LIMIT: usize = 100;

const OPERATIONS: &str = "atomic:operations";
const RESULTS: &str = "atomic:results";

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Makes a resource, or adds to a relationship.
    Add,
    /// Changes a resource, or replaces a relationship.
    Update,
    /// Deletes a resource, or takes from a relationship.
    Remove,
}

/// How an operation says what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Only its data says it.
    Data,
    /// `ref`
    Ref(Reference),
    /// `href`
    Href(String),
}

/// A `ref` object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The type.
    pub kind: String,
    /// Which resource of the type.
    pub identity: Identity,
    /// One of its relationships.
    pub relationship: Option<String>,
}

/// What tells a resource from others of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// `id`
    Id(String),
    /// `lid`: what an earlier operation of the same request calls it.
    Lid(String),
}

/// An operation as it was sent, its shape checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What it does.
    pub op: Op,
    /// To what.
    pub target: Target,
    /// `data`
    pub data: Option<Json>,
    /// Where it lies in the document.
    pub at: Pointer,
}

/// A document of results, as many as there were operations, in their order (K131).
#[derive(Debug, Serialize)]
pub struct Results<T> {
    /// The results.
    #[serde(rename = "atomic:results")]
    pub results: Vec<T>,
    /// What the answer says beside them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Json>,
}

/// Reads the operations of a request document.
///
/// # Errors
/// The first fault of its shape (K127, K128, K132).
pub fn read(document: &Json) -> Result<Vec<Operation>, Fault> {
    let root = Pointer::root();
    let Json::Object(members) = document else { return Err(shape("The document must be an object.", root)) };
    for name in ["data", "errors", "included", RESULTS] {
        if members.iter().any(|(n, _)| n == name) {
            let detail = format!("A document with operations has no `{name}`.");
            return Err(shape(detail, root.member(name)));
        }
    }
    let at = root.member(OPERATIONS);
    let operations = match document.get(OPERATIONS) {
        Some(Json::Array(operations)) if !operations.is_empty() => operations,
        Some(_) => return Err(shape(format!("`{OPERATIONS}` must be an array of operations."), at)),
        None => return Err(shape(format!("The document must have `{OPERATIONS}`."), root)),
    };
    if operations.len() > LIMIT {
        let detail = format!("A request can have {LIMIT} operations.");
        return Err(Fault::new(Code::TooLong, detail).at(at));
    }
    operations.iter().enumerate().map(|(i, operation)| read_operation(operation, at.element(i))).collect()
}

fn read_operation(operation: &Json, at: Pointer) -> Result<Operation, Fault> {
    if !matches!(operation, Json::Object(_)) {
        return Err(shape("An operation must be an object.", at));
    }
    if operation.get("included").is_some() {
        let detail = "An operation has no `included`; what is written with a resource stands in its linkage.";
        return Err(shape(detail, at.member("included")));
    }
    let op = match operation.get("op").map(Json::as_str) {
        Some(Some("add")) => Op::Add,
        Some(Some("update")) => Op::Update,
        Some(Some("remove")) => Op::Remove,
        Some(_) => return Err(shape("`op` must be \"add\", \"update\" or \"remove\".", at.member("op"))),
        None => return Err(shape("An operation must have `op`.", at)),
    };
    let target = match (operation.get("ref"), operation.get("href")) {
        (Some(_), Some(_)) => return Err(shape("An operation has `ref` or `href`, not both.", at)),
        (Some(reference), None) => Target::Ref(read_reference(reference, &at.member("ref"))?),
        (None, Some(Json::String(href))) => Target::Href(href.clone()),
        (None, Some(_)) => return Err(shape("`href` must be a string.", at.member("href"))),
        (None, None) => Target::Data,
    };
    Ok(Operation { op, target, data: operation.get("data").cloned(), at })
}

fn read_reference(reference: &Json, at: &Pointer) -> Result<Reference, Fault> {
    if !matches!(reference, Json::Object(_)) {
        return Err(shape("`ref` must be an object.", at.clone()));
    }
    let text = |name: &str| match reference.get(name) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(shape(format!("`{name}` must be a string."), at.member(name))),
    };
    let Some(kind) = text("type")? else { return Err(shape("`ref` must have a `type`.", at.clone())) };
    let identity = match (text("id")?, text("lid")?) {
        (Some(id), None) => Identity::Id(id),
        (None, Some(lid)) => Identity::Lid(lid),
        (Some(_), Some(_)) => return Err(shape("`ref` has `id` or `lid`, not both.", at.clone())),
        (None, None) => return Err(shape("`ref` must have an `id` or a `lid`.", at.clone())),
    };
    Ok(Reference { kind, identity, relationship: text("relationship")? })
}

fn shape(detail: impl Into<String>, at: Pointer) -> Fault {
    Fault::new(Code::InvalidDocument, detail).at(at)
}
