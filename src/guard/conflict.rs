//! What a refused edit is told: the wordings of `mpdx-behaviour.md` 2.2 and the `meta` of design 3.

use std::collections::HashSet;

use super::base::STAMP;
use super::{Guarded, Member};
use crate::clock::Stamp;
use crate::jsonapi::json::Members;
use crate::jsonapi::{Code, ErrorObject, Json, Pointer};

/// Why an edit does not fit the stored state.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    stored: Stamp,
    sent: Option<String>,
    known: Option<Since>,
}

/// What happened since a base that the record once had.
#[derive(Clone, Debug, PartialEq)]
struct Since {
    /// What others changed, with its current value.
    changed: Vec<(Member, Json)>,
    /// Those of it that the edit sets to another value.
    conflicting: Vec<Member>,
}

impl Conflict {
    /// Compares an edit with what happened to `state` since `base`. `after` is the state with the edit applied.
    /// A base that is unknown, or later than the stored stamp, says nothing of what happened.
    #[must_use]
    pub fn since<S: Guarded>(state: &S, after: &S, base: Option<Stamp>, sent: Option<String>) -> Self {
        let stored = state.stamp();
        let known = base.filter(|base| *base <= stored).map(|base| {
            let changed = state.changed_since(base);
            let conflicting = state.contradicted(after, &changed.iter().collect::<HashSet<_>>(), base);
            let changed = changed.into_iter().map(|member| {
                let value = state.shown(&member);
                (member, value)
            });
            Since { changed: changed.collect(), conflicting }
        });
        Self { stored, sent, known }
    }

    /// Whether the edit sets something that others changed, or nobody knows.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.known.as_ref().is_none_or(|since| !since.conflicting.is_empty())
    }

    /// What others changed.
    pub(super) fn changed_members(self) -> Vec<Member> {
        self.known
            .map(|since| since.changed.into_iter().map(|(member, _)| member).collect())
            .unwrap_or_default()
    }

    /// The error objects of a stale stamp, or of a missing one, which the original answers with two: clients look
    /// for the second. `place` is the innermost object that should have held a missing stamp.
    #[must_use]
    pub fn stale(&self, place: &Pointer) -> Vec<ErrorObject> {
        if self.sent.is_some() {
            return vec![self.stale_at(Pointer::attributes().member(STAMP))];
        }
        let message = "has to be sent in the list of attributes in order to update resource";
        let missing = ErrorObject::attribute(Code::StampMissing, STAMP, message, place.clone());
        vec![missing.with_meta(self.meta()), self.stale_at(place.clone())]
    }

    /// The error object of a stale stamp that lies at `pointer`.
    #[must_use]
    pub fn stale_at(&self, pointer: Pointer) -> ErrorObject {
        let message = format!("is not equal to the current value in the database ({})", self.stored);
        ErrorObject::attribute(Code::Stale, STAMP, message, pointer).with_meta(self.meta())
    }

    /// The error object of a condition that does not hold; `header` is its name.
    #[must_use]
    pub fn precondition_failed(&self, header: &'static str) -> ErrorObject {
        let detail = format!("{header} does not hold for the current state ({}).", self.stored);
        ErrorObject::new(Code::PreconditionFailed, detail).in_header(header).with_meta(self.meta())
    }

    fn meta(&self) -> Json {
        let mut meta: Members = vec![(STAMP.to_owned(), self.stored.to_string().into())];
        if let Some(sent) = &self.sent {
            meta.push(("sent".to_owned(), sent.as_str().into()));
        }
        if let Some(since) = &self.known {
            let changed = since.changed.iter().map(|(member, value)| (member.to_string(), value.clone()));
            meta.push(("changed".to_owned(), Json::Object(changed.collect())));
            meta.push((
                "conflicting".to_owned(),
                since.conflicting.iter().map(AsRef::<str>::as_ref).collect(),
            ));
        }
        Json::Object(meta)
    }
}
