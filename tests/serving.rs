//! What the serving process does around requests, as the real program.

mod connections;
mod flags;
mod logs;
mod metrics;
mod tls;

use std::io::{ErrorKind, Read, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::Place;
use crate::support::app::REY;
use crate::support::program::{Program, run_ok};

/// How long somebody slow rests between two bytes.
const REST: Duration = Duration::from_millis(20);

/// A server with a user, and his token.
fn serve(flags: &[&str]) -> (Place, Program, String) {
    let place = Place::empty();
    let made = run_ok(&place.url(), &["user", "add", "--first-name", "Rey", "--id", REY]);
    let made: serde_json::Value = serde_json::from_str(&made).expect("JSON");
    let token = made["token"].as_str().expect("a token").to_owned();
    let program = Program::start(&place.url(), &[&["serve"], flags].concat());
    (place, program, token)
}

/// A connection to a server, of which a read waits for a [`REST`] only.
fn connect(program: &Program) -> TcpStream {
    let connection = TcpStream::connect(program.address()).expect("connected");
    connection.set_read_timeout(Some(REST)).expect("set");
    connection.set_write_timeout(Some(REST)).expect("set");
    connection
}

/// What is there to read; `None` where there is nothing yet. An end is an empty text.
fn heard(connection: &mut impl Read) -> Option<String> {
    let mut bytes = [0; 8 * 1024];
    match connection.read(&mut bytes) {
        Ok(read) => Some(String::from_utf8_lossy(&bytes[..read]).into_owned()),
        Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => None,
        Err(_) => Some(String::new()),
    }
}

/// Sends a byte at a time, as long as nothing is heard and nothing breaks; what is heard then.
fn trickle(connection: &mut TcpStream) -> String {
    loop {
        if let Some(text) = heard(connection) {
            return text;
        }
        // Who has closed the connection is heard of next.
        let _ = connection.write_all(b"x");
    }
}

/// Sends a request without a body and hears the whole answer.
fn ask(connection: &mut TcpStream, path: &str) -> String {
    write!(connection, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").expect("sent");
    whole(connection)
}

/// One whole answer, which says how long it is.
fn whole(connection: &mut TcpStream) -> String {
    let mut answer = String::new();
    loop {
        let end = answer.split_once("\r\n\r\n").and_then(|(head, body)| {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
            Some(body.len() >= length.parse::<usize>().ok()?)
        });
        if end == Some(true) {
            return answer;
        }
        match heard(connection) {
            Some(text) if text.is_empty() => panic!("it ended: {answer}"),
            text => answer.push_str(&text.unwrap_or_default()),
        }
    }
}
