//! What the pages say of the command line exists, and what can be run of it is run.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::TestApp;
use crate::support::backend::{only_on_postgres, only_on_sqlite, say};
use crate::support::command_line::{commands, is_assignment, of_steward, parse};
use crate::support::pages::{Block, blocks, spans};
use crate::support::place::Place;
use crate::support::program::run_ok;

const OPERATIONS: &str = "docs/operations.md";
const JUNO: &str = "docs/juno.md";
const SIGN_IN: &str = "docs/sign-in.md";

/// Blocks that are run here, in a folder with [`prepare`]d files. Lines that serve until they are stopped are left out:
/// the other tests of the program do so.
const RUN: [(&str, &str); 8] = [
    ("README.md", "steward user add --first-name Rey"),
    (JUNO, "steward api-key add importer"),
    (JUNO, "steward juno import-users users.csv"),
    (SIGN_IN, "steward secret rotate"),
    ("docs/transfer.md", "steward export > users.jsonl"),
    (OPERATIONS, "steward doctor"),
    (OPERATIONS, "steward backup"),
    (OPERATIONS, "steward restore backup.db"),
];

/// Blocks of which something else is checked, and why they are not run.
const NOT_RUN: [(&str, &str, &str); 35] = [
    ("README.md", "cargo run --release -- demo", "serves until it is stopped; tests/cli.rs runs the demo"),
    ("README.md", "cargo test", "these tests"),
    ("README.md", "DATABASE_URL='postgres://", "another host; serves until it is stopped"),
    ("docs/architecture.md", "cli ", "a map; its files are looked for here"),
    ("docs/api.md", "steward openapi", "needs a server; tests/api asks both"),
    ("docs/avatar.md", "curl -X PUT", "needs a picture; the route is checked here, the form in tests/api"),
    (
        JUNO,
        "curl -X POST https://api.example/api/v2/juno_users -H",
        "another host; route and body are checked here",
    ),
    (
        JUNO,
        "curl -X POST https://api.example/api/v2/juno_users/123",
        "another host; route and body are checked here",
    ),
    (JUNO, "curl -X PUT https://api.example/", "another host; route and body are checked here"),
    (JUNO, "curl -H \"X-API-Key: $KEY\"", "needs a program; route and body are checked here"),
    (JUNO, "curl -X POST -H \"Authorization", "needs a record; the route is checked here"),
    (JUNO, "{\n  \"data\": {\n    \"type\": \"tags\"", "the body of a request; tests/juno sends its like"),
    (JUNO, "\"dimension_values\": {", "a part of a body; tests/juno sends its like"),
    (JUNO, "{\n  \"id\": 123", "a part of the flat form, which tests/juno compares as a whole"),
    (
        JUNO,
        "{ \"data\": { \"type\": \"ce_activities\"",
        "the body of a request; tests/juno/ce sends its like",
    ),
    ("docs/performance.md", "apt-get install wrk", "needs root, and ten minutes"),
    ("docs/performance.md", "apt-get install linux-perf", "needs root, and a server under load"),
    ("docs/scaling.md", "flowchart LR", "a picture"),
    ("docs/serving.md", "steward serve --bind", "serves until it is stopped; tests/serving/tls.rs does so"),
    ("docs/sync.md", "stateDiagram-v2", "a picture"),
    ("docs/sync.md", "// In Node, `fetch`", "a program of the reader's; tests/console runs the module"),
    (JUNO, "X-API-Key: stw_…", "parts of requests; tests/juno sends both"),
    ("docs/sync.md", ":\n\nid: 2\n", "a part of a stream; tests/api reads its like"),
    ("docs/transfer.md", "line 2: invalid", "a message; tests/cli/transfer reads its like"),
    (
        SIGN_IN,
        "steward serve --cas-url",
        "another host; serves until it is stopped; tests/cli/sign_in.rs does so",
    ),
    (
        SIGN_IN,
        "steward serve --oidc-issuer",
        "another host; serves until it is stopped; tests/cli/sign_in.rs does so",
    ),
    (
        SIGN_IN,
        "{\"data\":{\"type\":\"authenticate\",\"attributes\":{\"cas_ticket\"",
        "the body of a request; tests/api sends its like",
    ),
    (
        SIGN_IN,
        "{\"data\":{\"type\":\"authenticate\",\"attributes\":{\"provider\"",
        "the body of a request; tests/api sends its like",
    ),
    (OPERATIONS, "cargo build --release --locked", "needs root, and minutes"),
    (OPERATIONS, "pg_restore", "on PostgreSQL alone: a test of its own"),
    (OPERATIONS, "sudo useradd", "needs root and systemd"),
    (OPERATIONS, "cd /var/lib/steward", "needs root and systemd"),
    (OPERATIONS, "20 3 * * * steward", "a line of cron's"),
    (OPERATIONS, "sudo systemctl restart", "needs root and systemd; tests/cli/rolling.rs restarts nodes"),
    (OPERATIONS, "pg_dump", "on PostgreSQL alone: a test of its own"),
];

