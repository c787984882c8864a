//! Runs queries off the event loop, a bounded number at a time, and once more where that can do no harm.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::connection::SimpleConnection as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::checkpoints::Checkpoints;
use super::connection::AnyConnection as Connection;
use super::error::DbError;
use super::pool::{Manager, Pooled, Task};
use super::target::Target;
use super::transaction::{in_snapshot, in_transaction};
use crate::metrics::count::{POOL_TIMEOUTS, POOL_WAITS};

/// The bounds of the pool.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections that read at the same time.
    pub connections: u32,
    /// How long a request waits for one.
    pub wait: Duration,
    /// How long a statement waits for a lock of another on PostgreSQL.
    pub lock_wait: Duration,
    /// Whether a connection keeps what it has read and nobody has changed since.
    pub keeps: bool,
}

/// How a pool is used.
#[derive(Clone, Copy, Debug)]
pub struct PoolUse {
    /// What it is told from others by, as a label of Prometheus.
    pub name: &'static str,
    /// Connections.
    pub open: u32,
    /// Connections at work.
    pub in_use: u32,
}

/// A handle on the database; clones share it.
#[derive(Clone, Debug)]
pub struct Database {
    readers: Lane,
    /// Connections to a file that read a few rows at a time, on the thread that asks. No other query displaces them, so
    /// that as few as there are such threads have kept what they read.
    by_key: Lane,
    /// SQLite lets one connection write at a time; a queue before one connection is fairer and quicker than several
    /// connections that wait for the file's lock.
    writer: Lane,
    /// Writes that may be at work: fewer than there are connections, so that writes which wait, for a lock or for a
    /// standby, leave some to reads.
    turns: Arc<Semaphore>,
    server_connections: Option<usize>,
    /// Of SQLite's log.
    checkpoints: Option<Arc<Checkpoints>>,
    /// Whether those that read by keys keep what they read.
    keeps: bool,
    statements: Arc<AtomicU64>,
}

/// A pool with a queue before it, so that nobody waits for a connection on a thread.
#[derive(Clone, Debug)]
struct Lane {
    pool: r2d2::Pool<Manager>,
    permits: Arc<Semaphore>,
    wait: Duration,
}

impl Database {
    /// Opens the pools. Connections are made when they are first needed.
    #[must_use]
    pub fn open(target: &Target, limits: Limits) -> Self {
        let statements = Arc::default();
        let readers = Lane::new(target, &statements, limits, Task::Any);
        let connections = usize::try_from(limits.connections).unwrap_or(1);
        let (by_key, writer, turns, server_connections) = match target {
            Target::Sqlite(_) => {
                let by_key = Lane::new(target, &statements, limits, Task::ReadsByKey);
                let writes = Limits { connections: 1, ..limits };
                (by_key, Lane::new(target, &statements, writes, Task::Writes), 1, None)
            }
            Target::Postgres(_) => {
                let turns = connections - connections.div_ceil(4);
                (readers.clone(), readers.clone(), turns, Some(connections))
            }
        };
        let turns = Arc::new(Semaphore::new(turns.max(1)));
        let is_inside = server_connections.is_none();
        let checkpoints = is_inside.then(|| Arc::new(Checkpoints::of(target)));
        let keeps = limits.keeps && is_inside;
        Self { readers, by_key, writer, turns, server_connections, checkpoints, keeps, statements }
    }

    /// How many connections there may be to a server; `None` where the database is inside this process.
    #[must_use]
    pub fn served_by(&self) -> Option<usize> {
        self.server_connections
    }

