//! The rows that a user owns, as a line has them, on what is stored: by the rules of their kinds, which are the API's.

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error as QueryError};

use super::known::Stored;
use super::resource::{Resource, identified};
use crate::clock::Stamp;
use crate::db::Connection;
use crate::guard::member_stamps::MemberStamps;
use crate::id::Id;
use crate::jsonapi::json::find;
use crate::jsonapi::{Code, Fault, Pointer};
use crate::people::edit::value;
use crate::people::election::elect;
use crate::people::kind::{Access, Around, Kind, Type};
use crate::people::row::{Row, Value};
use crate::people::rows::LIMIT;
use crate::people::store;
use crate::people::{logins, owners};
use crate::users::rules::{Message, Rule};
use phonenumber::country;

/// Attributes whose value is made of a text as it was sent, which is kept beside it: kind, attribute, the text.
const SENT: [(&str, &str, &str); 3] = [
    ("email_addresses", "email", "email_sent"),
    ("facebook_accounts", "username", "original_url"),
    ("phone_numbers", "number", "number_sent"),
];

/// The columns of a phone number that its text decides.
const NUMBER: [&str; 3] = ["number", "number_sent", "country_code"];

/// All rows of a kind of a user before and after a line.
#[derive(Debug)]
pub(super) struct Rows {
    /// The kind.
    pub kind: &'static Kind,
    before: Vec<Row>,
    pub after: Vec<Row>,
    /// Stamps that the line gives, by the rows' ids.
    given: Vec<(Id, Stamp)>,
    /// Values that must be unique and that other users' rows have.
    taken: Vec<String>,
    /// Whether they are what a user of JUNO signs in with.
    signs_in: bool,
}

/// What a line's rows are read on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground {
    /// The user.
    pub user: Id,
    /// His stamp before the line; none of a new user, who has no rows.
    pub stamp: Option<Stamp>,
    /// The stamp that the line gives him: the time of what has no time of its own.
    pub given: Stamp,
}

/// Reads the rows of a kind that the line has, on those that are stored.
///
/// # Errors
/// The query's.
pub(super) fn read(
    stored: &mut Stored<'_>,
    kind: &'static Kind,
    ground: Ground,
    resources: &[&Resource],
    faults: &mut Vec<Fault>,
) -> QueryResult<Rows> {
    let before = match ground.stamp {
        Some(_) => store::load(stored.ask()?, kind, ground.user)?,
        None => Vec::new(),
    };
    let (given, taken, signs_in) = Default::default();
    let mut rows = Rows { kind, after: before.clone(), before, given, taken, signs_in };
    for resource in resources {
        rows.take(resource, ground, faults);
    }
    if let Some(last) = resources.last().filter(|_| rows.after.len() > LIMIT) {
        let detail = format!("A user has at most {LIMIT} {}.", kind.name);
        faults.push(Fault::new(Code::TooLong, detail).at(last.at.clone()));
    }
    let unique: Vec<String> = rows.after.iter().filter_map(|row| row.unique().map(str::to_owned)).collect();
    if !unique.is_empty() {
        rows.taken = owners::of_others(stored.ask()?, ground.user, kind.name, &unique)?;
    }
    for resource in resources {
        rows.check_others(resource, faults);
    }
    rows.after.sort_by_key(|row| (row.created_at, row.id));
    // Of several rows that the line calls primary the newest is; one that it does not name gives way.
    let named = |row: &&Row| row.get("primary").is_true() && rows.given.iter().any(|(id, _)| *id == row.id);
    let saved = rows.after.iter().rev().find(named).map(|row| row.id);
    elect(kind.primary, &mut rows.after, saved);
    let judge = kind.name == logins::ROWS && ground.stamp.is_some();
    rows.signs_in = judge && logins::judge(stored.ask()?, ground.user, (&rows.before, &rows.after), faults)?;
    Ok(rows)
}

/// Whether two rows hold the same, whatever their stamps and versions.
fn same(a: &Row, b: &Row) -> bool {
    a.values == b.values && a.created_at == b.created_at && a.updated_at == b.updated_at
}

