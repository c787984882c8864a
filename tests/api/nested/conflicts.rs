//! Nested rows are guarded by the base of the request: design 3.

use actix_web::http::Method;
use actix_web::http::header::IF_MATCH;
use serde_json::{Value, json};

use super::*;
use crate::support::app::put;

/// What another device does to the e-mail address of the tests, after the stamp that they know.
async fn edited_elsewhere(attributes: Value) -> TestApp {
    let app = TestApp::new();
    app.clock.advance(60);
    put_emails(&app, json!([email(EMAIL, attributes)]), json!([])).await.assert_ok();
    app
}

fn merging(mut document: Value) -> Value {
    document["data"]["meta"] = json!({ "on_conflict": "merge" });
    document
}

fn put_on_old(elements: Value) -> Value {
    document(json!({ "updated_in_db_at": STAMP }), json!({ "email_addresses": elements }), json!([]))
}

#[actix_web::test]
async fn a_nested_row_on_an_old_base_is_refused_and_the_conflict_names_it() {
    let app = edited_elsewhere(json!({ "location": "Work" })).await;
    let name = format!("email_addresses/{EMAIL}");
    let answer = app.put_document(&put_on_old(json!([email(EMAIL, json!({ "location": "Home" }))]))).await;
    answer.assert_refused(409, &["stale"]);
    let meta = &answer.error()["meta"];
    assert_eq!(meta["changed"][&name]["location"], "Work");
    assert_eq!(meta["conflicting"], json!([name]));
    // The same value, or another part of the row, contradicts nothing.
    for other in [json!({ "location": "Work" }), json!({ "historic": true })] {
        let answer = app.put_document(&put_on_old(json!([email(EMAIL, other)]))).await;
        answer.assert_refused(409, &["stale"]);
        assert_eq!(answer.error()["meta"]["conflicting"], json!([]));
    }
    let answer = app.put_document(&put_on_old(json!([email(EMAIL, json!({ "_destroy": true }))]))).await;
    answer.assert_refused(409, &["stale"]);
    assert_eq!(answer.error()["meta"]["conflicting"], json!([name]), "a deletion undoes what others changed");
}

#[actix_web::test]
async fn a_merge_applies_what_contradicts_nothing_and_refuses_the_rest_as_a_whole() {
    let app = edited_elsewhere(json!({ "location": "Work" })).await;
    let name = format!("email_addresses/{EMAIL}");
    let both = json!([
        email(EMAIL, json!({ "location": "Home" })),
        email(OTHER, json!({ "email": "b@example.com" })),
    ]);
    app.put_document(&merging(put_on_old(both))).await.assert_refused(409, &["stale"]);
    assert_eq!(emails(&app).await.len(), 1);
    let fits =
        json!([email(EMAIL, json!({ "historic": true })), email(OTHER, json!({ "email": "b@example.com" }))]);
    let answer = app.put_document(&merging(put_on_old(fits))).await;
    answer.assert_ok();
    assert_eq!(answer.json()["meta"]["merged"], json!([name]));
    let merged = app.call(Method::GET, &format!("{USER}/email_addresses/{EMAIL}"), None).await.json();
    let attributes = &merged["data"]["attributes"];
    assert_eq!((&attributes["location"], &attributes["historic"]), (&json!("Work"), &json!(true)));
}

#[actix_web::test]
async fn a_row_that_was_deleted_elsewhere_is_not_changed_and_the_conflict_tells() {
    let app = edited_elsewhere(json!({ "_destroy": true })).await;
    let edit = put_on_old(json!([email(EMAIL, json!({ "email": "mine@example.com" }))]));
    for document in [edit.clone(), merging(edit)] {
        let answer = app.put_document(&document).await;
        answer.assert_refused(409, &["stale", "deleted"]);
        let (meta, name) = (&answer.errors()[0]["meta"], format!("email_addresses/{EMAIL}"));
        assert_eq!(meta["changed"], json!({ name.clone(): null }));
        assert_eq!(meta["conflicting"], json!([name]));
    }
    assert!(emails(&app).await.is_empty());
}

