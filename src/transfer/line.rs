//! A line by itself: its envelope, and what can be checked before the database is asked.

use std::collections::BTreeSet;

use super::juno;
use super::resource::{Resource, has_attribute, identified, take};
use super::shared::{self, CONTACTS, MASTER_PEOPLE};
use super::user::Meta;
use super::{DELETED, IDENTITIES, JOINED, PARENTS, PICTURE, STORED};
use crate::account_lists::organization_account::{ORGANIZATION_ACCOUNTS as ACCOUNTS, ORGANIZATIONS};
use crate::clock::Stamp;
use crate::guard::Member;
use crate::guard::base::STAMP;
use crate::guard::precondition::Conditions;
use crate::guard::stamp;
use crate::id::Id;
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::{Code, Fault, Json, Pointer, request};
use crate::people::kind::Kind;
use crate::users::edit::{self, UserChanges};
use crate::users::face::Face;
use crate::users::linkage::{ACCOUNT_LISTS, MASTER_PERSON, OWNED};

/// The members of `data.meta`.
const META: [&str; 10] = [
    "disabled",
    "token_epoch",
    STORED,
    JOINED,
    PARENTS,
    IDENTITIES,
    PICTURE,
    DELETED,
    juno::JUNO,
    juno::DEFINITIONS,
];

/// Seconds that a stamp may lie in the future: a clock that is wrong by more would leave no room for later stamps.
const AHEAD: i64 = 366 * 24 * 3600;

/// A line that is in order by itself.
#[derive(Debug)]
pub(super) struct Line {
    /// The user.
    pub id: Id,
    /// The stamp that the line gives him: the latest of his own and his rows'.
    pub stamp: Stamp,
    /// What it sets on him.
    pub changes: UserChanges,
    /// Whether it has attributes of his.
    pub has_attributes: bool,
    /// His account lists, with the places of their identifiers.
    pub lists: Vec<(Id, Pointer)>,
    /// Rows that he is said to have, with the places of their identifiers.
    pub owned: Vec<(&'static Kind, Id, Pointer)>,
    /// His master person.
    pub master_person: Option<Id>,
    /// What his document hides.
    pub meta: Meta,
    /// What JUNO keeps of him.
    pub juno: juno::Given,
    /// The resources of `included` that something is made of.
    pub included: Vec<Resource>,
    /// Members that nothing is made of: type and name.
    pub ignored: Vec<(String, String)>,
}

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// All that is wrong with it by itself; broken JSON and a broken envelope alone.
    pub(super) fn read(bytes: &[u8], now: Stamp) -> Result<Self, Vec<Fault>> {
        let document = Json::parse(bytes).map_err(|e| {
            vec![Fault::new(Code::InvalidJson, e.detail.replace("The body", "The line")).at(e.pointer)]
        })?;
        let (document, beside, included) = split(document);
        let mut resource = request::read(document, Face::User.expected()).map_err(|fault| vec![fault])?;
        let data = Pointer::root().member("data");
        let id = match resource.id.as_deref().map(Id::parse) {
            Some(Some(id)) => id,
            Some(None) => {
                return Err(vec![Fault::new(Code::Invalid, "The id must be a UUID.").at(data.member("id"))]);
            }
            None => {
                return Err(vec![Fault::new(Code::InvalidDocument, "A line needs the user's id.").at(data)]);
            }
        };
        let mut faults = Vec::new();
        // Read here and not as a request's, which would take rows for nested writes.
        let links = Links::read(resource.relationships.take(), &mut faults);
        let has_attributes = resource.attributes.is_some();
        let edited =
            resource.attributes.as_ref().is_some_and(|attributes| find(attributes, "updated_at").is_some());
        let mut edit =
            edit::read(resource, Face::User, Conditions::default(), now).map_err(|fault| vec![fault])?;
        faults.append(&mut edit.faults);
        let own = edit.claim.base.as_ref().map(|base| base.stamp);
        if own.is_none() {
            let detail = "A line needs the user's `updated_in_db_at`.";
            faults.push(Fault::new(Code::StampMissing, detail).at(edit.stamp_belongs_in.clone()));
        }
        let meta = Meta::read(&beside, now, &mut faults);
        let included = read_included(included, &mut faults);
        // The others have stamps of their own, which say nothing of the user.
        let given = included.iter().filter(|resource| Kind::named(&resource.kind).is_some());
        let given =
            given.filter_map(|resource| find(&resource.attributes, STAMP)?.as_str().map(str::to_owned));
        let given = given.filter_map(|text| stamp::parse(&text, now).ok());
        let stamp = given.chain(own).max().unwrap_or(now);
        let juno = juno::Given::read(&beside, id, stamp, &mut faults);
        let future = now.seconds().saturating_add(AHEAD);
        faults.extend(juno.beyond(future).map(|(stamp, at)| too_far(stamp, at)));
        if stamp.seconds() > future {
            faults.push(too_far(stamp, data));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut changes = edit.changes;
        // A time that is the stamp's counts as not sent by a client; here it is one like any other.
        changes.updated_at = changes.updated_at.or(own.filter(|_| edited));
        let Links { lists, owned, master_person, unknown } = links;
        changes.ignored.extend(unknown.into_iter().map(Member::Owned));
        let ignored = ignored(&changes, &beside, &included);
        Ok(Self {
            id,
            stamp,
            changes,
            has_attributes,
            lists,
            owned,
            master_person,
            meta,
            juno,
            included,
            ignored,
        })
    }

    /// The resources of a type.
    pub(super) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.included.iter().filter(move |resource| resource.kind == kind)
    }

