//! The schema against which every answer of the tests is held (`tests/support/jsonapi-1.1.schema.json`) takes what
//! JSON:API 1.1 allows, and can refuse.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::with;
use crate::support::schema::faults;

/// A document with every kind of part that a server may send.
fn whole() -> Value {
    json!({
        "data": {
            "id": "1", "type": "users",
            "attributes": { "first_name": "Rey", "preferences": { "a.b": [{ "id": 1 }] }, "Émile Zola-2_x": null },
            "relationships": {
                "websites": { "data": [{ "id": "2", "type": "websites", "meta": { "since": 1 } }] },
                "boss": { "data": null, "links": { "self": "/users/1/relationships/boss", "related": "/users/1/boss" } },
                "friends": { "links": { "related": { "href": "/users/1/friends", "hreflang": ["en", "de-CH"] } } },
                "notes": { "meta": {} },
                "master_person": { "data": {
                    "id": "3", "type": "master_people",
                    "created_at": "2022-01-13T06:18:09+13:00", "updated_at": "2022-01-12T17:18:09+00:00",
                } },
            },
            "links": { "self": "/users/1" },
            "meta": { "x": 1 },
        },
        "included": [{ "id": "2", "type": "websites" }],
        "links": { "self": "/users/1?include=websites", "next": null, "describedby": { "href": "https://example.com/a" } },
        "meta": {},
        "jsonapi": { "version": "1.1", "ext": ["https://example.com/ext"], "profile": [], "meta": {} },
    })
}

fn refused() -> Value {
    json!({ "errors": [{
        "id": "a.0", "links": { "type": "/docs/errors#stale" }, "status": "409", "code": "stale", "title": "Conflict",
        "detail": "It is stale.", "source": { "pointer": "/data/attributes/a~1b" }, "meta": { "x": 1 },
    }] })
}

/// The whole document with another value at `pointer`.
fn wrong(pointer: &str, value: Value) -> Value {
    with(whole(), pointer, Some(value))
}

#[test]
fn what_the_specification_allows_is_taken() {
    let identifier = json!({ "id": "1", "type": "users" });
    for document in [
        whole(),
        refused(),
        json!({ "data": null }),
        json!({ "data": [] }),
        json!({ "data": identifier }),
        json!({ "data": [identifier] }),
        json!({ "meta": {} }),
        json!({ "errors": [{ "status": "500" }], "meta": {}, "links": {}, "jsonapi": {} }),
        with(refused(), "/errors/0/source", Some(json!({ "parameter": "" }))),
        with(refused(), "/errors/0/source", Some(json!({ "pointer": "" }))),
    ] {
        assert_eq!(faults(&document), Vec::<String>::new(), "{document}");
    }
}

fn malformed_at_the_top() -> Vec<Value> {
    let mut documents = vec![
        json!([]),
        json!(null),
        json!("users"),
        json!({}),
        json!({ "links": {} }),
        json!({ "jsonapi": { "version": "1.1" } }),
        json!({ "data": null, "errors": [{ "status": "400" }] }),
        json!({ "errors": [{ "status": "400" }], "included": [] }),
        json!({ "meta": {}, "included": [] }),
        json!({ "errors": [] }),
        json!({ "errors": {} }),
        json!({ "errors": [{}] }),
        json!({ "errors": ["stale"] }),
        json!({ "data": 1 }),
        json!({ "data": [null] }),
        json!({ "data": [[]] }),
        json!({ "data": [{ "id": "1", "type": "a" }, { "id": "1", "type": "a" }] }),
    ];
    for value in [json!(null), json!(1), json!([]), json!("x")] {
        let pointers = [
            "/data/attributes",
            "/data/relationships",
            "/data/links",
            "/data/meta",
            "/links",
            "/meta",
            "/jsonapi",
        ];
        documents.extend(pointers.map(|pointer| wrong(pointer, value.clone())));
    }
    documents.extend([
        wrong("/included", json!({})),
        wrong("/included", json!([null])),
        wrong("/included", json!([{ "id": "2", "type": "a" }, { "id": "2", "type": "a" }])),
        wrong("/jsonapi/version", json!(1.1)),
        wrong("/jsonapi/ext", json!(["atomic"])),
        wrong("/jsonapi/robots", json!(1)),
    ]);
    documents
}

