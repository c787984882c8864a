//! What all tests share: an application with its own database, and answers that are checked as they come in.

pub mod answer;
pub mod app;
pub mod backend;
pub mod command_line;
pub mod cutter;
pub mod docs;
pub mod education;
pub mod form;
pub mod full;
pub mod openapi;
pub mod pages;
pub mod place;
pub mod pooler;
pub mod postgres;
pub mod program;
pub mod provider;
pub mod rows;
pub mod schema;
pub mod stream;
pub mod structure;

pub use answer::Answer;
pub use app::{TestApp, put, user};
pub use place::Place;
