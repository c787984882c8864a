//! Entity tags and the conditions that name them (RFC 9110, 13; design 4).

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::clock::Stamp;
use crate::jsonapi::media_type::entries;

/// A strong entity tag, opaque to clients.
///
/// `If-Match` compares version, stamp and incarnation: it asks whether the record is still in the state that the
/// client saw, in whatever representation. `If-None-Match` compares everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityTag {
    /// The record's version.
    pub version: i64,
    /// The record's stamp.
    pub stamp: Stamp,
    /// The database's random id, new after a restore: a version number then may stand for another state.
    pub incarnation: String,
    /// Which rendering: raised when the same record is rendered differently.
    pub renderer: u32,
    /// A hash of the body, where it is not the plain one, or reaches rows of others.
    pub body: Option<String>,
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, stamp, incarnation, renderer, body } = self;
        write!(f, "\"{version}.{}.{incarnation}.{renderer}", stamp.seconds())?;
        match body {
            Some(hash) => write!(f, ".{hash}\""),
            None => f.write_str("\""),
        }
    }
}

impl EntityTag {
    /// Reads what `If-Match` compares out of a strong tag that this server has made, in any representation; the
    /// renderer is read as 0.
    fn parse(tag: &str) -> Option<Self> {
        let mut parts = tag.strip_prefix('"')?.strip_suffix('"')?.split('.');
        let version = parts.next()?.parse().ok()?;
        let stamp = Stamp::from_seconds(parts.next()?.parse().ok()?)?;
        let incarnation = parts.next()?.to_owned();
        parts.next()?;
        Some(Self { version, stamp, incarnation, renderer: 0, body: None })
    }
}

/// What names a body: the first 64 bits of its SHA-256 in hexadecimal.
#[must_use]
pub fn body_hash(body: &[u8]) -> String {
    Sha256::digest(body).iter().take(8).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The conditions of a request that writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// `If-Match`: the record must be in one of these states.
    pub if_match: Option<IfMatch>,
    /// `If-None-Match`: it must be in none of these. Of use to nobody on a record that exists, but HTTP has it.
    pub if_none_match: Option<IfMatch>,
}

impl Conditions {
    /// The stamp of the newest state that `If-Match` names: what the client knew.
    #[must_use]
    pub fn base(&self) -> Option<Stamp> {
        self.if_match.as_ref().and_then(IfMatch::base)
    }

    /// The condition that does not hold, with the name of its header.
    #[must_use]
    pub fn broken(&self, version: i64, stamp: Stamp) -> Option<(&'static str, &IfMatch)> {
        let if_match = self.if_match.as_ref().filter(|condition| !condition.holds(version, stamp));
        let if_none_match = self.if_none_match.as_ref().filter(|condition| condition.holds(version, stamp));
        if_match.map(|condition| ("If-Match", condition)).or(if_none_match.map(|c| ("If-None-Match", c)))
    }
}

/// The states that an `If-Match` or `If-None-Match` header names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfMatch {
    sent: String,
    any: bool,
    tags: Vec<EntityTag>,
}

impl IfMatch {
    /// Reads `If-Match`. A weak tag never matches strongly and a tag that is none of this database's never matches
    /// at all, so both are dropped: a condition of nothing else can't hold.
    #[must_use]
    pub fn parse(header: &str, incarnation: &str) -> Self {
        Self::read(header, incarnation, entries(header))
    }

    /// Reads `If-None-Match`, which compares weak tags like strong ones.
    #[must_use]
    pub fn parse_weak(header: &str, incarnation: &str) -> Self {
        Self::read(header, incarnation, entries(header).map(|tag| tag.strip_prefix("W/").unwrap_or(tag)))
    }

    fn read<'a>(header: &str, incarnation: &str, tags: impl Iterator<Item = &'a str>) -> Self {
        let tags = tags.filter_map(EntityTag::parse).filter(|tag| tag.incarnation == incarnation);
        Self { sent: header.to_owned(), any: header.trim() == "*", tags: tags.collect() }
    }

    /// Whether the record is in a state that the header names.
    #[must_use]
    pub fn holds(&self, version: i64, stamp: Stamp) -> bool {
        self.any || self.tags.iter().any(|tag| tag.version == version && tag.stamp == stamp)
    }

    /// The header's text.
    #[must_use]
    pub fn sent(&self) -> &str {
        &self.sent
    }

    /// The stamp of the newest state that the header names: what the client knew.
    #[must_use]
    pub fn base(&self) -> Option<Stamp> {
        self.tags.iter().map(|tag| tag.stamp).max()
    }
}

/// Whether an `If-None-Match` header names the representation that would be sent. Weak tags match as well: the
/// comparison is the weak one.
#[must_use]
pub fn if_none_match_names(header: &str, current: &str) -> bool {
    header.trim() == "*" || entries(header).any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == current)
}
