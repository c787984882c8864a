//! Providers of identities that are not real: servers on loopback, as long as the test lives.

pub mod cas;
pub mod issuer;
pub mod tls;

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use steward::auth::providers::Providers;
use steward::config::SignInFlags;

use tls::Certificate;

/// What a server says to a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// 200 with a body.
    Body(String),
    /// An answer without a body, with its header lines.
    Empty(u16, String),
    /// Nothing; the connection stays open.
    Never,
    /// 200, and a body that never ends.
    Endless,
}

/// A server, and what it was asked.
pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
    _end: End,
}

impl Server {
    /// Answers each request for a path and its query.
    pub fn start(answers: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(None, answers)
    }

    /// As [`Server::start`], by TLS.
    pub fn start_with_tls(
        certificate: &Certificate,
        answers: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let server = Self::start_with(Some(certificate.server()), answers);
        Self { url: server.url.replace("http://127.0.0.1", "https://localhost"), ..server }
    }

    fn start_with(
        tls: Option<Arc<ServerConfig>>,
        answers: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (asked, end) = (Arc::<Mutex<Vec<String>>>::default(), End(address, Arc::default()));
        let (seen, is_over, answers) = (Arc::clone(&asked), Arc::clone(&end.1), Arc::new(answers));
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                let (seen, answers, tls) = (Arc::clone(&seen), Arc::clone(&answers), tls.clone());
                thread::spawn(move || match tls {
                    None => serve(connection, &seen, answers.as_ref()),
                    Some(tls) => {
                        let session = ServerConnection::new(tls).expect("a session");
                        serve(StreamOwned::new(session, connection), &seen, answers.as_ref());
                    }
                });
            }
        });
        Self { url: format!("http://{address}"), asked, _end: end }
    }

    /// The paths, with their queries, that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

/// Ends a server.
struct End(SocketAddr, Arc<AtomicBool>);

impl Drop for End {
    fn drop(&mut self) {
        self.1.store(true, Ordering::SeqCst);
        // Wakes it up to see.
        let _ = TcpStream::connect(self.0);
    }
}

fn serve(connection: impl Read + Write, asked: &Mutex<Vec<String>>, answers: &dyn Fn(&str) -> Reply) {
    let mut connection = BufReader::new(connection);
    let line = |connection: &mut BufReader<_>| {
        let mut line = String::new();
        // A client that trusts nobody has gone away.
        connection.read_line(&mut line).ok().filter(|read| *read > 0).map(|_| line.trim_end().to_owned())
    };
    let Some(first) = line(&mut connection) else { return };
    while line(&mut connection).is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().expect("no panic").push(path.clone());
    let reply = answers(&path);
    if matches!(reply, Reply::Never) {
        line(&mut connection);
        return;
    }
    // A client that has heard enough is not told more.
    let _ = say(connection.get_mut(), &reply);
}

fn say(out: &mut impl Write, reply: &Reply) -> std::io::Result<()> {
    match reply {
        Reply::Body(body) => {
            let head = format!("Content-Length: {}\r\nConnection: close", body.len());
            write!(out, "HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}")?;
        }
        Reply::Empty(status, headers) => {
            let head = format!("{headers}Content-Length: 0\r\nConnection: close");
            write!(out, "HTTP/1.1 {status} Told\r\n{head}\r\n\r\n")?;
        }
        Reply::Never => {}
        Reply::Endless => {
            write!(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{{\"keys\":[")?;
            let blanks = " ".repeat(64 * 1024);
            loop {
                write!(out, "{blanks}")?;
            }
        }
    }
    out.flush()
}

/// Flags without a provider, whose answers are waited for as long as a busy machine may take.
pub fn flags() -> SignInFlags {
    SignInFlags { sign_in_timeout_ms: 30_000, ..SignInFlags::default() }
}

/// The providers of flags.
pub fn providers(flags: &SignInFlags) -> Arc<Providers> {
    Arc::new(Providers::of(flags).expect("providers"))
}
