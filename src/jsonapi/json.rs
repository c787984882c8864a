//! JSON exactly as it was sent: members in their order, numbers as their text, no member lost.
//!
//! `serde_json::Value` keeps the last of two members of one name, and rounds long numbers; both would lose what a
//! client wrote. serde_json still does the reading; this module only decides what is kept. Refused, with a pointer:
//! invalid UTF-8, nesting deeper than [`DEPTH_LIMIT`], a member name given twice, NUL, lone surrogates.

mod once;

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::pointer::{Path, Pointer};

/// Objects and arrays may stand this deep inside each other.
pub const DEPTH_LIMIT: usize = 64;

/// A JSON value.
///
/// Two values are equal when they mean the same: the order of an object's members does not matter, the spelling of
/// a number does (`1` and `1.0` are different, since a client gets back what was stored).
#[derive(Clone, Debug)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number's text.
    Number(String),
    /// A string, its escapes undone.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object: each name once, in the order sent.
    Object(Members),
}

/// The members of an object.
pub type Members = Vec<(String, Json)>;

/// Why a text is not accepted as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// What is wrong, for people.
    pub detail: String,
    /// Where: the innermost value that could be told apart; the whole document where the syntax is broken.
    pub pointer: Pointer,
}

impl Json {
    /// Reads a request body.
    ///
    /// Most texts are read in one pass. Of the others, and of those that are refused, each level of nesting is scanned once
    /// more than the level around it, so the work is bounded by [`DEPTH_LIMIT`] times the length.
    ///
    /// # Errors
    /// [`JsonError`] for whatever the module's head lists, and for broken syntax.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let root = Path::ROOT;
        let text = std::str::from_utf8(bytes).map_err(|e| {
            JsonError::new(format!("The body is not valid UTF-8 (at byte {}).", e.valid_up_to()), &root)
        })?;
        if let Some(json) = once::read(text) {
            return Ok(json);
        }
        let raw: &RawValue = serde_json::from_str(text)
            .map_err(|e| JsonError::new(format!("The body is not valid JSON: {e}."), &root))?;
        build(raw.get(), &root, 0)
    }

    /// The member `name`, where this is an object that has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Self::Object(members) => find(members, name),
            _ => None,
        }
    }

    /// The text, where this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text without blanks between its tokens.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Serializing strings, numbers and lists of them into memory has no way to fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The member `name` of an object's members.
#[must_use]
pub fn find<'a>(members: &'a Members, name: &str) -> Option<&'a Json> {
    members.iter().find(|(n, _)| n == name).map(|(_, value)| value)
}

impl JsonError {
    fn new(detail: impl Into<String>, at: &Path<'_>) -> Self {
        Self { detail: detail.into(), pointer: at.pointer() }
    }
}

fn build(raw: &str, at: &Path<'_>, depth: usize) -> Result<Json, JsonError> {
    let opens = matches!(raw.as_bytes().first(), Some(b'{' | b'['));
    if opens && depth == DEPTH_LIMIT {
        return Err(JsonError::new(format!("The body is nested deeper than {DEPTH_LIMIT} levels."), at));
    }
    match raw.as_bytes().first() {
        Some(b'{') => {
            let mut deserializer = serde_json::Deserializer::from_str(raw);
            let sent = deserializer.deserialize_map(RawMembers).map_err(|_| string_error(at))?;
            check_names(&sent, at)?;
            let members = sent.into_iter().map(|(name, value)| {
                let value = build(value.get(), &at.member(&name), depth + 1)?;
                Ok((name, value))
            });
            Ok(Json::Object(members.collect::<Result<_, _>>()?))
        }
        Some(b'[') => {
            let sent: Vec<&RawValue> = serde_json::from_str(raw).map_err(|_| string_error(at))?;
            let elements = sent.iter().enumerate().map(|(i, v)| build(v.get(), &at.element(i), depth + 1));
            Ok(Json::Array(elements.collect::<Result<_, _>>()?))
        }
        Some(b'"') => {
            let text: String = serde_json::from_str(raw).map_err(|_| string_error(at))?;
            refuse_nul(&text, at)?;
            Ok(Json::String(text))
        }
        Some(b't') => Ok(Json::Bool(true)),
        Some(b'f') => Ok(Json::Bool(false)),
        Some(b'n') => Ok(Json::Null),
        // A number that other readers can't hold would make the whole document unreadable to them.
        _ if raw.parse::<f64>().is_ok_and(f64::is_finite) => Ok(Json::Number(raw.to_owned())),
        _ => Err(JsonError::new("The body has a number beyond the range of a double.", at)),
    }
}

fn check_names(sent: &[(String, &RawValue)], at: &Path<'_>) -> Result<(), JsonError> {
    let names = || sent.iter().map(|(name, _)| name.as_str());
    if let Some(name) = repeated(names()) {
        return Err(JsonError::new(format!("The member {name:?} is given more than once."), at));
    }
    names().try_for_each(|name| refuse_nul(name, at))
}

/// A name that is there more than once.
fn repeated<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.windows(2).find_map(|pair| match pair {
        [a, b] if a == b => Some(*a),
        _ => None,
    })
}

fn refuse_nul(text: &str, at: &Path<'_>) -> Result<(), JsonError> {
    if text.contains('\0') {
        return Err(JsonError::new("The body contains the character U+0000.", at));
    }
    Ok(())
}

/// The syntax was checked as a whole before, so all that is left are escapes that name half a character.
fn string_error(at: &Path<'_>) -> JsonError {
    JsonError::new("The body is not valid JSON: a \\u escape is a lone surrogate.", at)
}

struct RawMembers;

impl<'de> Visitor<'de> for RawMembers {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) | (Self::String(a), Self::String(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => {
                fn sorted(members: &Members) -> Vec<&(String, Json)> {
                    let mut sorted: Vec<_> = members.iter().collect();
                    sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0));
                    sorted
                }
                // Each pair of members is compared once: a second try after a failed first would double the work
                // at each level of nesting.
                let same_order = a.iter().map(|m| &m.0).eq(b.iter().map(|m| &m.0));
                a.len() == b.len() && if same_order { a == b } else { sorted(a) == sorted(b) }
            }
            _ => false,
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(text) => match text.parse::<i64>() {
                // The text is kept: -0 and 1E2 are not what an integer prints as.
                Ok(n) if n != 0 || text == "0" => serializer.serialize_i64(n),
                _ => RawValue::from_string(text.clone()).map_err(S::Error::custom)?.serialize(serializer),
            },
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(elements) => serializer.collect_seq(elements),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        match once::read(raw) {
            Some(json) => Ok(json),
            None => build(raw, &Path::ROOT, 0).map_err(|e| serde::de::Error::custom(e.detail)),
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for Json {
    fn from(n: i32) -> Self {
        Self::Number(n.to_string())
    }
}

impl From<i64> for Json {
    fn from(n: i64) -> Self {
        Self::Number(n.to_string())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Json>> FromIterator<T> for Json {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self::Array(elements.into_iter().map(Into::into).collect())
    }
}
