//! All rows of a kind that a person has, and what edits of some of them make of them. Pure: the same function serves
//! the rows' own endpoints and the rows that come nested in a PUT of the user.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::edit::{Deed, RowEdit};
use super::election::elect;
use super::kind::{Access, Around, Kind, Type, fault};
use super::logins::{self, Logins};
use super::nested::named_twice;
use super::owned_row::OwnedRow;
use super::row::{Row, Value};
use super::surroundings::Surroundings;
use crate::clock::Stamp;
use crate::guard::base::STAMP;
use crate::guard::{Conflict, Member};
use crate::id::Id;
use crate::jsonapi::{Code, Fault, Json};

/// Rows of one kind that a person may have.
pub const LIMIT: usize = 1000;

/// What edits make of a person's rows of a kind.
#[derive(Clone, Debug, Default)]
pub struct Edited {
    /// The rows after the edits, the oldest first; versions and stamps are not yet moved.
    pub rows: Vec<Row>,
    /// What is wrong with the edits, or with what they make.
    pub faults: Vec<Fault>,
    /// Members that were sent and not applied, by the row.
    pub ignored: Vec<(Id, Member)>,
}

/// Applies edits to the rows that are stored of a kind, the oldest first. Who is primary is elected once, when all
/// edits are applied. `now` is the person's next stamp.
#[must_use]
pub fn edited(
    kind: &'static Kind,
    stored: &[Row],
    edits: &[RowEdit],
    around: &Arc<Surroundings>,
    now: Stamp,
) -> Edited {
    let mut work = Work {
        kind,
        stored,
        around,
        now,
        rows: stored.to_vec(),
        drafts: Vec::new(),
        named: BTreeSet::new(),
        faults: Vec::new(),
        ignored: Vec::new(),
    };
    // What was sent without an id is looked for among the rows as all the others make them, whatever the order.
    for phase in [&[Deed::Delete][..], &[Deed::Keep, Deed::Create, Deed::Update, Deed::Upsert], &[Deed::Fill]]
    {
        for edit in edits.iter().filter(|edit| phase.contains(&edit.deed)) {
            work.take(edit);
        }
    }
    let mut edited = work.finish();
    if kind.name == logins::ROWS {
        let fault = |logins: &Logins| logins.fault(stored, &edited.rows, edits);
        edited.faults.extend(around.logins.as_ref().and_then(fault));
    }
    edited
}

/// A row with what was sent of it, not yet normalised.
struct Draft<'a> {
    row: Row,
    edit: &'a RowEdit,
}

struct Work<'a> {
    kind: &'static Kind,
    stored: &'a [Row],
    around: &'a Arc<Surroundings>,
    now: Stamp,
    /// The rows as they are so far, normalised.
    rows: Vec<Row>,
    drafts: Vec<Draft<'a>>,
    named: BTreeSet<Id>,
    faults: Vec<Fault>,
    ignored: Vec<(Id, Member)>,
}

