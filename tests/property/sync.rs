//! Any history of writes, pulled at any points, is what the full documents show; and requests that are delivered twice,
//! late or in another order are applied once.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::cases;
use crate::support::app::{JSON_API, STAMP, USER, user};
use crate::support::{Answer, TestApp};

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

/// What a client has: resources by type and id, and the version that they are of.
#[derive(Default)]
struct Replica {
    resources: BTreeMap<(String, String), Value>,
    version: Option<i64>,
}

fn name(resource: &Value) -> (String, String) {
    let text = |member: &str| resource[member].as_str().expect("a text").to_owned();
    (text("type"), text("id"))
}

impl Replica {
    async fn pull(&mut self, app: &TestApp) {
        let query = self.version.map(|version| format!("?since={version}")).unwrap_or_default();
        let answer = app.call(Method::GET, &format!("{USER}/changes{query}"), None).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let document = answer.json();
        for resource in document["data"].as_array().expect("a list") {
            if resource["type"] == "deleted_records" {
                self.resources.remove(&name(&resource["relationships"]["deletable"]["data"]));
            } else {
                self.resources.insert(name(resource), resource.clone());
            }
        }
        assert_eq!(document["meta"]["more"], false);
        self.version = document["meta"]["version"].as_i64();
    }

    /// The user and every row, as the full documents show them.
    async fn assert_is_whole(&self, app: &TestApp) {
        let path = format!("{USER}?include=*");
        let whole = app.call(Method::GET, &path, None).await.json();
        let own = |resource: &&Value| {
            let kind = resource["type"].as_str().expect("a type");
            kind != "account_lists" && kind != "master_people"
        };
        let rows = whole["included"].as_array().expect("a list").iter().filter(own);
        let expected = rows.chain([&whole["data"]]).map(|resource| (name(resource), resource.clone()));
        assert_eq!(self.resources, expected.collect());
    }
}

async fn check_pulls(steps: &[Step]) {
    let app = TestApp::new();
    let (mut often, mut at_the_end) = (Replica::default(), Replica::default());
    at_the_end.pull(&app).await;
    for step in steps {
        write(&app, step).await;
        if matches!(step, Step::Pull) {
            often.pull(&app).await;
            often.assert_is_whole(&app).await;
        }
    }
    for replica in [&mut often, &mut at_the_end] {
        replica.pull(&app).await;
        replica.assert_is_whole(&app).await;
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

/// How requests arrive: edits by their numbers, some more than once, in any order.
fn deliveries() -> impl Strategy<Value = (Vec<usize>, bool)> {
    (prop::collection::vec(0..5_usize, 1..16), any::<bool>())
}

async fn deliver(app: &TestApp, edit: usize, keyed: bool) -> Answer {
    // All five were made offline on the same state: each sets a preference of its own, and all set the employer.
    let attributes = json!({
        "employer": format!("e{edit}"), "preferences": { format!("p{edit}"): edit }, "updated_in_db_at": STAMP });
    let mut request = TestRequest::put().uri(USER).insert_header(("Content-Type", JSON_API));
    if keyed {
        request = request.insert_header(("Idempotency-Key", format!("k{edit}")));
    }
    app.send(request.set_payload(user(attributes).to_string())).await
}

async fn check_deliveries(order: &[usize], keyed: bool) {
    let app = TestApp::new();
    let mut answered: BTreeMap<usize, (u16, String)> = BTreeMap::new();
    for edit in order {
        let answer = deliver(&app, *edit, keyed).await;
        let told = (answer.status, answer.text().to_owned());
        match answered.get(edit) {
            Some(first) if keyed => {
                assert_eq!(&told, first, "the same answer again");
                assert_eq!(answer.header("idempotent-replayed"), Some("true"));
            }
            // Without a key the second delivery meets its own edit.
            Some(_) => assert_eq!(told.0, 409),
            None => _ = answered.insert(*edit, told),
        }
    }
    let applied: Vec<_> = answered.iter().filter(|(_, told)| told.0 == 200).map(|(edit, _)| *edit).collect();
    assert_eq!(applied, [order[0]], "of edits on one state the first that arrives is applied, once");
    let shown = app.attributes().await;
    assert_eq!(shown["updated_in_db_at"], "2022-01-12T17:18:10Z");
    assert_eq!(shown["employer"], format!("e{}", order[0]));
    assert_eq!(shown["preferences"][format!("p{}", order[0])], order[0]);
}

#[test]
fn requests_that_are_delivered_twice_late_or_in_another_order_are_applied_once() {
    let mut runner = TestRunner::new(cases(40));
    let outcome = runner.run(&deliveries(), |(order, keyed)| {
        actix_web::rt::System::new().block_on(check_deliveries(&order, keyed));
        Ok(())
    });
    if let Err(e) = outcome {
        panic!("{e}");
    }
}
