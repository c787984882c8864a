//! On which of the two backends the tests run. The suite runs on SQLite, and one of its tests runs all others once
//! more on PostgreSQL (`tests/backends.rs`).

use std::io::Write as _;

/// Names the backend: `postgres`, else SQLite.
pub const VARIABLE: &str = "STEWARD_TEST_BACKEND";

/// What the line of a test that is not for PostgreSQL begins with.
pub const SKIPPED: &str = "only on SQLite: ";

/// Whether the tests run on PostgreSQL.
pub fn is_postgres() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|backend| backend == "postgres")
}

/// A statement in the words of the backend.
pub fn sql<'a>(sqlite: &'a str, postgres: &'a str) -> &'a str {
    if is_postgres() { postgres } else { sqlite }
}

/// Makes every write of a kind to a table fail: `BEFORE INSERT ON websites`. [`MENDED`] undoes it.
pub fn sabotage(table: &str, event: &str) -> String {
    if is_postgres() {
        return format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$; \
             CREATE TRIGGER sabotage BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
        );
    }
    format!("CREATE TRIGGER sabotage BEFORE {event} ON {table} BEGIN SELECT RAISE(FAIL, 'no'); END")
}

/// Undoes [`sabotage`].
pub fn mended(table: &str) -> String {
    if is_postgres() {
        format!("DROP TRIGGER sabotage ON {table}")
    } else {
        "DROP TRIGGER sabotage".to_owned()
    }
}

/// Says something to whoever runs the tests, also where the test that says it succeeds.
pub fn say(text: &str) {
    // Unlike `eprintln!` it is not captured. Nobody is left to tell where standard error is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// What the line of a figure begins with.
pub const REPORTED: &str = "measured: ";

/// Says a figure, on whichever backend it was measured.
pub fn report(text: &str) {
    say(&format!("{REPORTED}{text}"));
}

/// Ends a test that is about SQLite alone where the tests run on PostgreSQL, and says why.
macro_rules! only_on_sqlite {
    ($reason:literal) => {
        if crate::support::backend::is_postgres() {
            let test = std::thread::current().name().unwrap_or_default().to_owned();
            crate::support::backend::say(&format!("{}{test}: {}", crate::support::backend::SKIPPED, $reason));
            return;
        }
    };
}

/// Ends a test that is about PostgreSQL alone where the tests run on SQLite; such tests are in `tests/postgres/`.
macro_rules! only_on_postgres {
    () => {
        if !crate::support::backend::is_postgres() {
            return;
        }
    };
}

pub(crate) use {only_on_postgres, only_on_sqlite};

/// A statement that gives everybody with a first name so many websites, made at one time.
pub fn many_websites(first_name: &str, number: usize) -> String {
    let (id, time, no) = if is_postgres() {
        ("gen_random_uuid()", EPOCH_ON_POSTGRES, "false")
    } else {
        ("randomblob(16)", "0", "0")
    };
    format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number}) \
         INSERT INTO websites SELECT p.id, {id}, 1, {time}, {time}, {time}, '{{\"*\":0}}', 'u' || i, {no} \
         FROM n, people p WHERE p.first_name = '{first_name}'"
    )
}

/// 1970-01-01, which is 0 on SQLite.
pub const EPOCH_ON_POSTGRES: &str = "timestamp '1970-01-01'";
