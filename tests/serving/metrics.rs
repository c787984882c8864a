//! What Prometheus is told.

use std::collections::BTreeMap;
use std::io::Write as _;

use serde_json::json;

use super::{connect, heard, serve};
use crate::support::app::{JSON_API, REY};
use crate::support::program::Program;

/// A server that is looked at.
struct Looked {
    program: Program,
    token: String,
    /// Where its metrics are.
    metrics: String,
    _place: crate::support::Place,
}

impl Looked {
    fn serve(flags: &[&str]) -> Self {
        let all = [&["--metrics-bind", "127.0.0.1:0", "--log", "info"], flags].concat();
        let (place, mut program, token) = serve(&all);
        let line = program.log().find(|line| line.contains("metrics are at ")).expect("where they are");
        let metrics = line.split_once("metrics are at ").expect("a URL").1.to_owned();
        Self { program, token, metrics, _place: place }
    }

    fn put(&self, attributes: serde_json::Value, key: Option<&str>) -> u16 {
        let document = json!({ "data": { "type": "users", "attributes": attributes } });
        let request = Program::agent().put(self.program.user_url()).header("Content-Type", JSON_API);
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        let request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
        request.send(document.to_string()).expect("an answer").status().as_u16()
    }

    fn get(&self, path: &str) -> u16 {
        let request = Program::agent().get(format!("{}{path}", self.program.url));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        request.call().expect("an answer").status().as_u16()
    }

    fn text(&self) -> String {
        let mut answer = Program::agent().get(&self.metrics).call().expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.body_mut().read_to_string().expect("a text")
    }

    /// Each value by its name and labels.
    fn values(&self) -> BTreeMap<String, f64> {
        let text = self.text();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let parts = lines.map(|line| line.rsplit_once(' ').expect("a value"));
        parts.map(|(name, value)| (name.to_owned(), value.parse().expect("a number"))).collect()
    }
}

#[test]
fn requests_are_counted_by_route_method_and_status_and_never_by_user() {
    let looked = Looked::serve(&[]);
    assert_eq!(looked.get("/api/v2/user"), 200);
    assert_eq!(looked.get(&format!("/api/v2/users/{REY}")), 200);
    assert_eq!(looked.get("/api/v2/users/me"), 200);
    assert_eq!(looked.get("/nothing/of/this"), 404);
    let values = looked.values();
    let requests = |route: &str, method: &str, status: u16| {
        let name = "steward_http_requests_total";
        values.get(&format!("{name}{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}")).copied()
    };
    assert_eq!(requests("/api/v2/user", "GET", 200), Some(1.0));
    assert_eq!(requests("/api/v2/users/{id}", "GET", 200), Some(2.0));
    assert_eq!(requests("none", "GET", 404), Some(1.0));
    let times = "steward_http_request_duration_seconds_count{method=\"GET\",route=\"/api/v2/users/{id}\"}";
    assert_eq!(values.get(times), Some(&2.0));
    let text = looked.text();
    assert!(!text.contains(REY) && !text.contains("nothing/of") && !text.contains(&looked.token), "{text}");
    assert_eq!(looked.get("/metrics"), 404, "clients do not see it");
}

#[test]
fn what_becomes_of_edits_is_counted() {
    let looked = Looked::serve(&[]);
    let before = looked.values();
    assert_eq!(looked.put(json!({ "first_name": "Jack", "overwrite": true }), None), 200);
    assert_eq!(
        looked.put(json!({ "first_name": "Joe", "updated_in_db_at": "2020-01-01T00:00:00Z" }), None),
        409
    );
    let merge = json!({ "employer": "Cru", "overwrite": true });
    assert_eq!(looked.put(merge.clone(), Some("key")), 200);
    assert_eq!(looked.put(merge, Some("key")), 200);
    let mut stream = connect(&looked.program);
    let head = format!(
        "GET /api/v2/user/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
        looked.token
    );
    stream.write_all(head.as_bytes()).expect("sent");
    while heard(&mut stream).is_none() {}
    let after = looked.values();
    let more = |name: &str| after[name] - before[name];
    assert!((more("steward_conflicts_total") - 1.0).abs() < 0.1, "{after:?}");
    assert!((more("steward_replays_total") - 1.0).abs() < 0.1, "{after:?}");
    assert!((more("steward_overwrites_total") - 2.0).abs() < 0.1, "what was replayed is not read: {after:?}");
    assert!((more("steward_commit_edits_count") - 1.0).abs() < 0.1, "what has a key goes alone: {after:?}");
    assert!((more("steward_commit_edits_bucket{le=\"1\"}") - 1.0).abs() < 0.1, "{after:?}");
    assert!((more("steward_event_clients") - 1.0).abs() < 0.1, "{after:?}");
    assert!(more("steward_db_statements_total") > 1.0, "{after:?}");
    assert!(more("steward_cache_bytes") > 1.0 && more("steward_cache_misses_total") > 0.5, "{after:?}");
    for name in ["steward_db_waits_total", "steward_merges_total", "steward_preconditions_failed_total"] {
        assert!(after.contains_key(name), "{name} of {after:?}");
    }
    let hits = after["steward_cache_hits_total"];
    assert_eq!(looked.get("/api/v2/user"), 200);
    assert_eq!(looked.get("/api/v2/user"), 200);
    assert!(looked.values()["steward_cache_hits_total"] > hits);
}