/// Where the flags that pages name and that are not the program's are read.
const OTHERS: [&str; 2] =
    [include_str!("../../benches/load/run"), include_str!("../../.ci/schemathesis/run")];

/// Variables that pages name and that are the tests', which read them.
const OF_TESTS: &str = "STEWARD_MODEL_RUNS STEWARD_MODEL_SEED STEWARD_REQUIRE_HAPROXY STEWARD_REQUIRE_NODE \
                        STEWARD_REQUIRE_POSTGRES STEWARD_TEST_BACKEND STEWARD_WRITE_DOCS";

fn scripts() -> impl Iterator<Item = Block> {
    blocks().into_iter().filter(|block| block.language == "sh")
}

#[test]
fn every_block_of_a_page_is_compared_or_run_or_has_a_reason() {
    let blocks: Vec<Block> = blocks().into_iter().filter(|block| !block.is_compared).collect();
    let listed = || RUN.iter().copied().chain(NOT_RUN.iter().map(|(page, begin, _)| (*page, *begin)));
    let times = |block: &Block| listed().filter(|(page, begin)| block.begins_with(page, begin)).count();
    let odd: Vec<&Block> = blocks.iter().filter(|block| times(block) != 1).collect();
    assert!(odd.is_empty(), "not in the tables, or twice: {odd:#?}");
    assert_eq!(blocks.len(), listed().count(), "each entry of the tables has its block");
}

#[test]
fn every_steward_in_a_block_of_a_page_can_be_parsed() {
    let mut parsed = 0;
    for block in scripts() {
        for command in commands(&block.text) {
            if let Some(words) = of_steward(&command) {
                parse(&words).unwrap_or_else(|e| panic!("{}: {e}", block.page));
                parsed += 1;
            }
        }
    }
    assert!(parsed > 20, "{parsed}");
}

/// All flags and variables of the program.
fn known() -> BTreeSet<String> {
    fn look(command: &clap::Command, known: &mut BTreeSet<String>) {
        for argument in command.get_arguments() {
            known.extend(argument.get_long().map(|long| format!("--{long}")));
            known.extend(argument.get_env().map(|name| name.to_str().expect("text").to_owned()));
        }
        command.get_subcommands().for_each(|command| look(command, known));
    }
    let mut known = BTreeSet::from(["--help".to_owned(), "--version".to_owned()]);
    look(&steward::cli::command(), &mut known);
    known
}

/// Walks down the command that the first words name; false where there is none.
fn is_a_command(words: &[&str]) -> bool {
    let mut command = steward::cli::command();
    for word in words.iter().take_while(|word| !word.starts_with('-')) {
        match command.find_subcommand(word) {
            Some(found) => command = found.clone(),
            None => return !command.has_subcommands(),
        }
    }
    true
}

