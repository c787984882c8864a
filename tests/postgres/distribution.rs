//! Ready to be distributed by person: every statement of a user's request names him, so that one machine answers it. The
//! statements are those that a server is really sent; that they name him is told by PostgreSQL's own planner, on the
//! schema in parts.

mod lists;
mod log;
mod scenario;
mod shards;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use steward::db::Connection;
use steward::sync::idempotency::sweep;

use self::log::{Logged, Statement};
use self::scenario::{FINN, requests, with_finn};
use self::shards::{Touched, distribute, part_of, tables, touched};
use crate::support::TestApp;
use crate::support::app::{MADE_AT, REY, stamp};
use crate::support::backend::only_on_postgres;
use crate::support::docs;

/// Tables of people's rows, each with the column that names the person.
const OWNED: [(&str, &str); 24] = [
    ("people", "id"),
    ("former_people", "id"),
    ("account_list_coaches", "person_id"),
    ("email_addresses", "person_id"),
    ("facebook_accounts", "person_id"),
    ("family_relationships", "person_id"),
    ("key_accounts", "person_id"),
    ("linkedin_accounts", "person_id"),
    ("phone_numbers", "person_id"),
    ("twitter_accounts", "person_id"),
    ("user_devices", "person_id"),
    ("user_options", "person_id"),
    ("websites", "person_id"),
    ("tombstones", "person_id"),
    ("account_list_users", "person_id"),
    ("parent_contacts", "person_id"),
    ("pictures", "person_id"),
    ("ce_records", "person_id"),
    ("ce_activities", "person_id"),
    ("ce_claims", "person_id"),
    ("idempotency_keys", "caller_id"),
    ("juno_users", "person_id"),
    ("dimension_values", "person_id"),
    ("user_tags", "person_id"),
];

/// Tables that people share, each with what they are.
const SHARED: [(&str, &str); 15] = [
    ("master_people", "a row for each person, read beside his own and never changed"),
    ("account_lists", "read by key"),
    ("contacts", "read by key, where a user names them"),
    ("organizations", "read by key, where accounts name them"),
    ("organization_accounts", "read by account list and by the person whom one names"),
    ("identities", "read by key, when somebody signs in"),
    (
        "owners",
        "read by value and by id, where a key account is asked for or written, or the e-mail address that a user of JUNO \
         signs in with; written with it; and by id, where somebody who administers the site asks for a record of continuing \
         education",
    ),
    ("api_keys", "read by hash, where an integration calls"),
    ("counters", "a row for each table whose ids are numbers, locked where one is changed"),
    ("dimensions", "what a site defines, read by whoever calls"),
    ("tag_types", "what a site defines, read by whoever calls"),
    ("tags", "what a site defines, read by whoever calls"),
    ("ce_programs", "what a site defines, read by whoever calls"),
    ("settings", "a few rows, read when a node starts and every two seconds"),
    ("__diesel_schema_migrations", "read when a node starts, and by `/readyz`"),
];

/// Statements that read of other people, known by a part of their text; each with what it reads and for what.
const OF_OTHERS: [(&str, &str, &str); 5] = [
    (
        "JOIN people p ON p.id = r.related_person_id",
        "name and picture of the people whom the user's family relationships name",
        "`include=family_relationships.related_person`",
    ),
    (
        "JOIN account_list_users m ON m.account_list_id = own.account_list_id JOIN people p",
        "name and picture of those who share the user's account lists, and who they are",
        "`include=account_lists.users`, a list's `include=users`",
    ),
    (
        "JOIN account_list_coaches m ON m.account_list_id = own.account_list_id JOIN people p",
        "name and picture of those who coach the user's account lists, and who they are",
        "a list's `include=coaches`",
    ),
    ("FROM people p WHERE p.id IN (", "whether the user may name a person", "a relative is written"),
    (
        "account_list_users own JOIN account_list_users o ON",
        "the ids of those who share or coach the user's account lists",
        "account lists are shown",
    ),
];

/// Statements of a change of what users share, the only one that touches two users (design 6), or of one that keeps others
/// from changing it meanwhile; known by their beginning; each with what it does.
const OF_SHARED: [(&str, &str); 11] = [
    ("SELECT \"account_lists\".\"version\" FROM ", "the list is locked"),
    ("UPDATE \"account_lists\"", "the list is written"),
    ("INSERT INTO \"organization_accounts\"", "the account is written"),
    ("UPDATE \"organization_accounts\"", "the account is written"),
    ("DELETE FROM \"organization_accounts\"", "the account is deleted"),
    (MEMBERS, "who shares the list"),
    (
        "UPDATE \"people\" SET \"version\" = (\"people\".\"version\" + ",
        "the versions of all who share it move",
    ),
    ("INSERT INTO owners ", "a value that must be unique is taken"),
    ("DELETE FROM \"owners\" ", "a value that must be unique is given back"),
    (
        "SELECT \"dimensions\".\"id\", \"dimensions\".\"version\" FROM ",
        "dimensions and tags stay as they are while a user of JUNO gets them",
    ),
    (
        "SELECT \"tags\".\"id\", \"tags\".\"tag_type_id\" FROM ",
        "dimensions and tags stay as they are while a user of JUNO gets them",
    ),
];

const MEMBERS: &str = "SELECT \"account_list_users\".\"person_id\" FROM \"account_list_users\" WHERE (\"account_list_users\".\"account_list_id\" = ";

/// A node, and beside it the database in parts.
fn distributed() -> (Logged, Connection) {
    let app = with_finn();
    let mut connection = app.connection();
    distribute(&mut connection, &OWNED);
    (Logged::node(&app), connection)
}

