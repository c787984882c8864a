//! The preferences of a user: known members with rules, and any other member as a client's own state (design 2,
//! decision 18; `mpdx-behaviour.md` 1.5).

use std::collections::HashMap;

use super::rules::{Message, TEXT_LIMIT, check_text, whole_number};
use super::time_zone;
use crate::guard::Member;
use crate::id::Id;
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::{Code, Fault, Json, Pointer};

/// Bytes that the stored text may have.
pub const SIZE_LIMIT: usize = 64 * 1024;

/// The attribute's name.
pub const NAME: &str = "preferences";

/// The member that is a column of its own.
pub const DEFAULT_LIST: &str = "default_account_list";

/// The last hour of the day at which notifications can be sent; the first is 0.
pub const LAST_HOUR: i32 = 23;

/// Members that nobody sets through this API. Clients send back what they were given.
const READ_ONLY: &[&str] = &["setup", "admin", "developer"];

/// The stored members, in the order in which they were first stored, all but `default_account_list`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preferences(Members);

/// What a request sets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PreferenceChanges {
    members: Members,
    default_list: Option<Option<Id>>,
    read_only: Members,
}

impl Preferences {
    /// Reads the stored text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        match Json::parse(text.as_bytes()) {
            Ok(Json::Object(members)) => Some(Self(members)),
            _ => None,
        }
    }

    /// The text to store.
    #[must_use]
    pub fn to_text(&self) -> String {
        Json::Object(self.0.clone()).to_text()
    }

    /// The stored members in order.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.0
    }

    /// A stored member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        find(&self.0, name)
    }

    /// Stores members: in their places if they were there, else as the last. Whether anything differs.
    fn merge(&mut self, members: &Members) -> bool {
        let places = self.0.iter().enumerate().map(|(place, (name, _))| (name.clone(), place));
        let places: HashMap<String, usize> = places.collect();
        let mut differs = false;
        for (name, value) in members {
            match places.get(name).and_then(|place| self.0.get_mut(*place)) {
                Some((_, stored)) if stored == value => {}
                Some((_, stored)) => {
                    stored.clone_from(value);
                    differs = true;
                }
                None => {
                    self.0.push((name.clone(), value.clone()));
                    differs = true;
                }
            }
        }
        differs
    }

    /// The names of the members whose values differ, as members of a record.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<Member> {
        fn named(members: &Members) -> HashMap<&str, &Json> {
            members.iter().map(|(name, value)| (name.as_str(), value)).collect()
        }
        let (here, there) = (named(&self.0), named(&other.0));
        let missing_here = other.0.iter().filter(|(name, _)| !here.contains_key(name.as_str()));
        let differing = self.0.iter().filter(|(name, value)| there.get(name.as_str()) != Some(&value));
        differing.chain(missing_here).map(|(name, _)| member(name)).collect()
    }
}

/// The name of a member of the preferences as a member of the record: `preferences.locale`.
#[must_use]
pub fn member(name: &str) -> Member {
    Member::Owned(format!("{NAME}.{name}"))
}

impl PreferenceChanges {
    /// Reads what was sent for `preferences`. Null changes nothing, as in the original.
    pub fn read(sent: Json, faults: &mut Vec<Fault>) -> Self {
        let at = Pointer::attributes().member(NAME);
        let mut changes = Self::default();
        let members = match sent {
            Json::Null => return changes,
            // Also bounds the work on the members that follows.
            Json::Object(_) if sent.to_text().len() > SIZE_LIMIT => {
                faults.push(too_long());
                return changes;
            }
            Json::Object(members) => members,
            _ => {
                faults.push(Fault::attribute(Code::WrongType, NAME, "must be an object or null", at));
                return changes;
            }
        };
        for (name, value) in members {
            let read = match name.as_str() {
                DEFAULT_LIST => read_default_list(&value).map(|id| changes.default_list = Some(id)),
                _ if READ_ONLY.contains(&name.as_str()) => {
                    changes.read_only.push((name, value));
                    continue;
                }
                _ => check(&name, &value),
            };
            match read {
                Err(Message { code, text }) => {
                    faults.push(Fault::attribute(code, &name, text, at.member(&name)));
                }
                Ok(()) if name == DEFAULT_LIST => {}
                Ok(()) => changes.members.push((name, value)),
            }
        }
        changes
    }

    /// Whether a member is set.
    #[must_use]
    pub fn sets(&self, name: &str) -> bool {
        self.members.iter().any(|(member, _)| member == name)
    }

    /// The default account list that was sent.
    #[must_use]
    pub fn default_list(&self) -> Option<Option<Id>> {
        self.default_list
    }

    /// Stores what differs from what is stored.
    pub fn apply(&self, to: &mut Preferences, faults: &mut Vec<Fault>) {
        if to.merge(&self.members) && to.to_text().len() > SIZE_LIMIT {
            faults.push(too_long());
        }
    }

    /// The read-only members that were sent with another value than the one that `shown` gives.
    pub fn ignored(&self, shown: impl Fn(&str) -> Json) -> Vec<Member> {
        let other = self.read_only.iter().filter(|(name, sent)| *sent != shown(name));
        other.map(|(name, _)| member(name)).collect()
    }
}

/// The fault of a default account list that is not one of the user's own (`mpdx-behaviour.md` 4.1; pointer: design
/// 9).
#[must_use]
pub fn unknown_default_list() -> Fault {
    let Message { code, text } = not_included();
    Fault::attribute(code, DEFAULT_LIST, text, Pointer::attributes().member(NAME).member(DEFAULT_LIST))
}

fn not_included() -> Message {
    Message::new(Code::NotIncluded, "is not included in list of account_lists")
}

fn read_default_list(sent: &Json) -> Result<Option<Id>, Message> {
    match sent {
        Json::Null => Ok(None),
        Json::String(id) => Id::parse(id).map(Some).ok_or_else(not_included),
        _ => Err(Message::new(Code::WrongType, "must be a string or null")),
    }
}

fn too_long() -> Fault {
    let message = format!("is too long (maximum is {SIZE_LIMIT} bytes)");
    Fault::attribute(Code::TooLong, NAME, message, Pointer::attributes().member(NAME))
}

/// Checks a member that clients may set; an unknown one is theirs to fill.
fn check(name: &str, value: &Json) -> Result<(), Message> {
    let text = || match value {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(text.as_str())),
        _ => Err(Message::new(Code::WrongType, "must be a string or null")),
    };
    match name {
        "hour_to_send_notifications" => whole_number(value, 0, LAST_HOUR).map(drop),
        "time_zone" => match text()? {
            Some(zone) if time_zone::find(zone).is_none() => {
                Err(Message::new(Code::Invalid, "is not the name of a time zone"))
            }
            _ => Ok(()),
        },
        "locale" | "locale_display" => text()?.map_or(Ok(()), |text| check_text(text, TEXT_LIMIT)),
        "contacts_filter" | "contacts_view_options" | "tab_orders" | "tasks_filter" => text().map(drop),
        _ => Ok(()),
    }
}
