//! The request document: mpdx-behaviour 3.3 to 3.5, design 2 (decisions 6, 16, 20) and 9.

use serde_json::{Value, json};

use crate::support::app::{ACCOUNT_LIST, REY, STAMP};
use crate::support::{TestApp, user};

#[actix_web::test]
async fn broken_json_and_json_that_would_lose_something_is_400() {
    let app = TestApp::new();
    let deep = format!("{}1{}", "[".repeat(65), "]".repeat(65));
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "EOF"),
        (b"{".to_vec(), "EOF"),
        (b"{\"data\":}".to_vec(), "line 1 column 9"),
        (b"{} {}".to_vec(), "trailing characters"),
        (b"{\"a\":\"\xff\"}".to_vec(), "UTF-8 (at byte 6)"),
        (br#"{"data":{},"data":{}}"#.to_vec(), "\"data\" is given more than once"),
        (br#"{"data":{"attributes":{"a":1,"\u0061":2}}}"#.to_vec(), "\"a\" is given more than once"),
        (br#"{"a":"\u0000"}"#.to_vec(), "U+0000"),
        (br#"{"\u0000":1}"#.to_vec(), "U+0000"),
        (br#"{"a":"\ud800"}"#.to_vec(), "surrogate"),
        (br#"{"a":"\ud800\u0041"}"#.to_vec(), "surrogate"),
        (br#"{"a":01}"#.to_vec(), "line 1 column"),
        (b"{\"a\":NaN}".to_vec(), "line 1 column"),
        (b"{\"a\":[1,-1e400]}".to_vec(), "range of a double"),
        (deep.into_bytes(), "deeper than 64"),
    ];
    for (body, told) in cases {
        let answer = app.put_bytes(body.clone()).await;
        answer.assert_refused(400, &["invalid_json"]);
        let detail = answer.error()["detail"].as_str().expect("a detail").to_owned();
        assert!(detail.contains(told), "{}: {detail}", String::from_utf8_lossy(&body));
    }
    assert_eq!(app.stamp().await, STAMP);
}

#[actix_web::test]
async fn sixty_four_levels_are_accepted() {
    let app = TestApp::new();
    // data, attributes and preferences are the first four levels with the document.
    let nested = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    let body = format!(
        r#"{{"data":{{"type":"users","attributes":{{"preferences":{{"deep":{nested}}},"updated_in_db_at":"{STAMP}"}}}}}}"#
    );
    app.put_bytes(body).await.assert_ok();
    assert_eq!(app.second_node().get().await.status, 200);
}

#[actix_web::test]
async fn documents_that_are_no_update_are_refused_with_a_pointer_to_what_was_sent() {
    let app = TestApp::new();
    let type_missing = "JSONAPI resource objects MUST contain a `type` top-level member of its hash for POST and \
                        PATCH requests. Expected to find a `type` member at ";
    for (document, status, code, pointer, detail) in [
        (json!([]), 400, "invalid_document", "", "The document must be an object.".to_owned()),
        (json!("x"), 400, "invalid_document", "", "The document must be an object.".to_owned()),
        (json!({}), 409, "type_conflict", "", format!("{type_missing}/data/type")),
        (json!({ "data": null }), 409, "type_conflict", "/data", format!("{type_missing}/data/type")),
        (json!({ "data": [] }), 400, "invalid_document", "/data", "`data` must be one resource object.".to_owned()),
        (json!({ "data": {} }), 409, "type_conflict", "/data", format!("{type_missing}/data/type")),
        (json!({ "data": { "type": "" } }), 409, "type_conflict", "/data/type", format!("{type_missing}/data/type")),
        (json!({ "data": { "type": null } }), 409, "type_conflict", "/data/type", format!("{type_missing}/data/type")),
        (json!({ "data": { "type": 1 } }), 400, "invalid_document", "/data/type", "`type` must be a string.".to_owned()),
        (
            json!({ "data": { "type": "v2s", "id": REY, "attributes": { "overwrite": true } } }),
            409,
            "type_conflict",
            "/data/type",
            "'v2s' is not a valid resource type for this endpoint. Expected 'users' instead".to_owned(),
        ),
        (
            json!({ "data": { "type": "users" } }),
            400,
            "invalid_document",
            "/data",
            "`data` must have `attributes` or `relationships`.".to_owned(),
        ),
        (
            json!({ "data": { "type": "users", "attributes": [] } }),
            400,
            "invalid_document",
            "/data/attributes",
            "`/data/attributes` must be an object.".to_owned(),
        ),
        (
            user(json!({ "id": REY })),
            409,
            "reserved_attribute",
            "/data/attributes/id",
            "A primary key, if sent in a request, CANNOT be referenced in the #attributes of a JSONAPI resource \
             object. It must instead be sent as a top level member of the resource's `data` object. Reference: \
             `/data/attributes/id`. Expected `/data/id`"
                .to_owned(),
        ),
        (
            user(json!({ "account_list_id": REY })),
            409,
            "reserved_attribute",
            "/data/attributes/account_list_id",
            "Foreign keys SHOULD NOT be referenced in the #attributes of a JSONAPI resource object. Reference: \
             /data/attributes/account_list_id"
                .to_owned(),
        ),
        (
            json!({ "data": { "type": "users", "relationships": {
                "email_addresses": { "data": [{ "id": REY, "type": "email_addresses" }, { "id": REY }] },
            } } }),
            409,
            "type_conflict",
            "/data/relationships/email_addresses/data/1",
            format!("{type_missing}/data/relationships/email_addresses/data/1/type"),
        ),
        (
            json!({ "data": { "type": "users", "attributes": {} }, "included": [{ "type": "x" }, { "id": "y" }] }),
            409,
            "type_conflict",
            "/included/1",
            format!("{type_missing}/included/1/type"),
        ),
        (
            json!({ "data": { "type": "users", "relationships": { "websites": {} } } }),
            400,
            "invalid_document",
            "/data/relationships/websites",
            "A relationship must be an object with `data`.".to_owned(),
        ),
    ] {
        let answer = app.put_document(&document).await;
        answer.assert_refused(status, &[code]);
        let error = answer.error();
        assert_eq!(error["source"]["pointer"], pointer, "{document}");
        assert_eq!(error["detail"], detail, "{document}");
        if status == 409 {
            assert_eq!(error["title"], "Conflict");
        }
    }
    assert_eq!(app.stamp().await, STAMP);
}

#[actix_web::test]
async fn the_id_may_be_left_out_or_be_the_text_undefined_or_ones_own_in_any_spelling() {
    for own in [Value::Null, json!("undefined"), json!(REY), json!(REY.to_uppercase())] {
        let app = TestApp::new();
        let mut document = user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP }));
        document["data"]["id"] = own;
        app.put_document(&document).await.assert_ok();
    }
    let app = TestApp::new();
    for (other, status, code) in [
        (json!(ACCOUNT_LIST), 409, "id_conflict"),
        (json!(""), 409, "id_conflict"),
        (json!(1), 400, "invalid_document"),
    ] {
        let mut document = user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP }));
        document["data"]["id"] = other;
        let answer = app.put_document(&document).await;
        answer.assert_refused(status, &[code]);
        assert_eq!(answer.error()["source"]["pointer"], "/data/id");
    }
}

