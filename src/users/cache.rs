//! Users as this node last saw them. What is remembered is never the truth: a state is used only for a request that
//! has read, since it arrived, that its version is the current one (design 3).

use std::sync::{Arc, OnceLock};

use actix_web::web::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::face::Face;
use super::person::Person;
use super::render;

use crate::account_lists::linkage::ListLinkage;
use crate::id::Id;
use crate::jsonapi::query::{Fieldsets, Include};
use crate::metrics::count::{CACHE_HITS, CACHE_MISSES};
use crate::representation::{Head, Subject};
use crate::state::AppState;

/// A state of a user, and his documents once somebody has asked for them.
#[derive(Debug)]
pub struct Remembered {
    /// The state.
    pub person: Person,
    document: OnceLock<Bytes>,
    head: OnceLock<Head>,
    full: Option<Full>,
}

/// A document with what was included last.
#[derive(Clone, Debug)]
pub struct Full {
    /// What is included: only what the version of the user names, and his account lists.
    pub include: Include,
    /// What the lists name, as the document shows it: no version tells when that changes.
    pub linkage: Option<ListLinkage>,
    /// The document.
    pub body: Bytes,
    /// What names it.
    pub head: Head,
}

impl Remembered {
    /// A state of which nothing is rendered yet.
    #[must_use]
    pub fn new(person: Person) -> Arc<Self> {
        Arc::new(Self { person, document: OnceLock::new(), head: OnceLock::new(), full: None })
    }

    /// The same state with a document that includes something.
    #[must_use]
    pub fn with(&self, full: Full) -> Arc<Self> {
        let Self { person, document, head, .. } = self;
        let (person, document, head) = (person.clone(), document.clone(), head.clone());
        Arc::new(Self { person, document, head, full: Some(full) })
    }

    /// The document that includes just this, if it was what was included last.
    #[must_use]
    pub fn full(&self, include: &Include) -> Option<&Full> {
        self.full.as_ref().filter(|full| full.include == *include)
    }

    /// The plain document, rendered once.
    #[must_use]
    pub fn document(&self) -> Bytes {
        self.document
            .get_or_init(|| {
                render::document(&self.person, Face::User, &Fieldsets::default(), None, None).into()
            })
            .clone()
    }

    /// What names the plain document, for which it need not be rendered.
    #[must_use]
    pub fn head(&self, state: &AppState) -> &Head {
        let Person { version, stamp, .. } = self.person;
        self.head.get_or_init(|| {
            Head::new(state, Subject { version, stamp, renderer: render::renderer(), plain: true }, &[])
        })
    }
}

#[derive(Clone, Debug)]
struct ByBytes;

impl Weighter<Id, Arc<Remembered>> for ByBytes {
    /// About the bytes that a state takes with its document: fixed parts, and the texts that can be long.
    fn weight(&self, _: &Id, remembered: &Arc<Remembered>) -> u64 {
        let person = &remembered.person;
        let rows: usize = person.linkage.owned.iter().map(Vec::len).sum();
        let lists = person.linkage.account_lists.len() + person.linkage.parent_contacts.len();
        let preferences: usize = person.preferences.members().len() * 96 + person.preferences.to_text().len();
        let named = |full: &Full| full.linkage.as_ref().map_or(0, ListLinkage::size);
        let full = remembered.full.as_ref().map_or(0, |full| 1024 + full.body.len() + 48 * named(full));
        // An id in linkage is 16 bytes in memory and about 80 in the document.
        u64::try_from(6 * 1024 + 3 * preferences + 96 * (rows + lists) + full).unwrap_or(u64::MAX)
    }
}

/// What a cache takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    /// About how many bytes.
    pub bytes: u64,
    /// Users.
    pub users: usize,
}

/// The states, bounded by their weight in bytes.
#[derive(Debug)]
pub struct PersonCache(Option<Cache<Id, Arc<Remembered>, ByBytes>>);

impl PersonCache {
    /// A cache of at most `megabytes`; of 0, one that remembers nothing.
    #[must_use]
    pub fn new(megabytes: u64) -> Self {
        let bytes = megabytes * 1024 * 1024;
        // The second number only sizes the cache's own tables.
        let entries = usize::try_from(bytes / (8 * 1024)).unwrap_or(usize::MAX);
        Self((bytes > 0).then(|| Cache::with_weighter(entries, bytes, ByBytes)))
    }

    /// The state of `id`, if it is the one of `version`.
    #[must_use]
    pub fn get(&self, id: Id, version: i64) -> Option<Arc<Remembered>> {
        let found = self.last(id).filter(|remembered| remembered.person.version == version);
        let count = if found.is_some() { &CACHE_HITS } else { &CACHE_MISSES };
        count.up();
        found
    }

    /// How much is remembered.
    #[must_use]
    pub fn size(&self) -> Size {
        let Some(cache) = &self.0 else { return Size::default() };
        Size { bytes: cache.weight(), users: cache.len() }
    }

    /// The state of `id` as it was last seen, which may be long past.
    pub(super) fn last(&self, id: Id) -> Option<Arc<Remembered>> {
        self.0.as_ref()?.get(&id)
    }

    /// Remembers a state that was committed.
    pub fn put(&self, remembered: &Arc<Remembered>) {
        if let Some(cache) = &self.0 {
            cache.insert(remembered.person.id, Arc::clone(remembered));
        }
    }
}
