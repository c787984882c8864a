//! Counts of the process, raised where it happens.

use std::sync::atomic::{AtomicU64, Ordering};

/// Something that is counted.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Once more.
    pub fn up(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often it was.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Edits that were refused because others were first.
pub static CONFLICTS: Count = Count::new();
/// Edits whose `If-Match` or `If-None-Match` did not hold.
pub static PRECONDITIONS: Count = Count::new();
/// Edits that asked not to be compared.
pub static OVERWRITES: Count = Count::new();
/// Edits that were merged with those of others.
pub static MERGES: Count = Count::new();
/// Answers that were given before.
pub static REPLAYS: Count = Count::new();
/// Users who were found in memory.
pub static CACHE_HITS: Count = Count::new();
/// Users who were not, or not as they are now.
pub static CACHE_MISSES: Count = Count::new();
/// Requests that found no connection to the database free.
pub static POOL_WAITS: Count = Count::new();
/// Those of them that got none in time.
pub static POOL_TIMEOUTS: Count = Count::new();
/// Requests that were refused because their client asks too often.
pub static RATE_LIMITED: Count = Count::new();

/// Upper bounds of the numbers of edits that share a commit.
pub const SIZES: [u64; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/// How many edits shared a commit.
pub static COMMITS: Sizes = Sizes { counts: [const { Count::new() }; SIZES.len() + 1], sum: Count::new() };

/// A histogram of small numbers.
#[derive(Debug)]
pub struct Sizes {
    counts: [Count; SIZES.len() + 1],
    sum: Count,
}

impl Sizes {
    /// One more of a size.
    pub fn add(&self, size: usize) {
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        let place = SIZES.iter().position(|bound| size <= *bound).unwrap_or(SIZES.len());
        if let Some(count) = self.counts.get(place) {
            count.up();
        }
        self.sum.0.fetch_add(size, Ordering::Relaxed);
    }

    /// How many there were of at most each bound, then of all; and their sum.
    #[must_use]
    pub fn read(&self) -> ([u64; SIZES.len() + 1], u64) {
        let mut all = 0;
        let counts = self.counts.each_ref().map(|count| {
            all += count.get();
            all
        });
        (counts, self.sum.get())
    }
}