impl<'a> Work<'a> {
    fn before(&self, id: Id) -> Option<&'a Row> {
        self.stored.iter().find(|row| row.id == id)
    }

    fn take(&mut self, edit: &'a RowEdit) {
        let id = if edit.deed == Deed::Fill { self.same_thing(edit).unwrap_or(edit.id) } else { edit.id };
        if edit.deed != Deed::Fill && !self.named.insert(id) {
            self.faults.push(named_twice(edit.at.clone()));
            return;
        }
        let place = self.rows.iter().position(|row| row.id == id);
        let deleted_at = self.around.deleted.get(&(self.kind.name.to_owned(), id)).copied();
        match (edit.deed, place) {
            // What is gone already is what the client wants.
            (Deed::Delete, None) if deleted_at.is_some() => {}
            (Deed::Keep | Deed::Update | Deed::Delete, None) => self.faults.push(not_found(self.kind, edit)),
            (Deed::Keep, Some(_)) => {}
            (Deed::Delete, Some(place)) => {
                let mut row = self.rows.remove(place);
                self.faults.extend(stale(edit, &row, None, self.around));
                if edit.changes.person.is_some() {
                    row.set_sent(&edit.changes);
                    self.check_person(&row, edit);
                }
            }
            (Deed::Create, Some(_)) => self.faults.push(duplicate(edit)),
            (Deed::Create | Deed::Upsert | Deed::Fill, None) => {
                if self.rows.len() >= LIMIT {
                    self.faults.push(too_many(edit));
                    return;
                }
                let row = Row::new(self.kind, id, self.now);
                self.rows.push(row.clone());
                match deleted_at {
                    Some(at) => self.faults.push(deleted(edit, at)),
                    None => self.set(row, edit),
                }
            }
            (Deed::Update | Deed::Upsert | Deed::Fill, Some(_)) => self.set_stored(id, edit),
        }
    }

    /// Sets what was sent of a row that is there: of a stored one, or of one that another element has set, which must
    /// then be the same once more.
    fn set_stored(&mut self, id: Id, edit: &'a RowEdit) {
        if let Some(draft) = self.drafts.iter().find(|draft| draft.row.id == id) {
            let (mut row, mut before) = (draft.row.clone(), draft.row.clone());
            row.set_sent(&edit.changes);
            self.normalize(&mut row);
            self.normalize(&mut before);
            let mut told =
                self.kind.attributes.iter().filter(|attribute| attribute.access != Access::Internal);
            let same = told.all(|attribute| row.get(attribute.name) == before.get(attribute.name))
                && edit.changes.person.is_none()
                && edit.base.is_none();
            if same {
                self.ignored.extend(edit.changes.ignored.iter().map(|member| (id, member.clone())));
            } else {
                self.faults.push(named_twice(edit.at.clone()));
            }
        } else if let Some(row) = self.before(id).cloned() {
            self.set(row, edit);
        }
    }

    /// The row that stands for the same thing as one that was sent without an id.
    fn same_thing(&self, edit: &RowEdit) -> Option<Id> {
        let mut row = Row::new(self.kind, edit.id, self.now);
        row.set_sent(&edit.changes);
        self.normalize(&mut row);
        self.rows.iter().find(|other| other.is_like(&row, self.kind.identity)).map(|other| other.id)
    }

    fn set(&mut self, mut row: Row, edit: &'a RowEdit) {
        row.set_sent(&edit.changes);
        let mut normal = row.clone();
        self.normalize(&mut normal);
        if let Some(slot) = self.rows.iter_mut().find(|slot| slot.id == row.id) {
            *slot = normal;
        }
        self.drafts.push(Draft { row, edit });
    }

    /// Brings a row into the form in which it is stored; what is wrong with it is told later.
    fn normalize(&self, row: &mut Row) {
        let around = Around { before: self.before(row.id), rows: &[], home: self.around.home, taken: &[] };
        (self.kind.check)(row, &around, &mut |_, _, _| {});
    }

    fn finish(mut self) -> Edited {
        let drafts = std::mem::take(&mut self.drafts);
        let checked: Vec<Row> = drafts.iter().map(|draft| self.check(draft)).collect();
        for row in checked {
            if let Some(slot) = self.rows.iter_mut().find(|slot| slot.id == row.id) {
                *slot = row;
            }
        }
        self.rows.sort_by_key(|row| (row.created_at, row.id));
        // Who was made primary just now wins over who was primary before and is sent along.
        let primary = |row: &Row| row.get("primary").is_true();
        let sent = || drafts.iter().rev().filter(|draft| primary(&draft.row)).map(|draft| draft.row.id);
        let risen = sent().find(|id| !self.before(*id).is_some_and(primary));
        elect(self.kind.primary, &mut self.rows, risen.or_else(|| sent().next()));
        for Draft { row: wanted, edit } in &drafts {
            let Some(row) = self.rows.iter_mut().find(|row| row.id == wanted.id) else { continue };
            let before = self.stored.iter().find(|before| before.id == row.id);
            // Who only wins or loses an election keeps his time.
            if before.is_some_and(|before| before != row && before.updated_at == row.updated_at) {
                row.updated_at = self.now;
            }
            let overruled =
                edit.changes.values.contains_key("primary") && wanted.get("primary") != row.get("primary");
            let read_only = edit.changes.read_only.iter().filter(|(name, sent)| row.shown(name) != *sent);
            let ignored = edit.changes.ignored.iter().cloned();
            let ignored = ignored.chain(overruled.then_some(Cow::Borrowed("primary")));
            let ignored = ignored.chain(read_only.map(|(name, _)| Cow::Borrowed(*name)));
            self.ignored.extend(ignored.map(|member| (row.id, member)));
            if let Some(before) = before {
                self.faults.extend(stale(edit, before, Some(row), self.around));
            }
        }
        Edited { rows: self.rows, faults: self.faults, ignored: self.ignored }
    }

    /// A draft by the rules of its kind, in the form in which it is stored.
    fn check(&mut self, Draft { row, edit }: &Draft<'_>) -> Row {
        let (mut row, changes) = (row.clone(), &edit.changes);
        let mut told: Vec<&str> = changes.faulty.clone();
        for name in row.blanks() {
            if !told.contains(&name) {
                told.push(name);
                self.faults.push(fault(changes, Code::Blank, name, "can't be blank"));
            }
        }
        self.check_person(&row, edit);
        let before = self.before(row.id);
        let taken = &self.around.taken;
        let around = Around { before, rows: &self.rows, home: self.around.home, taken };
        let faults = &mut self.faults;
        (self.kind.check)(&mut row, &around, &mut |code, name, message| {
            // A value that is faulty by itself is told once.
            if !told.contains(&name) {
                faults.push(fault(changes, code, name, message));
            }
        });
        row
    }

    /// Whether the person whom a row names is one whom its owner may name, and was not sent with anything new.
    fn check_person(&mut self, row: &Row, edit: &RowEdit) {
        for attribute in self.kind.attributes.iter().filter(|attribute| attribute.holds == Type::Person) {
            let (Value::Id(id), Some(place)) =
                (row.get(attribute.name), edit.changes.places.get(attribute.name))
            else {
                continue;
            };
            // Whom the row names already may have gone since: to send him back is no change.
            let known = self
                .before(row.id)
                .is_some_and(|before| before.get(attribute.name) == row.get(attribute.name));
            if known && !self.around.people.contains_key(id) {
                continue;
            }
            let Some(person) = self.around.people.get(id) else {
                let detail = format!("Couldn't find Person with 'id'={id}");
                self.faults.push(Fault::new(Code::NotFound, detail).at(place.clone()));
                continue;
            };
            if let Some(sent) = edit.changes.person.as_ref().filter(|sent| !person.shows(&sent.object)) {
                let detail = "A person can't be changed through somebody's relationship with him.";
                self.faults.push(Fault::new(Code::ReplacementRefused, detail).at(sent.at.clone()));
            }
        }
    }
}

