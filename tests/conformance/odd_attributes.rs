//! Odd values of attributes, of the user and of his rows: each is refused with 4xx and changes nothing.

mod nested;

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::{Value, json};

use super::odd::{Odd, assert_all_refused, request};
use super::odd_bodies::Target;
use super::{EMAIL, FINN, NOTHING, full, new_row, with};
use crate::support::TestApp;
use crate::support::app::REY;

/// Attributes of a user, with values that none of them takes.
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn of_the_user() -> Vec<(String, Value)> {
    let mut odd = Vec::new();
    let mut add = |name: &str, values: &[Value]| {
        odd.extend(values.iter().map(|value| (name.to_owned(), value.clone())));
    };
    let no_text = [json!(true), json!(0), json!(1.5), json!([]), json!({}), json!(["x"])];
    for name in [
        "alma_mater",
        "employer",
        "first_name",
        "gender",
        "last_name",
        "legal_first_name",
        "marital_status",
        "middle_name",
        "occupation",
        "suffix",
        "title",
    ] {
        add(name, &no_text);
        add(
            name,
            &[
                json!("x".repeat(256)),
                json!("🦀".repeat(256)),
                json!("a\nb"),
                json!("\u{7f}"),
                json!("\u{85}"),
            ],
        );
    }
    add("first_name", &[json!(null), json!(""), json!(" "), json!("\u{a0}\u{2003}")]);
    for name in [
        "birthday_day",
        "birthday_month",
        "birthday_year",
        "anniversary_day",
        "anniversary_month",
        "anniversary_year",
    ] {
        add(
            name,
            &[
                json!("1"),
                json!(""),
                json!(true),
                json!(1.0),
                json!(1.5),
                json!([]),
                json!({}),
                json!(0),
                json!(-1),
            ],
        );
        add(name, &[json!(10_000), json!(i64::MAX), json!(u64::MAX), json!(1e20), json!(-2_147_483_649_i64)]);
    }
    for (name, number) in
        [("birthday_day", 32), ("birthday_month", 13), ("anniversary_day", 32), ("anniversary_month", 13)]
    {
        add(name, &[json!(number)]);
    }
    for name in ["deceased", "optout_enewsletter"] {
        add(
            name,
            &[
                json!(null),
                json!("true"),
                json!("false"),
                json!("yes"),
                json!(1),
                json!(0),
                json!([]),
                json!({}),
            ],
        );
    }
    let urls = [
        "",
        "x",
        "/a.png",
        "//example.com/a",
        "ftp://example.com/a",
        "javascript:alert(1)",
        "data:,x",
        "http://",
        "https://a b/c",
    ];
    add("avatar", &urls.map(Value::from));
    add(
        "avatar",
        &[
            json!(1),
            json!([]),
            json!({}),
            json!(true),
            json!(format!("https://example.com/{}", "x".repeat(2048))),
        ],
    );
    add(
        "parent_contacts",
        &[json!("x"), json!(1), json!({}), json!(true), json!([1]), json!([null]), json!([[]]), json!(["x"])],
    );
    add("parent_contacts", &[json!([NOTHING]), json!([FINN, NOTHING])]);
    let times = [
        "",
        " ",
        "x",
        "2022-13-01T00:00:00Z",
        "2022-01-12T25:00:00Z",
        "2022-02-30T00:00:00Z",
        "now",
        "2022-01-12T17:18:09 Mars",
    ];
    for name in ["created_at", "updated_at", "updated_in_db_at"] {
        add(name, &times.map(Value::from));
        add(name, &[json!(null), json!(true), json!([]), json!({}), json!(1.5)]);
    }
    add(
        "preferences",
        &[json!(true), json!(1), json!(""), json!("x"), json!([]), json!([{ "locale": "de" }])],
    );
    for (name, values) in [
        (
            "hour_to_send_notifications",
            vec![json!(24), json!(-1), json!("12"), json!(1.5), json!(true), json!([]), json!({})],
        ),
        (
            "time_zone",
            vec![
                json!("Mars"),
                json!("auckland"),
                json!(1),
                json!(true),
                json!([]),
                json!({}),
                json!("+13:00"),
            ],
        ),
        ("locale", vec![json!(1), json!(true), json!([]), json!({}), json!("x".repeat(256)), json!("a\nb")]),
        (
            "default_account_list",
            vec![json!(NOTHING), json!("x"), json!(1), json!(true), json!([]), json!({})],
        ),
        ("state", vec![json!("x".repeat(64 * 1024))]),
    ] {
        add("preferences", &values.into_iter().map(|value| json!({ name: value })).collect::<Vec<_>>());
    }
    odd
}

