//! The real program, as a child process on a port of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use ureq::Agent;

/// A `steward serve` or `steward demo` that runs.
pub struct Program {
    child: Child,
    /// What it prints behind the first line.
    pub out: BufReader<ChildStdout>,
    /// Such as `http://127.0.0.1:40000`.
    pub url: String,
}

/// The program with the environment of the tests: nothing of the caller's.
pub fn steward(database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    command.env_clear().env("DATABASE_URL", database).env("STEWARD_LOG", "warn").stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn run(database: &str, arguments: &[&str]) -> Output {
    steward(database).args(arguments).output().expect("the program runs")
}

/// Runs a command that must succeed; returns what it prints.
pub fn run_ok(database: &str, arguments: &[&str]) -> String {
    let output = run(database, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

impl Program {
    /// Starts `steward <command>` and reads its first line.
    pub fn start(database: &str, arguments: &[&str]) -> Self {
        Self::start_as(steward(database), arguments)
    }

    /// As [`Program::start`], dying at one of its failpoints.
    pub fn start_to_die(database: &str, failpoint: &str) -> Self {
        let mut command = steward(database);
        command.env("FAILPOINTS", format!("{failpoint}=return"));
        Self::start_as(command, &["serve"])
    }

    fn start_as(mut command: Command, arguments: &[&str]) -> Self {
        command.args(arguments).args(["--bind", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        out.read_line(&mut line).expect("its first line");
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("first line: {line:?}"));
        Self { url: url.to_owned(), child, out }
    }

    /// A client that hands every status to the test.
    pub fn agent() -> Agent {
        Agent::config_builder().http_status_as_error(false).build().into()
    }

    /// As [`Program::agent`], with a new connection for each request: one that rests may be closed by the server while it
    /// is used again, and then an answer is missing though nothing has failed.
    pub fn agent_without_memory() -> Agent {
        let config = Agent::config_builder().http_status_as_error(false);
        config.max_idle_connections(0).max_idle_connections_per_host(0).build().into()
    }

    /// The path of the user at this program.
    pub fn user_url(&self) -> String {
        format!("{}/api/v2/user", self.url)
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("the end");
    }

    /// What it logs, line by line.
    pub fn log(&mut self) -> impl Iterator<Item = String> + use<> {
        let log = BufReader::new(self.child.stderr.take().expect("its log"));
        log.lines().map(|line| line.expect("UTF-8"))
    }

    /// SIGHUP.
    pub fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        self.url.split_once("://").expect("a URL").1
    }

    /// Stops it in order; returns what it logged.
    pub fn log_after_stop(&mut self) -> String {
        self.terminate();
        let mut log = String::new();
        self.child.stderr.take().expect("its log").read_to_string(&mut log).expect("UTF-8");
        log
    }

    // Not by `kill`, which small systems lack.
    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// SIGTERM, and the exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.terminate();
        self.child.wait().expect("the end").code()
    }

    /// SIGINT, and the exit code.
    pub fn interrupt(mut self) -> Option<i32> {
        self.signal(Signal::INT);
        self.child.wait().expect("the end").code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Already ended where a test stopped it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
