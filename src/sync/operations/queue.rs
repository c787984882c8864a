//! Operations one after the other on one person: each is decided on what the ones before it make of him, and against
//! what is stored. Pure.

use std::collections::HashSet;
use std::sync::Arc;

use super::read::Work;
use crate::clock::Stamp;
use crate::error::Error;
use crate::guard::precondition::IfMatch;
use crate::guard::{Applied, Conflict, Decision, Edit, Guarded, Member, decide};
use crate::id::Id;
use crate::jsonapi::Json;
use crate::people::edit::{Deed, RowEdit};
use crate::people::kind::Kind;
use crate::people::owned_row::OwnedRow;
use crate::people::row::Row;
use crate::users::edit::UserChanges;
use crate::users::person::Person;

/// What an operation is answered with.
#[derive(Debug)]
pub(super) enum Subject {
    /// The user.
    User,
    /// A row, as the operation left it.
    Row(Box<Row>),
    /// No resource.
    Nothing,
}

/// What became of an operation.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) subject: Subject,
    /// Members to name as not applied.
    pub(super) ignored: Vec<Member>,
    /// After a merge: what others had changed.
    pub(super) merged: Option<Vec<Member>>,
}

/// A person on his way from one state to the next.
pub(super) struct Queue<'a> {
    stored: &'a Person,
    /// As the operations so far make him; version and stamps are moved once, at the end.
    person: Person,
    now: Stamp,
    /// The stamp of the next state.
    next: Stamp,
    /// Rows that operations made and later ones deleted.
    vanished: Vec<(&'static Kind, Id)>,
}

/// What operations make of a person.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) person: Person,
    /// Rows that never were stored and are deleted all the same: their ids are never used again.
    pub(super) vanished: Vec<(&'static Kind, Id)>,
}

impl<'a> Queue<'a> {
    pub(super) fn new(stored: &'a Person, now: Stamp) -> Self {
        let mut person = stored.clone();
        Arc::make_mut(&mut person.context.around).stored.clone_from(&stored.context.rows);
        Self { stored, person, now, next: stored.stamp.next(now), vanished: Vec::new() }
    }

    /// Does an operation.
    ///
    /// # Errors
    /// What the guard or the rules have against it.
    pub(super) fn take(&mut self, work: &Work) -> Result<Outcome, Error> {
        match work {
            Work::User(edit) => self.change_user(edit),
            Work::Row(kind, edit) => self.change_row(kind, edit),
            Work::Linkage(change) => match change.refusal(&self.person) {
                Some(fault) => Err(fault.into()),
                None => Ok(Outcome { subject: Subject::Nothing, ignored: Vec::new(), merged: None }),
            },
        }
    }

    fn change_user(&mut self, edit: &Edit<UserChanges>) -> Result<Outcome, Error> {
        let state = QueuedUser { stored: self.stored, person: self.person.clone() };
        let subject = Subject::User;
        match decide(&state, edit, self.now) {
            Decision::Applied { state: after, ignored, merged } => {
                self.advance(after.person);
                Ok(Outcome { subject, ignored, merged })
            }
            Decision::Unchanged { ignored, merged } => Ok(Outcome { subject, ignored, merged }),
            refused => Err(Error::refused(refused, &edit.stamp_belongs_in)),
        }
    }

    fn change_row(&mut self, kind: &'static Kind, edit: &Edit<RowEdit>) -> Result<Outcome, Error> {
        let Some(state) = self.row(kind, &edit.changes) else {
            return Err(Error::record_not_found(kind.model, edit.changes.id));
        };
        let is_stored = self.stored.context.row(kind, edit.changes.id).is_some();
        let mut edit = edit.clone();
        // What an earlier operation makes has no stamp that a client could name.
        edit.claim.overwrite |= !is_stored;
        let is_kept = edit.changes.deed != Deed::Delete;
        let subject =
            |state: OwnedRow| if is_kept { Subject::Row(Box::new(state.row)) } else { Subject::Nothing };
        match decide(&state, &edit, self.next) {
            Decision::Applied { state: after, ignored, merged } => {
                let mut person = self.person.clone();
                person.set_rows(kind, after.rows.clone());
                self.advance(person);
                Ok(Outcome { subject: subject(after), ignored, merged })
            }
            Decision::Unchanged { ignored, merged } => {
                Ok(Outcome { subject: subject(state), ignored, merged })
            }
            refused => Err(Error::refused(refused, &edit.stamp_belongs_in)),
        }
    }

