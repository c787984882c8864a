//! The lines of a file in batches, each of which is one commit or a few: while one is written, a thread reads what the lines
//! after it say, as far as that goes without the database.

use std::io::{self, BufRead};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::TransferError;
use super::import::Options;
use super::line::Line;
use super::lines::{Lines, RawLine};
use super::unit::{self, Made};
use crate::jsonapi::Fault;

/// Lines of one commit, at most: each changes most pages of a database whose keys lie everywhere, so that few large ones write
/// less than many small ones.
const LINES: usize = 4000;
/// Bytes of lines after which a commit is due, so that memory is bounded.
const BYTES: usize = 8 * 1024 * 1024;
/// Batches that are in memory beside the one that is written.
const AHEAD: usize = 2;

/// A line as far as it goes without the database.
pub(super) enum Read {
    /// One that is in order by itself, and the user that it makes where nothing that it names is stored.
    Line(Box<Line>, Option<Arc<Made>>),
    Faulty(Vec<Fault>),
    TooLong,
}

impl Read {
    /// The line, if it is in order by itself, and the user that it may make.
    pub(super) fn line(&self) -> Option<(&Line, Option<&Arc<Made>>)> {
        match self {
            Self::Line(line, made) => Some((line, made.as_ref())),
            Self::Faulty(_) | Self::TooLong => None,
        }
    }
}

/// Lines that were read together.
pub(super) struct Batch {
    /// Each beside its number.
    pub lines: Vec<(u64, Read)>,
    /// Bytes of the file up to the end of them.
    pub bytes_read: u64,
}

/// Does something with each batch, in their order. What comes before a part of the file that can't be read is done.
///
/// # Errors
/// The file's, and those of `work`, after the first of which nothing more is done.
pub(super) fn each<R: BufRead>(
    lines: &mut Lines<R>,
    options: Options,
    mut work: impl FnMut(Batch) -> Result<(), TransferError>,
) -> Result<(), TransferError> {
    thread::scope(|scope| {
        let (give, given) = sync_channel(AHEAD);
        let (tell, told) = sync_channel(AHEAD);
        scope.spawn(move || read_all(&given, &tell, options));
        let (mut ahead, mut end) = (0, None);
        loop {
            while ahead < AHEAD && end.is_none() {
                match raw(lines) {
                    Ok(batch) if batch.is_empty() => end = Some(Ok(())),
                    Ok(batch) => {
                        ahead += 1;
                        // It ends before it was told to by a panic only, which the scope hands on.
                        let _ = give.send((batch, lines.bytes_read()));
                    }
                    Err(e) => end = Some(Err(e.into())),
                }
            }
            if ahead == 0 {
                return end.unwrap_or(Ok(()));
            }
            ahead -= 1;
            let Ok(batch) = told.recv() else { return Ok(()) };
            work(batch)?;
        }
    })
}

/// The next lines.
fn raw<R: BufRead>(lines: &mut Lines<R>) -> io::Result<Vec<RawLine>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < LINES && bytes < BYTES {
        let Some(line) = lines.next() else { break };
        let line = line?;
        bytes += line.bytes.as_ref().map_or(0, Vec::len);
        batch.push(line);
    }
    Ok(batch)
}

/// Reads what lines say, until nobody gives or takes any more.
fn read_all(given: &Receiver<(Vec<RawLine>, u64)>, tell: &SyncSender<Batch>, options: Options) {
    for (lines, bytes_read) in given {
        let lines = lines.into_iter().map(|line| (line.number, read(line, options))).collect();
        if tell.send(Batch { lines, bytes_read }).is_err() {
            return;
        }
    }
}

fn read(line: RawLine, options: Options) -> Read {
    let Some(text) = line.bytes else { return Read::TooLong };
    match Line::read(&text, options.now) {
        Ok(line) => {
            let made = unit::make_of_nothing(&line, options);
            Read::Line(Box::new(line), made.map(Arc::new))
        }
        Err(faults) => Read::Faulty(faults),
    }
}
