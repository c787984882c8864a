//! Many requests at once, several nodes, and processes that die.

mod crash;
mod failpoints;
mod faults;
mod nodes;
mod rivals;
