//! `steward doctor`: what it finds, and that it changes nothing.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Place;
use crate::support::app::JSON_API;
use crate::support::backend::{is_postgres, only_on_postgres, only_on_sqlite, sql};
use crate::support::program::{Program, steward};

/// What was found, and the exit code.
struct Findings {
    checks: BTreeMap<String, Value>,
    code: Option<i32>,
}

impl Findings {
    fn of(database: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = steward(database);
        command.envs(variables.iter().copied()).arg("doctor").args(["--bind", "127.0.0.1:0"]);
        let output = command.args(arguments).output().expect("the program runs");
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        let mut checks = BTreeMap::new();
        for line in out.lines() {
            let check: Value = serde_json::from_str(line).expect("JSON");
            assert!(check["detail"].is_string(), "{check}");
            assert_eq!(check["advice"].is_string(), check["status"] != "ok", "{check}");
            let name = check["check"].as_str().expect("a name").to_owned();
            assert!(checks.insert(name, check).is_none(), "each once: {out}");
        }
        let has_failed = checks.values().any(|check| check["status"] == "failed");
        assert_eq!(output.status.code(), Some(i32::from(has_failed)), "{out}");
        Self { checks, code: output.status.code() }
    }

    fn text(&self, check: &str, member: &str) -> &str {
        self.checks.get(check).unwrap_or_else(|| panic!("{check} in {:?}", self.checks))[member]
            .as_str()
            .unwrap_or_default()
    }

    fn status(&self, check: &str) -> &str {
        self.text(check, "status")
    }
}

impl Place {
    fn doctor(&self) -> Findings {
        Findings::of(&self.database(), &[], &[])
    }

    /// Says something to the database.
    fn tell(&self, statement: &str) {
        self.0.target().connect().expect("a connection").batch_execute(statement).expect("done");
    }

    /// With a user in it.
    fn with_a_user() -> Self {
        let place = Self::new();
        place.run_ok(&["user", "add", "--first-name", "Rey"]);
        place
    }
}

/// Every file of a folder with what is in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("a file"));
    entries
        .map(|entry| {
            (entry.file_name().into_string().expect("text"), fs::read(entry.path()).expect("its bytes"))
        })
        .collect()
}

#[test]
fn of_a_database_that_is_well_every_check_is_ok_and_no_byte_is_changed() {
    let place = Place::with_a_user();
    let folder = (!is_postgres()).then(|| place.0.file().parent().expect("its folder").to_owned());
    let before = folder.as_deref().map(files);
    let found = place.doctor();
    assert_eq!(folder.as_deref().map(files), before);
    assert_eq!(found.code, Some(0));
    let names: Vec<&str> = found.checks.keys().map(String::as_str).collect();
    let own = sql("disk integrity permissions", "server");
    let mut expected: Vec<&str> = own.split(' ').collect();
    expected.extend(["address", "clock", "configuration", "database", "environment", "migrations", "secret"]);
    expected.sort_unstable();
    assert_eq!(names, expected);
    // The server of the tests does not wait for its disk, which the doctor says of it.
    let odd: Vec<&String> =
        found.checks.iter().filter(|(_, check)| check["status"] != "ok").map(|(name, _)| name).collect();
    assert_eq!(odd, if is_postgres() { vec!["server"] } else { vec![] }, "{:?}", found.checks);
    assert!(found.text("database", "detail").starts_with(sql("SQLite 3.", "PostgreSQL 1")));
}

