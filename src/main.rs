//! The `steward` program: parses the command line, starts logging, dispatches.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// The C library's takes a fifth longer for an import, and a tenth for a read.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // Does nothing but in the program of the tests, which make it die where the environment says.
    let _places_to_die = fail::FailScenario::setup();
    steward::cli::run()
}
