//! JSON that is no document of the endpoint: wrong shapes in every place.

use serde_json::{Value, json};

use super::Target;
use crate::conformance::{EMAIL, NOTHING, RELATIONSHIPS, with};

/// A value of each JSON type.
fn of_each_type() -> [Value; 8] {
    [json!(null), json!(true), json!(0), json!(-1.5), json!(""), json!("x"), json!([]), json!({})]
}

/// What is no object.
fn no_objects() -> impl Iterator<Item = Value> {
    of_each_type().into_iter().filter(|value| !value.is_object())
}

/// Documents with a wrong shape, made from the one that the target would take.
#[expect(clippy::too_many_lines, reason = "a table of cases")]
pub(super) fn documents(target: &Target) -> Vec<(String, Value)> {
    let whole = target.document();
    let kind = whole["data"]["type"].clone();
    let mut documents: Vec<(String, Value)> = Vec::new();
    let mut add = |name: String, document: Value| documents.push((name, document));
    let with = |pointer: &str, value: Value| with(whole.clone(), pointer, Some(value));
    let without = |pointer: &str| super::super::with(whole.clone(), pointer, None);

    for value in of_each_type() {
        add(format!("the document is {value}"), value);
    }
    for value in
        [json!([whole]), json!([[whole]]), json!({ "Data": whole["data"] }), json!({ "data": whole })]
    {
        add(format!("the document is {value}"), value);
    }
    for value in of_each_type().into_iter().chain([json!([whole["data"]]), json!([null]), json!("users")]) {
        add(format!("data is {value}"), with("/data", value));
    }
    add("no type".to_owned(), without("/data/type"));
    let types = [
        "v2s",
        "Users",
        "user",
        "websites ",
        " users",
        "users\n",
        "person",
        "email_addresses",
        "usérs",
        "users/1",
        "*",
    ];
    for value in of_each_type()
        .into_iter()
        .chain(types.map(Value::from))
        .chain([json!([kind]), json!({ "type": kind })])
    {
        add(format!("type is {value}"), with("/data/type", value));
    }
    let ids =
        ["x", "", "0", "me", "../1", "Undefined", "null", EMAIL, "55ae2416-6a72-4812-b85e-46cd15fcebd", "%"];
    let wrong = [json!(true), json!(0), json!(1.5), json!([]), json!({}), json!([EMAIL])];
    for value in wrong.into_iter().chain(ids.map(Value::from)) {
        // A new row may have any UUID that is free.
        if target.document()["data"]["type"] != "websites" || value != EMAIL {
            add(format!("id is {value}"), with("/data/id", value));
        }
    }
    for value in no_objects().chain([json!([{ "first_name": "Jack" }])]) {
        add(format!("attributes are {value}"), with("/data/attributes", value));
    }
    for name in ["id", "account_list_id", "person_id", "_id", "x_id", "user_id", "master_person_id"] {
        add(format!("the attribute {name}"), with(&format!("/data/attributes/{name}"), json!(EMAIL)));
    }
    for value in no_objects() {
        add(format!("relationships are {value}"), with("/data/relationships", value));
    }
    for value in
        no_objects().chain([json!({}), json!({ "links": {} }), json!({ "meta": {} }), json!({ "Data": [] })])
    {
        for name in ["websites", "robots"] {
            add(
                format!("the relationship {name} is {value}"),
                with("/data/relationships", json!({ name: value })),
            );
        }
    }
    for value in
        [json!(true), json!(0), json!("x"), json!([0]), json!([null]), json!(["x"]), json!([[]]), json!([{}])]
    {
        for name in ["websites", "robots"] {
            let relationship = json!({ name: { "data": value } });
            add(format!("the linkage of {name} is {value}"), with("/data/relationships", relationship));
        }
    }
    for element in [
        json!({ "id": "1" }),
        json!({ "type": "", "id": "1" }),
        json!({ "type": 1, "id": "1" }),
        json!({ "type": null }),
    ] {
        let relationship = json!({ "websites": { "data": [element] } });
        add(format!("the linkage holds {element}"), with("/data/relationships", relationship));
        let nested = json!({ "data": [{ "type": "x", "relationships": { "y": { "data": element } } }] });
        add(
            format!("nested linkage holds {element}"),
            with("/data/relationships", json!({ "websites": nested })),
        );
    }
    for value in
        [json!(true), json!(0), json!("x"), json!({}), json!([0]), json!([null]), json!([[]]), json!([{}])]
    {
        add(format!("included is {value}"), with("/included", value));
    }
    for resource in [
        json!({ "id": "1" }),
        json!({ "type": null }),
        json!({ "type": 1 }),
        json!({ "type": "" }),
        json!({ "type": "websites", "attributes": { "id": "1" } }),
        json!({ "type": "websites", "attributes": { "person_id": "1" } }),
        json!({ "type": "websites", "relationships": { "x": {} } }),
        json!({ "type": "websites", "relationships": { "x": { "data": [{}] } } }),
    ] {
        add(format!("included holds {resource}"), with("/included", json!([resource])));
    }
    for value in [json!(true), json!(1), json!([]), json!({}), json!(""), json!("Merge"), json!("overwrite")]
    {
        add(format!("on_conflict is {value}"), with("/data/meta", json!({ "on_conflict": value })));
    }
    if kind == "users" {
        relationships_of_the_user(&whole, &mut documents);
    }
    documents
}

/// Bare linkage that is not what is stored, of every relationship of the user.
fn relationships_of_the_user(whole: &Value, documents: &mut Vec<(String, Value)>) {
    for name in RELATIONSHIPS {
        let identifier = |kind: &str, id: Value| json!({ "type": kind, "id": id });
        let kind = if name == "master_person" { "master_people" } else { name };
        for data in [
            json!([identifier(kind, json!(NOTHING))]),
            json!(identifier(kind, json!(NOTHING))),
            json!([identifier(kind, json!(NOTHING)), identifier(kind, json!(NOTHING))]),
            json!([identifier("robots", json!(EMAIL))]),
            json!([]),
            json!(null),
        ] {
            let relationship = json!({ name: { "data": data } });
            let document = with(whole.clone(), "/data/relationships", Some(relationship));
            documents.push((format!("{name} would be {data}"), document));
        }
    }
}

/// Documents that are no linkage of the user's websites, or other linkage than what is stored.
pub(super) fn linkages() -> Vec<(String, Value)> {
    let mut documents: Vec<_> =
        of_each_type().into_iter().chain([json!([{ "type": "websites", "id": NOTHING }])]).collect();
    let data = of_each_type().into_iter().filter(|value| *value != json!([]));
    documents.extend(data.map(|data| json!({ "data": data })));
    for element in no_objects() {
        documents.push(json!({ "data": [element] }));
    }
    documents.into_iter().map(|document| (document.to_string(), document)).collect()
}
