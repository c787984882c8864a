//! Values that are texts, by the rules of their fields and dimensions (`juno.md` 1.2).

use url::Url;

use super::field::Takes;
use crate::jsonapi::Code;
use crate::juno::text::{LONGEST, clean};
use crate::users::rules::{Message, URL_LIMIT};

/// Longest phone number, in characters.
const LONGEST_PHONE: usize = 64;

/// What is kept of a text that was sent; none where it clears the value. For what takes names, texts, phone numbers and
/// URLs.
///
/// # Errors
/// What is wrong with it.
pub fn read(takes: Takes, sent: &str) -> Result<Option<String>, Message> {
    // What others dial or open is kept letter by letter.
    let verbatim = || Some(sent.trim().to_owned()).filter(|text| !text.contains(char::is_control));
    let Some(text) = (if matches!(takes, Takes::Phone | Takes::Url) { verbatim() } else { clean(sent) })
    else {
        return Err(Message::new(Code::Invalid, "must not have control characters"));
    };
    let longest = match takes {
        Takes::Phone => LONGEST_PHONE,
        Takes::Url => usize::try_from(URL_LIMIT).unwrap_or(usize::MAX),
        _ => LONGEST,
    };
    if text.chars().count() > longest {
        return Err(Message::new(Code::TooLong, format!("is too long (maximum is {longest} characters)")));
    }
    let required = takes == Takes::Name { required: true };
    match text.is_empty() {
        true if required => Err(Message::new(Code::Blank, "can't be blank")),
        true => Ok(None),
        false if takes == Takes::Url && !is_url(&text) => {
            Err(Message::new(Code::Invalid, "must be an absolute http or https URL"))
        }
        false => Ok(Some(text)),
    }
}

fn is_url(text: &str) -> bool {
    let url = Url::parse(text).ok().filter(|_| !text.contains(char::is_whitespace));
    url.is_some_and(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))
}
