//! What clients need to be in step with the server: writes that can be repeated, and an exact pull of what changed.

pub mod batch;
pub mod changes;
pub mod deletions;
pub mod events;
pub mod idempotency;
pub mod operations;
