//! The statements that a server was really sent, out of its log.

use diesel::connection::SimpleConnection as _;

use crate::support::postgres::server;
use crate::support::{Place, TestApp};

/// A statement with the values that came with it, as they are written in SQL.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) values: Vec<String>,
}

impl Statement {
    /// Whether it reads or writes rows; the rest are the words around them, such as BEGIN and SET.
    pub(super) fn has_rows(&self) -> bool {
        let is = |word: &str| self.sql.starts_with(word);
        is("SELECT ") || is("INSERT ") || is("UPDATE ") || is("DELETE ")
    }
}

/// A node whose statements are logged.
pub(super) struct Logged {
    pub(super) app: TestApp,
    prefix: String,
    read: usize,
}

impl Logged {
    /// Another node on the database of `app`.
    pub(super) fn node(app: &TestApp) -> Self {
        let Place::Server(name) = &*app.place else { panic!("PostgreSQL") };
        let setting = format!("ALTER DATABASE {name} SET log_statement = 'all'");
        app.connection().batch_execute(&setting).expect("a superuser");
        Self { app: app.second_node(), prefix: format!("{name}@"), read: server().log().len() }
    }

    /// What was sent since this was last asked.
    pub(super) fn sent(&mut self) -> Vec<Statement> {
        let log = server().log();
        let new = log.get(self.read..).expect("a log that grows");
        self.read = log.len();
        statements(new, &self.prefix)
    }
}

fn statements(log: &str, prefix: &str) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    for entry in log.lines().filter_map(|line| line.strip_prefix(prefix)) {
        if let Some(values) = entry.strip_prefix("DETAIL:  parameters: ") {
            statements.last_mut().expect("a statement before its parameters").values = literals(values);
        } else if let Some(sql) = entry.strip_prefix("LOG:  statement: ") {
            statements.push(Statement { sql: sql.to_owned(), values: Vec::new() });
        } else if let Some((_, sql)) = entry.strip_prefix("LOG:  execute ").and_then(|e| e.split_once(": ")) {
            statements.push(Statement { sql: sql.to_owned(), values: Vec::new() });
        }
    }
    statements
}

/// The values of `$1 = 'it''s', $2 = NULL`.
fn literals(text: &str) -> Vec<String> {
    let (mut literals, mut rest) = (Vec::new(), text);
    while let Some((_, value)) = rest.split_once(" = ") {
        let mut quoted = false;
        let is_end = |c: char| {
            quoted ^= c == '\'';
            c == ',' && !quoted
        };
        let end = value.find(is_end).unwrap_or(value.len());
        let (literal, after) = value.split_at(end);
        literals.push(literal.to_owned());
        rest = after;
    }
    literals
}

#[test]
fn values_are_read_out_of_a_log_whatever_is_in_them() {
    let log = "t1@LOG:  execute a: SELECT $1, $2\nt2@LOG:  statement: BEGIN\n\
               t1@DETAIL:  parameters: $1 = 'it''s, $2 = ', $2 = NULL\nt1@ERROR:  no\n";
    let [statement] = &statements(log, "t1@")[..] else { panic!("one") };
    assert_eq!((statement.sql.as_str(), statement.values.len()), ("SELECT $1, $2", 2));
    assert_eq!(statement.values, ["'it''s, $2 = '", "NULL"]);
}
