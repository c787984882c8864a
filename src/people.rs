//! What a person owns beside his attributes.

pub mod email_address;
pub mod phone_number;
