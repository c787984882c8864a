//! Nested rows that are refused: all faults at once, each with a pointer, and nothing written.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::*;
use crate::support::app::ACCOUNT_LIST;

/// What nothing may change: the whole document with everything included.
async fn everything(app: &TestApp) -> Value {
    app.call(Method::GET, &format!("{USER}?include=*"), None).await.json()
}

fn pointers(answer: &Answer) -> Vec<String> {
    let pointer = |error: &Value| error["source"]["pointer"].as_str().unwrap_or_default().to_owned();
    answer.errors().iter().map(pointer).collect()
}

#[actix_web::test]
async fn faults_of_rows_and_of_the_user_are_told_at_once_and_nothing_is_written() {
    let app = TestApp::new();
    let before = everything(&app).await;
    let relationships = json!({
        "email_addresses": [email(OTHER, json!({ "email": "fine@example.com" })), bare("email_addresses", EMAIL)],
        "websites": [{ "type": "websites", "attributes": { "url": " " } }],
        "phone_numbers": [{ "type": "phone_numbers", "attributes": {} }],
    });
    let included =
        json!([bare("websites", OTHER), email(EMAIL, json!({ "email": "no address", "historic": 1 }))]);
    let attributes = json!({ "first_name": "", "updated_in_db_at": STAMP });
    let answer = app.put_document(&document(attributes, relationships, included)).await;
    answer.assert_refused(400, &["blank", "wrong_type", "invalid", "blank", "blank"]);
    assert_eq!(
        pointers(&answer),
        [
            "/data/attributes/first_name",
            "/included/1/attributes/historic",
            "/included/1/attributes/email",
            "/data/relationships/phone_numbers/data/0/attributes",
            "/data/relationships/websites/data/0/attributes/url",
        ]
    );
    assert_eq!(answer.errors()[2]["detail"], "Email is invalid");
    assert_eq!(everything(&app).await, before);
}

