//! What a database consists of, as its own catalogue tells it, in words that both backends have in common.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use steward::db::Connection;

#[derive(QueryableByName)]
struct Fact {
    #[diesel(sql_type = Text)]
    fact: String,
}

fn facts(connection: &mut Connection, sqlite: &str, postgres: &str) -> BTreeSet<String> {
    let query = if matches!(connection, Connection::Sqlite(_)) { sqlite } else { postgres };
    let facts = diesel::sql_query(query).load::<Fact>(connection).expect("the catalogue");
    facts.into_iter().map(|fact| fact.fact).collect()
}

/// Every column as `table.column`.
pub fn columns(connection: &mut Connection) -> BTreeSet<String> {
    facts(
        connection,
        "SELECT m.name || '.' || c.name AS fact FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'",
        "SELECT table_name || '.' || column_name AS fact FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'",
    )
}

/// Every column with whether it must have a value, every key, reference and index; of an index on some of the rows that it
/// is one, since each backend writes the condition in its own way.
pub fn structure(connection: &mut Connection) -> BTreeSet<String> {
    let sqlite = "
        WITH tables AS (SELECT name FROM sqlite_master
                        WHERE type = 'table' AND name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'),
        keys AS (SELECT t.name AS of, i.name, i.origin, i.partial,
                        (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) AS columns
                 FROM tables t, pragma_index_list(t.name) i)
        SELECT t.name || '.' || c.name || CASE WHEN c.\"notnull\" THEN ' NOT NULL' ELSE '' END
               || CASE WHEN c.dflt_value IS NULL THEN '' ELSE ' DEFAULT' END AS fact
          FROM tables t, pragma_table_info(t.name) c
        UNION ALL SELECT of || CASE origin WHEN 'pk' THEN ' PRIMARY KEY (' WHEN 'u' THEN ' UNIQUE (' ELSE ' INDEX ' || name || ' (' END
               || columns || ')' || CASE WHEN partial THEN ' WHERE' ELSE '' END FROM keys
        UNION ALL SELECT of || ' FOREIGN KEY (' || group_concat(\"from\", ', ') || ') REFERENCES ' || \"table\" || '('
               || group_concat(\"to\", ', ') || ')' || CASE on_delete WHEN 'NO ACTION' THEN '' ELSE ' ON DELETE ' || on_delete END
          FROM (SELECT t.name AS of, f.* FROM tables t, pragma_foreign_key_list(t.name) f ORDER BY t.name, f.id, f.seq)
         GROUP BY of, id";
    let postgres = "
        SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
               || CASE WHEN column_default IS NULL THEN '' ELSE ' DEFAULT' END AS fact
          FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'
        UNION ALL SELECT c.conrelid::regclass || ' ' || pg_get_constraintdef(c.oid)
          FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
         WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'u', 'f') AND t.relname NOT LIKE '\\_\\_diesel%'
        UNION ALL SELECT i.tablename || ' INDEX ' || i.indexname || ' ' || regexp_replace(substring(i.indexdef FROM '\\(.*$'), ' WHERE .*', ' WHERE')
          FROM pg_indexes i WHERE i.schemaname = 'public'
           AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = (i.schemaname || '.' || i.indexname)::regclass)";
    facts(connection, sqlite, postgres)
}
