//! What pictures may cost a node: forms that arrive, and pictures on their way to slow readers, who share one copy of the
//! bytes. Whether there still is a picture is never asked of here, but of the database.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;
use crate::id::Id;

/// Bytes of a picture that are handed on at once: what is handed on is copied for each reader.
const PIECE: usize = 16 * 1024;

/// Bytes of pictures that are remembered.
const REMEMBERED: u64 = 32 * 1024 * 1024;

/// How much a node bears.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Forms of one user that arrive at once.
    pub per_user: usize,
    /// Forms of all users.
    pub per_node: usize,
    /// How long a form may take to arrive.
    pub deadline: Duration,
    /// Pictures that are being sent.
    pub sending: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { per_user: 4, per_node: 32, deadline: Duration::from_secs(60), sending: 128 }
    }
}

#[derive(Clone, Debug)]
struct ByLength;

impl Weighter<Vec<u8>, Bytes> for ByLength {
    fn weight(&self, _: &Vec<u8>, bytes: &Bytes) -> u64 {
        u64::try_from(bytes.len()).unwrap_or(u64::MAX).max(1)
    }
}

/// The forms and the pictures that are on their way at a node.
#[derive(Debug)]
pub struct Gallery {
    bounds: Bounds,
    forms: Mutex<HashMap<Id, usize>>,
    sending: Arc<Semaphore>,
    bytes: Cache<Vec<u8>, Bytes, ByLength>,
}

impl Gallery {
    /// A node at which nothing is on its way.
    #[must_use]
    pub fn new(bounds: Bounds) -> Arc<Self> {
        let sending = Arc::new(Semaphore::new(bounds.sending));
        // The first number only sizes the cache's own tables: with a small one, they are not divided.
        let bytes = Cache::with_weighter(16, REMEMBERED, ByLength);
        Arc::new(Self { bounds, forms: Mutex::default(), sending, bytes })
    }

    /// How long a form may take to arrive.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.bounds.deadline
    }

    /// Begins to receive a form of a user.
    ///
    /// # Errors
    /// 429 where as many of his arrive as may, 503 where as many of all do.
    pub fn receive(self: &Arc<Self>, user: Id) -> Result<Place, Error> {
        let mut forms = self.forms();
        let own = forms.get(&user).copied().unwrap_or_default();
        if own >= self.bounds.per_user {
            return Err(Error::too_many_requests(format!("A user can send {own} forms at once.")));
        }
        if forms.values().sum::<usize>() >= self.bounds.per_node {
            return Err(Error::busy("no more forms on this node"));
        }
        forms.insert(user, own + 1);
        drop(forms);
        Ok(Place { gallery: Arc::clone(self), user })
    }

    /// Begins to send a picture.
    ///
    /// # Errors
    /// 503 where as many are being sent as may.
    pub fn send(&self) -> Result<OwnedSemaphorePermit, Error> {
        let permit = Arc::clone(&self.sending).try_acquire_owned();
        permit.map_err(|_| Error::busy("no more pictures are sent by this node"))
    }

    /// The bytes of a picture that is there, by their hash, read once for all who want them at the same time.
    ///
    /// # Errors
    /// Those of `read`.
    pub async fn bytes(
        &self,
        hash: &[u8],
        read: impl Future<Output = Result<Bytes, Error>>,
    ) -> Result<Bytes, Error> {
        self.bytes.get_or_insert_async(hash, read).await
    }

    fn forms(&self) -> MutexGuard<'_, HashMap<Id, usize>> {
        self.forms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A form that is on its way, until it is dropped.
#[derive(Debug)]
pub struct Place {
    gallery: Arc<Gallery>,
    user: Id,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut forms = self.gallery.forms();
        let left = forms.remove(&self.user).unwrap_or_default().saturating_sub(1);
        if left > 0 {
            forms.insert(self.user, left);
        }
    }
}

/// A picture that is being sent, a piece at a time.
#[derive(Debug)]
pub struct Sending {
    /// What is still to be sent.
    pub left: Bytes,
    /// Its place among those that are sent.
    pub permit: OwnedSemaphorePermit,
}

impl MessageBody for Sending {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.left.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let left = &mut self.get_mut().left;
        let piece = left.split_to(left.len().min(PIECE));
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}
