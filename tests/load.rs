//! Many clients at two nodes on one database while something fails, and a judge of what they saw.

mod check;
mod client;
mod cuts;
pub(crate) mod faults;
mod history;
mod run;
pub(crate) mod steady;
pub(crate) mod table;
