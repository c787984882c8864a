//! The user himself: what his document hides, and what a line makes of him.

use std::collections::BTreeSet;

use super::identities::{self, Identities};
use super::line::Line;
use super::picture;
use super::resource::Fields;
use super::{DELETED, JOINED, PARENTS, STORED};
use crate::account_lists::organization_account;
use crate::clock::Stamp;
use crate::guard::Guarded as _;
use crate::guard::member_stamps::MemberStamps;
use crate::id::Id;
use crate::jsonapi::json::Members;
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::people::kind::Kind;
use crate::users::attributes::Columns;
use crate::users::linkage::{AccountListLink, Linkage};
use crate::users::person::{Context, MasterPerson, Person};
use crate::users::pictures::{self, Picture, avatar};
use crate::users::preferences::{DEFAULT_LIST, Preferences};
use crate::users::rules::{Message, Rule, whole_number};

/// The year that a document shows where only day and month are known (`mpdx-behaviour.md` 4.2).
const NO_YEAR: i32 = 1900;

/// What a document of a user hides.
#[derive(Clone, Debug, Default)]
pub(super) struct Meta {
    /// Whether he may not use the API.
    pub disabled: Option<bool>,
    /// Tokens issued before this second are revoked.
    pub token_epoch: Option<i64>,
    /// When he joined his account lists.
    pub joined: Vec<(Id, Stamp)>,
    /// Since when he belongs to his parent contacts.
    pub parents: Vec<(Id, Stamp)>,
    /// What providers of identities call him.
    pub identities: Identities,
    /// His deleted rows.
    pub deleted: Vec<(&'static Kind, Id, Stamp)>,
    /// The picture that he has uploaded.
    pub picture: Option<Picture>,
    avatar: Option<Option<String>>,
    anniversary_year: Option<Option<i32>>,
    birthday_year: Option<Option<i32>>,
    default_list: Option<Option<Id>>,
}

/// Values of a user that the reader of his document would take for others: a stored avatar that is the computed one,
/// a year that stands for none, a default list that he has left.
pub(super) fn stored_otherwise(person: &Person) -> Members {
    let columns = &person.columns;
    let stands_for_none = |day: Option<i32>, month: Option<i32>, year: Option<i32>| {
        year == Some(NO_YEAR) && day.and(month).is_some()
    };
    let computed = Some(computed_avatar(columns, person.linkage.facebook_id));
    let default_list = person.default_account_list.map(|id| id.to_string());
    let anniversary = (columns.anniversary_day, columns.anniversary_month, columns.anniversary_year);
    let birthday = (columns.birthday_day, columns.birthday_month, columns.birthday_year);
    let otherwise = [
        (
            "anniversary_year",
            stands_for_none(anniversary.0, anniversary.1, anniversary.2),
            anniversary.2.into(),
        ),
        ("avatar", columns.avatar == computed, columns.avatar.clone().into()),
        ("birthday_year", stands_for_none(birthday.0, birthday.1, birthday.2), birthday.2.into()),
        (DEFAULT_LIST, person.default_account_list != person.default_list(), default_list.into()),
    ];
    let otherwise = otherwise.into_iter().filter(|(_, is_otherwise, _)| *is_otherwise);
    otherwise.map(|(name, _, value)| (name.to_owned(), value)).collect()
}

fn computed_avatar(columns: &Columns, facebook_id: Option<i64>) -> String {
    avatar(None, facebook_id, columns.gender.as_deref())
}

impl Meta {
    /// Reads `data.meta`.
    pub(super) fn read(members: &Members, now: Stamp, faults: &mut Vec<Fault>) -> Self {
        let at = Pointer::root().member("data").member("meta");
        let mut fields = Fields { members, at, now, faults };
        let mut meta = Self {
            disabled: fields.get("disabled", Rule::Boolean),
            token_epoch: fields.members.iter().find(|(name, _)| name == "token_epoch").and_then(
                |(name, sent)| match whole_number(sent, 0, i64::from(u32::MAX)) {
                    Ok(number) => number,
                    Err(message) => {
                        fields.faults.push(Fault::attribute(
                            message.code,
                            name,
                            message.text,
                            fields.at.member(name),
                        ));
                        None
                    }
                },
            ),
            joined: times(&mut fields, JOINED),
            parents: times(&mut fields, PARENTS),
            identities: identities::read(&mut fields),
            picture: picture::read(&mut fields),
            ..Self::default()
        };
        for (key, at_time) in moments(&mut fields, DELETED) {
            let row = key.split_once('/').and_then(|(kind, id)| Some((buried_kind(kind)?, Id::parse(id)?)));
            match row {
                Some((kind, id)) => meta.deleted.push((kind, id, at_time)),
                None => fields.faults.push(no_key(DELETED, &fields.at.member(DELETED).member(&key))),
            }
        }
        let stored: Members =
            fields.entries(STORED).into_iter().map(|(name, value, _)| (name, value)).collect();
        let at = fields.at.member(STORED);
        let mut stored = Fields { members: &stored, at, now, faults: fields.faults };
        meta.avatar = stored.get("avatar", Rule::Url);
        meta.anniversary_year =
            stored.get("anniversary_year", Rule::year(crate::users::rules::Group::Anniversary));
        meta.birthday_year = stored.get("birthday_year", Rule::year(crate::users::rules::Group::Birthday));
        meta.default_list = match stored.members.iter().find(|(name, _)| name == DEFAULT_LIST) {
            None => None,
            Some((_, Json::Null)) => Some(None),
            Some((_, sent)) => {
                let id = sent.as_str().and_then(Id::parse);
                if id.is_none() {
                    stored.fault(DEFAULT_LIST, Message::new(Code::Invalid, "must be an id or null"));
                }
                id.map(Some)
            }
        };
        meta
    }
}

/// The times of an object of times.
fn moments(fields: &mut Fields<'_>, name: &str) -> Vec<(String, Stamp)> {
    let entries = fields.entries(name);
    let at = fields.at.member(name);
    let members: Members = entries.into_iter().map(|(key, value, _)| (key, value)).collect();
    let mut inner = Fields { members: &members, at, now: fields.now, faults: &mut *fields.faults };
    let read = members.iter().map(|(key, _)| (key.clone(), inner.get(key, Rule::Time)));
    read.filter_map(|(key, at)| Some((key, at?))).collect()
}

/// The times of an object of times by ids.
fn times(fields: &mut Fields<'_>, name: &str) -> Vec<(Id, Stamp)> {
    let mut times = Vec::new();
    for (key, at) in moments(fields, name) {
        match Id::parse(&key) {
            Some(id) => times.push((id, at)),
            None => fields.faults.push(no_key(name, &fields.at.member(name).member(&key))),
        }
    }
    times
}

fn no_key(name: &str, at: &Pointer) -> Fault {
    Fault::attribute(Code::Invalid, name, "has a name that is no id", at.clone())
}

/// What of a line's surroundings the user's state depends on.
#[derive(Debug)]
pub(super) struct Around {
    /// The account lists that he has after the line.
    pub lists: Vec<Id>,
    /// The lowest number at Facebook after the line.
    pub facebook_id: Option<i64>,
    /// Of the contacts that the line names, those that there are.
    pub contacts: BTreeSet<Id>,
    /// The master person after the line.
    pub master_person: MasterPerson,
}

/// A user of whom nothing is known yet.
fn nobody(line: &Line, master_person: MasterPerson) -> Person {
    Person {
        id: line.id,
        version: 0,
        stamp: line.stamp,
        updated_at: line.stamp,
        stamps: MemberStamps::all_at(line.stamp),
        columns: Columns::named(String::new(), line.stamp),
        preferences: Preferences::default(),
        default_account_list: None,
        master_person,
        linkage: Linkage::default(),
        context: Context::default(),
    }
}

/// The state that the line wants, on the stored one; versions and stamps are not yet moved. It is made by the rules of
/// a PUT; what differs is said here.
pub(super) fn wanted(
    line: &Line,
    before: Option<&Person>,
    around: &Around,
    faults: &mut Vec<Fault>,
) -> Person {
    let mut base = before.cloned().unwrap_or_else(|| nobody(line, around.master_person));
    base.master_person = around.master_person;
    let membership = |id: &Id| AccountListLink { id: *id, has_organization_account: false };
    base.linkage.account_lists = around.lists.iter().map(membership).collect();
    base.linkage.facebook_id = around.facebook_id;
    base.context.visible_contacts.clone_from(&around.contacts);
    let sent = &line.changes.columns;
    if before.is_none() && sent.first_name.is_none() && !line.changes.faulty.contains(&"first_name") {
        let at = if line.has_attributes { Pointer::attributes() } else { Pointer::root().member("data") };
        faults.push(Fault::attribute(Code::Blank, "first_name", "can't be blank", at));
    }
    // Who died is not unsubscribed once more: the line says what became of it.
    if let (Some(deceased), Some(_)) = (sent.deceased, sent.optout_enewsletter) {
        base.columns.deceased = deceased;
    }
    let applied = base.apply(&line.changes, line.stamp);
    faults.extend(applied.faults);
    let mut after = applied.state;
    let meta = &line.meta;
    // What documents compute is stored only where the line says so, or where it is stored already.
    let computed = Some(computed_avatar(&after.columns, around.facebook_id));
    let kept = before.and_then(|before| before.columns.avatar.clone());
    if sent.avatar.is_some() && after.columns.avatar == computed && kept != computed {
        after.columns.avatar = None;
    }
    let columns = &mut after.columns;
    let kept = before.map(|before| (before.columns.anniversary_year, before.columns.birthday_year));
    let (kept_anniversary, kept_birthday) = kept.unwrap_or_default();
    for (year, kept, sent, dated) in [
        (
            &mut columns.anniversary_year,
            kept_anniversary,
            sent.anniversary_year,
            columns.anniversary_day.and(columns.anniversary_month),
        ),
        (
            &mut columns.birthday_year,
            kept_birthday,
            sent.birthday_year,
            columns.birthday_day.and(columns.birthday_month),
        ),
    ] {
        if sent.is_some() && *year == Some(NO_YEAR) && dated.is_some() && kept != Some(NO_YEAR) {
            *year = None;
        }
    }
    if let Some(avatar) = &meta.avatar {
        columns.avatar.clone_from(avatar);
    }
    if let Some(picture) = &meta.picture {
        columns.avatar = Some(pictures::path(line.id, picture.token));
    }
    columns.anniversary_year = meta.anniversary_year.unwrap_or(columns.anniversary_year);
    columns.birthday_year = meta.birthday_year.unwrap_or(columns.birthday_year);
    after.default_account_list = meta.default_list.unwrap_or(after.default_account_list);
    after.context = Context::default();
    after
}

/// The kind of deleted rows that a type names.
pub(super) fn buried_kind(name: &str) -> Option<&'static Kind> {
    let account = &organization_account::KIND;
    Kind::of_type(name).or((name == account.name).then_some(account))
}
