//! Users of JUNO (`juno.md` 1.2, 5): what JUNO keeps of a person, and what it shares with MPDX, as one resource.
//!
//! Codecs make [`Changes`] of what is sent and documents of a [`View`]; in between there is one way to read and one to
//! write.
//!
//! [`Changes`]: changes::Changes
//! [`View`]: view::View

pub mod changes;
mod dimensions;
pub mod field;
mod links;
mod person;
pub mod read;
pub mod rights;
mod rows;
mod shown;
mod social;
mod source;
pub mod text;
pub mod view;
mod work;
pub mod write;
