//! Providers of identities that are not real: servers on loopback, as long as the test lives.

pub mod cas;
pub mod issuer;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use steward::auth::providers::Providers;
use steward::config::SignInFlags;

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
    ended: Arc<AtomicBool>,
}

impl Server {
    /// Answers each request for a path and its query.
    pub fn start(answers: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (asked, ended) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(AtomicBool::new(false)));
        let (seen, is_over, answers) = (Arc::clone(&asked), Arc::clone(&ended), Arc::new(answers));
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                let (seen, answers) = (Arc::clone(&seen), Arc::clone(&answers));
                thread::spawn(move || serve(&connection, &seen, answers.as_ref()));
            }
        });
        Self { url, asked, ended }
    }

    /// The paths, with their queries, that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes it up to see.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

fn serve(connection: &TcpStream, asked: &Mutex<Vec<String>>, answers: &dyn Fn(&str) -> Reply) {
    let mut lines = BufReader::new(connection).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    // The client closes its end where it has heard enough.
    let _head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().expect("no panic").push(path.clone());
    let mut out = connection;
    // A client that has gone away is not told.
    let _ = match answers(&path) {
        Reply::Body(body) => {
            write!(
                out,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
        }
        Reply::Empty(status, headers) => {
            write!(out, "HTTP/1.1 {status} Told\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n")
        }
        Reply::Never => lines.next().map_or(Ok(()), |_| Ok(())),
        Reply::Endless => {
            let blanks = " ".repeat(64 * 1024);
            let head = write!(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{{\"keys\":[");
            head.and_then(|()| {
                loop {
                    write!(out, "{blanks}")?;
                }
            })
        }
    };
}

/// Flags without a provider, whose answers are waited for as long as a busy machine may take.
pub fn flags() -> SignInFlags {
    SignInFlags { sign_in_timeout_ms: 30_000, ..SignInFlags::default() }
}

/// The providers of flags.
pub fn providers(flags: &SignInFlags) -> Arc<Providers> {
    Arc::new(Providers::of(flags).expect("providers"))
}
