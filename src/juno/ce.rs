//! Continuing education (`juno.md` 1.5 and 3): what a user earns of a program, and claims. Pure: it knows no HTTP and no
//! database, and the time is told to it, so that its rules can be tested by themselves.
//!
//! Stored of a record are its hidden flag, its activities and its claims; the earned hours and the status follow from
//! them, from its program and from the time ([`Record::status`]). A column for the status can only be a help for filters:
//! the window moves by the clock alone.

mod claim;
mod hours;
mod ledger;
mod program;
mod record;
mod refusal;
mod status;

pub use claim::{Claim, Snapshot};
pub use hours::{Hours, SomeHours, Total};
pub use ledger::{Activity, Added, Source};
pub use program::{Program, Threshold, Window};
pub use record::{Caller, Record};
pub use refusal::Refusal;
pub use status::Status;
