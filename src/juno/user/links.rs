//! The tags of a user (`juno.md` 1.4).

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::changes::SentTag;
use super::rights::Rights;
use super::view::ShownTag;
use crate::db::Connection;
use crate::db::schema::{tags as t, user_tags as l};
use crate::jsonapi::{Code, Fault};
use crate::juno::profile::Profile;
use crate::juno::tag_types::ACCESS_LEVEL;

/// Who makes a link: the user himself, or the site for him.
const USER: &str = "user";
const ORGANIZATION: &str = "organization";

/// What is done to the tags of a user.
#[derive(Clone, Debug, PartialEq)]
pub enum TagChange {
    /// They come to those that are there.
    Add(Vec<SentTag>),
    /// They are all that he has.
    Replace(Vec<SentTag>),
    /// They are taken away.
    Remove(Vec<SentTag>),
}

/// A link between a user and a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    score: i32,
    preferred: bool,
    origin: String,
}

/// The links of a user, by the ids of their tags.
pub(super) type Links = BTreeMap<i64, Link>;

/// The links that are shown.
pub(super) fn links(shown: &[ShownTag]) -> Links {
    let link =
        |tag: &ShownTag| Link { score: tag.score, preferred: tag.preferred, origin: tag.origin.clone() };
    shown.iter().map(|tag| (tag.id, link(tag))).collect()
}

impl TagChange {
    /// The links after it. The tags that it names stay where they are until the end of the transaction.
    pub(super) fn apply(
        &self,
        connection: &mut Connection,
        shown: &[ShownTag],
        rights: Rights,
        faults: &mut Vec<Fault>,
    ) -> QueryResult<Links> {
        let (Self::Add(sent) | Self::Replace(sent) | Self::Remove(sent)) = self;
        // Of several the last counts.
        let sent: BTreeMap<i64, &SentTag> = sent.iter().map(|tag| (tag.id, tag)).collect();
        let types = hold(connection, sent.keys().copied().collect())?;
        let before = links(shown);
        let mut after = if matches!(self, Self::Replace(_)) { Links::new() } else { before.clone() };
        for (id, tag) in &sent {
            if !types.contains_key(id) {
                let detail = format!("Couldn't find Tag with 'id'={id}");
                faults.push(Fault::new(Code::UnknownTag, detail).at(tag.at.clone()));
            } else if matches!(self, Self::Remove(_)) {
                after.remove(id);
            } else {
                let mut link = before.get(id).cloned().unwrap_or_else(|| rights.link());
                link.score = tag.score.unwrap_or(link.score);
                after.insert(*id, link);
            }
        }
        if !rights.administers {
            let of_type =
                |id: &i64| types.get(id).or(shown.iter().find(|tag| tag.id == *id).map(|tag| &tag.of_type));
            for id in before.keys().chain(after.keys().filter(|id| !before.contains_key(id))) {
                let is_sites = before.get(id).is_some_and(|link| link.origin == ORGANIZATION);
                let is_kept = is_sites || of_type(id) == Some(&ACCESS_LEVEL);
                if is_kept && before.get(id) != after.get(id) {
                    let fault = Fault::new(
                        Code::ReadOnly,
                        format!("The tag {id} is the site's to give and to take."),
                    );
                    faults.push(match sent.get(id) {
                        Some(tag) => fault.at(tag.at.clone()),
                        None => fault,
                    });
                }
            }
        }
        Ok(after)
    }
}

impl Rights {
    /// A link that the caller makes.
    fn link(self) -> Link {
        let origin = if self.is_self { USER } else { ORGANIZATION };
        Link { score: 0, preferred: true, origin: origin.to_owned() }
    }
}

/// The types of the tags that there are, by their ids; none of them can be deleted before the end of the transaction.
fn hold(connection: &mut Connection, ids: Vec<i64>) -> QueryResult<BTreeMap<i64, i64>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = t::table.filter(t::id.eq_any(ids)).order(t::id).select((t::id, t::tag_type_id));
    let rows: Vec<(i64, i64)> = match connection {
        Connection::Sqlite(connection) => rows.load(connection)?,
        Connection::Postgres(connection) => rows.for_key_share().load(connection)?,
    };
    Ok(rows.into_iter().collect())
}

/// Writes the links in which `after` differs from `before`.
pub(super) fn write(
    connection: &mut Connection,
    profile: &Profile,
    before: &Links,
    after: &Links,
) -> QueryResult<()> {
    let (person, user) = (profile.person_id, profile.id);
    for (tag, _) in before.iter().filter(|(tag, link)| after.get(tag) != Some(link)) {
        diesel::delete(l::table.find((person, user, *tag))).execute(connection)?;
    }
    for (tag, link) in after.iter().filter(|(tag, link)| before.get(tag) != Some(link)) {
        let key = (l::person_id.eq(person), l::juno_user_id.eq(user), l::tag_id.eq(*tag));
        let values = (l::score.eq(link.score), l::preferred.eq(link.preferred), l::origin.eq(&link.origin));
        diesel::insert_into(l::table).values((key, values)).execute(connection)?;
    }
    Ok(())
}