/// What a line makes of the row that is `stored`, and the stamp that it gives, else `given`.
pub(super) fn wanted(
    kind: &'static Kind,
    stored: Option<&Row>,
    resource: &Resource,
    given: Stamp,
    faults: &mut Vec<Fault>,
) -> (Row, Stamp) {
    let mut stamp = stored.map_or(given, |row| row.stamp);
    let mut fields = resource.attributes(given, faults);
    fields.set("updated_in_db_at", Rule::Time, &mut stamp);
    let mut row = stored.cloned().unwrap_or_else(|| Row::new(kind, resource.id, stamp));
    fields.set("created_at", Rule::Time, &mut row.created_at);
    fields.set("updated_at", Rule::Time, &mut row.updated_at);
    let mut told = set_attributes(&mut row, resource, given, faults);
    told.extend(set_relationships(&mut row, resource, faults));
    told.extend(set_meta(&mut row, resource, given, faults));
    for name in row.blanks() {
        if !told.contains(&name) {
            told.push(name);
            let place = resource.place(name);
            faults.push(Fault::attribute(Code::Blank, name, "can't be blank", place));
        }
    }
    if told.is_empty() {
        normalize(&mut row, stored, resource, faults);
    }
    (row, stamp)
}

impl Rows {
    fn take(&mut self, resource: &Resource, ground: Ground, faults: &mut Vec<Fault>) {
        let place = self.before.iter().position(|row| row.id == resource.id);
        let stored = place.and_then(|place| self.before.get(place));
        let (row, stamp) = wanted(self.kind, stored, resource, ground.given, faults);
        match place.and_then(|place| self.after.get_mut(place)) {
            Some(slot) => *slot = row,
            None => self.after.push(row),
        }
        self.given.push((resource.id, stamp));
    }

    /// Checks a row against the user's others, all of them in the form in which they are stored.
    fn check_others(&self, resource: &Resource, faults: &mut Vec<Fault>) {
        let Some(row) = self.after.iter().find(|row| row.id == resource.id) else { return };
        let (rows, taken) = (&self.after, &self.taken);
        let around = Around { before: None, rows, home: country::Id::US, taken };
        (self.kind.check)(&mut row.clone(), &around, &mut |code, name, message| {
            if matches!(code, Code::Taken | Code::Duplicate) {
                let at = match find(&resource.relationships, name) {
                    Some(_) => resource.at.member("relationships").member(name),
                    None => resource.place(name),
                };
                faults.push(Fault::attribute(code, name, message, at));
            }
        });
    }

    /// Whether the line changes anything, or gives a later stamp than the user had.
    #[must_use]
    pub(super) fn differ(&self, ground: Ground) -> bool {
        self.after.iter().any(|row| self.moves(row, ground).is_some())
    }

    /// The stamp of a row that the line changes; `None` where it does not.
    ///
    /// Whoever knows the user's old stamp must see that the row was changed after it, so it is a later one.
    fn moves(&self, row: &Row, ground: Ground) -> Option<Stamp> {
        let before = self.stored(row.id);
        let given = self.given.iter().find(|(id, _)| *id == row.id).map(|(_, stamp)| *stamp);
        let later = given.filter(|given| ground.stamp.is_none_or(|stamp| *given > stamp));
        match before {
            Some(before) if same(before, row) => later.filter(|given| *given > before.stamp),
            _ => {
                let given = given.unwrap_or(ground.given);
                let known = if self.kind.is_aside() { before.map(|row| row.stamp) } else { ground.stamp };
                Some(known.map_or(given, |stamp| stamp.next(given)))
            }
        }
    }

    /// The rows after the line, with the lowest number at Facebook.
    #[must_use]
    pub(super) fn facebook_id(&self) -> Option<i64> {
        let number = |row: &Row| match row.get("remote_id") {
            Value::Integer(number) => Some(*number),
            _ => None,
        };
        self.after.iter().filter_map(number).min()
    }

