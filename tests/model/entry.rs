//! An edit in the queue of a device, and the request that it becomes.

use std::collections::BTreeMap;

use actix_web::http::Method;
use serde_json::{Map, Value, json};

use super::ledger::{Claim, Deed, Scope, row};
use super::network::Letter;
use super::replica::Name;
use super::script::{Door, is_elected};
use crate::support::app::USER;

/// A part of an edit whose row is known.
#[derive(Clone, Debug)]
pub enum Part {
    Set(&'static str, Value),
    Make(Name, &'static str, Value),
    Change(Name, &'static str, Value),
    Delete(Name, bool),
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub parts: Vec<Part>,
    pub door: Door,
    pub overwrite: bool,
    pub merge: bool,
    /// The stamps of the states on which it was made, of each record that it names one of.
    pub bases: BTreeMap<Name, String>,
    /// Others have changed what it sets, so it must not go out with a stamp of which its user knows nothing.
    pub is_pinned: bool,
    pub key: Option<String>,
    /// The bytes, once they were sent.
    pub letter: Option<Letter>,
    pub tries: usize,
}

impl Part {
    /// The row.
    pub fn row(&self) -> Option<&Name> {
        match self {
            Self::Set(..) => None,
            Self::Make(name, ..) | Self::Change(name, ..) | Self::Delete(name, _) => Some(name),
        }
    }

    /// The row whose stamp it must name.
    pub fn guarded_row(&self) -> Option<&Name> {
        match self {
            Self::Change(name, ..) | Self::Delete(name, true) => Some(name),
            _ => None,
        }
    }

    /// Whether it sets what a conflict calls so.
    pub fn touches(&self, name: &str) -> bool {
        let (this, attribute) = match self {
            Self::Set(member, _) => return *member == name,
            Self::Make(row, attribute, _) | Self::Change(row, attribute, _) => (row, Some(*attribute)),
            Self::Delete(row, _) => (row, None),
        };
        let Some(rest) = name.strip_prefix(&row(this)) else { return false };
        rest.is_empty() || attribute.is_none() || rest.strip_prefix('.') == attribute
    }

    fn sets(&self) -> Vec<(String, Value)> {
        match self {
            Self::Set(member, value) => vec![((*member).to_owned(), value.clone())],
            Self::Make(name, attribute, value) => {
                let name = row(name);
                vec![(name.clone(), json!(true)), (format!("{name}.{attribute}"), value.clone())]
            }
            Self::Change(name, attribute, _) if is_elected(&name.0, attribute) => Vec::new(),
            Self::Change(name, attribute, value) => {
                vec![(format!("{}.{attribute}", row(name)), value.clone())]
            }
            Self::Delete(name, _) => vec![(row(name), Value::Null)],
        }
    }
}

/// The attributes of a resource object, with what they say of its base.
fn object(name: &Name, attributes: Value) -> Value {
    json!({ "type": name.0, "id": name.1, "attributes": attributes })
}

impl Entry {
    /// Whether it names the user's stamp.
    pub fn edits_user(&self) -> bool {
        match self.door {
            Door::User => true,
            Door::Own => false,
            Door::Operations => self.parts.iter().any(|part| matches!(part, Part::Set(..))),
        }
    }

    /// The request; nothing where a stamp is missing that only an edit could have told that has failed.
    pub fn write(&self, user: &Name, edited_at: &str) -> Option<Letter> {
        let changed = self.parts.iter().filter_map(Part::guarded_row);
        let made = |name: &&Name| {
            self.parts.iter().any(|part| matches!(part, Part::Make(made, ..) if made == *name))
        };
        let missing = |name: &&Name| !self.bases.contains_key(*name) && !made(name);
        if changed.clone().any(|name| missing(&name)) {
            return None;
        }
        let (method, path, body) = match self.door {
            Door::User => self.put_of_user(user, edited_at),
            Door::Operations => self.operations(user, edited_at),
            Door::Own => self.request_of_row(),
        };
        let guarded = changed.filter(|_| self.door != Door::User);
        let claimed = guarded.chain(self.edits_user().then_some(user)).filter_map(|name| {
            let base = self.bases.get(name)?.clone();
            let of = match self.door {
                _ if name != user => Scope::Row(row(name)),
                Door::User => Scope::UserWithRows,
                _ => Scope::User,
            };
            Some(Claim { of, base, merge: self.merge && !self.bids_farewell(name) })
        });
        let claims = if self.overwrite { Vec::new() } else { claimed.collect() };
        let sets = self.parts.iter().flat_map(Part::sets).collect();
        let deed = Deed { sets, claims, overwrites: self.overwrite, ..Deed::default() };
        Some(Letter { method, path, body: body.map(|body| body.to_string()), key: self.key.clone(), deed })
    }

    /// Whether it deletes a row whose state it names: no merge does that.
    fn bids_farewell(&self, name: &Name) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Delete(deleted, true) if deleted == name))
    }

