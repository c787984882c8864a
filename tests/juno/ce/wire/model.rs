//! Random activities, deletions, claims, changes of the program and the clock, sent to the router: it answers what the
//! reference does, and what `juno.md` 3.2 calls invariants holds after each step.

use std::collections::BTreeMap;

use actix_web::http::Method;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{School, new_activity, new_claim, time};
use crate::juno::ce::model::check;
use crate::juno::ce::reference::{Reference, Seen, Taken};
use crate::juno::ce::script::{Rules, Script, Step, script};
use crate::juno::ce::session_id;
use crate::juno::{Site, document};
use crate::model::{self, mutants};
use crate::support::Answer;
use crate::support::app::{MADE_AT, id};
use crate::support::backend::report;

/// How many runs where nothing is said; else one of so many of the model's own.
const FEW: u64 = 8;
const OF_THE_MODELS: u64 = 100;

fn text(hundredths: i32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The hundredths of a number of hours.
fn hundredths(hours: &Value) -> i32 {
    let (whole, fraction) = hours.to_string().split_once('.').map_or_else(
        || (hours.to_string(), String::new()),
        |(whole, fraction)| (whole.to_owned(), fraction.to_owned()),
    );
    // A number with one decimal of zero is how the reader of the tests writes a whole one.
    format!("{whole}{fraction:0<2}").parse().unwrap_or_else(|e| panic!("{hours}: {e}"))
}

fn seconds(at: &Value) -> Option<i64> {
    let text = at.as_str()?;
    let at = chrono::DateTime::parse_from_rfc3339(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    Some(at.timestamp() - MADE_AT)
}

fn number(value: &Value) -> i32 {
    value.as_i64().and_then(|n| i32::try_from(n).ok()).unwrap_or_else(|| panic!("a number: {value}"))
}

fn rules(Rules { credits, percent, partial, step, .. }: Rules) -> Value {
    json!({
        "name": "A", "ce_credits": text(credits), "ce_threshold": percent, "partial_claims": partial,
        "hour_step": text(step)
    })
}

/// The ids of activities are a person's own, so those of a run are made of its record.
fn activity_id(school: &School, source: u8) -> String {
    id(&school.record).derived(&session_id(&source.to_string()).to_string()).to_string()
}

/// Does a step. `reference` has not done it yet.
async fn take(school: &School, step: Step, reference: &Reference) -> Answer {
    let program = |rules: Value| {
        let path = format!("ce_programs/{}", school.program);
        async move { school.site.patch(&path, &document("ce_programs", rules)).await }
    };
    match step {
        Step::Attend { source, hundredths } => {
            let mut activity = new_activity(&source.to_string(), text(hundredths));
            activity["data"]["id"] = activity_id(school, source).into();
            school.by_key(Method::POST, "/activities", Some(&activity)).await
        }
        Step::Delete { source } => {
            let path = format!("/activities/{}", activity_id(school, source));
            school.by_key(Method::DELETE, &path, None).await
        }
        Step::Claim { by_user, asked } => {
            let claim = reference.asked(asked).map(|hours| new_claim(text(hours)));
            if by_user {
                school.by_rey(Method::POST, "/claims", claim.as_ref()).await
            } else {
                school.by_key(Method::POST, "/claims", claim.as_ref()).await
            }
        }
        Step::Reopen => school.reopen().await,
        Step::Set(to) => school.set(to.as_str()).await,
        Step::Credits(credits) => program(json!({ "ce_credits": text(credits) })).await,
        Step::Percent(percent) => program(json!({ "ce_threshold": percent })).await,
        Step::Window(opens, closes) => {
            let window = json!({ "claim_opens_at": opens.map(time), "claim_closes_at": closes.map(time) });
            program(window).await
        }
        Step::Parts { partial, step } => {
            program(json!({ "partial_claims": partial, "hour_step": text(step) })).await
        }
        Step::Clock(now) => {
            school.clock(now);
            school.by_key(Method::GET, "", None).await
        }
    }
}

/// What was answered, in the words of the reference.
fn word(step: Step, answer: &Answer, has_changed: bool) -> String {
    let word = match (step, answer.status) {
        (Step::Attend { .. }, 201) => "new",
        (Step::Attend { .. }, 200) if has_changed => "grown",
        (Step::Delete { .. }, 204) => "deleted",
        (Step::Delete { .. }, 404) => "not there",
        (Step::Claim { .. }, 201) => "claimed",
        (Step::Reopen, 200) => "reopened",
        (Step::Set(_), 200) if has_changed => "changed",
        (Step::Attend { .. } | Step::Set(_), 200) => "unchanged",
        (_, 200) => "set",
        _ => return answer.error()["code"].as_str().expect("a code").to_owned(),
    };
    word.to_owned()
}

/// The version in the tag of a record, which the clock does not move.
async fn version(school: &School) -> String {
    school.tag().await.split('.').next().expect("a version").to_owned()
}

/// What everybody is shown. What documents do not show is taken from the reference.
async fn seen(school: &School, should: &Seen) -> Seen {
    let shown = school.shown().await;
    let claims = school.by_key(Method::GET, "/claims?page[size]=100", None).await.json();
    let claims = claims["data"].as_array().expect("a list").iter().map(|claim| {
        let claim = &claim["attributes"];
        Taken {
            hours: hundredths(&claim["hours"]),
            at: seconds(&claim["claimed_at"]).expect("a time"),
            credits: hundredths(&claim["ce_credits"]),
            percent: number(&claim["ce_threshold"]),
            earned: hundredths(&claim["ce_earned_hours"]),
            is_void: !claim["voided_at"].is_null(),
        }
    });
    let claims: Vec<Taken> = claims.collect();
    Seen {
        status: shown["ce_status"].as_str().expect("a status").to_owned(),
        credits: hundredths(&shown["ce_credits"]),
        percent: number(&shown["ce_threshold"]),
        required: should.required,
        earned: hundredths(&shown["ce_earned_hours"]),
        uncounted: should.uncounted.clone(),
        claimed: hundredths(&shown["ce_claimed_hours"]),
        claimed_at: claims.iter().find(|claim| !claim.is_void).map(|claim| claim.at),
        claims,
        by_user: school.by_rey(Method::GET, "", None).await.status == 200,
    }
}

/// Plays a script; returns the site.
async fn play(site: Site, script: &Script, seed: u64, answers: &mut BTreeMap<String, u64>) -> Site {
    let mut reference = Reference::new(script.rules, script.is_published);
    site.app.clock.set(crate::support::app::stamp(MADE_AT));
    let school = School::on(site, rules(script.rules), script.is_published).await;
    let mut before = version(&school).await;
    for (place, step) in script.steps.iter().enumerate() {
        let was = reference.seen();
        let answer = take(&school, *step, &reference).await;
        let expected = reference.take(*step);
        let after = version(&school).await;
        let word = word(*step, &answer, after != before);
        let now = seen(&school, &reference.seen()).await;
        let place =
            || format!("{}={seed}, step {place}, {step:?}: {}\n{script:?}", model::SEED, answer.text());
        assert_eq!((word.as_str(), &now), (expected, &reference.seen()), "{}", place());
        assert!(answer.status < 400 || after == before, "refused, and it moved the record: {}", place());
        check(&was, &now, *step).unwrap_or_else(|rule| panic!("{rule}: {}", place()));
        *answers.entry(word).or_default() += 1;
        before = after;
    }
    school.site
}

#[actix_web::test]
async fn the_router_answers_what_the_reference_does_and_keeps_its_invariants() {
    let _planted = mutants::planted();
    let (seed, runs) = (model::number(model::SEED), model::number(model::RUNS));
    let runs = runs.map_or(if seed.is_some() { 1 } else { FEW }, |runs| (runs / OF_THE_MODELS).max(FEW));
    let first = seed.unwrap_or_else(|| u64::from(model::rand_seed()));
    let (mut site, mut answers) = (super::site(), BTreeMap::new());
    for seed in first..first + runs {
        let mut runner = TestRunner::new_with_rng(Config::default(), model::rng(seed));
        let script = script().new_tree(&mut runner).expect("a script").current();
        site = play(site, &script, seed, &mut answers).await;
    }
    let steps: u64 = answers.values().sum();
    assert!(steps >= runs, "{answers:?}");
    report(&format!(
        "model test of continuing education on the wire: runs {runs}, steps {steps}, {answers:?}"
    ));
}
