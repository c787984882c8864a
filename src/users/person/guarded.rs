//! What edits make of a user: the rules that the guard decides by.

use std::collections::{HashMap, HashSet};

use super::{Context, Person};
use crate::clock::Stamp;
use crate::guard::{Applied, Guarded, Member};
use crate::id::Id;
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::people::nested::{self, NestedRows};
use crate::people::row::Row;
use crate::people::rows::edited;
use crate::users::attributes::{ATTRIBUTES, Kind, group_of};
use crate::users::edit::UserChanges;
use crate::users::linkage::OWNED;
use crate::users::pictures;
use crate::users::preferences::{self, DEFAULT_LIST, unknown_default_list};
use crate::users::rules::{Group, day_exists};

impl Person {
    /// The rows of a request's kinds that are others in `after`: before, if they were there, and after, if they are.
    fn rows_written<'a>(&'a self, after: &'a Self) -> Vec<(Option<&'a Row>, Option<&'a Row>)> {
        let mut pairs = Vec::new();
        for (kind, rows) in &after.context.rows {
            let stored = self.context.rows.get(kind).map_or(&[][..], Vec::as_slice);
            let mut new: HashMap<Id, &Row> = rows.iter().map(|row| (row.id, row)).collect();
            pairs.extend(stored.iter().map(|row| (Some(row), new.remove(&row.id))));
            pairs.extend(rows.iter().filter(|row| new.contains_key(&row.id)).map(|row| (None, Some(row))));
        }
        pairs.retain(|(before, after)| before != after);
        pairs
    }

    /// Whether a picture of his own, whose URL was sent, is the present one. A picture comes by being uploaded: its URL is
    /// an echo, also under another address of the server, and one that is gone takes the present one not away.
    fn picture_named(&self, changes: &UserChanges) -> Option<bool> {
        let named = pictures::named(self.id, changes.columns.avatar.as_ref()?.as_deref()?)?;
        Some(pictures::stored(self.id, self.columns.avatar.as_deref()) == Some(named))
    }

    /// Applies what came nested, kind by kind.
    fn apply_rows(&self, changes: &UserChanges, state: &mut Self, now: Stamp) -> (Vec<Fault>, Vec<Member>) {
        let (mut faults, mut ignored) = (Vec::new(), Vec::new());
        for NestedRows { kind, edits } in &changes.rows {
            let stored = self.context.rows_of(kind);
            let edited = edited(kind, stored, edits, &self.context.around, self.next_stamp(now));
            state.set_rows(kind, edited.rows);
            faults.extend(edited.faults);
            ignored.extend(edited.ignored.iter().map(|(id, name)| nested::member(kind, *id, name)));
        }
        (faults, ignored)
    }

    /// The stamp of his next state.
    fn next_stamp(&self, now: Stamp) -> Stamp {
        if self.context.is_unborn { self.stamp } else { self.stamp.next(now) }
    }

    fn check_dates(&self, changes: &UserChanges, faults: &mut Vec<Fault>) {
        for (group, prefix) in [(Group::Anniversary, "anniversary"), (Group::Birthday, "birthday")] {
            if changes.faulty.iter().any(|name| name.starts_with(prefix)) {
                continue;
            }
            let (Some(day), Some(month), _) = self.date(group) else { continue };
            if day_exists(day, month) {
                continue;
            }
            // What is stored exists, so the request set one of the two.
            let parts = [format!("{prefix}_day"), format!("{prefix}_month")];
            if let Some(sent) = parts.iter().find(|part| changes.columns.sets(part)) {
                let at = Pointer::attributes().member(sent);
                let message = format!("must exist (month {month} has no day {day})");
                faults.push(Fault::attribute(Code::OutOfRange, sent, message, at));
            }
        }
    }

    fn set_parent_contacts(&mut self, sent: &[(usize, Id)], faults: &mut Vec<Fault>) {
        let known = self.linkage.parent_contacts.clone();
        let mut contacts = Vec::new();
        for (index, id) in sent {
            if !known.contains(id) && !self.context.visible_contacts.contains(id) {
                let at = Pointer::attributes().member("parent_contacts").element(*index);
                let message = "must be contacts that you can see";
                faults.push(Fault::attribute(Code::NotIncluded, "parent_contacts", message, at));
            } else if !contacts.contains(id) {
                contacts.push(*id);
            }
        }
        self.linkage.parent_contacts = contacts;
    }
}

/// Whether a member is a row: `email_addresses/<id>`. Members of preferences may have any name behind theirs.
fn is_row(member: &Member) -> bool {
    member.split_once('/').is_some_and(|(kind, _)| OWNED.contains(&kind))
}

impl Guarded for Person {
    type Changes = UserChanges;

    fn version(&self) -> i64 {
        self.version
    }

    fn stamp(&self) -> Stamp {
        self.stamp
    }

    fn shown(&self, member: &str) -> Json {
        if let Some(name) = member.strip_prefix(preferences::NAME).and_then(|rest| rest.strip_prefix('.')) {
            return self.preference(name);
        }
        if let Some(row) = self.context.row_changes.iter().find(|row| row.member == member) {
            return row.value.clone();
        }
        let year = |group| {
            let (day, month, year) = self.date(group);
            Self::year(day, month, year).into()
        };
        match member {
            "anniversary_year" => year(Group::Anniversary),
            "avatar" => self.avatar().into(),
            "birthday_year" => year(Group::Birthday),
            "parent_contacts" => self.linkage.parent_contacts.iter().map(ToString::to_string).collect(),
            "updated_at" => self.updated_at.to_string().into(),
            "updated_in_db_at" => self.stamp.to_string().into(),
            _ => self.columns.get(member).unwrap_or(Json::Null),
        }
    }