    /// How the pools are used: readers, those by keys, and the writer of SQLite, or the one of a server.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolUse> {
        if self.server_connections.is_some() {
            return vec![self.readers.usage("{pool=\"all\"}")];
        }
        vec![
            self.readers.usage("{pool=\"read\"}"),
            self.by_key.usage("{pool=\"key\"}"),
            self.writer.usage("{pool=\"write\"}"),
        ]
    }

    /// How many statements have been sent since the pools were opened.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Runs a query, or several that need no common snapshot. Where the connection breaks they are run again.
    ///
    /// # Errors
    /// [`DbError`], never [`DbError::OutcomeUnknown`].
    pub async fn read<T, F>(&self, query: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&mut Connection) -> QueryResult<T> + Send + 'static,
    {
        self.readers.run(move |connection| query(connection).map_err(DbError::from)).await
    }

    /// Runs a query that reads a few rows by their keys. Inside this process that takes less time than to hand it to
    /// another thread; a server is waited for as by [`Database::read`].
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read_rows<T, F>(&self, query: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&mut Connection) -> QueryResult<T> + Send + 'static,
    {
        let job = move |pooled: &mut Pooled| query(&mut pooled.connection).map_err(DbError::from);
        self.read_by_key(job).await
    }

    /// The same with what such queries have kept on the connection that it runs on, where it is inside this process and
    /// nobody has committed since. A query may keep what it finds there.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read_rows_keeping<K, T, F>(&self, query: F) -> Result<T, DbError>
    where
        K: Default + Send + 'static,
        T: Send + 'static,
        F: Fn(&mut Connection, Option<&mut K>) -> QueryResult<T> + Send + 'static,
    {
        let keeps = self.keeps;
        let job = move |Pooled { connection, unchanged, .. }: &mut Pooled| {
            let outcome = if keeps {
                unchanged.with(connection, |connection, kept| query(connection, Some(kept)))
            } else {
                query(connection, None)
            };
            outcome.map_err(DbError::from)
        };
        self.read_by_key(job).await
    }

    async fn read_by_key<T, F>(&self, job: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&mut Pooled) -> Result<T, DbError> + Send + 'static,
    {
        if self.server_connections.is_none()
            && let Some(outcome) = self.by_key.run_here(&job)
        {
            return outcome;
        }
        self.by_key.run_on(job).await
    }

    /// How long a request waits for what it needs of the database.
    #[must_use]
    pub fn wait(&self) -> Duration {
        self.readers.wait
    }

    /// Runs `work` in a transaction and commits it. The transaction ends even when the caller goes away. Where the
    /// connection breaks before the commit was sent, or the transaction has to give way to others, `work` is run
    /// again from its beginning.
    ///
    /// # Errors
    /// [`DbError`]; except for [`DbError::OutcomeUnknown`] nothing was written.
    pub async fn write<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&mut Connection) -> QueryResult<T> + Send + 'static,
    {
        let turn = timeout(self.writer.wait, Arc::clone(&self.turns).acquire_owned());
        let Ok(Ok(turn)) = turn.await else { return Err(DbError::Busy) };
        let write = move |connection: &mut Connection| {
            // The turn goes with the work, which goes on without its caller.
            let _ = &turn;
            in_transaction(connection, &work)
        };
        let outcome = self.writer.run(write).await;
        if let Some(checkpoints) = self.checkpoints.as_ref().filter(|_| outcome.is_ok()) {
            checkpoints.committed();
        }
        outcome
    }

    /// Runs queries that all see one state of the database, however much is written meanwhile.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn snapshot<T, F>(&self, query: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&mut Connection) -> QueryResult<T> + Send + 'static,
    {
        let work = move |connection: &mut Connection| query(connection).map_err(DbError::from);
        self.readers.run(move |connection| in_snapshot(connection, &work)).await
    }

    /// Folds SQLite's log into the database file, so that a copy of the file alone is whole. Called when the last
    /// request has been answered.
    ///
    /// # Errors
    /// [`DbError`]; the log then stays beside the file, and nothing is lost.
    pub async fn close(&self) -> Result<(), DbError> {
        let checkpoint = |connection: &mut Connection| match connection {
            Connection::Sqlite(connection) => {
                connection.batch_execute("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);")
            }
            Connection::Postgres(_) => Ok(()),
        };
        let others = self.checkpoints.clone();
        self.writer
            .run(move |connection| {
                if let Some(others) = &others {
                    others.end();
                }
                checkpoint(connection).map_err(DbError::from)
            })
            .await
    }
}

