//! What the server has acknowledged, heard or not, and whether all that was ever shown is explained by it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::network::{Letter, Reply};
use super::replica::{Name, name, stamp};
use super::script::{KINDS, MEMBERS};
use super::timeline::{Timeline, row_of};

/// What a request does if it is done.
#[derive(Clone, Debug, Default)]
pub struct Deed {
    /// Members with their values. A row by itself is true, or null where it is deleted.
    pub sets: BTreeMap<String, Value>,
    pub claims: Vec<Claim>,
    /// Whether it does not care what others did.
    pub overwrites: bool,
    /// What its user saw when he made the edit, where that is known.
    pub seen: BTreeMap<String, Value>,
}

/// The state on which a part of it was made.
#[derive(Clone, Debug)]
pub struct Claim {
    pub of: Scope,
    pub base: String,
    pub merge: bool,
}

/// What a stamp guards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    Row(String),
    /// What the user is without his rows.
    User,
    UserWithRows,
}

impl Scope {
    /// The row that it is.
    fn row(&self) -> Option<&str> {
        match self {
            Self::Row(row) => Some(row),
            _ => None,
        }
    }

    fn covers(&self, member: &str) -> bool {
        match self {
            Self::Row(row) => row_of(member) == Some(row),
            Self::User => row_of(member).is_none(),
            Self::UserWithRows => true,
        }
    }
}

/// How much happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    pub edits: u64,
    pub conflicts: u64,
    pub merges: u64,
    pub replays: u64,
    pub unheard: u64,
}

impl Figures {
    pub fn add(&mut self, other: &Self) {
        self.edits += other.edits;
        self.conflicts += other.conflicts;
        self.merges += other.merges;
        self.replays += other.replays;
        self.unheard += other.unheard;
    }
}

/// What was told of a refused edit.
#[derive(Debug)]
struct Refusal {
    row: Option<String>,
    base: String,
    now: String,
    changed: Value,
}

#[derive(Debug, Default)]
pub struct Ledger {
    pub figures: Figures,
    acknowledged: Vec<(Deed, String)>,
    /// Rows of which an answer without a stamp said that they are gone.
    gone: BTreeSet<String>,
    refusals: Vec<Refusal>,
    /// Resources with the stamp of the user's state that they were shown in.
    shown: Vec<(String, Value)>,
    answers: BTreeMap<String, (u16, String)>,
    /// The newest stamp of the user that anybody was told.
    newest: String,
    timeline: Timeline,
}

pub type Checked = Result<(), String>;

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(what()) }
}

/// The name of a row.
pub fn row(name: &Name) -> String {
    format!("{}/{}", name.0, name.1)
}

/// The value of a member in a resource.
fn shown_value<'a>(resource: &'a Value, member: &str) -> &'a Value {
    let attributes = &resource["attributes"];
    match member.strip_prefix("preferences.") {
        Some(member) => &attributes["preferences"][member],
        None => &attributes[member],
    }
}

/// The members of a resource that are followed: the name in the timeline, and the one in the resource.
fn followed(resource: &Value) -> Vec<(String, &'static str)> {
    let kind = resource["type"].as_str().unwrap_or_default();
    if kind == "users" {
        return MEMBERS.iter().map(|member| ((*member).to_owned(), *member)).collect();
    }
    let Some(kind) = KINDS.iter().find(|known| known.name == kind) else { return Vec::new() };
    let row = format!("{}/{}", kind.name, resource["id"].as_str().unwrap_or_default());
    let names = kind.attributes.iter().filter(|name| !kind.elected.contains(name));
    names.map(|name| (format!("{row}.{name}"), *name)).collect()
}

impl Ledger {
    /// Of the state in which all devices begin.
    pub fn beginning(whole: &BTreeMap<Name, Value>) -> Self {
        let mut ledger = Self::default();
        for (name, resource) in whole {
            let at = stamp(resource);
            if name.0 == "users" {
                at.clone_into(&mut ledger.newest);
            } else {
                ledger.timeline.set(&row(name), at, &Value::Bool(true));
            }
            for (name, member) in followed(resource) {
                ledger.timeline.set(&name, at, shown_value(resource, member));
            }
        }
        ledger
    }

    pub fn newest(&self) -> String {
        self.newest.clone()
    }

    /// Writes down an answer. `newest` is what was known when the request was sent.
    pub fn record(&mut self, letter: &Letter, reply: &Reply, newest: &str) -> Checked {
        self.check_key(letter, reply)?;
        if reply.replayed {
            self.figures.replays += 1;
            return Ok(());
        }
        match reply.status {
            200 | 201 => {
                let told = told(&reply.json).ok_or_else(|| format!("no stamp in {}", reply.text))?;
                ensure(told.as_str() >= newest, || {
                    format!(
                        "answered from the state of {told}, which {newest} had replaced before: {letter:?}"
                    )
                })?;
                self.newest = self.newest.clone().max(told.clone());
                self.figures.edits += 1;
                self.figures.merges += u64::from(!merged(&reply.json).is_empty());
                self.see(&told, &reply.json, &letter.deed);
                self.acknowledged.push((letter.deed.clone(), told));
            }
            204 => {
                self.figures.edits += 1;
                self.gone.extend(letter.deed.sets.keys().cloned());
            }
            409 => self.refused(letter, reply)?,
            400 | 404 => {}
            status => return Err(format!("{status}: {} to {letter:?}", reply.text)),
        }
        Ok(())
    }