#[test]
fn every_command_flag_and_variable_that_a_page_names_exists() {
    let known = known();
    let mut seen = [0; 3];
    for (page, span) in spans() {
        let words: Vec<&str> = span.split_whitespace().collect();
        if let ["steward", rest @ ..] = &words[..] {
            assert!(is_a_command(rest), "{page}: {span}");
            seen[0] += 1;
        }
        let is_ours = span.starts_with("--") || span.starts_with("steward ");
        for word in words.iter().filter(|word| is_ours && word.starts_with("--") && word.len() > 2) {
            let flag = word.split('=').next().expect("a part");
            assert!(
                known.contains(flag)
                    || flag == "--cfg"
                    || OTHERS
                        .iter()
                        .any(|other| other.contains(&format!("{flag}\""))
                            || other.contains(&format!("{flag}="))),
                "{page}: {span}"
            );
            seen[1] += 1;
        }
    }
    let own: BTreeSet<&str> = OF_TESTS.split_whitespace().collect();
    for (page, text) in crate::support::pages::pages() {
        let is_part = |c: char| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit();
        for name in text.split(|c| !is_part(c)).filter(|name| name.starts_with("STEWARD_") && name.len() > 8)
        {
            assert!(known.contains(name) || own.contains(name), "{page}: {name}");
            seen[2] += 1;
        }
    }
    assert!(seen.iter().all(|seen| *seen > 10), "{seen:?}");
}

#[test]
fn every_file_of_the_map_is_there() {
    let map = blocks().into_iter().find(|block| block.begins_with("docs/architecture.md", "cli "));
    let map = map.expect("the map").text;
    let files = map.split([' ', ',', '\n']).filter(|word| word.starts_with("src/"));
    let missing: Vec<&str> = files.filter(|file| !Path::new(file).exists()).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_variable_of_an_example_exists() {
    for file in ["docs/examples/steward.env", "docs/examples/Containerfile"] {
        let text = std::fs::read_to_string(file).expect("the example");
        let lines =
            text.lines().map(|line| line.trim_start_matches("ENV ")).filter(|line| is_assignment(line));
        let names: Vec<&str> = lines.filter_map(|line| line.split('=').next()).collect();
        assert!(!names.is_empty(), "{file}");
        assert!(names.iter().all(|name| known().contains(*name)), "{file}: {names:?}");
    }
}

/// What the commands of the pages find: a database with a user, and files to read.
fn prepare(folder: &Path, database: &str) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    let user = run_ok(database, &["user", "add", "--first-name", "Rey", "--account-list", "Rey's"]);
    let user: Value = serde_json::from_str(&user).expect("JSON");
    write("users.jsonl", &run_ok(database, &["export", "--user", user["id"].as_str().expect("an id")]));
    write("users.csv", "first_name,email\nJohn,jmclane@diehard.com\n");
    write("users.json", r#"{"first_name": "Holly", "email": "hgennaro@diehard.com"}"#);
}

/// Runs a script where `steward` is the program that is tested.
fn bash(folder: &Path, script: &str, variables: &[(&str, &str)]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_steward")).parent().expect("its folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::split_paths(&path).chain(postgres_folders());
    let path = std::env::join_paths(std::iter::once(program.to_owned()).chain(path)).expect("a path");
    let mut command = Command::new("bash");
    command.env_clear().env("PATH", path).env("STEWARD_LOG", "warn").envs(variables.iter().copied());
    command.args(["--norc", "-e", "-o", "pipefail", "-c", script]).current_dir(folder);
    command.stdin(Stdio::null()).output().expect("bash")
}

fn postgres_folders() -> Vec<std::path::PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin")).collect()
}

