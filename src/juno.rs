//! What JUNO keeps of a site (`docs/juno.md`). Its resources have no stamp: their guard is `If-Match`, which nobody has to
//! send.

pub(crate) mod attributes;
pub mod ce;
pub(crate) mod counters;
pub mod date;
pub mod definition;
pub mod dimensions;
mod listing;
pub mod profile;
pub(crate) mod refusals;
mod resource;
mod stored;
pub mod tag_types;
pub mod tags;
pub(crate) mod text;
pub mod user;
