//! What PgBouncer does in transaction mode, as small as can be: many clients, one session at the server, each turn to
//! whoever comes.

use std::io::{Read, Result, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tempfile::TempDir;

/// The session, and what the server said when it began.
type Session = Option<(UnixStream, Vec<u8>)>;

/// A pooler before a server. Its threads end with the process.
pub struct Pooler(TempDir);

impl Pooler {
    pub fn before(server: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("stw").tempdir_in("/tmp").expect("a folder");
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).expect("a socket");
        let (server, session) = (server.to_owned(), Arc::new(Mutex::new(Session::None)));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, session) = (server.clone(), Arc::clone(&session));
                thread::spawn(move || serve(client, &server, &session));
            }
        });
        Self(folder)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://steward@/{database}?host={}", self.0.path().display())
    }
}

fn serve(mut client: UnixStream, server: &Path, session: &Mutex<Session>) -> Result<()> {
    let startup = rest_of_message(&mut client, Vec::new())?;
    {
        let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
        if session.is_none() {
            let mut stream = UnixStream::connect(server)?;
            stream.write_all(&startup)?;
            let greeting = until(&mut stream, b"Z")?;
            *session = Some((stream, greeting));
        }
        let (_, greeting) = session.as_ref().expect("a session");
        client.write_all(greeting)?;
    }
    loop {
        // A query, or all up to a Sync.
        let asked = until(&mut client, b"QSX")?;
        if asked.first() == Some(&b'X') {
            return Ok(());
        }
        let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
        let (stream, _) = session.as_mut().expect("a session");
        stream.write_all(&asked)?;
        client.write_all(&until(stream, b"Z")?)?;
    }
}

/// Messages, the last of which is of one of the kinds.
pub fn until(stream: &mut UnixStream, kinds: &[u8]) -> Result<Vec<u8>> {
    let mut read = Vec::new();
    loop {
        let mut kind = [0];
        stream.read_exact(&mut kind)?;
        read.extend(rest_of_message(stream, kind.to_vec())?);
        if kinds.contains(&kind[0]) {
            return Ok(read);
        }
    }
}

/// The length, which counts itself, and what it is the length of.
pub fn rest_of_message(stream: &mut UnixStream, mut read: Vec<u8>) -> Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    read.extend(length);
    stream.take(u64::from(u32::from_be_bytes(length)) - 4).read_to_end(&mut read)?;
    Ok(read)
}
