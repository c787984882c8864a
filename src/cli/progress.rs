//! How far a long command has come, on a terminal only.

use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error, or nothing where that is no terminal.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar of so many bytes; where their number is not known, it says how many are done.
    pub(super) fn of_bytes(length: Option<u64>) -> Self {
        match length {
            Some(length) => Self::new(length, "{wide_bar} {percent}% {elapsed} (left: {eta})", true),
            None => Self::new(0, "{binary_bytes} {elapsed}", true),
        }
    }

    /// A bar of steps whose number is told with the first of them.
    pub(super) fn of_steps(wanted: bool) -> Self {
        Self::new(0, "{wide_bar} {pos}/{len} {elapsed} (left: {eta})", wanted)
    }

    fn new(length: u64, template: &str, wanted: bool) -> Self {
        let bar = ProgressBar::new(length);
        let shown = wanted && std::io::stderr().is_terminal();
        bar.set_draw_target(if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So many steps are done.
    pub(super) fn at(&self, position: u64) {
        self.0.set_position(position);
    }

    /// One more of `all` steps is done.
    pub(super) fn one_of(&self, all: u64) {
        self.0.set_length(all);
        self.0.inc(1);
    }

    /// So many of `all` steps are done.
    pub(super) fn of(&self, done: u64, all: u64) {
        self.0.set_length(all);
        self.0.set_position(done);
    }

    /// Writes a message to standard error, above the bar.
    pub(super) fn say(&self, message: &str) {
        self.0.suspend(|| {
            // Nobody is left to tell where standard error is closed.
            let _ = writeln!(std::io::stderr(), "{message}");
        });
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
