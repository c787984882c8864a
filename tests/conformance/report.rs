//! `docs/conformance.md` is rendered from the table, and the table agrees with the tests that there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::table::{ROWS, Row, Verdict};

/// The sources of the tests.
const SOURCES: [&str; 15] = [
    include_str!("atomic.rs"),
    include_str!("atomic/targets.rs"),
    include_str!("creating.rs"),
    include_str!("deleting.rs"),
    include_str!("document.rs"),
    include_str!("errors.rs"),
    include_str!("fetching.rs"),
    include_str!("fieldsets.rs"),
    include_str!("include.rs"),
    include_str!("media_types.rs"),
    include_str!("paging.rs"),
    include_str!("query.rs"),
    include_str!("relationships.rs"),
    include_str!("sorting.rs"),
    include_str!("updating.rs"),
];

const LAST: u32 = 145;

const INTRODUCTION: &str = "# Conformance to JSON:API 1.1

What Steward makes of each rule of the specification. The rules are the lines of a checklist, K1 to K145, drawn up from
[JSON:API 1.1](https://jsonapi.org/format/1.1/), its recommendations, the atomic operations extension and the cursor
pagination profile; the table quotes each in a few words. M is a rule that a server must obey, S one that it should.

A rule that is *met* has a test of its own, in `tests/conformance/`, whose name is the number and the rule. A *deviation* is on
purpose; where a test holds it to just that, it is named. A rule that is *not met* is a defect. *Not applicable* is a rule about
something that Steward never sends or does, *not built yet* one about a part that is still missing.

This file is rendered from `tests/conformance/table.rs` by a test, and another compares the table with the tests that exist:
`STEWARD_WRITE_DOCS=1 cargo test --test it conformance` writes it anew.
";

impl Verdict {
    const ALL: [Self; 5] = [Self::Met, Self::Deviation, Self::NotMet, Self::NotApplicable, Self::NotBuilt];

    const fn text(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Deviation => "deviation",
            Self::NotMet => "not met",
            Self::NotApplicable => "not applicable",
            Self::NotBuilt => "not built yet",
        }
    }
}

/// The last cell of a row: its test, its reason, or both.
fn grounds(row: &Row) -> String {
    let test = row.test.map(|test| format!("`{test}`"));
    let reason = row.reason.map(str::to_owned);
    test.into_iter().chain(reason).collect::<Vec<_>>().join(": ")
}

fn rendered() -> String {
    let mut text = INTRODUCTION.to_owned();
    text.push_str("\n| verdict | rules |\n| --- | --- |\n");
    for verdict in Verdict::ALL {
        let rules = ROWS.iter().filter(|row| row.verdict == verdict).count();
        writeln!(text, "| {} | {rules} |", verdict.text()).expect("a string");
    }
    text.push_str(
        "\n| number | rule | weight | verdict | test or reason |\n| --- | --- | --- | --- | --- |\n",
    );
    for row in ROWS {
        let Row { number, rule, weight, verdict, .. } = row;
        writeln!(text, "| K{number} | {rule} | {weight} | {} | {} |", verdict.text(), grounds(row))
            .expect("a string");
    }
    text
}

/// The tests of the sources by their names, with the number that each begins with.
fn tests() -> BTreeMap<&'static str, u32> {
    let mut tests = BTreeMap::new();
    for source in SOURCES {
        let mut before = "";
        for line in source.lines() {
            let name = line
                .trim_start_matches("async ")
                .strip_prefix("fn k")
                .and_then(|rest| rest.split('(').next());
            let number = name.and_then(|name| name.get(..3)).and_then(|digits| digits.parse().ok());
            if let (Some(name), Some(number)) = (name, number) {
                assert!(before.ends_with("test]"), "k{name} is a test");
                let whole = line.trim_start_matches("async fn ").split('(').next().expect("a name");
                assert_eq!(tests.insert(whole, number), None, "{whole} is there once");
            }
            before = line;
        }
    }
    tests
}

#[test]
fn the_document_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/conformance.md");
    let expected = rendered();
    if std::env::var_os("STEWARD_WRITE_DOCS").is_some() {
        std::fs::write(&path, expected).expect("docs/conformance.md can be written");
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == expected,
        "docs/conformance.md is not what the table says: run with STEWARD_WRITE_DOCS=1 to write it"
    );
}

#[test]
fn every_rule_has_a_row_in_order_and_no_cell_is_empty() {
    let numbers: Vec<_> = ROWS.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=LAST).collect::<Vec<_>>());
    for row in ROWS {
        assert!(["M", "S", "MAY", "–"].contains(&row.weight), "{row:?}");
        let cells = [row.rule.to_owned(), grounds(row)];
        assert!(cells.iter().all(|cell| !cell.is_empty() && !cell.contains(['|', '\n'])), "{row:?}");
        assert_eq!(row.reason.is_none(), row.verdict == Verdict::Met, "{row:?}");
    }
}

#[test]
fn every_rule_that_is_met_has_its_test_and_every_test_its_row() {
    let tests = tests();
    for row in ROWS.iter().filter(|row| row.verdict == Verdict::Met || row.test.is_some()) {
        let name = row.test.unwrap_or_else(|| panic!("a test of K{}", row.number));
        assert_eq!(tests.get(name), Some(&row.number), "the test {name} of K{}", row.number);
    }
    let named: BTreeSet<_> = ROWS.iter().filter_map(|row| row.test).collect();
    let nowhere: Vec<_> = tests.keys().filter(|name| !named.contains(*name)).collect();
    assert!(nowhere.is_empty(), "tests without a row: {nowhere:?}");
}
