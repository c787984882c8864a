//! SQLite's log (WAL), which is brought into the file while the server goes on.

use std::fs;
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use steward::db::{Database, Limits, Target};

const WAIT: Duration = Duration::from_secs(30);

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn target(path: &Path) -> Target {
    Target::parse(path.to_str().expect("a path")).expect("a target")
}

/// How many rows the file has without its log.
fn rows_without_log(file: &Path, copy: &Path) -> i64 {
    fs::copy(file, copy).expect("a copy");
    let mut connection = target(copy).connect().expect("a connection");
    let rows = diesel::sql_query("SELECT count(*) AS count FROM edits").get_result::<Count>(&mut connection);
    rows.map_or(0, |rows| rows.count)
}

#[actix_web::test]
async fn commits_get_into_the_file_while_the_server_goes_on_and_all_of_them_when_it_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, copy) = (folder.path().join("steward.db"), folder.path().join("copy.db"));
    let limits = Limits { connections: 2, wait: WAIT, lock_wait: WAIT, keeps: true };
    let db = Database::open(&target(&file), limits);
    let write = |sql: &'static str| db.write(move |connection| connection.batch_execute(sql));
    write("CREATE TABLE edits (number INTEGER)").await.expect("a table");
    for _ in 0..100 {
        write("INSERT INTO edits VALUES (1)").await.expect("a row");
    }
    // Far fewer pages than SQLite itself would wait for.
    while rows_without_log(&file, &copy) == 0 {
        std::thread::yield_now();
    }
    write("INSERT INTO edits VALUES (1)").await.expect("a row");
    db.close().await.expect("an end");
    assert_eq!(rows_without_log(&file, &copy), 101);
}