#[test]
fn beside_a_server_that_runs_it_finds_all_well() {
    let place = Place::with_a_user();
    let program = Program::start(&place.database(), &["serve"]);
    let address = program.url.strip_prefix("http://").expect("a URL");
    let found = Findings::of(&place.database(), &[], &[("STEWARD_LOG", "info")]);
    assert_eq!(found.code, Some(0));
    let mut command = steward(&place.database());
    let output = command.args(["doctor", "--bind", address]).output().expect("the program runs");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(out.contains(&format!("somebody listens on {address}")), "{out}");
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn after_a_server_was_killed_it_reads_the_log_and_leaves_it() {
    only_on_sqlite!("a server of PostgreSQL keeps its own log");
    let place = Place::new();
    let user = place.json(&["user", "add", "--first-name", "Rey"]);
    let program = Program::start(&place.database(), &["serve"]);
    let token = user["token"].as_str().expect("a token");
    let edit = json!({ "data": { "type": "users", "attributes": { "employer": "Cru", "overwrite": true } } });
    let request = Program::agent().put(program.user_url()).header("Content-Type", JSON_API);
    let request = request.header("Authorization", format!("Bearer {token}"));
    assert_eq!(request.send(edit.to_string()).expect("an answer").status(), 200);
    program.kill();
    let folder = place.0.file().parent().expect("its folder").to_owned();
    let stored = |mut files: BTreeMap<String, Vec<u8>>| {
        // The index of the log, in which readers note how far they read.
        files.remove("steward.db-shm");
        files
    };
    let before = stored(files(&folder));
    assert!(before.contains_key("steward.db-wal"), "{:?}", before.keys());
    assert_eq!(place.doctor().code, Some(0));
    assert_eq!(stored(files(&folder)), before);
}

#[test]
fn where_there_is_no_database_it_makes_none() {
    only_on_sqlite!("PostgreSQL makes none either");
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("odd #name?.db");
    let found = Findings::of(path.to_str().expect("text"), &[], &[]);
    assert_eq!(found.status("database"), "failed");
    assert!(found.text("database", "advice").contains("steward migrate"));
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_file_with_an_odd_name_is_opened_as_itself() {
    only_on_sqlite!("PostgreSQL's database has no file");
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("odd #name?%41.db");
    let database = path.to_str().expect("text");
    crate::support::program::run_ok(database, &["migrate"]);
    assert_eq!(Findings::of(database, &[], &[]).status("migrations"), "ok");
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn an_empty_database_has_all_migrations_pending_and_stays_empty() {
    let place = Place::new();
    if !is_postgres() {
        fs::write(place.0.file(), "").expect("a file");
    }
    let found = place.doctor();
    assert_eq!((found.status("migrations"), found.status("secret")), ("warning", "warning"));
    assert!(found.text("migrations", "detail").starts_with("pending: "));
    assert_eq!(found.code, Some(0));
    assert!(place.doctor().text("migrations", "detail").starts_with("pending: "), "none was applied");
}

#[test]
fn migrations_that_are_pending_and_those_of_a_newer_program_are_named_and_not_touched() {
    let place = Place::with_a_user();
    place.tell("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')");
    for _ in 0..2 {
        let found = place.doctor();
        assert_eq!(found.status("migrations"), "warning");
        assert!(found.text("migrations", "detail").contains("99990101000000"));
    }
    place.tell(
        "DELETE FROM __diesel_schema_migrations \
         WHERE version IN (SELECT max(version) FROM __diesel_schema_migrations WHERE version < '9999') \
         OR version = '99990101000000'",
    );
    for _ in 0..2 {
        let found = place.doctor();
        assert_eq!(found.status("migrations"), "warning");
        assert!(found.text("migrations", "detail").starts_with("pending: "));
        assert!(!found.text("migrations", "detail").contains(','), "one alone");
    }
}

#[test]
fn a_file_that_is_damaged_or_something_else_is_told() {
    only_on_sqlite!("PostgreSQL has checks of its own");
    let place = Place::with_a_user();
    let whole = fs::read(place.0.file()).expect("the file");
    let mut damaged = whole.clone();
    damaged[whole.len() / 2..].fill(0xa5);
    for bytes in [&damaged[..], &whole[..whole.len() / 2], b"Rey, Finn, Poe"] {
        fs::write(place.0.file(), bytes).expect("written");
        let found = place.doctor();
        assert_eq!(found.code, Some(1));
        let failed = found.checks.values().find(|check| check["status"] == "failed").expect("a fault");
        assert!(failed["advice"].as_str().expect("text").contains("steward restore"), "{failed}");
        assert_eq!(fs::read(place.0.file()).expect("the file"), bytes);
    }
}

#[test]
fn a_database_is_made_for_its_owner_alone() {
    only_on_sqlite!("PostgreSQL's database has no file");
    let place = Place::with_a_user();
    assert_eq!(place.0.file().metadata().expect("the file").permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_database_that_others_can_read_is_a_warning() {
    only_on_sqlite!("PostgreSQL's database has no file");
    let place = Place::with_a_user();
    let file = place.0.file();
    let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("changed");
    for (folder, mode, status) in
        [(0o755, 0o644, "warning"), (0o755, 0o600, "ok"), (0o755, 0o640, "ok"), (0o700, 0o644, "ok")]
    {
        set(file.parent().expect("its folder"), folder);
        set(&file, mode);
        assert_eq!(place.doctor().status("permissions"), status, "{folder:o} {mode:o}");
    }
}

#[test]
fn a_disk_with_less_room_than_the_database_has_is_a_warning() {
    only_on_sqlite!("PostgreSQL's disk is elsewhere");
    let place = super::support::Place::in_memory();
    let file = place.file();
    let disk = rustix::fs::statvfs(&file).expect("the disk");
    // A file with a hole, which takes no room.
    let file = fs::OpenOptions::new().write(true).open(file).expect("the file");
    file.set_len((disk.f_blocks * disk.f_frsize).max(1 << 30)).expect("longer");
    let found = Findings::of(&place.url(), &[], &[]);
    assert_eq!(found.status("disk"), "warning", "{}", found.text("disk", "detail"));
}

#[test]
fn a_clock_that_is_behind_is_a_warning() {
    let place = Place::with_a_user();
    if is_postgres() {
        place.tell(
            "CREATE SCHEMA odd; CREATE FUNCTION odd.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS \
             $$ SELECT pg_catalog.clock_timestamp() + interval '5 minutes' $$; \
             DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = odd, pg_catalog, public', \
             current_database()); END $$",
        );
    } else {
        place.tell("UPDATE people SET updated_in_db_at = 4102444800");
    }
    let found = place.doctor();
    assert_eq!(found.status("clock"), "warning", "{}", found.text("clock", "detail"));
    assert!(found.text("clock", "advice").contains("NTP"));
}

#[test]
fn a_server_that_is_not_there_is_told_at_once_with_what_to_do() {
    only_on_postgres!();
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
    let url = format!("postgres://rey:secret@127.0.0.1:{port}/steward");
    let found = Findings::of(&url, &[], &[("STEWARD_DATABASE_WAIT", "1h")]);
    assert_eq!(found.status("database"), "failed");
    assert!(found.text("database", "advice").contains("start the server"));
    assert!(!found.text("database", "detail").contains("secret"));
}

#[test]
fn flags_and_variables_are_judged_as_the_server_does() {
    let place = Place::with_a_user();
    let ask = |arguments: &[&str], variables: &[(&str, &str)]| {
        Findings::of(&place.database(), arguments, variables)
    };
    for (arguments, told) in [
        (&["--workers", "0"][..], "must be between 1 and 512"),
        (&["--cors-origin", "*"], "must look like https://app.example"),
        (
            &[
                "--cas-url",
                "https://cas.example",
                "--cas-service",
                "https://x.example",
                "--sign-in-ca",
                "/nowhere",
            ],
            "/nowhere",
        ),
    ] {
        let found = ask(arguments, &[]);
        assert_eq!(found.status("configuration"), "failed");
        assert!(found.text("configuration", "detail").contains(told), "{:?}", found.checks);
    }
    assert_eq!(ask(&[], &[("STEWARD_WORKERS", "0")]).status("configuration"), "failed");
    let found = ask(&[], &[("STEWARD_WROKERS", "4")]);
    assert_eq!(found.status("environment"), "warning");
    assert!(found.text("environment", "detail").contains("STEWARD_WROKERS"));
    assert_eq!(ask(&["--jwt-secret", "guess"], &[]).status("secret"), "warning");
    let long = "0123456789abcdef0123456789abcdef";
    assert_eq!(ask(&["--jwt-secret", long], &[]).status("secret"), "ok");
    place.tell("DELETE FROM settings WHERE name = 'jwt_secret'");
    assert_eq!(ask(&[], &[]).status("secret"), "warning");
}

#[test]
fn an_address_of_another_machine_can_not_be_listened_on() {
    let place = Place::with_a_user();
    let mut command = steward(&place.database());
    // Of the block that documentation may use, so nobody's.
    let output = command.args(["doctor", "--bind", "192.0.2.1:8080"]).output().expect("the program runs");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1));
    assert!(out.contains(r#"{"check":"address","status":"failed""#) && out.contains("--bind"), "{out}");
}
