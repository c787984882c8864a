//! The `steward` program: parses the command line, starts logging, dispatches.

use std::process::ExitCode;

fn main() -> ExitCode {
    steward::cli::run()
}