#[actix_web::test]
async fn empty_attributes_are_a_missing_stamp_and_overwrite_alone_changes_nothing() {
    let app = TestApp::new();
    let before = app.get().await;
    app.put(json!({})).await.assert_refused(409, &["stamp_missing", "stale"]);
    let answer = app.put(json!({ "overwrite": true })).await;
    assert_eq!((answer.status, answer.text()), (200, before.text()));
}

#[actix_web::test]
async fn a_whole_document_sent_back_changes_nothing() {
    let app = TestApp::new();
    let before = app.get().await;
    let mut echo = before.json();
    assert_eq!(app.put_document(&echo).await.text(), before.text());
    // As documented: the master person without a type.
    let master = &mut echo["data"]["relationships"]["master_person"]["data"];
    master.as_object_mut().expect("an object").remove("type");
    assert_eq!(app.put_document(&echo).await.text(), before.text());
    for extra in ["jsonapi", "meta", "include", "fields"] {
        echo[extra] = json!({ "x": 1 });
    }
    echo["included"] =
        json!([{ "id": ACCOUNT_LIST, "type": "account_lists", "attributes": { "name": "x" } }]);
    let answer = app.put_document(&echo).await.json();
    assert_eq!(answer["data"], before.json()["data"]);
    let lists = json!([format!("account_lists/{ACCOUNT_LIST}")]);
    assert_eq!(
        answer["meta"]["ignored_attributes"], lists,
        "what is not the user's own is not applied, and named"
    );
}

