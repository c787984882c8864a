//! When each member of a record was last changed (design 3), so that a conflict can say what happened.

use std::collections::BTreeMap;

use super::Member;
use crate::clock::Stamp;
use crate::jsonapi::Json;

/// The name under which the text form keeps the stamp of all members that have none of their own. Not a name that
/// an attribute can have.
const OTHERS: &str = "*";

/// The stamps of a record's members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberStamps {
    others: Stamp,
    own: BTreeMap<Member, Stamp>,
}

impl MemberStamps {
    /// All members were last changed at `at`: a new or imported record.
    #[must_use]
    pub fn all_at(at: Stamp) -> Self {
        Self { others: at, own: BTreeMap::new() }
    }

    /// When `member` was last changed.
    #[must_use]
    pub fn of(&self, member: &str) -> Stamp {
        self.own.get(member).copied().unwrap_or(self.others)
    }

    /// Notes that `member` was changed at `at`.
    pub fn set(&mut self, member: Member, at: Stamp) {
        self.own.insert(member, at);
    }

    /// The text form: a JSON object of seconds since 1970, short because it lies in every row.
    #[must_use]
    pub fn to_text(&self) -> String {
        let members =
            std::iter::once((OTHERS, self.others)).chain(self.own.iter().map(|(m, s)| (m.as_ref(), *s)));
        let members =
            members.map(|(name, stamp)| (name.to_owned(), Json::Number(stamp.seconds().to_string())));
        Json::Object(members.collect()).to_text()
    }

    /// Reads the text form; `None` where it is not one.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut seconds: BTreeMap<String, i64> = serde_json::from_str(text).ok()?;
        let others = Stamp::from_seconds(seconds.remove(OTHERS)?)?;
        let own = seconds.into_iter().map(|(name, s)| Some((Member::Owned(name), Stamp::from_seconds(s)?)));
        Some(Self { others, own: own.collect::<Option<_>>()? })
    }
}
