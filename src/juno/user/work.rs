//! A user of JUNO in the course of a write.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryResult;

use super::changes::{Changes, Imported, Sent};
use super::dimensions;
use super::field::{Field, Takes, Value};
use super::links::{self, Links, TagChange};
use super::read;
use super::rights::Rights;
use super::rows::text;
use super::shown::OWN;
use super::source::{Source, all_dimensions};
use super::unique;
use super::view::View;
use super::write::Stop;
use crate::clock::Stamp;
use crate::db::Connection;
use crate::id::Id;
use crate::jsonapi::{Code, Fault};
use crate::juno::dimensions::Dimension;
use crate::juno::profile::Profile;
use crate::users::attributes::ColumnChanges;
use crate::users::{store, time_zone};

/// What is stored, what is to be stored, and what is wrong with it.
pub(super) struct Work {
    pub rights: Rights,
    pub now: Stamp,
    /// Whether the person is made by the same write.
    pub makes_person: bool,
    /// Of the site, in the order of their ids.
    pub dimensions: Vec<Dimension>,
    pub before: Source,
    /// What is stored, as documents show it.
    pub shown: View,
    /// Fields whose values are others than those that are shown.
    pub sent: BTreeMap<&'static str, Sent>,
    /// Attributes of the person.
    pub columns: ColumnChanges,
    /// Whether the name of the person's time zone goes.
    pub clears_zone: bool,
    pub profile: Profile,
    pub values: BTreeMap<i64, String>,
    pub links: Links,
    pub faults: Vec<Fault>,
}

impl Work {
    /// Reads what is stored of a user whose person is locked.
    pub(super) fn read(
        connection: &mut Connection,
        profile: Profile,
        (rights, now): (Rights, Stamp),
    ) -> QueryResult<Self> {
        let dimensions = all_dimensions(connection)?;
        let before = Source::read(connection, vec![profile])?.pop().ok_or(diesel::result::Error::NotFound)?;
        let shown = before.view(&dimensions, now);
        Ok(Self {
            rights,
            now,
            makes_person: false,
            sent: BTreeMap::new(),
            columns: ColumnChanges::default(),
            clears_zone: false,
            profile: before.profile.clone(),
            values: before.values.clone(),
            links: links::links(&before.tags),
            faults: Vec::new(),
            dimensions,
            before,
            shown,
        })
    }

    /// Takes all that a document sets.
    pub(super) fn take(&mut self, connection: &mut Connection, changes: &Changes) -> QueryResult<()> {
        let mut fields = changes.fields.clone();
        if let Some(values) = &changes.dimensions {
            self.take_values(values, &mut fields, true);
        }
        self.take_fields(fields);
        let Imported { points, created_at, last_login_at, .. } = changes.imported;
        let profile = &mut self.profile;
        profile.points = points.unwrap_or(profile.points);
        profile.created_at = created_at.unwrap_or(profile.created_at);
        profile.last_login_at = last_login_at.unwrap_or(profile.last_login_at);
        match &changes.tags {
            Some(tags) => self.take_tags(connection, &TagChange::Replace(tags.clone())),
            None => Ok(()),
        }
    }

    pub(super) fn take_tags(&mut self, connection: &mut Connection, change: &TagChange) -> QueryResult<()> {
        self.links = change.apply(connection, &self.before.tags, self.rights, &mut self.faults)?;
        Ok(())
    }

    /// Takes fields. What is shown already is no change, whoever sends it.
    pub(super) fn take_fields(&mut self, fields: BTreeMap<&'static str, Sent>) {
        for (name, sent) in fields {
            let Some(field) = Field::named(name).filter(|field| field.takes != Takes::Time) else { continue };
            if self.is_shown(field, &sent) {
                continue;
            }
            if self.may_set(field) {
                self.set(field, &sent);
                self.sent.insert(name, sent);
            } else {
                let fault = Fault::attribute(Code::ReadOnly, name, "can't be changed", sent.at);
                self.faults.push(fault);
            }
        }
    }

