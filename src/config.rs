//! What the server can be told: one field per flag, each with an environment variable, a default and bounds.

mod http;
mod sign_in;

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use validator::Validate;

use crate::db::Limits;
use crate::db::postgres::LOCK_WAIT;

pub use http::HttpFlags;
pub use sign_in::SignInFlags;

/// Flags of `serve`, `demo` and `doctor`.
#[derive(Args, Clone, Debug, Validate)]
pub struct Config {
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, env = "STEWARD_BIND", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,

    /// Key that tokens are signed with (HS256); default: a random one kept in the database
    #[arg(long, env = "STEWARD_JWT_SECRET", hide_env_values = true, value_name = "TEXT")]
    #[validate(length(min = 1, message = "must not be empty"))]
    pub jwt_secret: Option<String>,

    /// Origin that browsers may call from; may be given several times [default: any, without credentials]
    #[arg(long = "cors-origin", env = "STEWARD_CORS_ORIGIN", value_delimiter = ',', value_name = "ORIGIN")]
    #[validate(custom(function = origins))]
    pub cors_origins: Vec<String>,

    /// Where clients reach the server, for URLs that documents show [default: http and the address listened on]
    #[arg(long, env = "STEWARD_PUBLIC_URL", value_name = "URL")]
    #[validate(custom(function = base_url))]
    pub public_url: Option<String>,

    /// Largest request body in bytes; the form of a picture may have 5 MiB and 64 KiB in any case
    #[arg(long, env = "STEWARD_MAX_BODY", default_value_t = 1024 * 1024, value_name = "BYTES")]
    #[validate(range(min = 1024, max = 67_108_864, message = "must be between 1 KiB and 64 MiB"))]
    pub max_body: usize,

    /// Threads that answer requests [default: one per processor]
    #[arg(long, env = "STEWARD_WORKERS", value_name = "N")]
    #[validate(range(min = 1, max = 512, message = "must be between 1 and 512"))]
    pub workers: Option<usize>,

    /// Connections to the database
    #[arg(long, env = "STEWARD_DB_CONNECTIONS", default_value_t = 8, value_name = "N")]
    #[validate(range(min = 1, max = 1000, message = "must be between 1 and 1000"))]
    pub db_connections: u32,

    /// How long a request waits for a connection before it is answered 503, in milliseconds
    #[arg(long, env = "STEWARD_DB_WAIT_MS", default_value_t = 5000, value_name = "MS")]
    #[validate(range(min = 1, max = 60_000, message = "must be between 1 and 60000"))]
    pub db_wait_ms: u64,

    /// Memory for remembered users, in megabytes; 0 remembers none
    #[arg(long, env = "STEWARD_CACHE_MB", default_value_t = 64, value_name = "MB")]
    #[validate(range(max = 65_536, message = "must be at most 65536"))]
    pub cache_mb: u64,

    /// Streams of events that may be open at one time
    #[arg(long, env = "STEWARD_EVENT_CLIENTS", default_value_t = 5000, value_name = "N")]
    #[validate(range(max = 30_000, message = "must be at most 30000"))]
    pub event_clients: usize,

    /// For how many days deletions are told of; whoever syncs less often fetches all
    #[arg(long, env = "STEWARD_DELETED_RECORDS_DAYS", default_value_t = 90, value_name = "DAYS")]
    #[validate(range(min = 1, max = 36_500, message = "must be between 1 and 36500"))]
    pub deleted_records_days: u32,

    /// Leaves out the console, the page at /console
    #[arg(long, env = "STEWARD_NO_CONSOLE")]
    pub no_console: bool,

    /// How long the server goes on when it is told to stop, in seconds, while /readyz refuses so that balancers look elsewhere
    #[arg(long, env = "STEWARD_DRAIN", default_value_t = 0, value_name = "SECONDS")]
    #[validate(range(max = 3600, message = "must be at most 3600"))]
    pub drain: u64,

    /// How long requests may take to finish when the server is told to stop, in seconds
    #[arg(long, env = "STEWARD_SHUTDOWN_TIMEOUT", default_value_t = 30, value_name = "SECONDS")]
    #[validate(range(max = 3600, message = "must be at most 3600"))]
    pub shutdown_timeout: u64,

    /// Let no edits share commits: to measure what that brings
    #[arg(long, hide = true)]
    pub one_commit_per_request: bool,

    /// How the server is reached
    #[command(flatten)]
    #[validate(nested)]
    pub http: HttpFlags,

    /// Who is asked who somebody is
    #[command(flatten)]
    #[validate(nested)]
    pub sign_in: SignInFlags,
}

impl Config {
    /// The bounds of the database's pool.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let wait = Duration::from_millis(self.db_wait_ms);
        Limits { connections: self.db_connections, wait, lock_wait: LOCK_WAIT, keeps: self.cache_mb > 0 }
    }
}

/// What paths can be put behind.
fn base_url(text: &str) -> Result<(), validator::ValidationError> {
    let is_plain = |url: &url::Url| {
        // As it is written, since it is shown so.
        let is_written_out = text.starts_with("http://") || text.starts_with("https://");
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
        let has_secrets = !url.username().is_empty() || url.password().is_some();
        let is_path = url.query().is_none() && url.fragment().is_none();
        is_written_out && is_path && !has_secrets && !text.contains(is_odd)
    };
    if url::Url::parse(text).is_ok_and(|url| is_plain(&url)) {
        return Ok(());
    }
    Err(validator::ValidationError::new("base_url").with_message("must look like https://api.example".into()))
}

/// An origin is a scheme, a host and perhaps a port; browsers send no path with it.
fn origins(origins: &[String]) -> Result<(), validator::ValidationError> {
    let is_origin = |origin: &String| match origin.split_once("://") {
        Some((scheme, host)) => !scheme.is_empty() && !host.is_empty() && !host.contains('/'),
        None => false,
    };
    if origins.iter().all(is_origin) {
        return Ok(());
    }
    Err(validator::ValidationError::new("origin").with_message("must look like https://app.example".into()))
}
