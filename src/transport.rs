//! What is done to connections, requests and answers whatever they are about.

pub mod compression;
pub mod connection;
pub mod limits;
pub mod rate;
pub mod security;
