//! JSON as it was sent, and pointers into it.

use proptest::prelude::*;
use serde_json::Value;
use steward::jsonapi::json::Members;
use steward::jsonapi::{Json, Pointer};

use super::cases;

/// Names with everything that a pointer must escape, and that JSON must.
fn names() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z~/\"\\\\ é0-9]{0,6}", "\\PC{0,4}"]
}

fn documents() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(|n| Json::Number(n.to_string())),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?".prop_map(Json::Number),
        "\\PC{0,8}".prop_map(Json::String),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            prop::collection::vec((names(), inner), 0..6).prop_map(|members| {
                let mut unique = Members::new();
                for (name, value) in members {
                    if unique.iter().all(|(n, _)| *n != name) {
                        unique.push((name, value));
                    }
                }
                Json::Object(unique)
            }),
        ]
    })
}

/// Every value in a document with the pointer that Steward makes for it.
fn walk(json: &Json, at: &Pointer, found: &mut Vec<(Pointer, Json)>) {
    found.push((at.clone(), json.clone()));
    match json {
        Json::Array(elements) => {
            for (i, element) in elements.iter().enumerate() {
                walk(element, &at.element(i), found);
            }
        }
        Json::Object(members) => {
            for (name, value) in members {
                walk(value, &at.member(name), found);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_is_written_is_read_back_with_its_order_and_its_numbers(json in documents()) {
        let text = json.to_text();
        let read = Json::parse(text.as_bytes()).expect("JSON");
        prop_assert_eq!(&read, &json);
        prop_assert_eq!(read.to_text(), text);
    }

    #[test]
    fn another_reader_reads_the_same(json in documents()) {
        let text = json.to_text();
        let theirs: Value = serde_json::from_str(&text).expect("JSON");
        // Blanks between the tokens, which ours leaves out.
        let pretty = serde_json::to_string_pretty(&theirs).expect("JSON");
        let ours = Json::parse(pretty.as_bytes()).expect("JSON").to_text();
        let (again, pretty): (Value, Value) =
            (serde_json::from_str(&ours).expect("JSON"), serde_json::from_str(&pretty).expect("JSON"));
        prop_assert_eq!(again, pretty);
    }

    #[test]
    fn a_text_is_read_the_same_in_one_pass_and_level_by_level(json in documents()) {
        // A number that is not whole has all that stands beside it read level by level.
        let (alone, beside) = (json.to_text(), format!("[0.5,{}]", json.to_text()));
        let beside = Json::parse(beside.as_bytes()).expect("JSON");
        let alone = Json::parse(alone.as_bytes()).expect("JSON");
        prop_assert_eq!(beside.to_text(), format!("[0.5,{}]", alone.to_text()));
    }

    #[test]
    fn a_pointer_names_its_value_for_any_reader(json in documents()) {
        let document: Value = serde_json::from_str(&json.to_text()).expect("JSON");
        let mut found = Vec::new();
        walk(&json, &Pointer::root(), &mut found);
        for (pointer, value) in found {
            let resolved = document.pointer(pointer.as_str());
            let expected: Value = serde_json::from_str(&value.to_text()).expect("JSON");
            prop_assert_eq!(resolved, Some(&expected), "{}", pointer);
        }
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = Json::parse(&bytes);
    }

    #[test]
    fn almost_json_is_never_a_panic(text in "[\\[\\]{}\":,0-9a-z\\\\ ue.+-]{0,64}") {
        let ours = Json::parse(text.as_bytes());
        // Whatever this reader takes, the other one takes as well.
        if ours.is_ok() {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
        }
    }

    #[test]
    fn the_order_of_members_does_not_make_a_difference(json in documents()) {
        let reversed = reversed(&json);
        prop_assert_eq!(&reversed, &json);
    }
}

fn reversed(json: &Json) -> Json {
    match json {
        Json::Array(elements) => Json::Array(elements.iter().map(reversed).collect()),
        Json::Object(members) => {
            Json::Object(members.iter().rev().map(|(name, value)| (name.clone(), reversed(value))).collect())
        }
        other => other.clone(),
    }
}

#[test]
fn comparing_deep_objects_in_another_order_is_quick() {
    // Comparing each level twice would take 2 to the 60th steps.
    let deep = |first: &str, second: &str| {
        (0..60).fold(Json::Null, |inner, _| {
            Json::Object(vec![(first.to_owned(), inner), (second.to_owned(), Json::Null)])
        })
    };
    let reversed = reversed(&deep("a", "b"));
    assert_eq!(deep("a", "b"), reversed);
    assert_ne!(deep("a", "b"), deep("a", "c"));
}
