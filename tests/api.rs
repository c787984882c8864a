//! What the API answers, rule by rule.

mod account_lists;
mod attributes;
mod batch;
mod changes;
mod cors;
mod decisions;
mod doors;
mod envelope;
mod events;
mod guard;
mod idempotency;
mod include;
mod key_accounts;
mod lists;
mod merge;
mod nested;
mod operations;
mod options;
mod organization_accounts;
mod pipeline;
mod preconditions;
mod preferences;
mod related;
mod rows;
mod sign_in;
mod tokens;
