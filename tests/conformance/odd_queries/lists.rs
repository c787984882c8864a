//! Queries that only lists could take: sort, pages and ranges.

use super::encoded;

/// Queries that are odd for a list.
#[expect(clippy::too_many_lines, reason = "a table of cases")]
pub(super) fn odd() -> Vec<String> {
    let mut queries = Vec::new();
    for sort in [
        "",
        ",",
        "id",
        "-id",
        "url,id",
        "--created_at",
        "+created_at",
        "created_at,",
        ",created_at",
        "created_at,,updated_at",
        "created_at,created_at",
        "created_at,-created_at",
        "created_at nulls nulls",
        "created_at nullsfirst",
        "created_at asc",
        "created_at DESC",
        "CREATED_AT",
        "createdAt",
        "created-at",
        "created_at;id",
        "created_at-",
        "1",
        "null",
        "*",
        "websites.url",
        "created_at.x",
        "\0",
        "🦀",
        "[created_at]",
        "updated_in_db_at",
        "rand()",
        "1=1",
        "created_at;DROP TABLE people",
        "created_at  nulls",
        "-",
        "created_at --nulls",
    ] {
        queries.push(format!("sort={}", encoded(sort)));
    }
    queries.push(format!("sort={}", ["created_at"; 500].join(",")));
    for number in [
        "",
        "0",
        "00",
        "-0",
        "-1",
        "1e9",
        "1e400",
        "NaN",
        "inf",
        "Infinity",
        "1.0",
        "1.",
        ".5",
        "0x10",
        "0b1",
        "１",
        "٣",
        " 1",
        "1 ",
        "+1",
        "null",
        "true",
        "[]",
        "1,2",
        "1..2",
        "first",
        "last",
        "-",
        "\0",
        "1\0",
        "18446744073709551616",
        "99999999999999999999999999999999",
        "1'",
        "½",
        "1_000",
        "1%",
    ] {
        for name in ["page", "page[number]", "per_page", "page[size]"] {
            queries.push(format!("{name}={}", encoded(number)));
        }
    }
    for size in ["10001", "65536", "2147483648", "9223372036854775808", "18446744073709551615"] {
        queries.extend([format!("per_page={size}"), format!("page[size]={size}")]);
    }
    for name in [
        "limit",
        "offset",
        "after",
        "before",
        "cursor",
        "Number",
        "number][",
        "number][]",
        "number.x",
        "size][x",
        "_",
        "",
        "numbers",
    ] {
        queries.push(format!("page[{name}]=1"));
    }
    for pair in
        ["page=1&page[number]=1", "per_page=1&page[size]=1", "page=1&page=1", "page[size]=1&page%5Bsize%5D=1"]
    {
        queries.push(pair.to_owned());
    }
    for range in [
        "",
        " ",
        "x",
        "now",
        "today",
        "2022",
        "2022-01",
        "2022-1-1",
        "22-01-12",
        "2022-13-01",
        "2022-00-01",
        "2022-02-30",
        "2022-01-32",
        "2022-01-12T17:18:09",
        "2022-01-12T17:18:09+00:00",
        "2022-01-12 17:18:09Z",
        "2022-01-12T24:00:00Z",
        "2022-01-12T17:18:60Z",
        "2022-01-12T17:18Z",
        "2022-01-12T17:18:09.000Z",
        "2022-01-12t17:18:09z",
        "10000-01-01",
        "-0001-01-01",
        "+2022-01-12",
        " 2022-01-12",
        "2022-01-12 ",
        "20220112",
        "0",
        "-1",
        "1642007889",
        "..",
        "...",
        "....",
        "2022-01-01..",
        "..2022-01-01",
        "2022-01-01...",
        "...2022-01-01",
        "a..b",
        "2022-01-01..x",
        "x...2022-01-01",
        "2022-01-01....2022-01-02",
        "2022-01-01.2022-01-02",
        "2022-01-01 .. 2022-01-02",
        "2022-01-01,2022-01-02",
        "2022-01-01..2022-01-02..2022-01-03",
        "2022-01-01/2022-01-02",
        "\0",
        "2022-01-12\0",
        "２０２２-01-12",
        "null",
        "true",
    ] {
        queries.push(format!("filter[updated_at]={}", encoded(range)));
    }
    queries
}