    fn row(&self, kind: &'static Kind, edit: &RowEdit) -> Option<OwnedRow> {
        OwnedRow::of(self.stored, &self.person, (kind, edit), self.next)
    }

    /// Goes on from what an operation made of the person. The next one must find what a request after this one would.
    fn advance(&mut self, mut after: Person) {
        if after.updated_at == self.person.updated_at {
            after.updated_at = self.next;
        }
        let mut around = Arc::clone(&after.context.around);
        let rows = self.person.context.rows.values().flatten();
        let is_gone = |row: &&Row| after.context.row(row.kind, row.id).is_none();
        for row in rows.filter(is_gone) {
            if self.stored.context.row(row.kind, row.id).is_none() {
                self.vanished.push((row.kind, row.id));
            }
            let deleted = &mut Arc::make_mut(&mut around).deleted;
            deleted.insert((row.kind.name.to_owned(), row.id), self.next);
        }
        if after.default_account_list != self.person.default_account_list {
            Arc::make_mut(&mut around).rehome(&after);
        }
        after.context.around = around;
        self.person = after;
    }

    /// What an operation would make of the person if nothing spoke against it: a conflict tells what it would have
    /// set.
    pub(super) fn suppose(&mut self, work: &Work) {
        match work {
            Work::User(edit) => self.advance(self.person.apply(&edit.changes, self.now).state),
            Work::Row(kind, edit) => {
                if let Some(row) = self.row(kind, &edit.changes) {
                    let mut person = self.person.clone();
                    person.set_rows(kind, row.apply(&edit.changes, self.next).state.rows);
                    self.advance(person);
                }
            }
            Work::Linkage(_) => {}
        }
    }

    /// What is told where a condition does not hold.
    pub(super) fn conflict(&self, condition: &IfMatch) -> Conflict {
        Conflict::since(self.stored, &self.person, condition.base(), Some(condition.sent().to_owned()))
    }

    /// The next state; `None` where no operation changed anything.
    pub(super) fn finish(mut self) -> Option<Next> {
        self.forget_detours();
        let changed = self.stored.changed(&self.person);
        let Self { stored, person, now, vanished, .. } = self;
        let is_same = changed.is_empty() && vanished.is_empty() && person.updated_at == stored.updated_at;
        (!is_same).then(|| Next { person: stored.moved(person, &changed, now), vanished })
    }

    /// What came back to what it was has not changed: nobody is to be told of it, nor refused for it.
    fn forget_detours(&mut self) {
        let mut rows = std::mem::take(&mut self.person.context.rows);
        for row in rows.values_mut().flatten() {
            let stored = self.stored.context.row(row.kind, row.id);
            let same = |stored: &&Row| stored.values == row.values && stored.created_at == row.created_at;
            if let Some(stored) = stored.filter(same).filter(|_| row.updated_at == self.next) {
                row.clone_from(stored);
            }
        }
        self.person.context.rows = rows;
        if self.stored.written(&self.person).is_empty() && self.person.updated_at == self.next {
            self.person.updated_at = self.stored.updated_at;
        }
    }
}

/// The user as an operation is decided on: it is applied to what the earlier ones made of him, and compared with what
/// is stored, which is all that others know.
#[derive(Clone)]
struct QueuedUser<'a> {
    stored: &'a Person,
    person: Person,
}

impl Guarded for QueuedUser<'_> {
    type Changes = UserChanges;

    fn version(&self) -> i64 {
        self.stored.version()
    }

    fn stamp(&self) -> Stamp {
        self.stored.stamp()
    }

    fn shown(&self, member: &str) -> Json {
        self.stored.shown(member)
    }

    fn changed_since(&self, base: Stamp) -> Vec<Member> {
        self.stored.changed_since(base)
    }

    fn written(&self, after: &Self) -> Vec<Member> {
        self.person.written(&after.person)
    }

    fn contradicted(&self, after: &Self, changed: &HashSet<&Member>, base: Stamp) -> Vec<Member> {
        self.person.contradicted(&after.person, changed, base)
    }

    fn changed(&self, after: &Self) -> Vec<Member> {
        self.person.changed(&after.person)
    }

    fn apply(&self, changes: &UserChanges, now: Stamp) -> Applied<Self> {
        let Applied { state, differs, faults, ignored } = self.person.apply(changes, now);
        Applied { state: Self { stored: self.stored, person: state }, differs, faults, ignored }
    }

    /// The whole queue moves, at its end.
    fn moved(&self, after: Self, _: &[Member], _: Stamp) -> Self {
        after
    }
}
