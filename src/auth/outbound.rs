//! The one client with which the server asks others: providers of identities. Bounded in time, size and number, off
//! the event loop and off the threads that wait for the database; redirects are not followed.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};
use thiserror::Error;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use url::{Host, Url};

/// Questions that may be open at one time; each has a thread of its own.
const AT_ONCE: usize = 16;

/// Bytes of an answer's head.
const HEAD_LIMIT: usize = 16 * 1024;

/// Why somebody else did not answer. The texts are for the log: they name no URL, which may hold a ticket.
#[derive(Debug, Error)]
pub enum OutboundError {
    /// Too many questions are open.
    #[error("too many questions are open")]
    Busy,
    /// An answer that is none.
    #[error("the answer has status {0}")]
    Status(u16),
    /// No answer in time, no connection, an answer that is too large.
    #[error("{0}")]
    Failed(String),
}

/// Asks others.
pub struct Outbound {
    agent: Agent,
    permits: Arc<Semaphore>,
    wait: Duration,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("wait", &self.wait).finish_non_exhaustive()
    }
}

/// Whether what is told from `url` can be trusted: https, or http on this machine.
#[must_use]
pub fn is_allowed(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    let is_plain = url.username().is_empty() && url.password().is_none();
    is_plain && (url.scheme() == "https" || url.scheme() == "http" && is_here)
}

impl Outbound {
    /// A client that trusts the authorities in `ca`, or else the system's, and waits for `wait` at most.
    ///
    /// # Errors
    /// Where there are no authorities: a sentence.
    pub fn new(ca: Option<&Path>, wait: Duration) -> Result<Self, String> {
        let found = ca.map_or_else(load_native_certs, |file| load_certs_from_paths(Some(file), None));
        let CertificateResult { certs, errors, .. } = found;
        if certs.is_empty() {
            let why = errors.first().map_or_else(|| "there are none".to_owned(), ToString::to_string);
            return Err(format!("no certificate authorities for signing in (--sign-in-ca): {why}"));
        }
        let roots: Vec<_> = certs.iter().map(|cert| Certificate::from_der(cert).to_owned()).collect();
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(wait))
            .max_redirects(0)
            .http_status_as_error(false)
            .max_response_header_size(HEAD_LIMIT)
            // Questions are rare, and a connection that was kept may be dead.
            .max_idle_connections(0)
            .user_agent(concat!("steward/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.new_agent(), permits: Arc::new(Semaphore::new(AT_ONCE)), wait })
    }

    /// The body of what `url` answers, of `limit` bytes at most.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn get(&self, url: String, limit: u64) -> Result<Vec<u8>, OutboundError> {
        let permit = timeout(self.wait, Arc::clone(&self.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(OutboundError::Busy) };
        let (agent, (send, receive)) = (self.agent.clone(), oneshot::channel());
        // Not the threads of the database: whoever waits for a provider must not keep others from it.
        let started = thread::Builder::new().name("outbound".to_owned()).spawn(move || {
            // Given back when the thread ends, whether or not its caller still waits.
            let _permit = permit;
            // Nobody listens where the caller has gone away.
            let _ = send.send(fetch(&agent, &url, limit));
        });
        started.map_err(|e| OutboundError::Failed(format!("no thread: {e}")))?;
        receive.await.unwrap_or_else(|_| Err(OutboundError::Failed("the thread ended".to_owned())))
    }
}

fn fetch(agent: &Agent, url: &str, limit: u64) -> Result<Vec<u8>, OutboundError> {
    let mut response = agent.get(url).call().map_err(|e| failed(&e))?;
    if response.status() != 200 {
        return Err(OutboundError::Status(response.status().as_u16()));
    }
    response.body_mut().with_config().limit(limit).read_to_vec().map_err(|e| failed(&e))
}

/// The error in words without the URL.
fn failed(error: &ureq::Error) -> OutboundError {
    use ureq::Error as E;
    OutboundError::Failed(match error {
        E::BadUri(_) | E::Http(_) | E::RequireHttpsOnly(_) => "the URL can't be asked".to_owned(),
        other => other.to_string(),
    })
}