/// The fault of an edit that names another state of its row than the stored one. A nested row need not name any,
/// since the base of the whole request guards it; but what it names must hold, or the edit could undo another's.
fn stale(edit: &RowEdit, before: &Row, after: Option<&Row>, around: &Arc<Surroundings>) -> Option<Fault> {
    let base = edit.base.as_ref().filter(|base| base.stamp != before.stamp)?;
    let stored = around.stored.get(before.kind.name).into_iter().flatten();
    let told = stored.chain([before]).find(|row| row.id == before.id).unwrap_or(before);
    let state =
        |row: &Row, rows| OwnedRow { row: row.clone(), rows, told: told.clone(), around: Arc::clone(around) };
    let after = state(after.unwrap_or(before), after.cloned().into_iter().collect());
    let known = (base.stamp < before.stamp).then_some(base.stamp);
    let conflict =
        Conflict::since(&state(before, vec![before.clone()]), &after, known, Some(base.sent.clone()));
    // A merge tells of what was changed after the base of the request; of anything else it must not be silent.
    let told = edit.merged_from.is_some_and(|base| base < before.stamp);
    let forgiven = told && !conflict.is_contradicted();
    let at = edit.changes.belongs_in.member(STAMP);
    (!forgiven).then(|| conflict.stale_at(at))
}

fn not_found(kind: &Kind, edit: &RowEdit) -> Fault {
    let detail = format!("Couldn't find {} with 'id'={}", kind.model, edit.id);
    Fault::new(Code::NotFound, detail).at(edit.at.member("id"))
}

/// In the database's words, by which Android knows that the row is there already.
fn duplicate(edit: &RowEdit) -> Fault {
    let id = edit.id;
    let detail = format!("duplicate key value violates unique constraint: a row with the id {id} exists");
    Fault::new(Code::Duplicate, detail).at(edit.at.member("id"))
}

fn deleted(edit: &RowEdit, at: Stamp) -> Fault {
    let detail = format!("The row with the id {} was deleted, and its id is never used again.", edit.id);
    let meta = Json::Object(vec![("deleted_at".to_owned(), at.to_string().into())]);
    Fault::new(Code::Deleted, detail).at(edit.at.member("id")).with_meta(meta)
}

fn too_many(edit: &RowEdit) -> Fault {
    let detail = format!("A user can have {LIMIT} rows of a kind.");
    Fault::new(Code::TooLong, detail).at(edit.at.clone())
}
