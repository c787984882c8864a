//! What a line says, read by itself: by the rules by which requests are read.

use std::collections::BTreeMap;

use super::{DEFINITIONS, JUNO, Link, ce};
use crate::clock::Stamp;
use crate::id::Id;
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::juno::profile::Profile;
use crate::juno::text::folded;
use crate::juno::user::field::{Takes, Value};
use crate::juno::user::values;
use crate::transfer::resource::Fields;
use crate::users::rules::{Message, Rule, whole_number};

/// Who makes links.
const ORIGINS: [&str; 3] = ["user", "organization", "engagement"];

/// What a line has of JUNO.
#[derive(Clone, Debug, Default)]
pub(in crate::transfer) struct Given {
    /// The users of JUNO that its user is and was.
    pub(super) users: Vec<User>,
    /// Definitions by their kinds, each with its place.
    pub(super) definitions: BTreeMap<&'static str, Vec<(Members, Pointer)>>,
}

/// A user of JUNO.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub profile: Profile,
    /// By the keys of dimensions.
    pub values: BTreeMap<String, (Text, Pointer)>,
    /// By the names of tags, folded.
    pub tags: BTreeMap<String, (Link, Pointer)>,
    pub records: Vec<ce::Record>,
    pub at: Pointer,
}

/// The value of a dimension.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub value: String,
    /// When it was last changed, where the line says it.
    pub updated_at: Option<Stamp>,
}

/// The kinds of definitions.
const KINDS: [&str; 4] = ["dimensions", "tag_types", "tags", ce::PROGRAMS];

impl Given {
    /// Whether it says nothing of anybody.
    #[must_use]
    pub(in crate::transfer) fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Reads the members of `data.meta`. `at` is the time of what has none of its own.
    pub(in crate::transfer) fn read(meta: &Members, person: Id, at: Stamp, faults: &mut Vec<Fault>) -> Self {
        let place = Pointer::root().member("data").member("meta");
        let users = objects(find(meta, JUNO), &place.member(JUNO), faults);
        let users: Vec<User> =
            users.iter().filter_map(|(members, place)| user(members, place, (person, at), faults)).collect();
        if let Some(second) = users.iter().filter(|user| user.profile.deleted_at.is_none()).nth(1) {
            let detail = "A person is one user of JUNO at most; the others are deleted.";
            faults.push(Fault::new(Code::Duplicate, detail).at(second.at.clone()));
        }
        ce::check(&users, faults);
        let place = place.member(DEFINITIONS);
        let mut definitions = BTreeMap::new();
        match find(meta, DEFINITIONS) {
            None => {}
            Some(Json::Object(members)) => {
                for kind in KINDS {
                    definitions.insert(kind, objects(find(members, kind), &place.member(kind), faults));
                }
            }
            Some(_) => faults.push(wrong("must be an object", DEFINITIONS, place)),
        }
        Self { users, definitions }
    }

    /// The times of states that lie after a second, with their places.
    pub(in crate::transfer) fn beyond(&self, second: i64) -> impl Iterator<Item = (Stamp, Pointer)> {
        let times = self.users.iter().map(|user| (user.profile.updated_at, user.at.member("updated_at")));
        let records = self.users.iter().flat_map(|user| &user.records);
        let records = records.flat_map(|record| {
            let own = std::iter::once((record.row.updated_at, &record.at));
            own.chain(record.activities.iter().map(|(row, at)| (row.updated_at, at)))
        });
        let times = times.chain(records.map(|(time, at)| (time, at.member("updated_at"))));
        times.filter(move |(at, _)| at.seconds() > second)
    }
}

fn wrong(message: &'static str, name: &str, at: Pointer) -> Fault {
    Fault::attribute(Code::WrongType, name, message, at)
}

pub(super) fn objects(sent: Option<&Json>, at: &Pointer, faults: &mut Vec<Fault>) -> Vec<(Members, Pointer)> {
    let elements = match sent {
        None => return Vec::new(),
        Some(Json::Array(elements)) => elements,
        Some(_) => {
            faults.push(wrong("must be an array", JUNO, at.clone()));
            return Vec::new();
        }
    };
    let mut objects = Vec::new();
    for (i, element) in elements.iter().enumerate() {
        match element {
            Json::Object(members) => objects.push((members.clone(), at.element(i))),
            _ => faults.push(wrong("must be an object", JUNO, at.element(i))),
        }
    }
    objects
}

