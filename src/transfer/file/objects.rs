//! The objects of a text: one, an array of them, or one behind the other.

use super::cursor::{Cursor, Place};
use super::repair::{self, Broken, Repair};
use crate::jsonapi::json::Members;
use crate::jsonapi::{Code, Fault, Json};

/// An object of a text.
#[derive(Debug)]
pub(super) struct Object {
    /// The line that it begins in; where it is broken, the line of that.
    pub line: u64,
    /// Its members.
    pub read: Result<Members, Vec<Fault>>,
    /// What was mended in it.
    pub repairs: Vec<Repair>,
}

/// Reads objects one by one.
#[derive(Debug)]
pub(super) struct Objects<'a> {
    cursor: Cursor<'a>,
    /// Whether nothing was read yet.
    is_first: bool,
    in_array: bool,
    is_over: bool,
}

impl<'a> Objects<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let cursor = Cursor::new(text.strip_prefix('\u{feff}').unwrap_or(text));
        Self { cursor, is_first: true, in_array: false, is_over: false }
    }

    /// How many bytes were read.
    pub(super) fn bytes(&self) -> u64 {
        self.cursor.bytes()
    }

    /// Reads up to the next object; `None` at the end.
    fn find(&mut self, repairs: &mut Vec<Repair>) -> Result<Option<Place>, Broken> {
        let mut tell = |place, what: &str| repairs.push(Repair { place, what: what.to_owned() });
        self.cursor.skip_blanks();
        if self.is_first && self.cursor.take('[') {
            self.in_array = true;
            self.cursor.skip_blanks();
        }
        let place = self.cursor.place();
        if !self.is_first {
            let has_comma = self.cursor.take(',');
            self.cursor.skip_blanks();
            let ends = matches!(self.cursor.peek(), None | Some(']'));
            match (has_comma, self.in_array) {
                (true, false) => tell(place, "left out the comma between objects that are no array"),
                (false, true) if !ends => tell(place, "added the comma that is missing"),
                _ => {}
            }
        }
        self.is_first = false;
        let place = self.cursor.place();
        if self.in_array && self.cursor.take(']') {
            self.in_array = false;
            self.is_over = true;
            self.cursor.skip_blanks();
            let rest =
                Broken { place: self.cursor.place(), detail: "something follows the array".to_owned() };
            return self.cursor.peek().map_or(Ok(None), |_| Err(rest));
        }
        match self.cursor.peek() {
            Some('{') => Ok(Some(place)),
            Some(_) => Err(Broken { place, detail: "this is no object".to_owned() }),
            None if self.in_array => Err(Broken { place, detail: "the array is not closed".to_owned() }),
            None => Ok(None),
        }
    }

    fn read(&mut self, repairs: &mut Vec<Repair>) -> Result<Option<(Place, String)>, Broken> {
        let Some(place) = self.find(repairs)? else { return Ok(None) };
        let (text, told) = repair::read(&mut self.cursor)?;
        repairs.extend(told);
        self.skip_last_comma(repairs);
        Ok(Some((place, text)))
    }

    /// A comma with no object behind it belongs to the one before it.
    fn skip_last_comma(&mut self, repairs: &mut Vec<Repair>) {
        let mut ahead = self.cursor.clone();
        ahead.skip_blanks();
        let place = ahead.place();
        let has_comma = ahead.take(',');
        ahead.skip_blanks();
        if has_comma && matches!(ahead.peek(), None | Some(']')) {
            repairs.push(Repair { place, what: "left out the comma behind the last value".to_owned() });
            self.cursor = ahead;
        }
    }

    /// Goes on behind what is broken, where a line begins with an object.
    fn recover(&mut self, Broken { place, detail }: Broken) -> Object {
        loop {
            self.cursor.take_while(|c| c != '\n');
            if self.cursor.step().is_none() {
                self.is_over = true;
                break;
            }
            if self.cursor.peek() == Some('{') {
                // What separates it from the one before is lost with that.
                self.is_first = true;
                break;
            }
        }
        let rest = if self.is_over { "; nothing behind it was read" } else { "" };
        let detail = format!("Column {}: {detail}{rest}.", place.column);
        let read = Err(vec![Fault::new(Code::InvalidJson, detail)]);
        Object { line: place.line, read, repairs: Vec::new() }
    }
}

impl Iterator for Objects<'_> {
    type Item = Object;

    fn next(&mut self) -> Option<Object> {
        if self.is_over {
            return None;
        }
        let mut repairs = Vec::new();
        let (place, text) = match self.read(&mut repairs) {
            Ok(Some(read)) => read,
            Ok(None) => {
                self.is_over = true;
                return None;
            }
            Err(broken) => return Some(self.recover(broken)),
        };
        let read = match Json::parse(text.as_bytes()) {
            Ok(Json::Object(members)) => Ok(members),
            Ok(_) => Err(vec![Fault::new(Code::InvalidJson, "This is no object.")]),
            Err(e) => {
                let detail = e.detail.replace("The body", "The object");
                Err(vec![Fault::new(Code::InvalidJson, detail).at(e.pointer)])
            }
        };
        Some(Object { line: place.line, read, repairs })
    }
}
