//! The one function that decides on an edit.

use super::base::{Base, Claim};
use super::conflict::Conflict;
use super::precondition::Conditions;
use super::{Applied, Guarded, Member};
use crate::clock::Stamp;
use crate::jsonapi::{Fault, Pointer};

/// A request to change a record, read and checked as far as that goes without the record.
#[derive(Clone, Debug)]
pub struct Edit<C> {
    /// The base that it names, and whether that is to be compared.
    pub claim: Claim,
    /// The conditions of its headers.
    pub conditions: Conditions,
    /// The client wants a merge where that loses nothing.
    pub merge: bool,
    /// What it sets.
    pub changes: C,
    /// What is wrong with the request by itself.
    pub faults: Vec<Fault>,
    /// The innermost object that should have held a missing stamp.
    pub stamp_belongs_in: Pointer,
}

/// What is to happen with an edit.
#[derive(Clone, Debug)]
pub enum Decision<S> {
    /// Write the new state, if the record still is in the state that was decided on.
    Applied {
        /// The state to write.
        state: S,
        /// Members to name as not applied.
        ignored: Vec<Member>,
        /// After a merge: what others had changed.
        merged: Option<Vec<Member>>,
    },
    /// Nothing to write; the record is what the client wants.
    Unchanged {
        /// Members to name as not applied.
        ignored: Vec<Member>,
        /// After a merge: what others had changed.
        merged: Option<Vec<Member>>,
    },
    /// The condition of this header does not hold.
    PreconditionFailed(&'static str, Conflict),
    /// The edit names no base (`sent` of the conflict is absent) or not the current one. With it whatever else is
    /// wrong.
    Stale(Conflict, Vec<Fault>),
    /// The edit is on the right base but can't be applied.
    Invalid(Vec<Fault>),
}

/// How the base of an edit relates to the stored state.
enum Standing {
    Current,
    /// Others changed the record after the base.
    Behind(Base),
    /// A stamp that this record never had, or none at all.
    Unknown(Option<Base>),
}

/// Decides on `edit`, given the record `state` as it was read.
#[must_use]
pub fn decide<S: Guarded>(state: &S, edit: &Edit<S::Changes>, now: Stamp) -> Decision<S> {
    let applied = state.apply(&edit.changes, now);
    if let Some((header, condition)) = edit.conditions.broken(state.version(), state.stamp()) {
        let sent = Some(condition.sent().to_owned());
        let conflict = Conflict::since(state, &applied.state, condition.base(), sent);
        return Decision::PreconditionFailed(header, conflict);
    }
    let faults = || edit.faults.iter().chain(&applied.faults).cloned().collect::<Vec<_>>();
    let merged = match standing(state.stamp(), edit) {
        Standing::Current => None,
        Standing::Behind(base) => {
            let conflict = Conflict::since(state, &applied.state, Some(base.stamp), Some(base.sent));
            if !edit.merge || conflict.is_contradicted() {
                return Decision::Stale(conflict, faults());
            }
            Some(conflict.changed_members())
        }
        Standing::Unknown(base) => {
            let conflict = Conflict::since(state, &applied.state, None, base.map(|base| base.sent));
            return Decision::Stale(conflict, faults());
        }
    };
    let faults = faults();
    if !faults.is_empty() {
        return Decision::Invalid(faults);
    }
    let Applied { state: after, differs, ignored, .. } = applied;
    if !differs {
        return Decision::Unchanged { ignored, merged };
    }
    let changed = state.changed(&after);
    Decision::Applied { state: state.moved(after, &changed, now), ignored, merged }
}

fn standing<C>(stored: Stamp, edit: &Edit<C>) -> Standing {
    if edit.claim.overwrite {
        return Standing::Current;
    }
    match &edit.claim.base {
        // If-Match, which holds by now, names the base as well as a stamp does (design 9).
        None if edit.conditions.if_match.is_some() => Standing::Current,
        None => Standing::Unknown(None),
        Some(base) if base.stamp == stored => Standing::Current,
        Some(base) if base.stamp < stored => Standing::Behind(base.clone()),
        Some(base) => Standing::Unknown(Some(base.clone())),
    }
}