#[actix_web::test]
async fn a_bare_element_among_rows_must_exist() {
    let app = TestApp::new();
    let elements = json!([email(OTHER, json!({ "email": "b@example.com" })), bare("email_addresses", THIRD)]);
    let answer = put_emails(&app, elements, json!([])).await;
    answer.assert_refused(404, &["not_found"]);
    assert_eq!(pointers(&answer), ["/data/relationships/email_addresses/data/1/id"]);
    assert_eq!(answer.error()["detail"], format!("Couldn't find EmailAddress with 'id'={THIRD}"));
    assert_eq!(emails(&app).await.len(), 1);
    let gone = json!([email(THIRD, json!({ "_destroy": true }))]);
    put_emails(&app, gone, json!([])).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn the_shape_of_each_element_is_checked() {
    let app = TestApp::new();
    let before = everything(&app).await;
    let good = || email(EMAIL, json!({ "location": "Home" }));
    for (element, status, code, at) in [
        (row("phone_numbers", OTHER, json!({ "number": "1" })), 409, "type_conflict", "/1/type"),
        (email("7", json!({ "email": "b@example.com" })), 400, "invalid", "/1/id"),
        (json!({ "type": "email_addresses" }), 400, "invalid_document", "/1"),
        (email(EMAIL, json!({ "location": "Work" })), 400, "invalid_document", "/1"),
        (email(OTHER, json!({ "_destroy": "maybe" })), 400, "wrong_type", "/1/attributes/_destroy"),
        (
            json!({ "type": "email_addresses", "attributes": { "_destroy": 1 } }),
            400,
            "invalid_document",
            "/1",
        ),
        (
            json!({ "type": "email_addresses", "id": OTHER, "attributes": 1 }),
            400,
            "invalid_document",
            "/1/attributes",
        ),
        (
            email(OTHER, json!({ "email": "b@example.com", "updated_in_db_at": "" })),
            400,
            "invalid_timestamp",
            "/1/attributes/updated_in_db_at",
        ),
        (
            email(OTHER, json!({ "email": "b@example.com", "person_id": REY })),
            409,
            "reserved_attribute",
            "/1/attributes/person_id",
        ),
    ] {
        let answer = put_emails(&app, json!([good(), element]), json!([])).await;
        answer.assert_refused(status, &[code]);
        assert_eq!(
            pointers(&answer),
            [format!("/data/relationships/email_addresses/data{at}")],
            "{}",
            answer.text()
        );
    }
    let twice = json!([email(EMAIL, json!({ "location": "a" })), email(EMAIL, json!({ "location": "b" }))]);
    let answer = put_emails(&app, json!([bare("email_addresses", EMAIL)]), twice).await;
    answer.assert_refused(400, &["invalid_document"]);
    assert_eq!(pointers(&answer), ["/included/1"]);
    assert_eq!(everything(&app).await, before);
}

#[actix_web::test]
async fn an_id_once_deleted_is_not_made_again_and_an_address_is_not_taken_from_another_row() {
    let app = TestApp::new();
    second_email(&app, "b@example.com").await;
    put_emails(&app, json!([email(OTHER, json!({ "_destroy": 1 }))]), json!([])).await.assert_ok();
    let answer =
        put_emails(&app, json!([email(OTHER, json!({ "email": "b@example.com" }))]), json!([])).await;
    answer.assert_refused(409, &["deleted"]);
    assert_eq!(pointers(&answer), ["/data/relationships/email_addresses/data/0/id"]);
    let other_part = json!([email(OTHER, json!({ "location": "Home" }))]);
    put_emails(&app, other_part, json!([])).await.assert_refused(409, &["deleted"]);
    // To delete it once more is what was done.
    let stamp = app.stamp().await;
    put_emails(&app, json!([email(OTHER, json!({ "_destroy": 1 }))]), json!([])).await.assert_ok();
    assert_eq!(app.stamp().await, stamp);
    assert!(answer.error()["meta"]["deleted_at"].is_string());
    let answer =
        put_emails(&app, json!([email(THIRD, json!({ "email": "rey@example.com" }))]), json!([])).await;
    answer.assert_refused(400, &["taken"]);
    assert_eq!(emails(&app).await.len(), 1);
}

#[actix_web::test]
async fn a_relative_must_be_known_and_is_not_changed_through_the_relationship() {
    let app = TestApp::new();
    let relative = |person: Value| {
        json!([{ "type": "family_relationships", "id": OTHER, "attributes": { "relationship": "Brother" },
                 "relationships": { "related_person": { "data": person } } }])
    };
    let put = async |person: Value, included: Value| {
        let attributes = json!({ "updated_in_db_at": app.stamp().await });
        let relationships = json!({ "family_relationships": relative(person) });
        app.put_document(&document(attributes, relationships, included)).await
    };
    let at = "/data/relationships/family_relationships/data/0/relationships/related_person/data";
    let answer = put(bare("people", THIRD), json!([])).await;
    answer.assert_refused(404, &["not_found"]);
    assert_eq!(pointers(&answer), [at]);
    let renamed = json!([{ "type": "people", "id": REY, "attributes": { "first_name": "Jack" } }]);
    let answer = put(bare("people", REY), renamed).await;
    answer.assert_refused(403, &["replacement_refused"]);
    assert_eq!(pointers(&answer), ["/included/0"]);
    let same = json!([{ "type": "people", "id": REY, "attributes": { "first_name": "Rey" } }]);
    put(bare("people", REY), same).await.assert_ok();
}

#[actix_web::test]
async fn what_is_included_and_named_by_nothing_is_named_in_the_answer() {
    let app = TestApp::new();
    let mut sent = user(json!({ "employer": "Cru", "updated_in_db_at": STAMP }));
    sent["included"] =
        json!([email(EMAIL, json!({ "email": "lost@example.com" })), bare("account_lists", ACCOUNT_LIST)]);
    let answer = app.put_document(&sent).await;
    assert_eq!(answer.assert_ok()["employer"], "Cru");
    assert_eq!(answer.json()["meta"]["ignored_attributes"], json!([format!("email_addresses/{EMAIL}")]));
    let unknown = json!([email(EMAIL, json!({ "colour": "red", "source": "DataServer" }))]);
    let answer = put_emails(&app, unknown, json!([])).await;
    answer.assert_ok();
    assert_eq!(
        answer.json()["meta"]["ignored_attributes"],
        json!([format!("email_addresses/{EMAIL}.colour"), format!("email_addresses/{EMAIL}.source")])
    );
}

#[actix_web::test]
async fn no_more_rows_than_a_user_may_have_are_made() {
    let app = TestApp::new();
    let sites: Vec<Value> = (0..1001)
        .map(|i| json!({ "type": "websites", "attributes": { "url": format!("https://{i}.example.com") } }))
        .collect();
    let attributes = || json!({ "updated_in_db_at": STAMP });
    let put = async |sites: &[Value]| {
        app.put_document(&document(attributes(), json!({ "websites": sites }), json!([]))).await
    };
    put(&sites).await.assert_refused(400, &["too_long"]);
    put(&sites[..1000]).await.assert_ok();
    let one_more = document(json!({ "overwrite": true }), json!({ "websites": sites[..1] }), json!([]));
    app.put_document(&one_more).await.assert_refused(400, &["too_long"]);
}

#[actix_web::test]
async fn an_element_without_an_id_is_looked_for_among_the_rows_as_the_others_make_them() {
    let new = json!({ "type": "email_addresses", "attributes": { "email": "rey@example.com", "location": "Work" } });
    for other in
        [email(EMAIL, json!({ "_destroy": true })), email(EMAIL, json!({ "email": "c@example.com" }))]
    {
        let mut outcomes = Vec::new();
        for elements in [json!([new, other]), json!([other, new])] {
            let app = TestApp::new();
            put_emails(&app, elements, json!([])).await.assert_ok();
            let mut addresses: Vec<_> = emails(&app).await.into_iter().map(|row| row.1).collect();
            addresses.sort();
            outcomes.push(addresses);
        }
        assert_eq!(outcomes[0], outcomes[1], "whatever the order");
        assert!(outcomes[0].contains(&"rey@example.com".to_owned()), "{outcomes:?}");
    }
}

#[actix_web::test]
async fn two_elements_that_come_to_one_row_must_say_the_same() {
    let app = TestApp::new();
    let before = everything(&app).await;
    let named = email(EMAIL, json!({ "location": "Home" }));
    let unnamed = |location: &str| json!({ "type": "email_addresses", "attributes": { "email": "rey@example.com", "location": location } });
    let answer = put_emails(&app, json!([named, unnamed("Work")]), json!([])).await;
    answer.assert_refused(400, &["invalid_document"]);
    assert_eq!(pointers(&answer), ["/data/relationships/email_addresses/data/1"]);
    // What is included once is one row.
    let linked = json!([{ "type": "websites", "lid": "a" }, { "type": "websites", "lid": "a" }]);
    let included = json!([{ "type": "websites", "lid": "a", "attributes": { "url": "x" } }]);
    let sent = document(json!({ "updated_in_db_at": STAMP }), json!({ "websites": linked }), included);
    app.put_document(&sent).await.assert_refused(400, &["invalid_document"]);
    assert_eq!(everything(&app).await, before);
    let answer = put_emails(&app, json!([named, unnamed("Home")]), json!([])).await;
    answer.assert_ok();
}

#[actix_web::test]
async fn included_resources_need_a_name() {
    let app = TestApp::new();
    for id in [json!(null), json!(7)] {
        let mut sent = user(json!({ "employer": "Cru", "updated_in_db_at": STAMP }));
        sent["included"] =
            json!([{ "type": "email_addresses", "id": id, "attributes": { "email": "b@example.com" } }]);
        let answer = app.put_document(&sent).await;
        answer.assert_refused(400, &["invalid_document"]);
        assert_eq!(pointers(&answer), ["/included/0"]);
    }
}

#[actix_web::test]
async fn a_row_that_is_deleted_and_one_that_is_made_fit_within_the_limit_in_any_order() {
    let app = TestApp::new();
    let sites: Vec<Value> = (0..999)
        .map(|i| json!({ "type": "websites", "attributes": { "url": format!("https://{i}.example.com") } }))
        .chain([row("websites", OTHER, json!({ "url": "old" }))])
        .collect();
    let put = async |sites: Value| {
        app.put_document(&document(json!({ "overwrite": true }), json!({ "websites": sites }), json!([])))
            .await
    };
    put(json!(sites)).await.assert_ok();
    let new = json!({ "type": "websites", "attributes": { "url": "new" } });
    put(json!([new, row("websites", OTHER, json!({ "_destroy": true }))])).await.assert_ok();
}
