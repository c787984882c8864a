//! Many clients at two nodes on one database while something fails, and a judge of what they saw.

mod check;
mod history;
