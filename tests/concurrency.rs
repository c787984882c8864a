//! Many requests at once, several nodes, and processes that die.

mod checkpoints;
mod crash;
mod failpoints;
mod faults;
mod gather;
mod nodes;
mod rivals;
mod shared_commits;
