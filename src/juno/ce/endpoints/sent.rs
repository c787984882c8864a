//! What documents of programs, records and what belongs to them say.

use crate::clock::Stamp;
use crate::guard::stamp;
use crate::jsonapi::json::Members;
use crate::jsonapi::request::ResourceObject;
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::juno::attributes::Attributes;
use crate::users::rules::Message;

/// The attributes and relationships of a document, of which some have been taken.
pub(super) struct Sent {
    pub(super) attributes: Attributes,
    relationships: Option<Members>,
    /// Where an attribute that is missing would be.
    place: Pointer,
}

impl Sent {
    pub(super) fn of(resource: ResourceObject) -> Self {
        let ResourceObject { attributes, relationships, .. } = resource;
        let place = if attributes.is_some() { Pointer::attributes() } else { Pointer::root().member("data") };
        Self { attributes: Attributes::of(attributes), relationships, place }
    }

    /// A value that `read` understands; null is none.
    pub(super) fn value<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Json) -> Result<T, Message>,
    ) -> Option<T> {
        let read = match self.attributes.take(name)? {
            Json::Null => Err(Message::new(Code::Blank, "can't be blank")),
            sent => read(&sent),
        };
        self.understood(name, read)
    }

    /// As [`Self::value`], of something that is to be made and needs it.
    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Json) -> Result<T, Message>,
    ) -> Option<T> {
        let Some(sent) = self.attributes.take(name) else {
            self.attributes.add(blank(name, self.place.clone()));
            return None;
        };
        let read =
            if sent == Json::Null { Err(Message::new(Code::Blank, "can't be blank")) } else { read(&sent) };
        self.understood(name, read)
    }

    /// A time, or null.
    pub(super) fn time(&mut self, name: &'static str, now: Stamp) -> Option<Option<Stamp>> {
        let read = match self.attributes.take(name)? {
            Json::Null => Ok(None),
            Json::String(text) => stamp::parse(&text, now)
                .map(Some)
                .map_err(|e| Message::new(Code::InvalidTimestamp, format!("must be a time ({e})"))),
            _ => Err(Message::new(Code::WrongType, "must be a string")),
        };
        self.understood(name, read)
    }

    fn understood<T>(&mut self, name: &'static str, read: Result<T, Message>) -> Option<T> {
        let refuse = |Message { code, text }| {
            let at = Pointer::attributes().member(name);
            self.attributes.add(Fault::attribute(code, name, text, at));
        };
        read.map_err(refuse).ok()
    }

    /// The data of a relationship.
    pub(super) fn linkage(&mut self, name: &str) -> Option<Json> {
        let relationships = self.relationships.as_mut()?;
        let at = relationships.iter().position(|(sent, _)| sent == name)?;
        relationships.remove(at).1.get("data").cloned()
    }

    /// The id, as it was sent, of the one resource of a kind that a relationship leads to and has to.
    pub(super) fn required_link(&mut self, name: &'static str, kind: &str) -> Option<String> {
        let data = Pointer::root().member("data");
        let place = if self.relationships.is_some() { data.member("relationships") } else { data };
        let at = linkage(name);
        let link = match self.linkage(name) {
            None => Err(blank(name, place)),
            Some(Json::Null) => Err(blank(name, at)),
            Some(data) => match (data.get("type").and_then(Json::as_str), data.get("id")) {
                (Some(sent), _) if sent != kind => {
                    let detail =
                        format!("'{sent}' is not the type of this relationship. Expected '{kind}' instead");
                    Err(Fault::new(Code::TypeConflict, detail).at(at.member("type")))
                }
                (Some(_), Some(Json::String(id))) => Ok(id.clone()),
                _ => {
                    Err(Fault::new(Code::InvalidDocument, "It leads to one resource, named by its id.")
                        .at(at))
                }
            },
        };
        link.map_err(|fault| self.attributes.add(fault)).ok()
    }

    /// What was taken, unless something is wrong with what was sent.
    pub(super) fn end<T>(self, taken: T) -> Result<T, Vec<Fault>> {
        self.attributes.end(self.relationships.as_ref(), taken)
    }
}

/// Where a document names what a relationship leads to.
pub(super) fn linkage(name: &str) -> Pointer {
    Pointer::root().member("data").member("relationships").member(name).member("data")
}

fn blank(name: &str, at: Pointer) -> Fault {
    Fault::attribute(Code::Blank, name, "can't be blank", at)
}