/// Attributes of rows, by their kinds.
fn of_rows() -> Vec<(&'static str, &'static str, Vec<Value>)> {
    let no_text =
        || vec![json!(true), json!(0), json!([]), json!({}), json!("x".repeat(3000)), json!("a\u{7}b")];
    let required = || [no_text(), vec![json!(null), json!(""), json!("  ")]].concat();
    let no_boolean = || vec![json!(null), json!("true"), json!(1), json!([]), json!({})];
    let mut rows = vec![
        ("email_addresses", "email", required()),
        (
            "email_addresses",
            "email",
            ["x", "x@", "@x.org", "a@b@c.org", "a@.org", "a@b..org", "rey@example.com"]
                .map(Value::from)
                .into(),
        ),
        ("email_addresses", "location", no_text()),
        ("facebook_accounts", "username", required()),
        (
            "facebook_accounts",
            "remote_id",
            vec![json!("x"), json!(-1), json!(1.5), json!(true), json!([]), json!(u64::MAX)],
        ),
        ("family_relationships", "relationship", required()),
        ("linkedin_accounts", "public_url", required()),
        ("phone_numbers", "number", required()),
        ("twitter_accounts", "screen_name", required()),
        ("websites", "url", required()),
    ];
    for (kind, name) in [
        ("email_addresses", "historic"),
        ("email_addresses", "primary"),
        ("email_addresses", "valid_values"),
        ("phone_numbers", "historic"),
        ("phone_numbers", "primary"),
        ("twitter_accounts", "primary"),
        ("websites", "primary"),
    ] {
        rows.push((kind, name, no_boolean()));
    }
    let times = vec![json!(""), json!("x"), json!("2022-13-01T00:00:00Z"), json!(null), json!(true)];
    for name in ["created_at", "updated_at", "updated_in_db_at"] {
        rows.push(("websites", name, times.clone()));
    }
    rows
}

/// A row of a kind that is not among those that Rey has.
fn another_row(kind: &str) -> Value {
    let mut row = new_row(kind, REY);
    for (name, value) in [("email", "other@example.com"), ("username", "other")] {
        if row["data"]["attributes"].get(name).is_some() {
            row["data"]["attributes"][name] = json!(value);
        }
    }
    row
}

/// What a family relationship can't be with.
fn relatives() -> Vec<Value> {
    let identifier = |kind: &str, id: Value| json!({ "type": kind, "id": id });
    let mut data = vec![json!(null), json!([]), json!({}), json!("x"), json!(1)];
    data.extend(
        [json!(NOTHING), json!("x"), json!(""), json!(null), json!(1)].map(|id| identifier("people", id)),
    );
    data.extend([
        identifier("robots", json!(FINN)),
        identifier("websites", json!(FINN)),
        identifier("", json!(FINN)),
    ]);
    data.extend([
        json!({ "id": FINN }),
        json!([identifier("people", json!(FINN))]),
        json!({ "type": "people" }),
    ]);
    // Finn is her brother already.
    data.push(identifier("people", json!(FINN)));
    data
}

fn named(name: &str, value: &Value) -> String {
    let value: String = value.to_string().chars().take(60).collect();
    format!("{name} = {value}")
}

#[actix_web::test]
async fn odd_attributes_of_a_user_are_refused_and_change_nothing() {
    let app = full().await;
    let targets = Target::all(&app).await;
    let odd = of_the_user();
    assert!(odd.len() > 200, "{}", odd.len());
    let mut requests = Vec::new();
    for (i, (name, value)) in odd.iter().enumerate() {
        // The two first take the same; a person has no preferences.
        let document =
            with(targets[i % 2].document(), &format!("/data/attributes/{name}"), Some(value.clone()));
        requests.push(targets[i % 2].odd(&named(name, value), document.to_string()));
        if name != "preferences" {
            let document =
                with(targets[2].document(), &format!("/data/attributes/{name}"), Some(value.clone()));
            requests.push(targets[2].odd(&named(name, value), document.to_string()));
        }
    }
    assert_all_refused(&app, distinct(requests)).await;
}

