//! Histories that are made up: correct ones pass, a change that makes one wrong is found, and whatever the change,
//! the judgement is that of trying every order.

use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::{brute, check};
use crate::load::history::{AT_FIRST, History, Outcome, Read, Span, Token, Write};
use crate::property::cases;

const FIRST_STAMP: i64 = 1000;

/// Between one thing and the next that happens to the one copy.
const TICK: u64 = 100;

/// What somebody does.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Read,
    Applied,
    Refused,
    Nothing,
    /// In doubt, and whether it happened.
    InDoubt(bool),
}

/// And how long before and after it happens to the one copy.
type Step = (Kind, u64, u64);

fn steps(number: usize) -> impl Strategy<Value = Vec<Step>> {
    let kind = prop_oneof![
        3 => Just(Kind::Read),
        4 => Just(Kind::Applied),
        1 => Just(Kind::Refused),
        1 => Just(Kind::Nothing),
        2 => any::<bool>().prop_map(Kind::InDoubt),
    ];
    prop::collection::vec((kind, 0..4 * TICK, 0..4 * TICK), 1..number)
}

/// What is seen where one copy does all that, one thing after the other.
fn correct(steps: &[Step]) -> History {
    let (mut stamp, mut older, mut token) = (FIRST_STAMP, FIRST_STAMP - 1, AT_FIRST);
    let mut history = History { first_stamp: FIRST_STAMP, writes: Vec::new(), reads: Vec::new() };
    for (step, at) in steps.iter().zip((10 * TICK..).step_by(usize::try_from(TICK).expect("small"))) {
        let (kind, before, after) = *step;
        let span = Span { begun: at - before, ended: at + after };
        let number = Token::try_from(history.writes.len()).expect("small") + 1;
        let mut write = |base, outcome| history.writes.push(Write { token: number, base, span, outcome });
        let next = stamp + 1 + i64::try_from(before % 3).expect("small");
        match kind {
            Kind::Read => {}
            Kind::Applied => write(stamp, Outcome::Applied(next)),
            Kind::Refused => write(older, Outcome::Stale(stamp)),
            Kind::Nothing => write(stamp, Outcome::Nothing),
            Kind::InDoubt(_) => write(stamp, Outcome::Unknown),
        }
        if matches!(kind, Kind::Applied | Kind::InDoubt(true)) {
            (older, stamp, token) = (stamp, next, number);
        }
        // Whoever writes on what was in doubt has read it.
        if matches!(kind, Kind::Read | Kind::InDoubt(true)) {
            let span = Span { begun: at, ended: at + after };
            history.reads.push(Read { span, stamp, tokens: [token; 2] });
        }
    }
    history
}

/// A change after which the history is wrong; `None` where it has nothing to change.
fn planted(mut history: History, kind: usize, at: usize) -> Option<History> {
    let states = check(&history).ok()?;
    let applied: Vec<usize> =
        (0..history.writes.len()).filter(|i| states.contains(&history.writes[*i].token)).collect();
    let stamp_of = |history: &History, token: Token| {
        let seen = history.reads.iter().find(|read| read.tokens[0] == token).map(|read| read.stamp);
        let write = history.writes.iter().find(|write| write.token == token);
        match write.map(|write| write.outcome) {
            Some(Outcome::Applied(stamp)) => stamp,
            _ => seen.unwrap_or(FIRST_STAMP),
        }
    };
    let last =
        history.writes.iter().map(|write| write.span).chain(history.reads.iter().map(|read| read.span));
    let end = last.map(|span| span.ended).max()?;
    let late = Span { begun: end + 1, ended: end + 2 };
    let newest = *states.last()?;
    let seen = |history: &History, token: Token, span: Span| Read {
        span,
        stamp: stamp_of(history, token),
        tokens: [token; 2],
    };
    let free = Token::try_from(history.writes.len()).ok()? + 1;
    match kind {
        // Stale, or backwards where what is newer was in doubt.
        0 => {
            let old = states[at % states.len()];
            let newer = seen(&history, newest, Span { begun: 0, ended: end });
            let older = seen(&history, (old != newest).then_some(old)?, late);
            history.reads.extend([newer, older]);
        }
        // From the future.
        1 => {
            let write = applied.get(at % applied.len().max(1))?;
            let span = Span { begun: 0, ended: history.writes[*write].span.begun - 1 };
            let early = seen(&history, history.writes[*write].token, span);
            history.reads.push(early);
        }
        // Overwritten by who has not seen it.
        2 => {
            let base = history.writes[*applied.get(at % applied.len().max(1))?].base;
            let outcome = Outcome::Applied(stamp_of(&history, newest) + 7);
            history.writes.push(Write { token: free, base, span: late, outcome });
        }
        // Inverted: made at the end, and the base of what came before.
        3 => {
            let write = applied.get(at % applied.len().max(1)).filter(|_| applied.len() > 1)?;
            let is_last = history.writes[*write].token == newest;
            let earlier = (!is_last).then_some(*write)?;
            let next = applied[applied.iter().position(|i| i == write)? + 1];
            let ends = matches!(history.writes[next].outcome, Outcome::Applied(_));
            history.writes[earlier].span = ends.then_some(late)?;
        }
        // Half there.
        4 => {
            let read = history.reads.len().checked_sub(1)? * (at % 2);
            history.reads[read].tokens[at / 2 % 2] = free;
        }
        // What was refused is there.
        5 => {
            let refused = |write: &&Write| matches!(write.outcome, Outcome::Stale(_) | Outcome::Nothing);
            let token = history.writes.iter().find(refused)?.token;
            let stamp = stamp_of(&history, newest) + 1;
            history.reads.push(Read { span: late, stamp, tokens: [token; 2] });
        }
        // Forgotten by the copy, and by nobody else.
        6 => {
            let forgotten = history.writes.iter().position(|write| write.token == newest)?;
            let ends = matches!(history.writes[forgotten].outcome, Outcome::Applied(_));
            let before = *states.get(states.len().checked_sub(2)?).filter(|_| ends)?;
            let older = seen(&history, before, late);
            history.reads.push(older);
        }
        // Acknowledged twice.
        _ => {
            let outcome = Outcome::Applied(stamp_of(&history, newest));
            let base = stamp_of(&history, newest);
            history.writes.push(Write { token: free, base, span: late, outcome });
        }
    }
    Some(history)
}

