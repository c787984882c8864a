//! Odd query strings: each is 400 (404 for an account list that is not one's own), at reads and at writes, and a write
//! that has one is not done.

mod lists;

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::{Value, json};

use super::odd::{Odd, assert_all_refused, request};
use super::{FINN, NOTHING, document, full, read, text};
use crate::support::app::ACCOUNT_LIST;
use crate::support::{TestApp, user};

/// An endpoint, with a body that would be taken.
struct Endpoint {
    method: Method,
    path: String,
    body: Option<Value>,
}

/// ASCII that no member name has inside.
const FOREIGN: &str = "\0\t\n!\"#$%&'()*+,/:;<=>?@\\^`{|}~\u{7f}";

/// A text as it stands in a query.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Queries that are odd at every endpoint.
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn odd_everywhere() -> Vec<String> {
    let mut queries = Vec::new();
    for c in FOREIGN.chars() {
        let c = encoded(&c.to_string());
        queries.extend([
            format!("a{c}b=1"),
            format!("{c}=1"),
            format!("fields[a{c}b]=x"),
            format!("filter[{c}x]=1"),
        ]);
    }
    for name in
        ["-", "_", "-x", "x-", "_x", "x_", "+x", "x+", "]", "[", "[]", "[x]", "x]", "a.b", "%", "%zz", "%2"]
    {
        queries.push(format!("{name}=1"));
    }
    for base in ["include", "sort", "fields", "filter", "page", "per_page", "other"] {
        let ends = [
            "[", "]", "[[", "]]", "[]]", "[[]", "[a", "[a]b", "[a][", "[a]]", "[[a]]", "[+a]", "[a-]",
            "[a]b[c]",
        ];
        queries.extend(ends.map(|end| format!("{base}{end}=websites")));
    }
    for name in [
        "foo",
        "Include",
        "INCLUDE",
        "includes",
        "include[]",
        "include[users]",
        "sort[]",
        "sort[created_at]",
        "Sort",
        "fields",
        "fields[]",
        "fields[][]",
        "fields[users][]",
        "fields[users][a]",
        "fields[a.b]",
        "Fields[users]",
        "filter",
        "filter[]",
        "filter[][]",
        "filter[a][b]",
        "filter[_]",
        "filter[id]",
        "filter[Updated_at]",
        "filter[updated_at][]",
        "filter[updated_at.x]",
        "filter[account_list_id][]",
        "per_page[]",
        "per_page[x]",
        "per-page",
        "perPage",
        "limit",
        "offset",
        "cursor",
        "q",
        "query",
        "access_token",
        "_method",
        "callback",
        "format",
        "lid",
        "id",
        "type",
        "data",
        "atomic:ref",
        "ext:x",
        "user[id]",
        "%C3%A9",
        "%F0%9F%A6%80",
        "filter[%00]",
    ] {
        queries.push(format!("{name}=websites"));
    }
    for (one, other) in [
        ("fields[users]=a", "fields[users]=b"),
        ("fields[users]=", "fields%5Busers%5D="),
        ("filter[account_list_id]=", "filter[account_list_id]="),
        ("foo=1", "foo=1"),
    ] {
        queries.push(format!("{one}&{other}"));
    }
    for path in [
        "friends",
        "Websites",
        "websites.",
        ".websites",
        "websites..x",
        ".",
        "..",
        "...",
        "websites;x",
        "websites|x",
        "***",
        "*.*",
        "*.users",
        "websites.*",
        "web sites",
        "\0",
        "\u{202e}",
        "🦀",
        "null",
        "[]",
        "{}",
        "users",
        "people",
        "id",
        "websites/1",
        "-websites",
        "+websites",
        "true",
        "1",
        "*,friends",
        "friends,*",
        "websites,friends",
        "related_person.related_person",
        "account_lists.users.websites",
        "users.users",
        "email_addresses.user",
        "master_person.people",
        "a.b.c.d",
        "account_lists.users.account_lists.users",
    ] {
        queries.push(format!("include={}", encoded(path)));
    }
    queries.extend(["include=%", "include=%zz", "include=%FF"].map(str::to_owned));
    queries.push(format!("include={}", "a".repeat(5000)));
    queries.push(format!("include={}", ["friends"; 65].join(",")));
    queries.push(format!("{}=1", "a".repeat(5000)));
    queries.push(format!("filter[{}]=1", "a".repeat(5000)));
    queries.push((0..101).map(|n| format!("fields[t{n}]=")).collect::<Vec<_>>().join("&"));
    for list in ["x", "me", "\0", "-", "*", NOTHING, FINN, "64e69b34623b416b80ce5a255f5d82f", "undefined"] {
        queries.push(format!("filter[account_list_id]={}", encoded(list)));
    }
    queries.push(format!("filter[account_list_id]={ACCOUNT_LIST}x"));
    queries
}

