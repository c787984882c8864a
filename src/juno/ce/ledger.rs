//! What was attended, and for how long.

use super::hours::{SomeHours, Total};
use crate::id::Id;
use crate::mutants::mutant;

/// What hours were earned by: a session, a video. Counts once in a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// What kind of thing, in the words of the system that tells of it.
    pub kind: String,
    /// Its id there.
    pub id: String,
}

/// Hours that were earned by one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Its id.
    pub id: Id,
    /// What they were earned by.
    pub source: Source,
    /// How many.
    pub hours: SomeHours,
}

/// What became of an activity that was told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New,
    /// Its source was counted already, with fewer hours; now it has these.
    Grown,
    /// Its source was counted already, with these hours or more.
    Unchanged,
}

/// The activities of a record, each with its full hours: what is above the credits is cut off where it is read, so that
/// it is there when something else is taken away, or the credits are raised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger(Vec<Activity>);

impl Ledger {
    pub(super) const fn new(activities: Vec<Activity>) -> Self {
        Self(activities)
    }

    pub(super) fn activities(&self) -> &[Activity] {
        &self.0
    }

    pub(super) fn sum(&self) -> Total {
        self.0.iter().map(|activity| activity.hours).sum()
    }

    /// Counts an activity. Attendance only grows, so of two hours for one source the larger are kept, under the id that
    /// the source has.
    pub(super) fn add(&mut self, activity: Activity) -> Added {
        match self.0.iter_mut().find(|known| known.source == activity.source) {
            None => {
                self.0.push(activity);
                Added::New
            }
            Some(known) if is_more(known, &activity) => {
                known.hours = activity.hours;
                Added::Grown
            }
            Some(_) => Added::Unchanged,
        }
    }

    /// Takes an activity out; `None` where there is none of this id.
    pub(super) fn remove(&mut self, id: Id) -> Option<Activity> {
        let place = self.0.iter().position(|activity| activity.id == id)?;
        Some(self.0.remove(place))
    }
}

fn is_more(known: &Activity, told: &Activity) -> bool {
    mutant!("ce_latest_kept", known.hours != told.hours);
    known.hours < told.hours
}
