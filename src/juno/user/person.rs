//! What JUNO changes of the person whom MPDX knows as well (`juno.md` 5.2): an edit like any of MPDX, decided by the same
//! guard, so that stamps and versions move and clients that were offline see the conflict. JUNO's own guard is `If-Match`,
//! so it names no stamp.

use diesel::QueryResult;

use super::changes::Sent;
use super::rows::{self, FIELDS};
use super::shown::{FACEBOOK, TWITTER};
use super::social::Network;
use super::work::Work;
use crate::db::Connection;
use crate::guard::precondition::Conditions;
use crate::guard::{Claim, Decision, Edit, decide};
use crate::jsonapi::error::Source as Place;
use crate::jsonapi::{Code, Fault, Json, Pointer};
use crate::people::edit::{Deed, RowEdit};
use crate::people::kind::Kind;
use crate::people::nested::NestedRows;
use crate::people::row::Value as RowValue;
use crate::users::edit::UserChanges;
use crate::users::person::Person;
use crate::users::preferences::PreferenceChanges;
use crate::users::store::{self, Wanted};

/// The fields that are attributes of the person.
const ATTRIBUTES: [(&str, &str); 5] = [
    ("first_name", "first_name"),
    ("last_name", "last_name"),
    ("title", "occupation"),
    ("company", "employer"),
    ("avatar", "avatar"),
];

/// The person, before and after what is changed of him.
pub(super) type Next = Option<(Person, Person)>;

impl Work {
    /// Sets an attribute of the person. A fault of it is one of the field `told`, at `at`.
    pub(super) fn set_attribute(&mut self, attribute: &str, value: Option<&str>, told: &str, at: Pointer) {
        let sent: Json = value.map(str::to_owned).into();
        if let Some(Err(message)) = self.columns.read(attribute, &sent, self.now) {
            self.faults.push(Fault::attribute(message.code, told, message.text, at));
        }
    }

    /// What becomes of the person; nothing where nothing of him changes. Faults are told of the fields that they lie in.
    pub(super) fn decide_person(&mut self, connection: &mut Connection) -> QueryResult<Next> {
        for (field, attribute) in ATTRIBUTES {
            if let Some(sent) = self.sent.get(field).cloned() {
                self.set_attribute(attribute, rows::text(&sent), field, sent.at.clone());
            }
        }
        let mut changes = UserChanges { columns: self.columns.clone(), ..UserChanges::default() };
        if self.clears_zone {
            let cleared = Json::Object(vec![("time_zone".to_owned(), Json::Null)]);
            changes.preferences = PreferenceChanges::read(cleared, &mut self.faults);
        }
        let wanted = self.wanted();
        if changes == UserChanges::default() && wanted.rows.kinds.is_empty() {
            return Ok(None);
        }
        let person = store::read_with(connection, self.before.profile.person_id, &wanted)?;
        let mut person = person.ok_or(diesel::result::Error::NotFound)?;
        person.context.is_unborn = self.makes_person;
        changes.rows = self.edits(&person);
        let edit = Edit {
            claim: Claim { base: None, overwrite: true },
            conditions: Conditions::default(),
            merge: false,
            changes,
            faults: Vec::new(),
            stamp_belongs_in: Pointer::root(),
        };
        Ok(match decide(&person, &edit, self.now) {
            Decision::Applied { state, ignored, .. } => {
                self.refuse_ignored(&ignored);
                Some((person, state))
            }
            Decision::Unchanged { ignored, .. } => {
                self.refuse_ignored(&ignored);
                None
            }
            Decision::Invalid(faults) | Decision::Stale(_, faults) => {
                self.faults
                    .extend(faults.into_iter().map(|fault| reworded(&self.sent, fault)).collect::<Vec<_>>());
                None
            }
            // It has no conditions.
            Decision::PreconditionFailed(..) => None,
        })
    }

    /// A picture of ours that is no more can't be named.
    fn refuse_ignored(&mut self, ignored: &[crate::guard::Member]) {
        if let Some(sent) =
            self.sent.get("avatar").filter(|_| ignored.iter().any(|member| member == "avatar"))
        {
            let fault =
                Fault::attribute(Code::Invalid, "avatar", "is a picture that is gone", sent.at.clone());
            self.faults.push(fault);
        }
    }

    fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        for (field, kind) in FIELDS {
            let (Some(sent), Some(kind)) = (self.sent.get(field), Kind::named(kind)) else { continue };
            let mut probe = RowEdit::bare(crate::id::Id::random(), Deed::Fill, sent.at.clone());
            let email = rows::text(sent).filter(|_| field == "email");
            probe.changes.values.extend(email.map(|email| ("email", RowValue::Text(email.to_owned()))));
            wanted.rows.add(kind, &[probe]);
        }
        wanted
    }

    fn edits(&mut self, person: &Person) -> Vec<NestedRows> {
        let mut all = Vec::new();
        for (field, kind) in FIELDS {
            let (Some(sent), Some(kind)) = (self.sent.get(field).cloned(), Kind::named(kind)) else {
                continue;
            };
            let edits = match field {
                "email" => rows::email(&self.before, &sent),
                "phone" => rows::phone(&self.before, &sent, person.context.around.home),
                "website" => rows::website(&self.before, &sent),
                "linkedin" => rows::linkedin(&self.before, &sent),
                "facebook" => self.social(Network::Facebook, &sent),
                _ => self.social(Network::Twitter, &sent),
            };
            if !edits.is_empty() {
                all.push(NestedRows { kind, edits });
            }
        }
        all
    }

    fn social(&mut self, network: Network, sent: &Sent) -> Vec<RowEdit> {
        let rows::Social { edits, account, beside } = rows::social(network, &self.before, sent);
        let url = rows::text(sent).filter(|_| account.is_some()).map(str::to_owned);
        let profile = &mut self.profile;
        let dimension = match network {
            Network::Facebook => {
                (profile.facebook_url, profile.facebook_account_id) = (url, account);
                FACEBOOK
            }
            Network::Twitter => {
                (profile.twitter_url, profile.twitter_account_id) = (url, account);
                TWITTER
            }
        };
        self.set_value(dimension, beside);
        edits
    }
}

/// A fault in the words of the field that it lies in.
fn reworded(sent: &std::collections::BTreeMap<&'static str, Sent>, fault: Fault) -> Fault {
    let Some(Place::Pointer(at)) = &fault.source else { return fault };
    match sent.iter().find(|(_, sent)| sent.at == *at) {
        Some((field, _)) => Fault::attribute(fault.code, field, fault.title, at.clone()),
        None => fault,
    }
}
