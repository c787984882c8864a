//! Nobody makes the server wait for ever, nor for more than it bears.

use std::io::{ErrorKind, Write as _};

use super::{ask, connect, heard, serve, trickle, whole};
use crate::support::app::JSON_API;

#[test]
fn a_head_that_does_not_end_is_408() {
    let (_place, program, _) = serve(&["--header-timeout", "1"]);
    let mut connection = connect(&program);
    connection.write_all(b"GET /healthz HTTP/1.1\r\nX-Slow: ").expect("sent");
    let answer = trickle(&mut connection);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn a_later_head_that_does_not_end_ends_the_connection() {
    let (_place, program, _) = serve(&["--header-timeout", "1", "--idle-timeout", "1"]);
    let mut connection = connect(&program);
    assert!(ask(&mut connection, "/healthz").starts_with("HTTP/1.1 200 "));
    connection.write_all(b"GET /healthz HTTP/1.1\r\nX-Slow: ").expect("sent");
    assert_eq!(trickle(&mut connection), "");
}

#[test]
fn a_body_that_does_not_arrive_is_408_with_a_document() {
    let (_place, program, token) = serve(&["--body-timeout", "1"]);
    let mut connection = connect(&program);
    write!(
        connection,
        "PUT /api/v2/user HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: {JSON_API}\r\n\
         Content-Length: 1000000\r\n\r\n"
    )
    .expect("sent");
    let answer = trickle(&mut connection);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains(r#""code":"request_timeout""#), "{answer}");
}

#[test]
fn a_body_that_nobody_wants_is_not_listened_to_for_ever() {
    let (_place, program, _) = serve(&["--header-timeout", "1", "--idle-timeout", "1"]);
    let mut connection = connect(&program);
    connection
        .write_all(b"POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        .expect("sent");
    let mut all = String::new();
    loop {
        match heard(&mut connection) {
            Some(text) if text.is_empty() => break,
            text => all.push_str(&text.unwrap_or_default()),
        }
        // An end is heard of.
        let _ = connection.write_all(b"1\r\nx\r\n");
    }
    assert!(all.starts_with("HTTP/1.1 404 "), "{all}");
}

#[test]
fn a_connection_that_rests_ends() {
    let (_place, program, _) = serve(&["--idle-timeout", "1"]);
    let mut connection = connect(&program);
    assert!(ask(&mut connection, "/healthz").starts_with("HTTP/1.1 200 "));
    let end = loop {
        if let Some(text) = heard(&mut connection) {
            break text;
        }
    };
    assert_eq!(end, "");
}

#[test]
fn who_takes_nothing_of_his_answers_is_left() {
    let (_place, program, _) = serve(&["--write-timeout", "1"]);
    let mut connection = connect(&program);
    // Far more than what lies between the two can hold, if ever it was answered.
    let error = loop {
        match connection.write_all(b"GET /docs/errors HTTP/1.1\r\nHost: x\r\n\r\n") {
            Ok(()) => {}
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(e) => break e,
        }
    };
    assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
}

#[test]
fn who_listens_to_events_is_not_left_for_being_silent() {
    let (_place, program, token) = serve(&["--header-timeout", "1", "--idle-timeout", "1"]);
    let mut stream = connect(&program);
    write!(stream, "GET /api/v2/user/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n")
        .expect("sent");
    // Others begin after it, rest as long as they may, and are ended.
    for _ in 0..3 {
        let mut other = connect(&program);
        ask(&mut other, "/healthz");
        other.write_all(b"GET").expect("sent");
        assert_eq!(trickle(&mut other), "");
    }
    let mut all = String::new();
    while !all.contains("id: 1\n") {
        all.push_str(&heard(&mut stream).unwrap_or_default());
    }
    assert_eq!(heard(&mut stream), None, "it goes on: {all}");
}

#[test]
fn one_more_connection_than_there_may_be_waits_for_its_turn() {
    let (_place, program, _) = serve(&["--workers", "1", "--max-connections", "2"]);
    let mut open = [connect(&program), connect(&program)];
    for connection in &mut open {
        ask(connection, "/healthz");
    }
    let mut more = connect(&program);
    more.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").expect("sent");
    for _ in 0..20 {
        assert_eq!(heard(&mut more), None);
    }
    let [mut stays, goes] = open;
    assert!(ask(&mut stays, "/healthz").starts_with("HTTP/1.1 200 "), "those who are in are answered");
    drop(goes);
    assert!(whole(&mut more).starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_head_with_too_many_or_too_large_headers_is_431_with_a_document() {
    let (_place, program, _) = serve(&["--max-headers", "10", "--max-header-bytes", "2048"]);
    let send = |more: String| {
        let mut connection = connect(&program);
        write!(connection, "GET /healthz HTTP/1.1\r\nHost: x\r\n{more}\r\n").expect("sent");
        whole(&mut connection)
    };
    let headers = |count: usize| "X-Small: x\r\n".repeat(count);
    // The line has 8 bytes, the host 9, and the header its name and four more.
    let large = |length: usize| format!("X: {}\r\n", "x".repeat(length - 8 - 9 - 5));
    for fits in [headers(9), large(2048)] {
        assert!(send(fits.clone()).starts_with("HTTP/1.1 200 "), "{fits}");
    }
    for refused in [headers(10), large(2049)] {
        let answer = send(refused);
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        assert!(answer.contains(r#""code":"headers_too_large""#), "{answer}");
    }
}

#[test]
fn who_asks_too_often_is_429_where_the_server_says_what_that_is() {
    let (_place, program, _) = serve(&["--rate-limit", "2"]);
    let mut connection = connect(&program);
    // The next one is let in again in half a minute.
    let statuses = [(); 3].map(|()| ask(&mut connection, "/docs/errors")[9..12].to_owned());
    assert_eq!(statuses, ["200", "200", "429"]);
}
