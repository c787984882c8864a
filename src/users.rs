//! The user: his attributes and preferences, his document, and the two requests on it.

pub mod attributes;
pub mod avatar;
pub mod cache;
pub mod create;
pub mod edit;
pub mod face;
pub mod identities;
pub mod include;
pub mod linkage;
pub mod person;
pub mod pictures;
pub mod preferences;
pub mod related;
pub mod relationships;
pub mod render;
pub mod rules;
mod set_all;
pub mod show;
pub mod statuses;
pub mod store;
pub mod time_zone;
pub mod update;
pub mod writes;
