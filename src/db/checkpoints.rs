//! SQLite's log (WAL), brought into the file beside the writes: by itself SQLite does it within a commit, of which all who
//! share that commit, and all who wait for it, take notice.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use diesel::connection::SimpleConnection as _;

use super::connection::AnyConnection as Connection;
use super::target::Target;

/// Commits after which the log is brought in; some thousand pages where edits share them, some hundred where they do not.
const COMMITS: u32 = 32;

/// The thread that does it.
#[derive(Debug)]
pub(super) struct Checkpoints {
    target: Target,
    commits: AtomicU32,
    worker: Mutex<Worker>,
}

#[derive(Debug)]
enum Worker {
    NotYet,
    At(SyncSender<()>, JoinHandle<()>),
    Ended,
}

impl Checkpoints {
    /// Of a database; the thread begins when it is first needed.
    pub(super) fn of(target: &Target) -> Self {
        Self { target: target.clone(), commits: AtomicU32::new(0), worker: Mutex::new(Worker::NotYet) }
    }

    /// Takes notice of a commit.
    pub(super) fn committed(&self) {
        if self.commits.fetch_add(1, Ordering::Relaxed) % COMMITS != COMMITS - 1 {
            return;
        }
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*worker, Worker::NotYet) {
            let (wake, woken) = sync_channel(1);
            let target = self.target.clone();
            *worker = Worker::At(wake, thread::spawn(move || work(&target, &woken)));
        }
        if let Worker::At(wake, _) = &*worker {
            // One that is about to begin does as well for this.
            let _ = wake.try_send(());
        }
    }

    /// Waits until nothing is brought in any more, so that somebody else can bring in all.
    pub(super) fn end(&self) {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Worker::At(wake, thread) = std::mem::replace(&mut *worker, Worker::Ended) {
            drop(wake);
            let _ = thread.join();
        }
    }
}

fn work(target: &Target, woken: &Receiver<()>) {
    let mut connection = None;
    for () in woken {
        if connection.is_none() {
            connection = target.connect().inspect_err(|e| log::warn!("the log of SQLite grows: {e}")).ok();
        }
        // Passive: it waits for nobody, and nobody for it.
        if let Some(Connection::Sqlite(open)) = &mut connection
            && let Err(e) = open.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")
        {
            log::warn!("the log of SQLite grows: {e}");
            connection = None;
        }
    }
}
