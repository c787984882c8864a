//! What happens to a record in a run of the model test, made from a seed.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::select;
use steward::juno::ce::Status;

/// A program, in hundredths of hours and in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub credits: i32,
    pub percent: i32,
    pub opens: Option<i64>,
    pub closes: Option<i64>,
    pub partial: bool,
    pub step: i32,
}

/// The hours of a claim.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    /// None are named.
    Nothing,
    Hundredths(i32),
    /// So many more, or fewer, than are earned.
    Beside(i32),
}

#[derive(Clone, Copy, Debug)]
pub enum Step {
    Attend {
        source: u8,
        hundredths: i32,
    },
    Delete {
        source: u8,
    },
    Claim {
        by_user: bool,
        asked: Asked,
    },
    Reopen,
    Set(Status),
    Credits(i32),
    Percent(i32),
    Window(Option<i64>, Option<i64>),
    Parts {
        partial: bool,
        step: i32,
    },
    /// The clock is set, forward or backward.
    Clock(i64),
}

#[derive(Clone)]
pub struct Script {
    pub rules: Rules,
    pub is_published: bool,
    pub steps: Vec<Step>,
}

/// One after the other, so that a failure can be read.
impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}, published: {}", self.rules, self.is_published)?;
        self.steps.iter().try_for_each(|step| writeln!(f, "{step:?}"))
    }
}

/// Mostly small, so that what is earned, required and given meet often.
fn credits() -> impl Strategy<Value = i32> {
    prop_oneof![1 => Just(0), 6 => 1..=24, 2 => 1..=600, 1 => 0..=9999]
}

fn percent() -> impl Strategy<Value = i32> {
    prop_oneof![1 => Just(0), 1 => Just(50), 1 => Just(100), 3 => 0..=100]
}

fn earned() -> impl Strategy<Value = i32> {
    prop_oneof![6 => 1..=12, 2 => 1..=300, 1 => 1..=9999]
}

/// Few, so that the clock often stands at a bound of the window.
fn times() -> impl Strategy<Value = i64> {
    0..8_i64
}

fn window() -> impl Strategy<Value = (Option<i64>, Option<i64>)> {
    (prop::option::weighted(0.3, times()), prop::option::weighted(0.3, times()))
}

fn parts() -> impl Strategy<Value = (bool, i32)> {
    (any::<bool>(), prop_oneof![Just(1), Just(2), Just(5), 1..=9999])
}

fn asked() -> impl Strategy<Value = Asked> {
    let near = prop_oneof![Just(0), -12..=3].prop_map(Asked::Beside);
    prop_oneof![2 => Just(Asked::Nothing), 1 => (0..=24).prop_map(Asked::Hundredths), 4 => near]
}

fn step() -> impl Strategy<Value = Step> {
    let sources = 0..5_u8;
    prop_oneof![
        12 => (sources.clone(), earned()).prop_map(|(source, hundredths)| Step::Attend { source, hundredths }),
        4 => sources.prop_map(|source| Step::Delete { source }),
        8 => (prop::bool::weighted(0.7), asked()).prop_map(|(by_user, asked)| Step::Claim { by_user, asked }),
        3 => Just(Step::Reopen),
        5 => select(&Status::ALL[..]).prop_map(Step::Set),
        2 => credits().prop_map(Step::Credits),
        2 => percent().prop_map(Step::Percent),
        2 => window().prop_map(|(opens, closes)| Step::Window(opens, closes)),
        2 => parts().prop_map(|(partial, step)| Step::Parts { partial, step }),
        3 => times().prop_map(Step::Clock),
    ]
}

pub fn script() -> impl Strategy<Value = Script> {
    let rules = (credits(), percent(), parts());
    let rules = rules.prop_map(|(credits, percent, (partial, step))| Rules {
        credits,
        percent,
        opens: None,
        closes: None,
        partial,
        step,
    });
    (rules, any::<bool>(), prop::collection::vec(step(), 1..60))
        .prop_map(|(rules, is_published, steps)| Script { rules, is_published, steps })
}
