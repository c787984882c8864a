//! What each member was in each state that somebody acknowledged a change of. Stamps of the user order his states.
//! Members have the names that conflicts give them, attributes of rows `<kind>/<id>.<attribute>`; a row by itself is
//! true, and null where it was deleted.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};

use serde_json::Value;

#[derive(Debug, Default)]
pub struct Timeline(BTreeMap<String, BTreeMap<String, Value>>);

/// The row that a member is, or belongs to.
pub fn row_of(member: &str) -> Option<&str> {
    let (first, _) = member.split_once('.').unwrap_or((member, ""));
    first.contains('/').then_some(first)
}

impl Timeline {
    /// Sets a member in a state; returns another value that it had there.
    pub fn set(&mut self, member: &str, stamp: &str, value: &Value) -> Option<Value> {
        let values = self.0.entry(member.to_owned()).or_default();
        values.insert(stamp.to_owned(), value.clone()).filter(|before| before != value)
    }

    pub fn members(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// The value of a member in a state; nothing where nobody knows.
    pub fn at(&self, member: &str, stamp: &str) -> Option<&Value> {
        let mut values = self.0.get(member)?.range::<str, _>((Unbounded, Included(stamp)));
        values.next_back().map(|(_, value)| value)
    }

    /// The value of a member in the last state before one.
    pub fn before(&self, member: &str, stamp: &str) -> Option<&Value> {
        let mut values = self.0.get(member)?.range::<str, _>((Unbounded, Excluded(stamp)));
        values.next_back().map(|(_, value)| value)
    }

    /// Whether a member was changed after the one state and before the other.
    pub fn changed_between(&self, member: &str, after: &str, before: &str) -> bool {
        let Some(values) = self.0.get(member).filter(|_| after < before) else { return false };
        let within = values.range::<str, _>((Excluded(after), Excluded(before))).map(|(_, value)| value);
        let mut values = self.at(member, after).into_iter().chain(within);
        let first = values.next();
        values.any(|value| Some(value) != first)
    }
}