/// Any change of a number in a history.
fn changed(mut history: History, (what, at, by): (usize, usize, i64)) -> History {
    let shift = |time: &mut u64| *time = time.saturating_add_signed(by * 40);
    let writes = history.writes.len();
    match (what, writes, history.reads.len()) {
        (0..=4, 1.., _) => {
            let write = &mut history.writes[at % writes];
            match what {
                0 => write.base += by,
                1 => write.outcome = Outcome::Applied(write.base + by.abs()),
                2 => write.outcome = Outcome::Unknown,
                3 => shift(&mut write.span.begun),
                _ => shift(&mut write.span.ended),
            }
            write.span.ended = write.span.ended.max(write.span.begun);
        }
        (_, _, reads @ 1..) => {
            let read = &mut history.reads[at % reads];
            match what {
                5 => read.stamp += by,
                6 => read.tokens = [read.tokens[0].saturating_add_signed(by); 2],
                7 => shift(&mut read.span.begun),
                _ => shift(&mut read.span.ended),
            }
            read.span.ended = read.span.ended.max(read.span.begun);
        }
        _ => {}
    }
    history
}

fn run<S: Strategy>(number: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    // proptest prints the failing history, shrunk.
    if let Err(e) = TestRunner::new(cases(number)).run(&strategy, test) {
        panic!("{e}");
    }
}

#[test]
fn whatever_one_copy_answers_passes() {
    run(256, steps(60), |steps| {
        let history = correct(&steps);
        prop_assert!(check(&history).is_ok(), "{:?} of {history:?}", check(&history));
        Ok(())
    });
}

#[test]
fn whatever_is_planted_is_found() {
    for kind in 0..8 {
        run(128, (steps(40), any::<usize>()), |(steps, at)| {
            // In doubt or not, something has happened before that.
            let first =
                [(Kind::Applied, 0, 0), (Kind::Read, 0, 0), (Kind::Applied, 0, 0), (Kind::Nothing, 0, 0)];
            let history = correct(&[&first, &steps[..]].concat());
            let Some(history) = planted(history, kind, at) else {
                return Err(TestCaseError::reject("nothing"));
            };
            prop_assert!(check(&history).is_err(), "{kind}: {history:?}");
            Ok(())
        });
    }
}

#[test]
fn the_judgement_is_that_of_trying_every_order() {
    let change = (0..9_usize, any::<usize>(), -3..4_i64);
    run(2000, (steps(6), prop::collection::vec(change, 0..4)), |(steps, changes)| {
        let history = changes.into_iter().fold(correct(&steps), changed);
        let judged = check(&history);
        prop_assert_eq!(judged.is_ok(), brute::is_linearizable(&history), "{:?} of {:?}", judged, history);
        Ok(())
    });
}
