//! What all tests share: an application with its own database, and answers that are checked as they come in.

pub mod answer;
pub mod app;
pub mod docs;
pub mod program;
pub mod schema;

pub use answer::Answer;
pub use app::{TestApp, put, user};
