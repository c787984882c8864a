//! Continuing education (`juno.md` 1.5 and 3): what a user earns of a program, and claims.
//!
//! The rules are pure: they know no HTTP and no database, and the time is told to them, so that they can be tested by
//! themselves. Stored of a record are its hidden flag, its activities and its claims ([`records`]); the earned hours and
//! the status follow from them, from its program and from the time ([`Record::status`]). The window moves by the clock
//! alone, so no column holds a status.

mod claim;
pub mod endpoints;
mod hours;
mod ledger;
mod program;
pub mod programs;
mod record;
pub mod records;
mod refusal;
pub(crate) mod resources;
mod status;

pub use claim::{Claim, Snapshot};
pub use hours::{Hours, SomeHours, Total};
pub use ledger::{Activity, Added, Source};
pub use program::{Program, Threshold, Window};
pub use record::{Caller, Record};
pub use refusal::Refusal;
pub use status::Status;
