//! A file in JUNO's flat form. It is read as a whole: where one object ends is known only when it was read.

use std::io;

use super::Row;
use super::objects::{Object, Objects};

/// The users of such a file.
#[derive(Debug)]
pub struct Flat<'a>(Objects<'a>);

impl<'a> Flat<'a> {
    /// The users of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self(Objects::new(text))
    }
}

impl Iterator for Flat<'_> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        let Object { line, read, repairs } = self.0.next()?;
        Some(Ok(Row { line, read, repairs, columns: None, bytes: self.0.bytes() }))
    }
}
