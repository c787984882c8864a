//! Who calls JUNO's routes: an integration by its key, a person by his token.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::auth::api_keys;
use steward::db::schema::idempotency_keys;

use super::{Site, document, made, request};
use crate::support::app::{MADE_AT, REY, USER, stamp};

const BOTH: Option<&str> = Some("Bearer, ApiKey header=\"X-API-Key\"");

fn read() -> TestRequest {
    request(Method::GET, "dimensions/1", None)
}

#[actix_web::test]
async fn a_key_and_a_token_both_open_junos_routes_and_nothing_opens_none() {
    let Site { app, key } = Site::new();
    let keyed = |key: &str| read().insert_header(("X-API-Key", key));
    assert_eq!(app.send_as(None, keyed(&key)).await.status, 200);
    assert_eq!(app.send_as(Some(&app.token), read()).await.status, 200);
    let longer = format!("{key}0");
    for wrong in ["", "stw_", &key[4..], &key.to_uppercase(), &longer, &app.token] {
        let answer = app.send_as(None, keyed(wrong)).await;
        answer.assert_refused(401, &["unauthorized"]);
        assert_eq!(answer.header("www-authenticate"), BOTH, "{wrong}");
        assert_eq!(answer.error()["source"]["header"], "X-API-Key");
    }
    let nothing = app.send_as(None, read()).await;
    nothing.assert_refused(401, &["unauthorized"]);
    assert_eq!(nothing.header("www-authenticate"), BOTH);
    let stranger = app.send_as(Some(&key), read()).await;
    stranger.assert_refused(401, &["unauthorized"]);
    assert_eq!(stranger.header("www-authenticate"), BOTH);
    assert_eq!(stranger.error()["source"]["header"], "Authorization");
    let twice = keyed(&key).append_header(("X-API-Key", key.as_str()));
    app.send_as(None, twice).await.assert_refused(401, &["unauthorized"]);
}

#[actix_web::test]
async fn a_key_and_a_token_in_one_request_are_refused_whichever_is_good() {
    let Site { app, key } = Site::new();
    for (key, token) in [(key.as_str(), app.token.as_str()), ("stw_no", &app.token), (&key, "no")] {
        let answer = app.send_as(Some(token), read().insert_header(("X-API-Key", key))).await;
        answer.assert_refused(400, &["bad_request"]);
        assert_eq!(answer.error()["source"]["header"], "X-API-Key");
    }
}

#[actix_web::test]
async fn a_key_counts_for_nothing_on_a_users_routes() {
    let Site { app, key } = Site::new();
    let request = || TestRequest::get().uri(USER).insert_header(("X-API-Key", key.as_str()));
    let answer = app.send_as(None, request()).await;
    answer.assert_refused(401, &["unauthorized"]);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert_eq!(app.send(request()).await.json()["data"]["id"], REY, "the token says who calls");
}

#[actix_web::test]
async fn a_revoked_key_is_refused_at_once_on_every_node() {
    let site = Site::new();
    let other = Site { app: site.app.second_node(), key: site.key.clone() };
    let kept = Site { key: site.app.api_key("another"), app: site.app.second_node() };
    for one in [&site, &other, &kept] {
        assert_eq!(one.get("dimensions/1").await.status, 200);
    }
    assert!(site.app.change(|connection| api_keys::revoke(connection, "importer", stamp(MADE_AT))));
    for one in [&site, &other] {
        one.get("dimensions/1").await.assert_refused(401, &["unauthorized"]);
        one.post("dimensions", &document("dimensions", json!({ "name": "A" })))
            .await
            .assert_refused(401, &["unauthorized"]);
    }
    assert_eq!(kept.get("dimensions/1").await.status, 200);
}

#[actix_web::test]
async fn the_requests_of_a_batch_take_the_key_from_the_one_around_them() {
    let Site { app, key } = Site::new();
    let batch = json!({ "requests": [
        { "method": "GET", "path": "/api/v2/dimensions/1" },
        { "method": "POST", "path": "/api/v2/dimensions", "body": document("dimensions", json!({ "name": "A" })).to_string() },
        { "method": "GET", "path": USER },
    ] });
    let request = request(Method::POST, "batch", Some(&batch)).insert_header(("X-API-Key", key.as_str()));
    let answer = app.send_as(None, request).await;
    let statuses: Vec<Value> =
        answer.json().as_array().expect("a list").iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, [200, 201, 401]);
}

#[actix_web::test]
async fn the_keys_of_writes_belong_to_the_integration_that_sent_them() {
    let site = Site::new();
    let other = Site { key: site.app.api_key("another"), app: site.app.second_node() };
    let write = |name: &str| {
        let document = document("dimensions", json!({ "name": name }));
        request(Method::POST, "dimensions", Some(&document)).insert_header(("Idempotency-Key", "k1"))
    };
    let first = site.send(write("A")).await;
    let again = site.send(write("A")).await;
    assert_eq!((made(&again), again.header("idempotent-replayed")), (made(&first), Some("true")));
    assert_eq!(
        (again.header("etag"), again.header("location")),
        (first.header("etag"), first.header("location"))
    );
    site.send(write("B")).await.assert_refused(422, &["key_reused"]);
    let others = other.send(write("B")).await;
    assert_ne!(made(&others), made(&first));
    let refused = other
        .send(request(Method::DELETE, "dimensions/1", None).insert_header(("Idempotency-Key", "k2")))
        .await;
    refused.assert_refused(403, &["read_only"]);
    let repeated = other
        .send(request(Method::DELETE, "dimensions/1", None).insert_header(("Idempotency-Key", "k2")))
        .await;
    assert_eq!(repeated.header("idempotent-replayed"), Some("true"), "a refusal is an answer");
    let keys = site.app.change(api_keys::list);
    let callers = idempotency_keys::table.select(idempotency_keys::caller_id).distinct();
    let callers: Vec<steward::id::Id> = callers.load(&mut site.app.connection()).expect("the callers");
    assert_eq!(callers.len(), 2);
    assert!(keys.iter().all(|key| !callers.contains(&key.id)), "a user may have any id, also that of a key");
}