    /// Under one key there is one answer.
    fn check_key(&mut self, letter: &Letter, reply: &Reply) -> Checked {
        let Some(key) = letter.key.as_ref().filter(|_| !reply.is_in_flight()) else { return Ok(()) };
        let answer = (reply.status, reply.text.clone());
        if let Some(first) = self.answers.get(key) {
            return ensure(reply.replayed && *first == answer, || {
                format!("another answer under the key {key}: {first:?}, then {answer:?}")
            });
        }
        ensure(!reply.replayed, || format!("a replay of nothing: {letter:?} {}", reply.text))?;
        self.answers.insert(key.clone(), answer);
        Ok(())
    }

    fn refused(&mut self, letter: &Letter, reply: &Reply) -> Checked {
        let errors = reply.json["errors"].as_array().ok_or("no errors")?;
        let Some(error) = errors.iter().find(|error| error["code"] == "stale") else { return Ok(()) };
        self.figures.conflicts += 1;
        let meta = &error["meta"];
        let text = |name: &str| meta[name].as_str().unwrap_or_default().to_owned();
        ensure(meta["changed"].is_object(), || format!("a stamp that was told is unknown: {}", reply.text))?;
        let row = refused_row(letter, error);
        let merge = letter.deed.claims.iter().any(|claim| claim.of.row() == row.as_deref() && claim.merge);
        let contradicts = errors.len() > 1 || meta["conflicting"] != Value::Array(Vec::new());
        ensure(contradicts || !merge, || {
            format!("a merge that contradicts nothing is refused: {}", reply.text)
        })?;
        let (base, now) = (text("sent"), text("updated_in_db_at"));
        self.refusals.push(Refusal { row, base, now, changed: meta["changed"].clone() });
        Ok(())
    }

    /// Notes what an answer or a pull shows of the state of `told`.
    pub fn see(&mut self, told: &str, document: &Value, deed: &Deed) {
        let results = document["atomic:results"].as_array().into_iter().flatten();
        let results = results.map(|result| &result["data"]);
        let one = Some(&document["data"]);
        let many = document["data"].as_array().into_iter().flatten();
        let included = document["included"].as_array().into_iter().flatten();
        let all =
            results.chain(one).chain(many).chain(included).filter(|resource| resource["id"].is_string());
        // A row that one operation makes and a later one deletes is shown, but in no state.
        let is_gone = |resource: &&Value| deed.sets.get(&row(&name(resource))) == Some(&Value::Null);
        let all = all.filter(|resource| !is_gone(resource));
        self.shown.extend(all.map(|resource| (told.to_owned(), resource.clone())));
    }

    /// Whether the ledger explains all: every answer, every document, and the last one.
    pub fn check(&mut self, last: &BTreeMap<Name, Value>) -> Checked {
        self.put_in_order()?;
        for (deed, told) in &self.acknowledged {
            self.check_bases(deed, told)?;
            self.check_seen(deed, told)?;
        }
        for (told, resource) in &self.shown {
            self.check_shown(told, resource)?;
        }
        self.refusals.iter().try_for_each(|refusal| self.check_refusal(refusal))?;
        self.check_last(last)
    }

    fn put_in_order(&mut self) -> Checked {
        for (deed, told) in &self.acknowledged {
            for (member, value) in &deed.sets {
                let other = self.timeline.set(member, told, value);
                ensure(other.is_none(), || {
                    format!(
                        "{member} was acknowledged as {other:?} and as {value}, both in the state of {told}"
                    )
                })?;
            }
        }
        Ok(())
    }

    /// A guarded edit knew all that it replaced.
    fn check_bases(&self, deed: &Deed, told: &str) -> Checked {
        for claim @ Claim { of, base, merge } in &deed.claims {
            let mut members = self.timeline.members().filter(|member| match merge {
                // A row that is merged and then deleted without a stamp was deleted whatever it had become.
                true => deed.sets.iter().any(|(set, value)| {
                    let is_guarded = of.covers(set) && of.row() != Some(set);
                    is_guarded && self.replaces(member, (set, value), told)
                }),
                // Who names the current state of the user knows his rows.
                false => of.row().is_none() || of.covers(member),
            });
            let unknown = members.find(|member| self.timeline.changed_between(member, base, told));
            ensure(unknown.is_none(), || {
                format!("what became the state of {told} replaced {unknown:?} without knowing it: {claim:?}")
            })?;
        }
        Ok(())
    }

