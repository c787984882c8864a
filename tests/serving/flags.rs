//! The page about serving and the program say the same.

use crate::support::Place;
use crate::support::program::run_ok;

const PAGE: &str = include_str!("../../docs/serving.md");

/// What stands between two marks, such as `[env: ` and one of `=]`.
fn between<'a>(text: &'a str, before: &str, after: &[char]) -> Option<&'a str> {
    text.split_once(before).and_then(|(_, rest)| rest.split(after).next())
}

#[test]
fn the_page_has_every_flag_of_the_server_with_its_variable_and_its_default() {
    let help = run_ok(&Place::empty().url(), &["serve", "--help"]);
    let mut flags = 0;
    for entry in help.split("\n      --").skip(1) {
        let words = entry.split_whitespace().collect::<Vec<_>>().join(" ");
        let flag = words.split(' ').next().expect("a name");
        let row = PAGE.lines().find(|line| line.starts_with(&format!("| `--{flag}`")));
        let row = row.unwrap_or_else(|| panic!("no row for --{flag}"));
        let variable = between(&words, "[env: ", &['=', ']']).expect("a variable");
        assert!(row.contains(&format!("`{variable}`")), "--{flag} has the variable {variable}: {row}");
        if let Some(default) = between(&words, "[default: ", &[']']) {
            assert!(row.contains(default), "--{flag} has the default {default}: {row}");
        }
        flags += 1;
    }
    let rows = PAGE.lines().filter(|line| line.starts_with("| `--")).count();
    assert_eq!(flags, rows, "no row is left of a flag that is gone");
    assert!(flags > 30, "{flags}");
}
