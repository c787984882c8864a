//! What the documents promise, compared as whole answers, what the clients in the field need, and what our own files
//! promise of each other.

mod clients;
mod commands;
mod documented;
mod files;
mod flows;
mod openapi;
mod readme;
mod transcripts;