    fn claim(&self, name: &Name, attributes: &mut Map<String, Value>) {
        if self.overwrite {
            attributes.insert("overwrite".to_owned(), json!(true));
        } else if let Some(base) = self.bases.get(name) {
            attributes.insert("updated_in_db_at".to_owned(), json!(base));
        }
    }

    fn wish(&self, mut resource: Value) -> Value {
        if self.merge {
            resource["meta"] = json!({ "on_conflict": "merge" });
        }
        resource
    }

    /// What is set of the user.
    fn user(&self, user: &Name, edited_at: &str) -> Value {
        let (mut attributes, mut preferences) = (Map::new(), Map::new());
        for part in &self.parts {
            if let Part::Set(member, value) = part {
                match member.strip_prefix("preferences.") {
                    Some(member) => preferences.insert(member.to_owned(), value.clone()),
                    None => attributes.insert((*member).to_owned(), value.clone()),
                };
            }
        }
        if !preferences.is_empty() {
            attributes.insert("preferences".to_owned(), Value::Object(preferences));
        }
        attributes.insert("updated_at".to_owned(), json!(edited_at));
        self.claim(user, &mut attributes);
        self.wish(object(user, Value::Object(attributes)))
    }

    fn put_of_user(&self, user: &Name, edited_at: &str) -> (Method, String, Option<Value>) {
        let mut resource = self.user(user, edited_at);
        let mut kinds: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for part in &self.parts {
            let element = match part {
                Part::Set(..) => continue,
                Part::Make(name, attribute, value) | Part::Change(name, attribute, value) => {
                    object(name, json!({ *attribute: value }))
                }
                Part::Delete(name, _) => object(name, json!({ "_destroy": true })),
            };
            kinds.entry(part.row().map_or("", |name| &name.0)).or_default().push(element);
        }
        if kinds.is_empty() {
            return (Method::PUT, USER.to_owned(), Some(json!({ "data": resource })));
        }
        let names: Vec<&str> = kinds.keys().copied().collect();
        let path = format!("{USER}?include={}", names.join(","));
        let relationships = kinds.into_iter().map(|(kind, rows)| (kind.to_owned(), json!({ "data": rows })));
        resource["relationships"] = Value::Object(relationships.collect());
        (Method::PUT, path, Some(json!({ "data": resource })))
    }

    /// A change of a row as its own endpoint takes it, and an operation.
    fn row(&self, name: &Name, attribute: &str, value: &Value) -> Value {
        let mut attributes = Map::new();
        attributes.insert(attribute.to_owned(), value.clone());
        self.claim(name, &mut attributes);
        self.wish(object(name, Value::Object(attributes)))
    }

    /// What is said of the state of a row that is to go.
    fn farewell(&self, name: &Name, stamped: bool) -> Option<Value> {
        let base = self.bases.get(name).filter(|_| stamped && !self.overwrite)?;
        Some(json!({ "attributes": { "updated_in_db_at": base } }))
    }

    fn request_of_row(&self) -> (Method, String, Option<Value>) {
        let of = |name: &Name| format!("{USER}/{}/{}", name.0, name.1);
        match self.parts.first().expect("a part") {
            Part::Make(name, attribute, value) => {
                let document = json!({ "data": object(name, json!({ *attribute: value })) });
                (Method::POST, format!("{USER}/{}", name.0), Some(document))
            }
            Part::Delete(name, stamped) => {
                let body = self.farewell(name, *stamped).map(|data| json!({ "data": data }));
                (Method::DELETE, of(name), body)
            }
            Part::Change(name, attribute, value) => {
                (Method::PUT, of(name), Some(json!({ "data": self.row(name, attribute, value) })))
            }
            Part::Set(..) => unreachable!("the user has another door"),
        }
    }

    fn operations(&self, user: &Name, edited_at: &str) -> (Method, String, Option<Value>) {
        let mut operations = Vec::new();
        if self.edits_user() {
            operations.push(json!({ "op": "update", "data": self.user(user, edited_at) }));
        }
        operations.extend(self.parts.iter().filter_map(|part| match part {
            Part::Set(..) => None,
            Part::Make(name, attribute, value) => {
                Some(json!({ "op": "add", "data": object(name, json!({ *attribute: value })) }))
            }
            Part::Change(name, attribute, value) => {
                Some(json!({ "op": "update", "data": self.row(name, attribute, value) }))
            }
            Part::Delete(name, stamped) => {
                let mut operation = json!({ "op": "remove", "ref": { "type": name.0, "id": name.1 } });
                if let Some(data) = self.farewell(name, *stamped) {
                    operation["data"] = data;
                }
                Some(operation)
            }
        }));
        let document = json!({ "atomic:operations": operations });
        (Method::POST, "/api/v2/operations".to_owned(), Some(document))
    }
}
