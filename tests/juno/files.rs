//! `steward juno import-users`: users of JUNO out of files that other systems have written.

mod flat;
mod matching;
mod printed;
mod repairs;
mod table;

use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Site;
use crate::support::program::steward;

impl Site {
    /// Runs an import of a file with a text.
    pub fn import(&self, flags: &[&str], text: impl AsRef<[u8]>) -> Imported {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("users");
        std::fs::write(&file, text).expect("a file");
        let mut command = steward(&self.app.place.url());
        let output = command.args(["juno", "import-users"]).args(flags).arg(&file).output();
        Imported(output.expect("the program runs"))
    }

    /// Runs an import of objects.
    pub fn import_flat(&self, flags: &[&str], text: impl AsRef<[u8]>) -> Imported {
        self.import(&[flags, &["--flat"]].concat(), text)
    }
}

/// What an import has said.
pub struct Imported(Output);

impl Imported {
    /// The lines on standard error, without the last one of an import that refused something.
    pub fn told(&self) -> Vec<String> {
        let text = std::str::from_utf8(&self.0.stderr).expect("UTF-8");
        text.lines().filter(|line| !line.starts_with("steward: ")).map(str::to_owned).collect()
    }

    /// Why nothing was read.
    pub fn failure(&self) -> String {
        assert_eq!(self.0.status.code(), Some(1), "{:?}", self.0);
        assert!(self.0.stdout.is_empty(), "{:?}", self.0);
        String::from_utf8(self.0.stderr.clone()).expect("UTF-8")
    }

    /// That so many users were created, updated, unchanged, refused.
    pub fn assert(&self, created: u64, updated: u64, unchanged: u64, refused: u64) -> &Self {
        let summary: Value =
            serde_json::from_slice(&self.0.stdout).unwrap_or_else(|_| panic!("{:?}", self.0));
        let expected = json!({
            "lines": created + updated + unchanged + refused,
            "created": created, "updated": updated, "unchanged": unchanged, "refused": refused,
        });
        assert_eq!(summary, expected, "{:?}", self.told());
        assert_eq!(self.0.status.code(), Some(i32::from(refused > 0)));
        self
    }
}