impl Lane {
    fn new(target: &Target, statements: &Arc<AtomicU64>, limits: Limits, task: Task) -> Self {
        let Limits { connections, wait, lock_wait, .. } = limits;
        let permits = usize::try_from(connections).unwrap_or(Semaphore::MAX_PERMITS);
        let pool = r2d2::Pool::builder()
            .max_size(connections)
            .min_idle(Some(0))
            .max_lifetime(None)
            .idle_timeout(None)
            // There are as many permits as connections, so this is how long making one may take.
            .connection_timeout(wait)
            // A ping per use costs a quarter of the throughput; a broken connection fails where it is used.
            .test_on_check_out(false)
            .build_unchecked(Manager {
                target: target.clone(),
                statements: Arc::clone(statements),
                lock_wait,
                task,
            });
        Self { pool, permits: Arc::new(Semaphore::new(permits)), wait }
    }

    /// Runs a job on this thread, if that can be done at once and works.
    fn run_here<T>(&self, job: impl Fn(&mut Pooled) -> Result<T, DbError>) -> Option<Result<T, DbError>> {
        let _permit = self.permits.try_acquire().ok()?;
        // None that is made first: that takes its time.
        let mut pooled = self.pool.try_get()?;
        let outcome = job(&mut pooled);
        match outcome {
            Err(e) if e.is_worth_another_try() => {
                pooled.is_spent = true;
                None
            }
            outcome => Some(outcome),
        }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, DbError> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        POOL_WAITS.up();
        let permit = timeout(self.wait, Arc::clone(&self.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            POOL_TIMEOUTS.up();
            return Err(DbError::Busy);
        };
        Ok(permit)
    }

    fn usage(&self, name: &'static str) -> PoolUse {
        let r2d2::State { connections, idle_connections, .. } = self.pool.state();
        PoolUse { name, open: connections, in_use: connections.saturating_sub(idle_connections) }
    }

    async fn run<T, F>(&self, job: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&mut Connection) -> Result<T, DbError> + Send + 'static,
    {
        self.run_on(move |pooled| job(&mut pooled.connection)).await
    }

    async fn run_on<T, F>(&self, job: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: Fn(&mut Pooled) -> Result<T, DbError> + Send + 'static,
    {
        let permit = self.permit().await?;
        let (pool, deadline) = (self.pool.clone(), Instant::now() + self.wait);
        let done = spawn_blocking(move || {
            // Given back after the connection, and not before the work is done: a caller that goes away must not
            // let more work in than there are connections.
            let _permit = permit;
            run_until(deadline, &pool, job)
        });
        done.await.unwrap_or_else(|e| Err(DbError::Unavailable(format!("a query's thread ended: {e}"))))
    }
}

/// How long who had to give way to others rests before he begins again; longer each time.
pub const REST: Duration = Duration::from_millis(10);

/// Runs the job, and once more as often as it may help: when a server restarts all idle connections are broken, and
/// each is found out by being used.
fn run_until<T>(
    deadline: Instant,
    pool: &r2d2::Pool<Manager>,
    job: impl Fn(&mut Pooled) -> Result<T, DbError>,
) -> Result<T, DbError> {
    for again in 1..=pool.max_size() {
        match attempt(pool, &job) {
            Err(e) if e.is_worth_another_try() && Instant::now() < deadline => {
                log::info!("once more: {e}");
                if matches!(e, DbError::Conflict(_)) {
                    // Whom it gave way to must be past what they quarrelled about, or they meet there again.
                    std::thread::sleep(REST * again);
                }
            }
            outcome => return outcome,
        }
    }
    attempt(pool, &job)
}

fn attempt<T>(
    pool: &r2d2::Pool<Manager>,
    job: impl Fn(&mut Pooled) -> Result<T, DbError>,
) -> Result<T, DbError> {
    let mut pooled = pool.get().map_err(|e| DbError::Unavailable(e.to_string()))?;
    let outcome = job(&mut pooled);
    pooled.is_spent = matches!(outcome, Err(DbError::Broken(_) | DbError::OutcomeUnknown(_)));
    outcome
}
