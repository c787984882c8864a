//! Who listens on this node, and what each is told. Nothing here is the truth: it is read from the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diesel::prelude::*;
use tokio::sync::{Notify, watch};

use crate::clock::Stamp;
use crate::db::Connection;
use crate::db::schema::people;
use crate::error::Error;
use crate::id::Id;
use crate::users::store::Status;

/// How much listening a node bears.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Streams of one user.
    pub per_user: usize,
    /// Streams of all users.
    pub per_node: usize,
    /// How long a stream is silent at most.
    pub heartbeat: Duration,
}

/// A user's state, as far as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct News {
    pub(super) version: i64,
    pub(super) stamp: Stamp,
}

/// A user as he was last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    status: Status,
    stamp: Stamp,
}

/// What a user's listeners see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// Nobody has looked yet.
    Nothing,
    Seen(Seen),
    /// The user is gone, or the node stops.
    End,
}

/// The listeners of a node.
#[derive(Clone, Debug)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bounds: Bounds,
    listeners: Mutex<Listeners>,
    /// Somebody who is listened to was written.
    written: Notify,
    /// Somebody has begun to listen.
    subscribed: Notify,
}

#[derive(Debug, Default)]
struct Listeners {
    by_user: HashMap<Id, watch::Sender<Sight>>,
    count: usize,
    is_closed: bool,
}

impl Hub {
    /// A node to which nobody listens yet.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        let (listeners, written, subscribed) = Default::default();
        Self(Arc::new(Inner { bounds, listeners, written, subscribed }))
    }

    /// How many streams there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.listeners().count
    }

    pub(super) fn bounds(&self) -> Bounds {
        self.0.bounds
    }

    /// Begins to listen to a user.
    ///
    /// # Errors
    /// 429 where he has as many streams as one user may have, 503 where the node has, or stops.
    pub(super) fn subscribe(&self, user: Id) -> Result<Subscription, Error> {
        let mut listeners = self.listeners();
        let own = listeners.by_user.get(&user).map_or(0, watch::Sender::receiver_count);
        if own >= self.0.bounds.per_user {
            return Err(Error::too_many_requests(format!("A user can have {own} streams of events.")));
        }
        if listeners.is_closed || listeners.count >= self.0.bounds.per_node {
            return Err(Error::busy("no more streams of events on this node"));
        }
        listeners.count += 1;
        let sender = listeners.by_user.entry(user).or_insert_with(|| watch::Sender::new(Sight::Nothing));
        let sight = sender.subscribe();
        drop(listeners);
        self.0.subscribed.notify_one();
        Ok(Subscription { hub: self.clone(), user, sight: Some(sight) })
    }

    /// Has listeners of a user told at once: he was written by this node.
    pub fn wake(&self, user: Id) {
        if self.listeners().by_user.contains_key(&user) {
            self.0.written.notify_one();
        }
    }

    /// Ends all streams and begins no more.
    pub fn close(&self) {
        let mut listeners = self.listeners();
        listeners.is_closed = true;
        for sender in listeners.by_user.values() {
            sender.send_replace(Sight::End);
        }
    }

    /// Waits until somebody who is listened to was written.
    pub(super) async fn woken(&self) {
        self.0.written.notified().await;
    }

    /// Waits until somebody begins to listen.
    pub(super) async fn subscribed(&self) {
        self.0.subscribed.notified().await;
    }

    /// Who is listened to.
    pub(super) fn users(&self) -> Vec<Id> {
        self.listeners().by_user.keys().copied().collect()
    }

    /// Tells the listeners of `asked` what was found of them.
    pub(super) fn tell(&self, asked: &[Id], found: &HashMap<Id, Seen>) {
        let listeners = self.listeners();
        for user in asked {
            let Some(sender) = listeners.by_user.get(user) else { continue };
            let sight = found.get(user).map_or(Sight::End, |seen| Sight::Seen(*seen));
            sender.send_if_modified(|current| {
                let is_new = *current != sight && *current != Sight::End;
                if is_new {
                    *current = sight;
                }
                is_new
            });
        }
    }

    fn listeners(&self) -> MutexGuard<'_, Listeners> {
        self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among a user's listeners, until it is dropped.
#[derive(Debug)]
pub(super) struct Subscription {
    hub: Hub,
    user: Id,
    sight: Option<watch::Receiver<Sight>>,
}

impl Subscription {
    /// Waits until there is something new.
    pub(super) async fn changed(&mut self) {
        if let Some(sight) = &mut self.sight {
            // Its sender lives as long as it does.
            let _ = sight.changed().await;
        }
    }

    /// What is known of the user, if somebody has looked; `None` where whoever holds a token made at `issued_at` is
    /// told nothing more.
    #[expect(clippy::option_option, reason = "nothing yet, and nothing more, are two things")]
    pub(super) fn news(&self, issued_at: i64) -> Option<Option<News>> {
        match *self.sight.as_ref()?.borrow() {
            Sight::Nothing => Some(None),
            Sight::Seen(Seen { status, stamp }) if status.admits(issued_at) => {
                Some(Some(News { version: status.version, stamp }))
            }
            Sight::Seen(_) | Sight::End => None,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut listeners = self.hub.listeners();
        self.sight = None;
        listeners.count -= 1;
        if listeners.by_user.get(&self.user).is_some_and(|sender| sender.receiver_count() == 0) {
            listeners.by_user.remove(&self.user);
        }
    }
}

/// Reads how users stand, with one statement; those who are gone are not among them.
pub(super) fn read(connection: &mut Connection, users: &[Id]) -> QueryResult<HashMap<Id, Seen>> {
    let rows = people::table
        .filter(people::id.eq_any(users.to_vec()))
        .select((people::id, people::updated_in_db_at, Status::as_select()))
        .load::<(Id, Stamp, Status)>(connection)?;
    Ok(rows.into_iter().map(|(id, stamp, status)| (id, Seen { status, stamp })).collect())
}
