//! What several ask of the database at about the same time, done for them together: while one round is on its way,
//! those who ask meanwhile wait for the next. Nobody's round began before he asked.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::select;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

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
}

/// A question, and who is to be told.
pub struct Asked<Q, A> {
    /// The question.
    pub question: Q,
    /// When he has waited long enough for a round to begin.
    until: Instant,
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
        let queue = Arc::new(Mutex::new(Queue { waiting: Vec::new(), at_work: 0 }));
        Self { queue, lanes, home: None }
    }

    /// The same whose rounds run on another runtime, which lives longer than all who ask.
    #[must_use]
    pub fn at_home_on(self, home: Handle) -> Self {
        Self { home: Some(home), ..self }
    }

    /// Asks. What `work` makes answers all who asked by the time at which its round begins, and one who is the first to ask
    /// begins it. `wait` is the same for all of a queue. `None` where the round ended without an answer, with the thread that
    /// it ran on or in a panic.
    ///
    /// # Errors
    /// [`DbError::Busy`] where no round began for `wait`; and what `work` answers.
    pub async fn ask<W, F>(
        &self,
        question: Q,
        wait: Duration,
        work: impl FnOnce() -> W,
    ) -> Option<Result<A, DbError>>
    where
        W: Fn(Vec<Asked<Q, A>>) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let asked = Asked { question, until: Instant::now() + wait, tell };
        let opens = self.queue().enter(asked, self.lanes);
        if opens {
            // By itself, since others wait for it too when this caller goes away.
            let home = self.home.clone().unwrap_or_else(Handle::current);
            home.spawn(Lane { gather: self.clone(), wait, is_open: true }.run(work()));
        }
        told.await.ok()
    }
}

impl<K: Copy + Ord + Send + 'static, T: Clone + Send + Sync + 'static> Gather<K, Option<T>> {
    /// What there is under a key, by `read_all` of all that are asked for together, which begins after this is called.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read<R, F>(&self, db: &Database, key: K, read_all: R) -> Result<Option<T>, DbError>
    where
        R: Fn(Database, Vec<K>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<BTreeMap<K, T>, DbError>> + Send + 'static,
    {
        let work = || {
            let db = db.clone();
            move |asked: Vec<Asked<K, Option<T>>>| answer(asked, db.clone(), read_all.clone())
        };
        let told = self.ask(key, db.wait(), work);
        told.await.unwrap_or_else(|| Err(DbError::Unavailable("a shared read was given up".to_owned())))
    }
}

/// Answers by one read of all keys.
async fn answer<K: Copy + Ord, T: Clone, F>(
    asked: Vec<Asked<K, Option<T>>>,
    db: Database,
    read_all: impl Fn(Database, Vec<K>) -> F,
) where
    F: Future<Output = Result<BTreeMap<K, T>, DbError>>,
{
    let mut keys: Vec<K> = asked.iter().map(|asked| asked.question).collect();
    keys.sort_unstable();
    keys.dedup();
    let found = read_all(db, keys).await;
    for asked in asked {
        let answer = match &found {
            Ok(found) => Ok(found.get(&asked.question).cloned()),
            Err(error) => Err(error.repeated()),
        };
        asked.tell(answer);
    }
}

impl<Q, A> Gather<Q, A> {
    fn queue(&self) -> MutexGuard<'_, Queue<Q, A>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q, A> Queue<Q, A> {
    /// Takes somebody in; whether a lane is to be opened for him.
    fn enter(&mut self, asked: Asked<Q, A>, lanes: usize) -> bool {
        self.waiting.push(asked);
        let opens = self.at_work < lanes;
        self.at_work += usize::from(opens);
        opens
    }

    /// Lets those go who have waited long enough; until when the next one waits.
    fn dismiss(&mut self, now: Instant) -> Option<Instant> {
        for asked in self.waiting.extract_if(.., |asked| asked.until <= now) {
            asked.tell(Err(DbError::Busy));
        }
        self.waiting.iter().map(|asked| asked.until).min()
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
    /// How long each of this queue waits.
    wait: Duration,
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
            // A round that ends at once, as most do inside this process, sets no clock.
            select(pin!(work(asked)), pin!(self.dismiss())).await;
        }
    }

    /// While a round is on its way, lets those go who have waited long enough for the next.
    async fn dismiss(&self) -> Infallible {
        loop {
            let now = Instant::now();
            let next = self.gather.queue().dismiss(now);
            sleep_until(next.unwrap_or(now + self.wait)).await;
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
