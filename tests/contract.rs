//! What the documents promise, compared as whole answers, and what our own files promise of each other.

mod clients;
mod documented;
mod files;
mod readme;
mod transcripts;