/// Resources and identifiers without their names, with wrong ones, and with members that nothing may have.
fn malformed_names() -> Vec<Value> {
    let mut documents = Vec::new();
    for pointer in ["/data/id", "/data/type", "/included/0/id", "/included/0/type"] {
        documents.push(with(whole(), pointer, None));
        documents.extend([json!(null), json!(1), json!(""), json!(["1"])].map(|value| wrong(pointer, value)));
    }
    let link = "/data/relationships/websites/data/0";
    for member in ["id", "type"] {
        documents.push(with(whole(), &format!("{link}/{member}"), None));
        documents.push(wrong(&format!("{link}/{member}"), json!(2)));
    }
    // A member that the specification does not have, in each place.
    let places = ["", "/data", "/data/links", "/data/relationships/websites", link, "/included/0", "/links"];
    for place in places {
        documents.extend(
            ["robots", "created_at", "lid"].map(|name| wrong(&format!("{place}/{name}"), json!("x"))),
        );
    }
    documents
        .extend(["", "_a", "a-", "a.b", "a/b", "@a", "a:b"].map(|name| wrong("/data/type", json!(name))));
    for name in ["id", "type", "", "_a", "a.b", "@a", " a", "a+b"] {
        documents.push(wrong(&format!("/data/attributes/{name}"), json!(1)));
        documents.push(wrong(&format!("/data/relationships/{name}"), json!({ "data": null })));
    }
    documents
}

fn malformed_relationships() -> Vec<Value> {
    let relationships = [
        json!({}),
        json!(null),
        json!([]),
        json!({ "data": 1 }),
        json!({ "data": [null] }),
        json!({ "data": { "id": "1", "type": "users", "attributes": {} } }),
        json!({ "data": { "id": "1", "type": "master_people", "created_at": "2022-01-13T06:18:09+13:00" } }),
        json!({ "data": [{ "id": "1", "type": "a" }, { "id": "1", "type": "a" }] }),
        json!({ "links": {} }),
        json!({ "links": { "next": "/x" } }),
        json!({ "links": { "self": 1 } }),
        json!({ "meta": [] }),
    ];
    let mut documents = relationships.map(|value| wrong("/data/relationships/websites", value)).to_vec();
    let master = "/data/relationships/master_person/data";
    for member in ["id", "type", "created_at", "updated_at"] {
        documents.push(with(whole(), &format!("{master}/{member}"), None));
    }
    documents.extend([
        wrong(&format!("{master}/type"), json!("people")),
        wrong(&format!("{master}/created_at"), json!("2022-01-13 06:18:09")),
        wrong(&format!("{master}/updated_at"), json!("2022-01-13T06:18:09.000+13:00")),
        wrong(&format!("{master}/deleted_at"), json!("2022-01-13T06:18:09+13:00")),
        wrong(master, json!(null)),
        wrong(master, json!([])),
    ]);
    documents
}

fn malformed_links() -> Vec<Value> {
    let links = [
        json!(1),
        json!(""),
        json!("/a b"),
        json!("/a[b]"),
        json!([]),
        json!({}),
        json!({ "href": 1 }),
        json!({ "href": "/a", "hreflang": "a b" }),
        json!({ "href": "/a", "rel": 1 }),
        json!({ "href": "/a", "meta": 1 }),
        json!({ "href": "/a", "target": "_blank" }),
    ];
    let places = ["/links/self", "/data/links/self"];
    links.iter().flat_map(|link| places.map(|place| wrong(place, link.clone()))).collect()
}

fn malformed_errors() -> Vec<Value> {
    let mut documents = Vec::new();
    let error = |member: &str, value: Value| with(refused(), &format!("/errors/0/{member}"), Some(value));
    for member in ["id", "links", "status", "code", "title", "detail", "source", "meta"] {
        documents.extend([json!(null), json!(409), json!("")].map(|value| error(member, value)));
    }
    documents.extend([
        error("status", json!("conflict")),
        error("status", json!("200")),
        error("status", json!("4090")),
        error("source", json!({})),
        error("source", json!({ "pointer": "data" })),
        error("source", json!({ "pointer": "/a~2" })),
        error("source", json!({ "pointer": "/a", "parameter": "a" })),
        error("source", json!({ "parameter": null })),
        error("source", json!({ "cookie": "a" })),
        error("links", json!({})),
        error("links", json!({ "self": "/a" })),
        error("links", json!({ "type": "a b" })),
        error("meta", json!([])),
        error("robots", json!(1)),
    ]);
    documents
}

#[test]
fn every_malformed_document_is_refused() {
    let documents = [
        malformed_at_the_top(),
        malformed_names(),
        malformed_relationships(),
        malformed_links(),
        malformed_errors(),
    ]
    .concat();
    let unique: BTreeSet<String> = documents.iter().map(Value::to_string).collect();
    assert!(unique.len() > 150, "{}", unique.len());
    for document in documents {
        assert!(!faults(&document).is_empty(), "{document}");
    }
}
