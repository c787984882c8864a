//! The values of a user's fields as requests give them (`juno.md` 1.2): one reading for whichever codec they come through.

use super::field::{Takes, Value};
use super::text;
use crate::id::Id;
use crate::jsonapi::{Code, Json};
use crate::users::rules::{Message, check_text};

/// Longest e-mail address, in characters.
const EMAIL_LIMIT: u64 = 254;

/// What a value that is sent means; none clears the field.
///
/// # Errors
/// What is wrong with it.
pub fn read(takes: Takes, sent: &Json) -> Result<Option<Value>, Message> {
    match (takes, sent) {
        (Takes::Offset, sent) => offset(sent),
        (Takes::Level, sent) => match whole(sent) {
            Some(level @ (0 | 99)) => Ok(Some(Value::Number(level))),
            _ => {
                Err(wrong(sent, "must be 0 or 99", |sent| matches!(sent, Json::Number(_) | Json::String(_))))
            }
        },
        (Takes::Points, Json::Number(_)) if whole(sent).is_some() => Ok(whole(sent).map(Value::Number)),
        (Takes::Points, sent) => {
            Err(wrong(sent, "must be a whole number", |sent| matches!(sent, Json::Number(_))))
        }
        (Takes::Flag, sent) => flag(sent),
        (Takes::ClientId, Json::Number(number)) if is_whole(number) => {
            text(Takes::ClientId, number).map(|text| text.map(Value::Text))
        }
        // Nothing of it is looked at.
        (Takes::Time, _) => Ok(None),
        (takes, Json::String(sent)) => text(takes, sent).map(|text| text.map(Value::Text)),
        (Takes::Email | Takes::Name { required: true }, Json::Null) => Err(blank()),
        (_, Json::Null) => Ok(None),
        (Takes::ClientId, _) => Err(Message::new(Code::WrongType, "must be a string or a whole number")),
        _ => Err(Message::new(Code::WrongType, "must be a string")),
    }
}

/// As [`read`], of the value of a dimension, which is the field of `takes` where it has one. What the site's own ones take is
/// not known here.
///
/// # Errors
/// What is wrong with it.
pub fn of_dimension(takes: Option<Takes>, sent: &Json) -> Result<Option<String>, Message> {
    match (takes, sent) {
        (_, Json::Null) => Ok(None),
        (Some(takes), Json::String(sent)) => text(takes, sent),
        (None, Json::String(sent)) => Ok(Some(sent.clone())),
        _ => Err(Message::new(Code::WrongType, "must be a string")),
    }
}

/// A whole number, or its text.
#[must_use]
pub fn whole(sent: &Json) -> Option<i64> {
    match sent {
        Json::Number(text) | Json::String(text) if is_whole(text) => text.parse().ok(),
        _ => None,
    }
}

fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn offset(sent: &Json) -> Result<Option<Value>, Message> {
    let takes = |sent: &Json| matches!(sent, Json::Number(_) | Json::String(_));
    match (sent, whole(sent)) {
        (Json::Null, _) => Ok(None),
        (_, Some(seconds)) if !(-43_200..=50_400).contains(&seconds) => {
            Err(Message::new(Code::OutOfRange, "must be between -43200 and 50400 seconds"))
        }
        (_, Some(seconds)) if seconds % 900 == 0 => Ok(Some(Value::Number(seconds))),
        _ => Err(wrong(sent, "must be a whole number of seconds, a multiple of 900", takes)),
    }
}

fn flag(sent: &Json) -> Result<Option<Value>, Message> {
    let flag = match sent {
        Json::Bool(flag) => Some(*flag),
        Json::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Json::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    };
    match flag {
        Some(flag) => Ok(Some(Value::Flag(flag))),
        None => Err(wrong(sent, "must be true or false", |sent| matches!(sent, Json::String(_)))),
    }
}

fn text(takes: Takes, sent: &str) -> Result<Option<String>, Message> {
    match (takes, text::read(takes, sent)?) {
        (Takes::Email, None) => Err(blank()),
        (Takes::Guid, None) => Err(no_guid()),
        (Takes::Guid, Some(text)) => Id::parse(&text).map(|id| Some(id.to_string())).ok_or_else(no_guid),
        (Takes::Email, Some(text)) => check_email(&text).map(|()| Some(text)),
        (Takes::Username, Some(text)) if text.contains(char::is_whitespace) => {
            Err(Message::new(Code::Invalid, "must not have white space"))
        }
        (_, text) => Ok(text),
    }
}

fn check_email(text: &str) -> Result<(), Message> {
    check_text(text, EMAIL_LIMIT)?;
    let parts: Vec<&str> = text.split('@').collect();
    match *parts {
        [local, domain] if !local.is_empty() && !domain.is_empty() => Ok(()),
        _ => Err(Message::new(Code::Invalid, "is invalid")),
    }
}

/// What is wrong with a value that is none of those that are taken.
fn wrong(sent: &Json, message: &'static str, is_of_type: impl Fn(&Json) -> bool) -> Message {
    match sent {
        Json::Null => blank(),
        sent if is_of_type(sent) => Message::new(Code::Invalid, message),
        _ => Message::new(Code::WrongType, message),
    }
}

fn blank() -> Message {
    Message::new(Code::Blank, "can't be blank")
}

fn no_guid() -> Message {
    Message::new(Code::Invalid, "must be a UUID")
}