fn script(page: &str, begin: &str) -> String {
    let mut found = scripts().filter(|block| block.begins_with(page, begin));
    let text = found.next().unwrap_or_else(|| panic!("{begin} in {page}")).text;
    let serves = ["steward serve", "steward demo"];
    text.lines()
        .filter(|line| !serves.iter().any(|begin| line.starts_with(begin)))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_commands_of_the_pages_run_as_they_stand_there() {
    only_on_sqlite!("they are a new user's, who has said nothing of a database");
    for (page, begin) in RUN {
        let folder = TempDir::new().expect("a folder");
        let database = folder.path().join("steward.db");
        prepare(folder.path(), database.to_str().expect("text"));
        if begin.starts_with("steward restore") {
            let backup = folder.path().join("backup.db");
            run_ok(database.to_str().expect("text"), &["backup", backup.to_str().expect("text")]);
        }
        let output = bash(folder.path(), &script(page, begin), &[]);
        assert!(output.status.success(), "{page}: {begin}: {output:?}");
    }
}

#[test]
fn a_dump_of_postgresql_is_put_back_as_the_page_says() {
    only_on_postgres!();
    if !postgres_folders().iter().any(|folder| folder.join("pg_dump").is_file()) {
        assert!(std::env::var_os(crate::backends::REQUIRED).is_none(), "there is no pg_dump");
        say("there is no pg_dump");
        return;
    }
    let (lost, new, folder) = (Place::empty(), Place::empty(), TempDir::new().expect("a folder"));
    prepare(folder.path(), &lost.url());
    for (place, begin) in [(&lost, "pg_dump"), (&new, "pg_restore")] {
        let output = bash(folder.path(), &script(OPERATIONS, begin), &[("DATABASE_URL", &place.url())]);
        assert!(output.status.success(), "{begin}: {output:?}");
    }
    assert_eq!(run_ok(&new.url(), &["user", "list"]), run_ok(&lost.url(), &["user", "list"]));
    assert!(run_ok(&new.url(), &["user", "list"]).contains("Rey"));
}

/// The method, the path and the body of a request by `curl`.
fn request(words: &[String]) -> (Method, String, Option<String>) {
    let after = |flag: &str| words.iter().position(|word| word == flag).map(|place| words[place + 1].clone());
    let body = after("-d");
    let method = after("-X").unwrap_or_else(|| if body.is_some() { "POST" } else { "GET" }.to_owned());
    let url = words.iter().find(|word| word.contains("/api/")).expect("a URL");
    let path = &url[url.find("/api/").expect("its path")..];
    let path = path.replace("$RECORD", "11111111-1111-4111-8111-111111111111");
    (method.parse().expect("a method"), path, body)
}

#[actix_web::test]
async fn every_request_by_curl_is_one_that_the_server_has() {
    let app = TestApp::new();
    let mut requests = 0;
    for block in scripts() {
        for words in commands(&block.text).iter().filter(|words| words[0] == "curl") {
            if !words.iter().any(|word| word.contains("/api/")) {
                continue;
            }
            let (method, path, body) = request(words);
            let answer = app.send(TestRequest::with_uri(&path).method(Method::OPTIONS)).await;
            let allowed = answer.header("allow").unwrap_or_else(|| panic!("{}: {path}", block.page));
            assert!(allowed.contains(method.as_str()), "{}: {method} {path}: {allowed}", block.page);
            if let Some(body) = body {
                let document: Value = serde_json::from_str(&body).expect("JSON");
                assert!(document.get("data").is_some(), "{document}");
            }
            requests += 1;
        }
    }
    assert!(requests >= 6, "{requests}");
}

#[test]
fn the_unit_starts_the_program_that_the_page_installs_with_flags_that_exist() {
    let unit = std::fs::read_to_string("docs/examples/steward.service").expect("the unit");
    let starts = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command");
    let command = &commands(starts)[0];
    parse(&of_steward(command).expect("the program")).unwrap_or_else(|e| panic!("{e}"));
    assert!(std::fs::read_to_string(OPERATIONS).expect("the page").contains(&command[0]));
}
