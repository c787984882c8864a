//! A file, line by line: never more of it in memory than one line of a bounded length.

use std::io::{self, BufRead, Read as _};

/// Bytes that a line may have.
pub const LINE_LIMIT: usize = 16 * 1024 * 1024;

/// The lines of a file with their numbers, blank ones left out.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    number: u64,
    /// Bytes that were read.
    bytes_read: u64,
}

/// A line: its bytes, or nothing where there are more of them than [`LINE_LIMIT`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawLine {
    /// Its number, from 1.
    pub number: u64,
    /// Its bytes.
    pub bytes: Option<Vec<u8>>,
}

impl<R: BufRead> Lines<R> {
    /// The lines of a reader.
    pub fn new(input: R) -> Self {
        Self { input, number: 0, bytes_read: 0 }
    }

    /// How many bytes were read.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    fn read(&mut self) -> io::Result<Option<RawLine>> {
        loop {
            let mut bytes = Vec::new();
            let limit = u64::try_from(LINE_LIMIT).unwrap_or(u64::MAX);
            // One byte more than a line may have, and its end.
            let read = self.input.by_ref().take(limit + 2).read_until(b'\n', &mut bytes)?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            self.bytes_read += u64::try_from(read).unwrap_or_default();
            let ended = bytes.last() == Some(&b'\n');
            if ended {
                bytes.pop();
            }
            if bytes.len() > LINE_LIMIT {
                if !ended {
                    self.skip()?;
                }
                return Ok(Some(RawLine { number: self.number, bytes: None }));
            }
            if !bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(RawLine { number: self.number, bytes: Some(bytes) }));
            }
        }
    }

    /// Reads to the end of a line that is too long, without keeping it.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.bytes_read += u64::try_from(used).unwrap_or_default();
            self.input.consume(used);
            if end.is_some() || used == 0 {
                return Ok(());
            }
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<RawLine>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
