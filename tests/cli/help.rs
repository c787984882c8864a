//! What the program says of itself: examples, completions, and what to do about errors.

use std::net::TcpListener;
use std::process::Command;

use diesel::connection::SimpleConnection as _;
use tempfile::TempDir;

use super::Place;
use crate::support;
use crate::support::app::REY;
use crate::support::backend::{is_postgres, only_on_sqlite};
use crate::support::command_line::{commands, of_steward, parse};
use crate::support::program::{Program, run, run_ok, steward};

/// Every command, by its words, with what its help ends with.
fn all(command: &clap::Command, words: &[&str], found: &mut Vec<(Vec<String>, String)>) {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    found.push((words.iter().map(ToString::to_string).collect(), help));
    for command in command.get_subcommands() {
        all(command, &[words, &[command.get_name()]].concat(), found);
    }
}

fn every_command() -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    all(&steward::cli::command(), &["steward"], &mut found);
    assert!(found.len() > 20, "{found:?}");
    found
}

#[test]
fn every_command_has_an_example_of_itself_that_can_be_parsed() {
    for (words, help) in every_command() {
        let lines = help.strip_prefix("Examples:\n").unwrap_or_else(|| panic!("{words:?} has no examples"));
        for command in commands(lines).iter().filter_map(|command| of_steward(command)) {
            parse(&command).unwrap_or_else(|e| panic!("{e}"));
            assert!(command.starts_with(&words), "{command:?} is no example of {words:?}");
        }
        assert!(commands(lines).iter().any(|command| of_steward(command).is_some()), "{words:?}: {lines}");
    }
}

#[test]
fn help_is_shown_with_its_examples() {
    for (words, help) in every_command() {
        let arguments: Vec<&str> = words[1..].iter().map(String::as_str).chain(["--help"]).collect();
        let shown = run_ok("unused.db", &arguments);
        assert!(shown.trim_end().ends_with(help.trim_end()), "{shown}");
    }
}

#[test]
fn every_flag_says_what_it_is_for() {
    fn look(command: &clap::Command) {
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            assert!(argument.get_help().is_some(), "{} of {}", argument.get_id(), command.get_name());
        }
        assert!(command.get_about().is_some(), "{}", command.get_name());
        command.get_subcommands().for_each(look);
    }
    look(&steward::cli::command());
}

#[test]
fn bash_completes_commands_and_flags() {
    let script = run_ok("mysql://no/database/is/needed", &["completions", "bash"]);
    for (words, expected) in [
        ("steward us", "user"),
        ("steward user dis", "disable"),
        ("steward backup --database-u", "--database-url"),
    ] {
        let ask = format!(
            "{script}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _steward steward \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD - 1]}}\"; echo \"${{COMPREPLY[*]}}\""
        );
        let output = Command::new("bash").args(["--norc", "-c", &ask]).output().expect("bash");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected, "{words}: {output:?}");
    }
}

#[test]
fn completions_of_every_shell_know_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run_ok("unused.db", &["completions", shell]);
        for word in ["revoke-tokens", "import-users", "database-url"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

/// What a command says that must fail.
fn told(database: &str, arguments: &[&str]) -> String {
    let output = run(database, arguments);
    assert!(matches!(output.status.code(), Some(1 | 2)), "{arguments:?}: {output:?}");
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(told.lines().filter(|line| line.starts_with("steward: ")).count(), 1, "{told}");
    told
}

#[test]
fn an_error_says_what_to_do() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = listener.local_addr().expect("its address").to_string();
    for (arguments, advice) in [
        (&["serve", "--bind", &taken][..], "choose another port with --bind"),
        (&["serve", "--bind", "192.0.2.1:0"], "choose an address of this machine"),
        (&["import", "/nowhere/users.jsonl"], "name a file that is there"),
        (&["juno", "import-users", "/nowhere/users.csv"], "name a file that is there"),
        (&["user", "disable", REY], "`steward user list` prints all"),
        (&["token", REY], "`steward user list` prints all"),
        (&["export", "--user", REY], "`steward user list` prints all"),
        (&["api-key", "revoke", "nobody"], "`steward api-key list` prints all"),
    ] {
        let told = told(&place.database(), arguments);
        assert!(told.contains(advice), "{told}");
    }
}

#[test]
fn an_error_of_the_database_says_what_to_do() {
    let folder = TempDir::new().expect("a folder");
    let text = folder.path().join("text.db");
    std::fs::write(&text, "Rey, Finn, Poe").expect("a file");
    let mut cases = vec![
        ("mysql://db.example/steward".to_owned(), "give a path, a sqlite: URL or a postgres:// URL"),
        ("/nowhere/steward.db".to_owned(), "see that its folder is there"),
        (text.to_str().expect("text").to_owned(), "correct DATABASE_URL, or put a backup in its place"),
    ];
    if is_postgres() {
        let place = Place::new();
        let support::Place::Server(name) = &place.0 else { panic!("a server") };
        let absent = place.database().replace(name, "absent");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
        cases = vec![
            (absent, "create the role and the database"),
            (format!("postgres://127.0.0.1:{port}/steward"), "start the server, or correct host and port"),
        ];
    }
    for (database, advice) in cases {
        let mut command = steward(&database);
        let output =
            command.env("STEWARD_DATABASE_WAIT", "0s").args(["user", "list"]).output().expect("it runs");
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(told.contains(advice), "{database}: {told}");
    }
}

#[test]
fn a_database_that_another_holds_says_so() {
    only_on_sqlite!("PostgreSQL has locks of rows");
    let place = Place::new();
    place.run_ok(&["migrate"]);
    let mut holder = place.0.target().connect().expect("a connection");
    holder.batch_execute("BEGIN IMMEDIATE").expect("the lock");
    assert!(
        told(&place.database(), &["user", "add", "--first-name", "Rey"])
            .contains("another program holds the file")
    );
    holder.batch_execute("ROLLBACK").expect("let go");
    assert_eq!(Program::start(&place.database(), &["serve"]).stop(), Some(0));
}
