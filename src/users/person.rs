//! A user as the guard decides on him: his attributes and preferences, and what his document shows beside them, all
//! of one version.

mod guarded;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono_tz::Tz;

use super::attributes::Columns;
use super::linkage::Linkage;
use super::preferences::{DEFAULT_LIST, Preferences};
use super::rules::Group;
use super::{pictures, time_zone};
use crate::clock::Stamp;
use crate::guard::Member;
use crate::guard::member_stamps::MemberStamps;
use crate::id::Id;
use crate::jsonapi::Json;
use crate::people::kind;
use crate::people::row::Row;
use crate::people::surroundings::Surroundings;

/// A user in one of his states.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The user's id, the same for ever.
    pub id: Id,
    /// Counts the states.
    pub version: i64,
    /// `updated_in_db_at`.
    pub stamp: Stamp,
    /// The client's time of the last edit, else the stamp.
    pub updated_at: Stamp,
    /// When each member was last changed.
    pub stamps: MemberStamps,
    /// The attributes that are columns.
    pub columns: Columns,
    /// The preferences that are stored as one text.
    pub preferences: Preferences,
    /// The stored default account list, whether or not the user still has it.
    pub default_account_list: Option<Id>,
    /// The master person.
    pub master_person: MasterPerson,
    /// The rows that the document names.
    pub linkage: Linkage,
    /// What was read for one request only; empty in a state that is remembered.
    pub context: Context,
}

/// What a decision may need beside the user's own state, read with it in one state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    /// Of the contacts that the request names, those that the user can see.
    pub visible_contacts: BTreeSet<Id>,
    /// What happened to his rows since the request's base.
    pub row_changes: Vec<RowChange>,
    /// All his rows of the kinds that the request edits, the oldest first.
    pub rows: BTreeMap<&'static str, Vec<Row>>,
    /// What their rules ask about.
    pub around: Arc<Surroundings>,
    /// Whether he is being made: nobody has seen a state of his, so what completes him keeps the time of his birth.
    pub is_unborn: bool,
}

impl Context {
    /// The rows of a kind; none where they were not read.
    #[must_use]
    pub fn rows_of(&self, kind: &kind::Kind) -> &[Row] {
        self.rows.get(kind.name).map_or(&[], Vec::as_slice)
    }

    /// A row, if it is there and was read.
    #[must_use]
    pub fn row(&self, kind: &kind::Kind, id: Id) -> Option<&Row> {
        self.rows_of(kind).iter().find(|row| row.id == id)
    }
}

/// A row that was written or deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct RowChange {
    /// Its type and id: `email_addresses/<id>`.
    pub member: Member,
    /// When.
    pub at: Stamp,
    /// Its attributes, or null where it was deleted.
    pub value: Json,
}

/// The record that people of several account lists share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MasterPerson {
    /// Its id.
    pub id: Id,
    /// When it was made.
    pub created_at: Stamp,
    /// When it was last changed.
    pub updated_at: Stamp,
}

impl Person {
    /// The avatar that is shown: the stored one, else a computed one (`mpdx-behaviour.md` 1.6).
    #[must_use]
    pub fn avatar(&self) -> String {
        pictures::avatar(
            self.columns.avatar.as_deref(),
            self.linkage.facebook_id,
            self.columns.gender.as_deref(),
        )
    }

    /// The default account list that is shown: the stored one while it is one of the user's own.
    #[must_use]
    pub fn default_list(&self) -> Option<Id> {
        self.default_account_list.filter(|id| self.linkage.has_account_list(*id))
    }

    /// What the user still has to set up, in the words that clients read (`mpdx-behaviour.md` 1.5).
    #[must_use]
    pub fn setup(&self) -> Option<&'static str> {
        if self.linkage.account_lists.is_empty() {
            return Some("no account_lists");
        }
        let Some(list) = self.default_list() else { return Some("no default_account_list") };
        let connected = self.linkage.account_lists.iter().any(|l| l.id == list && l.has_organization_account);
        (!connected).then_some("no organization_account on default_account_list")
    }

    /// The user's time zone; UTC where he has none.
    #[must_use]
    pub fn time_zone(&self) -> Tz {
        let name = self.preferences.get("time_zone").and_then(Json::as_str);
        name.and_then(time_zone::find).unwrap_or(Tz::UTC)
    }

    /// The year of a date as shown: 1900 where only day and month are known (`mpdx-behaviour.md` 4.2).
    fn year(day: Option<i32>, month: Option<i32>, year: Option<i32>) -> Option<i32> {
        year.or_else(|| day.and(month).map(|_| 1900))
    }

    fn date(&self, group: Group) -> (Option<i32>, Option<i32>, Option<i32>) {
        let c = &self.columns;
        match group {
            Group::Birthday => (c.birthday_day, c.birthday_month, c.birthday_year),
            Group::Anniversary => (c.anniversary_day, c.anniversary_month, c.anniversary_year),
        }
    }

    /// The value of a member of preferences as shown.
    fn preference(&self, name: &str) -> Json {
        match name {
            DEFAULT_LIST => self.default_list().map(|id| id.to_string()).into(),
            "setup" => self.setup().into(),
            _ => self.preferences.get(name).cloned().unwrap_or(Json::Null),
        }
    }

    /// The members whose shown value may follow from others.
    const COMPUTED: [&str; 3] = ["anniversary_year", "avatar", "birthday_year"];

    /// Replaces all rows of a kind.
    pub fn set_rows(&mut self, kind: &'static kind::Kind, rows: Vec<Row>) {
        self.linkage.name_rows(kind, &rows);
        self.context.rows.insert(kind.name, rows);
    }
}
