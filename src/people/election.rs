//! Which row is primary (`mpdx-behaviour.md` 4.5 and 4.6): no error is ever raised for the flag.

use super::kind::Primary;
use super::row::{Row, Value};
use crate::id::Id;

/// Sets the flag of the rows, which are in the order of their age. `saved` is the row that was just written.
pub(crate) fn elect(rule: Primary, rows: &mut [Row], saved: Option<Id>) {
    if rule == Primary::Free {
        return;
    }
    for row in rows.iter_mut().filter(|row| rule == Primary::Elected && row.get("historic").is_true()) {
        row.set("primary", Value::Boolean(false));
    }
    let has_flag = |row: &Row| row.get("primary").is_true();
    let newest_with = |rows: &[Row]| rows.iter().rev().find(|row| has_flag(row)).map(|row| row.id);
    let saved_with =
        |rows: &[Row]| rows.iter().find(|row| Some(row.id) == saved && has_flag(row)).map(|row| row.id);
    let candidate = |rows: &[Row]| match rule {
        Primary::Elected => rows.iter().rev().find(|row| !row.get("historic").is_true()).map(|row| row.id),
        _ => None,
    };
    let elected = saved_with(rows).or_else(|| newest_with(rows)).or_else(|| candidate(rows));
    for row in rows {
        row.set("primary", Value::Boolean(Some(row.id) == elected));
    }
}
