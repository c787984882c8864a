//! A place in a text.

/// Where something stands: lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// A text, read character by character.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    place: Place,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, place: Place { line: 1, column: 1 } }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// How many bytes were read.
    pub(super) fn bytes(&self) -> u64 {
        u64::try_from(self.at).unwrap_or(u64::MAX)
    }

    /// Takes a character.
    pub(super) fn step(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        if c == '\n' {
            self.place = Place { line: self.place.line + 1, column: 1 };
        } else {
            self.place.column += 1;
        }
        Some(c)
    }

    /// Takes the character, if it is the next one.
    pub(super) fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.step();
        }
        found
    }

    /// Takes all characters up to the first that `goes_on` does not hold for.
    pub(super) fn take_while(&mut self, goes_on: impl Fn(char) -> bool) -> &'a str {
        let from = self.rest();
        while self.peek().is_some_and(&goes_on) {
            self.step();
        }
        from.get(..from.len() - self.rest().len()).unwrap_or_default()
    }

    /// Takes the blanks between tokens.
    pub(super) fn skip_blanks(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
    }
}
