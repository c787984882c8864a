//! The four statuses.

use std::fmt;

use crate::jsonapi::{Code, Json};
use crate::users::rules::Message;

/// How far a record is. `None` is a status like the others, and never the lack of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Hidden from the user.
    None,
    /// Hours can be earned.
    Open,
    /// Enough are earned, and they can be claimed now.
    Ready,
    /// Claimed.
    Done,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Open, Self::Ready, Self::Done];

    /// The text in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Open => "Open",
            Self::Ready => "Ready",
            Self::Done => "Done",
        }
    }

    /// Reads one of the four texts, to the letter.
    ///
    /// # Errors
    /// [`Message`] for any other text, and for whatever is none: null is not `None`.
    pub fn read(sent: &Json) -> Result<Self, Message> {
        let Some(text) = sent.as_str() else {
            return Err(Message::new(Code::WrongType, "must be a string"));
        };
        let status = Self::ALL.into_iter().find(|status| status.as_str() == text);
        status.ok_or_else(|| Message::new(Code::Invalid, "must be None, Open, Ready or Done"))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Status> for Json {
    fn from(status: Status) -> Self {
        status.as_str().into()
    }
}
