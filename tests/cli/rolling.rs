//! Nodes that are restarted one after the other behind `haproxy`, under load: nobody notices.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Place;
use crate::support::app::JSON_API;
use crate::support::backend::{is_postgres, report};
use crate::support::program::Program;

/// Where `haproxy` must be there.
const REQUIRED: &str = "STEWARD_REQUIRE_HAPROXY";

/// What docs/scaling.md recommends.
const CONFIGURATION: &str = include_str!("../../docs/examples/haproxy.cfg");

/// So often each of the two nodes is restarted.
const ROUNDS: usize = 2;

const CLIENTS: usize = 4;

struct Balancer {
    child: Child,
    folder: TempDir,
    url: String,
}

impl Balancer {
    /// None where there is no `haproxy`, and none has to be.
    fn start() -> Option<Self> {
        let folder = TempDir::new().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
        let socket = folder.path().join("admin.sock");
        let socket = format!("stats socket {} level admin\n", socket.to_str().expect("text"));
        let plain: Vec<_> = CONFIGURATION.lines().filter(|line| !line.contains(" ssl crt ")).collect();
        let configuration = plain.join("\n") + "\n";
        let configuration = configuration
            .replacen("global\n", &format!("global\n    {socket}"), 1)
            .replace("bind 127.0.0.1:8080", &format!("bind 127.0.0.1:{port}"))
            .replace("inter 1s", "inter 100ms");
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, configuration).expect("its configuration");
        let mut command = Command::new("haproxy");
        command
            .args(["-db", "-f"])
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = match command.spawn() {
            Ok(child) => child,
            Err(why) => {
                assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED}: {why}");
                return None;
            }
        };
        Some(Self { child, folder, url: format!("http://127.0.0.1:{port}/api/v2/user") })
    }

    /// Asks the balancer itself.
    fn ask(&mut self, line: &str) -> String {
        let socket: PathBuf = self.folder.path().join("admin.sock");
        loop {
            assert!(self.child.try_wait().expect("its state").is_none(), "HAProxy has ended");
            // It is there when HAProxy has begun.
            let Ok(mut stream) = UnixStream::connect(&socket) else {
                thread::yield_now();
                continue;
            };
            stream.write_all(format!("{line}\n").as_bytes()).expect("a question");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("an answer");
            return answer;
        }
    }

    /// Names the address of a node.
    fn place(&mut self, name: &str, program: &Program) {
        let (address, port) = program.url.trim_start_matches("http://").rsplit_once(':').expect("a port");
        self.ask(&format!("set server steward/{name} addr {address} port {port}"));
    }

    /// Waits until the balancer has found a node in this state.
    fn await_state(&mut self, name: &str, state: &str) {
        loop {
            let lines = self.ask("show stat");
            let line =
                lines.lines().find(|line| line.starts_with(&format!("steward,{name},"))).expect("its line");
            if line.split(',').any(|field| field == state) {
                return;
            }
            thread::yield_now();
        }
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn node(place: &Place) -> Program {
    Program::start(&place.database(), &["serve", "--drain", "60"])
}

/// What a client asks for, one after the other; whether it is answered as it must be.
fn ask(agent: &ureq::Agent, url: &str, token: &str, number: u64) -> Result<(), String> {
    let authorization = format!("Bearer {token}");
    let answer = if number.is_multiple_of(2) {
        agent.get(url).header("Authorization", authorization).call()
    } else {
        let attributes = json!({ "employer": number.to_string(), "overwrite": true });
        let document = json!({ "data": { "type": "users", "attributes": attributes } });
        let request = agent.put(url).header("Authorization", authorization).header("Content-Type", JSON_API);
        request.send(document.to_string())
    };
    let mut answer = answer.map_err(|e| e.to_string())?;
    let body = answer.body_mut().read_to_string().map_err(|e| e.to_string())?;
    if answer.status() == 200 { Ok(()) } else { Err(format!("{} {body}", answer.status())) }
}

#[test]
fn nodes_are_restarted_one_after_the_other_behind_haproxy_and_no_request_fails() {
    let Some(mut balancer) = Balancer::start() else {
        return report("no rolling restart: there is no `haproxy`");
    };
    let place = Place::new();
    let users: Vec<Value> =
        (0..CLIENTS).map(|_| place.json(&["user", "add", "--first-name", "Rey"])).collect();
    let mut nodes = [("node1", node(&place)), ("node2", node(&place))];
    for (name, program) in &nodes {
        balancer.place(name, program);
        balancer.await_state(name, "UP");
    }
    let (ends, served) = (AtomicBool::new(false), AtomicU64::new(0));
    let url = balancer.url.clone();
    thread::scope(|scope| {
        let clients: Vec<_> = users
            .iter()
            .map(|user| {
                let (ends, served, url) = (&ends, &served, &url);
                let token = user["token"].as_str().expect("a token");
                scope.spawn(move || {
                    let agent = Program::agent();
                    let mut failed = Vec::new();
                    while !ends.load(Ordering::SeqCst) {
                        failed.extend(ask(&agent, url, token, served.fetch_add(1, Ordering::SeqCst)).err());
                    }
                    failed
                })
            })
            .collect();
        for which in [0, 1].repeat(ROUNDS) {
            let (name, program) = &mut nodes[which];
            let before = served.load(Ordering::SeqCst);
            while served.load(Ordering::SeqCst) < before + 50 {
                thread::yield_now();
            }
            program.terminate();
            balancer.await_state(name, "DOWN");
            // The second signal ends the waiting.
            let old = std::mem::replace(program, node(&place));
            assert_eq!(old.stop(), Some(0));
            balancer.place(name, program);
            balancer.await_state(name, "UP");
        }
        ends.store(true, Ordering::SeqCst);
        let failed: Vec<String> =
            clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();
        assert!(failed.is_empty(), "{} of {}: {failed:?}", failed.len(), served.load(Ordering::SeqCst));
    });
    let backend = if is_postgres() { "PostgreSQL" } else { "SQLite" };
    report(&format!(
        "rolling restart on {backend}: {} restarts behind HAProxy, requests {}, failed 0",
        2 * ROUNDS,
        served.into_inner()
    ));
}
