//! `steward export` and `steward import`.

mod batches;
mod coaches;
mod kept;
mod key_accounts;
mod logins;
mod refused;
mod shared;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Output, Stdio};

use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::people;
use steward::db::{Connection, Target};
use tempfile::TempDir;

use crate::support::place::Place;
use crate::support::program::{run_ok, steward};

const EARLY: &str = "2022-01-01T00:00:00Z";
const LATE: &str = "2022-06-01T00:00:00Z";

/// Databases by their names, and a folder for files.
struct Folder {
    files: TempDir,
    databases: RefCell<BTreeMap<String, Place>>,
}

impl Folder {
    fn new() -> Self {
        Self { files: TempDir::new().expect("a folder"), databases: RefCell::default() }
    }

    /// What `DATABASE_URL` says of a database, which is made without a schema when it is first named.
    fn url(&self, name: &str) -> String {
        self.databases.borrow_mut().entry(name.to_owned()).or_insert_with(Place::empty).url()
    }

    /// A connection to it.
    fn connect(&self, name: &str) -> Connection {
        Target::parse(&self.url(name)).expect("a path or a URL").connect().expect("a connection")
    }

    /// A file of lines.
    fn file(&self, text: &str) -> String {
        let path = self.files.path().join("lines.jsonl");
        std::fs::write(&path, text).expect("a file");
        path.to_str().expect("a path that is text").to_owned()
    }

    /// Imports lines that are all taken; returns the summary.
    fn import(&self, database: &str, lines: &str) -> Value {
        let output = self.try_import(database, lines, &[]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        summary(&output)
    }

    fn try_import(&self, database: &str, lines: &str, flags: &[&str]) -> Output {
        let file = self.file(lines);
        let mut command = steward(&self.url(database));
        command.arg("import").args(flags).arg(&file).output().expect("the program runs")
    }
}

fn export(database: &str) -> String {
    run_ok(database, &["export"])
}

/// What an import prints.
fn summary(output: &Output) -> Value {
    let text = std::str::from_utf8(&output.stdout).expect("UTF-8");
    assert_eq!(text.lines().count(), 1, "{output:?}");
    serde_json::from_str(text).expect("JSON")
}

/// The lines that an import writes to standard error.
fn told(output: &Output) -> Vec<String> {
    std::str::from_utf8(&output.stderr).expect("UTF-8").lines().map(str::to_owned).collect()
}

fn counts(lines: u64, created: u64, updated: u64, unchanged: u64, refused: u64) -> Value {
    json!({
        "lines": lines, "created": created, "updated": updated, "unchanged": unchanged, "refused": refused,
    })
}

fn parse(line: &str) -> Value {
    serde_json::from_str(line).expect("JSON")
}

/// An id that ends in a number.
fn numbered(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A small line: a user with a name, a stamp and e-mail addresses.
fn small(number: u32, name: &str, stamp: &str, emails: &[&str]) -> String {
    let email = |(i, email): (usize, &&str)| {
        let id = numbered(number * 100 + u32::try_from(i).expect("few"));
        let attributes = json!({
            "email": email, "primary": i == 0, "created_at": stamp, "updated_at": stamp, "updated_in_db_at": stamp,
        });
        json!({ "id": id, "type": "email_addresses", "attributes": attributes })
    };
    let attributes =
        json!({ "first_name": name, "created_at": stamp, "updated_at": stamp, "updated_in_db_at": stamp });
    let data = json!({ "id": numbered(number), "type": "users", "attributes": attributes });
    let included: Vec<_> = emails.iter().enumerate().map(email).collect();
    format!("{}\n", json!({ "data": data, "included": included }))
}

/// A line with members set; `-` is a new element of an array.
fn with(line: &str, changes: &[(&str, Value)]) -> String {
    let mut line = parse(line);
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        match line.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")) {
            Value::Object(members) => _ = members.insert(name.to_owned(), value.clone()),
            Value::Array(elements) => elements.push(value.clone()),
            _ => panic!("{pointer}"),
        }
    }
    format!("{line}\n")
}

fn stored(folder: &Folder, user: u32) -> Value {
    parse(&run_ok(&folder.url("a.db"), &["export", "--user", &numbered(user)]))
}

#[test]
fn standard_input_is_read_where_the_file_is_a_dash() {
    let folder = Folder::new();
    let mut command = steward(&folder.url("a.db"));
    let command = command.args(["import", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
    let lines = small(1, "A", EARLY, &[]) + "\n \n" + &small(2, "B", EARLY, &[]);
    // Without the end of the last line.
    child.stdin.take().expect("its input").write_all(lines.trim_end().as_bytes()).expect("sent");
    let output = child.wait_with_output().expect("the end");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(summary(&output), counts(2, 2, 0, 0, 0), "blank lines do not count");
    assert!(told(&output).is_empty(), "no progress bar where nobody looks: {output:?}");
}

#[test]
fn one_user_can_be_exported_alone() {
    let folder = Folder::new();
    let lines: String = (1..=3).map(|n| small(n, "A", EARLY, &["a@b.co"])).collect();
    folder.import("a.db", &lines);
    let database = folder.url("a.db");
    let all = export(&database);
    let one = run_ok(&database, &["export", "--user", &numbered(2)]);
    assert_eq!(all.split_inclusive('\n').nth(1), Some(one.as_str()), "users come in the order of their ids");
    let output =
        steward(&database).args(["export", "--user", &numbered(9)]).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert_eq!(
        told(&output),
        [format!("steward: there is no user {}; `steward user list` prints all", numbered(9))]
    );
    let missing = steward(&database).args(["import", "/nowhere/x"]).output().expect("the program runs");
    assert_eq!(missing.status.code(), Some(1));
    assert!(told(&missing)[0].starts_with("steward: can't open /nowhere/x: "), "{missing:?}");
}

#[test]
fn an_import_that_dies_in_the_middle_can_be_run_again() {
    // More than one commit takes.
    const USERS: u32 = 4500;
    let folder = Folder::new();
    let lines: String = (1..=USERS).map(|n| small(n, "A", EARLY, &["a@b.co"])).collect();
    folder.import("whole.db", &lines);
    let whole = export(&folder.url("whole.db"));
    let file = folder.file(&whole);
    let database = folder.url("half.db");
    run_ok(&database, &["migrate"]);
    let mut command = steward(&database);
    command.args(["import", &file]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    // The first commit is there, the last is not.
    let mut connection = folder.connect("half.db");
    let mut count = || people::table.count().get_result::<i64>(&mut connection).expect("a number");
    while count() == 0 {
        assert!(child.try_wait().expect("its state").is_none(), "it ended before it could be killed");
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("the end");
    let there = u64::try_from(count()).expect("a number");
    let all = u64::from(USERS);
    assert!(there > 0 && there < all, "{there}");
    assert_eq!(folder.import("half.db", &whole), counts(all, all - there, 0, there, 0));
    assert!(export(&database) == whole, "complete and equal");
}
