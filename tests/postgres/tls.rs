//! TLS to the database.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use steward::db::Target;

use crate::backends::REQUIRED;
use crate::support::backend::{only_on_postgres, say};
use crate::support::postgres::Cluster;
use crate::support::program::{run, steward};

#[test]
fn the_database_is_reached_by_tls_and_its_certificate_is_checked() {
    only_on_postgres!();
    let Some((_cluster, port, certificate)) = Cluster::start_with_tls() else {
        assert!(std::env::var_os(REQUIRED).is_none(), "openssl makes a certificate");
        say("*** no openssl: NOTHING ABOUT TLS TO THE DATABASE WAS TESTED ***");
        return;
    };
    let certificate = certificate.to_str().expect("UTF-8");
    let url = |host: &str, more: &str| format!("postgres://steward@{host}:{port}/postgres?{more}");
    let trusted = url("localhost", &format!("sslmode=verify-full&sslrootcert={certificate}"));
    let mut connection = Target::parse(&trusted).expect("a URL").connect().expect("a connection");
    let is_encrypted = diesel::dsl::sql::<Bool>("ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    assert!(diesel::select(is_encrypted).get_result::<bool>(&mut connection).expect("whether"));

    // The system's authorities, which a test can name.
    for more in ["sslmode=verify-full", "sslrootcert=system", "sslrootcert=system&sslmode=verify-full"] {
        let mut command = steward(&url("localhost", more));
        let output =
            command.env("SSL_CERT_FILE", certificate).arg("migrate").output().expect("the program runs");
        assert!(output.status.success(), "{more}: {output:?}");
    }
    for (host, more, told) in [
        ("localhost", "sslmode=verify-full".to_owned(), "certificate verify failed"),
        ("localhost", "sslrootcert=system".to_owned(), "certificate verify failed"),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={certificate}"), "does not match host name"),
        ("localhost", "sslrootcert=system&sslmode=require".to_owned(), "weak sslmode"),
    ] {
        // Waiting would not help, so a minute of it would be noticed.
        let output = run(&url(host, &more), &["migrate", "--database-wait", "60s"]);
        assert_eq!(output.status.code(), Some(1), "{more}: {output:?}");
        let message = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(message.lines().count() == 1 && message.contains(told), "{more}: {message}");
    }
}
