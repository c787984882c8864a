//! A resource object of `included`, and the reading of objects member by member: every fault is noted with the place
//! of the value that it lies in.

use crate::clock::Stamp;
use crate::id::Id;
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::people::kind::Kind;
use crate::users::rules::{Field, Message, Rule};

/// A resource object whose envelope was read.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// Its type.
    pub kind: String,
    /// Its id.
    pub id: Id,
    /// Its attributes; none where it has none.
    pub attributes: Members,
    /// Its relationships.
    pub relationships: Members,
    /// What an export says of it beside its document.
    pub meta: Members,
    /// Where it stands.
    pub at: Pointer,
}

impl Resource {
    /// Reads an element of `included`.
    ///
    /// # Errors
    /// What is no resource object with a type and an id.
    pub(super) fn read(element: Json, at: Pointer) -> Result<Self, Fault> {
        let shape = |detail: &str, at: Pointer| Fault::new(Code::InvalidDocument, detail).at(at);
        let Json::Object(mut members) = element else {
            return Err(shape("`included` must hold resource objects.", at));
        };
        let Some(Json::String(kind)) = take(&mut members, "type") else {
            return Err(Fault::new(Code::TypeConflict, "A resource needs a `type`.").at(at));
        };
        let id = match find(&members, "id").map(|id| (id, id.as_str().and_then(Id::parse))) {
            Some((_, Some(id))) => id,
            Some((_, None)) => return Err(shape("The id must be a UUID.", at.member("id"))),
            None => return Err(shape("A resource needs an `id`.", at)),
        };
        let mut object = |name: &str| match take(&mut members, name) {
            None => Ok(Members::new()),
            Some(Json::Object(members)) => Ok(members),
            Some(_) => Err(shape("This must be an object.", at.member(name))),
        };
        let (attributes, relationships) = (object("attributes")?, object("relationships")?);
        let meta = object("meta")?;
        Ok(Self { kind, id, attributes, relationships, meta, at })
    }

    /// Reads the attributes.
    pub(super) fn attributes<'a>(&'a self, now: Stamp, faults: &'a mut Vec<Fault>) -> Fields<'a> {
        Fields { members: &self.attributes, at: self.at.member("attributes"), now, faults }
    }

    /// Where a fault in an attribute lies: the value, or the resource that lacks it.
    #[must_use]
    pub(super) fn place(&self, attribute: &str) -> Pointer {
        match find(&self.attributes, attribute) {
            Some(_) => self.at.member("attributes").member(attribute),
            None => self.at.clone(),
        }
    }

    /// The id that a to-one relationship names; `Some(None)` where it names nobody.
    pub(super) fn one(&self, name: &str, kinds: &[&str], faults: &mut Vec<Fault>) -> Option<Option<Id>> {
        let relationship = find(&self.relationships, name)?;
        let at = self.at.member("relationships").member(name);
        match relationship.get("data") {
            Some(Json::Null) => return Some(None),
            Some(data) => {
                if let Some(id) = identified(data, kinds) {
                    return Some(Some(id));
                }
                let detail = format!(
                    "This must be null or identify a resource of the type `{}`.",
                    kinds.join("` or `")
                );
                faults.push(Fault::new(Code::InvalidDocument, detail).at(at.member("data")));
            }
            None => {
                let detail = "A relationship must be an object with `data`.";
                faults.push(Fault::new(Code::InvalidDocument, detail).at(at));
            }
        }
        None
    }
}

/// The id of a resource identifier of one of the types.
#[must_use]
pub(super) fn identified(data: &Json, kinds: &[&str]) -> Option<Id> {
    let kind = data.get("type").and_then(Json::as_str);
    let id = data.get("id").and_then(Json::as_str).and_then(Id::parse);
    id.filter(|_| kind.is_some_and(|kind| kinds.contains(&kind)))
}

/// Takes a member out of an object.
pub(super) fn take(members: &mut Members, name: &str) -> Option<Json> {
    let at = members.iter().position(|(n, _)| n == name)?;
    Some(members.remove(at).1)
}

/// The members of an object, read one by one.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    /// The members.
    pub members: &'a Members,
    /// Where the object stands.
    pub at: Pointer,
    /// What completes a time that is not a whole one.
    pub now: Stamp,
    /// What is wrong.
    pub faults: &'a mut Vec<Fault>,
}

impl Fields<'_> {
    /// Sets `to` to the value of a member, where there is one that obeys its rule.
    pub(super) fn set<T: Field>(&mut self, name: &str, rule: Rule, to: &mut T) {
        if let Some(value) = self.get(name, rule) {
            *to = value;
        }
    }

    /// The value of a member; none where it is absent or faulty.
    pub(super) fn get<T: Field>(&mut self, name: &str, rule: Rule) -> Option<T> {
        let sent = find(self.members, name)?;
        match T::read(&rule, sent, self.now) {
            Ok(value) => Some(value),
            Err(message) => {
                self.fault(name, message);
                None
            }
        }
    }

    /// Sets `to` to a time or to null.
    pub(super) fn set_time(&mut self, name: &str, to: &mut Option<Stamp>) {
        match find(self.members, name) {
            Some(Json::Null) => *to = None,
            Some(_) => *to = self.get(name, Rule::Time).or(*to),
            None => {}
        }
    }

    /// The members of an object that is a member, with their places.
    pub(super) fn entries(&mut self, name: &str) -> Vec<(String, Json, Pointer)> {
        let at = self.at.member(name);
        match find(self.members, name) {
            Some(Json::Object(members)) => {
                members.iter().map(|(key, value)| (key.clone(), value.clone(), at.member(key))).collect()
            }
            Some(_) => {
                self.fault(name, Message::new(Code::WrongType, "must be an object"));
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Notes a fault in a member.
    pub(super) fn fault(&mut self, name: &str, Message { code, text }: Message) {
        self.faults.push(Fault::attribute(code, name, text, self.at.member(name)));
    }
}

/// The kinds that a line has rows of, with those rows.
pub(super) fn by_kind(resources: &[Resource]) -> impl Iterator<Item = (&'static Kind, Vec<&Resource>)> {
    Kind::all().filter_map(|kind| {
        let own: Vec<_> = resources.iter().filter(|resource| resource.kind == kind.name).collect();
        (!own.is_empty()).then_some((kind, own))
    })
}

/// Whether a row of the kind has an attribute of the name, in its document or beside it.
pub(super) fn has_attribute(kind: &Kind, name: &str) -> bool {
    matches!(name, "created_at" | "updated_at" | "updated_in_db_at")
        || kind.attribute(name).is_some_and(|(_, attribute)| !attribute.holds.is_relationship())
}
