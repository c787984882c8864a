//! `include`: which related resources come along (K59 to K64).

use super::{Schema, fault, sentence};
use crate::jsonapi::Fault;

/// How many relationships a path may follow.
const DEEPEST: usize = 3;

/// How many paths one parameter may have.
const MOST_PATHS: usize = 64;

/// The tree of relationships to include. Intermediates are part of it (K64), and names stand in the order in which
/// they were first mentioned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Include(Vec<(&'static str, Include)>);

impl Include {
    /// Whether nothing is to be included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What to include from the resources of the relationship `name`; `None` where that one is not to be included.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.iter().find_map(|(n, include)| (n == name).then_some(include))
    }

    /// Each relationship to include, and what to include from its resources.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Self)> {
        self.0.iter().map(|(name, include)| (*name, include))
    }

    /// Reads a comma list of dotted paths: `*` asks for all direct relationships, `**` and a blank for nothing
    /// (`mpdx-behaviour.md` 3.7).
    ///
    /// # Errors
    /// One fault that names every path that is unknown here (K63), or the limit that is exceeded; for any value where
    /// nothing can be included at all (K59).
    pub(super) fn parse(parameter: &str, value: &str, schema: &Schema) -> Result<Self, Fault> {
        let paths = || value.split(',').map(str::trim).filter(|path| !matches!(*path, "" | "**"));
        if paths().nth(MOST_PATHS).is_some() {
            return Err(fault(parameter, &format!("has more than {MOST_PATHS} paths")));
        }
        let direct = (schema.relationships)(schema.kind);
        if direct.is_empty() {
            return Err(fault(parameter, "can't include anything here"));
        }
        let mut include = Self::default();
        let mut unknown = Vec::new();
        for path in paths() {
            if path == "*" {
                for (name, _) in direct {
                    include.insert(&[name]);
                }
            } else if path.split('.').nth(DEEPEST).is_some() {
                let problem = format!("follows more than {DEEPEST} relationships in {path}");
                return Err(fault(parameter, &problem));
            } else if let Some(steps) = steps(path, schema) {
                include.insert(&steps);
            } else {
                unknown.push(path);
            }
        }
        if unknown.is_empty() {
            Ok(include)
        } else {
            Err(fault(parameter, &format!("can't include {} here", sentence(&unknown))))
        }
    }

    fn insert(&mut self, steps: &[&'static str]) {
        let [name, rest @ ..] = steps else { return };
        if let Some((_, include)) = self.0.iter_mut().find(|(n, _)| n == name) {
            include.insert(rest);
        } else {
            let mut include = Self::default();
            include.insert(rest);
            self.0.push((name, include));
        }
    }
}

/// The relationships that a path follows from the primary resources; `None` where one of them is unknown.
fn steps(path: &str, schema: &Schema) -> Option<Vec<&'static str>> {
    let mut kind = schema.kind;
    let step = |step| {
        let (name, target) = (schema.relationships)(kind).iter().find(|(name, _)| *name == step)?;
        kind = target;
        Some(*name)
    };
    path.split('.').map(step).collect()
}
