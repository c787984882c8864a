//! Random activities, deletions, claims, changes of the program and the clock: the record does what the reference does,
//! and what `juno.md` 3.2 calls invariants holds after each step.

use std::collections::BTreeMap;

use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use steward::clock::Stamp;
use steward::juno::ce::{Added, Caller, Hours, Program, Record, SomeHours, Threshold, Window};

use super::reference::{Reference, Seen, Taken};
use super::script::{Rules, Script, Step, script};
use super::{Activity, Claim, Id, NOW, Refusal, Source, at, session_id};
use crate::model::{self, mutants};
use crate::support::backend::report;

/// How many runs where nothing is said.
const FEW: u64 = 2000;

/// So many shorter scripts are played of one that fails.
const SHRINKS: u32 = 5000;

/// All that is answered to a step. So many runs give each of them.
const ANSWERS: [&str; 18] = [
    "new",
    "grown",
    "unchanged",
    "deleted",
    "not there",
    "claimed",
    "reopened",
    "changed",
    "set",
    "out_of_range",
    "not_found",
    "invalid",
    "hours_exceed_earned",
    "nothing_to_claim",
    "ce_invalid_transition",
    "ce_not_ready",
    "ce_claim_closed",
    "ce_already_claimed",
];

fn hours(hundredths: i32) -> Hours {
    Hours::from_hundredths(hundredths).expect("hours")
}

/// Times of scripts are small numbers.
fn time(seconds: i64) -> Stamp {
    at(NOW + seconds)
}

fn window(opens: Option<i64>, closes: Option<i64>) -> Option<Window> {
    Window::new(opens.map(time), closes.map(time)).ok()
}

fn program(rules: Rules) -> Program {
    Program {
        credits: hours(rules.credits),
        threshold: Threshold::new(rules.percent).expect("a percentage"),
        window: window(rules.opens, rules.closes).expect("a window"),
        partial_claims: rules.partial,
        hour_step: SomeHours::new(hours(rules.step)).expect("a step"),
    }
}

fn taken(claim: &Claim) -> Taken {
    let Claim { hours, claimed_at, snapshot, voided_at, .. } = claim;
    Taken {
        hours: hours.hundredths(),
        at: claimed_at.seconds() - NOW,
        credits: snapshot.credits.hundredths(),
        percent: snapshot.threshold.percent(),
        earned: snapshot.earned.hundredths(),
        is_void: voided_at.is_some(),
    }
}

fn seen(record: &Record, program: &Program, now: Stamp) -> Seen {
    Seen {
        status: record.status(program, now).to_string(),
        credits: record.credits(program).hundredths(),
        percent: record.threshold(program).percent(),
        required: record.required(program).hundredths(),
        earned: record.earned(program).hundredths(),
        uncounted: record.uncounted(program).unwrap_or_default().to_string(),
        claimed: record.claimed().hundredths(),
        claimed_at: record.claim().map(|claim| claim.claimed_at.seconds() - NOW),
        claims: record.claims().iter().map(taken).collect(),
        by_user: record.is_seen_by(Caller::User),
    }
}

/// Does a step with the record; `reference` has not done it yet.
fn take(record: &mut Record, step: Step, reference: &Reference) -> Result<&'static str, Refusal> {
    let (program, now) = (program(reference.rules), time(reference.now));
    Ok(match step {
        Step::Attend { source, hundredths } => {
            let id = session_id(&source.to_string());
            let source = Source { kind: "session".to_owned(), id: source.to_string() };
            match record.add(Activity {
                id,
                source,
                hours: SomeHours::new(hours(hundredths)).expect("hours"),
            }) {
                Added::New => "new",
                Added::Grown => "grown",
                Added::Unchanged => "unchanged",
            }
        }
        Step::Delete { source } => {
            let removed = record.remove(session_id(&source.to_string()));
            removed.map_or("not there", |_| "deleted")
        }
        Step::Claim { by_user, asked } => {
            let caller = if by_user { Caller::User } else { Caller::Admin };
            let asked = reference.asked(asked).map(hours);
            record.claim_hours(Id::random(), asked, caller, &program, now).map(|_| "claimed")?
        }
        Step::Reopen => record.reopen(&program, now).map(|()| "reopened")?,
        Step::Set(to) => {
            let changed = record.set_status(to, &program, now)?;
            if changed { "changed" } else { "unchanged" }
        }
        Step::Window(opens, closes) => window(opens, closes).map_or("out_of_range", |_| "set"),
        Step::Credits(_) | Step::Percent(_) | Step::Parts { .. } | Step::Clock(_) => "set",
    })
}

fn fail<T>(why: String) -> Result<T, TestCaseError> {
    Err(TestCaseError::fail(why))
}

