//! How a PostgreSQL server is reached: what a connection is told beside its URL, what is asked of a server before it is
//! used, and how long it is waited for.

mod parameters;

use std::time::{Duration, Instant};

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::Error;
use diesel::sql_types::{Integer, Text};

use super::connection::AnyConnection;
use super::target::Target;

/// How long a statement waits for a lock of another transaction (design 4: so long waits a write for another with its
/// Idempotency-Key).
pub const LOCK_WAIT: Duration = Duration::from_secs(2);

/// What every session is told. The program is written for the isolation level that is PostgreSQL's default; and a commit
/// is not answered before it is on a disk, unless the server's own setting asks for more.
const SESSION: &str = "SET default_transaction_isolation = 'read committed'; \
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// What a session that serves requests is told beside how long it waits for locks. A statement that runs for so long is
/// a defect. A transaction that rests for so long belongs to a node that has stopped in the middle of it, and whose locks
/// others wait for.
const SERVING: &str = "SET statement_timeout = 30000; SET idle_in_transaction_session_timeout = 30000";

/// The oldest server that is supported.
const OLDEST: i32 = 130_000;

/// How long to rest before a server that was not there is asked again: at first, and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// How often two connections are compared, to see whether somebody between here and the server exchanges them.
const POOLER_PROBES: usize = 8;

pub(super) fn connect(url: &str, lock_wait: Option<Duration>) -> Result<PgConnection, Error> {
    let url = parameters::completed(url);
    let mut connection = PgConnection::establish(&url).map_err(Error::ConnectionError)?;
    connection.batch_execute(SESSION).map_err(Error::QueryError)?;
    if let Some(lock_wait) = lock_wait {
        // 0 would mean for ever.
        let lock_wait = lock_wait.as_millis().max(1);
        let serving = format!("SET lock_timeout = {lock_wait}; {SERVING}");
        connection.batch_execute(&serving).map_err(Error::QueryError)?;
    }
    Ok(connection)
}

/// Waits until the database can be reached, for `wait` at most; the connection that then was made. SQLite's database is
/// there or is not.
///
/// # Errors
/// Why it can't be, when the time is over, or at once where waiting can't help.
pub fn reach(target: &Target, wait: Duration) -> Result<Option<PgConnection>, Error> {
    let Target::Postgres(url) = target else { return Ok(None) };
    let (deadline, mut rest) = (Instant::now() + wait, BACK_OFF.0);
    loop {
        let error = match connect(url, None) {
            Ok(connection) => return Ok(Some(connection)),
            Err(error) => error,
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || !may_pass(&error.to_string()) {
            return Err(error);
        }
        log::warn!("waiting for the database: {}", one_line(&error.to_string()));
        std::thread::sleep(rest.min(left));
        rest = (rest * 2).min(BACK_OFF.1);
    }
}

/// Whether a connection that was refused may be made some seconds later: nobody answers yet, or the server is only
/// starting, ending, or full. What else it refuses (a password, a database that does not exist, a certificate) and what
/// libpq does not even try stays refused.
fn may_pass(error: &str) -> bool {
    const PASSING: [&str; 7] = [
        "starting up",
        "shutting down",
        "recovery",
        "not yet accepting",
        "not accepting",
        "too many",
        "connection slots",
    ];
    let has = |texts: &[&str]| texts.iter().any(|text| error.contains(text));
    let nobody_answers = has(&["connection to server", "could not translate host name"])
        && !has(&["FATAL:", "certificate", "SSL"]);
    nobody_answers || has(&PASSING)
}

/// An error of libpq, which likes to use several lines, in one.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Looks whether the database that a connection has reached is one that Steward can work with.
///
/// # Errors
/// A sentence that says why it is not.
pub fn check(target: &Target, first: &mut PgConnection) -> Result<(), String> {
    let Target::Postgres(url) = target else { return Ok(()) };
    let mut second = connect(url, None).map_err(|e| one_line(&e.to_string()))?;
    let failed = |e: diesel::result::Error| one_line(&e.to_string());
    let version = setting(first, "server_version_num").map_err(failed)?;
    if version.parse().is_ok_and(|version: i32| version < OLDEST) {
        let version = setting(first, "server_version").map_err(failed)?;
        return Err(format!("the server is PostgreSQL {version}; Steward needs 13 or newer"));
    }
    if is_pooled(first, &mut second).map_err(failed)? {
        return Err(
            "between here and the server is a pooler in transaction mode, such as PgBouncer, which mixes up \
                    prepared statements; connect to the server, or set pool_mode = session"
                .to_owned(),
        );
    }
    Ok(())
}

/// What somebody who serves from the database should know of its server.
///
/// # Errors
/// The queries'.
pub fn warnings(connection: &mut AnyConnection) -> QueryResult<Vec<String>> {
    let mut warnings = Vec::new();
    let AnyConnection::Postgres(connection) = connection else { return Ok(warnings) };
    let language = setting(connection, "lc_messages")?;
    if !(["", "C", "POSIX"].contains(&language.as_str())
        || language.starts_with("C.")
        || language.starts_with("en"))
    {
        warnings.push(format!(
            "the server's messages are in {language}, so lock timeouts and deadlocks are taken for defects (500 instead \
             of 503); ALTER ROLE … SET lc_messages = 'C' mends it"
        ));
    }
    if setting(connection, "fsync")? == "off" {
        warnings.push(
            "the server runs with fsync = off: acknowledged edits are lost when its machine fails".to_owned(),
        );
    }
    Ok(warnings)
}

fn setting(connection: &mut PgConnection, name: &str) -> QueryResult<String> {
    let value =
        diesel::dsl::sql::<Text>("coalesce(current_setting(").bind::<Text, _>(name).sql(", true), '')");
    diesel::select(value).get_result(connection)
}

/// Two sessions have two servers' processes, always the same. Where a pooler hands them out by the transaction, two
/// connections get one process in turn, or one connection several.
fn is_pooled(first: &mut PgConnection, second: &mut PgConnection) -> QueryResult<bool> {
    let process = |connection: &mut PgConnection| -> QueryResult<i32> {
        diesel::select(diesel::dsl::sql::<Integer>("pg_backend_pid()")).get_result(connection)
    };
    let pair = (process(first)?, process(second)?);
    for _ in 0..POOLER_PROBES {
        if pair.0 == pair.1 || (process(first)?, process(second)?) != pair {
            return Ok(true);
        }
    }
    Ok(false)
}