#[actix_web::test]
async fn odd_attributes_of_rows_are_refused_and_change_nothing() {
    let app = full().await;
    let mut requests: Vec<Odd> = Vec::new();
    let mut send = |kind: &str, name: String, document: &Value| {
        let path = format!("user/{kind}");
        requests.push((format!("{kind} {name}"), request(&Method::POST, &path, Some(document.to_string()))));
    };
    for (kind, name, values) in of_rows() {
        for value in values {
            let document = with(another_row(kind), &format!("/data/attributes/{name}"), Some(value.clone()));
            send(kind, named(name, &value), &document);
        }
    }
    for data in relatives() {
        let relationships = json!({ "related_person": { "data": data } });
        let document =
            with(new_row("family_relationships", FINN), "/data/relationships", Some(relationships));
        send("family_relationships", named("related_person", &data), &document);
    }
    for id in [json!("x"), json!(""), json!(1), json!([]), json!({}), json!("00000000"), json!(EMAIL)] {
        let document = with(another_row("email_addresses"), "/data/id", Some(id.clone()));
        send("email_addresses", named("id", &id), &document);
    }
    let rows = edits(&app).await;
    requests.extend(rows);
    assert!(requests.len() > 150, "{}", requests.len());
    assert_all_refused(&app, distinct(requests)).await;
}

/// PUTs and DELETEs of the stored e-mail address.
async fn edits(app: &TestApp) -> Vec<Odd> {
    let path = format!("user/email_addresses/{EMAIL}");
    let stamp = super::read(app, &path).await["data"]["attributes"]["updated_in_db_at"].clone();
    let mut requests = Vec::new();
    let attributes = |attributes: Value| json!({ "data": { "type": "email_addresses", "id": EMAIL, "attributes": attributes } });
    for (name, values) in
        of_rows().into_iter().filter(|row| row.0 == "email_addresses").map(|row| (row.1, row.2))
    {
        for value in values.into_iter().filter(|value| *value != "rey@example.com") {
            let document = attributes(json!({ name: value, "updated_in_db_at": stamp }));
            requests.push((
                format!("PUT {}", named(name, &value)),
                request(&Method::PUT, &path, Some(document.to_string())),
            ));
        }
    }
    for stamp in [
        json!(null),
        json!(""),
        json!("x"),
        json!(1.5),
        json!([]),
        json!("2021-01-01T00:00:00Z"),
        json!("9999-01-01T00:00:00Z"),
    ] {
        let document = attributes(json!({ "location": "Home", "updated_in_db_at": stamp })).to_string();
        requests.push((
            format!("PUT {}", named("stamp", &stamp)),
            request(&Method::PUT, &path, Some(document.clone())),
        ));
        requests.push((
            format!("DELETE {}", named("stamp", &stamp)),
            request(&Method::DELETE, &path, Some(document)),
        ));
    }
    for body in [
        "[]",
        "1",
        "\"x\"",
        "null",
        "{\"data\":[]}",
        "{\"data\":1}",
        "{\"data\":{\"attributes\":[]}}",
        "{",
        "x",
        "\u{feff}{}",
    ] {
        requests.push((format!("DELETE {body}"), request(&Method::DELETE, &path, Some(body))));
    }
    let other = json!({ "data": { "type": "email_addresses", "id": NOTHING } });
    requests.push(("DELETE of another".to_owned(), request(&Method::DELETE, &path, Some(other.to_string()))));
    requests
}

/// The requests, each name once: long values are cut in names.
fn distinct(requests: Vec<Odd>) -> Vec<Odd> {
    let mut seen = BTreeSet::new();
    let numbered = requests.into_iter().enumerate().map(|(i, (name, request))| {
        if seen.insert(name.clone()) { (name, request) } else { (format!("{name} ({i})"), request) }
    });
    numbered.collect()
}
