//! How often one client may ask. Who is known is counted by who he is, anybody else by his address.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::dev::RequestHead;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use quick_cache::sync::Cache;

use crate::auth::api_keys::X_API_KEY;
use crate::error::Error;
use crate::id::Id;

/// Clients that are remembered. Of more, those who have asked least are forgotten, and begin anew.
const CLIENTS: usize = 50_000;

/// What a proxy tells of whom it asks for.
pub const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What is asked by those who look whether the server lives.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Whom requests are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Client {
    /// A user, or an integration.
    Known(Id),
    /// A network, of which one household has many addresses.
    Address(IpAddr),
}

/// Marks a request that was counted.
struct Counted;

/// How often each client has asked. Clones share it.
#[derive(Clone)]
pub struct Rate(Option<Arc<Inner>>);

struct Inner {
    quota: Quota,
    is_behind_proxy: bool,
    clients: Cache<Client, Arc<DefaultDirectRateLimiter>>,
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rate").field(&self.0.as_ref().map(|inner| inner.quota)).finish()
    }
}

impl Rate {
    /// Any number of requests.
    #[must_use]
    pub fn unlimited() -> Self {
        Self(None)
    }

    /// So many requests in each minute, all of which may come at once. `is_behind_proxy` believes the proxy in front
    /// whom it asks for.
    #[must_use]
    pub fn per_minute(requests: NonZeroU32, is_behind_proxy: bool) -> Self {
        let clients = Cache::new(CLIENTS);
        Self(Some(Arc::new(Inner { quota: Quota::per_minute(requests), is_behind_proxy, clients })))
    }

    /// Counts a request that shows nothing by which somebody could be known.
    ///
    /// # Errors
    /// 429.
    pub fn at_the_door(&self, request: &impl HttpMessage, head: &RequestHead) -> Result<(), Error> {
        let shows = |name: &HeaderName| head.headers.contains_key(name);
        match &self.0 {
            Some(inner) if !shows(&AUTHORIZATION) && !shows(&X_API_KEY) => {
                inner.count_stranger(request, head)
            }
            _ => Ok(()),
        }
    }

    /// Counts a request of somebody who is known.
    ///
    /// # Errors
    /// 429.
    pub fn known(&self, request: &impl HttpMessage, client: Id) -> Result<(), Error> {
        self.0.as_ref().map_or(Ok(()), |inner| inner.count(request, Client::Known(client)))
    }

    /// Counts a request of somebody who is not, unless it was counted.
    ///
    /// # Errors
    /// 429.
    pub fn stranger(&self, request: &impl HttpMessage, head: &RequestHead) -> Result<(), Error> {
        self.0.as_ref().map_or(Ok(()), |inner| inner.count_stranger(request, head))
    }
}

impl Inner {
    fn count_stranger(&self, request: &impl HttpMessage, head: &RequestHead) -> Result<(), Error> {
        if PROBES.contains(&head.uri.path()) {
            return Ok(());
        }
        let told = self.is_behind_proxy.then(|| forwarded_for(&head.headers)).flatten();
        match told.or(head.peer_addr.map(|peer| peer.ip())) {
            Some(address) => self.count(request, Client::Address(network(address))),
            None => Ok(()),
        }
    }

    fn count(&self, request: &impl HttpMessage, client: Client) -> Result<(), Error> {
        if request.extensions_mut().insert(Counted).is_some() {
            return Ok(());
        }
        let new = || Ok::<_, Infallible>(Arc::new(RateLimiter::direct(self.quota)));
        let Ok(limiter) = self.clients.get_or_insert_with(&client, new);
        limiter.check().map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
            Error::too_often(seconds)
        })
    }
}

/// The address that the proxy in front has seen, which it puts behind what it was told itself.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED_FOR).last()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

/// An address of IPv4; of IPv6 the half that names a network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        four @ IpAddr::V4(_) => four,
    }
}
