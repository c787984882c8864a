//! How the server is reached, and what it bears of a connection.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use validator::Validate;

use crate::transport::limits::Limits;
use crate::transport::rate::Rate;

/// Flags about connections.
#[derive(Args, Clone, Debug, Validate)]
pub struct HttpFlags {
    /// Serve by TLS, with this certificate and its chain (PEM); SIGHUP has it and its key read again
    #[arg(long, env = "STEWARD_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// The key of the certificate (PEM)
    #[arg(long, env = "STEWARD_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Send answers as they are, also to who can read them compressed
    #[arg(long, env = "STEWARD_NO_COMPRESSION")]
    pub no_compression: bool,

    /// Requests that one client may send in a minute, all at once if need be [default: any number]
    #[arg(long, env = "STEWARD_RATE_LIMIT", value_name = "N")]
    pub rate_limit: Option<NonZeroU32>,

    /// Believe the proxy in front whom it asks for: the last address in `X-Forwarded-For`
    #[arg(long, env = "STEWARD_BEHIND_PROXY")]
    pub behind_proxy: bool,

    /// Where Prometheus finds /metrics; whoever reaches it reads them [default: nowhere]
    #[arg(long, env = "STEWARD_METRICS_BIND", value_name = "ADDRESS")]
    pub metrics_bind: Option<SocketAddr>,

    /// Connections that may be open at one time; others wait
    #[arg(long, env = "STEWARD_MAX_CONNECTIONS", default_value_t = 10_000, value_name = "N")]
    #[validate(range(min = 1, max = 1_000_000, message = "must be between 1 and 1000000"))]
    pub max_connections: usize,

    /// Largest head of a request, its line and its headers, in bytes
    #[arg(long, env = "STEWARD_MAX_HEADER_BYTES", default_value_t = 32 * 1024, value_name = "BYTES")]
    #[validate(range(min = 1024, max = 131_072, message = "must be between 1 KiB and 128 KiB"))]
    pub max_header_bytes: usize,

    /// Most headers of a request
    #[arg(long, env = "STEWARD_MAX_HEADERS", default_value_t = 96, value_name = "N")]
    #[validate(range(min = 8, max = 96, message = "must be between 8 and 96"))]
    pub max_headers: usize,

    /// How long the head of a request, and the handshake of TLS, may take, in seconds
    #[arg(long, env = "STEWARD_HEADER_TIMEOUT", default_value_t = 10, value_name = "SECONDS")]
    #[validate(range(min = 1, max = 3600, message = "must be between 1 and 3600"))]
    pub header_timeout: u64,

    /// How long the body of a request may take, in seconds; each 4 KiB of it give it one more
    #[arg(long, env = "STEWARD_BODY_TIMEOUT", default_value_t = 30, value_name = "SECONDS")]
    #[validate(range(min = 1, max = 3600, message = "must be between 1 and 3600"))]
    pub body_timeout: u64,

    /// How long a client may take nothing of an answer, in seconds
    #[arg(long, env = "STEWARD_WRITE_TIMEOUT", default_value_t = 30, value_name = "SECONDS")]
    #[validate(range(min = 1, max = 3600, message = "must be between 1 and 3600"))]
    pub write_timeout: u64,

    /// How long a connection may rest between two requests, in seconds: longer than that of a proxy in front
    #[arg(long, env = "STEWARD_IDLE_TIMEOUT", default_value_t = 75, value_name = "SECONDS")]
    #[validate(range(min = 1, max = 3600, message = "must be between 1 and 3600"))]
    pub idle_timeout: u64,
}

impl HttpFlags {
    /// The bounds of a request.
    #[must_use]
    pub fn limits(&self, max_body: usize) -> Limits {
        Limits {
            head: self.max_header_bytes,
            headers: self.max_headers,
            body: max_body,
            body_time: Duration::from_secs(self.body_timeout),
        }
    }

    /// How often clients may ask.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate_limit.map_or_else(Rate::unlimited, |limit| Rate::per_minute(limit, self.behind_proxy))
    }

    /// What URLs of the server begin with.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.tls_cert.is_some() { "https" } else { "http" }
    }
}
