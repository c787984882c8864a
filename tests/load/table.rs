//! What becomes of edits when something fails: a row for each thing that does.

use std::fmt;

use crate::support::backend::{is_postgres, say};

/// What the line of a row begins with.
pub(crate) const PREFIX: &str = "fault: ";

const HEAD: [&str; 7] =
    ["fault", "backend", "requests", "acknowledged", "in doubt", "of which there", "lost"];

/// The table that lines make.
pub(crate) fn table(lines: impl IntoIterator<Item = String>) -> String {
    let rows = lines.into_iter().map(|line| {
        let line = line.strip_prefix(PREFIX).expect("a row").to_owned();
        line.split(" | ").map(str::to_owned).collect::<Vec<_>>()
    });
    let mut rows: Vec<Vec<String>> = rows.collect();
    rows.sort_unstable();
    rows.insert(0, HEAD.map(str::to_owned).to_vec());
    rows.insert(1, HEAD.map(|_| "---".to_owned()).to_vec());
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let padded = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    rows.iter().map(padded).collect()
}

/// What was counted while one thing failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) fault: &'static str,
    /// All that were sent, the ones that were sent again among them.
    pub(crate) requests: usize,
    /// Edits that were answered 200.
    pub(crate) acknowledged: usize,
    /// Edits of which an answer was lost or said `outcome_unknown`, also where the key has settled them since.
    pub(crate) in_doubt: usize,
    /// Those of them that are in the database.
    pub(crate) there: usize,
    /// Acknowledged, and not in the database.
    pub(crate) lost: usize,
}

impl Row {
    /// Tells it to whoever runs the tests.
    pub(crate) fn say(&self) {
        say(&self.to_string());
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, requests, acknowledged, in_doubt, there, lost } = self;
        let backend = if is_postgres() { "PostgreSQL" } else { "SQLite" };
        write!(f, "{PREFIX}{fault} | {backend} | {requests} | {acknowledged} | {in_doubt} | {there} | {lost}")
    }
}
