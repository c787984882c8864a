//! What the process counts of itself, for Prometheus. Nothing here names a user.

pub mod count;
mod route;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};

pub use route::Route;

/// What requests are counted as for which there is no route.
const UNMATCHED: &str = "none";

/// Upper bounds of the times that answers take, in seconds.
const TIMES: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Requests by their routes. What else is counted is read when it is asked for.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    times: HistogramVec,
    routes: Mutex<HashMap<String, Arc<Route>>>,
    unmatched: Arc<Route>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Nothing is counted yet.
    ///
    /// # Errors
    /// None: the names are as Prometheus has them.
    pub fn new() -> Result<Self, prometheus::Error> {
        let requests = IntCounterVec::new(
            Opts::new(
                "steward_http_requests_total",
                "Requests, those of batches too, by route, method and status.",
            ),
            &["route", "method", "status"],
        )?;
        let times = HistogramOpts::new(
            "steward_http_request_duration_seconds",
            "Seconds from a request's head to its answer, by route and method.",
        );
        let times = HistogramVec::new(times.buckets(TIMES.to_vec()), &["route", "method"])?;
        let registry = Registry::new();
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(times.clone()))?;
        let unmatched = Arc::new(Route::new(UNMATCHED, &requests, &times));
        Ok(Self { registry, requests, times, routes: Mutex::default(), unmatched })
    }

    /// The route of a pattern, the same for each thread.
    #[must_use]
    pub fn route(&self, pattern: &str) -> Arc<Route> {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Route::new(pattern, &self.requests, &self.times));
        Arc::clone(routes.entry(pattern.to_owned()).or_insert_with(new))
    }

    /// What Prometheus' library has counted.
    #[must_use]
    pub fn gather(&self) -> Vec<prometheus::proto::MetricFamily> {
        self.registry.gather()
    }

    /// What has no route.
    #[must_use]
    pub fn unmatched(&self) -> &Route {
        &self.unmatched
    }
}
