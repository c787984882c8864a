//! Rows that come nested in a PUT of the user: mpdx-behaviour 3.6, design 2 (decision 16) and 3.

mod conflicts;
mod refusals;

use serde_json::{Value, json};

use steward::users::create::NewUser;

use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, STAMP, USER, id, stamp, user};
use crate::support::{Answer, TestApp};
use actix_web::http::Method;

const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";
const OTHER: &str = "11111111-1111-4111-8111-111111111111";
const THIRD: &str = "22222222-2222-4222-8222-222222222222";

/// An element of linkage that is a whole resource object.
fn row(kind: &str, id: &str, attributes: Value) -> Value {
    json!({ "type": kind, "id": id, "attributes": attributes })
}

fn email(id: &str, attributes: Value) -> Value {
    row("email_addresses", id, attributes)
}

fn bare(kind: &str, id: &str) -> Value {
    json!({ "type": kind, "id": id })
}

/// A PUT of the user with linkage and what is included.
fn document(attributes: Value, relationships: Value, included: Value) -> Value {
    let mut document = user(attributes);
    for (name, elements) in relationships.as_object().expect("an object") {
        document["data"]["relationships"][name] = json!({ "data": elements });
    }
    document["included"] = included;
    document
}

/// A PUT with e-mail addresses on the current base.
async fn put_emails(app: &TestApp, elements: Value, included: Value) -> Answer {
    let attributes = json!({ "updated_in_db_at": app.stamp().await });
    app.put_document(&document(attributes, json!({ "email_addresses": elements }), included)).await
}

/// The e-mail addresses as the list shows them: id, address, primary.
async fn emails(app: &TestApp) -> Vec<(String, String, bool)> {
    let list = app.call(Method::GET, &format!("{USER}/email_addresses"), None).await.json();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let row = |row: &Value| {
        let attributes = &row["attributes"];
        (text(&row["id"]), text(&attributes["email"]), attributes["primary"] == true)
    };
    list["data"].as_array().expect("a list").iter().map(row).collect()
}

async fn second_email(app: &TestApp, address: &str) {
    put_emails(app, json!([email(OTHER, json!({ "email": address }))]), json!([])).await.assert_ok();
}

#[actix_web::test]
async fn one_put_makes_changes_and_deletes_rows_of_several_kinds_and_moves_the_stamp_once() {
    let app = TestApp::new();
    app.clock.advance(60);
    let relationships = json!({
        "email_addresses": [email(OTHER, json!({ "email": "New@Example.com" })), bare("email_addresses", EMAIL)],
        "websites": [{ "type": "websites", "attributes": { "url": "https://example.com" } }],
        "phone_numbers": [row("phone_numbers", "undefined", json!({ "number": "2134567890" }))],
    });
    let included = json!([email(EMAIL, json!({ "location": "Home", "email": "rey@example.com" }))]);
    let attributes = json!({ "employer": "Cru", "updated_in_db_at": STAMP });
    let answer = app.put_document(&document(attributes, relationships, included)).await;
    let shown = answer.assert_ok();
    assert_eq!(
        (&shown["employer"], &shown["updated_in_db_at"]),
        (&json!("Cru"), &json!("2022-01-12T17:19:09Z"))
    );
    assert_eq!(answer.json(), app.get().await.json(), "the answer is what is read");
    assert_eq!(answer.json(), app.second_node().get().await.json());
    assert_eq!(
        emails(&app).await,
        [(EMAIL.into(), "rey@example.com".into(), true), (OTHER.into(), "new@example.com".into(), false)]
    );
    let whole = app.call(Method::GET, &format!("{USER}?include=*"), None).await.json();
    for resource in whole["included"].as_array().expect("a list") {
        let kind = resource["type"].as_str().expect("a type");
        if ["email_addresses", "websites", "phone_numbers"].contains(&kind) {
            assert_eq!(resource["attributes"]["updated_in_db_at"], shown["updated_in_db_at"], "{resource}");
        }
    }
    app.clock.advance(60);
    let gone = json!([email(OTHER, json!({ "_destroy": "1", "email": "" }))]);
    put_emails(&app, gone, json!([])).await.assert_ok();
    assert_eq!(emails(&app).await, [(EMAIL.into(), "rey@example.com".into(), true)]);
    assert_eq!(app.stamp().await, "2022-01-12T17:20:09Z");
}

#[actix_web::test]
async fn rows_that_are_not_listed_stay() {
    let app = TestApp::new();
    second_email(&app, "b@example.com").await;
    put_emails(&app, json!([email(OTHER, json!({ "location": "Work" }))]), json!([])).await.assert_ok();
    assert_eq!(emails(&app).await.len(), 2);
}

#[actix_web::test]
async fn a_row_without_an_id_that_stands_for_a_stored_one_changes_that_one() {
    let app = TestApp::new();
    // As the web client sends it: no ids, and what is included is named by the text `undefined`.
    let linked = json!([bare("email_addresses", "undefined")]);
    let included = json!([email("undefined", json!({ "email": " REY@example.com", "location": "Home" }))]);
    put_emails(&app, linked, included).await.assert_ok();
    let list = app.call(Method::GET, &format!("{USER}/email_addresses"), None).await.json();
    assert_eq!(
        (&list["data"][0]["id"], &list["data"][0]["attributes"]["location"]),
        (&json!(EMAIL), &json!("Home"))
    );
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    // Two elements that stand for one thing are one row.
    let twice = json!([
        { "type": "facebook_accounts", "attributes": { "username": "rey" } },
        { "type": "facebook_accounts", "attributes": { "username": "https://facebook.com/rey" } },
    ]);
    let attributes = json!({ "updated_in_db_at": app.stamp().await });
    let answer =
        app.put_document(&document(attributes, json!({ "facebook_accounts": twice }), json!([]))).await;
    answer.assert_ok();
    let linkage = &answer.json()["data"]["relationships"]["facebook_accounts"]["data"];
    assert_eq!(linkage.as_array().map(Vec::len), Some(1));
}

