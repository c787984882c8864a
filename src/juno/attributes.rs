//! The attributes of a document that was sent: each is taken by its name, and what is left over is unknown.

use super::text::{LONGEST, clean};
use crate::jsonapi::json::Members;
use crate::jsonapi::{Code, Fault, Json, Pointer};

/// Attributes of which some have been taken, with the faults found in those.
#[derive(Debug)]
pub struct Attributes {
    members: Members,
    /// Where they are.
    base: Pointer,
    /// Where one that is missing would be.
    place: Pointer,
    faults: Vec<Fault>,
}

impl Attributes {
    pub(crate) fn of(sent: Option<Members>) -> Self {
        let place = if sent.is_some() { Pointer::attributes() } else { Pointer::root().member("data") };
        Self { members: sent.unwrap_or_default(), base: Pointer::attributes(), place, faults: Vec::new() }
    }

    /// Those of an object at another place.
    pub(super) fn within(members: Members, base: Pointer) -> Self {
        Self { members, place: base.clone(), base, faults: Vec::new() }
    }

    /// Where the value of a name is.
    pub(super) fn at(&self, name: &str) -> Pointer {
        self.base.member(name)
    }

    /// Adds that one is missing.
    pub(super) fn miss(&mut self, name: &str) {
        self.faults.push(Fault::attribute(Code::Blank, name, "can't be blank", self.place.clone()));
    }

    /// A value that is looked at elsewhere, or not at all.
    pub(super) fn take(&mut self, name: &str) -> Option<Json> {
        let at = self.members.iter().position(|(sent, _)| sent == name)?;
        Some(self.members.remove(at).1)
    }

    /// A text that can't be blank.
    pub(super) fn name(&mut self, name: &str) -> Option<String> {
        match self.text(name, |_| Ok(()))? {
            None => self.refuse(Code::Blank, name, "can't be blank"),
            text => text,
        }
    }

    /// As [`Self::name`], of something that is to be made and needs it.
    pub(super) fn required_name(&mut self, name: &str) -> Option<String> {
        if self.members.iter().any(|(sent, _)| sent == name) {
            return self.name(name);
        }
        self.miss(name);
        None
    }

    /// A text that `check` finds nothing wrong with; null and blank ones are nothing.
    pub(super) fn text(
        &mut self,
        name: &str,
        check: impl FnOnce(&str) -> Result<(), String>,
    ) -> Option<Option<String>> {
        let text = match self.take(name)? {
            Json::Null => return Some(None),
            Json::String(text) => text,
            _ => return self.refuse(Code::WrongType, name, "must be a string"),
        };
        let Some(text) = clean(&text) else {
            return self.refuse(Code::Invalid, name, "must not have control characters");
        };
        if text.chars().count() > LONGEST {
            return self.refuse(
                Code::TooLong,
                name,
                format!("is too long (maximum is {LONGEST} characters)"),
            );
        }
        if text.is_empty() {
            return Some(None);
        }
        match check(&text) {
            Ok(()) => Some(Some(text)),
            Err(message) => self.refuse(Code::Invalid, name, message),
        }
    }

    /// One of some words.
    pub(super) fn word(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let sent = self.take(name)?;
        let word = words.iter().find(|word| sent.as_str() == Some(word)).copied();
        match (word, sent) {
            (None, Json::String(_)) => {
                self.refuse(Code::Invalid, name, format!("must be one of {}", words.join(", ")))
            }
            (None, Json::Null) => self.refuse(Code::Blank, name, "can't be blank"),
            (None, _) => self.refuse(Code::WrongType, name, "must be a string"),
            (word, _) => word,
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Json::Bool(flag) => Some(flag),
            Json::Null => self.refuse(Code::Blank, name, "can't be blank"),
            _ => self.refuse(Code::WrongType, name, "must be true or false"),
        }
    }

    /// A whole number from 0.
    pub(super) fn count(&mut self, name: &str) -> Option<i32> {
        match self.take(name)? {
            Json::Number(text) => match text.parse() {
                Ok(number @ 0..) => Some(number),
                _ => self.refuse(
                    Code::OutOfRange,
                    name,
                    format!("must be a whole number from 0 to {}", i32::MAX),
                ),
            },
            Json::Null => self.refuse(Code::Blank, name, "can't be blank"),
            _ => self.refuse(Code::WrongType, name, "must be a number"),
        }
    }

    /// Adds a fault that was found elsewhere.
    pub(super) fn add(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// What was sent, unless something is wrong with it; `relationships` are those that were not taken.
    pub(super) fn end<T>(self, relationships: Option<&Members>, taken: T) -> Result<T, Vec<Fault>> {
        let faults = self.faults(relationships);
        if faults.is_empty() { Ok(taken) } else { Err(faults) }
    }

    /// All that is wrong with what was sent; `relationships` are those that were not taken.
    pub(super) fn faults(mut self, relationships: Option<&Members>) -> Vec<Fault> {
        let among = |place: &str, at: Pointer, name: &str| {
            let detail = format!("There is no `{name}` among the {place} here.");
            Fault::new(Code::UnknownAttribute, detail).at(at.member(name))
        };
        for (name, _) in &self.members {
            self.faults.push(among("attributes", self.base.clone(), name));
        }
        for (name, _) in relationships.into_iter().flatten() {
            let at = Pointer::root().member("data").member("relationships");
            self.faults.push(among("relationships", at, name));
        }
        self.faults
    }

    /// Refuses a value, which counts as not sent.
    fn refuse<T>(&mut self, code: Code, name: &str, message: impl Into<String>) -> Option<T> {
        let at = self.at(name);
        self.faults.push(Fault::attribute(code, name, message.into(), at));
        None
    }
}
