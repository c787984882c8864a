//! What clients saw of one user: his guarded edits and his reads, each with the time that it took.
//!
//! An edit puts a token of its own into two members, and its base is a state that its client has read.

/// What an edit writes, and nothing else does. [`AT_FIRST`] is what is there before any.
pub type Token = u64;

/// What both members hold at first.
pub const AT_FIRST: Token = 0;

/// From when it was sent to when its end was known, on one clock that never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub begun: u64,
    pub ended: u64,
}

/// A guarded edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    pub token: Token,
    /// The stamp of the state that it was made from.
    pub base: i64,
    pub span: Span,
    pub outcome: Outcome,
}

/// What its client knows of an edit in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Acknowledged, with its stamp.
    Applied(i64),
    /// Refused as stale; the stamp of the state that it was refused on.
    Stale(i64),
    /// Nothing was done, as was told.
    Nothing,
    /// In doubt: it may happen, wholly, at any time after it was sent.
    Unknown,
}

/// A read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub span: Span,
    pub stamp: i64,
    /// What the two members hold.
    pub tokens: [Token; 2],
}

/// All that was done to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The stamp that he has before any edit.
    pub first_stamp: i64,
    pub writes: Vec<Write>,
    pub reads: Vec<Read>,
}
