//! `steward token`

use clap::Args;

use super::{Failure, Store, print, tokens};
use crate::auth::tokens::LIFETIME;
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
    #[arg(long, default_value = "30d", value_parser = humantime::parse_duration)]
    ttl: std::time::Duration,

    /// Key to sign with; default: the one kept in the database
    #[arg(long, env = "STEWARD_JWT_SECRET", hide_env_values = true, value_name = "TEXT")]
    jwt_secret: Option<String>,
}

/// Prints a token.
pub(super) fn run(store: &Store, arguments: &TokenArgs) -> Result<(), Failure> {
    let mut connection = store.open()?;
    let lifetime = i64::try_from(arguments.ttl.as_secs()).unwrap_or(LIFETIME);
    print(issue(&mut connection, arguments.user, arguments.jwt_secret.as_deref(), lifetime)?)
}

/// A token for a user who exists.
pub(super) fn issue(
    connection: &mut Connection,
    user: Id,
    secret: Option<&str>,
    lifetime: i64,
) -> Result<String, Failure> {
    let status =
        Status::read(connection, user)?.ok_or_else(|| Failure(format!("there is no user {user}")))?;
    let tokens = tokens(connection, secret)?;
    let token = tokens.issue(user, SystemClock.now(), status.token_epoch, lifetime);
    token.map_err(|e| Failure(e.to_string()))
}
