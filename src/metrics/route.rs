//! Requests of one route. A counter is made when it is first needed, and found by its place from then on.

use std::sync::OnceLock;
use std::time::Duration;

use actix_web::http::Method;
use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec};

/// Methods that are told apart; any other is the last.
const METHODS: [&str; 8] = ["GET", "PUT", "PATCH", "POST", "DELETE", "HEAD", "OPTIONS", "other"];

/// Statuses that are told apart; any other is the last.
const STATUSES: [&str; 28] = [
    "200", "304", "409", "201", "204", "400", "401", "404", "412", "403", "405", "406", "408", "410", "413",
    "415", "422", "429", "431", "500", "503", "101", "202", "206", "301", "302", "501", "other",
];

/// A route.
#[derive(Debug)]
pub struct Route {
    pattern: String,
    requests: IntCounterVec,
    times: HistogramVec,
    methods: [ByMethod; METHODS.len()],
}

#[derive(Debug, Default)]
struct ByMethod {
    time: OnceLock<Histogram>,
    statuses: [OnceLock<IntCounter>; STATUSES.len()],
}

impl Route {
    pub(super) fn new(pattern: &str, requests: &IntCounterVec, times: &HistogramVec) -> Self {
        let pattern = readable(pattern);
        Self { pattern, requests: requests.clone(), times: times.clone(), methods: Default::default() }
    }

    /// Counts a request.
    pub fn count(&self, method: &Method, status: u16, took: Duration) {
        let Some((name, by)) = placed(&METHODS, &self.methods, |name| *name == method.as_str()) else {
            return;
        };
        by.time
            .get_or_init(|| self.times.with_label_values(&[self.pattern.as_str(), name]))
            .observe(took.as_secs_f64());
        let is_status = |name: &str| name.parse() == Ok(status);
        if let Some((status, counter)) = placed(&STATUSES, &by.statuses, |name| is_status(name)) {
            let label = || self.requests.with_label_values(&[self.pattern.as_str(), name, status]);
            counter.get_or_init(label).inc();
        }
    }
}

/// The entry with a name, or else the last.
fn placed<'a, T>(
    names: &'static [&'static str],
    entries: &'a [T],
    is_it: impl Fn(&&'static str) -> bool,
) -> Option<(&'static str, &'a T)> {
    let place = names.iter().position(is_it).unwrap_or(names.len() - 1);
    names.get(place).copied().zip(entries.get(place))
}

/// A pattern without what its parts have to look like: `/users/{id:[0-9]+}` is `/users/{id}`.
fn readable(pattern: &str) -> String {
    let (mut text, mut depth, mut is_rule) = (String::new(), 0_u32, false);
    for c in pattern.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 1 => is_rule = true,
            _ => {}
        }
        if depth == 0 {
            is_rule = false;
        }
        if !is_rule {
            text.push(c);
        }
    }
    text
}