fn user(
    members: &Members,
    at: &Pointer,
    (person, given): (Id, Stamp),
    faults: &mut Vec<Fault>,
) -> Option<User> {
    let mut fields = Fields { members, at: at.clone(), now: given, faults };
    let id: Option<i64> = number(&mut fields, "id", 1, i64::MAX);
    if id.is_none() {
        fields.faults.push(Fault::attribute(Code::Blank, "id", "can't be blank", at.clone()));
    }
    let mut profile = Profile::new(person, id?, given);
    profile.created_at = None;
    profile.account_level = number(&mut fields, "account_level", i32::MIN, i32::MAX).unwrap_or(0);
    profile.points = number(&mut fields, "points", 0, i64::MAX).unwrap_or(0);
    fields.set("banned", Rule::Boolean, &mut profile.banned);
    profile.client_guid = text(&mut fields, "client_guid", Takes::Guid).and_then(|guid| Id::parse(&guid));
    profile.client_id = text(&mut fields, "client_id", Takes::ClientId);
    profile.username = text(&mut fields, "username", Takes::Username);
    profile.utc_offset = match value(&mut fields, "utc_offset", Takes::Offset) {
        Some(Value::Number(seconds)) => i32::try_from(seconds).ok(),
        _ => None,
    };
    profile.facebook_url = text(&mut fields, "facebook_url", Takes::Url);
    profile.twitter_url = text(&mut fields, "twitter_url", Takes::Url);
    profile.facebook_account_id = account(&mut fields, "facebook_account");
    profile.twitter_account_id = account(&mut fields, "twitter_account");
    fields.set_time("date_created", &mut profile.created_at);
    fields.set_time("date_last_login", &mut profile.last_login_at);
    fields.set_time("deleted_at", &mut profile.deleted_at);
    fields.set("updated_at", Rule::Time, &mut profile.updated_at);
    let (values, tags) = (dimensions(&mut fields), links(&mut fields));
    let records = ce::records(&mut fields, &profile);
    Some(User { profile, values, tags, records, at: at.clone() })
}

fn number<N>(fields: &mut Fields<'_>, name: &str, lowest: N, highest: N) -> Option<N>
where
    N: Copy + TryFrom<i64> + std::fmt::Display + validator::ValidateRange<N>,
{
    let sent = find(fields.members, name)?;
    whole_number(sent, lowest, highest).unwrap_or_else(|message| {
        fields.fault(name, message);
        None
    })
}

fn value(fields: &mut Fields<'_>, name: &str, takes: Takes) -> Option<Value> {
    let sent = find(fields.members, name)?;
    values::read(takes, sent).unwrap_or_else(|message| {
        fields.fault(name, message);
        None
    })
}

fn text(fields: &mut Fields<'_>, name: &str, takes: Takes) -> Option<String> {
    match value(fields, name, takes) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn account(fields: &mut Fields<'_>, name: &str) -> Option<Id> {
    let sent = find(fields.members, name).filter(|sent| **sent != Json::Null)?;
    let id = sent.as_str().and_then(Id::parse);
    if id.is_none() {
        fields.fault(name, Message::new(Code::Invalid, "must be an id or null"));
    }
    id
}

/// Each is an object with its value and its time, or the value alone.
fn dimensions(fields: &mut Fields<'_>) -> BTreeMap<String, (Text, Pointer)> {
    let mut values = BTreeMap::new();
    for (key, sent, at) in fields.entries("dimensions") {
        let members = match sent {
            Json::Object(members) => members,
            text => vec![("value".to_owned(), text)],
        };
        let mut inner =
            Fields { members: &members, at: at.clone(), now: fields.now, faults: &mut *fields.faults };
        let updated_at = inner.get("updated_at", Rule::Time);
        match find(&members, "value") {
            Some(Json::String(text)) if !text.is_empty() => {
                let value = text.clone();
                values.insert(key, (Text { value, updated_at }, at));
            }
            _ => fields.faults.push(wrong("must be a text that is not blank", &key, at)),
        }
    }
    values
}

fn links(fields: &mut Fields<'_>) -> BTreeMap<String, (Link, Pointer)> {
    let mut tags = BTreeMap::new();
    for (name, sent, at) in fields.entries("tags") {
        let Json::Object(members) = &sent else {
            fields.faults.push(wrong("must be an object", "tags", at));
            continue;
        };
        let mut inner = Fields { members, at: at.clone(), now: fields.now, faults: &mut *fields.faults };
        let score = number(&mut inner, "score", 0, i32::MAX).unwrap_or(0);
        let preferred = inner.get("preferred", Rule::Boolean).unwrap_or(true);
        let origin = find(members, "origin").and_then(Json::as_str).unwrap_or("organization");
        if !ORIGINS.contains(&origin) {
            inner.fault("origin", Message::new(Code::Invalid, "must be user, organization or engagement"));
        }
        tags.insert(folded(&name), (Link { score, preferred, origin: origin.to_owned() }, at));
    }
    tags
}
