//! JSON as people print it, made what they meant: only where one thing can have been meant, and never in silence.

use super::cursor::{Cursor, Place};
use crate::jsonapi::Json;
use crate::jsonapi::json::DEPTH_LIMIT;

/// Something that was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repair {
    /// Where it stood.
    pub place: Place,
    /// What was done.
    pub what: String,
}

/// Why a text can't be read: what it means is not certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub place: Place,
    pub detail: String,
}

/// Words that one program takes for nothing, and another for a text.
const DOUBTFUL: [&str; 8] = ["inf", "infinity", "nan", "nil", "none", "null", "undefined", "-infinity"];

/// Reads values out of a text.
#[derive(Debug)]
pub(super) struct Repairer<'t, 'a> {
    cursor: &'t mut Cursor<'a>,
    /// What is read, as JSON.
    out: String,
    repairs: Vec<Repair>,
    /// The place of the comma that the text just read ends with.
    comma: Option<Place>,
}

/// Reads the object or array that begins at the cursor; what is returned is JSON as far as its syntax goes.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<(String, Vec<Repair>), Broken> {
    let mut repairer = Repairer { cursor, out: String::new(), repairs: Vec::new(), comma: None };
    repairer.value(0)?;
    Ok((repairer.out, repairer.repairs))
}

impl Repairer<'_, '_> {
    fn value(&mut self, depth: usize) -> Result<(), Broken> {
        self.comma = None;
        let begin = self.cursor.place();
        match self.cursor.peek() {
            Some('{' | '[') if depth == DEPTH_LIMIT => {
                Err(broken(begin, format!("this is nested deeper than {DEPTH_LIMIT} levels")))
            }
            Some('{') => self.object(begin, depth + 1),
            Some('[') => self.array(begin, depth + 1),
            Some('"' | '“') => self.text(),
            _ => self.word(),
        }
    }

    fn object(&mut self, begin: Place, depth: usize) -> Result<(), Broken> {
        self.push_next();
        self.cursor.skip_blanks();
        if self.cursor.peek() == Some('}') {
            self.push_next();
            return Ok(());
        }
        loop {
            self.key(begin)?;
            self.cursor.skip_blanks();
            if !self.cursor.take(':') {
                return Err(broken(self.cursor.place(), "`:` is missing behind a name"));
            }
            self.out.push(':');
            self.cursor.skip_blanks();
            self.value(depth)?;
            if self.is_last('}', begin, |reader| reader.cursor.is_key())? {
                return Ok(());
            }
        }
    }

    fn array(&mut self, begin: Place, depth: usize) -> Result<(), Broken> {
        self.push_next();
        self.cursor.skip_blanks();
        if self.cursor.peek() == Some(']') {
            self.push_next();
            return Ok(());
        }
        loop {
            self.value(depth)?;
            // Two objects side by side are two; of anything else that may be doubted.
            let after_object = self.out.ends_with('}');
            if self.is_last(']', begin, |reader| after_object && reader.cursor.peek() == Some('{'))? {
                return Ok(());
            }
        }
    }

    /// Reads what stands between two members, or the end. `goes_on` tells where another can only follow.
    fn is_last(
        &mut self,
        end: char,
        begin: Place,
        goes_on: impl FnOnce(&Self) -> bool,
    ) -> Result<bool, Broken> {
        let comma = self.comma.take();
        let behind = self.cursor.place();
        self.cursor.skip_blanks();
        let place = self.cursor.place();
        match self.cursor.peek() {
            Some(',') => {
                self.cursor.step();
                self.cursor.skip_blanks();
                if self.cursor.peek() == Some(end) {
                    self.tell(place, "left out the comma behind the last value");
                    self.push_next();
                    return Ok(true);
                }
                self.out.push(',');
                Ok(false)
            }
            Some(c) if c == end => {
                self.push_next();
                Ok(true)
            }
            Some(_) if goes_on(self) => {
                match comma {
                    Some(comma) => {
                        // The comma and the quote behind it.
                        self.out.truncate(self.out.len().saturating_sub(2));
                        self.out.push('"');
                        self.tell(comma, "moved the comma out of the text");
                    }
                    None => self.tell(behind, "added the comma that is missing"),
                }
                self.out.push(',');
                Ok(false)
            }
            Some(_) => Err(broken(place, format!("`,` or `{end}` is missing"))),
            None => Err(broken(begin, "what begins here is not closed")),
        }
    }

