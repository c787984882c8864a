//! Odd rows that come nested in a PUT of the user: the same values that are refused in a row by itself, in an element of
//! linkage and in a resource that is included, and elements that name no row.

use serde_json::{Value, json};
use steward::people::kind::KINDS;

use super::{another_row, distinct, named, of_rows};
use crate::conformance::odd::{Odd, assert_all_refused};
use crate::conformance::odd_bodies::Target;
use crate::conformance::{EMAIL, FINN, NOTHING, full, get, with};

/// The document of a target with a row, whole in the linkage or by its id there and whole in `included`.
fn documents(target: &Target, row: &Value) -> [(&'static str, Value); 2] {
    let put = |document: Value, pointer: &str, value: Value| with(document, pointer, Some(value));
    let kind = row["type"].as_str().expect("a type");
    let linked = |element: &Value| json!({ kind: { "data": [element] } });
    let whole = put(target.document(), "/data/relationships", linked(row));
    let bare = linked(&json!({ "type": kind, "id": row["id"] }));
    let by_id = put(put(target.document(), "/data/relationships", bare), "/included", json!([row]));
    [("in linkage", whole), ("in included", by_id)]
}

fn rows() -> Vec<(String, Value)> {
    let mut rows = Vec::new();
    // The times of a row are its own; all else is refused as it is in a row by itself.
    for (kind, name, values) in of_rows().into_iter().filter(|row| !row.1.ends_with("_at")) {
        for value in values {
            let row =
                with(another_row(kind)["data"].clone(), &format!("/attributes/{name}"), Some(value.clone()));
            rows.push((format!("{kind} {}", named(name, &value)), with(row, "/id", Some(json!(NOTHING)))));
        }
    }
    let email = |id: Value, attributes: Value| json!({ "type": "email_addresses", "id": id, "attributes": attributes });
    for id in [json!("x"), json!(""), json!(1), json!([]), json!({}), json!(true)] {
        rows.push((named("id", &id), email(id, json!({ "email": "new@example.com" }))));
    }
    for destroy in [json!("yes"), json!(2), json!([]), json!({}), json!("")] {
        rows.push((named("_destroy", &destroy), email(json!(EMAIL), json!({ "_destroy": destroy }))));
    }
    rows.push(("deletes what is not there".to_owned(), email(json!(NOTHING), json!({ "_destroy": "1" }))));
    for attributes in
        [json!(1), json!("x"), json!([]), json!(true), json!({ "id": EMAIL }), json!({ "person_id": FINN })]
    {
        rows.push((named("attributes", &attributes), email(json!(NOTHING), attributes)));
    }
    rows
}

/// The rows that are made odd would be taken in both places, or the refusals would prove nothing.
#[actix_web::test]
async fn the_rows_that_are_made_odd_would_be_written() {
    for place in 0..2 {
        let app = full().await;
        let target = &Target::all(&app).await[0];
        for kind in &KINDS {
            let row = with(another_row(kind.name)["data"].clone(), "/id", Some(json!(NOTHING)));
            let (_, document) = &documents(target, &row)[place];
            app.put_document(document).await.assert_ok();
            get(&app, &format!("user/{}/{NOTHING}", kind.name)).await.assert_ok();
        }
    }
}

#[actix_web::test]
async fn odd_rows_nested_in_a_put_of_the_user_are_refused_and_change_nothing() {
    let app = full().await;
    let targets = Target::all(&app).await;
    let mut requests: Vec<Odd> = Vec::new();
    for (i, (name, row)) in rows().iter().enumerate() {
        for (place, document) in documents(&targets[i % 2], row) {
            requests.push(targets[i % 2].odd(&format!("{name} {place}"), document.to_string()));
        }
    }
    assert!(requests.len() > 200, "{}", requests.len());
    assert_all_refused(&app, distinct(requests)).await;
}