#[actix_web::test]
async fn a_stamp_that_a_row_names_itself_must_hold_unless_it_is_overwritten() {
    let app = edited_elsewhere(json!({ "location": "Work" })).await;
    let old = |overwrite: bool| {
        let attributes = json!({ "location": "Home", "updated_in_db_at": STAMP, "overwrite": overwrite });
        json!([email(EMAIL, attributes)])
    };
    let answer = put_emails(&app, old(false), json!([])).await;
    answer.assert_refused(409, &["stale"]);
    let error = answer.error();
    let at = "/data/relationships/email_addresses/data/0/attributes/updated_in_db_at";
    assert_eq!(error["source"]["pointer"], at);
    assert_eq!(error["meta"]["changed"], json!({ "location": "Work" }));
    put_emails(&app, old(true), json!([])).await.assert_ok();
    // Nobody would be told of what was merged: the base of the request is the current one.
    let mut merge = document(
        json!({ "updated_in_db_at": app.stamp().await }),
        json!({ "email_addresses": old(false) }),
        json!([]),
    );
    merge["data"]["relationships"]["email_addresses"]["data"][0]["attributes"]["historic"] = json!(true);
    app.put_document(&merging(merge)).await.assert_refused(409, &["stale"]);
    // The base of the whole request is not the row's to give up.
    app.put_document(&put_on_old(old(true))).await.assert_refused(409, &["stale"]);
    let all = document(json!({ "overwrite": true }), json!({ "email_addresses": old(false) }), json!([]));
    app.put_document(&all).await.assert_ok();
}

#[actix_web::test]
async fn if_match_guards_nested_rows_as_a_stamp_does() {
    let app = TestApp::new();
    let tag = app.get().await.header("ETag").expect("a tag").to_owned();
    let edit = document(
        json!({}),
        json!({ "websites": [{ "type": "websites", "attributes": { "url": "x" } }] }),
        json!([]),
    );
    app.send(put(&edit).insert_header((IF_MATCH, tag.clone()))).await.assert_ok();
    let again = app.send(put(&edit).insert_header((IF_MATCH, tag))).await;
    again.assert_refused(412, &["precondition_failed"]);
}

#[actix_web::test]
async fn of_two_nested_edits_on_one_base_one_is_applied_and_the_other_is_told() {
    let app = TestApp::new();
    let edit = |address: &str| put_on_old(json!([email(EMAIL, json!({ "email": address }))]));
    let (a, b) = (edit("a@example.com"), edit("b@example.com"));
    let node = app.second_node();
    let (first, second) = futures_util::future::join(app.put_document(&a), node.put_document(&b)).await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let (winner, loser) =
        if first.status == 200 { ("a@example.com", second) } else { ("b@example.com", first) };
    assert_eq!(emails(&app).await[0].1, winner);
    assert_eq!(loser.error()["meta"]["changed"][format!("email_addresses/{EMAIL}")]["email"], winner);
}

#[actix_web::test]
async fn a_deletion_that_is_sent_again_with_its_old_base_and_merge_is_done() {
    let app = TestApp::new();
    second_email(&app, "b@example.com").await;
    let base = app.stamp().await;
    app.clock.advance(60);
    let elements =
        json!([email(OTHER, json!({ "_destroy": true })), email(THIRD, json!({ "email": "c@example.com" }))]);
    let attributes = json!({ "updated_in_db_at": base });
    let request = merging(document(attributes, json!({ "email_addresses": elements }), json!([])));
    app.put_document(&request).await.assert_ok();
    let stamp = app.stamp().await;
    app.put_document(&request).await.assert_ok();
    assert_eq!(app.stamp().await, stamp);
}

#[actix_web::test]
async fn thousands_of_nested_rows_on_an_old_base_are_answered_as_few_are() {
    let app = TestApp::new();
    let rows = |location: &str| {
        let row = |i: usize| {
            let id = format!("00000000-0000-4000-8000-{i:012}");
            row("email_addresses", &id, json!({ "email": format!("{i}@example.com"), "location": location }))
        };
        (0..900).map(row).collect::<Value>()
    };
    put_emails(&app, rows("a"), json!([])).await.assert_ok();
    let base = app.stamp().await;
    put_emails(&app, rows("b"), json!([])).await.assert_ok();
    let attributes = json!({ "updated_in_db_at": base });
    let answer =
        app.put_document(&document(attributes, json!({ "email_addresses": rows("c") }), json!([]))).await;
    answer.assert_refused(409, &["stale"]);
    assert_eq!(answer.error()["meta"]["conflicting"].as_array().map(Vec::len), Some(900));
}