/// What is wrong with a statement of a request of the person in part `own`; nothing where one machine answers it.
fn fault(statement: &Statement, touched: &Touched, own: usize) -> Option<String> {
    let is_of_others = OF_OTHERS.iter().any(|(text, _, _)| statement.sql.contains(text));
    if OF_SHARED.iter().any(|(text, _)| statement.sql.starts_with(text)) {
        return None;
    }
    let writes = touched.writes || !statement.sql.starts_with("SELECT ");
    let strange = touched.parts.iter().any(|part| *part != own);
    let fault = match (strange, writes) {
        (true, false) if is_of_others => return None,
        (true, _) => "leaves the part of its person",
        (false, true) if touched.tables.is_empty() => "writes what people share",
        _ => return None,
    };
    Some(format!("{fault} ({:?}): {}", touched.parts, statement.sql))
}

#[actix_web::test]
async fn every_table_is_known_to_be_a_persons_or_shared() {
    only_on_postgres!();
    let known = OWNED.iter().chain(&SHARED).map(|(table, _)| (*table).to_owned());
    assert_eq!(tables(&mut TestApp::new().connection()), known.collect::<BTreeSet<_>>());
}

#[actix_web::test]
async fn on_a_schema_in_parts_every_request_is_answered_out_of_the_part_of_its_person() {
    only_on_postgres!();
    let (mut node, mut connection) = distributed();
    let own = part_of(&mut connection, REY);
    assert_ne!(own, part_of(&mut connection, FINN), "or the test could not tell them apart");
    let (mut used, mut of_others, mut statements) = (BTreeSet::new(), BTreeSet::<&str>::new(), 0);
    let mut of_shared = BTreeSet::<&str>::new();
    for request in requests() {
        let name = request.name();
        request.send(&node.app).await;
        let sent: Vec<_> = node.sent().into_iter().filter(Statement::has_rows).collect();
        assert!(!sent.is_empty(), "{name}: nothing was sent");
        for statement in sent {
            let touched = touched(&mut connection, &statement, &OWNED);
            assert_eq!(fault(&statement, &touched, own), None, "{name}");
            let known = OF_OTHERS.iter().map(|(text, _, _)| *text);
            of_others.extend(known.filter(|text| statement.sql.contains(text)));
            let known = OF_SHARED.iter().map(|(text, _)| *text);
            of_shared.extend(known.filter(|text| statement.sql.starts_with(text)));
            used.extend(touched.tables);
            statements += 1;
        }
    }
    assert!(statements > 200, "{statements}");
    sweep(&mut connection, stamp(MADE_AT)).expect("sweeping old keys works in parts too");
    assert_eq!(used, OWNED.iter().map(|(table, _)| (*table).to_owned()).collect(), "each table was used");
    assert_eq!(of_others.len(), OF_OTHERS.len(), "each exception is needed: {of_others:?}");
    assert_eq!(of_shared.len(), OF_SHARED.len(), "each exception is needed: {of_shared:?}");
}

#[actix_web::test]
async fn a_statement_that_does_not_name_its_person_is_found_out() {
    only_on_postgres!();
    let (_node, mut connection) = distributed();
    let own = part_of(&mut connection, REY);
    let mut fault_of = |sql: &str, values: &[&str]| {
        let values = values.iter().map(|value| format!("'{value}'")).collect();
        let statement = Statement { sql: sql.to_owned(), values };
        let touched = touched(&mut connection, &statement, &OWNED);
        fault(&statement, &touched, own)
    };
    let tombstone = "INSERT INTO tombstones (kind, person_id, id, changed_in_version, deleted_at) \
                     VALUES ($1, $2, $3, 1, now())";
    for (sql, values) in [
        ("SELECT url FROM websites WHERE id = $1", &[REY][..]),
        ("SELECT 1 FROM people p JOIN websites w ON w.id = p.id WHERE p.id = $1", &[REY]),
        ("SELECT version FROM people WHERE id = $1 FOR NO KEY UPDATE", &[FINN]),
        ("UPDATE websites SET url = $2 WHERE person_id = $1", &[FINN, "x"]),
        ("DELETE FROM tombstones WHERE deleted_at < now()", &[]),
        (tombstone, &["websites", FINN, REY]),
        ("UPDATE contacts SET name = $2 WHERE id = $1", &[REY, "x"]),
    ] {
        assert!(fault_of(sql, values).is_some(), "{sql}");
    }
    for (sql, values) in [
        ("SELECT url FROM websites WHERE person_id = $1", &[REY][..]),
        ("SELECT 1 FROM people p JOIN websites w ON w.person_id = p.id WHERE p.id = $1", &[REY]),
        (tombstone, &["websites", REY, FINN]),
        ("SELECT name FROM account_lists WHERE id = $1", &[REY]),
    ] {
        assert_eq!(fault_of(sql, values), None);
    }
}

#[test]
fn how_the_tables_are_distributed_is_documented() {
    let mut made = String::from("| table | by |\n| --- | --- |\n");
    for (table, column) in OWNED {
        writeln!(made, "| `{table}` | `{column}` |").expect("text");
    }
    for (table, what) in SHARED {
        writeln!(made, "| `{table}` | shared: {what} |").expect("text");
    }
    made.push_str("\n| what is read of other people | for |\n| --- | --- |\n");
    for (_, what, when) in OF_OTHERS {
        writeln!(made, "| {what} | {when} |").expect("text");
    }
    made.push_str("\n| a change of what users share |\n| --- |\n");
    let mut told: Vec<&str> = OF_SHARED.iter().map(|(_, what)| *what).collect();
    told.dedup();
    for what in told {
        writeln!(made, "| {what} |").expect("text");
    }
    docs::check("scaling", "distribution", &made);
}
