//! API keys: what integrations show instead of a token. A key is 256 random bits; the database keeps its hash alone.

use actix_web::http::header::{HeaderMap, HeaderName};
use diesel::prelude::*;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::tokens::random_secret;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::api_keys;
use crate::error::Error;
use crate::id::Id;
use crate::state::AppState;

/// The header of the key.
pub const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What every key begins with, so that people and scanners for secrets recognise one.
const PREFIX: &str = "stw_";

/// How many of a key's last characters are kept.
const ENDING: usize = 4;

/// Longest name, in characters.
const LONGEST_NAME: usize = 64;

/// A key that may be used now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
}

impl ApiKey {
    /// By what its writes are told from those of others: never a user's id, though somebody may give a user the id of
    /// a key.
    #[must_use]
    pub fn caller_id(&self) -> Id {
        self.id.derived("api key")
    }
}

/// A key as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = api_keys)]
pub struct Listed {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its last characters.
    pub ending: String,
    /// When it was made.
    pub created_at: Stamp,
    /// When it was revoked.
    pub revoked_at: Option<Stamp>,
}

/// Finds the key of a request. Whether it is revoked is read from the database on every request.
///
/// # Errors
/// 401, 503.
pub async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<ApiKey, Error> {
    let mut lines = headers.get_all(X_API_KEY);
    let sent = lines.next().filter(|_| lines.next().is_none()).map(|line| hash_of(line.as_bytes()));
    let unknown = || Error::unknown_caller("X-API-Key");
    let hash = sent.ok_or_else(unknown)?;
    let found = state.db.read(move |connection| find(connection, hash)).await?;
    found.ok_or_else(unknown)
}

/// A lookup by the hash tells nothing by its time of the key that was sent; the comparison does not rest on that.
fn find(connection: &mut Connection, hash: [u8; 32]) -> QueryResult<Option<ApiKey>> {
    let valid =
        api_keys::table.filter(api_keys::hash.eq(hash.to_vec())).filter(api_keys::revoked_at.is_null());
    let found = valid.select((api_keys::id, api_keys::name, api_keys::hash));
    let found = found.get_result::<(Id, String, Vec<u8>)>(connection).optional()?;
    Ok(found.and_then(|(id, name, kept)| bool::from(kept.ct_eq(&hash)).then_some(ApiKey { id, name })))
}

/// Whether a key may be called so: a word that a line of the log can hold, and that is no id.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let is_word = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    (1..=LONGEST_NAME).contains(&name.len()) && is_word && Id::parse(name).is_none()
}

/// A new key.
///
/// # Errors
/// Where there is no randomness.
pub fn generate() -> Result<String, getrandom::Error> {
    Ok(format!("{PREFIX}{}", random_secret()?))
}

/// Keeps what is needed of a key to know it again.
///
/// # Errors
/// The statement's; a name that another key has violates a unique index.
pub fn insert(connection: &mut Connection, name: &str, key: &str, now: Stamp) -> QueryResult<()> {
    let ending: String = key.chars().skip(key.chars().count().saturating_sub(ENDING)).collect();
    let row = (
        api_keys::id.eq(Id::random()),
        api_keys::name.eq(name),
        api_keys::hash.eq(hash_of(key.as_bytes()).to_vec()),
        api_keys::ending.eq(ending),
        api_keys::created_at.eq(now),
    );
    diesel::insert_into(api_keys::table).values(row).execute(connection).map(drop)
}

/// Every key, the oldest first.
///
/// # Errors
/// The query's.
pub fn list(connection: &mut Connection) -> QueryResult<Vec<Listed>> {
    let keys = api_keys::table.order((api_keys::created_at, api_keys::name));
    keys.select(Listed::as_select()).load(connection)
}

/// Refuses a key from now on, by its name or its id; whether there is such a key. One that was revoked before stays
/// revoked since then.
///
/// # Errors
/// The statements'.
pub fn revoke(connection: &mut Connection, name_or_id: &str, now: Stamp) -> QueryResult<bool> {
    let keys = list(connection)?;
    let id = Id::parse(name_or_id);
    let Some(key) = keys.iter().find(|key| key.name == name_or_id || Some(key.id) == id) else {
        return Ok(false);
    };
    if key.revoked_at.is_none() {
        let revoked = diesel::update(api_keys::table.find(key.id)).set(api_keys::revoked_at.eq(now));
        revoked.execute(connection)?;
    }
    Ok(true)
}

fn hash_of(key: &[u8]) -> [u8; 32] {
    Sha256::digest(key).into()
}
