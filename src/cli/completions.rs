//! `steward completions`

use clap::Args;
use clap_complete::{Shell, generate};

use super::{Failure, command, print};

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub(super) struct CompletionsArgs {
    /// The shell that reads them
    shell: Shell,
}

/// Prints what a shell needs to complete command lines.
pub(super) fn run(arguments: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut command(), "steward", &mut script);
    print(String::from_utf8_lossy(&script).trim_end())
}
