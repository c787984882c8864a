//! The schema as it is distributed: the tables of people's rows in parts, by the hash of the person.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;
use diesel::deserialize::{self, QueryableByName};
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::Text;
use steward::db::{Backend, Connection};

use super::log::Statement;

/// Into so many parts. The parts with the same number would lie on the same machine.
const PARTS: usize = 8;

/// What the plan of a statement says that it touches.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    /// Tables of people's rows.
    pub(super) tables: BTreeSet<String>,
    /// Numbers of parts.
    pub(super) parts: BTreeSet<usize>,
    /// Whether it writes or locks.
    pub(super) writes: bool,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(connection: &mut Connection, query: &str) -> Vec<String> {
    let lines = diesel::sql_query(query).load::<Line>(connection);
    lines.unwrap_or_else(|e| panic!("{query}: {e}")).into_iter().map(|line| line.line).collect()
}

/// All tables, and `table column` for each of their columns.
pub(super) fn tables(connection: &mut Connection) -> BTreeSet<String> {
    let tables = "SELECT relname::text AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace \
                  AND relkind IN ('r', 'p') AND NOT relispartition";
    lines(connection, tables).into_iter().collect()
}

/// Makes the tables anew in parts, with their columns, defaults, keys, indexes, references and rows. PostgreSQL refuses
/// a key that does not have the column by which its table is in parts.
pub(super) fn distribute(connection: &mut Connection, owned: &[(&str, &str)]) {
    let references = lines(
        connection,
        "SELECT format('ALTER TABLE %s ADD %s', conrelid::regclass, pg_get_constraintdef(oid)) AS line \
         FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace",
    );
    let detach = lines(
        connection,
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS line \
         FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace",
    );
    assert!(references.len() > 10, "{references:?}");
    let parts = owned.iter().flat_map(|(table, column)| {
        let whole = [
            format!("ALTER TABLE {table} RENAME TO whole"),
            format!("CREATE TABLE {table} (LIKE whole INCLUDING ALL) PARTITION BY HASH ({column})"),
        ];
        let parts = (0..PARTS).map(move |part| {
            format!(
                "CREATE TABLE {table}__{part} PARTITION OF {table} FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})"
            )
        });
        let moved = [format!("INSERT INTO {table} SELECT * FROM whole"), "DROP TABLE whole".to_owned()];
        whole.into_iter().chain(parts).chain(moved)
    });
    for statement in detach.into_iter().chain(parts).chain(references) {
        connection.batch_execute(&statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
}

/// In which part a person is.
pub(super) fn part_of(connection: &mut Connection, person: &str) -> usize {
    let table = format!("SELECT tableoid::regclass::text AS line FROM people WHERE id = '{person}'");
    let [table] = &lines(connection, &table)[..] else { panic!("{person} is there once") };
    part(table).expect("a part").1
}

/// `websites__3` as the table and the number of its part.
fn part(word: &str) -> Option<(&str, usize)> {
    let (table, number) = word.split_once("__")?;
    Some((table, number.parse().ok()?))
}

/// What PostgreSQL will touch for a statement with these values.
pub(super) fn touched(connection: &mut Connection, statement: &Statement, owned: &[(&str, &str)]) -> Touched {
    let Statement { sql, values } = statement;
    let values = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
    connection.batch_execute(&format!("PREPARE sent AS {sql}")).unwrap_or_else(|e| panic!("{sql}: {e}"));
    let explain = format!("EXPLAIN (COSTS OFF, VERBOSE) EXECUTE sent{values}");
    let plan = diesel::sql_query(explain).load::<PlanLine>(connection);
    let plan = plan.unwrap_or_else(|e| panic!("{sql} {values}: {e}"));
    connection.batch_execute("DEALLOCATE sent").expect("forgotten");
    let mut touched = inserted(connection, statement, owned);
    for PlanLine(line) in plan {
        // Only what is scanned or written; conditions may name the columns of a table that is not.
        touched.writes |=
            ["Insert on", "Update on", "Delete on", "LockRows"].iter().any(|w| line.contains(w));
        if !line.contains(" on public.") {
            continue;
        }
        let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        for (table, part) in words.filter_map(part) {
            touched.tables.insert(table.to_owned());
            touched.parts.insert(part);
        }
    }
    touched
}

/// Where an INSERT puts its row, which its plan does not say.
fn inserted(connection: &mut Connection, statement: &Statement, owned: &[(&str, &str)]) -> Touched {
    let sql = statement.sql.replace('"', "");
    let mut touched = Touched::default();
    let Some((table, columns)) = sql.strip_prefix("INSERT INTO ").and_then(|rest| rest.split_once(" ("))
    else {
        return touched;
    };
    let Some((_, column)) = owned.iter().find(|(name, _)| *name == table) else { return touched };
    let (columns, values) = columns.split_once(") VALUES (").expect("a row");
    let place = columns.split(", ").position(|name| name == *column).expect("the person is a column");
    let value = values.split([',', ')']).nth(place).expect("a value").trim();
    let number: usize = value.strip_prefix('$').and_then(|n| n.parse().ok()).expect("a parameter");
    let part = format!(
        "SELECT n::text AS line FROM generate_series(0, {PARTS} - 1) n \
         WHERE satisfies_hash_partition('people'::regclass, {PARTS}, n, {}::uuid)",
        statement.values[number - 1]
    );
    touched.tables.insert(table.to_owned());
    touched
        .parts
        .extend(lines(connection, &part).iter().map(|part| part.parse::<usize>().expect("a number")));
    touched
}

struct PlanLine(String);

impl QueryableByName<Backend> for PlanLine {
    fn build<'a>(row: &impl NamedRow<'a, Backend>) -> deserialize::Result<Self> {
        NamedRow::get::<Text, String>(row, "QUERY PLAN").map(Self)
    }
}
