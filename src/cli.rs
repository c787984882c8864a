//! The command line. Results go to standard output, messages to standard error; the exit code is 0, 1 (failed) or 2
//! (usage).

mod advice;
mod api_key;
mod backup;
mod completions;
mod copy;
mod demo;
mod doctor;
mod examples;
mod export;
mod import;
mod juno;
mod logging;
mod migrate;
mod progress;
mod secret;
mod serve;
mod token;
mod user;

use std::ffi::OsString;
use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use diesel::pg::PgConnection;

use crate::auth::secrets::Secrets;
use crate::auth::tokens::{Tokens, random_secret};
use crate::config::Config;
use crate::db::migrations::{MigrateError, apply};
use crate::db::{Connection, DbError, Target, postgres};
use crate::openapi;
use logging::LogFormat;

/// A JSON:API user service: an edit that was acknowledged is never lost, and one that was refused says exactly why.
#[derive(Debug, Parser)]
#[command(name = "steward", version)]
struct Cli {
    #[command(flatten)]
    common: Common,

    #[command(subcommand)]
    command: Command,
}

/// Flags of every command.
#[derive(Args, Clone, Debug)]
struct Common {
    /// A path, a sqlite: URL or a postgres:// URL
    #[arg(long, env = "DATABASE_URL", default_value = "steward.db", global = true, value_name = "URL")]
    #[arg(hide_env_values = true)]
    database_url: String,

    /// How long a database server that can't be reached is waited for, such as 30s
    #[arg(
        long,
        env = "STEWARD_DATABASE_WAIT",
        default_value = "30s",
        global = true,
        value_name = "TIME",
        value_parser = humantime::parse_duration
    )]
    database_wait: Duration,

    /// What to log, such as `info` or `steward::access=off,warn`
    #[arg(
        long,
        env = "STEWARD_LOG",
        default_value = "info,actix_server=warn",
        global = true,
        value_name = "FILTER"
    )]
    log: String,

    /// How to log: lines for people, or one JSON object per line
    #[arg(long, env = "STEWARD_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, global = true)]
    log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate the database, then serve (also without a command)
    Serve(Config),
    /// Serve with the documented user Rey; prints his token and curl lines to paste
    Demo(Config),
    /// Migrate the database and exit
    Migrate,
    /// Print the OpenAPI 3.1 document
    Openapi,
    /// Add and administer users
    #[command(subcommand)]
    User(user::UserCommand),
    /// Print a token for a user
    Token(token::TokenArgs),
    /// Administer the keys of integrations
    #[command(subcommand)]
    ApiKey(api_key::ApiKeyCommand),
    /// Bring users of JUNO along
    #[command(subcommand)]
    Juno(juno::JunoCommand),
    /// Administer the signing secret that the database keeps
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// Read users from JSON lines
    Import(import::ImportArgs),
    /// Print users as JSON lines, with all that they own
    Export(export::ExportArgs),
    /// Look at all that a server with these flags needs; changes nothing
    Doctor(doctor::DoctorArgs),
    /// Copy a whole database to an empty one of either kind
    Copy(copy::CopyArgs),
    /// Write all of a SQLite database to one file, while it is served
    Backup(backup::BackupArgs),
    /// Put a backup in the place of a database
    Restore(backup::RestoreArgs),
    /// Print what a shell needs to complete command lines
    Completions(completions::CompletionsArgs),
}

/// Why a command failed: one line for people, and the exit code.
#[derive(Debug)]
struct Failure {
    text: String,
    code: u8,
}

impl Failure {
    /// It could not be done.
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 1 }
    }

    /// It was not asked for in a way that can be understood.
    fn usage(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 2 }
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::new(advice::told(&error.to_string()))
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        DbError::from(error).into()
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// The command line as it is parsed.
#[must_use]
pub fn command() -> clap::Command {
    examples::shown(Cli::command())
}

