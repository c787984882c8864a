//! What the pool does with connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::{Connection as _, Instrumentation, InstrumentationEvent, SimpleConnection as _};
use diesel::r2d2::{Error, R2D2Connection as _};

use super::connection::AnyConnection as Connection;
use super::target::{LONG_LOG, Target};
use super::unchanged::Unchanged;

/// Opens the pool's connections, and counts what they are asked.
#[derive(Debug)]
pub(super) struct Manager {
    pub(super) target: Target,
    pub(super) statements: Arc<AtomicU64>,
    pub(super) lock_wait: Duration,
    pub(super) task: Task,
}

/// What connections are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// All that is asked.
    Any,
    /// Reads of a few rows of SQLite.
    ReadsByKey,
    /// The writes of SQLite.
    Writes,
}

impl Task {
    /// What SQLite is told for it. A connection that reads needs few pages of its own: most are read where all share them,
    /// in the file that is mapped.
    fn pragmas(self) -> &'static str {
        match self {
            Self::Any => "PRAGMA cache_size = -512;",
            // What it keeps holds while others do not write, and it does not.
            Self::ReadsByKey => "PRAGMA cache_size = -512; PRAGMA query_only = ON;",
            // While there is always somebody who writes, the log begins anew only where a commit finds all of it brought in.
            Self::Writes => LONG_LOG,
        }
    }
}

/// A connection of the pool.
pub(super) struct Pooled {
    pub(super) connection: Connection,
    /// What it need not read again.
    pub(super) unchanged: Unchanged,
    /// Whether it is not to be used again.
    pub(super) is_spent: bool,
}

/// Counts statements as they begin.
struct Count(Arc<AtomicU64>);

impl Instrumentation for Count {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = Pooled;
    type Error = Error;

    fn connect(&self) -> Result<Pooled, Error> {
        let mut connection = self.target.connect_for(Some(self.lock_wait))?;
        if let Connection::Sqlite(connection) = &mut connection {
            connection.batch_execute(self.task.pragmas()).map_err(Error::QueryError)?;
        }
        connection.set_instrumentation(Count(Arc::clone(&self.statements)));
        Ok(Pooled { connection, unchanged: Unchanged::default(), is_spent: false })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), Error> {
        pooled.connection.ping().map_err(Error::QueryError)
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        // A connection that comes back inside a transaction belongs to a closure that panicked.
        std::thread::panicking() || pooled.is_spent || pooled.connection.is_broken()
    }
}