/// Plays a script, and counts what was answered.
fn play(script: &Script, answers: &mut BTreeMap<&'static str, u64>) -> Result<(), TestCaseError> {
    let mut reference = Reference::new(script.rules, script.is_published);
    let mut record = Record::new(script.is_published);
    for (number, step) in script.steps.iter().enumerate() {
        let (before, was) = (record.clone(), reference.seen());
        let outcome = take(&mut record, *step, &reference);
        let answer = outcome.unwrap_or_else(|refusal| refusal.error("").code.as_str());
        let expected = reference.take(*step);
        let now = seen(&record, &program(reference.rules), time(reference.now));
        let place = || format!("step {number}, {step:?}: ");
        if (answer, &now) != (expected, &reference.seen()) {
            let should = reference.seen();
            return fail(format!("{}{answer} and {now:?}, not {expected} and {should:?}", place()));
        }
        if outcome.is_err() && record != before {
            return fail(format!("{}refused, and it changed the record", place()));
        }
        check(&was, &now, *step).or_else(|why| fail(format!("{}{why}: {record:?}", place())))?;
        record = Record::stored(record.is_hidden(), record.activities().to_vec(), record.claims().to_vec());
        *answers.entry(answer).or_default() += 1;
    }
    Ok(())
}

/// The invariants.
pub fn check(before: &Seen, now: &Seen, step: Step) -> Result<(), &'static str> {
    let is_done = now.status == "Done";
    let is_deletion = matches!(step, Step::Delete { .. });
    let valid = now.claims.iter().filter(|claim| !claim.is_void).count();
    let is_within = now
        .claims
        .iter()
        .all(|Taken { hours, earned, credits, .. }| 0 <= *hours && hours <= earned && earned <= credits);
    let fell = now.earned < before.earned;
    let rules = [
        ("0 <= K <= E at the claim <= C at the claim", is_within),
        ("K > 0 only where it is Done", now.claimed == 0 || is_done),
        ("Done where one claim is not void, and only there", valid == usize::from(is_done)),
        (
            "earned falls only by a deletion or with the credits",
            !fell || is_deletion || now.credits < before.credits,
        ),
        ("one of four statuses", ["None", "Open", "Ready", "Done"].contains(&&*now.status)),
    ];
    rules.into_iter().find(|(_, holds)| !holds).map_or(Ok(()), |(rule, _)| Err(rule))
}

#[test]
fn a_record_does_what_its_reference_does_and_keeps_its_invariants() {
    let _planted = mutants::planted();
    let (seed, runs) = (model::number(model::SEED), model::number(model::RUNS));
    let runs = runs.unwrap_or(if seed.is_some() { 1 } else { FEW });
    let first = seed.unwrap_or_else(|| u64::from(model::rand_seed()));
    let answers = std::cell::RefCell::default();
    let scripts = script();
    let config =
        Config { cases: 1, max_shrink_iters: SHRINKS, failure_persistence: None, ..Config::default() };
    for run in 0..runs {
        let seed = first + run;
        let mut runner = TestRunner::new_with_rng(config.clone(), model::rng(seed));
        match runner.run(&scripts, |script| play(&script, &mut answers.borrow_mut())) {
            Ok(()) => {}
            Err(TestError::Fail(why, script)) => {
                let found = mutants::FOUND;
                panic!("\n{found}after {} runs: {why}\n{}={seed}\n{script:?}", run + 1, model::SEED);
            }
            Err(TestError::Abort(why)) => panic!("{why}"),
        }
    }
    let answers = answers.into_inner();
    if runs >= FEW {
        let missing: Vec<_> = ANSWERS.iter().filter(|answer| !answers.contains_key(**answer)).collect();
        assert!(missing.is_empty(), "no run was answered {missing:?}");
    }
    let steps: u64 = answers.values().sum();
    report(&format!("model test of continuing education: runs {runs}, steps {steps}, {answers:?}"));
}

/// By the names of their lines in `src/`.
const PLANTED: [(&str, &str); 5] = [
    ("ce_threshold_rounded", "a requirement that is rounded down"),
    ("ce_closes_late", "a window that is open at its last moment"),
    ("ce_latest_kept", "the latest hours of a source instead of the larger"),
    ("ce_done_moves", "a claimed record whose credits follow the program's"),
    ("ce_step_of_all", "a step that is asked of the whole as well"),
];

#[test]
fn each_planted_defect_is_found() {
    let test = "juno::ce::model::a_record_does_what_its_reference_does_and_keeps_its_invariants";
    for (name, what) in PLANTED {
        let found = mutants::find(test, name);
        let (runs, _) = found.split_once(':').expect("after how many runs");
        report(&format!("planted in continuing education: {what}: found {runs}"));
    }
}
