//! What a person owns beside his attributes.

mod aside;
pub mod edit;
pub(crate) mod election;
pub mod email_address;
pub mod endpoints;
pub mod facebook_account;
pub mod family_relationship;
pub mod kind;
pub mod logins;
pub mod nested;
pub mod owned_row;
pub mod owners;
pub mod phone_number;
mod related;
pub mod render;
pub mod request;
pub mod row;
pub mod rows;
pub mod store;
pub mod surroundings;
pub mod write;
