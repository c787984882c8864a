//! TLS, and another certificate while the server runs.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::heard;
use crate::backends::REQUIRED;
use crate::support::Place;
use crate::support::backend::say;
use crate::support::program::{Program, run};
use crate::support::provider::tls::Certificate;

type Connection = StreamOwned<ClientConnection, TcpStream>;

/// A certificate for the server, and one that it is replaced by.
fn certificates() -> Option<(Certificate, Certificate)> {
    let made = Certificate::make().zip(Certificate::make());
    if made.is_none() {
        assert!(std::env::var_os(REQUIRED).is_none(), "openssl makes a certificate");
        say("*** no openssl: NOTHING ABOUT SERVING BY TLS WAS TESTED ***");
    }
    made
}

fn flags(certificate: &Certificate) -> Vec<String> {
    let path = |path: std::path::PathBuf| path.to_str().expect("UTF-8").to_owned();
    vec!["--tls-cert".into(), path(certificate.file()), "--tls-key".into(), path(certificate.key())]
}

fn start(place: &Place, certificate: &Certificate) -> Program {
    let flags = flags(certificate);
    Program::start(
        &place.url(),
        &std::iter::once("serve").chain(flags.iter().map(String::as_str)).collect::<Vec<_>>(),
    )
}

/// A connection of a client that trusts the certificate as it is now; `None` where the server shows another one.
fn connect(program: &Program, trusted: &CertificateDer<'static>) -> Option<Connection> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("versions");
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let name = ServerName::try_from("localhost").expect("a name");
    let mut session = ClientConnection::new(config, name).expect("a session");
    let mut socket = TcpStream::connect(program.address()).expect("connected");
    while session.is_handshaking() {
        session.complete_io(&mut socket).ok()?;
    }
    Some(StreamOwned::new(session, socket))
}

fn of(certificate: &Certificate) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(certificate.file()).expect("a certificate")
}

fn ask(connection: &mut Connection) -> String {
    connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    heard(connection).expect("an answer")
}

fn is_answered(connection: &mut Connection) -> bool {
    ask(connection).starts_with("HTTP/1.1 200 ")
}

#[test]
fn browsers_are_told_to_come_by_tls_alone_where_they_have_come_by_tls() {
    let Some((own, _)) = certificates() else { return };
    let place = Place::empty();
    let (program, plain) = (start(&place, &own), Program::start(&place.url(), &["serve"]));
    let answer = ask(&mut connect(&program, &of(&own)).expect("the certificate"));
    assert!(answer.contains("\r\nstrict-transport-security: max-age=31536000\r\n"), "{answer}");
    let answer = super::ask(&mut super::connect(&plain), "/healthz");
    assert!(!answer.contains("strict-transport-security"), "{answer}");
}

#[test]
fn requests_are_answered_by_tls_and_by_nothing_else() {
    let Some((own, other)) = certificates() else { return };
    let place = Place::empty();
    let program = start(&place, &own);
    assert!(program.url.starts_with("https://127.0.0.1:"), "{}", program.url);
    assert!(is_answered(&mut connect(&program, &of(&own)).expect("the certificate")));
    assert!(connect(&program, &of(&other)).is_none(), "who trusts another one is not fooled");
    let mut plain = TcpStream::connect(program.address()).expect("connected");
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").expect("sent");
    let answer = heard(&mut plain).expect("an end");
    assert!(!answer.contains("HTTP/1.1"), "{answer}");
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn sighup_gives_new_connections_the_new_certificate_and_leaves_the_others_alone() {
    let Some((own, new)) = certificates() else { return };
    let place = Place::empty();
    let program = start(&place, &own);
    let first = of(&own);
    let mut old = connect(&program, &first).expect("the first certificate");
    assert!(is_answered(&mut old));
    fs::copy(new.file(), own.file()).expect("replaced");
    fs::copy(new.key(), own.key()).expect("replaced");
    assert!(connect(&program, &first).is_some(), "nobody has said that they are to be read");
    program.hang_up();
    let mut connection = loop {
        if let Some(connection) = connect(&program, &of(&new)) {
            break connection;
        }
    };
    assert!(is_answered(&mut connection));
    assert!(connect(&program, &first).is_none());
    assert!(is_answered(&mut old), "the connection that was there goes on");
}

#[test]
fn a_pair_that_does_not_fit_is_logged_and_the_old_one_stays() {
    let Some((own, new)) = certificates() else { return };
    let place = Place::empty();
    let mut program = start(&place, &own);
    let first = of(&own);
    let key = own.key();
    fs::copy(new.file(), own.file()).expect("replaced");
    let mut log = program.log();
    let mut told = || {
        program.hang_up();
        log.find(|line| line.contains("the certificate is not replaced")).expect("a line of the log")
    };
    assert!(told().contains(&format!("{}: it is not the key of the certificate", key.display())));
    fs::write(own.file(), "no certificate").expect("replaced");
    assert!(told().contains("there is no certificate in it"));
    fs::remove_file(&key).expect("removed");
    fs::copy(new.file(), own.file()).expect("replaced");
    assert!(told().contains(&key.display().to_string()));
    assert!(is_answered(&mut connect(&program, &first).expect("the first certificate")));
}

#[test]
fn a_certificate_that_can_not_be_used_is_told_at_the_start() {
    let Some((own, other)) = certificates() else { return };
    let place = Place::empty();
    let refused = |arguments: &[&str], code: i32| {
        let output = run(&place.url(), &[&["serve", "--bind", "127.0.0.1:0"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let file = own.file();
    let (file, key) = (file.to_str().expect("UTF-8"), other.key());
    let told = refused(&["--tls-cert", file, "--tls-key", key.to_str().expect("UTF-8")], 1);
    assert!(told.contains("it is not the key of the certificate"), "{told}");
    let told = refused(&["--tls-cert", file, "--tls-key", "/nowhere/key.pem"], 1);
    let last = told.lines().last().expect("a line");
    assert!(last.starts_with("steward: ") && last.contains("/nowhere/key.pem"), "{told}");
    assert!(refused(&["--tls-cert", file], 2).contains("--tls-key"));
}
