//! `fields[TYPE]`: sparse fieldsets (K65, K66).

use std::collections::{BTreeMap, BTreeSet};

/// The fields (attributes and relationships) that are asked for, of each type that the client restricts.
///
/// Unknown names and unknown types are ignored (design 2, decision 14): nothing is rendered under them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fieldsets(BTreeMap<String, BTreeSet<String>>);

impl Fieldsets {
    /// Fieldsets that restrict one type.
    #[must_use]
    pub fn only<'a>(kind: &str, names: impl Iterator<Item = &'a str>) -> Self {
        Self([(kind.to_owned(), names.map(str::to_owned).collect())].into())
    }

    /// Whether no type is restricted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the type `kind` is restricted.
    #[must_use]
    pub fn restricts(&self, kind: &str) -> bool {
        self.0.contains_key(kind)
    }

    /// Whether the answer may hold the field `field` of a resource of the type `kind`; every field may where the
    /// type is not restricted.
    #[must_use]
    pub fn allows(&self, kind: &str, field: &str) -> bool {
        self.0.get(kind).is_none_or(|fields| fields.contains(field))
    }

    /// The types that are restricted.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Restricts a type to a comma list of names; the empty list leaves no field.
    pub(super) fn restrict(&mut self, kind: &str, names: &str) {
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        self.0.insert(kind.to_owned(), names.collect());
    }
}
