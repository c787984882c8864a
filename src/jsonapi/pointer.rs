//! JSON pointers (RFC 6901) into the document that a client sent.

use std::fmt::{self, Write as _};

use super::json::Json;

/// A JSON pointer. The empty pointer names the whole document.
///
/// An error's pointer must name a value that exists in the request (K122), so pointers are built while the
/// document is walked, never guessed afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// `/data/attributes`, where most faults lie.
    #[must_use]
    pub fn attributes() -> Self {
        Self::root().member("data").member("attributes")
    }

    /// The member `name` of the object that this pointer names.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        let mut out = String::with_capacity(self.0.len() + 1 + name.len());
        out.push_str(&self.0);
        out.push('/');
        for (i, part) in name.split('~').enumerate() {
            out.push_str(if i == 0 { "" } else { "~0" });
            for (i, part) in part.split('/').enumerate() {
                out.push_str(if i == 0 { "" } else { "~1" });
                out.push_str(part);
            }
        }
        Self(out)
    }

    /// The element `index` of the array that this pointer names.
    #[must_use]
    pub fn element(&self, index: usize) -> Self {
        let mut out = self.0.clone();
        // Writing to a String can't fail.
        let _ = write!(out, "/{index}");
        Self(out)
    }

    /// What `inner` names in the value that this pointer names.
    #[must_use]
    pub fn join(&self, inner: &Self) -> Self {
        Self(format!("{self}{inner}"))
    }

    /// The longest part of the pointer that names a value of `document` (K122).
    #[must_use]
    pub fn within(&self, document: &Json) -> Self {
        let (mut value, mut found) = (document, Self::root());
        for step in self.0.split('/').skip(1) {
            let name = step.replace("~1", "/").replace("~0", "~");
            let next = match value {
                Json::Array(elements) => step.parse().ok().and_then(|index: usize| elements.get(index)),
                value => value.get(&name),
            };
            let Some(next) = next else { break };
            (value, found) = (next, found.member(&name));
        }
        found
    }

    /// The text of the pointer.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A place in a document that is being walked: the pointer is written only where it is needed, which is at a fault.
/// Writing one for every value would cost the square of a body's length.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Element(usize),
}

impl<'a> Path<'a> {
    /// The whole document.
    pub const ROOT: Path<'static> = Path { parent: None, step: Step::Root };

    /// The member `name` of the object at this place.
    #[must_use]
    pub fn member(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), step: Step::Member(name) }
    }

    /// The element `index` of the array at this place.
    #[must_use]
    pub fn element(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Element(index) }
    }

    /// The pointer that names this place.
    #[must_use]
    pub fn pointer(&self) -> Pointer {
        let parent = self.parent.map(Self::pointer).unwrap_or_default();
        match self.step {
            Step::Root => parent,
            Step::Member(name) => parent.member(name),
            Step::Element(index) => parent.element(index),
        }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
