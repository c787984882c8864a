//! Absent, null and value through the real router: a PUT changes what it names and nothing else.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use super::cases;
use crate::support::TestApp;
use crate::support::app::STAMP;

/// Attributes whose values stand alone.
const TEXTS: [&str; 6] = ["alma_mater", "employer", "gender", "last_name", "middle_name", "occupation"];
const NUMBERS: [&str; 4] = ["anniversary_day", "anniversary_month", "birthday_day", "birthday_month"];

fn attributes() -> impl Strategy<Value = Map<String, Value>> {
    let text = prop_oneof![1 => Just(Value::Null), 3 => "[^\\p{C}]{0,20}".prop_map(Value::from)];
    let number = prop_oneof![1 => Just(Value::Null), 3 => (1..13_i32).prop_map(Value::from)];
    let texts = prop::collection::vec((prop::sample::select(&TEXTS[..]), text), 0..5);
    let numbers = prop::collection::vec((prop::sample::select(&NUMBERS[..]), number), 0..4);
    (texts, numbers).prop_map(|(texts, numbers)| {
        texts.into_iter().chain(numbers).map(|(name, value)| (name.to_owned(), value)).collect()
    })
}

async fn check(first: &Map<String, Value>, second: &Map<String, Value>) {
    let app = TestApp::new();
    let mut expected = app.attributes().await;
    let mut stamp = STAMP.to_owned();
    for edit in [first, second] {
        let mut sent = edit.clone();
        sent.insert("updated_in_db_at".to_owned(), json!(stamp));
        let shown = app.put(Value::Object(sent)).await.assert_ok();
        for (name, value) in edit {
            expected[name] = value.clone();
        }
        stamp = shown["updated_in_db_at"].as_str().expect("a stamp").to_owned();
        for name in TEXTS.iter().chain(&NUMBERS) {
            assert_eq!(shown[name], expected[*name], "{name} of {edit:?}");
        }
        assert_eq!(shown["first_name"], "Rey");
        assert_eq!(app.second_node().attributes().await, shown, "what was answered is what is stored");
    }
}

#[test]
fn absent_keeps_null_clears_value_sets_for_any_attributes() {
    let mut runner = TestRunner::new(cases(40));
    let outcome = runner.run(&(attributes(), attributes()), |(first, second)| {
        actix_web::rt::System::new().block_on(check(&first, &second));
        Ok(())
    });
    if let Err(e) = outcome {
        panic!("{e}");
    }
}
