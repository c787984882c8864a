//! `steward doctor`: looks at all that a server needs, and changes nothing.

mod database;
mod file;

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::TcpListener;

use clap::Args;
use serde::Serialize;
use validator::Validate as _;

use super::{Failure, Store, advice, command, print};
use crate::auth::providers::Providers;
use crate::config::Config;
use crate::db::Target;

/// Arguments of `doctor`: what the server is told.
#[derive(Args, Debug)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    config: Config,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warning,
    Failed,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Check {
    #[serde(rename = "check")]
    name: &'static str,
    status: Status,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Check {
    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, status: Status::Ok, detail: detail.into(), advice: None }
    }

    fn warning(name: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, status: Status::Warning, detail: detail.into(), advice: Some(advice.into()) }
    }

    fn failed(name: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, status: Status::Failed, detail: detail.into(), advice: Some(advice.into()) }
    }
}

/// Prints each check as it is done, since that of a large file takes its time.
#[derive(Debug, Default)]
struct Report {
    done: usize,
    failed: usize,
}

impl Report {
    fn add(&mut self, check: &Check) -> Result<(), Failure> {
        self.done += 1;
        self.failed += usize::from(check.status == Status::Failed);
        // Texts can always be written into memory.
        print(serde_json::to_string(check).unwrap_or_default())
    }
}

/// Looks at everything; fails where something would keep the server from its work.
pub(super) fn run(store: &Store, arguments: &DoctorArgs) -> Result<(), Failure> {
    let config = &arguments.config;
    let mut report = Report::default();
    report.add(&configuration(config))?;
    report.add(&environment())?;
    report.add(&address(config))?;
    if let Target::Sqlite(path) = &store.target {
        file::check(path, &mut report)?;
    }
    database::check(&store.target, config, &mut report)?;
    match report.failed {
        0 => Ok(()),
        failed => Err(Failure::new(format!("{failed} of {} checks failed", report.done))),
    }
}

/// The flags, as `serve` judges them.
fn configuration(config: &Config) -> Check {
    const NAME: &str = "configuration";
    if let Err(faults) = config.validate() {
        let faults = faults.to_string().lines().map(str::trim).collect::<Vec<_>>().join("; ");
        return Check::failed(
            NAME,
            faults,
            "correct the flag, or its variable; `steward serve --help` has the bounds",
        );
    }
    if let Err(fault) = Providers::of(&config.sign_in) {
        return Check::failed(
            NAME,
            fault,
            "correct --sign-in-ca: a file of certificates in PEM that can be read",
        );
    }
    if config.public_url.is_none() && config.bind.ip().is_unspecified() {
        let fault = format!("nobody reaches pictures at http://{}", config.bind);
        return Check::warning(NAME, fault, "give what clients reach with --public-url");
    }
    Check::ok(NAME, "every flag is within its bounds")
}

/// A variable whose name is mistyped does nothing, and nobody says so.
fn environment() -> Check {
    const NAME: &str = "environment";
    let mut known = BTreeSet::new();
    variables(&command(), &mut known);
    let given = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let unknown: BTreeSet<String> =
        given.filter(|name| name.starts_with("STEWARD_") && !known.contains(name)).collect();
    if unknown.is_empty() {
        return Check::ok(NAME, "every variable STEWARD_… is known");
    }
    let unknown = Vec::from_iter(unknown).join(", ");
    Check::warning(
        NAME,
        format!("no flag has this variable: {unknown}"),
        "correct its name; `steward serve --help` lists them",
    )
}

fn variables(command: &clap::Command, known: &mut BTreeSet<String>) {
    let names = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
    known.extend(names.map(str::to_owned));
    command.get_subcommands().for_each(|command| variables(command, known));
}

/// Whether it can be listened there. A server that runs already does.
fn address(config: &Config) -> Check {
    const NAME: &str = "address";
    match TcpListener::bind(config.bind) {
        Ok(_) => Check::ok(NAME, format!("{} is free", config.bind)),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            Check::ok(NAME, format!("somebody listens on {}: the server, where it runs", config.bind))
        }
        Err(error) => Check::failed(
            NAME,
            format!("can't listen on {}: {error}", config.bind),
            advice::on_address(&error),
        ),
    }
}