    /// The account lists that rows of the line name, each with where it does.
    pub(super) fn lists<'a>(
        &'a self,
        resources: &'a [&Resource],
    ) -> impl Iterator<Item = (Id, Pointer)> + 'a {
        let names = self.kind.attributes.iter().filter(|attribute| attribute.holds == Type::AccountList);
        names.flat_map(move |attribute| {
            resources.iter().filter_map(move |resource| {
                let row = self.after.iter().find(|row| row.id == resource.id)?;
                let at = resource.at.member("relationships").member(attribute.name).member("data");
                row.get(attribute.name).as_id().map(|id| (id, at))
            })
        })
    }

    /// The ids of the rows after the line.
    pub(super) fn ids(&self) -> impl Iterator<Item = Id> {
        self.after.iter().map(|row| row.id)
    }

    fn stored(&self, id: Id) -> Option<&Row> {
        self.before.iter().find(|before| before.id == id)
    }

    /// The rows that the line changes, with the version of the user's new state.
    pub(super) fn changed(&self, ground: Ground, version: i64) -> Vec<Row> {
        let changed = self.after.iter().filter_map(|row| {
            let (stamp, before) = (self.moves(row, ground)?, self.stored(row.id));
            let version =
                if self.kind.is_aside() { before.map_or(1, |row| row.version + 1) } else { version };
            let mut row = Row { version, stamp, ..row.clone() };
            let Some(before) = before else {
                row.stamps = MemberStamps::all_at(stamp);
                return Some(row);
            };
            for attribute in self.kind.attributes {
                if before.get(attribute.name) != row.get(attribute.name) {
                    row.stamps.set(attribute.name.into(), stamp);
                }
            }
            Some(row)
        });
        changed.collect()
    }

    /// Writes what the line changes, with the version of the user's new state.
    ///
    /// # Errors
    /// The statements'.
    pub(super) fn write(&self, connection: &mut Connection, ground: Ground, version: i64) -> QueryResult<()> {
        if self.signs_in && !logins::exchange(connection, ground.user, &self.before, &self.after)? {
            return Err(violation("e-mail address"));
        }
        let wanted = self.changed(ground, version);
        for before in wanted.iter().filter_map(|row| self.stored(row.id)) {
            store::remove(connection, ground.user, before)?;
            owners::release(connection, ground.user, before)?;
        }
        for row in &wanted {
            store::insert(connection, ground.user, row)?;
            if !owners::claim(connection, ground.user, row)? {
                return Err(violation(row.kind.unique().unwrap_or_default()));
            }
        }
        Ok(())
    }
}

/// What a database with a unique column would say.
fn violation(name: &str) -> QueryError {
    let told = format!("another user has just got this {name}");
    QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, Box::new(told))
}

/// Sets the attributes of the document; returns those that are faulty.
fn set_attributes(
    row: &mut Row,
    resource: &Resource,
    now: Stamp,
    faults: &mut Vec<Fault>,
) -> Vec<&'static str> {
    let mut told = Vec::new();
    for (name, sent) in &resource.attributes {
        let attribute = row.kind.attribute(name).map(|(_, attribute)| attribute);
        let Some(attribute) =
            attribute.filter(|a| a.access != Access::Internal && !a.holds.is_relationship())
        else {
            continue;
        };
        match value(attribute, sent, now) {
            // What the document shows of a stored row may be another form of what is stored.
            Ok(value) if row.shown(name) == value.to_json() => {}
            Ok(value) => {
                if let Some((_, _, sent)) = sent_of(row.kind, attribute.name) {
                    row.set(sent, Value::Null);
                }
                row.set(name, value);
            }
            Err(message) => {
                told.push(attribute.name);
                faults.push(told_of(message, name, resource.at.member("attributes").member(name)));
            }
        }
    }
    told
}

fn told_of(Message { code, text }: Message, name: &str, at: Pointer) -> Fault {
    Fault::attribute(code, name, text, at)
}

