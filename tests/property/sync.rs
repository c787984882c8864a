//! Any history of writes, pulled at any points, is what the full documents show.

use actix_web::http::Method;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::cases;
use crate::model::replica::{Replica, whole};
use crate::support::TestApp;
use crate::support::app::{USER, user};

const KINDS: [(&str, &str); 3] =
    [("websites", "url"), ("twitter_accounts", "screen_name"), ("email_addresses", "email")];

/// A write, or a pull.
#[derive(Clone, Debug)]
enum Step {
    Attribute(u8),
    Preference(u8),
    /// Make the row of this kind and number, change it, or delete it.
    Make(usize, u8),
    Change(usize, u8, u8),
    Delete(usize, u8),
    /// A PUT of the user that makes or changes one row and deletes another.
    Nested(usize, u8, u8),
    Clock(i64),
    Pull,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (0..4_u8).prop_map(Step::Attribute),
        1 => (0..4_u8).prop_map(Step::Preference),
        4 => (0..3_usize, 0..4_u8).prop_map(|(kind, row)| Step::Make(kind, row)),
        2 => (0..3_usize, 0..4_u8, 0..4_u8).prop_map(|(kind, row, value)| Step::Change(kind, row, value)),
        3 => (0..3_usize, 0..4_u8).prop_map(|(kind, row)| Step::Delete(kind, row)),
        2 => (0..3_usize, 0..4_u8, 0..4_u8).prop_map(|(kind, row, other)| Step::Nested(kind, row, other)),
        1 => (-600..600_i64).prop_map(Step::Clock),
        3 => Just(Step::Pull),
    ];
    prop::collection::vec(step, 1..40)
}

fn row_id(kind: usize, row: u8) -> String {
    format!("00000000-000{kind}-4000-8000-0000000000{row:02}")
}

fn resource(kind: usize, row: u8, value: &str) -> Value {
    let (name, attribute) = KINDS[kind];
    let value = format!("{value}{row}@example.com");
    json!({ "type": name, "id": row_id(kind, row), "attributes": { attribute: value } })
}

async fn write(app: &TestApp, step: &Step) {
    let put = async |attributes: Value| app.put(attributes).await.assert_ok();
    match *step {
        Step::Attribute(value) => {
            _ = put(json!({ "employer": format!("e{value}"), "overwrite": true })).await;
        }
        Step::Preference(value) => {
            _ = put(json!({ "preferences": { "a/b": value }, "overwrite": true })).await;
        }
        Step::Make(kind, row) => {
            let document = json!({ "data": resource(kind, row, "v") });
            let path = format!("{USER}/{}", KINDS[kind].0);
            // There already, or deleted for ever: 409, and nothing happens.
            app.call(Method::POST, &path, Some(&document)).await;
        }
        Step::Change(kind, row, value) => {
            let mut document = json!({ "data": resource(kind, row, &format!("w{value}")) });
            document["data"]["attributes"]["overwrite"] = json!(true);
            let path = format!("{USER}/{}/{}", KINDS[kind].0, row_id(kind, row));
            app.call(Method::PUT, &path, Some(&document)).await;
        }
        Step::Delete(kind, row) => {
            let path = format!("{USER}/{}/{}", KINDS[kind].0, row_id(kind, row));
            app.call(Method::DELETE, &path, None).await;
        }
        Step::Nested(kind, row, other) => {
            let mut gone = resource(kind, other, "v");
            gone["attributes"] = json!({ "_destroy": true });
            let mut document = user(json!({ "overwrite": true }));
            let rows = if row == other { json!([gone]) } else { json!([resource(kind, row, "n"), gone]) };
            document["data"]["relationships"] = json!({ KINDS[kind].0: { "data": rows } });
            app.put_document(&document).await;
        }
        Step::Clock(seconds) => app.clock.advance(seconds),
        Step::Pull => {}
    }
}

async fn pull(replica: &mut Replica, app: &TestApp) {
    let answer = app.call(Method::GET, &replica.next_pull(), None).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    replica.pull(&answer.json());
}

/// The user and every row, as the full documents show them.
async fn assert_is_whole(replica: &Replica, app: &TestApp) {
    let path = format!("{USER}?include=*");
    assert_eq!(replica.resources, whole(&app.call(Method::GET, &path, None).await.json()));
}

async fn check_pulls(steps: &[Step]) {
    let app = TestApp::new();
    let (mut often, mut at_the_end) = (Replica::default(), Replica::default());
    pull(&mut at_the_end, &app).await;
    for step in steps {
        write(&app, step).await;
        if matches!(step, Step::Pull) {
            pull(&mut often, &app).await;
            assert_is_whole(&often, &app).await;
        }
    }
    for replica in [&mut often, &mut at_the_end] {
        pull(replica, &app).await;
        assert_is_whole(replica, &app).await;
    }
}

#[test]
fn any_history_of_writes_pulled_at_any_points_is_what_the_documents_show() {
    let mut runner = TestRunner::new(cases(40));
    let outcome = runner.run(&steps(), |steps| {
        actix_web::rt::System::new().block_on(check_pulls(&steps));
        Ok(())
    });
    if let Err(e) = outcome {
        panic!("{e}");
    }
}
