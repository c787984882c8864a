//! A device as docs/sync.md and docs/conflicts.md tell its writer to build it: a queue of edits, each with the stamp of
//! the state that it was made on, and what it has of the user.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::entry::{Entry, Part};
use super::ledger::{merged, refused_row, row};
use super::network::{Letter, Reply};
use super::replica::{Name, Replica, name, stamp};
use super::script::{self, Door, Habits, KINDS, MEMBERS, Policy, value};
use crate::support::app;

/// A device of the user, whoever wrote its program.
pub trait Party {
    /// What its user does.
    fn edit(&mut self, edit: &script::Edit);

    /// The next request: the same bytes as long as there is no answer.
    fn letter(&mut self, now: i64) -> Option<Letter>;

    /// Hears the answer to it.
    fn hear(&mut self, letter: &Letter, reply: &Reply);

    /// Takes a pull.
    fn pull(&mut self, document: &Value);

    /// The path of the next pull.
    fn next_pull(&self) -> String;

    /// How often the first of its queue was sent; nothing where the queue is empty.
    fn left(&self) -> Option<usize>;

    /// What it has.
    fn resources(&self) -> BTreeMap<Name, Value>;
}

pub struct Device {
    number: usize,
    habits: Habits,
    replica: Replica,
    user: Name,
    /// The stamp of the state of the user, with all his rows, that the replica is of.
    stamp: String,
    queue: VecDeque<Entry>,
    /// How many rows and keys it has made.
    made: usize,
}

/// A record that an answer shows in a new state.
struct Moved {
    record: Name,
    /// The stamp of the state before; none where it was made.
    before: Option<String>,
    now: String,
}

impl Device {
    pub fn new(number: usize, habits: Habits, replica: Replica) -> Self {
        let user = replica.resources.keys().find(|name| name.0 == "users").expect("the user").clone();
        let stamp = stamp(&replica.resources[&user]).to_owned();
        Self { number, habits, replica, user, stamp, queue: VecDeque::new(), made: 0 }
    }

    fn next_number(&mut self) -> usize {
        self.made += 1;
        self.made
    }

