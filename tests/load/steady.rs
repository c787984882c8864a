//! Nothing fails: all that is sent is answered.

use std::sync::OnceLock;

use super::run::{Nodes, load, users};
use super::table::Row;
use crate::support::Place;

/// A load on so many users while nothing fails.
fn steady(fault: &'static str, number: usize) -> Row {
    let place = Place::migrated();
    let users = users(&place.target(), number);
    let nodes = Nodes::start(&place.url());
    load(fault, &nodes, &users, TIMES, || {})
}

/// How often each client does something.
const TIMES: usize = 12;

/// What is counted on one user; done once in each run of the tests.
pub(crate) fn one_user() -> &'static Row {
    static ROW: OnceLock<Row> = OnceLock::new();
    ROW.get_or_init(|| steady("none, 1 user", 1))
}

/// What is counted on many users; done once in each run of the tests.
pub(crate) fn many_users() -> &'static Row {
    static ROW: OnceLock<Row> = OnceLock::new();
    ROW.get_or_init(|| steady("none, 50 users", 50))
}

fn check(row: &Row) {
    assert!(row.acknowledged > 0, "{row}");
    assert_eq!((row.in_doubt, row.lost), (0, 0), "{row}");
    row.say();
}

#[test]
fn many_clients_at_two_nodes_edit_one_user_as_if_one_after_the_other() {
    check(one_user());
}

#[test]
fn many_clients_at_two_nodes_edit_many_users_as_if_one_after_the_other() {
    check(many_users());
}
