//! A user's picture, as a line tells it: what its path ends with, and its file in base64.

use actix_web::web::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;

use super::PICTURE;
use super::resource::Fields;
use crate::db::Connection;
use crate::jsonapi::json::Members;
use crate::jsonapi::{Code, Json};
use crate::users::avatar::image::{Image, LIMIT};
use crate::users::person::Person;
use crate::users::pictures::{self, Picture, Token};
use crate::users::rules::Message;

/// The member of a line; nothing where the user has no picture.
///
/// # Errors
/// The query's.
pub(super) fn members(connection: &mut Connection, person: &Person) -> QueryResult<Members> {
    let Some(token) = pictures::stored(person.id, person.columns.avatar.as_deref()) else {
        return Ok(Members::new());
    };
    let image = match pictures::find(connection, person.id, token)? {
        Some(picture) => pictures::image(connection, person.id, &picture.hash)?,
        None => None,
    };
    let members = image.map(|image| {
        vec![
            ("token".to_owned(), token.to_string().into()),
            ("image".to_owned(), STANDARD.encode(image).into()),
        ]
    });
    Ok(members.unwrap_or_default())
}

/// Reads the member of a line, by the rules of an upload.
pub(super) fn read(fields: &mut Fields<'_>) -> Option<Picture> {
    let (_, sent) = fields.members.iter().find(|(name, _)| name == PICTURE)?;
    match read_members(sent) {
        Ok(picture) => Some(picture),
        Err(text) => {
            fields.fault(PICTURE, Message::new(Code::Invalid, text));
            None
        }
    }
}

fn read_members(sent: &Json) -> Result<Picture, String> {
    let text = |name| sent.get(name).and_then(Json::as_str);
    let token = text("token").and_then(Token::parse).ok_or("has a token that is none")?;
    let file = text("image").and_then(|image| STANDARD.decode(image).ok());
    let file =
        file.filter(|file| file.len() <= LIMIT).ok_or("has an image that is no base64, or too large")?;
    let image = Image::read(Bytes::from(file), None).map_err(|refusal| format!("is refused. {refusal}"))?;
    Ok(Picture { token, image })
}
