//! Pictures that users have uploaded, one each. `people.avatar` names the picture by its path, so that it is shown under
//! whatever URL the server then has, and moves with version and stamp like any other attribute.

use std::fmt;

use diesel::prelude::*;
use url::Url;
use uuid::Uuid;

use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::pictures;
use crate::id::Id;
use crate::public_url;

use super::avatar::image::Image;

/// The path below which all pictures lie.
pub const FOLDER: &str = "/pictures";

/// What nobody can guess of a picture: 128 random bits, in 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token([u8; 16]);

impl Token {
    /// A token that no picture has yet.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map(|()| Self(bytes))
    }

    /// Reads a token as it stands in a path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        Uuid::try_parse(text).ok().filter(|_| plain).map(|bytes| Self(bytes.into_bytes()))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_bytes(self.0).simple().fmt(f)
    }
}

/// A picture of somebody.
#[derive(Clone, Debug)]
pub struct Picture {
    /// What its path ends with.
    pub token: Token,
    /// What it shows.
    pub image: Image,
}

/// The path of a person's picture, which is what `people.avatar` holds.
#[must_use]
pub fn path(person: Id, token: Token) -> String {
    format!("{FOLDER}/{person}/{token}")
}

/// The picture that a person's stored avatar is; `None` where it is a URL of elsewhere, or there is none.
#[must_use]
pub fn stored(person: Id, avatar: Option<&str>) -> Option<Token> {
    let token = avatar?.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_prefix(&person.to_string())?;
    Token::parse(token.strip_prefix('/')?)
}

/// The picture of a person that an absolute URL names, wherever the server was reached: a client may send back one that
/// it was shown under another address, and write it otherwise.
#[must_use]
pub fn named(person: Id, url: &str) -> Option<Token> {
    let url = Url::parse(url).ok()?;
    let (_, own) = url.path().trim_end_matches('/').rsplit_once(FOLDER)?;
    let (id, token) = own.strip_prefix('/')?.split_once('/')?;
    let is_own = url.has_host() && Id::parse(id) == Some(person);
    Token::parse(&token.to_ascii_lowercase()).filter(|_| is_own)
}

/// The avatar that is shown of anybody: the stored one, else one of his Facebook account, else one of his gender.
#[must_use]
pub fn avatar(stored: Option<&str>, facebook_id: Option<i64>, gender: Option<&str>) -> String {
    match (stored, facebook_id, gender) {
        (Some(path), ..) if path.starts_with('/') => public_url::of(path),
        (Some(url), ..) => url.to_owned(),
        (None, Some(id), _) => format!("https://graph.facebook.com/{id}/picture?type=large"),
        (None, None, Some("female")) => "https://mpdx.org/images/avatar_f.png".to_owned(),
        (None, None, _) => "https://mpdx.org/images/avatar.png".to_owned(),
    }
}

/// What is told of a picture before it is sent.
#[derive(Debug, Queryable)]
pub struct Shown {
    /// The media type.
    pub content_type: String,
    /// The SHA-256 of the image.
    pub hash: Vec<u8>,
    /// The bytes of the image.
    pub length: i32,
}

/// What is told of the picture with a token.
///
/// # Errors
/// The query's.
pub fn find(connection: &mut Connection, person: Id, token: Token) -> QueryResult<Option<Shown>> {
    let row = pictures::table.find(person).filter(pictures::token.eq(token.0.as_slice()));
    let length = diesel::dsl::sql::<diesel::sql_types::Integer>("length(image)");
    row.select((pictures::content_type, pictures::hash, length)).get_result(connection).optional()
}

/// The image of a person's picture, by its hash.
///
/// # Errors
/// The query's.
pub fn image(connection: &mut Connection, person: Id, hash: &[u8]) -> QueryResult<Option<Vec<u8>>> {
    let row = pictures::table.find(person).filter(pictures::hash.eq(hash));
    row.select(pictures::image).get_result(connection).optional()
}

/// The token of a person's picture, if it is this very image.
///
/// # Errors
/// The query's.
pub fn token_of(connection: &mut Connection, person: Id, image: &Image) -> QueryResult<Option<Token>> {
    let row = pictures::table.find(person).filter(pictures::hash.eq(image.hash().to_vec()));
    let token = row.select(pictures::token).get_result::<Vec<u8>>(connection).optional()?;
    Ok(token.and_then(|bytes| bytes.try_into().ok()).map(Token))
}

/// Writes a picture in place of the one that the person has.
///
/// # Errors
/// The statements'.
pub fn put(connection: &mut Connection, person: Id, picture: &Picture, at: Stamp) -> QueryResult<()> {
    diesel::delete(pictures::table.find(person)).execute(connection)?;
    let Picture { token, image } = picture;
    let row = (
        pictures::person_id.eq(person),
        pictures::token.eq(token.0.as_slice()),
        pictures::hash.eq(image.hash().to_vec()),
        pictures::content_type.eq(image.format().media_type()),
        pictures::created_at.eq(at),
        pictures::image.eq(image.bytes()),
    );
    diesel::insert_into(pictures::table).values(row).execute(connection).map(drop)
}

/// Removes a picture, if the person still has that one.
///
/// # Errors
/// The statement's.
pub fn remove(connection: &mut Connection, person: Id, token: Token) -> QueryResult<()> {
    let row = pictures::table.find(person).filter(pictures::token.eq(token.0.as_slice()));
    diesel::delete(row).execute(connection).map(drop)
}
