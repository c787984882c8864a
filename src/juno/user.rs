//! Users of JUNO (`juno.md` 1.2, 5): what JUNO keeps of a person, and what it shares with MPDX, as one resource.
//!
//! Codecs make [`Changes`] of what is sent and documents of a [`View`]; in between there is one way to read and one to
//! write.
//!
//! [`Changes`]: changes::Changes
//! [`View`]: view::View

pub mod changes;
pub mod codec;
mod dimensions;
pub mod endpoints;
pub mod field;
pub(crate) mod included;
pub mod linked;
mod links;
mod list;
mod person;
pub mod read;
pub mod rights;
mod rows;
pub(crate) mod shape;
mod shown;
mod social;
mod source;
mod task;
pub mod text;
pub mod unique;
pub mod values;
pub mod view;
pub mod whom;
mod work;
pub mod write;