    fn key(&mut self, begin: Place) -> Result<(), Broken> {
        let place = self.cursor.place();
        match self.cursor.peek() {
            Some('"' | '“') => self.text(),
            Some(c) if is_name(c) => {
                let name = self.cursor.take_while(is_name);
                self.quote(place, name);
                Ok(())
            }
            Some(_) => Err(broken(place, "a name is missing")),
            None => Err(broken(begin, "what begins here is not closed")),
        }
    }

    fn text(&mut self) -> Result<(), Broken> {
        let begin = self.cursor.place();
        let end = if self.cursor.step() == Some('“') {
            self.tell(begin, "made the typographic quotes plain");
            '”'
        } else {
            '"'
        };
        self.out.push('"');
        loop {
            let place = self.cursor.place();
            match self.cursor.step() {
                Some(c) if c == end => break,
                None | Some('\n') => return Err(broken(begin, "the text that begins here is not closed")),
                Some('\\') => {
                    self.comma = None;
                    self.out.push('\\');
                    self.out.extend(self.cursor.step());
                }
                Some(c) => {
                    self.comma = (c == ',').then_some(place);
                    if c == '"' {
                        self.out.push('\\');
                    }
                    self.out.push(c);
                }
            }
        }
        self.out.push('"');
        Ok(())
    }

    /// A value without quotes: a number, true, false, null, or a word that lacks them.
    fn word(&mut self) -> Result<(), Broken> {
        let place = self.cursor.place();
        let word = self.cursor.take_while(|c| is_name(c) || matches!(c, '+' | '.' | '@' | '/'));
        let is_number = || matches!(Json::parse(word.as_bytes()), Ok(Json::Number(_)));
        if word.is_empty() {
            return Err(broken(place, "a value is missing"));
        } else if matches!(word, "true" | "false" | "null") || is_number() {
            self.out.push_str(word);
        } else if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") {
            self.out.push_str(&word.to_ascii_lowercase());
            self.tell(place, format!("wrote {word} in lower case"));
        } else if DOUBTFUL.contains(&word.to_ascii_lowercase().as_str()) {
            return Err(broken(place, format!("{word} may be a text or nothing: write \"{word}\" or null")));
        } else {
            self.quote(place, word);
        }
        // Another word on the line may belong to it.
        let mut ahead = self.cursor.clone();
        ahead.take_while(|c| matches!(c, ' ' | '\t' | '\r'));
        match ahead.peek() {
            None | Some('\n' | ',' | '}' | ']') => Ok(()),
            Some(_) if ahead.is_key() => Ok(()),
            Some(_) => Err(broken(place, "the value that begins here has no quotes, and no certain end")),
        }
    }

    fn quote(&mut self, place: Place, word: &str) {
        self.out.push('"');
        self.out.push_str(word);
        self.out.push('"');
        self.tell(place, format!("put quotes around {word}"));
    }

    /// Takes a character over as it is.
    fn push_next(&mut self) {
        self.out.extend(self.cursor.step());
    }

    fn tell(&mut self, place: Place, what: impl Into<String>) {
        self.repairs.push(Repair { place, what: what.into() });
    }
}

impl Cursor<'_> {
    /// Whether a name and a colon come next.
    fn is_key(&self) -> bool {
        let mut ahead = self.clone();
        let end = match ahead.step() {
            Some('“') => '”',
            Some('"') => '"',
            _ => return false,
        };
        let name = ahead.take_while(|c| c != end && !matches!(c, '\n' | '\\'));
        let closed = ahead.take(end);
        ahead.skip_blanks();
        closed && !name.is_empty() && ahead.take(':')
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

fn broken(place: Place, detail: impl Into<String>) -> Broken {
    Broken { place, detail: detail.into() }
}