/// Queries that are odd for a single resource, and for linkage.
fn odd_for_one() -> Vec<String> {
    let sorts = ["", "id", "created_at", "-created_at", "name", "created_at,updated_at", ","];
    let filters = ["2022-01-12", "", "2022-01-12..2022-01-13"];
    let sorts = sorts.map(|sort| format!("sort={sort}"));
    sorts.into_iter().chain(filters.map(|range| format!("filter[updated_at]={range}"))).collect()
}

async fn endpoints(app: &TestApp) -> [Vec<Endpoint>; 2] {
    let site = read(app, "user/websites").await["data"][0].clone();
    let row = format!("user/websites/{}", text(&site["id"]));
    let linkage = json!({ "data": [{ "type": "websites", "id": site["id"] }] });
    let edit = user(json!({ "first_name": "Jack", "overwrite": true }));
    let mut person = edit.clone();
    person["data"]["type"] = json!("people");
    let mut site = document("websites", json!({ "url": "https://example.org", "overwrite": true }));
    let new = site.clone();
    site["data"]["attributes"]["primary"] = json!(true);
    let endpoint = |method: Method, path: &str, body: Option<&Value>| Endpoint {
        method,
        path: path.to_owned(),
        body: body.cloned(),
    };
    let reads =
        ["user", "users/me", "contacts/people/me", &row, "user/relationships/websites", "user/master_person"];
    let mut single: Vec<_> = reads.into_iter().map(|path| endpoint(Method::GET, path, None)).collect();
    single.extend([
        endpoint(Method::PUT, "user", Some(&edit)),
        endpoint(Method::PATCH, "user/me", Some(&edit)),
        endpoint(Method::PUT, "contacts/people/me", Some(&person)),
        endpoint(Method::POST, "user/websites", Some(&new)),
        endpoint(Method::PUT, &row, Some(&site)),
        endpoint(Method::DELETE, &row, None),
        endpoint(Method::PATCH, "user/relationships/websites", Some(&linkage)),
        endpoint(Method::HEAD, "user", None),
    ]);
    let lists = ["user/websites", "user/family_relationships", "user/account_lists"];
    [single, lists.into_iter().map(|path| endpoint(Method::GET, path, None)).collect()]
}

fn sent(endpoint: &Endpoint, query: &str) -> Odd {
    let Endpoint { method, path, body } = endpoint;
    let body = body.as_ref().map(Value::to_string);
    // Named before the query is cut, which only long ones are.
    let shown: String = query.chars().take(200).collect();
    (format!("{method} {path}?{shown}"), request(method, &format!("{path}?{query}"), body))
}

#[actix_web::test]
async fn odd_queries_are_refused_and_change_nothing() {
    let app = full().await;
    let [single, lists] = endpoints(&app).await;
    let everywhere = odd_everywhere();
    let mut queries: BTreeSet<String> = everywhere.iter().cloned().collect();
    let mut requests = Vec::new();
    // Each is sent to the user, to a list and to one of the others.
    for (i, query) in everywhere.iter().enumerate() {
        let others = &single[1..];
        let endpoints = [&single[0], &lists[i % lists.len()], &others[i % others.len()]];
        requests.extend(endpoints.map(|endpoint| sent(endpoint, query)));
    }
    for endpoint in &single {
        requests.extend(odd_for_one().iter().map(|query| sent(endpoint, query)));
    }
    let for_lists = lists::odd();
    for (i, query) in for_lists.iter().enumerate() {
        requests.push(sent(&lists[i % lists.len()], query));
    }
    queries.extend(odd_for_one());
    queries.extend(for_lists);
    assert!(queries.len() > 600, "{} odd queries", queries.len());
    assert_all_refused(&app, requests).await;
}
