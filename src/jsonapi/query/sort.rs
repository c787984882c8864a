//! `sort`: the order of a collection (K67 to K69; `mpdx-behaviour.md` 3.7).

use std::fmt;

use super::name::is_member_name;
use super::{Schema, fault, sentence, worded};
use crate::jsonapi::Fault;

/// One criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortField {
    /// One of the names that the endpoint sorts by.
    pub name: &'static str,
    /// Whether the largest comes first (K68).
    pub descending: bool,
    /// Where the rows without a value come; `None` where the client did not say.
    pub nulls: Option<Nulls>,
}

/// Where the rows without a value come, whatever the direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// Before all others: `name nulls`.
    First,
    /// After all others: `name -nulls`.
    Last,
}

/// As it is written in `sort`.
impl fmt::Display for SortField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nulls = match self.nulls {
            None => "",
            Some(Nulls::First) => " nulls",
            Some(Nulls::Last) => " -nulls",
        };
        write!(f, "{}{}{nulls}", if self.descending { "-" } else { "" }, self.name)
    }
}

/// A criterion as it was written, whose name may be unknown.
struct Written<'a> {
    name: &'a str,
    descending: bool,
    nulls: Option<Nulls>,
}

/// Reads a comma list of criteria.
///
/// # Errors
/// One fault in the original's words: a criterion that is malformed (an empty one is), or names that the endpoint
/// does not sort by. A name that comes twice is refused too, so that the list is never longer than the schema's.
pub(super) fn parse(parameter: &str, value: &str, schema: &Schema) -> Result<Vec<SortField>, Fault> {
    if !schema.collection {
        return Err(fault(parameter, "can't sort a single resource"));
    }
    let criteria: Option<Vec<_>> = value.split(',').map(Written::parse).collect();
    let criteria = criteria.ok_or_else(|| worded(parameter, "Bad format for sort param."))?;
    let mut fields: Vec<SortField> = Vec::new();
    let mut unknown = Vec::new();
    for Written { name, descending, nulls } in criteria {
        match schema.sort.iter().find(|known| **known == name) {
            None => unknown.push(name),
            Some(name) if fields.iter().any(|field| field.name == *name) => {
                return Err(fault(parameter, &format!("names {name} more than once")));
            }
            Some(name) => fields.push(SortField { name, descending, nulls }),
        }
    }
    if unknown.is_empty() {
        return Ok(fields);
    }
    let detail = format!("Sorting by {} is not supported for this endpoint.", sentence(&unknown));
    Err(worded(parameter, detail))
}

impl<'a> Written<'a> {
    fn parse(criterion: &'a str) -> Option<Self> {
        let criterion = criterion.trim();
        let (name, nulls) = match criterion.split_once(' ') {
            None => (criterion, None),
            Some((name, "nulls")) => (name, Some(Nulls::First)),
            Some((name, "-nulls")) => (name, Some(Nulls::Last)),
            Some(_) => return None,
        };
        let (name, descending) = name.strip_prefix('-').map_or((name, false), |name| (name, true));
        // JSON:API recommends paths for criteria of related resources: one of those is unknown, not malformed.
        name.split('.').all(is_member_name).then_some(Self { name, descending, nulls })
    }
}
