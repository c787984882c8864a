//! A private PostgreSQL for the run of the tests: made by `initdb` in a temporary folder, reached through a socket
//! there and through nothing else, stopped and removed when the run ends, however it ends.

mod standby;

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use steward::db::Target;
use steward::db::migrations::migrate;
use tempfile::TempDir;

/// The databases that tests are copied from: with nothing in it, and migrated.
const EMPTY: &str = "template1";
const MIGRATED: &str = "migrated";

/// Ends the server and removes its folder when the pipe from the tests closes: they may panic, abort or be killed.
/// What ends the tests from the keyboard must not end this one before its work is done.
const WATCH: &str = r#"trap '' INT HUP TERM; cat; [ ! -e "$2/data/postmaster.pid" ] || "$1" stop -s -m immediate -D "$2/data"; rm -rf "$2""#;

/// So many databases are ready before anybody asks for them.
const AHEAD: usize = 3;

/// So many kilobytes hold the databases of the tests that run at one time.
const ENOUGH: u64 = 2_000_000;

/// What a server needs: where its programs are, and who may run them.
#[derive(Debug)]
struct Programs {
    folder: PathBuf,
    /// User and group, where the tests run as root, which `initdb` refuses.
    drop_to: Option<(u32, u32)>,
}

/// A server in a folder of its own. It ends with this process.
pub struct Cluster {
    programs: Programs,
    folder: PathBuf,
    /// Its standard input is the pipe.
    watch: Child,
}

/// The server that the tests of a run share.
pub struct Server {
    cluster: Cluster,
    /// Makes databases without a schema.
    admin: Mutex<PgConnection>,
    /// Migrated databases that nobody uses yet: a copy takes longer than most tests, so some are made ahead.
    ready: Mutex<Receiver<String>>,
    /// Databases that nobody uses any more.
    used: Mutex<Sender<String>>,
}

/// Whether there are programs to run a server with.
pub fn is_installed() -> bool {
    programs().is_some()
}

/// The server of this run, started when it is first asked for.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

fn programs() -> Option<Programs> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for place in ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt"] {
        let versions = std::fs::read_dir(place).into_iter().flatten().flatten();
        let mut versions: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
        versions.sort();
        folders.extend(versions.into_iter().rev());
    }
    folders.push("/usr/local/pgsql/bin".into());
    let has_all = |folder: &PathBuf| ["initdb", "pg_ctl"].iter().all(|name| folder.join(name).is_file());
    let folder = folders.into_iter().find(has_all)?;
    let own = TempDir::new().expect("a folder");
    let is_root = own.path().metadata().expect("its owner").uid() == 0;
    Some(Programs { folder, drop_to: is_root.then(unprivileged) })
}

/// Somebody who is not root.
fn unprivileged() -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").expect("the users");
    let numbers = |name: &str| {
        let mut fields = users
            .lines()
            .map(|line| line.split(':'))
            .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
        let (user, group) = (fields.nth(1)?, fields.next()?);
        Some((user.parse().ok()?, group.parse().ok()?))
    };
    numbers("postgres").or_else(|| numbers("nobody")).expect("a user other than root")
}

impl Programs {
    fn command(&self, name: &str) -> Command {
        let own = self.folder.join(name);
        let mut command = Command::new(if own.is_file() { own } else { name.into() });
        if let Some((user, group)) = self.drop_to {
            command.uid(user).gid(group);
        }
        // Its own folder, since the one of the tests may be closed to that user.
        command.current_dir("/").stdin(Stdio::null());
        command
    }
}

fn run(command: &mut Command) {
    let output = command.output().expect("a program of PostgreSQL runs");
    assert!(output.status.success(), "{command:?}: {output:?}");
}

impl Cluster {
    /// Makes a cluster and starts it.
    pub fn start() -> Self {
        let cluster = Self::init();
        cluster.up();
        cluster
    }

