//! Claims: what is given for earned hours. A claim ends its record, also where it leaves hours unclaimed.

use super::hours::Hours;
use super::program::{Program, Threshold};
use super::record::{Caller, Record};
use super::refusal::Refusal;
use crate::clock::Stamp;
use crate::id::Id;
use crate::mutants::mutant;

/// A claim. It is never changed but by being made void.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its id.
    pub id: Id,
    /// The claimed hours: K.
    pub hours: Hours,
    /// When it was made.
    pub claimed_at: Stamp,
    /// What it was judged by.
    pub snapshot: Snapshot,
    /// When it was undone, where it was.
    pub voided_at: Option<Stamp>,
}

/// What a record and its program were at the claim. It is stored with the claim, so that nothing that happens to the
/// program or the activities later changes what a claim was good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// C
    pub credits: Hours,
    /// T
    pub threshold: Threshold,
    /// E
    pub earned: Hours,
}

impl Record {
    /// Claims `asked` hours, or all that were earned. The record must be locked, or be written only where it has no
    /// claim, so that of two rivals one is told of the other.
    ///
    /// # Errors
    /// The first that holds of [`Refusal::AlreadyClaimed`], [`Refusal::NotFound`], [`Refusal::NotReady`],
    /// [`Refusal::ClaimClosed`]; then, of the hours, [`Refusal::NotPartial`], [`Refusal::ExceedEarned`],
    /// [`Refusal::NoStep`], [`Refusal::NothingToClaim`].
    pub fn claim_hours(
        &mut self,
        id: Id,
        asked: Option<Hours>,
        caller: Caller,
        program: &Program,
        now: Stamp,
    ) -> Result<Claim, Refusal> {
        self.check_claimable(caller, program, now)?;
        let earned = self.earned(program);
        check_hours(asked, earned, program)?;
        let snapshot = Snapshot { credits: program.credits, threshold: program.threshold, earned };
        let hours = asked.unwrap_or(earned);
        let claim = Claim { id, hours, claimed_at: now, snapshot, voided_at: None };
        self.claims.push(claim.clone());
        Ok(claim)
    }

    fn check_claimable(&self, caller: Caller, program: &Program, now: Stamp) -> Result<(), Refusal> {
        if let Some(claim) = self.claim() {
            return Err(Refusal::AlreadyClaimed { hours: claim.hours, at: claim.claimed_at });
        }
        if !self.is_seen_by(caller) {
            return Err(Refusal::NotFound);
        }
        if self.is_hidden() || !self.is_met(program) {
            let (required, earned) = (self.required(program), self.earned(program));
            return Err(Refusal::NotReady { is_hidden: self.is_hidden(), required, earned });
        }
        if !program.window.contains(now) {
            return Err(Refusal::ClaimClosed(program.window));
        }
        Ok(())
    }
}

/// Whether the `asked` hours may be claimed of those that were earned. All of them always may, whatever the step is.
fn check_hours(asked: Option<Hours>, earned: Hours, program: &Program) -> Result<(), Refusal> {
    let hours = asked.unwrap_or(earned);
    let is_all = hours == earned;
    mutant!("ce_step_of_all", let is_all = is_all && program.hour_step.divides(hours));
    if !is_all {
        if !program.partial_claims {
            return Err(Refusal::NotPartial { earned });
        }
        if hours > earned {
            return Err(Refusal::ExceedEarned { earned });
        }
        if !program.hour_step.divides(hours) {
            return Err(Refusal::NoStep { step: program.hour_step, earned });
        }
    }
    // Where there are no credits the claim is of the attendance alone.
    if hours == Hours::ZERO && program.credits != Hours::ZERO {
        return Err(Refusal::NothingToClaim { was_sent: asked.is_some(), earned });
    }
    Ok(())
}
