//! A row that users share, as the guard decides on it: by the rules of a kind, as a row of one person is.

use std::sync::Arc;

use crate::clock::Stamp;
use crate::error::Error;
use crate::guard::member_stamps::MemberStamps;
use crate::guard::{Decision, Edit, Member, decide};
use crate::id::Id;
use crate::jsonapi::document::meta;
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::request::ResourceObject;
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::people::edit::RowEdit;
use crate::people::kind::Kind;
use crate::people::owned_row::OwnedRow;
use crate::people::row::{Row, Value};
use crate::people::surroundings::Surroundings;
use crate::users::show::notes;

/// A row of a table of what users share.
pub(crate) trait SharedRow: Clone + PartialEq {
    /// A row that has nothing yet, made at `now`.
    fn new(id: Id, now: Stamp) -> Self;

    /// As the guard sees it.
    fn as_row(&self) -> Row;

    /// Takes over what the guard has made of it.
    fn take(&mut self, row: &Row);
}

/// A row as the guard sees it. `times` are those of its making, of its last edit, and its stamp; `stamps` are those of
/// its attributes in their text form.
pub(super) fn row(
    kind: &'static Kind,
    (id, version): (Id, i64),
    (created_at, updated_at, stamp): (Stamp, Stamp, Stamp),
    stamps: &str,
    values: Vec<Value>,
) -> Row {
    let stamps = MemberStamps::from_text(stamps).unwrap_or_else(|| MemberStamps::all_at(stamp));
    Row { kind, id, version, created_at, updated_at, stamp, stamps, values }
}

/// What was sent beside what the guard decides on.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    /// As they were sent, to know an echo.
    attributes: Members,
    /// Nothing of them is changed by an edit.
    pub relationships: Members,
}

impl Sent {
    /// Takes it out of a resource object.
    pub(super) fn take(resource: &mut ResourceObject) -> Self {
        let relationships = resource.relationships.replace(Members::new()).unwrap_or_default();
        Self { relationships, attributes: resource.attributes.clone().unwrap_or_default() }
    }

    fn is_echo(&self, shown: &[(&'static str, Json)], name: &Member) -> bool {
        let shown = shown.iter().find(|(own, _)| own == name).map(|(_, value)| value);
        shown.is_some() && shown == find(&self.attributes, name)
    }

    /// Compares the relationships with those of the resource: sent back as they are they change nothing (design 2,
    /// decision 16). `equals` says `None` where there is none of the name.
    pub(super) fn compare_relationships(
        &self,
        edit: &mut Edit<RowEdit>,
        equals: impl Fn(&str, &Json) -> Option<bool>,
    ) {
        for (name, sent) in &self.relationships {
            match equals(name, sent) {
                Some(true) => {}
                Some(false) => {
                    let at = relationship(name);
                    let detail = format!("The relationship `{name}` can't be changed in this way.");
                    edit.faults.push(Fault::new(Code::ReplacementRefused, detail).at(at));
                }
                None => edit.changes.changes.ignored.push(Member::Owned(name.clone())),
            }
        }
    }
}

/// Where the linkage of a relationship lies in a document.
pub(super) fn relationship(name: &str) -> Pointer {
    Pointer::root().member("data").member("relationships").member(name).member("data")
}

/// Decides on an edit of a row; `stored` is absent where one is to be made. Returns the row with the version and the
/// stamp with which it is to be written, where it is, and what the answer says of the edit. `shown` is what the document
/// showed before; `around` tells which ids were deleted.
///
/// # Errors
/// Why it is refused.
pub(super) fn decided(
    stored: Option<&Row>,
    edit: &Edit<RowEdit>,
    (kind, now, around): (&'static Kind, Stamp, Surroundings),
    (sent, shown): (&Sent, &[(&'static str, Json)]),
) -> Result<(Option<Row>, Option<Json>), Error> {
    let at = stored.map_or(now, |stored| stored.stamp.next(now));
    let row = stored.cloned().unwrap_or_else(|| Row::new(kind, edit.changes.id, now));
    let state = OwnedRow {
        rows: stored.cloned().into_iter().collect(),
        told: row.clone(),
        around: Arc::new(around),
        row,
    };
    let version = stored.map_or(0, |stored| stored.version) + 1;
    let (row, ignored, merged) = match decide(&state, edit, at) {
        Decision::Applied { state: after, ignored, merged } => {
            (Some(after.row.stamped(stored, version, at)), ignored, merged)
        }
        Decision::Unchanged { ignored, merged } => (None, ignored, merged),
        decision => return Err(Error::refused(decision, &edit.stamp_belongs_in)),
    };
    let ignored: Vec<_> = ignored.into_iter().filter(|name| !sent.is_echo(shown, name)).collect();
    Ok((row, meta(notes(&ignored, merged.as_deref()))))
}
