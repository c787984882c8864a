//! Why something can't be done with a record, and how that is told.

use std::borrow::Cow;

use super::hours::{Hours, SomeHours};
use super::program::Window;
use super::status::Status;
use crate::clock::Stamp;
use crate::jsonapi::{Code, ErrorObject, Json, Pointer};

/// Why something can't be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The record is hidden from whoever asks.
    NotFound,
    /// The record does not go from one status to another by a request; to none where it was to be reopened.
    InvalidTransition {
        /// The status that it has.
        from: Status,
        /// The status that was sent.
        to: Option<Status>,
    },
    /// There is a claim already.
    AlreadyClaimed {
        /// How many hours it is of.
        hours: Hours,
        /// When it was made.
        at: Stamp,
    },
    /// The record is not published, or too little was earned.
    NotReady {
        /// It is not published.
        is_hidden: bool,
        /// How many hours must be earned.
        required: Hours,
        /// How many were.
        earned: Hours,
    },
    /// Enough was earned, but now is not the time.
    ClaimClosed(Window),
    /// Other hours than the earned ones, where the program gives all or nothing.
    NotPartial {
        /// The hours that could be claimed.
        earned: Hours,
    },
    /// More hours than were earned.
    ExceedEarned {
        /// The hours that could be claimed.
        earned: Hours,
    },
    /// A part of the earned hours that is no multiple of the program's step.
    NoStep {
        /// The step.
        step: SomeHours,
        /// The hours that could be claimed whatever the step.
        earned: Hours,
    },
    /// No hours, in a program that gives some.
    NothingToClaim {
        /// The request said so itself.
        was_sent: bool,
        /// The hours that could be claimed.
        earned: Hours,
    },
}

impl Refusal {
    /// The error object; `record` is the id that was asked for. Pointers name what the request has if it was read.
    #[must_use]
    pub fn error(&self, record: &str) -> ErrorObject {
        let error = match self {
            Self::NotFound => {
                let detail = format!("Couldn't find CeRecord with 'id'={record}");
                return ErrorObject::new(Code::NotFound, detail);
            }
            Self::InvalidTransition { from, to: Some(to) } => {
                let message = format!("can't be changed from {from} to {to}");
                ErrorObject::attribute(Code::CeInvalidTransition, "ce_status", message, at("ce_status"))
            }
            Self::InvalidTransition { from, to: None } => {
                let detail = format!("The record is {from}; only one that is Done can be reopened.");
                ErrorObject::new(Code::CeInvalidTransition, detail)
            }
            Self::AlreadyClaimed { hours, at } => {
                let detail = format!("{hours} hours were claimed at {at}.");
                ErrorObject::new(Code::CeAlreadyClaimed, detail)
            }
            Self::NotReady { is_hidden: true, .. } => {
                ErrorObject::new(Code::CeNotReady, "The record is not published.")
            }
            Self::NotReady { required, earned, .. } => {
                let detail = format!("{earned} hours are earned, and {required} are required.");
                ErrorObject::new(Code::CeNotReady, detail)
            }
            Self::ClaimClosed(window) => ErrorObject::new(Code::CeClaimClosed, times(window)),
            Self::NotPartial { earned } => {
                hours(Code::Invalid, format!("must be all that are earned, {earned}"))
            }
            Self::ExceedEarned { earned } => {
                hours(Code::HoursExceedEarned, format!("can't be more than are earned, {earned}"))
            }
            Self::NoStep { step, earned } => {
                let message =
                    format!("must be a multiple of {}, or all that are earned, {earned}", step.hours());
                hours(Code::Invalid, message)
            }
            Self::NothingToClaim { was_sent: true, .. } => hours(Code::NothingToClaim, "can't be zero"),
            Self::NothingToClaim { .. } => ErrorObject::new(Code::NothingToClaim, "Nothing is earned yet."),
        };
        let meta = self.meta().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        error.with_meta(Json::Object(meta))
    }

    /// What a program needs to go on.
    fn meta(&self) -> Vec<(&'static str, Json)> {
        match *self {
            Self::NotFound => Vec::new(),
            Self::InvalidTransition { from, .. } => vec![("ce_status", from.into())],
            Self::AlreadyClaimed { hours, at } => {
                vec![("claimed_hours", hours.into()), ("claimed_at", at.to_string().into())]
            }
            Self::NotReady { required, earned, .. } => {
                vec![("required_hours", required.into()), ("earned_hours", earned.into())]
            }
            Self::ClaimClosed(window) => {
                let time = |bound: Option<Stamp>| Json::from(bound.map(|at| at.to_string()));
                vec![("opens_at", time(window.opens_at())), ("closes_at", time(window.closes_at()))]
            }
            Self::NotPartial { earned }
            | Self::ExceedEarned { earned }
            | Self::NothingToClaim { earned, .. } => {
                vec![("earned_hours", earned.into())]
            }
            Self::NoStep { step, earned } => {
                vec![("hour_step", step.hours().into()), ("earned_hours", earned.into())]
            }
        }
    }
}

/// The attribute `name` of the request.
fn at(name: &str) -> Pointer {
    Pointer::attributes().member(name)
}

/// An error in the hours that were sent.
fn hours(code: Code, message: impl Into<Cow<'static, str>>) -> ErrorObject {
    ErrorObject::attribute(code, "hours", message, at("hours"))
}

/// When hours can be claimed, for people.
fn times(window: &Window) -> String {
    let opens = window.opens_at().map(|at| format!(" from {at}")).unwrap_or_default();
    let closes = window.closes_at().map(|at| format!(" before {at}")).unwrap_or_default();
    format!("Hours can be claimed{opens}{closes}.")
}
