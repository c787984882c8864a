//! The top-level `included` of a request: what its linkage names. Clients of the original write rows this way
//! (`mpdx-behaviour.md` 3.6).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Expected, nested, require_type, shape};
use crate::jsonapi::error::{Code, Fault};
use crate::jsonapi::json::Json;
use crate::jsonapi::pointer::{Path, Pointer};

/// The resources of `included` that have something to say, by type and id, or `lid`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Included(BTreeMap<(String, String), IncludedResource>);

/// A resource of `included`.
#[derive(Clone, Debug, PartialEq)]
pub struct IncludedResource {
    /// Where it lies in the document.
    pub at: Pointer,
    /// The resource object; several identifiers may name it.
    pub object: Arc<Json>,
    /// Whether it was asked for by linkage that was understood.
    used: bool,
}

impl Included {
    /// Reads the member.
    ///
    /// # Errors
    /// The first fault of its shape. A resource that is there twice (K39) is one: only one of the two could be
    /// what the client means.
    pub(super) fn read(included: Option<Json>, expected: Expected) -> Result<Self, Fault> {
        let mut read = Self::default();
        let at = Path::ROOT;
        let at = at.member("included");
        let elements = match included {
            None | Some(Json::Null) => return Ok(read),
            Some(Json::Array(elements)) => elements,
            Some(_) => return Err(shape("`included` must be an array.", &at)),
        };
        for (i, element) in elements.into_iter().enumerate() {
            let at = at.element(i);
            let Json::Object(members) = &element else {
                return Err(shape("`included` must hold resource objects.", &at));
            };
            require_type(element.get("type"), &at)?;
            nested(members, expected, &at)?;
            if !says_something(&element) {
                continue;
            }
            let Some(key) = key(&element) else {
                return Err(shape(
                    "A resource in `included` needs an `id` or a `lid`, which is a string.",
                    &at,
                ));
            };
            let resource = IncludedResource { at: at.pointer(), object: Arc::new(element), used: false };
            if read.0.insert(key, resource).is_some() {
                let detail = "`included` has this resource twice.";
                return Err(Fault::new(Code::InvalidDocument, detail).at(at.pointer()));
            }
        }
        Ok(read)
    }

    /// What is known of a resource that an identifier names: whether it was asked for before, if it is there.
    #[must_use]
    pub fn asked_for(&self, identifier: &Json) -> Option<bool> {
        self.0.get(&key(identifier)?).map(|resource| resource.used)
    }

    /// What is included of a resource that an identifier names.
    pub fn find(&mut self, identifier: &Json) -> Option<&IncludedResource> {
        let resource = self.0.get_mut(&key(identifier)?)?;
        resource.used = true;
        Some(resource)
    }

    /// The resources that nothing asked for, as `type/id`.
    pub fn unused(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter(|(_, resource)| !resource.used).map(|((kind, id), _)| format!("{kind}/{id}"))
    }
}

/// Whether a resource object is more than an identifier.
#[must_use]
pub fn says_something(object: &Json) -> bool {
    object.get("attributes").is_some() || object.get("relationships").is_some()
}

/// What a resource is named by inside a document.
fn key(object: &Json) -> Option<(String, String)> {
    let text = |name| object.get(name).and_then(Json::as_str).map(str::to_owned);
    Some((text("type")?, text("id").or_else(|| text("lid"))?))
}