    /// What is not there can't be edited.
    fn queue_up(&mut self, edit: &script::Edit) {
        let mut rows = self.rows();
        let mut parts: Vec<Part> = Vec::new();
        for part in &edit.parts {
            let Some(part) = self.part(part, &mut rows) else { continue };
            // A document names a row once.
            let twice = part.row().is_some_and(|row| parts.iter().any(|other| other.row() == Some(row)));
            if edit.door != Door::User || !twice {
                parts.push(part);
            }
        }
        if edit.door != Door::Own {
            return self.push(parts, edit.door, edit.overwrite);
        }
        let (sets, of_rows): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.row().is_none());
        self.push(sets, Door::User, edit.overwrite);
        for part in of_rows {
            self.push(vec![part], Door::Own, edit.overwrite);
        }
    }

    /// The rows that it shows: those of the replica, with what is queued on top.
    fn rows(&self) -> BTreeMap<&'static str, Vec<Name>> {
        let mut rows: BTreeMap<&str, Vec<Name>> = KINDS.iter().map(|kind| (kind.name, Vec::new())).collect();
        for name in self.replica.resources.keys() {
            if let Some(rows) = rows.get_mut(name.0.as_str()) {
                rows.push(name.clone());
            }
        }
        for part in self.queue.iter().flat_map(|entry| &entry.parts) {
            match part {
                Part::Make(name, ..) => rows.get_mut(name.0.as_str()).expect("a kind").push(name.clone()),
                Part::Delete(gone, _) => {
                    rows.get_mut(gone.0.as_str()).expect("a kind").retain(|name| name != gone);
                }
                _ => {}
            }
        }
        rows
    }

    fn part(&mut self, part: &script::Part, rows: &mut BTreeMap<&'static str, Vec<Name>>) -> Option<Part> {
        let picked = |rows: &[Name], pick: usize| (!rows.is_empty()).then(|| rows[pick % rows.len()].clone());
        Some(match *part {
            script::Part::Set { member, value: number } => {
                Part::Set(MEMBERS[member], value(MEMBERS[member], number))
            }
            script::Part::Make { kind, value: number } => {
                let kind = &KINDS[kind];
                let made = self.next_number();
                let id = format!("00000000-0000-4000-8000-{:06}{made:06}", self.number);
                let name: Name = (kind.name.to_owned(), id);
                rows.get_mut(kind.name)?.push(name.clone());
                Part::Make(name, kind.attributes[0], value(kind.attributes[0], number))
            }
            script::Part::Change { kind, pick, attribute, value: number } => {
                let kind = &KINDS[kind];
                let attribute = kind.attributes[attribute % kind.attributes.len()];
                Part::Change(picked(&rows[kind.name], pick)?, attribute, value(attribute, number))
            }
            script::Part::Delete { kind, pick, stamped } => {
                let rows = rows.get_mut(KINDS[kind].name)?;
                let gone = picked(rows, pick)?;
                rows.retain(|name| *name != gone);
                Part::Delete(gone, stamped)
            }
        })
    }

    fn push(&mut self, parts: Vec<Part>, door: Door, overwrite: bool) {
        if parts.is_empty() {
            return;
        }
        let merge = self.habits.policy == Policy::Merge;
        let is_creation = matches!(parts[..], [Part::Make(..)]) && door == Door::Own;
        let overwrite = overwrite && !is_creation;
        let (bases, letter, key) = (BTreeMap::new(), None, self.next_key());
        let mut entry =
            Entry { parts, door, overwrite, merge, bases, is_pinned: false, key, letter, tries: 0 };
        for name in entry.parts.iter().filter_map(Part::row) {
            if let Some(row) = self.replica.resources.get(name) {
                entry.bases.insert(name.clone(), stamp(row).to_owned());
            }
        }
        entry.bases.insert(self.user.clone(), self.stamp.clone());
        self.queue.push_back(entry);
    }

    fn next_key(&mut self) -> Option<String> {
        let number = self.next_number();
        self.habits.keyed.then(|| format!("{}-{number}", self.number))
    }

    fn done(&mut self, entry: &Entry, reply: &Reply) {
        let merged = merged(&reply.json);
        let prefix = entry.parts.first().and_then(Part::row).filter(|_| entry.door == Door::Own).map(row);
        let names = merged.iter().filter_map(|name| name.as_str()).map(|name| match &prefix {
            Some(row) => format!("{row}.{name}"),
            None => name.to_owned(),
        });
        self.pin(&names.collect::<Vec<_>>());
        for Moved { record, before, now } in self.moved(entry, reply) {
            for later in self.queue.iter_mut().filter(|later| !later.is_pinned && later.letter.is_none()) {
                let here = later.bases.get(&record).cloned();
                if here == before
                    && (record == self.user || later.parts.iter().any(|p| p.row() == Some(&record)))
                {
                    later.bases.insert(record.clone(), now.clone());
                }
            }
            // Where others had part in it, the rows of that state are not known.
            let whole = merged.is_empty() && !reply.replayed;
            if record == self.user && before.as_ref() == Some(&self.stamp) && whole {
                self.stamp = now;
            }
        }
        // What was answered first may be older than what was pulled since.
        if !reply.replayed {
            self.take(entry, &reply.json);
        }
    }

    /// Which records an answer tells the next stamps of, to a client that knew the states before.
    fn moved(&self, entry: &Entry, reply: &Reply) -> Vec<Moved> {
        let mut moved = Vec::new();
        let json = &reply.json;
        let step = &json["meta"]["user"];
        if let (Some(before), Some(now)) =
            (step["previous_updated_in_db_at"].as_str(), step["updated_in_db_at"].as_str())
        {
            moved.push(Moved {
                record: self.user.clone(),
                before: Some(before.to_owned()),
                now: now.to_owned(),
            });
        }
        if entry.overwrite {
            return moved;
        }
        let made = |record: &Name| {
            entry.parts.iter().any(|part| matches!(part, Part::Make(made, ..) if made == record))
        };
        for resource in resources(json) {
            let record = name(resource);
            let is_part = entry.parts.iter().any(|part| part.row() == Some(&record));
            let guarded = if record == self.user { entry.edits_user() } else { is_part };
            if !guarded {
                continue;
            }
            let before = entry.bases.get(&record).filter(|_| !made(&record)).cloned();
            if before.is_some() || made(&record) {
                moved.push(Moved { record, before, now: stamp(resource).to_owned() });
            }
        }
        moved
    }

    fn take(&mut self, entry: &Entry, document: &Value) {
        for part in &entry.parts {
            if let Part::Delete(gone, _) = part {
                self.replica.resources.remove(gone);
            }
        }
        let gone =
            |record: &Name| entry.parts.iter().any(|p| matches!(p, Part::Delete(gone, _) if gone == record));
        for resource in resources(document).filter(|resource| resource["attributes"].is_object()) {
            if !gone(&name(resource))
                && (resource.get("relationships").is_some() || resource["type"] != "users")
            {
                self.replica.take(resource);
            }
        }
    }

    /// Marks what is queued and sets what others have changed.
    fn pin(&mut self, names: &[String]) {
        for entry in &mut self.queue {
            entry.is_pinned |= entry.parts.iter().any(|part| names.iter().any(|name| part.touches(name)));
        }
    }

    fn refused(&mut self, mut entry: Entry, letter: &Letter, reply: &Reply) {
        let Some([error]) = reply.json["errors"].as_array().map(Vec::as_slice) else { return };
        if error["code"] != "stale" {
            return;
        }
        let of_row = refused_row(letter, error);
        let record = of_row.as_ref().and_then(|row| row.split_once('/'));
        let record = record.map_or(self.user.clone(), |(kind, id)| (kind.to_owned(), id.to_owned()));
        let meta = &error["meta"];
        let names = meta["changed"].as_object().into_iter().flat_map(|changed| changed.keys());
        let names: Vec<String> =
            names.map(|name| of_row.as_ref().map_or(name.clone(), |row| format!("{row}.{name}"))).collect();
        self.pin(&names);
        let now = meta["updated_in_db_at"].as_str().expect("a stamp").to_owned();
        let before = entry.bases.get(&record).cloned();
        for later in self.queue.iter_mut().filter(|later| !later.is_pinned && later.letter.is_none()) {
            if before.is_some() && later.bases.get(&record) == before.as_ref() {
                later.bases.insert(record.clone(), now.clone());
            }
        }
        let contradicts = meta["conflicting"].as_array().is_none_or(|names| !names.is_empty());
        if contradicts && self.habits.policy != Policy::KeepMine {
            return;
        }
        entry.bases.insert(record, now);
        (entry.letter, entry.key, entry.is_pinned) = (None, self.next_key(), false);
        self.queue.push_front(entry);
    }
}

