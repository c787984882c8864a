//! What a user has earned of a program, and what may be done with it (`juno.md` 3.2 and 3.3). Earning, the window and
//! the program move a record between `Open` and `Ready`, an admin hides and shows it, and only a claim ends it.

use super::claim::Claim;
use super::hours::{Hours, Total};
use super::ledger::{Activity, Added, Ledger};
use super::program::{Program, Threshold};
use super::refusal::Refusal;
use super::status::Status;
use crate::clock::Stamp;
use crate::id::Id;
use crate::mutants::mutant;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The user whose record it is.
    User,
    /// An API key, or a user of level 99, also for himself.
    Admin,
}

/// A record of a user in a program: what is stored of it. All else is worked out when it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Not shown to the user.
    is_hidden: bool,
    pub(super) ledger: Ledger,
    /// At most one is not void.
    pub(super) claims: Vec<Claim>,
}

impl Record {
    /// A record in which nothing has been earned yet.
    #[must_use]
    pub const fn new(is_published: bool) -> Self {
        Self { is_hidden: !is_published, ledger: Ledger::new(Vec::new()), claims: Vec::new() }
    }

    /// A record as it is stored, its claims in the order in which they were made.
    #[must_use]
    pub const fn stored(is_hidden: bool, activities: Vec<Activity>, claims: Vec<Claim>) -> Self {
        Self { is_hidden, ledger: Ledger::new(activities), claims }
    }

    /// Whether it is not to be shown to the user while it is not claimed.
    #[must_use]
    pub const fn is_hidden(&self) -> bool {
        self.is_hidden
    }

    /// What has been earned by what.
    #[must_use]
    pub fn activities(&self) -> &[Activity] {
        self.ledger.activities()
    }

    /// All claims, the void ones too.
    #[must_use]
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The claim that is not void.
    #[must_use]
    pub fn claim(&self) -> Option<&Claim> {
        self.claims.iter().rfind(|claim| claim.voided_at.is_none())
    }

    /// The most hours that can be earned. Of a claimed record it is what it was at the claim.
    #[must_use]
    pub fn credits(&self, program: &Program) -> Hours {
        mutant!("ce_done_moves", program.credits);
        self.claim().map_or(program.credits, |claim| claim.snapshot.credits)
    }

    /// What part of them must be earned. Of a claimed record it is what it was at the claim.
    #[must_use]
    pub fn threshold(&self, program: &Program) -> Threshold {
        self.claim().map_or(program.threshold, |claim| claim.snapshot.threshold)
    }

    /// The hours that have been earned, as far as they count.
    #[must_use]
    pub fn earned(&self, program: &Program) -> Hours {
        self.ledger.sum().capped(self.credits(program))
    }

    /// What has been earned beyond that; `None` where all counts.
    #[must_use]
    pub fn uncounted(&self, program: &Program) -> Option<Total> {
        self.ledger.sum().above(self.credits(program))
    }

    /// How many hours must be earned, for people to read.
    #[must_use]
    pub fn required(&self, program: &Program) -> Hours {
        self.threshold(program).required(self.credits(program))
    }

    /// The claimed hours.
    #[must_use]
    pub fn claimed(&self) -> Hours {
        self.claim().map_or(Hours::ZERO, |claim| claim.hours)
    }

    /// Whether enough has been earned.
    #[must_use]
    pub fn is_met(&self, program: &Program) -> bool {
        self.threshold(program).is_met(self.earned(program), self.credits(program))
    }

    /// How far the record is at `now`.
    #[must_use]
    pub fn status(&self, program: &Program, now: Stamp) -> Status {
        if self.claim().is_some() {
            Status::Done
        } else if self.is_hidden {
            Status::None
        } else if self.is_met(program) && program.window.contains(now) {
            Status::Ready
        } else {
            Status::Open
        }
    }

    /// Whether `caller` sees the record: to a user, one that is hidden does not exist.
    #[must_use]
    pub fn is_seen_by(&self, caller: Caller) -> bool {
        caller == Caller::Admin || !self.is_hidden || self.claim().is_some()
    }

    /// Publishes the record (`Open`) or hides it (`None`); earnings are kept. Returns whether something changed. To send
    /// the status that it has changes nothing; so does `Open` for a published record that is `Ready`.
    ///
    /// # Errors
    /// [`Refusal::InvalidTransition`]: nothing becomes `Ready` or `Done` so, and what is `Done` stays it.
    pub fn set_status(&mut self, to: Status, program: &Program, now: Stamp) -> Result<bool, Refusal> {
        match (self.status(program, now), to) {
            (from, to) if from == to => Ok(false),
            (Status::Ready, Status::Open) => Ok(false),
            (Status::None, Status::Open) => {
                self.is_hidden = false;
                Ok(true)
            }
            (Status::Open | Status::Ready, Status::None) => {
                self.is_hidden = true;
                Ok(true)
            }
            (from, to) => Err(Refusal::InvalidTransition { from, to: Some(to) }),
        }
    }

    /// Undoes the claim, which stays as a void one; hours are earned and claimed anew by the program's own rules.
    ///
    /// # Errors
    /// [`Refusal::InvalidTransition`] where nothing is claimed.
    pub fn reopen(&mut self, program: &Program, now: Stamp) -> Result<(), Refusal> {
        let from = self.status(program, now);
        match self.claims.iter_mut().rfind(|claim| claim.voided_at.is_none()) {
            Some(claim) => {
                claim.voided_at = Some(now);
                Ok(())
            }
            None => Err(Refusal::InvalidTransition { from, to: None }),
        }
    }

    /// Counts an activity, whatever the status is.
    pub fn add(&mut self, activity: Activity) -> Added {
        self.ledger.add(activity)
    }

    /// Takes an activity out of what was earned; `None` where there is none of this id. A claim stays what it is.
    pub fn remove(&mut self, activity: Id) -> Option<Activity> {
        self.ledger.remove(activity)
    }
}
