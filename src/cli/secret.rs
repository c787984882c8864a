//! `steward secret …`

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, Store, new_secret, print};
use crate::auth::secrets::Secrets;
use crate::clock::{Clock as _, Stamp, SystemClock};
use crate::db::in_transaction;

/// What to do with the signing secret.
#[derive(Debug, Subcommand)]
pub(super) enum SecretCommand {
    /// Sign with a new secret from now on; servers notice within seconds
    Rotate(RotateArgs),
}

/// Arguments of `secret rotate`.
#[derive(Args, Debug)]
pub(super) struct RotateArgs {
    /// How long tokens of the old secret, and of those before it, stay valid, such as 30d, or 0s for not at all
    #[arg(long, default_value = "30d", value_parser = grace, value_name = "TIME")]
    grace: i64,

    /// A secret that was given to the servers can't be rotated here
    #[arg(long, env = "STEWARD_JWT_SECRET", hide_env_values = true, hide = true, value_name = "TEXT")]
    jwt_secret: Option<String>,
}

/// Whole seconds, at most a century.
fn grace(text: &str) -> Result<i64, String> {
    let seconds = humantime::parse_duration(text).map_err(|e| e.to_string())?.as_secs();
    match i64::try_from(seconds) {
        Ok(seconds @ ..=3_155_760_000) => Ok(seconds),
        _ => Err("must be at most 100 years".to_owned()),
    }
}

/// Runs a command on the secret.
pub(super) fn run(store: &Store, command: &SecretCommand) -> Result<(), Failure> {
    let SecretCommand::Rotate(arguments) = command;
    if arguments.jwt_secret.is_some() {
        return Err(Failure::usage(
            "the signing secret is given by --jwt-secret (STEWARD_JWT_SECRET), not kept in the database: \
             change it where the servers are given it",
        ));
    }
    let mut connection = store.open()?;
    let (made, now) = (new_secret()?, SystemClock.now());
    in_transaction(&mut connection, |connection| Secrets::rotate(connection, &made, now, arguments.grace))?;
    let until = Stamp::from_seconds(now.seconds().saturating_add(arguments.grace));
    print(json!({ "rotated_at": now, "old_valid_until": until }))
}
