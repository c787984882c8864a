//! Whether a history is linearizable: whether all that was seen could have been seen of one copy that does one thing
//! at a time. In general that is hard to decide; here stamps order the writes, so it is checked directly, in
//! n log n: each write's base is its predecessor, each read shows one state, and nothing that has ended before
//! something else began comes after it in that order.

mod brute;
mod generated;
mod planted;

use std::collections::HashMap;

use super::history::{AT_FIRST, History, Outcome, Read, Token, Write};

/// Something in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The write of a token.
    Write(Token),
    /// The refusal of the write of a token, which has seen a stamp.
    Refusal(Token),
    /// A read, by its place in the history.
    Read(usize),
}

/// Why a history is not linearizable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A read shows one member of a write without the other.
    HalfApplied { read: usize },
    /// A read shows what nobody wrote.
    NeverWritten { read: usize },
    /// A read shows what was refused.
    Refused { read: usize, write: Token },
    /// A read shows what a write wrote, with a stamp that is not that write's.
    OtherStamp { read: usize, write: Token },
    /// Two writes have one stamp.
    SameStamp { writes: [Token; 2] },
    /// Two writes were applied to one base: the second one has overwritten what it has not seen.
    SameBase { writes: [Token; 2] },
    /// A write's base is not a state that there was before it.
    UnknownBase { write: Token },
    /// A write was refused on a state that there never was.
    UnknownState { write: Token },
    /// A write was refused as stale on its own base.
    WronglyRefused { write: Token },
    /// A write ended before another began, and has the later stamp.
    Inverted { ended: Token, begun: Token },
    /// A read, or a refusal, began after a write had ended, and shows a state before it.
    Stale { seen_by: Op, newer: Token },
    /// A read, or a refusal, ended before a write began, and shows it or what came after.
    FromTheFuture { seen_by: Op, begun: Token },
    /// A read began after another had ended, and shows an older state.
    Backwards { newer: Op, older: Op },
}

/// The tokens in the order in which they were written, [`AT_FIRST`] and writes in doubt that happened among them.
pub fn check(history: &History) -> Result<Vec<Token>, Violation> {
    let writes: HashMap<Token, &Write> = history.writes.iter().map(|write| (write.token, write)).collect();
    let states = states(history, &writes)?;
    check_bases(&states, &writes)?;
    let ranks: HashMap<i64, usize> = states.iter().enumerate().map(|(rank, state)| (state.0, rank)).collect();
    let mut seen: Vec<Vec<Event>> = states.iter().map(|_| Vec::new()).collect();
    for (number, read) in history.reads.iter().enumerate() {
        seen[ranks[&read.stamp]].push(Event::new(Op::Read(number), read.span.begun, read.span.ended));
    }
    for write in &history.writes {
        let Outcome::Stale(stamp) = write.outcome else { continue };
        if stamp == write.base {
            return Err(Violation::WronglyRefused { write: write.token });
        }
        let rank = ranks.get(&stamp).ok_or(Violation::UnknownState { write: write.token })?;
        seen[*rank].push(Event::new(Op::Refusal(write.token), write.span.begun, write.span.ended));
    }
    check_times(&states, &writes, &seen)?;
    Ok(states.iter().map(|(_, token)| *token).collect())
}

/// The states that there were, by their stamps. The stamp of a write in doubt is the one that it was seen with.
fn states(history: &History, writes: &HashMap<Token, &Write>) -> Result<Vec<(i64, Token)>, Violation> {
    let applied = history.writes.iter().filter_map(|write| match write.outcome {
        Outcome::Applied(stamp) => Some((write.token, stamp)),
        _ => None,
    });
    let mut stamps: HashMap<Token, i64> = applied.collect();
    stamps.insert(AT_FIRST, history.first_stamp);
    for (number, read) in history.reads.iter().enumerate() {
        let written = written(number, read, writes)?;
        if *stamps.entry(written).or_insert(read.stamp) != read.stamp {
            return Err(Violation::OtherStamp { read: number, write: written });
        }
    }
    let mut states: Vec<(i64, Token)> = stamps.into_iter().map(|(token, stamp)| (stamp, token)).collect();
    states.sort_unstable();
    match states.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(Violation::SameStamp { writes: [pair[0].1, pair[1].1] }),
        None => Ok(states),
    }
}

/// What a read shows, which was written wholly and may have been.
fn written(number: usize, read: &Read, writes: &HashMap<Token, &Write>) -> Result<Token, Violation> {
    let [token, other] = read.tokens;
    if token != other {
        return Err(Violation::HalfApplied { read: number });
    }
    match writes.get(&token).map(|write| write.outcome) {
        None if token != AT_FIRST => Err(Violation::NeverWritten { read: number }),
        Some(Outcome::Stale(_) | Outcome::Nothing) => Err(Violation::Refused { read: number, write: token }),
        _ => Ok(token),
    }
}

/// Whether each state was made from the one before it. One that was made from an older one has the base of that one's
/// successor.
fn check_bases(states: &[(i64, Token)], writes: &HashMap<Token, &Write>) -> Result<(), Violation> {
    let mut written_on: HashMap<i64, Token> = HashMap::new();
    let mut before: Option<i64> = None;
    for (stamp, token) in states {
        let base = writes.get(token).map(|write| write.base);
        if let Some(other) = base.and_then(|base| written_on.insert(base, *token)) {
            return Err(Violation::SameBase { writes: [other, *token] });
        }
        // What is there at first has no base, and nothing before it.
        if base != before {
            return Err(Violation::UnknownBase { write: *token });
        }
        before = Some(*stamp);
    }
    Ok(())
}

/// When something was.
#[derive(Clone, Copy)]
struct Event {
    op: Op,
    begun: u64,
    ended: u64,
}

impl Event {
    fn new(op: Op, begun: u64, ended: u64) -> Self {
        Self { op, begun, ended }
    }
}

/// Whether the order of the states, and of those who saw them, can be that of time. It can't be where somebody ended
/// before somebody began who comes earlier in it; whoever began last of those is enough to find that.
fn check_times(
    states: &[(i64, Token)],
    writes: &HashMap<Token, &Write>,
    seen: &[Vec<Event>],
) -> Result<(), Violation> {
    let mut latest: Option<Event> = None;
    for ((_, token), seen) in states.iter().zip(seen) {
        if let Some(write) = writes.get(token) {
            let ends = write.outcome != Outcome::Unknown;
            let ended = if ends { write.span.ended } else { u64::MAX };
            let event = Event::new(Op::Write(*token), write.span.begun, ended);
            check_after(latest, event)?;
            latest = Some(later(latest, event));
        }
        for event in seen {
            check_after(latest, *event)?;
        }
        latest = seen.iter().fold(latest, |latest, event| Some(later(latest, *event)));
    }
    Ok(())
}

fn later(latest: Option<Event>, event: Event) -> Event {
    latest.filter(|latest| latest.begun >= event.begun).unwrap_or(event)
}

fn check_after(earlier: Option<Event>, event: Event) -> Result<(), Violation> {
    let Some(earlier) = earlier.filter(|earlier| event.ended < earlier.begun) else { return Ok(()) };
    Err(match (earlier.op, event.op) {
        (Op::Write(begun), Op::Write(ended)) => Violation::Inverted { ended, begun },
        (Op::Write(begun), seen_by) => Violation::FromTheFuture { seen_by, begun },
        (seen_by, Op::Write(newer)) => Violation::Stale { seen_by, newer },
        (older, newer) => Violation::Backwards { newer, older },
    })
}
