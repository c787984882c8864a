//! What to do about what went wrong, for messages and for `doctor`.

use std::io::{Error, ErrorKind};
use std::path::Path;

use crate::id::Id;

/// What a database says of itself, and what to do about it. The first that fits counts.
const DATABASE: [(&str, &str); 18] = [
    (
        "password authentication failed",
        "give the user and the password that the server knows in DATABASE_URL",
    ),
    ("no password supplied", "give the password in DATABASE_URL: postgres://user:password@host/database"),
    ("pg_hba.conf", "let pg_hba.conf of the server admit this user from this machine"),
    (
        "does not exist",
        "create the role and the database: CREATE ROLE steward LOGIN PASSWORD '…'; CREATE DATABASE steward OWNER steward",
    ),
    ("could not translate host name", "correct the host's name in DATABASE_URL"),
    ("certificate", "look at sslmode and sslrootcert in DATABASE_URL, and at the server's certificate"),
    (
        "Connection refused",
        "start the server, or correct host and port in DATABASE_URL; --database-wait is how long it is waited for",
    ),
    (
        "No such file or directory",
        "start the server, or correct host and port in DATABASE_URL; --database-wait is how long it is waited for",
    ),
    (
        "timeout expired",
        "see that the server runs and that no firewall is between; --database-wait is how long it is waited for",
    ),
    (
        "session is read-only",
        "name the primary in DATABASE_URL, or all servers: the one that can be written to is taken",
    ),
    ("permission denied for", "let the role own the database: ALTER DATABASE … OWNER TO …"),
    ("database is locked", "another program holds the file: end it, or try again"),
    ("unable to open database file", "see that its folder is there, and that this user may write to both"),
    (
        "Unable to open the database file",
        "see that its folder is there, and that this user may write to both",
    ),
    ("readonly database", "let this user write to the file and to its folder"),
    ("not a database", "correct DATABASE_URL, or put a backup in its place: steward restore FILE --replace"),
    ("malformed", "put a backup in its place: steward restore FILE --replace"),
    ("is full", "make room on the disk"),
];

/// What to do about what a database says, where it is known.
pub(super) fn on_database(error: &str) -> Option<&'static str> {
    DATABASE.iter().find(|(text, _)| error.contains(text)).map(|(_, advice)| *advice)
}

/// What a database says, with what to do about it.
pub(super) fn told(error: &str) -> String {
    on_database(error).map_or_else(|| error.to_owned(), |advice| format!("{error}; {advice}"))
}

/// Why a file can't be read, with what to do about it.
pub(super) fn unreadable(path: &Path, error: &Error) -> String {
    let advice = match error.kind() {
        ErrorKind::NotFound => "name a file that is there, or - for standard input",
        ErrorKind::PermissionDenied => "let this user read it",
        _ => "name a file that can be read",
    };
    format!("can't open {}: {error}; {advice}", path.display())
}

/// Where the ids of users are found.
pub(super) fn no_user(id: Id) -> String {
    format!("there is no user {id}; `steward user list` prints all")
}

/// What to do where an address can't be listened on.
pub(super) fn on_address(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::AddrInUse => "end the program that listens there, or choose another port with --bind",
        ErrorKind::PermissionDenied => {
            "choose a port from 1024 on with --bind, with a proxy in front, or give the program CAP_NET_BIND_SERVICE"
        }
        _ => "choose an address of this machine with --bind, or 0.0.0.0 for all of them",
    }
}