    fn is_shown(&self, field: &Field, sent: &Sent) -> bool {
        if sent.value.as_ref() == self.shown.fields.get(field.name) {
            return true;
        }
        match field.takes {
            Takes::Offset => {
                let zone = self.before.time_zone.as_deref().and_then(time_zone::find);
                let seconds = number(sent).and_then(|seconds| i32::try_from(seconds).ok());
                zone.zip(seconds).is_some_and(|(zone, o)| time_zone::has_offset(zone, o, self.now.moment()))
            }
            Takes::Guid => text(sent).is_some() && text(sent).and_then(Id::parse) == self.profile.client_guid,
            _ => false,
        }
    }

    fn may_set(&self, field: &Field) -> bool {
        let dimension = self.dimensions.iter().find(|dimension| Some(dimension.id) == field.dimension);
        let is_locked = dimension.is_some_and(|dimension| dimension.locked);
        let is_hidden = dimension.is_some_and(|dimension| !dimension.active);
        let is_sites = !field.is_users || is_locked;
        field.takes != Takes::Points && !is_hidden && (self.rights.administers || !is_sites)
    }

    /// Sets what lies with JUNO.
    fn set(&mut self, field: &Field, sent: &Sent) {
        let text = text(sent).map(str::to_owned);
        if let Some((_, dimension)) = OWN.iter().find(|(name, _)| *name == field.name) {
            self.set_value(*dimension, text);
            return;
        }
        let number = number(sent).and_then(|number| i32::try_from(number).ok());
        let profile = &mut self.profile;
        match field.name {
            "account_level" => profile.account_level = number.unwrap_or(profile.account_level),
            "banned" => profile.banned = sent.value == Some(Value::Flag(true)),
            "client_guid" => profile.client_guid = text.as_deref().and_then(Id::parse),
            "client_id" => profile.client_id = text,
            "username" => profile.username = text,
            "timezone" => {
                profile.utc_offset = number;
                self.clears_zone = self.before.time_zone.is_some();
            }
            _ => {}
        }
    }

    /// Writes what has changed, or tells all that is wrong with it.
    pub(super) fn finish(mut self, connection: &mut Connection, is_new: bool) -> Result<View, Stop> {
        let next = self.decide_person(connection)?;
        self.check_unique(connection)?;
        if !self.faults.is_empty() {
            return Err(Stop::Refused(std::mem::take(&mut self.faults).into()));
        }
        let links = links::links(&self.before.tags);
        let own =
            self.profile != self.before.profile || self.values != self.before.values || self.links != links;
        if next.is_none() && !own {
            return Ok(self.shown);
        }
        let changed = self.values.iter().filter(|(id, value)| self.before.values.get(id) != Some(value));
        let changed: BTreeSet<i64> = changed.map(|(id, _)| *id).collect();
        let before = Some(&self.before.profile);
        if !dimensions::hold(connection, &self.dimensions, &changed)?
            || unique::take(connection, before, &self.profile)?.is_some()
        {
            return Err(Stop::Lost);
        }
        if let Some((person, after)) = next
            && !store::compare_and_set(connection, &person, &after)?
        {
            return Err(Stop::Lost);
        }
        unique::give_back(connection, before, &self.profile)?;
        if own {
            if !is_new {
                self.profile.version += 1;
                self.profile.updated_at = self.profile.updated_at.next(self.now);
            }
            self.profile.update(connection)?;
            let values = (&self.before.values, &self.values);
            dimensions::write(connection, &self.profile, values, self.now)?;
            links::write(connection, &self.profile, &links, &self.links)?;
        }
        Ok(read::view(connection, self.profile, self.now)?)
    }

    fn check_unique(&mut self, connection: &mut Connection) -> QueryResult<()> {
        for (field, code) in unique::taken(connection, Some(&self.before.profile), &self.profile)? {
            if let Some(sent) = self.sent.get(field) {
                let fault = Fault::attribute(code, field, "has already been taken", sent.at.clone());
                self.faults.push(fault);
            }
        }
        Ok(())
    }
}

fn number(sent: &Sent) -> Option<i64> {
    match sent.value {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    }
}