#[actix_web::test]
async fn a_lid_names_what_is_included_of_a_new_row() {
    let app = TestApp::new();
    let linked =
        json!([{ "type": "email_addresses", "lid": "a" }, { "type": "email_addresses", "lid": "b" }]);
    let included = json!([
        { "type": "email_addresses", "lid": "b", "attributes": { "email": "b@example.com" } },
        { "type": "email_addresses", "lid": "a", "attributes": { "email": "a@example.com" } },
    ]);
    put_emails(&app, linked, included).await.assert_ok();
    let mut addresses: Vec<_> = emails(&app).await.into_iter().map(|(_, address, _)| address).collect();
    addresses.sort();
    assert_eq!(addresses, ["a@example.com", "b@example.com", "rey@example.com"]);
}

#[actix_web::test]
async fn two_rows_may_exchange_what_must_be_unique() {
    let app = TestApp::new();
    second_email(&app, "b@example.com").await;
    let swapped = json!([
        email(EMAIL, json!({ "email": "b@example.com" })),
        email(OTHER, json!({ "email": "rey@example.com" })),
    ]);
    put_emails(&app, swapped, json!([])).await.assert_ok();
    let rows = emails(&app).await;
    let find = |id: &str| rows.iter().find(|row| row.0 == id).expect("a row").1.as_str();
    assert_eq!((find(EMAIL), find(OTHER)), ("b@example.com", "rey@example.com"));
}

#[actix_web::test]
async fn who_is_made_primary_wins_over_who_was_whatever_their_order() {
    for (first, second) in [(EMAIL, OTHER), (OTHER, EMAIL)] {
        let app = TestApp::new();
        second_email(&app, "b@example.com").await;
        for wanted in [OTHER, EMAIL] {
            let element = |id: &str| email(id, json!({ "primary": id == wanted || id == EMAIL }));
            // The web client sends all rows; the one that is no longer primary may still say that it is.
            let elements = if wanted == OTHER {
                json!([element(first), element(second)])
            } else {
                json!([email(EMAIL, json!({ "primary": true }))])
            };
            put_emails(&app, elements, json!([])).await.assert_ok();
            let primary: Vec<_> =
                emails(&app).await.into_iter().filter(|row| row.2).map(|row| row.0).collect();
            assert_eq!(primary, [wanted]);
        }
    }
}

#[actix_web::test]
async fn everything_that_include_shows_sent_back_changes_nothing() {
    let app = TestApp::new();
    let relationships = json!({
        "email_addresses": [email(OTHER, json!({ "email": "b@example.com", "primary": true }))],
        "phone_numbers": [row("phone_numbers", OTHER, json!({ "number": "+1 213 456 7890" }))],
        "family_relationships": [{
            "type": "family_relationships", "attributes": { "relationship": "Brother" },
            "relationships": { "related_person": { "data": { "type": "people", "id": REY } } },
        }],
        "websites": [row("websites", OTHER, json!({ "url": "https://example.com" }))],
    });
    let attributes = json!({ "updated_in_db_at": STAMP });
    app.put_document(&document(attributes, relationships, json!([]))).await.assert_ok();
    app.clock.advance(60);
    let path = format!("{USER}?include=*,family_relationships.related_person");
    let before = app.call(Method::GET, &path, None).await;
    let answer = app.call(Method::PUT, &path, Some(&before.json())).await;
    answer.assert_ok();
    let mut shown = answer.json();
    let ignored = shown.as_object_mut().expect("an object").remove("meta").expect("meta");
    assert_eq!(shown, before.json());
    let named: Vec<_> = ignored["ignored_attributes"].as_array().expect("a list").iter().collect();
    assert!(
        named.iter().all(|name| ["account_lists/", "master_people/"]
            .iter()
            .any(|kind| name.to_string().contains(kind))),
        "what is not the user's own is named: {named:?}"
    );
}

#[actix_web::test]
async fn a_relative_who_is_gone_can_be_sent_back_with_the_rest() {
    let app = TestApp::new();
    let poe = crate::support::app::id(THIRD);
    app.change(|connection| {
        let poe = NewUser::new(poe, "Poe", stamp(MADE_AT)).expect("a user");
        poe.account_list(id(ACCOUNT_LIST), "Rey's account list").expect("a list").insert(connection)
    });
    let relative = json!({ "type": "family_relationships", "id": OTHER, "attributes": { "relationship": "Brother" },
        "relationships": { "related_person": { "data": bare("people", THIRD) } } });
    let rows = json!({ "family_relationships": [relative] });
    app.put_document(&document(json!({ "overwrite": true }), rows, json!([]))).await.assert_ok();
    app.change(|connection| steward::users::create::delete(connection, poe, stamp(MADE_AT)));
    let path = format!("{USER}?include=*");
    let before = app.call(Method::GET, &path, None).await;
    let answer = app.call(Method::PUT, &path, Some(&before.json())).await;
    answer.assert_ok();
    assert_eq!(answer.json()["data"], before.json()["data"]);
}