    /// Nobody's edit was replaced by somebody who had not seen it.
    fn check_seen(&self, deed: &Deed, told: &str) -> Checked {
        let unseen = deed.seen.iter().find(|(member, seen)| {
            let before = self.timeline.before(member, told);
            before.is_some_and(|before| before != *seen && Some(before) != deed.sets.get(*member))
        });
        ensure(unseen.is_none(), || {
            format!("what became the state of {told} replaced what its user had not seen: {unseen:?}")
        })
    }

    /// Whether a member got another value by one being set: that of a row which is deleted, too. What two acknowledged
    /// edits set in one state only one of them has changed; the other found it so.
    fn replaces(&self, member: &str, (set, value): (&str, &Value), told: &str) -> bool {
        let same = self.acknowledged.iter().filter(|(deed, at)| at == told && deed.sets.contains_key(set));
        if same.count() > 1 {
            return false;
        }
        if set == member {
            return self.timeline.before(member, told).is_some_and(|before| before != value);
        }
        // It may have found the row deleted, where it is not known when that was.
        value.is_null() && row_of(member) == Some(set) && !self.gone.contains(set)
    }

    fn check_shown(&self, told: &str, resource: &Value) -> Checked {
        for (name, member) in followed(resource) {
            let (is, should) = (shown_value(resource, member), self.timeline.at(&name, told));
            ensure(should.is_none_or(|should| should == is), || {
                format!("{name} is {is} in the state of {told}, acknowledged was {should:?}")
            })?;
        }
        Ok(())
    }

    /// Whoever is refused is told all that others changed.
    fn check_refusal(&self, Refusal { row, base, now, changed }: &Refusal) -> Checked {
        for member in self.timeline.members() {
            let (first, attribute) = member.split_once('.').unwrap_or((member, ""));
            let of = row_of(member);
            // When a row was deleted is not known, where the answer had no stamp.
            let is_gone = of
                .is_some_and(|of| self.gone.contains(of) || self.timeline.at(of, now) == Some(&Value::Null));
            if of == Some(member) || is_gone {
                continue;
            }
            let told = match (row, of) {
                (Some(row), Some(of)) if row == of => changed.get(attribute),
                (Some(_), _) => continue,
                (None, Some(_)) => changed.get(first).and_then(|row| row.get(attribute)),
                (None, None) => changed.get(member),
            };
            let (before, after) = (self.timeline.at(member, base), self.timeline.at(member, now));
            ensure(before.is_none() || before == after || told == after, || {
                format!(
                    "who was refused on {base} was not told that {member} is {after:?} in {now}: {changed}"
                )
            })?;
        }
        Ok(())
    }

    fn check_last(&self, last: &BTreeMap<Name, Value>) -> Checked {
        let user = last.values().find(|resource| resource["type"] == "users").ok_or("no user")?;
        let newest = stamp(user);
        for resource in last.values() {
            self.check_shown(newest, resource).map_err(|why| format!("in the end {why}"))?;
        }
        let shown: BTreeSet<String> =
            last.iter().filter(|(name, _)| name.0 != "users").map(|(name, _)| row(name)).collect();
        let kept = self.timeline.members().filter(|name| row_of(name) == Some(name));
        let kept = kept.filter(|name| {
            !self.gone.contains(*name) && self.timeline.at(name, newest) == Some(&Value::Bool(true))
        });
        let kept: BTreeSet<String> = kept.cloned().collect();
        ensure(shown == kept, || format!("in the end there are {shown:?}, acknowledged were {kept:?}"))
    }
}

/// The stamp of the user's state that an answer is of.
fn told(document: &Value) -> Option<String> {
    let own = Some(&document["data"]).filter(|data| data["type"] == "users").map(stamp);
    own.or_else(|| document["meta"]["user"]["updated_in_db_at"].as_str()).map(str::to_owned)
}

/// What others had changed before a merge, of whichever resource of the answer.
pub fn merged(document: &Value) -> Vec<&Value> {
    let results = document["atomic:results"].as_array().into_iter().flatten();
    let all = results.chain([document]).filter_map(|part| part["meta"]["merged"].as_array());
    all.flatten().collect()
}

/// The row that a conflict is about; none where it is the user.
pub fn refused_row(letter: &Letter, error: &Value) -> Option<String> {
    let pointer = error["source"]["pointer"].as_str().unwrap_or_default();
    let place = pointer.strip_prefix("/atomic:operations/").and_then(|rest| rest.split('/').next());
    let Some(place) = place.and_then(|place| place.parse::<usize>().ok()) else {
        let path = letter.path.strip_prefix("/api/v2/user/")?;
        return Some(path.split('?').next().unwrap_or(path).to_owned());
    };
    let document: Value = serde_json::from_str(letter.body.as_deref()?).ok()?;
    let operation = &document["atomic:operations"][place];
    let named = if operation["ref"].is_object() { &operation["ref"] } else { &operation["data"] };
    let kind = named["type"].as_str()?;
    (kind != "users").then(|| format!("{kind}/{}", named["id"].as_str().unwrap_or_default()))
}
