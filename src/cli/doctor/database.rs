//! What is in the database, and what its server says.

use std::path::Path;

use diesel::prelude::*;

use super::{Check, Report};
use crate::auth::secrets::Secrets;
use crate::auth::tokens::SHORTEST_SECRET;
use crate::cli::{Failure, advice};
use crate::clock::{Clock as _, Stamp, SystemClock};
use crate::config::Config;
use crate::db::migrations::{Standing, standing};
use crate::db::schema::people;
use crate::db::{Connection, Target, inspect, postgres};

/// The clocks of nodes and of the server may differ by so many seconds: stamps have whole ones.
const APART: u64 = 2;

/// So many seconds may a stamp be ahead: a record gets one for each edit, however quickly they come.
const AHEAD: i64 = 3600;

const RESTORE: &str = "stop the server and put a backup in its place: steward restore FILE --replace";

const NO_FILE: &str = "correct DATABASE_URL where there should be one; else the first `steward serve` or `steward migrate` makes it";

/// Looks into the database, as far as it can be reached. It is asked once: how it is now, not after a wait.
pub(super) fn check(target: &Target, config: &Config, report: &mut Report) -> Result<(), Failure> {
    let (mut connection, standing) = match open(target) {
        Ok((connection, version, standing)) => {
            report.add(&Check::ok("database", format!("{version} at {}", target.shown())))?;
            (connection, standing)
        }
        Err(why) => {
            let advice = match target {
                Target::Sqlite(path) if !Path::new(path).exists() => NO_FILE,
                _ => advice::on_database(&why).unwrap_or("correct DATABASE_URL"),
            };
            return report.add(&Check::failed("database", format!("{}: {why}", target.shown()), advice));
        }
    };
    match target {
        Target::Sqlite(path) => report.add(&integrity(Path::new(path), target, &mut connection))?,
        Target::Postgres(_) => report.add(&server(&mut connection))?,
    }
    report.add(&migrations(&standing))?;
    report.add(&secret(&mut connection, config, &standing))?;
    let clock = match target {
        Target::Sqlite(_) if standing.applied == 0 => return Ok(()),
        Target::Sqlite(_) => stamps(&mut connection),
        Target::Postgres(_) => server_clock(&mut connection),
    };
    report.add(&clock.unwrap_or_else(|error| asked("clock", &error)))
}

fn open(target: &Target) -> Result<(Connection, String, Standing), String> {
    if let Target::Sqlite(path) = target {
        // SQLite's own words for it say less.
        Path::new(path).metadata().map_err(|e| e.to_string())?;
    }
    let mut connection = inspect::connect(target).map_err(|e| postgres::one_line(&e.to_string()))?;
    if let Connection::Postgres(connection) = &mut connection {
        postgres::check(target, connection)?;
    }
    let version = inspect::version(&mut connection).map_err(|e| e.to_string())?;
    // SQLite reads nothing of a file before it has to.
    let standing = standing(&mut connection).map_err(|e| e.to_string())?;
    Ok((connection, version, standing))
}

/// A question that the database should have answered.
fn asked(check: &'static str, error: &diesel::result::Error) -> Check {
    let why = error.to_string();
    let advice = advice::on_database(&why).unwrap_or("see what the log of the database says");
    Check::failed(check, why, advice)
}

fn integrity(path: &Path, target: &Target, connection: &mut Connection) -> Check {
    const NAME: &str = "integrity";
    let was_in_use = inspect::is_in_use(path);
    let mut found = inspect::quick_check(connection);
    // Where a server has begun to write meanwhile, the file was none that doesn't change.
    let is_odd = !matches!(found, Ok(None));
    if is_odd
        && !was_in_use
        && inspect::is_in_use(path)
        && let Ok(mut again) = inspect::connect(target)
    {
        found = inspect::quick_check(&mut again);
    }
    match found {
        Ok(None) => Check::ok(NAME, "the structure of the file is whole"),
        Ok(Some(fault)) => Check::failed(NAME, fault, RESTORE),
        Err(error) => Check::failed(NAME, error.to_string(), RESTORE),
    }
}

fn server(connection: &mut Connection) -> Check {
    const NAME: &str = "server";
    match postgres::warnings(connection) {
        Ok(warnings) if warnings.is_empty() => Check::ok(NAME, "the server's settings suit"),
        Ok(warnings) => Check::warning(NAME, warnings.join("; "), "change the settings that are named"),
        Err(error) => asked(NAME, &error),
    }
}

fn migrations(standing: &Standing) -> Check {
    const NAME: &str = "migrations";
    let Standing { applied, pending, unknown } = standing;
    if !unknown.is_empty() {
        let detail = format!("a newer program has applied {}", unknown.join(", "));
        return Check::warning(
            NAME,
            detail,
            "run the newer program; this one may serve beside it for a while",
        );
    }
    if !pending.is_empty() {
        let advice = "make a backup; then `steward migrate`, or the next start of the server, applies them";
        return Check::warning(NAME, format!("pending: {}", pending.join(", ")), advice);
    }
    Check::ok(NAME, format!("all {applied} are applied"))
}

fn secret(connection: &mut Connection, config: &Config, standing: &Standing) -> Check {
    const NAME: &str = "secret";
    let none = || Check::warning(NAME, "no signing secret was made yet", "start the server, which makes one");
    if let Some(given) = &config.jwt_secret {
        if given.len() < SHORTEST_SECRET {
            let detail = format!("the signing secret has {} bytes, and could be guessed", given.len());
            let advice = format!(
                "give one of {SHORTEST_SECRET} random bytes or more; or none, and the database keeps one"
            );
            return Check::warning(NAME, detail, advice);
        }
        return Check::ok(NAME, "the signing secret is given by --jwt-secret");
    }
    if standing.applied == 0 {
        return none();
    }
    match Secrets::read(connection) {
        Ok(Some(secrets)) => {
            let now = SystemClock.now().seconds();
            let former = secrets.former.iter().filter(|former| former.until > now).count();
            Check::ok(NAME, format!("the database keeps it; {former} before it still count"))
        }
        Ok(None) => none(),
        Err(error) => asked(NAME, &error),
    }
}

/// Stamps that lie ahead tell of a clock that was, or is, wrong.
fn stamps(connection: &mut Connection) -> QueryResult<Check> {
    const NAME: &str = "clock";
    let newest = people::table.select(people::updated_in_db_at).order(people::updated_in_db_at.desc());
    let newest: Option<Stamp> = newest.first(connection).optional()?;
    let now = SystemClock.now();
    Ok(match newest {
        Some(newest) if newest.seconds() > now.seconds() + AHEAD => Check::warning(
            NAME,
            format!("it is {now}, and a user was changed at {newest}"),
            "set the clock of this machine, by NTP; edits are not lost, but shown with times to come",
        ),
        _ => Check::ok(NAME, format!("it is {now}, and no user was changed later")),
    })
}

fn server_clock(connection: &mut Connection) -> QueryResult<Check> {
    const NAME: &str = "clock";
    let before = SystemClock.now();
    let Some(there) = inspect::server_clock(connection)? else {
        return Ok(Check::warning(NAME, "the server's clock shows no time", "set the server's clock"));
    };
    // The question took a while.
    let here = there.clamp(before, SystemClock.now());
    let detail = format!("it is {here} here, and {there} at the database");
    Ok(if here.seconds().abs_diff(there.seconds()) > APART {
        Check::warning(NAME, detail, "set the clocks of both machines, by NTP")
    } else {
        Check::ok(NAME, detail)
    })
}