/// What a command line says, its first word being the program.
///
/// # Errors
/// What is shown instead of running a command: what is wrong with the line, or the help that it asks for.
pub fn parse(line: Vec<OsString>) -> Result<ArgMatches, clap::Error> {
    command().try_get_matches_from(with_command(line))
}

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let matches = parse(std::env::args_os().collect());
    let cli = matches.and_then(|matches| Cli::from_arg_matches(&matches)).unwrap_or_else(|e| e.exit());
    logging::start(&cli.common.log, cli.common.log_format);
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { text, code }) => {
            // Nobody is left to tell where standard error is closed.
            let _ = writeln!(std::io::stderr(), "steward: {text}");
            ExitCode::from(code)
        }
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let store = || -> Result<Store, Failure> {
        let target = Target::parse(&cli.common.database_url).map_err(Failure::usage)?;
        Ok(Store { target, wait: cli.common.database_wait })
    };
    match cli.command {
        Command::Serve(config) => serve::run(&store()?, &config),
        Command::Demo(config) => demo::run(&store()?, &config),
        Command::Migrate => migrate::run(&store()?),
        Command::Openapi => print(openapi::document()),
        Command::User(command) => user::run(&store()?, command),
        Command::Token(arguments) => token::run(&store()?, &arguments),
        Command::ApiKey(command) => api_key::run(&store()?, &command),
        Command::Juno(command) => juno::run(&store()?, &command),
        Command::Secret(command) => secret::run(&store()?, &command),
        Command::Import(arguments) => import::run(&store()?, &arguments),
        Command::Export(arguments) => export::run(&store()?, &arguments),
        Command::Backup(arguments) => backup::run(&store()?, &arguments),
        Command::Restore(arguments) => backup::restore(&store()?, &arguments),
        Command::Doctor(arguments) => doctor::run(&store()?, &arguments),
        Command::Copy(arguments) => copy::run(cli.common.database_wait, &arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}

/// A command line; without a command, that of `serve`.
fn with_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let cli = Cli::command();
    let names = cli.get_subcommands().map(clap::Command::get_name);
    let names: Vec<&str> = names.chain(["help", "-h", "--help", "-V", "--version"]).collect();
    let mut words = arguments.iter().skip(1);
    let mut has_command = false;
    while let Some(word) = words.next() {
        if word == "--database-url" || word == "--database-wait" || word == "--log" || word == "--log-format"
        {
            // Its value may be any word.
            words.next();
        }
        has_command |= names.iter().any(|name| word == name);
    }
    if !has_command {
        arguments.insert(1.min(arguments.len()), "serve".into());
    }
    arguments
}

/// The database that a command works on.
#[derive(Debug)]
struct Store {
    target: Target,
    /// How long its server is waited for.
    wait: Duration,
}

impl Store {
    /// Waits for the database's server, and refuses one that Steward can't work with; returns the connection to it, of
    /// which a database inside this process has none.
    fn reach(&self) -> Result<Option<PgConnection>, Failure> {
        let mut reached = postgres::reach(&self.target, self.wait).map_err(|e| self.unreachable(&e))?;
        if let Some(connection) = &mut reached {
            postgres::check(&self.target, connection).map_err(|e| {
                Failure::new(format!("can't use the database {}: {}", self.target.shown(), advice::told(&e)))
            })?;
        }
        Ok(reached)
    }

    fn unreachable(&self, error: &diesel::r2d2::Error) -> Failure {
        let (place, error) = (self.target.shown(), postgres::one_line(&error.to_string()));
        Failure::new(format!("can't open the database {place}: {}", advice::told(&error)))
    }

    /// Waits for the database, applies pending migrations; returns a connection, and their names.
    fn migrate(&self) -> Result<(Connection, Vec<String>), Failure> {
        let mut connection = match self.reach()? {
            Some(connection) => Connection::Postgres(connection),
            None => self.target.connect().map_err(|e| self.unreachable(&e))?,
        };
        let applied = apply(&mut connection).map_err(|error| match error {
            MigrateError::Open(e) => self.unreachable(&e),
            other => {
                let error = postgres::one_line(&other.to_string());
                Failure::new(format!("{}: {}", self.target.shown(), advice::told(&error)))
            }
        })?;
        Ok((connection, applied))
    }

    /// A connection to the migrated database.
    fn open(&self) -> Result<Connection, Failure> {
        self.migrate().map(|(connection, _)| connection)
    }
}

/// The token maker of the database, or of the secret that was given.
fn tokens(connection: &mut Connection, secret: Option<&str>) -> Result<Tokens, Failure> {
    match secret {
        Some("") => return Err(Failure::usage("the signing secret must not be empty")),
        Some(secret) => return Ok(Tokens::new(secret)),
        None => {}
    }
    Ok(Tokens::kept(Secrets::read_or_keep(connection, &new_secret()?)?))
}

/// A random signing secret.
fn new_secret() -> Result<String, Failure> {
    random_secret().map_err(|e| Failure::new(format!("no randomness for a signing secret: {e}")))
}

/// Writes a line of results to standard output.
fn print(line: impl fmt::Display) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
