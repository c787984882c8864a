//! A row as the guard decides on it at its own endpoint: with all rows of its kind, since what is done to one may
//! change another.

use std::borrow::Cow;
use std::sync::Arc;

use super::edit::{Deed, RowEdit};
use super::kind::Kind;
use super::row::Row;
use super::rows::{Edited, edited};
use super::surroundings::Surroundings;
use crate::clock::Stamp;
use crate::guard::{Applied, Guarded, Member};
use crate::jsonapi::Json;
use crate::users::person::Person;

/// A row among its person's rows of the kind.
#[derive(Clone, Debug)]
pub struct OwnedRow {
    /// The row; one that is to be made is decided on as a row that has nothing.
    pub row: Row,
    /// The rows that are stored, the oldest first.
    pub rows: Vec<Row>,
    /// The row as a conflict tells of it: as it is stored, while earlier operations of a request may have changed it.
    pub told: Row,
    /// What their rules ask about.
    pub around: Arc<Surroundings>,
}

impl OwnedRow {
    /// The row that an edit names, among the rows that `person` has by now; `stored` is he as he is stored. `None`
    /// where there is no such row, and none is to be made.
    #[must_use]
    pub fn of(
        stored: &Person,
        person: &Person,
        (kind, edit): (&'static Kind, &RowEdit),
        now: Stamp,
    ) -> Option<Self> {
        let named = |person: &Person| person.context.row(kind, edit.id).cloned();
        let row =
            named(person).or_else(|| (edit.deed == Deed::Create).then(|| Row::new(kind, edit.id, now)))?;
        let told = named(stored).unwrap_or_else(|| row.clone());
        let (rows, around) = (person.context.rows_of(kind).to_vec(), Arc::clone(&person.context.around));
        Some(Self { row, rows, told, around })
    }

    fn is_stored(&self) -> bool {
        self.rows.iter().any(|row| row.id == self.row.id)
    }
}

impl Guarded for OwnedRow {
    type Changes = RowEdit;

    fn version(&self) -> i64 {
        self.row.version
    }

    fn stamp(&self) -> Stamp {
        self.row.stamp
    }

    fn shown(&self, member: &str) -> Json {
        self.told.shown(member)
    }

    fn changed_since(&self, base: Stamp) -> Vec<Member> {
        self.told.changed_since(base)
    }

    /// A deletion writes everything.
    fn written(&self, after: &Self) -> Vec<Member> {
        if after.is_stored() {
            return self.row.written(&after.row);
        }
        let names = self.row.kind.attributes.iter().map(|attribute| attribute.name);
        names.chain(["created_at"]).map(Cow::Borrowed).collect()
    }

    fn changed(&self, after: &Self) -> Vec<Member> {
        self.written(after)
    }

    fn apply(&self, edit: &RowEdit, now: Stamp) -> Applied<Self> {
        let edits = std::slice::from_ref(edit);
        let Edited { rows, faults, ignored } = edited(self.row.kind, &self.rows, edits, &self.around, now);
        let row = rows.iter().find(|row| row.id == self.row.id).unwrap_or(&self.row).clone();
        Applied {
            differs: rows != self.rows,
            state: Self { row, rows, told: self.told.clone(), around: Arc::clone(&self.around) },
            faults,
            ignored: ignored.into_iter().map(|(_, member)| member).collect(),
        }
    }

    /// The person moves, and his rows with him: [`crate::users::person::Person`].
    fn moved(&self, after: Self, _: &[Member], _: Stamp) -> Self {
        after
    }
}
