//! Examples of each command, which its `--help` ends with. A test parses them all.

use clap::Command;

/// Commands by their names, with examples. Each has one at least.
const EXAMPLES: &[(&[&str], &[&str])] = &[
    (&[], &["steward demo", "steward serve --bind 127.0.0.1:8080", "steward user add --help"]),
    (
        &["serve"],
        &[
            "steward serve --database-url /var/lib/steward/steward.db",
            "steward serve --bind 0.0.0.0:8080 --public-url https://api.example --drain 5",
            "DATABASE_URL='postgres://steward:secret@db.example/steward?sslmode=verify-full' steward serve",
        ],
    ),
    (&["demo"], &["steward demo", "steward demo --bind 127.0.0.1:0 --database-url /tmp/demo.db"]),
    (&["migrate"], &["steward migrate --database-url postgres://steward@db.example/steward"]),
    (&["user"], &["steward user add --first-name Rey", "steward user list"]),
    (
        &["user", "add"],
        &[
            "steward user add --first-name Rey --email rey@example.com",
            "steward user add --first-name Rey --account-list \"Rey's account list\" --locale en",
        ],
    ),
    (&["user", "list"], &["steward user list > users.jsonl"]),
    (&["user", "disable"], &["steward user disable 55ae2416-6a72-4812-b85e-46cd15fcebdf"]),
    (&["user", "enable"], &["steward user enable 55ae2416-6a72-4812-b85e-46cd15fcebdf"]),
    (&["user", "delete"], &["steward user delete 55ae2416-6a72-4812-b85e-46cd15fcebdf"]),
    (&["user", "revoke-tokens"], &["steward user revoke-tokens 55ae2416-6a72-4812-b85e-46cd15fcebdf"]),
    (
        &["token"],
        &[
            "steward token 55ae2416-6a72-4812-b85e-46cd15fcebdf",
            "steward token 55ae2416-6a72-4812-b85e-46cd15fcebdf --ttl 12h",
        ],
    ),
    (&["api-key"], &["steward api-key add importer", "steward api-key list"]),
    (&["api-key", "add"], &["steward api-key add importer"]),
    (&["api-key", "list"], &["steward api-key list"]),
    (&["api-key", "revoke"], &["steward api-key revoke importer"]),
    (&["juno"], &["steward juno import-users users.csv --match email"]),
    (
        &["juno", "import-users"],
        &[
            "steward juno import-users users.csv --match email --dry-run",
            "steward juno import-users --flat users.json --create-definitions --match-tags-by name",
        ],
    ),
    (&["secret"], &["steward secret rotate"]),
    (&["secret", "rotate"], &["steward secret rotate --grace 7d", "steward secret rotate --grace 0s"]),
    (&["import"], &["steward import users.jsonl", "gunzip -c users.jsonl.gz | steward import -"]),
    (
        &["export"],
        &["steward export > users.jsonl", "steward export --user 55ae2416-6a72-4812-b85e-46cd15fcebdf"],
    ),
    (&["doctor"], &["steward doctor", "steward doctor --bind 0.0.0.0:8080 --public-url https://api.example"]),
    (&["copy"], &["steward copy --from steward.db --to postgres://steward:secret@db.example/steward"]),
    (&["openapi"], &["steward openapi > openapi.json"]),
    (&["backup"], &["steward backup /var/backups/steward.db"]),
    (&["restore"], &["steward restore /var/backups/steward.db --replace", "steward restore --in-place"]),
    (
        &["completions"],
        &[
            "steward completions bash > /etc/bash_completion.d/steward",
            "steward completions zsh > /usr/local/share/zsh/site-functions/_steward",
        ],
    ),
];

/// The commands with their examples.
pub(super) fn shown(command: Command) -> Command {
    EXAMPLES.iter().fold(command, |command, (names, lines)| with(command, names, lines))
}

fn with(command: Command, names: &[&str], lines: &[&str]) -> Command {
    match names.split_first() {
        Some((name, rest)) => command.mut_subcommand(name, |command| with(command, rest, lines)),
        None => command.after_help(format!("Examples:\n  {}", lines.join("\n  "))),
    }
}