/// The resources that the answer to a write shows.
fn resources(document: &Value) -> impl Iterator<Item = &Value> {
    let results = document["atomic:results"].as_array().into_iter().flatten().map(|result| &result["data"]);
    let included = document["included"].as_array().into_iter().flatten();
    results.chain([&document["data"]]).chain(included).filter(|resource| resource["id"].is_string())
}

impl Party for Device {
    fn edit(&mut self, edit: &script::Edit) {
        self.queue_up(edit);
    }

    fn letter(&mut self, now: i64) -> Option<Letter> {
        let edited_at = app::stamp(now + self.habits.clock).to_string();
        while let Some(entry) = self.queue.front_mut() {
            entry.tries += 1;
            if entry.letter.is_none() {
                entry.letter = entry.write(&self.user, &edited_at);
            }
            if entry.letter.is_some() {
                return entry.letter.clone();
            }
            self.queue.pop_front();
        }
        None
    }

    fn hear(&mut self, letter: &Letter, reply: &Reply) {
        if reply.is_in_flight() {
            return;
        }
        let Some(entry) = self.queue.pop_front() else { return };
        match reply.status {
            200..300 => self.done(&entry, reply),
            409 => self.refused(entry, letter, reply),
            // Given up.
            _ => {}
        }
    }

    fn pull(&mut self, document: &Value) {
        self.replica.pull(document);
        document["meta"]["updated_in_db_at"].as_str().expect("a stamp").clone_into(&mut self.stamp);
    }

    fn next_pull(&self) -> String {
        self.replica.next_pull()
    }

    fn left(&self) -> Option<usize> {
        self.queue.front().map(|entry| entry.tries)
    }

    fn resources(&self) -> BTreeMap<Name, Value> {
        self.replica.resources.clone()
    }
}
