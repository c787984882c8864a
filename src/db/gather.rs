//! What several ask of the database at about the same time, done for them together: while one round is on its way,
//! those who ask meanwhile wait for the next. Nobody's round began before he asked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diesel::QueryResult;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::connection::AnyConnection as Connection;
use super::error::DbError;
use super::executor::Database;

/// The queue of those who ask; clones share it.
pub struct Gather<Q, A> {
    queue: Arc<Mutex<Queue<Q, A>>>,
    lanes: usize,
    home: Option<Handle>,
}

struct Queue<Q, A> {
    waiting: Vec<Asked<Q, A>>,
    /// Rounds that are on their way.
    at_work: usize,
    numbers: u64,
}

/// A question, and who is to be told.
pub struct Asked<Q, A> {
    /// The question.
    pub question: Q,
    number: u64,
    tell: oneshot::Sender<Result<A, DbError>>,
}

impl<Q, A> Asked<Q, A> {
    /// Answers. Who does not wait any more is not told.
    pub fn tell(self, answer: Result<A, DbError>) {
        let _ = self.tell.send(answer);
    }
}

impl<Q, A> Clone for Gather<Q, A> {
    fn clone(&self) -> Self {
        Self { queue: Arc::clone(&self.queue), lanes: self.lanes, home: self.home.clone() }
    }
}

impl<Q, A> fmt::Debug for Gather<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gather")
    }
}

impl<Q, A> fmt::Debug for Asked<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked")
    }
}

impl<Q: Send + 'static, A: Send + 'static> Gather<Q, A> {
    /// A queue of which so many rounds may be on their way at one time. They run where whoever asks first does, and end
    /// with that runtime.
    #[must_use]
    pub fn new(lanes: usize) -> Self {
        let queue = Arc::new(Mutex::new(Queue { waiting: Vec::new(), at_work: 0, numbers: 0 }));
        Self { queue, lanes, home: None }
    }

    /// The same whose rounds run on another runtime, which lives longer than all who ask.
    #[must_use]
    pub fn at_home_on(self, home: Handle) -> Self {
        Self { home: Some(home), ..self }
    }

    /// Asks. `work` answers all who asked by the time at which its round begins, and one who is the first to ask begins
    /// it. `None` where the round ended without an answer, with the thread that it ran on or in a panic.
    ///
    /// # Errors
    /// [`DbError::Busy`] where no round began for `wait`; and what `work` answers.
    pub async fn ask<W, F>(&self, question: Q, wait: Duration, work: W) -> Option<Result<A, DbError>>
    where
        W: Fn(Vec<Asked<Q, A>>) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let (tell, mut told) = oneshot::channel();
        let (number, opens) = self.queue().enter(question, tell, self.lanes);
        if opens {
            // By itself, since others wait for it too when this caller goes away.
            let home = self.home.clone().unwrap_or_else(Handle::current);
            home.spawn(Lane { gather: self.clone(), is_open: true }.run(work));
        }
        match timeout(wait, &mut told).await {
            Ok(outcome) => outcome.ok(),
            Err(_) if self.queue().leave(number) => Some(Err(DbError::Busy)),
            // What was already begun is waited for.
            Err(_) => told.await.ok(),
        }
    }
}

/// Reads what there is under keys.
pub(crate) type ReadAll<K, T> = fn(&mut Connection, &[K]) -> QueryResult<BTreeMap<K, T>>;

impl<K: Copy + Ord + Send + 'static, T: Clone + Send + Sync + 'static> Gather<K, Option<T>> {
    /// What there is under a key, by `read_all` of all that are asked for together, which begins after this is called.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read(&self, db: &Database, key: K, read_all: ReadAll<K, T>) -> Result<Option<T>, DbError> {
        let database = db.clone();
        let told = self.ask(key, db.wait(), move |asked| {
            let db = database.clone();
            async move {
                let mut keys: Vec<K> = asked.iter().map(|asked| asked.question).collect();
                keys.sort_unstable();
                keys.dedup();
                let found = db.read_rows(move |connection| read_all(connection, &keys)).await;
                for asked in asked {
                    let answer = match &found {
                        Ok(found) => Ok(found.get(&asked.question).cloned()),
                        Err(error) => Err(error.repeated()),
                    };
                    asked.tell(answer);
                }
            }
        });
        told.await.unwrap_or_else(|| Err(DbError::Unavailable("a shared read was given up".to_owned())))
    }
}

impl<Q, A> Gather<Q, A> {
    fn queue(&self) -> MutexGuard<'_, Queue<Q, A>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q, A> Queue<Q, A> {
    /// Takes somebody in; his number, and whether a lane is to be opened for him.
    fn enter(&mut self, question: Q, tell: oneshot::Sender<Result<A, DbError>>, lanes: usize) -> (u64, bool) {
        self.numbers += 1;
        self.waiting.push(Asked { question, number: self.numbers, tell });
        let opens = self.at_work < lanes;
        self.at_work += usize::from(opens);
        (self.numbers, opens)
    }

    /// Lets somebody go; false where his round has begun.
    fn leave(&mut self, number: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|asked| asked.number != number);
        self.waiting.len() < before
    }

    /// Those who wait, for one round; or nobody, and then a lane is closed.
    fn next(&mut self) -> Vec<Asked<Q, A>> {
        if self.waiting.is_empty() {
            self.at_work -= 1;
        }
        std::mem::take(&mut self.waiting)
    }
}

/// One round after the other, while somebody waits.
struct Lane<Q, A> {
    gather: Gather<Q, A>,
    is_open: bool,
}

impl<Q, A> Lane<Q, A> {
    async fn run<W, F>(mut self, work: W)
    where
        W: Fn(Vec<Asked<Q, A>>) -> F,
        F: Future<Output = ()>,
    {
        loop {
            let asked = self.gather.queue().next();
            if asked.is_empty() {
                self.is_open = false;
                return;
            }
            work(asked).await;
        }
    }
}

impl<Q, A> Drop for Lane<Q, A> {
    /// Where it ends in the middle, nobody is left waiting for it.
    fn drop(&mut self) {
        if self.is_open {
            let mut queue = self.gather.queue();
            queue.at_work -= 1;
            queue.waiting.clear();
        }
    }
}
