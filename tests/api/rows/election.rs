//! Which row is primary: mpdx-behaviour 4.5 and 4.6.

use actix_web::http::Method;
use serde_json::json;

use super::{EMAIL, create, document, get, send, update};
use crate::support::TestApp;
use crate::support::app::STAMP;

/// Ids and flags of all e-mail addresses.
async fn primaries(app: &TestApp, kind: &str) -> Vec<(String, bool)> {
    let rows = get(app, kind).await;
    let rows = rows["data"].as_array().expect("rows").iter();
    rows.map(|row| {
        (
            row["id"].as_str().expect("an id").to_owned(),
            row["attributes"]["primary"].as_bool().expect("a flag"),
        )
    })
    .collect()
}

#[actix_web::test]
async fn one_row_that_is_not_historic_is_primary() {
    let app = TestApp::new();
    let second = create(&app, "email_addresses", json!({ "email": "b@example.com", "primary": true })).await;
    let second = second.json()["data"]["id"].as_str().expect("an id").to_owned();
    let flags = async || {
        primaries(&app, "email_addresses")
            .await
            .into_iter()
            .filter(|(_, p)| *p)
            .map(|(id, _)| id)
            .collect::<Vec<_>>()
    };
    assert_eq!(flags().await.join(","), second, "the row that was just saved wins");
    let first = app.get().await.json()["data"]["relationships"]["email_addresses"]["data"][0]["id"].clone();
    assert_eq!(first, second, "primary first");
    let edit = json!({ "historic": true, "overwrite": true });
    let historic = update(&app, "email_addresses", &second, edit).await.assert_ok();
    assert_eq!(historic["primary"], false);
    assert_eq!(flags().await, [EMAIL.to_owned()]);
    let edit = json!({ "primary": false, "overwrite": true });
    assert_eq!(
        update(&app, "email_addresses", EMAIL, edit).await.assert_ok()["primary"],
        true,
        "somebody must be"
    );
    send(&app, Method::DELETE, &format!("email_addresses/{EMAIL}"), None).await;
    assert_eq!(flags().await, Vec::<String>::new(), "historic rows are not elected");
    let third = create(&app, "email_addresses", json!({ "email": "c@example.com" })).await;
    assert_eq!(third.json()["data"]["attributes"]["primary"], true, "the first one that can be");
}

#[actix_web::test]
async fn who_loses_an_election_keeps_his_time_of_edit_and_moves_his_stamp() {
    let app = TestApp::new();
    app.clock.advance(60);
    create(&app, "email_addresses", json!({ "email": "b@example.com", "primary": true })).await;
    let loser = get(&app, &format!("email_addresses/{EMAIL}")).await["data"]["attributes"].clone();
    assert_eq!((&loser["primary"], &loser["updated_at"]), (&json!(false), &json!(STAMP)));
    assert_eq!(loser["updated_in_db_at"], "2022-01-12T17:19:09Z");
    let stale =
        update(&app, "email_addresses", EMAIL, json!({ "location": "Home", "updated_in_db_at": STAMP }))
            .await;
    assert_eq!(stale.error()["meta"]["changed"], json!({ "primary": false }));
}

#[actix_web::test]
async fn twitter_keeps_one_primary_and_websites_any() {
    let app = TestApp::new();
    for (kind, name, kept) in [("twitter_accounts", "screen_name", 1), ("websites", "url", 2)] {
        for value in ["a", "b"] {
            create(&app, kind, json!({ name: value, "primary": true })).await;
        }
        let count = primaries(&app, kind).await.iter().filter(|(_, primary)| *primary).count();
        assert_eq!(count, kept, "{kind}");
    }
}

#[actix_web::test]
async fn what_an_election_makes_of_an_edit_is_part_of_the_edit() {
    let app = TestApp::new();
    let second =
        create(&app, "email_addresses", json!({ "email": "b@example.com" })).await.json()["data"].clone();
    let (id, base) = (second["id"].as_str().expect("an id"), &second["attributes"]["updated_in_db_at"]);
    update(&app, "email_addresses", id, json!({ "primary": true, "updated_in_db_at": base }))
        .await
        .assert_ok();
    // Historic rows are not primary, so this would undo what the other device did.
    let mut merge = document("email_addresses", json!({ "historic": true, "updated_in_db_at": base }));
    merge["data"]["meta"] = json!({ "on_conflict": "merge" });
    let answer = send(&app, Method::PUT, &format!("email_addresses/{id}"), Some(&merge)).await;
    answer.assert_refused(409, &["stale"]);
    assert_eq!(answer.error()["meta"]["conflicting"], json!(["primary"]));
    // An edit that the election overrules changes nothing, moves nothing, and is named.
    let stamp = app.stamp().await;
    let answer = update(&app, "email_addresses", id, json!({ "primary": false, "overwrite": true })).await;
    assert_eq!(answer.assert_ok()["primary"], true);
    assert_eq!(answer.json()["meta"]["ignored_attributes"], json!(["primary"]));
    assert_eq!(app.stamp().await, stamp);
}
