//! A table with a row of names (CSV).

use std::collections::BTreeSet;
use std::io::{self, Read};

use csv::{ErrorKind, Reader, StringRecord};

use super::Row;
use crate::jsonapi::json::Members;
use crate::jsonapi::{Code, Fault, Json};
use crate::juno::user::field::Field;

/// What the columns of dimensions begin with.
const DIMENSION: &str = "dimension:";

/// What separates the tags of a cell.
const TAGS_END: char = ';';

/// The users of a table.
#[derive(Debug)]
pub struct Table<R> {
    reader: Reader<R>,
    columns: Vec<Column>,
}

/// What a column holds.
#[derive(Debug)]
enum Column {
    Field(String),
    Tags,
    /// The values of the dimension with the key.
    Dimension(String),
}

impl Column {
    fn read(name: &str, keys: &BTreeSet<String>) -> Result<Self, String> {
        if let Some(key) = name.strip_prefix(DIMENSION) {
            let known = keys.contains(key).then(|| Self::Dimension(key.to_owned()));
            return known.ok_or_else(|| format!("the column `{name}`: no dimension has the key `{key}`"));
        }
        match name {
            "tags" => Ok(Self::Tags),
            name if name == "id" || Field::named(name).is_some() => Ok(Self::Field(name.to_owned())),
            _ => Err(format!("the column `{name}` is no field of a user")),
        }
    }
}

impl<R: Read> Table<R> {
    /// Reads the names of the columns. `keys` are those of the dimensions that there are.
    ///
    /// # Errors
    /// A sentence, where a name is unknown, twice, or can't be read.
    pub fn open(input: R, keys: &BTreeSet<String>) -> Result<Self, String> {
        let mut reader = Reader::from_reader(input);
        let header = reader.headers().map_err(|e| e.to_string())?.clone();
        let names: Vec<&str> = header.iter().map(str::trim).collect();
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(**name)) {
            return Err(format!("the column `{twice}` is there twice"));
        }
        let columns = names.iter().map(|name| Column::read(name, keys)).collect::<Result<_, _>>()?;
        Ok(Self { reader, columns })
    }

    /// What a row says. An empty cell says nothing.
    fn row(&self, record: &StringRecord) -> (Members, Vec<String>) {
        let (mut members, mut names) = (Members::new(), Vec::new());
        let (mut tags, mut dimensions) = (Vec::new(), Vec::new());
        let cells = self.columns.iter().zip(record).filter(|(_, cell)| !cell.trim().is_empty());
        for (column, cell) in cells {
            match column {
                Column::Field(name) => members.push((name.clone(), cell.into())),
                Column::Tags => {
                    tags.extend(cell.split(TAGS_END).map(str::trim).filter(|tag| !tag.is_empty()));
                }
                Column::Dimension(key) => {
                    dimensions.push(object([("key", key.as_str()), ("value", cell)]));
                    names.push(format!("{DIMENSION}{key}"));
                }
            }
        }
        if !tags.is_empty() {
            let is_id = |tag: &&str| tag.bytes().all(|byte| byte.is_ascii_digit());
            let tags = tags.iter().map(|tag| object([(if is_id(tag) { "id" } else { "name" }, *tag)]));
            members.push(("tags".to_owned(), tags.collect()));
        }
        if !dimensions.is_empty() {
            members.push(("dimensions".to_owned(), Json::Array(dimensions)));
        }
        (members, names)
    }
}

fn object<const N: usize>(members: [(&str, &str); N]) -> Json {
    Json::Object(members.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect())
}

impl<R: Read> Iterator for Table<R> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = StringRecord::new();
        let read = self.reader.read_record(&mut record);
        let bytes = self.reader.position().byte();
        let (line, (read, columns)) = match read {
            Ok(false) => return None,
            Ok(true) => {
                let (members, names) = self.row(&record);
                (record.position().map_or(0, csv::Position::line), (Ok(members), names))
            }
            Err(e) => match e.into_kind() {
                ErrorKind::Io(e) => return Some(Err(e)),
                kind => {
                    let (line, detail) = told(&kind);
                    (line, (Err(vec![Fault::new(Code::Invalid, detail)]), Vec::new()))
                }
            },
        };
        Some(Ok(Row { line, read, repairs: Vec::new(), columns: Some(columns), bytes }))
    }
}

/// What is wrong with a row by itself, and where it stands.
fn told(kind: &ErrorKind) -> (u64, String) {
    match kind {
        ErrorKind::Utf8 { pos, .. } => {
            (pos.as_ref().map_or(0, csv::Position::line), "The row is not valid UTF-8.".to_owned())
        }
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let detail = format!("The row has {len} cells and not {expected_len}.");
            (pos.as_ref().map_or(0, csv::Position::line), detail)
        }
        _ => (0, "The row can't be read.".to_owned()),
    }
}