fn sent_of(kind: &Kind, name: &str) -> Option<(&'static str, &'static str, &'static str)> {
    SENT.into_iter().find(|(of, attribute, _)| *of == kind.name && *attribute == name)
}

/// Sets whom and what the row names. Nobody is looked for: a related person may come in a later line.
fn set_relationships(row: &mut Row, resource: &Resource, faults: &mut Vec<Fault>) -> Vec<&'static str> {
    let mut told = Vec::new();
    for attribute in row.kind.attributes {
        let types = attribute.holds.leads_to();
        let Some(relationship) = find(&resource.relationships, attribute.name).filter(|_| !types.is_empty())
        else {
            continue;
        };
        let data = relationship.get("data");
        if let Some(id) = data.and_then(|data| identified(data, types)) {
            row.set(attribute.name, Value::Id(id));
        } else {
            told.push(attribute.name);
            let at = resource.at.member("relationships").member(attribute.name);
            let message = match attribute.holds {
                Type::AccountList => "must have the id of an account list",
                _ => "must have the id of a person",
            };
            faults.push(Fault::attribute(Code::Invalid, attribute.name, message, at));
        }
    }
    told
}

/// Sets what an export says beside the document: hidden attributes, and a number as it is stored.
fn set_meta(row: &mut Row, resource: &Resource, now: Stamp, faults: &mut Vec<Fault>) -> Vec<&'static str> {
    let mut told = Vec::new();
    for (name, sent) in &resource.meta {
        let Some((_, attribute)) = row.kind.attribute(name) else { continue };
        let at = resource.at.member("meta").member(name);
        // A text as it was sent obeys the rule of what it was sent for.
        let of = SENT.into_iter().find(|(kind, _, sent)| *kind == row.kind.name && *sent == attribute.name);
        let rule = of.and_then(|(_, of, _)| row.kind.attribute(of)).map_or(attribute, |(_, of)| of);
        match value(rule, sent, now) {
            Ok(value) => {
                let shown = row.shown(name);
                let hidden = matches!(attribute.access, Access::WriteOnly | Access::Internal);
                row.set(name, value);
                if !hidden && row.shown(name) != shown {
                    told.push(attribute.name);
                    let message = "is not the stored form of what the document shows";
                    faults.push(Fault::attribute(Code::Invalid, name, message, at));
                }
            }
            Err(message) => {
                told.push(attribute.name);
                faults.push(told_of(message, name, at));
            }
        }
    }
    told
}

/// Brings a row into the form in which it is stored, as a request with the texts that were sent would.
fn normalize(row: &mut Row, stored: Option<&Row>, resource: &Resource, faults: &mut Vec<Fault>) {
    let given = row.clone();
    let phone = row.kind.attribute("number").is_some();
    let sent = SENT.into_iter().find(|(kind, ..)| *kind == row.kind.name).filter(|_| !phone);
    if let Some((_, name, sent)) = sent
        && *row.get(sent) != Value::Null
    {
        row.set(name, row.get(sent).clone());
    }
    let around = Around { before: None, rows: &[], home: country::Id::US, taken: &[] };
    let mut refused = false;
    (row.kind.check)(row, &around, &mut |code, name, message| {
        refused = true;
        faults.push(Fault::attribute(code, name, message, resource.place(name)));
    });
    // A phone number that is given as it is stored, or is stored so already: its text may have been read in a
    // country of which the line says nothing.
    let known = find(&resource.meta, "number").is_some() || find(&resource.meta, "number_sent").is_some();
    if phone && (known || stored.is_some_and(|stored| stored.get("number") == given.get("number"))) {
        for name in NUMBER {
            row.set(name, given.get(name).clone());
        }
    } else if let Some((_, name, sent)) = sent.filter(|_| !refused)
        && *given.get(sent) != Value::Null
        && row.get(name) != given.get(name)
    {
        let at = resource.at.member("meta").member(sent);
        let at = if find(&resource.meta, sent).is_some() { at } else { resource.place(name) };
        let message = format!("does not come to the {name} of the document");
        faults.push(Fault::attribute(Code::Invalid, sent, message, at));
    }
}
