//! Continuing education in a line: the records of each user of JUNO with their activities and claims, and of the site the
//! programs that they are of.

mod given;
mod merge;
mod plan;
mod shown;

pub(super) use given::{Record, check, records};
pub(super) use plan::Plan;
pub(super) use shown::{programs, shown};

/// The member of a user of JUNO.
pub(super) const RECORDS: &str = "ce_records";
/// The member of what the site has defined.
pub(super) const PROGRAMS: &str = "ce_programs";
/// The members of a record.
const ACTIVITIES: &str = "activities";
const CLAIMS: &str = "claims";