#[actix_web::test]
async fn linkage_that_is_not_the_stored_one_is_refused_and_not_dropped() {
    let app = TestApp::new();
    let email = json!({ "id": "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f", "type": "email_addresses" });
    for (name, data) in [
        ("email_addresses", json!([])),
        ("email_addresses", json!([email, { "id": REY, "type": "email_addresses" }])),
        ("websites", json!([{ "id": REY, "type": "websites" }])),
        ("account_lists", json!([])),
        ("master_person", json!({ "id": REY, "type": "master_people" })),
        ("master_person", Value::Null),
    ] {
        let mut document = user(json!({ "first_name": "Jack", "updated_in_db_at": STAMP }));
        document["data"]["relationships"] = json!({ name: { "data": data } });
        let answer = app.put_document(&document).await;
        answer.assert_refused(403, &["replacement_refused"]);
        assert_eq!(answer.error()["source"]["pointer"], format!("/data/relationships/{name}/data"));
        // A stale base is told first, and with it all else.
        document["data"]["attributes"]["updated_in_db_at"] = json!("2021-01-01T00:00:00Z");
        app.put_document(&document).await.assert_refused(409, &["stale", "replacement_refused"]);
    }
    let mut document = user(json!({ "updated_in_db_at": STAMP }));
    document["data"]["relationships"] = json!({ "friends": { "data": [] } });
    let answer = app.put_document(&document).await;
    answer.assert_ok();
    assert_eq!(answer.json()["meta"]["ignored_attributes"], json!(["friends"]));
}

#[actix_web::test]
async fn an_identifier_of_another_type_is_not_the_stored_one() {
    let app = TestApp::new();
    for (name, data) in [
        (
            "email_addresses",
            json!([{ "id": "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f", "type": "phone_numbers" }]),
        ),
        ("master_person", json!({ "id": "df2cc53d-87d3-46e9-84b8-757921ebda71", "type": "users" })),
    ] {
        let mut document = user(json!({ "updated_in_db_at": STAMP }));
        document["data"]["relationships"] = json!({ name: { "data": data } });
        app.put_document(&document).await.assert_refused(403, &["replacement_refused"]);
    }
}

#[actix_web::test]
async fn bodies_that_are_built_to_cost_much_are_answered_as_any_other() {
    let app = TestApp::new();
    // One long name around many elements, and many members: both were the square of the body's length once.
    let name = "n".repeat(400_000);
    let long = format!(r#"{{"{name}":[{}0]}}"#, "0,".repeat(200_000));
    app.put_bytes(long).await.assert_refused(409, &["type_conflict"]);
    let members: serde_json::Map<_, _> = (0..60_000).map(|i| (format!("k{i}"), json!(i))).collect();
    let edit = json!({ "preferences": members, "updated_in_db_at": STAMP });
    app.put(edit).await.assert_refused(400, &["too_long"]);
    let members: serde_json::Map<_, _> = (0..5_000).map(|i| (format!("k{i}"), json!(i))).collect();
    let edit = json!({ "preferences": members, "updated_in_db_at": STAMP });
    app.put(edit).await.assert_ok();
}

#[actix_web::test]
async fn relationships_alone_need_a_stamp_as_well_and_the_error_points_at_data() {
    let app = TestApp::new();
    let document = json!({ "data": { "type": "users", "relationships": { "websites": { "data": [] } } } });
    let answer = app.put_document(&document).await;
    answer.assert_refused(409, &["stamp_missing", "stale"]);
    assert_eq!(answer.errors()[0]["source"]["pointer"], "/data");
}
