//! Which keys are at work on this node. A courtesy, not the truth: it lets a rival wait without a connection, and be
//! told why it was sent away. The truth is the unique key of the record.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Line, OwnedMutexGuard};
use tokio::time::timeout;

use crate::id::Id;

type Name = (Id, String);
type Lines = HashMap<Name, Arc<Line<()>>>;

/// The keys that are at work, each with the line of those who wait for it.
#[derive(Clone, Debug, Default)]
pub struct InFlight(Arc<Mutex<Lines>>);

impl InFlight {
    /// Waits for the key to be free; `None` where it is not in time.
    pub(super) async fn enter(&self, caller: Id, key: &str, wait: Duration) -> Option<Turn> {
        let name = (caller, key.to_owned());
        let line = Arc::clone(self.lines().entry(name.clone()).or_default());
        let guard = timeout(wait, line.lock_owned()).await;
        // Also where the wait was in vain: then the line is that of others, and stays.
        let turn = Turn { guard: guard.ok(), name, all: self.clone() };
        turn.guard.is_some().then_some(turn)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to work on a key, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    guard: Option<OwnedMutexGuard<()>>,
    name: Name,
    all: InFlight,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.guard = None;
        let mut lines = self.all.lines();
        // Nobody else holds the line or waits in it.
        if lines.get(&self.name).is_some_and(|line| Arc::strong_count(line) == 1) {
            lines.remove(&self.name);
        }
    }
}