    /// Makes a cluster that is reached by TCP too, on a port of this machine, with TLS; `None` where there is no
    /// `openssl` to make a certificate. The file is the certificate of "localhost", and of its authority.
    pub fn start_with_tls() -> Option<(Self, u16, PathBuf)> {
        let cluster = Self::init();
        let (key, certificate) = (cluster.folder.join("server.key"), cluster.folder.join("server.crt"));
        let mut make = cluster.programs.command("openssl");
        make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]);
        make.args(["-addext", "subjectAltName=DNS:localhost", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate);
        if !make.output().ok()?.status.success() {
            return None;
        }
        // Free a moment ago; the server has no way to choose one.
        let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c ssl=on -c ssl_key_file={} -c ssl_cert_file={}",
            key.display(),
            certificate.display()
        );
        cluster.up_with(&options);
        Some((cluster, port, certificate))
    }

    fn init() -> Self {
        let cluster = Self::nothing();
        let init =
            ["--username=steward", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "-D"];
        run(cluster.programs.command("initdb").args(init).arg(cluster.data()));
        cluster
    }

    /// A folder for a cluster, and who removes it.
    fn nothing() -> Self {
        let programs = programs().expect("initdb and pg_ctl, of PostgreSQL 13 or newer");
        let folder = tempfile::Builder::new().prefix("stw").tempdir_in(place()).expect("a folder").keep();
        std::fs::set_permissions(&folder, Permissions::from_mode(0o700)).expect("a folder of its own");
        if let Some((user, group)) = programs.drop_to {
            chown(&folder, Some(user), Some(group)).expect("a folder of its own");
        }
        // Before there is a server, so that there is none without it. It keeps the standard error of the tests open:
        // whoever waits for all that they print waits for the end of the server.
        let mut watch = programs.command("sh");
        watch.args(["-c", WATCH, "sh"]).arg(programs.folder.join("pg_ctl")).arg(&folder);
        let watch = watch.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("a shell");
        Self { programs, folder, watch }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Starts the server.
    pub fn up(&self) {
        self.up_with("-c listen_addresses=");
    }

    fn up_with(&self, more: &str) {
        // Nothing has to outlive the run, so the disk is not waited for where `more` does not say otherwise.
        let options = format!(
            "-c unix_socket_directories={} -c fsync=off -c full_page_writes=off \
             -c max_connections=400 -c shared_buffers=64MB -c max_wal_senders=0 -c wal_level=minimal \
             -c autovacuum=off -c log_min_messages=warning -c log_line_prefix=%d@ {more}",
            self.folder.display()
        );
        let mut start = self.programs.command("pg_ctl");
        start.args(["start", "-s", "-w", "-t", "60", "-D"]).arg(self.data());
        start.arg("-l").arg(self.folder.join("log")).args(["-o", &options]);
        run(&mut start);
    }

    /// Ends the server as if its machine had failed.
    pub fn crash(&self) {
        run(self.programs.command("pg_ctl").args(["stop", "-s", "-m", "immediate", "-D"]).arg(self.data()));
    }

    /// Where a database is.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://steward@/{name}?host={}", self.folder.display())
    }

    /// The socket of a server that is reached by nothing else.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// A connection that Steward knows nothing of.
    pub fn connect(&self, name: &str) -> PgConnection {
        PgConnection::establish(&self.url(name)).expect("a connection")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

impl Server {
    fn start() -> Self {
        let cluster = Cluster::start();
        let mut admin = cluster.connect("postgres");
        admin.batch_execute(&format!("CREATE DATABASE {MIGRATED}")).expect("a database");
        let target = Target::parse(&cluster.url(MIGRATED)).expect("a URL");
        migrate(&target).expect("migrations");
        let (made, ready) = sync_channel(AHEAD);
        let mut maker = cluster.connect("postgres");
        // Both threads end with the process, at the latest.
        thread::spawn(move || while made.send(create(&mut maker, MIGRATED)).is_ok() {});
        let (used, to_remove) = channel::<String>();
        let mut remover = cluster.connect("postgres");
        thread::spawn(move || {
            for name in to_remove {
                // Whoever is still connected to it.
                execute(&mut remover, &format!("DROP DATABASE {name} WITH (FORCE)"));
            }
        });
        let (admin, ready, used) = (Mutex::new(admin), Mutex::new(ready), Mutex::new(used));
        Self { cluster, admin, ready, used }
    }

    /// A database of its own for a test; returns its name.
    pub fn create(&self, migrated: bool) -> String {
        if migrated {
            let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
            return ready.recv().expect("a database");
        }
        create(&mut self.admin.lock().unwrap_or_else(PoisonError::into_inner), EMPTY)
    }

    /// Removes a database, some time.
    pub fn remove(&self, name: &str) {
        let _ = self.used.lock().unwrap_or_else(PoisonError::into_inner).send(name.to_owned());
    }

    /// Its socket.
    pub fn socket(&self) -> PathBuf {
        self.cluster.socket()
    }

    /// Where a database is.
    pub fn url(&self, name: &str) -> String {
        self.cluster.url(name)
    }

    /// What the server has written into its log; each entry begins with the name of its database and `@`.
    pub fn log(&self) -> String {
        let log = std::fs::read(self.cluster.folder.join("log")).expect("the log");
        String::from_utf8_lossy(&log).into_owned()
    }
}

fn create(admin: &mut PgConnection, template: &str) -> String {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let name = format!("t{}", MADE.fetch_add(1, Ordering::Relaxed));
    execute(admin, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
    name
}

fn execute(admin: &mut PgConnection, statement: &str) {
    admin.batch_execute(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
}

/// Where the server's folder is made, and files that no disk is to be waited for: in memory where there is room for us, since
/// hundreds of databases are copied file by file; never deep down, since the path of a socket must be short.
pub fn place() -> &'static str {
    let free = Command::new("df").args(["-Pk", "/dev/shm"]).stderr(Stdio::null()).output();
    let free = free.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let free = free.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
    // In some containers it is not everybody's to write in.
    let is_open = rustix::fs::access("/dev/shm", rustix::fs::Access::WRITE_OK).is_ok();
    if is_open && free.is_some_and(|kilobytes| kilobytes > ENOUGH) { "/dev/shm" } else { "/tmp" }
}
