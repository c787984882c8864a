//! Query strings: `application/x-www-form-urlencoded` (K80), each parameter once, none that is ill-named or unknown
//! (K81). What an endpoint knows is told by its [`Schema`]; every fault is told at once.

mod fields;
mod filter;
mod include;
mod name;
mod page;
mod sort;

use super::error::{Code, Fault};
use name::Name;

pub use fields::Fieldsets;
pub use filter::{DateRange, Filter};
pub use include::Include;
pub use page::Page;
pub use sort::{Nulls, SortField};

/// So many parameters are read; each is compared with those before it.
const MOST_PARAMETERS: usize = 100;

/// The relationships that may be included from one kind of resource: the name of each, and the kind it leads to.
pub type Relationships = &'static [(&'static str, &'static str)];

/// What an endpoint knows of query parameters.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The type of the primary resources.
    pub kind: &'static str,
    /// Whether primary data is a list. Only lists are paged.
    pub collection: bool,
    /// The relationships that may be included from a kind; none for a kind that is not known.
    pub relationships: fn(kind: &str) -> Relationships,
    /// The names that the collection can be sorted by. A single resource has none.
    pub sort: &'static [&'static str],
    /// The filters, besides `account_list_id`, which is accepted everywhere (design 2, decision 14). A name that
    /// ends in `_at`, `_date` or `_range` takes a range of dates, one that ends in `_id` a list.
    pub filters: &'static [&'static str],
    /// Parameters that only this endpoint has.
    pub own: &'static [&'static str],
}

/// What a query string asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// What to include; `None` where the client did not say, and an empty tree where it asked for nothing (K60,
    /// K62).
    pub include: Option<Include>,
    /// The fields of each type that is restricted.
    pub fields: Fieldsets,
    /// The criteria to sort by, the most significant first (K69); none where the client did not say.
    pub sort: Vec<SortField>,
    /// Which part of a collection. On a single resource whatever the client says of pages has no effect (design 9).
    pub page: Page,
    /// The filters, in the order in which they were sent. All of them hold.
    pub filters: Vec<Filter>,
    /// The endpoint's own parameters.
    own: Vec<(&'static str, String)>,
}

impl Query {
    /// Reads a query string, without its `?`.
    ///
    /// # Errors
    /// One [`Code::InvalidParameter`] for each parameter that is ill-named, unknown, given twice, not supported by
    /// the endpoint or has a value that is not understood. It names the parameter as it is decoded.
    pub fn parse(query: &str, schema: &Schema) -> Result<Self, Vec<Fault>> {
        let mut parsed = Self::default();
        let mut faults = Vec::new();
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if seen.len() == MOST_PARAMETERS {
                faults.push(fault(&name, &format!("is one too many: at most {MOST_PARAMETERS} are read")));
                break;
            }
            if seen.contains(&name) {
                faults.push(fault(&name, "is given more than once"));
            } else if let Err(fault) = parsed.read(&name, &value, schema) {
                faults.push(fault);
            }
            seen.push(name);
        }
        if faults.is_empty() { Ok(parsed) } else { Err(faults) }
    }

    /// The elements of `filter[account_list_id]`, which Android adds to every path. One that is not one's own is 404.
    #[must_use]
    pub fn account_lists(&self) -> &[String] {
        let lists = self.filters.iter().find_map(|filter| match filter {
            Filter::AccountLists(ids) => Some(ids.as_slice()),
            _ => None,
        });
        lists.unwrap_or_default()
    }

    /// The value of one of the endpoint's own parameters.
    #[must_use]
    pub fn own(&self, name: &str) -> Option<&str> {
        self.own.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
    }

    fn read(&mut self, sent: &str, value: &str, schema: &Schema) -> Result<(), Fault> {
        let name = Name::parse(sent).ok_or_else(|| fault(sent, "has a name that is not well-formed"))?;
        match (name.base, name.members.as_slice()) {
            ("include", []) => self.include = Some(Include::parse(sent, value, schema)?),
            ("fields", [kind]) if name::is_member_name(kind) => self.fields.restrict(kind, value),
            ("fields", _) => return Err(fault(sent, "needs the name of one type in brackets")),
            ("sort", []) => self.sort = sort::parse(sent, value, schema)?,
            ("page", _) | ("per_page", []) if !schema.collection => {}
            ("page", [] | ["number"]) => self.page.read_number(sent, value)?,
            ("per_page", []) | ("page", ["size"]) => self.page.read_size(sent, value)?,
            ("filter", [filter]) => self.filters.push(Filter::parse(sent, filter, value, schema)?),
            (name, []) => {
                let own = schema.own.iter().find(|own| **own == name).ok_or_else(|| unknown(sent))?;
                self.own.push((own, value.to_owned()));
            }
            _ => return Err(unknown(sent)),
        }
        Ok(())
    }
}

fn unknown(name: &str) -> Fault {
    fault(name, "is not known here")
}

fn fault(name: &str, problem: &str) -> Fault {
    worded(name, format!("The query parameter `{name}` {problem}."))
}

/// A fault in words of their own, which are the original's.
fn worded(name: &str, detail: impl Into<String>) -> Fault {
    Fault::new(Code::InvalidParameter, detail).in_parameter(name)
}

/// Names in a sentence, as Rails joins them: `a`, `a and b`, `a, b, and c`.
fn sentence(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [most @ .., last] => format!("{}, and {last}", most.join(", ")),
    }
}
