//! What an edit says of the state that it was made on: two attributes of every resource that is guarded.

use super::stamp;
use crate::clock::Stamp;
use crate::jsonapi::json::Members;
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::metrics::count::OVERWRITES;

/// The name of the stamp in every document.
pub const STAMP: &str = "updated_in_db_at";

/// The attribute that skips the comparison of stamps.
const OVERWRITE: &str = "overwrite";

/// The stamp that an edit names as its base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// As it was sent.
    pub sent: String,
    /// As it was understood.
    pub stamp: Stamp,
}

/// The two attributes, taken out of those that were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// `updated_in_db_at`.
    pub base: Option<Base>,
    /// `overwrite`: JSON `true` and the text `true`, nothing else (`mpdx-behaviour.md` 2.1).
    pub overwrite: bool,
}

impl Claim {
    /// Takes the two attributes out of `attributes`, which lie at `at`.
    ///
    /// # Errors
    /// A stamp that can't be read: answered alone (design 9), in the wording of `mpdx-behaviour.md` 2.2 (c).
    pub fn take(attributes: &mut Members, at: &Pointer, now: Stamp) -> Result<Self, Fault> {
        let mut claim = Self::default();
        let mut fault = None;
        attributes.retain(|(name, value)| match name.as_str() {
            OVERWRITE => {
                claim.overwrite = matches!(value, Json::Bool(true)) || value.as_str() == Some("true");
                if claim.overwrite {
                    OVERWRITES.up();
                }
                false
            }
            STAMP => {
                let sent = time_text(value);
                match stamp::parse(&sent, now) {
                    Ok(stamp) => claim.base = Some(Base { sent, stamp }),
                    Err(e) => {
                        let fault_in = Fault::new(Code::InvalidTimestamp, e.to_string());
                        fault = Some(fault_in.at(at.member(STAMP)));
                    }
                }
                false
            }
            _ => true,
        });
        fault.map_or(Ok(claim), Err)
    }

    /// A client that sends back the time of its base has not edited at that time (design 3).
    #[must_use]
    pub fn own_time(&self, sent: Option<Stamp>) -> Option<Stamp> {
        sent.filter(|sent| self.base.as_ref().is_none_or(|base| base.stamp != *sent))
    }
}

/// The text of a value that should be a time; the original looks at the text of whatever is sent.
#[must_use]
pub fn time_text(sent: &Json) -> String {
    match sent {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_text(),
    }
}
