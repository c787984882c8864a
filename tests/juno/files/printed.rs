//! The example that JUNO documents, as it is printed: with its two syntax errors.

use std::fmt::Write as _;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::juno::wire::JSON;
use crate::juno::{Site, request};
use crate::support::docs;

const PRINTED: &str = include_str!("../../fixtures/documented_juno_user.txt");

/// As the documentation says that it is imported.
const FLAGS: [&str; 4] =
    ["--keep-ids", "--match-dimensions-by=name", "--match-tags-by=name", "--create-definitions"];

/// Why members come back as others.
const REASONS: [(&str, &str); 3] = [
    ("banned", "a flag is a flag; with `?legacy=1` it is the text"),
    ("date_updated", "this is when Steward's state of the user was made, which no file can know"),
    (
        "dimensions[0].id",
        "14 is `state_province` by JUNO's own table, and has the value CA; the site's own begin at 1000",
    ),
];

/// What the example means, mended by hand.
fn meant() -> Value {
    let text = PRINTED.replace("\"Detective,\"\n", "\"Detective\",\n").replace("A125637", "\"A125637\"");
    serde_json::from_str(&text).expect("JSON")
}

/// Where two values differ: place, in the first, in the second.
fn differences(at: &str, one: &Value, other: &Value, found: &mut Vec<(String, Value, Value)>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{at}");
            for (name, value) in a {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                differences(&at, value, &b[name], found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (one, other)) in a.iter().zip(b).enumerate() {
                differences(&format!("{at}[{i}]"), one, other, found);
            }
        }
        _ if one == other => {}
        _ => found.push((at.to_owned(), one.clone(), other.clone())),
    }
}

#[actix_web::test]
async fn the_documented_example_comes_back_but_for_the_differences_that_are_told() {
    let site = Site::new();
    site.import_flat(&FLAGS, PRINTED).assert(1, 0, 0, 0);
    let mut found = Vec::new();
    differences("", &meant(), &site.flat("juno_users/123").await, &mut found);
    let mut made =
        "| field | in the document | comes back as | why |\n| --- | --- | --- | --- |\n".to_owned();
    for (place, one, other) in &found {
        let reason = REASONS.iter().find(|(name, _)| name == place);
        let (_, reason) = reason.unwrap_or_else(|| panic!("{place}: {one} comes back as {other}"));
        let other =
            if place == "date_updated" { "the time of the import".into() } else { format!("`{other}`") };
        writeln!(made, "| `{place}` | `{one}` | {other} | {reason} |").expect("text");
    }
    assert_eq!(found.len(), REASONS.len(), "{found:?}");
    docs::check("juno", "the documented example", &made);
}

#[actix_web::test]
async fn each_of_the_two_repairs_is_told_with_its_place() {
    let told = Site::new().import_flat(&FLAGS, PRINTED).told();
    let expected = [
        "line 6, column 24: moved the comma out of the text",
        "line 20, column 18: put quotes around A125637",
    ];
    assert_eq!(told, expected);
}

#[actix_web::test]
async fn the_server_refuses_the_example_as_it_is_printed() {
    let site = Site::new();
    for (method, path) in [(Method::POST, "juno_users"), (Method::PUT, "juno_users/1")] {
        let request = request(method, path, None).insert_header((CONTENT_TYPE, JSON));
        site.send(request.set_payload(PRINTED)).await.assert_refused(400, &["invalid_json"]);
    }
    assert_eq!(site.get("juno_users").await.json()["meta"]["total"], 0);
}
