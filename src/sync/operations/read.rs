//! From an operation to what it does: which resource it names, and the same edit that the resource's own endpoint reads.

use std::collections::BTreeMap;

use crate::clock::Stamp;
use crate::error::Error;
use crate::guard::Edit;
use crate::guard::precondition::Conditions;
use crate::id::Id;
use crate::jsonapi::atomic::{Identity, Op, Operation, Reference, Target};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::people::edit::RowEdit;
use crate::people::kind::Kind;
use crate::people::request;
use crate::users::edit::{self as user, UserChanges};
use crate::users::face::Face;
use crate::users::linkage::{ACCOUNT_LISTS, MASTER_PERSON, OWNED};
use crate::users::relationships::LinkageChange;
use crate::users::store::Wanted;

/// What an operation does.
#[derive(Debug)]
pub(super) enum Work {
    /// Changes the user.
    User(Box<Edit<UserChanges>>),
    /// Makes, changes or deletes a row.
    Row(&'static Kind, Box<Edit<RowEdit>>),
    /// Sends linkage back.
    Linkage(LinkageChange),
}

impl Work {
    /// How many contacts and rows it names, which must all be looked for.
    pub(super) fn names(&self) -> usize {
        match self {
            Self::User(edit) => {
                let rows = edit.changes.rows.iter().map(|nested| nested.edits.len());
                edit.changes.parent_contacts.as_ref().map_or(0, Vec::len) + rows.sum::<usize>()
            }
            Self::Row(..) => 1,
            Self::Linkage(_) => 0,
        }
    }

