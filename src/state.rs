//! What all requests of a node share.

use std::sync::Arc;
use std::time::Duration;

use crate::account_lists::linkages::Linkages;
use crate::auth::providers::Providers;
use crate::auth::tokens::Tokens;
use crate::clock::Clock;
use crate::db::Database;
use crate::health::Leaving;
use crate::metrics::Metrics;
use crate::sync::events::Hub;
use crate::sync::idempotency::InFlight;
use crate::transport::limits::Limits;
use crate::transport::rate::Rate;
use crate::users::avatar::gallery::Gallery;
use crate::users::cache::PersonCache;
use crate::users::statuses::Statuses;
use crate::users::writes::Writes;

/// Shared by all workers of a node; clones share it.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The database.
    pub db: Database,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// Makes and verifies tokens.
    pub tokens: Arc<Tokens>,
    /// Who is asked who somebody is.
    pub sign_in: Arc<Providers>,
    /// Reads of how callers stand.
    pub statuses: Statuses,
    /// Reads of what account lists name.
    pub linkages: Linkages,
    /// Edits of users that share commits.
    pub writes: Writes,
    /// Users as this node last saw them.
    pub people: Arc<PersonCache>,
    /// The database's random id, a part of every entity tag.
    pub incarnation: Arc<str>,
    /// The version that users have had since the database was put back to an older state; `None` where it never was.
    pub restored_version: Option<i64>,
    /// Keys of writes that are at work on this node.
    pub in_flight: InFlight,
    /// Who listens on this node to what is new.
    pub events: Hub,
    /// Whether this node is about to stop.
    pub leaving: Leaving,
    /// Pictures and their forms on their way.
    pub pictures: Arc<Gallery>,
    /// How long a write waits for another with its key.
    pub key_wait: Duration,
    /// For how many days deletions are told of.
    pub deleted_records_days: u32,
    /// How large a request may be.
    pub limits: Limits,
    /// What is counted of requests, where somebody looks.
    pub metrics: Option<Arc<Metrics>>,
    /// How often clients may ask.
    pub rate: Rate,
    /// Whether answers are compressed for who can read them so.
    pub compresses: bool,
    /// Whether the server is reached by TLS.
    pub by_tls: bool,
    /// Origins that browsers may call from; none means any.
    pub cors_origins: Arc<[String]>,
    /// Whether the console is served.
    pub has_console: bool,
}
