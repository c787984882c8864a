//! What is done to connections, requests and answers whatever they are about.

pub mod connection;
pub mod limits;
