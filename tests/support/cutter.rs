//! Something between Steward and its server that cuts a connection at a chosen message.

use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tempfile::TempDir;

use super::pooler::{rest_of_message, until};

/// Where a connection is cut. Both are counted from 1, over all connections, from when it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// This message does not reach the server.
    Before(usize),
    /// This answer, to a query or to all up to a Sync, does not reach the client: the server has done it.
    After(usize),
}

#[derive(Default)]
struct Plan {
    cut: Option<Cut>,
    /// Whether nobody gets through after the cut.
    stays_down: bool,
    is_down: bool,
    messages: usize,
    answers: usize,
}

/// A proxy before a server. Its threads end with the process.
pub struct Cutter {
    folder: TempDir,
    plan: Arc<Mutex<Plan>>,
}

impl Cutter {
    pub fn before(server: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("stw").tempdir_in("/tmp").expect("a folder");
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).expect("a socket");
        let plan = Arc::<Mutex<Plan>>::default();
        let (server, shared) = (server.to_owned(), Arc::clone(&plan));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, plan) = (server.clone(), Arc::clone(&shared));
                // Either end of it is closed when its thread ends.
                thread::spawn(move || serve(client, &server, &plan));
            }
        });
        Self { folder, plan }
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://steward@/{database}?host={}", self.folder.path().display())
    }

    /// Cuts once, from now on.
    pub fn cut(&self, cut: Cut, stays_down: bool) {
        *lock(&self.plan) = Plan { cut: Some(cut), stays_down, ..Plan::default() };
    }

    /// Lets all through; whether it has cut.
    pub fn mend(&self) -> bool {
        std::mem::take(&mut *lock(&self.plan)).cut.is_none()
    }
}

fn lock(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Plan {
    /// Fails where the connection is to be cut now.
    fn check(&mut self, now: Cut) -> Result<()> {
        if self.cut == Some(now) {
            (self.cut, self.is_down) = (None, self.stays_down);
            return Err(ErrorKind::ConnectionAborted.into());
        }
        if self.is_down { Err(Error::from(ErrorKind::ConnectionRefused)) } else { Ok(()) }
    }

    fn message(&mut self) -> Result<()> {
        self.messages += 1;
        self.check(Cut::Before(self.messages))
    }

    fn answer(&mut self) -> Result<()> {
        self.answers += 1;
        self.check(Cut::After(self.answers))
    }
}

fn serve(mut client: UnixStream, server: &Path, plan: &Mutex<Plan>) -> Result<()> {
    let mut stream = UnixStream::connect(server)?;
    let mut message = rest_of_message(&mut client, Vec::new())?;
    // What opens a connection has no kind, and is answered.
    let mut kind = [b'S'];
    loop {
        lock(plan).message()?;
        stream.write_all(&message)?;
        if b"QS".contains(&kind[0]) {
            let answer = until(&mut stream, b"Z")?;
            lock(plan).answer()?;
            client.write_all(&answer)?;
        }
        client.read_exact(&mut kind)?;
        message = rest_of_message(&mut client, kind.to_vec())?;
    }
}
