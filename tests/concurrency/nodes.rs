//! Two nodes that remember, one database: no answer rests on a remembered state that is no longer the stored one
//! (design 3). The named tests are the interleavings that the design forbids; the model test tries them all.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::property::cases;
use crate::support::app::STAMP;
use crate::support::{Answer, TestApp, user};

/// Two nodes that both remember the user as he was made; then the second one has changed him.
async fn left_behind() -> (TestApp, TestApp) {
    let behind = TestApp::new();
    let ahead = behind.second_node();
    behind.get().await.assert_ok();
    ahead.put(json!({ "first_name": "Jack", "updated_in_db_at": STAMP })).await.assert_ok();
    (behind, ahead)
}

#[actix_web::test]
async fn a_no_op_is_not_decided_on_a_remembered_state() {
    let (behind, _ahead) = left_behind().await;
    let answer = behind.put(json!({ "first_name": "Rey", "updated_in_db_at": STAMP })).await;
    answer.assert_refused(409, &["stale"]);
    let answer = behind.put(json!({ "first_name": "Jack", "overwrite": true })).await;
    assert_eq!(answer.assert_ok()["updated_in_db_at"], "2022-01-12T17:18:10Z", "it is what is stored");
}

#[actix_web::test]
async fn a_refusal_is_not_decided_on_a_remembered_state() {
    let (behind, ahead) = left_behind().await;
    let stamp = ahead.stamp().await;
    let answer = behind.put(json!({ "employer": "Cru", "updated_in_db_at": stamp })).await;
    assert_eq!(answer.assert_ok()["first_name"], "Jack", "the stamp is the stored one");
    let answer = ahead.put(json!({ "employer": "JUNO", "updated_in_db_at": stamp })).await;
    answer.assert_refused(409, &["stale"]);
    assert_eq!(answer.error()["meta"]["changed"], json!({ "employer": "Cru" }));
}

#[actix_web::test]
async fn a_merge_is_not_decided_on_a_remembered_state() {
    let (behind, ahead) = left_behind().await;
    ahead.put(json!({ "employer": "Cru", "overwrite": true })).await.assert_ok();
    let mut document = user(json!({ "gender": "male", "updated_in_db_at": STAMP }));
    document["data"]["meta"] = json!({ "on_conflict": "merge" });
    let answer = behind.put_document(&document).await;
    assert_eq!(answer.json()["meta"], json!({ "merged": ["employer", "first_name"] }));
}

#[actix_web::test]
async fn a_read_and_a_condition_are_not_answered_from_a_remembered_state() {
    let (behind, ahead) = left_behind().await;
    assert_eq!(behind.get().await.text(), ahead.get().await.text());
}

/// What a device does.
#[derive(Clone, Debug)]
enum Step {
    Get { node: usize },
    Put { node: usize, base: usize, member: usize, value: u8, merge: bool, overwrite: bool },
    Tick,
}

const MEMBERS: [&str; 3] = ["employer", "birthday_day", "preferences.locale"];

fn step() -> impl Strategy<Value = Step> {
    let put = (0..2_usize, 0..4_usize, 0..MEMBERS.len(), 1..4_u8, any::<bool>(), prop::bool::weighted(0.1));
    prop_oneof![
        1 => (0..2_usize).prop_map(|node| Step::Get { node }),
        1 => Just(Step::Tick),
        6 => put.prop_map(|(node, base, member, value, merge, overwrite)| {
            Step::Put { node, base, member, value, merge, overwrite }
        }),
    ]
}

/// The user as one process with one lock would keep him.
struct Model {
    values: [Value; 3],
    /// When each member was last changed; the second one is the group of a date.
    changed: [i64; 3],
    stamp: i64,
    now: i64,
    stamps: Vec<i64>,
}

impl Model {
    fn put(&mut self, base: i64, member: usize, value: &Value, merge: bool, overwrite: bool) -> (u16, bool) {
        let differs = self.values[member] != *value;
        let stale = !overwrite && base != self.stamp;
        let contradicted = differs && self.changed[member] > base;
        if stale && (!merge || contradicted) {
            return (409, false);
        }
        if differs {
            self.stamp = self.now.max(self.stamp + 1);
            self.changed[member] = self.stamp;
            self.values[member] = value.clone();
            self.stamps.push(self.stamp);
        }
        (200, stale)
    }
}

fn text(seconds: i64) -> String {
    crate::support::app::stamp(seconds).to_string()
}

fn shown(answer: &Answer) -> (String, [Value; 3]) {
    let attributes = answer.assert_ok();
    let values = [&attributes["employer"], &attributes["birthday_day"], &attributes["preferences"]["locale"]]
        .map(Value::clone);
    (attributes["updated_in_db_at"].as_str().expect("a stamp").to_owned(), values)
}

async fn run(steps: &[Step]) {
    let made = crate::support::app::MADE_AT;
    let first = TestApp::new();
    let nodes = [first.second_node(), first];
    let mut model = Model {
        values: [Value::Null, Value::Null, json!("en")],
        changed: [made; 3],
        stamp: made,
        now: made,
        stamps: vec![made],
    };
    for step in steps {
        match step {
            Step::Tick => {
                nodes[0].clock.advance(3);
                model.now += 3;
            }
            Step::Get { node } => {
                let answer = nodes[*node].get().await;
                assert_eq!(shown(&answer), (text(model.stamp), model.values.clone()), "{steps:?}");
            }
            Step::Put { node, base, member, value, merge, overwrite } => {
                // The newest stamps are the likely bases.
                let at = model.stamps.len().saturating_sub(1 + *base);
                let base = model.stamps[at];
                let (attributes, value) = match member {
                    0 => (json!({ "employer": value.to_string() }), json!(value.to_string())),
                    1 => (json!({ "birthday_day": value }), json!(value)),
                    _ => {
                        (json!({ "preferences": { "locale": value.to_string() } }), json!(value.to_string()))
                    }
                };
                let (status, merged) = model.put(base, *member, &value, *merge, *overwrite);
                let mut document = user(attributes);
                document["data"]["attributes"]["updated_in_db_at"] = json!(text(base));
                if *overwrite {
                    document["data"]["attributes"]["overwrite"] = json!(true);
                }
                if *merge {
                    document["data"]["meta"] = json!({ "on_conflict": "merge" });
                }
                let answer = nodes[*node].put_document(&document).await;
                assert_eq!(answer.status, status, "{step:?} of {steps:?}: {}", answer.text());
                if status == 200 {
                    assert_eq!(shown(&answer), (text(model.stamp), model.values.clone()), "{steps:?}");
                    assert_eq!(answer.json().get("meta").is_some(), merged, "{step:?} of {steps:?}");
                } else {
                    assert_eq!(answer.error()["meta"]["updated_in_db_at"], text(model.stamp), "{steps:?}");
                }
            }
        }
    }
}

#[test]
fn two_nodes_answer_as_one_process_with_one_lock_would() {
    let mut runner = TestRunner::new(cases(48));
    let steps = prop::collection::vec(step(), 1..24);
    // proptest prints the failing steps, shrunk; they are the whole input.
    let outcome = runner.run(&steps, |steps| {
        actix_web::rt::System::new().block_on(run(&steps));
        Ok(())
    });
    if let Err(e) = outcome {
        panic!("{e}");
    }
}
