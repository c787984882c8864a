//! `steward api-key …`

use clap::Subcommand;
use diesel::result::{DatabaseErrorKind, Error};
use serde_json::json;

use super::{Failure, Store, print};
use crate::auth::api_keys;
use crate::clock::{Clock as _, SystemClock};
use crate::db::{Connection, DbError, in_transaction};

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub(super) enum ApiKeyCommand {
    /// Make a key; prints it this once, since only its hash is kept
    Add {
        /// What the list and the access log call it: letters, digits, `.`, `_`, `-`
        #[arg(value_parser = name)]
        name: String,
    },
    /// Print every key as a line of JSON: its last characters, never the key
    List,
    /// Refuse a key's requests from now on, on every server
    Revoke {
        /// Its name or its id
        #[arg(value_name = "NAME|ID")]
        key: String,
    },
}

fn name(text: &str) -> Result<String, String> {
    if api_keys::is_name(text) {
        return Ok(text.to_owned());
    }
    Err("must be 1 to 64 letters, digits, `.`, `_` or `-`, and no UUID".to_owned())
}

/// Runs a command on API keys.
pub(super) fn run(store: &Store, command: &ApiKeyCommand) -> Result<(), Failure> {
    let mut connection = store.open()?;
    match command {
        ApiKeyCommand::Add { name } => add(&mut connection, name),
        ApiKeyCommand::List => list(&mut connection),
        ApiKeyCommand::Revoke { key } => revoke(&mut connection, key),
    }
}

fn add(connection: &mut Connection, name: &str) -> Result<(), Failure> {
    let key = api_keys::generate().map_err(|e| Failure::new(format!("no randomness for a key: {e}")))?;
    let insert = |connection: &mut Connection| api_keys::insert(connection, name, &key, SystemClock.now());
    match in_transaction(connection, insert) {
        Err(DbError::Query(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))) => {
            Err(Failure::new(format!("there is a key {name} already; names are not used twice")))
        }
        outcome => {
            outcome?;
            print(key)
        }
    }
}

fn list(connection: &mut Connection) -> Result<(), Failure> {
    for key in api_keys::list(connection)? {
        print(json!({
            "id": key.id,
            "name": key.name,
            "ending": key.ending,
            "created_at": key.created_at,
            "revoked_at": key.revoked_at,
        }))?;
    }
    Ok(())
}

fn revoke(connection: &mut Connection, key: &str) -> Result<(), Failure> {
    let revoke = |connection: &mut Connection| api_keys::revoke(connection, key, SystemClock.now());
    if in_transaction(connection, revoke)? {
        Ok(())
    } else {
        Err(Failure::new(format!("there is no key {key}; `steward api-key list` prints all")))
    }
}
