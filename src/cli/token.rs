//! `steward token`

use clap::Args;

use super::{Failure, Store, advice, print, tokens};
use crate::clock::{Clock as _, SystemClock};
use crate::db::Connection;
use crate::id::Id;
use crate::users::store::Status;

/// Arguments of `token`.
#[derive(Args, Debug)]
pub(super) struct TokenArgs {
    /// The user's id
    user: Id,

    /// How long the token is valid, such as 30d or 12h
    #[arg(long, default_value = "30d", value_parser = lifetime)]
    ttl: i64,

    /// Key to sign with; default: the one kept in the database
    #[arg(long, env = "STEWARD_JWT_SECRET", hide_env_values = true, value_name = "TEXT")]
    jwt_secret: Option<String>,
}

/// Prints a token.
pub(super) fn run(store: &Store, arguments: &TokenArgs) -> Result<(), Failure> {
    let mut connection = store.open()?;
    print(issue(&mut connection, arguments.user, arguments.jwt_secret.as_deref(), arguments.ttl)?)
}

/// Whole seconds, at least one, at most a century.
fn lifetime(text: &str) -> Result<i64, String> {
    let seconds = humantime::parse_duration(text).map_err(|e| e.to_string())?.as_secs();
    match i64::try_from(seconds) {
        Ok(seconds @ 1..=3_155_760_000) => Ok(seconds),
        _ => Err("must be between one second and 100 years".to_owned()),
    }
}

/// A token for a user who exists.
pub(super) fn issue(
    connection: &mut Connection,
    user: Id,
    secret: Option<&str>,
    lifetime: i64,
) -> Result<String, Failure> {
    let status = Status::read(connection, user)?.ok_or_else(|| Failure::new(advice::no_user(user)))?;
    let tokens = tokens(connection, secret)?;
    let token = tokens.issue(user, SystemClock.now(), status.token_epoch, lifetime);
    token.map_err(|e| Failure::new(e.to_string()))
}
