//! JSON:API 1.1 as such: media types, documents, requests, pointers, errors. Knows no user and no database.

pub mod atomic;
pub mod collection;
pub mod document;
pub mod error;
pub mod json;
pub mod media_type;
pub mod pointer;
pub mod query;
pub mod request;

pub use error::{Code, ErrorObject, Fault};
pub use json::Json;
pub use pointer::Pointer;
