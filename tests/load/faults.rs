//! Something fails in the middle of the load: nothing that was acknowledged is lost, what is in doubt is wholly there
//! or wholly absent, and what is sent again under its key is done once.

use std::sync::OnceLock;

use steward::db::Target;

use super::run::{Nodes, load, users};
use super::table::Row;
use crate::support::Place;
use crate::support::backend::only_on_postgres;
use crate::support::postgres::Cluster;

const USERS: usize = 20;

/// How often each client does something, if it is not told before that it is enough.
const TIMES: usize = 100;

/// So many edits are acknowledged before something fails, between that and the next, and after it.
const ENOUGH: usize = 25;

/// What is counted while nodes die, one after the other; done once in each run of the tests.
pub(crate) fn killed_nodes() -> &'static Row {
    static ROW: OnceLock<Row> = OnceLock::new();
    ROW.get_or_init(|| {
        let place = Place::migrated();
        let users = users(&place.target(), USERS);
        let nodes = Nodes::start(&place.url());
        load("kill -9 of a node, 4 times", &nodes, &users, TIMES, || {
            for number in [0, 1, 0, 1] {
                nodes.wait_for_more(ENOUGH);
                nodes.kill(number);
            }
            nodes.wait_for_more(ENOUGH);
            nodes.end();
        })
    })
}

/// A load in the middle of which the database itself fails, so often.
fn with(name: &'static str, database: &str, number: usize, fault: impl Fn()) -> Row {
    let users = users(&Target::parse(database).expect("a URL"), USERS);
    let nodes = Nodes::start(database);
    load(name, &nodes, &users, TIMES, || {
        for _ in 0..number {
            nodes.wait_for_more(ENOUGH);
            nodes.during(&fault);
        }
        nodes.wait_for_more(ENOUGH);
        nodes.end();
    })
}

fn check(row: &Row) {
    assert!(row.acknowledged >= 2 * ENOUGH, "{row}");
    assert_eq!(row.lost, 0, "{row}");
    row.say();
}

#[test]
fn nodes_that_are_killed_under_load_lose_nothing_that_was_acknowledged() {
    check(killed_nodes());
}

#[test]
fn a_server_that_restarts_under_load_loses_nothing_that_was_acknowledged() {
    only_on_postgres!();
    let cluster = Cluster::start_durable();
    let restart = || cluster.restart_immediately();
    check(&with("pg_ctl restart -m immediate, 4 times", &cluster.url("postgres"), 4, restart));
}

#[test]
fn a_standby_that_takes_over_under_load_has_all_that_was_acknowledged() {
    only_on_postgres!();
    let primary = Cluster::start_durable();
    let standby = primary.with_standby();
    let fail_over = || {
        // These are neither acknowledged nor lost: the standby has received them.
        standby.hold_back(&primary, 3);
        primary.crash();
        standby.promote();
    };
    check(&with("a standby takes over", &primary.url_with(&standby, "postgres"), 1, fail_over));
}