    fn changed_since(&self, base: Stamp) -> Vec<Member> {
        let attributes = ATTRIBUTES.iter().filter_map(|attribute| match attribute.kind {
            Kind::Column(_) | Kind::ParentContacts => Some(Member::Borrowed(attribute.name)),
            // Preferences are followed member by member, the two times not at all (design 3).
            Kind::Preferences | Kind::UpdatedAt | Kind::UpdatedInDbAt => None,
        });
        let names = self.preferences.members().iter().map(|(name, _)| name.as_str());
        let members = names.chain([DEFAULT_LIST]).map(preferences::member);
        let own = attributes.chain(members).filter(|member| self.stamps.of(member) > base);
        let rows = self.context.row_changes.iter().filter(|row| row.at > base);
        own.chain(rows.map(|row| row.member.clone())).collect()
    }

    fn written(&self, after: &Self) -> Vec<Member> {
        let mut names = self.columns.differences(&after.columns);
        if self.linkage.parent_contacts != after.linkage.parent_contacts {
            names.push(Member::Borrowed("parent_contacts"));
        }
        names.extend(self.preferences.differences(&after.preferences));
        if self.default_account_list != after.default_account_list {
            names.push(preferences::member(DEFAULT_LIST));
        }
        let rows = self.rows_written(after).into_iter().filter_map(|(before, after)| before.or(after));
        names.extend(rows.map(Row::member));
        names
    }

    /// A row is made of its attributes: others may have changed one of them, and the edit another.
    fn contradicted(&self, after: &Self, changed: &HashSet<&Member>, base: Stamp) -> Vec<Member> {
        let mut names = self.written(after);
        names.retain(|member| changed.contains(member) && !is_row(member));
        for (before, after) in self.rows_written(after) {
            let Some(row) = before.or(after) else { continue };
            let member = row.member();
            let undone = match (before, after) {
                (Some(before), Some(after)) => {
                    let others = before.changed_since(base);
                    before.written(after).iter().any(|name| others.contains(name))
                }
                _ => true,
            };
            if undone && changed.contains(&member) {
                names.push(member);
            }
        }
        names
    }

    fn changed(&self, after: &Self) -> Vec<Member> {
        let mut names = self.written(after);
        for name in Self::COMPUTED {
            if !names.iter().any(|n| n == name) && self.shown(name) != after.shown(name) {
                names.push(Member::Borrowed(name));
            }
        }
        names
    }

    fn apply(&self, changes: &UserChanges, now: Stamp) -> Applied<Self> {
        let mut state = self.clone();
        let mut faults = Vec::new();
        let picture = self.picture_named(changes);
        changes.columns.apply(&mut state.columns, |name, value| {
            self.shown(name) == *value || (name == "avatar" && picture.is_some())
        });
        let mut ignored = changes.ignored.clone();
        if picture == Some(false) {
            ignored.push(Member::Borrowed("avatar"));
        }
        if state.columns.deceased && !self.columns.deceased {
            if self.columns.optout_enewsletter && !state.columns.optout_enewsletter {
                ignored.push(Member::Borrowed("optout_enewsletter"));
            }
            state.columns.optout_enewsletter = true;
        }
        state.check_dates(changes, &mut faults);
        if let Some(contacts) = &changes.parent_contacts {
            state.set_parent_contacts(contacts, &mut faults);
        }
        if let Some(edited) = changes.updated_at {
            state.updated_at = edited;
        }
        changes.preferences.apply(&mut state.preferences, &mut faults);
        match changes.preferences.default_list() {
            Some(list) if list == self.default_list() => {}
            Some(Some(list)) if !self.linkage.has_account_list(list) => faults.push(unknown_default_list()),
            Some(list) => state.default_account_list = list,
            None => {}
        }
        for relationship in &changes.relationships {
            faults.extend(relationship.refusal(&self.linkage, self.master_person.id));
        }
        let (wrong, passed_over) = self.apply_rows(changes, &mut state, now);
        faults.extend(wrong);
        ignored.extend(passed_over);
        let differs = state != *self;
        ignored.extend(changes.preferences.ignored(|name| self.preference(name)));
        Applied { state, differs, faults, ignored }
    }

    fn moved(&self, mut after: Self, changed: &[Member], now: Stamp) -> Self {
        after.version = self.version + 1;
        after.stamp = self.next_stamp(now);
        if after.updated_at == self.updated_at {
            after.updated_at = after.stamp;
        }
        // Rows carry the stamps of their attributes themselves.
        let own = changed.iter().filter(|member| !is_row(member));
        for member in own.flat_map(group_of) {
            after.stamps.set(member, after.stamp);
        }
        let (version, stamp) = (after.version, after.stamp);
        let stamped = |(kind, rows): (&'static str, Vec<Row>)| {
            let stored = self.context.rows.get(kind).map_or(&[][..], Vec::as_slice);
            let before: HashMap<Id, &Row> = stored.iter().map(|row| (row.id, row)).collect();
            let stamped = |row: Row| {
                let before = before.get(&row.id).copied();
                row.stamped(before, version, stamp)
            };
            (kind, rows.into_iter().map(stamped).collect())
        };
        let rows = std::mem::take(&mut after.context.rows).into_iter().map(stamped).collect();
        after.context = Context { rows, ..Context::default() };
        after
    }
}
