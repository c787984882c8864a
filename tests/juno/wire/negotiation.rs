//! Which form bodies have and answers take (`juno.md` 2.2).

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use super::{JSON, least, user, with_john};
use crate::juno::{Site, document, request};
use crate::support::app::JSON_API;

const DOCUMENT: &str = "application/vnd.api+json; charset=utf-8";

#[actix_web::test]
async fn answers_are_flat_where_nothing_else_is_asked_for_as_much() {
    let site = with_john().await;
    for (accept, expected) in [
        (JSON, JSON),
        ("application/json; charset=utf-8", JSON),
        ("APPLICATION/JSON", JSON),
        ("application/json, application/vnd.api+json;q=0.5", JSON),
        ("application/json, */*;q=0.1", JSON),
        ("application/vnd.api+json; profile=\"x:y\"; other=1, application/json", JSON),
        (JSON_API, DOCUMENT),
        ("*/*", DOCUMENT),
        ("application/*", DOCUMENT),
        ("", DOCUMENT),
        ("application/json, text/plain, */*", DOCUMENT),
        ("application/vnd.api+json, application/json", DOCUMENT),
        ("application/json;q=0, */*", DOCUMENT),
    ] {
        for path in ["juno_users/1", "juno_users"] {
            let answer = site.send(request(Method::GET, path, None).insert_header((ACCEPT, accept))).await;
            assert_eq!(answer.status, 200, "{accept}");
            assert_eq!(answer.header("content-type"), Some(expected), "{accept}");
        }
    }
}

#[actix_web::test]
async fn what_is_neither_is_406_and_errors_are_documents_always() {
    let site = with_john().await;
    for accept in ["text/html", "application/json;q=0", "application/json; version=2", "application/xml"] {
        let answer =
            site.send(request(Method::GET, "juno_users/1", None).insert_header((ACCEPT, accept))).await;
        answer.assert_refused(406, &["not_acceptable"]);
        assert_eq!(answer.error()["source"]["header"], "Accept");
    }
    let missing = request(Method::GET, "juno_users/2", None).insert_header((ACCEPT, JSON));
    site.send(missing).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn a_body_is_a_document_or_flat_and_else_415() {
    let site = Site::new();
    let send = |content_type: &str, body: &Value| {
        let post = request(Method::POST, "juno_users", None).insert_header((CONTENT_TYPE, content_type));
        site.send(post.set_payload(body.to_string()))
    };
    assert_eq!(send(JSON_API, &user(least("a@example.com"))).await.status, 201);
    assert_eq!(send(JSON, &least("b@example.com")).await.status, 201);
    assert_eq!(send("application/json; charset=UTF-8", &least("c@example.com")).await.status, 201);
    for other in
        ["text/json", "application/json; version=1", "application/json; charset=latin1", "text/plain"]
    {
        let answer = send(other, &least("d@example.com")).await;
        answer.assert_refused(415, &["unsupported_media_type"]);
        let detail = answer.error()["detail"].as_str().expect("a detail").to_owned();
        assert!(detail.contains(JSON_API) && detail.contains(JSON), "{detail}");
    }
    send(JSON, &user(least("d@example.com")))
        .await
        .assert_refused(400, &["blank", "blank", "unknown_attribute"]);
    send(JSON_API, &least("d@example.com")).await.assert_refused(409, &["type_conflict"]);
    assert_eq!(site.get("juno_users").await.json()["meta"]["total"], 3);
}

#[actix_web::test]
async fn elsewhere_a_flat_body_is_415_and_a_flat_answer_406() {
    let site = with_john().await;
    let body = document("dimensions", json!({ "name": "A" })).to_string();
    for (method, path) in [
        (Method::POST, "dimensions"),
        (Method::POST, "juno_users/1/relationships/tags"),
        (Method::PUT, "juno_users/1/dimension_values/13"),
    ] {
        let request = request(method, path, None).insert_header((CONTENT_TYPE, JSON));
        site.send(request.set_payload(body.clone())).await.assert_refused(415, &["unsupported_media_type"]);
    }
    for path in ["dimensions", "juno_users/1/relationships/tags", "juno_users/1/dimension_values"] {
        let get = request(Method::GET, path, None).insert_header((ACCEPT, JSON));
        site.send(get).await.assert_refused(406, &["not_acceptable"]);
    }
}

#[actix_web::test]
async fn the_form_of_the_body_and_that_of_the_answer_are_chosen_by_themselves() {
    let site = Site::new();
    let flat = request(Method::POST, "juno_users", None).insert_header((CONTENT_TYPE, JSON));
    let answer = site.send(flat.set_payload(least("a@example.com").to_string())).await;
    assert_eq!((answer.status, answer.header("content-type")), (201, Some(DOCUMENT)));
    let sent = user(least("b@example.com"));
    let answer =
        site.send(request(Method::POST, "juno_users", Some(&sent)).insert_header((ACCEPT, JSON))).await;
    assert_eq!((answer.status, answer.header("content-type")), (201, Some(JSON)));
    assert_eq!((&answer.json()["id"], answer.header("location")), (&json!(2), Some("/api/v2/juno_users/2")));
}

#[actix_web::test]
async fn the_two_forms_have_different_entity_tags_and_either_holds_for_a_write() {
    let site = with_john().await;
    let read = |accept| site.send(request(Method::GET, "juno_users/1", None).insert_header((ACCEPT, accept)));
    let (document, flat) = (read(JSON_API).await, read(JSON).await);
    let tag = |answer: &crate::support::Answer| answer.header("etag").expect("a tag").to_owned();
    assert_ne!(tag(&document), tag(&flat));
    assert!(tag(&flat).starts_with('"'), "strong");
    let cached = request(Method::GET, "juno_users/1", None).insert_header((ACCEPT, JSON));
    let cached = site.send(cached.insert_header(("If-None-Match", tag(&flat)))).await;
    assert_eq!((cached.status, cached.text()), (304, ""));
    for (city, accept) in [("A", JSON), ("B", JSON_API)] {
        let held = tag(&read(accept).await);
        let write = request(Method::PATCH, "juno_users/1", Some(&user(json!({ "city": city }))));
        let written = site.send(write.insert_header(("If-Match", held))).await;
        assert_eq!(written.assert_ok()["city"], city);
    }
}
