//! The same judgement by trying every order: slow, and too plain to be wrong.

use crate::load::history::{AT_FIRST, History, Outcome, Read, Span, Token, Write};

/// The one copy.
#[derive(Clone, Copy)]
struct Copy {
    stamp: i64,
    token: Token,
}

enum Op<'a> {
    Write(&'a Write),
    Read(&'a Read),
}

impl Op<'_> {
    fn span(&self) -> Span {
        match self {
            Self::Write(write) => {
                let ended = if self.is_in_doubt() { u64::MAX } else { write.span.ended };
                Span { ended, ..write.span }
            }
            Self::Read(read) => read.span,
        }
    }

    fn is_in_doubt(&self) -> bool {
        matches!(self, Self::Write(write) if write.outcome == Outcome::Unknown)
    }

    /// The copy after this, where the copy can answer it as it was answered.
    fn done(&self, copy: Copy, history: &History) -> Vec<Copy> {
        let if_ = |holds: bool, after: Copy| if holds { vec![after] } else { Vec::new() };
        match self {
            Self::Read(read) => if_(read.stamp == copy.stamp && read.tokens == [copy.token; 2], copy),
            Self::Write(Write { base, token, outcome, .. }) => {
                let fits = |stamp: i64| *base == copy.stamp && stamp > copy.stamp;
                let after = |stamp: i64| Copy { stamp, token: *token };
                match outcome {
                    Outcome::Applied(stamp) => if_(fits(*stamp), after(*stamp)),
                    Outcome::Stale(stamp) => if_(*stamp == copy.stamp && base != stamp, copy),
                    Outcome::Nothing => vec![copy],
                    Outcome::Unknown => {
                        let seen = history.reads.iter().filter(|read| read.tokens[0] == *token);
                        seen.map(|read| read.stamp).filter(|stamp| fits(*stamp)).map(after).collect()
                    }
                }
            }
        }
    }
}

pub(super) fn is_linearizable(history: &History) -> bool {
    let writes = history.writes.iter().map(Op::Write);
    let mut left: Vec<Op<'_>> = writes.chain(history.reads.iter().map(Op::Read)).collect();
    search(Copy { stamp: history.first_stamp, token: AT_FIRST }, &mut left, history)
}

fn search(copy: Copy, left: &mut Vec<Op<'_>>, history: &History) -> bool {
    if left.iter().all(Op::is_in_doubt) {
        return true;
    }
    for place in 0..left.len() {
        let begun = left[place].span().begun;
        if left.iter().any(|other| other.span().ended < begun) {
            continue;
        }
        let op = left.swap_remove(place);
        let found = op.done(copy, history).into_iter().any(|after| search(after, left, history));
        left.push(op);
        let last = left.len() - 1;
        left.swap(place, last);
        if found {
            return true;
        }
    }
    false
}
