//! The signing secret that the database keeps for all nodes, and those before it that still count.

use std::fmt;
use std::time::Duration;

use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::Stamp;
use crate::db::settings::{self, FORMER_JWT_SECRETS, JWT_SECRET};
use crate::db::{Connection, DbError};
use crate::state::AppState;

/// How often a node looks whether the secret was changed: for so long a node may still take an old one.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(2);

/// What own tokens are signed with, and what they may have been signed with before.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Signs and verifies.
    pub current: String,
    /// Only verify.
    pub former: Vec<Former>,
}

/// A secret that was replaced.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// Its text.
    pub secret: String,
    /// Tokens signed with it are refused from this second on (since 1970).
    pub until: i64,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl fmt::Debug for Former {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Former").field("until", &self.until).finish_non_exhaustive()
    }
}

impl Secrets {
    /// One secret, with none before it.
    #[must_use]
    pub fn of(current: &str) -> Self {
        Self { current: current.to_owned(), former: Vec::new() }
    }

    /// The kept secrets; `None` where none was ever made.
    ///
    /// # Errors
    /// The query's.
    pub fn read(connection: &mut Connection) -> QueryResult<Option<Self>> {
        let stored = settings::both(connection, JWT_SECRET, FORMER_JWT_SECRETS)?;
        let [Some(current), former] = stored else { return Ok(None) };
        let former = former.map(|text| serde_json::from_str(&text)).transpose();
        let former = former.map_err(|e| diesel::result::Error::DeserializationError(Box::new(e)))?;
        Ok(Some(Self { current, former: former.unwrap_or_default() }))
    }

    /// The kept secrets; where there is none, `made` is kept.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn read_or_keep(connection: &mut Connection, made: &str) -> Result<Self, DbError> {
        match Self::read(connection)? {
            Some(kept) => Ok(kept),
            None => Ok(Self::of(&settings::get_or_set(connection, JWT_SECRET, made)?)),
        }
    }

    /// Keeps `made` as the secret. The one before it, and all before that, count for `grace` seconds more at most.
    /// Belongs into a transaction.
    ///
    /// # Errors
    /// The statements'.
    pub fn rotate(connection: &mut Connection, made: &str, now: Stamp, grace: i64) -> QueryResult<()> {
        settings::lock(connection, JWT_SECRET)?;
        let end = now.seconds().saturating_add(grace);
        if let Some(kept) = Self::read(connection)? {
            let mut former = kept.former;
            former.push(Former { secret: kept.current, until: end });
            for one in &mut former {
                one.until = one.until.min(end);
            }
            former.retain(|one| one.until > now.seconds());
            // Texts and numbers can always be written into memory.
            let text = serde_json::to_string(&former).unwrap_or_default();
            settings::set(connection, FORMER_JWT_SECRETS, &text)?;
        }
        settings::set(connection, JWT_SECRET, made)
    }
}

/// Looks whether the secret was changed, where it is the database's.
///
/// # Errors
/// [`DbError`]; what is known stays known.
pub async fn look(state: &AppState) -> Result<(), DbError> {
    if let Some(secrets) = state.db.read(Secrets::read).await? {
        state.tokens.know(secrets);
    }
    Ok(())
}

/// Looks again and again, so that a rotation is known to a node without a restart.
pub async fn keep_known(state: AppState) {
    if !state.tokens.are_kept() {
        return;
    }
    let mut round = interval(LOOKED_AT_EVERY);
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_down = false;
    loop {
        round.tick().await;
        match look(&state).await {
            Ok(()) => is_down = false,
            // While the database is down no token is accepted anyway.
            Err(e) if !is_down => {
                is_down = true;
                log::warn!("whether the signing secret was rotated is not known: {e}");
            }
            Err(_) => {}
        }
    }
}