    /// Adds what a decision on it may need to know.
    pub(super) fn add_to(&self, wanted: &mut Wanted) {
        match self {
            Self::User(edit) => wanted.add(edit),
            Self::Row(kind, edit) => wanted.rows.add(kind, std::slice::from_ref(&edit.changes)),
            Self::Linkage(_) => {}
        }
    }
}

/// What an operation is about.
enum Place {
    User,
    Rows(&'static Kind),
    Row(&'static Kind, Id),
    Relationship(&'static str),
}

/// Reads operations one after the other, since a later one may name what an earlier one makes.
pub(super) struct Reader<'a> {
    own: Id,
    conditions: &'a Conditions,
    now: Stamp,
    /// The ids of what is made, by type and `lid`.
    made: BTreeMap<(String, String), Id>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(own: Id, conditions: &'a Conditions, now: Stamp) -> Self {
        Self { own, conditions, now, made: BTreeMap::new() }
    }

    /// Reads an operation. Pointers lead into it.
    ///
    /// # Errors
    /// 400, 403, 404 and 409, as the endpoint of what it names would answer.
    pub(super) fn read(&mut self, operation: Operation) -> Result<Work, Error> {
        let Operation { op, target, mut data, .. } = operation;
        let lid = text(data.as_ref(), "lid").filter(|_| op == Op::Add).map(str::to_owned);
        if let Some(data) = &mut data {
            self.name_made(data);
        }
        let place = self.place(op, &target, data.as_ref())?;
        let document = || document(data.clone());
        match (op, place) {
            (op, Place::Relationship(name)) => {
                Ok(Work::Linkage(LinkageChange::read(name, op, &document().unwrap_or(Json::Null))?))
            }
            (Op::Add, Place::Rows(kind)) => {
                let edit = request::creation(kind, required(document())?, self.now)?;
                if let Some(lid) = lid
                    && self.made.insert((kind.name.to_owned(), lid), edit.changes.id).is_some()
                {
                    let at = data_at().member("lid");
                    return Err(shape("An earlier operation makes a resource with this `lid`.", at).into());
                }
                Ok(Work::Row(kind, Box::new(edit)))
            }
            (Op::Update, Place::User) => {
                let document = required(document())?;
                let conditions = self.conditions.clone();
                let edit = user::of_document(document, self.own, Face::User, conditions, self.now)?;
                Ok(Work::User(Box::new(edit)))
            }
            (Op::Update, Place::Row(kind, id)) => {
                let document = required(document())?;
                let mut edit = request::change((kind, id), document, Conditions::default(), self.now)?;
                // Who names the user's state by If-Match, which holds by then, names that of his rows.
                edit.claim.overwrite |= edit.claim.base.is_none() && self.conditions.if_match.is_some();
                Ok(Work::Row(kind, Box::new(edit)))
            }
            (Op::Remove, Place::Row(kind, id)) => {
                let edit = request::deletion(id, document().as_ref(), Conditions::default(), self.now)?;
                Ok(Work::Row(kind, Box::new(edit)))
            }
            (Op::Add, _) => Err(shape("Nothing can be added there.", target_at(&target)).into()),
            (Op::Update, _) => Err(shape("It can't be updated.", target_at(&target)).into()),
            (Op::Remove, _) => Err(shape("It can't be removed.", target_at(&target)).into()),
        }
    }

    fn place(&self, op: Op, target: &Target, data: Option<&Json>) -> Result<Place, Error> {
        match target {
            Target::Href(href) => self.place_of_path(href),
            Target::Ref(reference) if op == Op::Add && reference.relationship.is_none() => {
                let detail =
                    "An operation that adds a resource is not about one that is there, so it has no `ref`.";
                Err(shape(detail, Pointer::root().member("ref")).into())
            }
            Target::Ref(reference) => self.place_of_reference(reference),
            Target::Data if op == Op::Remove => {
                Err(shape("An operation that removes must have `ref` or `href`.", Pointer::root()).into())
            }
            Target::Data => {
                let Some(kind) = text(data, "type") else {
                    let detail = "An operation must have `ref`, `href`, or `data` with a `type`.";
                    return Err(shape(detail, data_at()).into());
                };
                match (kind_named(kind, &data_at())?, op) {
                    (Some(kind), Op::Add) => Ok(Place::Rows(kind)),
                    (Some(kind), _) => {
                        let Some(id) = text(data, "id") else {
                            let detail = "The resource needs its `id`, or the `lid` of an earlier operation.";
                            return Err(shape(detail, data_at()).into());
                        };
                        Ok(Place::Row(kind, existing(kind, id, data_at().member("id"))?))
                    }
                    (None, _) => Ok(Place::User),
                }
            }
        }
    }

    fn place_of_reference(&self, reference: &Reference) -> Result<Place, Error> {
        let at = Pointer::root().member("ref");
        let kind = kind_named(&reference.kind, &at)?;
        let (id, at_id) = match &reference.identity {
            Identity::Id(id) => (id.clone(), at.member("id")),
            Identity::Lid(lid) => {
                let made = self.made.get(&(reference.kind.clone(), lid.clone()));
                let detail = format!("No earlier operation makes a resource with the lid '{lid}'.");
                let unknown = || Fault::new(Code::NotFound, detail).at(at.member("lid"));
                (made.ok_or_else(unknown)?.to_string(), at.member("lid"))
            }
        };
        match (kind, &reference.relationship) {
            (Some(kind), None) => Ok(Place::Row(kind, existing(kind, &id, at_id)?)),
            (None, relationship) => {
                if Id::parse(&id) != Some(self.own) {
                    return Err(not_found("User", &id, at_id).into());
                }
                match relationship {
                    None => Ok(Place::User),
                    Some(name) => relationship_named(name, at.member("relationship")),
                }
            }
            // Relationships of rows are changed with their rows.
            (Some(_), Some(_)) => Err(no_route(at.member("relationship")).into()),
        }
    }

    /// The path of a resource, of a collection or of a relationship, as [`crate::routes`] has it.
    fn place_of_path(&self, href: &str) -> Result<Place, Error> {
        let at = Pointer::root().member("href");
        let path = href.strip_prefix("/api/v2/").unwrap_or_default().trim_end_matches('/');
        let steps: Vec<&str> = path.split('/').collect();
        let own = |id: &str| id == "me" || Id::parse(id) == Some(self.own);
        match steps.as_slice() {
            ["user"] => Ok(Place::User),
            ["user" | "users", id] if own(id) => Ok(Place::User),
            ["user" | "users", id] if Id::parse(id).is_some() => Err(not_found("User", id, at).into()),
            ["user", "relationships", name] => relationship_named(name, at),
            ["user", name] => Ok(Place::Rows(Kind::named(name).ok_or_else(|| no_route(at))?)),
            ["user", name, id] => {
                let kind = Kind::named(name).ok_or_else(|| no_route(at.clone()))?;
                Ok(Place::Row(kind, Id::parse(id).ok_or_else(|| no_route(at))?))
            }
            _ => Err(no_route(at).into()),
        }
    }

    /// Gives the id to every resource and identifier that is named by the `lid` of an earlier operation (K138). What a
    /// client keeps in attributes is his own.
    fn name_made(&self, value: &mut Json) {
        match value {
            Json::Array(elements) => elements.iter_mut().for_each(|element| self.name_made(element)),
            Json::Object(_) => {
                let name = text(Some(value), "type").zip(text(Some(value), "lid"));
                let id = name.and_then(|(kind, lid)| self.made.get(&(kind.to_owned(), lid.to_owned())));
                let id = id.filter(|_| matches!(value.get("id"), None | Some(Json::Null))).copied();
                let Json::Object(members) = value else { return };
                if let Some(id) = id {
                    members.retain(|(name, _)| name != "id");
                    members.push(("id".to_owned(), id.to_string().into()));
                }
                let relationships = members.iter_mut().find(|(name, _)| name == "relationships");
                let Some((_, Json::Object(relationships))) = relationships else { return };
                for (_, relationship) in relationships {
                    let Json::Object(members) = relationship else { continue };
                    if let Some((_, data)) = members.iter_mut().find(|(name, _)| name == "data") {
                        self.name_made(data);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The kind of the rows of a type; `None` where it is the user's.
fn kind_named(name: &str, at: &Pointer) -> Result<Option<&'static Kind>, Fault> {
    if name == Face::User.kind() {
        return Ok(None);
    }
    let detail = || format!("'{name}' is not a valid resource type for this endpoint.");
    Kind::named(name).map(Some).ok_or_else(|| Fault::new(Code::TypeConflict, detail()).at(at.member("type")))
}

fn relationship_named(name: &str, at: Pointer) -> Result<Place, Error> {
    let mut known = OWNED.into_iter().chain([ACCOUNT_LISTS, MASTER_PERSON]);
    let name = known.find(|known| *known == name);
    Ok(Place::Relationship(name.ok_or_else(|| no_route(at))?))
}

/// The id of a row; what is no UUID is nobody's.
fn existing(kind: &Kind, id: &str, at: Pointer) -> Result<Id, Fault> {
    Id::parse(id).ok_or_else(|| not_found(kind.model, id, at))
}

fn not_found(model: &str, id: &str, at: Pointer) -> Fault {
    Fault::new(Code::NotFound, format!("Couldn't find {model} with 'id'={id}")).at(at)
}

fn no_route(at: Pointer) -> Fault {
    Fault::new(Code::RouteNotFound, "Route not found").at(at)
}

fn shape(detail: &'static str, at: Pointer) -> Fault {
    Fault::new(Code::InvalidDocument, detail).at(at)
}

fn text<'a>(object: Option<&'a Json>, name: &str) -> Option<&'a str> {
    object?.get(name)?.as_str()
}

/// The data as the document that the endpoint would be sent.
fn document(data: Option<Json>) -> Option<Json> {
    data.map(|data| Json::Object(vec![("data".to_owned(), data)]))
}

fn required(document: Option<Json>) -> Result<Json, Fault> {
    document.ok_or_else(|| shape("The operation must have `data`.", Pointer::root()))
}

fn data_at() -> Pointer {
    Pointer::root().member("data")
}

fn target_at(target: &Target) -> Pointer {
    match target {
        Target::Href(_) => Pointer::root().member("href"),
        Target::Ref(_) => Pointer::root().member("ref"),
        Target::Data => data_at().member("type"),
    }
}
