//! The text that Prometheus reads.

use std::fmt::{Display, Write as _};

use prometheus::{Encoder as _, TextEncoder};

use crate::db::PoolUse;
use crate::metrics::Metrics;
use crate::metrics::count::{
    CACHE_HITS, CACHE_MISSES, COMMITS, CONFLICTS, Count, MERGES, OVERWRITES, POOL_TIMEOUTS, POOL_WAITS,
    PRECONDITIONS, RATE_LIMITED, REPLAYS, SIZES,
};
use crate::state::AppState;

/// Counts by their names, and what is said of them.
static COUNTS: [(&str, &str, &Count); 10] = [
    ("steward_conflicts_total", "Edits refused because others were first (409).", &CONFLICTS),
    (
        "steward_preconditions_failed_total",
        "Edits whose If-Match or If-None-Match did not hold (412).",
        &PRECONDITIONS,
    ),
    ("steward_overwrites_total", "Edits that asked not to be compared.", &OVERWRITES),
    ("steward_merges_total", "Edits merged with those of others.", &MERGES),
    ("steward_replays_total", "Answers given again to an Idempotency-Key.", &REPLAYS),
    ("steward_cache_hits_total", "Users found in memory as they are now.", &CACHE_HITS),
    ("steward_cache_misses_total", "Users read from the database.", &CACHE_MISSES),
    ("steward_db_waits_total", "Requests that found no connection to the database free.", &POOL_WAITS),
    (
        "steward_db_timeouts_total",
        "Requests that got no connection to the database in time (503).",
        &POOL_TIMEOUTS,
    ),
    (
        "steward_rate_limited_total",
        "Requests refused because their client asks too often (429).",
        &RATE_LIMITED,
    ),
];

/// Everything that is counted, as it is now.
///
/// # Errors
/// None: it is written into memory.
pub(super) fn render(metrics: &Metrics, state: &AppState) -> Result<String, prometheus::Error> {
    let mut text = Vec::new();
    TextEncoder::new().encode(&metrics.gather(), &mut text)?;
    let mut text = String::from_utf8_lossy(&text).into_owned();
    for (name, help, count) in &COUNTS {
        metric(&mut text, name, "counter", help, &[("", count.get())]);
    }
    database(&mut text, state);
    let cached = state.people.size();
    let help = "About what remembered users take.";
    metric(&mut text, "steward_cache_bytes", "gauge", help, &[("", cached.bytes)]);
    metric(&mut text, "steward_cache_users", "gauge", "Users that are remembered.", &[("", cached.users)]);
    metric(&mut text, "steward_event_clients", "gauge", "Streams of events.", &[("", state.events.count())]);
    commits(&mut text);
    Ok(text)
}

fn database(text: &mut String, state: &AppState) {
    let sent = [("", state.db.statements())];
    metric(text, "steward_db_statements_total", "counter", "Statements sent to the database.", &sent);
    let pools = state.db.pools();
    let lines =
        |of: fn(&PoolUse) -> u32| -> Vec<_> { pools.iter().map(|pool| (pool.name, of(pool))).collect() };
    let help = "Connections to the database that are at work; SQLite's writer is one of its own.";
    metric(text, "steward_db_connections_in_use", "gauge", help, &lines(|pool| pool.in_use));
    let help = "Connections to the database that are open.";
    metric(text, "steward_db_connections", "gauge", help, &lines(|pool| pool.open));
}

fn commits(text: &mut String) {
    let (counts, sum) = COMMITS.read();
    let bounds = SIZES.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
    let buckets: Vec<_> = bounds.map(|bound| format!("_bucket{{le=\"{bound}\"}}")).collect();
    let all = counts.last().copied().unwrap_or_default();
    let mut lines: Vec<_> = buckets.iter().map(String::as_str).zip(counts).collect();
    lines.extend([("_sum", sum), ("_count", all)]);
    metric(text, "steward_commit_edits", "histogram", "Edits that shared a commit.", &lines);
}

fn metric<T: Display>(text: &mut String, name: &str, kind: &str, help: &str, lines: &[(&str, T)]) {
    // A text can always be written to.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (labels, value) in lines {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}
