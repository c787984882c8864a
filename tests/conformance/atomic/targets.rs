//! What operations are about: resources, relationships, and what earlier ones make (K134-K138).

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{EMAIL, NOBODY, SITE, operate, refused, results, site};
use crate::support::TestApp;
use crate::support::app::{REY, STAMP, USER};

#[actix_web::test]
async fn k134_adding_a_resource_answers_with_it() {
    let app = TestApp::new();
    let made = results(
        &app,
        json!([
            { "op": "add", "data": { "type": "websites", "attributes": { "url": "https://a.example" } } },
            { "op": "add", "href": "/api/v2/user/websites", "data": site("https://b.example") },
        ]),
    )
    .await;
    for result in made.as_array().expect("results") {
        let path = format!("{USER}/websites/{}", result["data"]["id"].as_str().expect("an id"));
        let stored = app.send(TestRequest::get().uri(&path)).await;
        assert_eq!(stored.json()["data"], result["data"]);
    }
    assert_eq!(made[1]["data"]["id"], SITE);
}

#[actix_web::test]
async fn k135_updating_a_resource_answers_with_it_however_it_is_named() {
    let app = TestApp::new();
    operate(&app, json!([{ "op": "add", "data": site("https://a.example") }])).await;
    let data = site("https://b.example");
    let mut unnamed = data.clone();
    unnamed.as_object_mut().expect("an object").remove("id");
    let updates = [
        json!({ "op": "update", "data": data }),
        json!({ "op": "update", "ref": { "type": "websites", "id": SITE }, "data": data }),
        json!({ "op": "update", "ref": { "type": "websites", "id": SITE }, "data": unnamed }),
        json!({ "op": "update", "href": format!("{USER}/websites/{SITE}"), "data": data }),
    ];
    for update in updates {
        let results = results(&app, json!([update])).await;
        assert_eq!(results[0]["data"]["attributes"]["url"], "https://b.example", "{update}");
    }
    let name = json!({ "type": "users", "attributes": { "first_name": "Jack", "overwrite": true } });
    let updates = [
        json!({ "op": "update", "data": name }),
        json!({ "op": "update", "ref": { "type": "users", "id": REY }, "data": name }),
        json!({ "op": "update", "href": USER, "data": name }),
        json!({ "op": "update", "href": format!("{USER}/"), "data": name }),
        json!({ "op": "update", "href": format!("/api/v2/users/{REY}"), "data": name }),
        json!({ "op": "update", "href": "/api/v2/user/me", "data": name }),
    ];
    for update in updates {
        assert_eq!(
            results(&app, json!([update])).await[0]["data"],
            app.get().await.json()["data"],
            "{update}"
        );
    }
    let mut other = data.clone();
    other["id"] = json!(NOBODY);
    let update = json!({ "op": "update", "ref": { "type": "websites", "id": SITE }, "data": other });
    refused(&app, update, 409, "id_conflict", "/data/id").await;
    let update = json!({ "op": "update", "ref": { "type": "websites", "id": SITE }, "data": name });
    refused(&app, update, 409, "type_conflict", "/data/type").await;
    unnamed["id"] = Value::Null;
    refused(&app, json!({ "op": "update", "data": unnamed }), 400, "invalid_document", "/data").await;
}

