//! The guard: whether an edit may be applied to a record, and what to say when it may not. Pure: it knows no HTTP
//! and no database, so that its rules (design 3) can be tested by themselves.

pub mod base;
mod conflict;
mod decide;
pub mod member_stamps;
pub mod precondition;
pub mod stamp;

use std::borrow::Cow;
use std::collections::HashSet;

pub use base::{Base, Claim};
pub use conflict::Conflict;
pub use decide::{Decision, Edit, decide};

use crate::clock::Stamp;
use crate::jsonapi::{Fault, Json};

/// The name of a part of a record that has a stamp of its own: `first_name`, `preferences.locale`.
pub type Member = Cow<'static, str>;

/// A record that edits are guarded on.
pub trait Guarded: Clone {
    /// What an edit sets.
    type Changes;

    /// Counts the states of the record.
    fn version(&self) -> i64;

    /// The time of the last change, which names the state to clients (`updated_in_db_at`).
    fn stamp(&self) -> Stamp;

    /// The value of a member as the record's document shows it.
    fn shown(&self, member: &str) -> Json;

    /// The members whose shown value was changed after `base`.
    fn changed_since(&self, base: Stamp) -> Vec<Member>;

    /// The members whose stored value is another one in `after`: what an edit sets, with what follows from it.
    fn written(&self, after: &Self) -> Vec<Member>;

    /// Of the members that the edit writes, those that others `changed` after `base`. A member that is made of parts
    /// counts only where both set one of them.
    fn contradicted(&self, after: &Self, changed: &HashSet<&Member>, _base: Stamp) -> Vec<Member> {
        self.written(after).into_iter().filter(|member| changed.contains(member)).collect()
    }

    /// The members that `after` stores or shows differently: an avatar that follows from a gender is changed with it.
    fn changed(&self, after: &Self) -> Vec<Member>;

    /// The state after the changes, all else as it was, stamps not yet moved. Changes to a value that the document
    /// shows already count as not sent.
    fn apply(&self, changes: &Self::Changes, now: Stamp) -> Applied<Self>;

    /// The state `after` a change of this one at `now`: version and stamp moved, and the stamps of the `changed`
    /// members with them.
    #[must_use]
    fn moved(&self, after: Self, changed: &[Member], now: Stamp) -> Self;
}

/// What [`Guarded::apply`] makes of a state.
#[derive(Clone, Debug)]
pub struct Applied<S> {
    /// The state with all changes that have no fault.
    pub state: S,
    /// Whether something is to be written, shown or not.
    pub differs: bool,
    /// What is wrong with the resulting state.
    pub faults: Vec<Fault>,
    /// Members that were sent with another value than shown and can't be set by anybody.
    pub ignored: Vec<Member>,
}