    /// Whether the line has a resource.
    #[must_use]
    pub(super) fn has(&self, kind: &str, id: Id) -> bool {
        self.of(kind).any(|resource| resource.id == id)
    }
}

fn too_far(stamp: Stamp, at: Pointer) -> Fault {
    Fault::new(Code::OutOfRange, format!("The stamp {stamp} lies more than a year in the future.")).at(at)
}

/// Takes `data.meta` and `included` out of a document, which the envelope of a request does not look into.
fn split(mut document: Json) -> (Json, Members, Option<Json>) {
    let (mut meta, mut included) = (None, None);
    if let Json::Object(top) = &mut document {
        included = take(top, "included");
        if let Some((_, Json::Object(data))) = top.iter_mut().find(|(name, _)| name == "data") {
            meta = take(data, "meta");
        }
    }
    match meta {
        Some(Json::Object(members)) => (document, members, included),
        _ => (document, Members::new(), included),
    }
}

fn read_included(included: Option<Json>, faults: &mut Vec<Fault>) -> Vec<Resource> {
    let at = Pointer::root().member("included");
    let elements = match included {
        None | Some(Json::Null) => return Vec::new(),
        Some(Json::Array(elements)) => elements,
        Some(_) => {
            faults.push(Fault::new(Code::InvalidDocument, "`included` must be an array.").at(at));
            return Vec::new();
        }
    };
    let mut seen = BTreeSet::new();
    let mut resources = Vec::new();
    for (i, element) in elements.into_iter().enumerate() {
        let at = at.element(i);
        let resource = match Resource::read(element, at.clone()) {
            Ok(resource) => resource,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        match resource.kind.as_str() {
            // Other people as this user sees them: they travel in their own lines.
            "people" | "users" => continue,
            ACCOUNT_LISTS | CONTACTS | MASTER_PEOPLE | ACCOUNTS | ORGANIZATIONS => {}
            kind if Kind::of_type(kind).is_some() => {}
            kind => {
                let detail = format!("'{kind}' is not a type that can be imported.");
                faults.push(Fault::new(Code::TypeConflict, detail).at(at.member("type")));
                continue;
            }
        }
        if seen.insert((resource.kind.clone(), resource.id)) {
            resources.push(resource);
        } else {
            faults.push(Fault::new(Code::Duplicate, "The line has this resource twice.").at(at));
        }
    }
    resources
}

/// What the relationships of the user name.
#[derive(Default)]
struct Links {
    lists: Vec<(Id, Pointer)>,
    owned: Vec<(&'static Kind, Id, Pointer)>,
    master_person: Option<Id>,
    unknown: Vec<String>,
}

impl Links {
    fn read(relationships: Option<Members>, faults: &mut Vec<Fault>) -> Self {
        let mut links = Self::default();
        let at = Pointer::root().member("data").member("relationships");
        for (name, relationship) in relationships.into_iter().flatten() {
            let at = at.member(&name).member("data");
            let Some(data) = relationship.get("data") else { continue };
            if name == MASTER_PERSON {
                // The documented identifier has no type.
                let id = data.get("id").and_then(Json::as_str).and_then(Id::parse);
                links.master_person =
                    id.filter(|_| data.get("type").is_none_or(|kind| *kind == MASTER_PEOPLE.into()));
                if links.master_person.is_none() {
                    faults.push(no_identifier(MASTER_PEOPLE, at));
                }
            } else if name == ACCOUNT_LISTS || OWNED.contains(&name.as_str()) {
                links.take(&name, data, &at, faults);
            } else {
                links.unknown.push(name);
            }
        }
        links
    }

    fn take(&mut self, name: &str, data: &Json, at: &Pointer, faults: &mut Vec<Fault>) {
        let Json::Array(elements) = data else {
            faults.push(no_identifier(name, at.clone()));
            return;
        };
        for (i, element) in elements.iter().enumerate() {
            let at = at.element(i);
            match (identified(element, &[name]), Kind::named(name)) {
                (Some(id), Some(kind)) => self.owned.push((kind, id, at)),
                (Some(id), None) => self.lists.push((id, at)),
                (None, _) => faults.push(no_identifier(name, at)),
            }
        }
    }
}

fn no_identifier(kind: &str, at: Pointer) -> Fault {
    Fault::new(Code::InvalidDocument, format!("This must identify a resource of the type `{kind}`.")).at(at)
}

/// Members that nothing is made of: those of other systems, or of a later version, which an operator should know of.
fn ignored(changes: &UserChanges, meta: &Members, included: &[Resource]) -> Vec<(String, String)> {
    let of_user = changes.ignored.iter().map(|name| ("users".to_owned(), name.to_string()));
    let beside = meta.iter().filter(|(name, _)| !META.contains(&name.as_str()));
    let beside = beside.map(|(name, _)| ("users".to_owned(), format!("meta.{name}")));
    let of_resources = included.iter().flat_map(|resource| {
        let known = |name: &str| match Kind::of_type(&resource.kind) {
            Some(kind) => has_attribute(kind, name),
            None => shared::has_attribute(&resource.kind, name),
        };
        let names = resource.attributes.iter().chain(&resource.meta).map(|(name, _)| name);
        names.filter(move |name| !known(name)).map(|name| (resource.kind.clone(), name.clone()))
    });
    of_user.chain(beside).chain(of_resources).collect()
}