#[actix_web::test]
async fn k136_removing_a_resource_has_a_result_without_data() {
    let app = TestApp::new();
    let by_path = json!({ "op": "remove", "href": format!("{USER}/email_addresses/{EMAIL}") });
    assert_eq!(results(&app, json!([by_path])).await, json!([{}]));
    let row = TestRequest::get().uri(&format!("{USER}/email_addresses/{EMAIL}"));
    app.send(row).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn k137_relationship_operations_are_answered_as_at_their_endpoints() {
    let app = TestApp::new();
    let stored = json!([{ "type": "email_addresses", "id": EMAIL }]);
    let other = json!([{ "type": "email_addresses", "id": NOBODY }]);
    let by_reference = |op: &str, data: &Value| {
        let reference = json!({ "type": "users", "id": REY, "relationship": "email_addresses" });
        json!({ "op": op, "ref": reference, "data": data })
    };
    let by_path = |op: &str, data: &Value| json!({ "op": op, "href": format!("{USER}/relationships/email_addresses"), "data": data });
    for (op, data) in [("add", &stored), ("update", &stored), ("remove", &other), ("remove", &json!([]))] {
        for operation in [by_reference(op, data), by_path(op, data)] {
            assert_eq!(results(&app, json!([operation])).await, json!([{}]));
        }
    }
    for (op, data) in [("add", &other), ("update", &json!([])), ("update", &other), ("remove", &stored)] {
        for operation in [by_reference(op, data), by_path(op, data)] {
            refused(&app, operation, 403, "replacement_refused", "/data").await;
        }
    }
    let master = |op: &str, data: Value| {
        let reference = json!({ "type": "users", "id": REY, "relationship": "master_person" });
        json!({ "op": op, "ref": reference, "data": data })
    };
    let own = json!({ "type": "master_people", "id": "df2cc53d-87d3-46e9-84b8-757921ebda71" });
    assert_eq!(results(&app, json!([master("update", own.clone())])).await, json!([{}]));
    refused(&app, master("update", Value::Null), 403, "replacement_refused", "/data").await;
    refused(&app, master("add", own), 400, "invalid_document", "/data").await;
    refused(&app, by_reference("add", &json!(7)), 400, "invalid_document", "/data").await;
    let nameless =
        json!({ "op": "add", "ref": { "type": "users", "id": REY, "relationship": "friends" }, "data": [] });
    refused(&app, nameless, 404, "route_not_found", "/ref/relationship").await;
    let of_row = json!({ "op": "update", "data": null,
        "ref": { "type": "family_relationships", "id": NOBODY, "relationship": "related_person" } });
    refused(&app, of_row, 404, "route_not_found", "/ref/relationship").await;
    // Sequence counts here too: what an earlier operation removed is no longer stored.
    let operations = json!([
        { "op": "remove", "ref": { "type": "email_addresses", "id": EMAIL } },
        by_reference("update", &json!([])),
    ]);
    assert_eq!(results(&app, operations).await, json!([{}, {}]));
}

#[actix_web::test]
async fn k138_a_lid_names_what_an_earlier_operation_makes() {
    let app = TestApp::new();
    let add = json!({ "op": "add", "data": {
        "type": "email_addresses", "lid": "new", "attributes": { "email": "new@example.com" } } });
    let made = results(
        &app,
        json!([
            add,
            { "op": "update", "data": {
                "type": "email_addresses", "lid": "new", "attributes": { "location": "Home" } } },
            { "op": "update", "ref": { "type": "email_addresses", "lid": "new" },
              "data": { "type": "email_addresses", "lid": "new", "attributes": { "historic": true } } },
            { "op": "add", "ref": { "type": "users", "id": REY, "relationship": "email_addresses" },
              "data": [{ "type": "email_addresses", "lid": "new" }] },
            { "op": "update", "data": { "type": "users", "attributes": { "overwrite": true }, "relationships": {
                "email_addresses": { "data": [
                    { "type": "email_addresses", "id": EMAIL },
                    { "type": "email_addresses", "lid": "new", "attributes": { "email": "newer@example.com" } },
                ] } } } },
        ]),
    )
    .await;
    let attributes = &made[0]["data"]["attributes"];
    assert_eq!(
        (&attributes["email"], &attributes["location"], &attributes["historic"]),
        (&json!("newer@example.com"), &json!("Home"), &json!(true))
    );
    let linked = &made[4]["data"]["relationships"]["email_addresses"]["data"];
    assert_eq!(linked.as_array().map(Vec::len), Some(2), "{linked}");
    let gone = results(&app, json!([
        { "op": "add", "data": { "type": "websites", "lid": "x", "attributes": { "url": "https://a.example" } } },
        { "op": "remove", "ref": { "type": "websites", "lid": "x" } },
    ])).await;
    assert_eq!(gone[1], json!({}));
    // What a client keeps is his own, whatever it looks like.
    let kept = json!([{ "type": "websites", "lid": "y" }]);
    results(&app, json!([
        { "op": "add", "data": { "type": "websites", "lid": "y", "attributes": { "url": "https://a.example" } } },
        { "op": "update", "data": { "type": "users", "attributes": { "preferences": { "my": kept }, "overwrite": true } } },
        { "op": "update", "data": { "type": "websites", "id": null, "lid": "y", "attributes": { "primary": true } } },
    ])).await;
    assert_eq!(app.attributes().await["preferences"]["my"], kept);
    // Names are each type's own, and must have been given before.
    let unknown = json!({ "op": "remove", "ref": { "type": "websites", "lid": "x" } });
    refused(&app, unknown, 404, "not_found", "/ref/lid").await;
    let unknown = json!({ "op": "update", "data": { "type": "websites", "lid": "x", "attributes": {} } });
    refused(&app, unknown, 400, "invalid_document", "/data").await;
    let mut again = add.clone();
    again["data"]["attributes"]["email"] = json!("again@example.com");
    operate(&app, json!([again, again])).await.assert_refused(400, &["invalid_document"]);
    let stamp = app.stamp().await;
    assert_ne!(stamp, STAMP);
}
