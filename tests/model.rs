//! Several devices of one user, a bad network and two nodes (docs/sync.md): whatever they do, in the
//! end all agree, and no edit that was acknowledged is missing unless a later one replaced it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use proptest::strategy::Strategy as _;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::support::backend::{is_postgres, report};
use headless::Node;
use ledger::Figures;
use run::World;

mod device;
mod entry;
mod headless;
mod ledger;
pub mod mutants;
mod network;
pub mod replica;
mod run;
mod script;
mod timeline;

/// How many runs on each backend.
pub const RUNS: &str = "STEWARD_MODEL_RUNS";

/// How many where nothing is said.
const FEW: u64 = 200;

/// The seed of the first run; where the number of runs is not given, of the only one, to play it again.
pub const SEED: &str = "STEWARD_MODEL_SEED";

/// So many runs does a failing one take part in at most before its script is short enough.
const SHRINKS: u32 = 500;

/// How often a shorter script is played before it counts as one that does not fail: who wins a race is not in it.
const TRIES: usize = 4;

/// Of so many runs one has all its answers checked for what every answer must obey.
const CHECKED: u64 = 32;

pub fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|e| panic!("{variable}={text}: {e}")))
}

/// What the threads of a test share.
struct Plan {
    first_seed: u64,
    runs: u64,
    next: AtomicU64,
    has_failed: AtomicBool,
    /// Defects are planted: that one is found is all that matters.
    is_planted: bool,
    outcome: Mutex<(u64, Figures, Vec<String>)>,
}

impl Plan {
    fn new() -> Self {
        let is_planted = std::env::var_os(mutants::VARIABLE).is_some();
        let (seed, runs) = (number(SEED), number(RUNS));
        let runs = runs.unwrap_or(if seed.is_some() { 1 } else { FEW });
        let first_seed = seed.unwrap_or_else(|| u64::from(rand_seed()));
        let (next, has_failed, outcome) = (AtomicU64::new(0), AtomicBool::new(false), Mutex::default());
        Self { first_seed, runs, next, has_failed, is_planted, outcome }
    }

    /// Plays runs as long as there are more; with the reference client among the devices where that is asked for.
    fn work(&self, with_reference: bool) {
        let system = actix_web::rt::System::new();
        let node = if with_reference { Node::start() } else { None };
        let world = system.block_on(World::new(node));
        while !self.has_failed.load(Ordering::Relaxed) {
            let run = self.next.fetch_add(1, Ordering::Relaxed);
            if run >= self.runs {
                return;
            }
            let figures = self.play(self.first_seed + run, |script| {
                system.block_on(world.play(script, run.is_multiple_of(CHECKED)))
            });
            let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
            outcome.0 += 1;
            match figures {
                Ok(figures) => outcome.1.add(&figures),
                Err(why) => {
                    self.has_failed.store(true, Ordering::Relaxed);
                    let runs = outcome.0;
                    outcome.2.push(format!("after {runs} runs: {why}"));
                }
            }
        }
    }

    /// Plays the script of a seed; where it fails, shorter ones.
    fn play(
        &self,
        seed: u64,
        play: impl Fn(&script::Script) -> Result<Figures, String>,
    ) -> Result<Figures, String> {
        let shrinks = if self.is_planted { 0 } else { SHRINKS };
        let config = Config { max_shrink_iters: shrinks, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, rng(seed));
        let tree = script::script().new_tree(&mut runner).expect("a script");
        let played = std::cell::RefCell::new(Figures::default());
        let failed = std::cell::Cell::new(false);
        let outcome = runner.run_one(tree, |script| {
            for _ in 0..if failed.get() { TRIES } else { 1 } {
                match play(&script) {
                    Ok(figures) => *played.borrow_mut() = figures,
                    Err(why) => {
                        failed.set(true);
                        return Err(TestCaseError::fail(why));
                    }
                }
            }
            Ok(())
        });
        match outcome {
            Ok(_) => Ok(*played.borrow()),
            Err(TestError::Fail(why, script)) => Err(format!("{why}\n{SEED}={seed}\n{script}")),
            Err(TestError::Abort(why)) => Err(format!("{why}\n{SEED}={seed}")),
        }
    }
}

/// The random numbers of a run.
pub fn rng(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// Where the seeds of this time begin.
pub fn rand_seed() -> u32 {
    use std::hash::{BuildHasher as _, Hasher as _};
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    u32::try_from(random >> 32).unwrap_or_default()
}

/// Plays a plan to its end, and reports it.
fn carry_out(plan: Plan, with_reference: bool) {
    let threads = thread::available_parallelism().map_or(2, std::num::NonZero::get).min(4);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| plan.work(with_reference));
        }
    });
    let (runs, figures, failures) = plan.outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(failures.is_empty(), "{}{}", mutants::FOUND, failures.join("\n"));
    let Figures { edits, conflicts, merges, replays, unheard } = figures;
    let backend = if is_postgres() { "PostgreSQL" } else { "SQLite" };
    let whose = if with_reference { ", the console's client among the devices" } else { "" };
    report(&format!(
        "model test on {backend}{whose}: runs {runs}, edits {edits}, conflicts {conflicts}, merges {merges}, \
         replays {replays}, answers that nobody heard {unheard}, lost 0"
    ));
}

#[test]
fn all_devices_agree_in_the_end_and_no_acknowledged_edit_is_lost() {
    let _planted = mutants::planted();
    carry_out(Plan::new(), false);
}

#[test]
fn the_reference_client_agrees_with_all_others_in_the_end_and_loses_no_edit() {
    if Node::start().is_none() {
        return report("the reference client was not run: there is no `node`");
    }
    // Each step is a line to another process and back.
    let plan = Plan::new();
    let runs = plan.runs.div_ceil(10);
    carry_out(Plan { runs, ..plan }, true);
}
