//! Lists of JUNO's resources: what of them is asked for, and what stands around it.

use serde::Serialize;
use serde_json::Value;

use crate::jsonapi::collection::{Collection, Frame};
use crate::jsonapi::query::{Filter, Query, Schema};
use crate::jsonapi::{Code, Fault, Json};

/// The largest size of a page.
const LARGEST_PAGE: u64 = 100;

/// Reads a query string.
///
/// # Errors
/// As [`Query::parse`]; and for a page above the largest, a filter on account lists, which only users have, and one of
/// `flags` that is neither true nor false.
pub(super) fn query(sent: &str, schema: &Schema, flags: &[&str]) -> Result<Query, Vec<Fault>> {
    let query = Query::parse(sent, schema)?;
    let mut faults = Vec::new();
    if schema.collection && query.page.size() > LARGEST_PAGE {
        let short = form_urlencoded::parse(sent.as_bytes()).any(|(name, _)| name == "per_page");
        let largest = Json::Object(vec![("maxSize".to_owned(), Json::Number(LARGEST_PAGE.to_string()))]);
        let problem = format!("is larger than {LARGEST_PAGE}, the largest size of a page");
        let meta = Json::Object(vec![("page".to_owned(), largest)]);
        faults.push(fault(if short { "per_page" } else { "page[size]" }, &problem).with_meta(meta));
    }
    for filter in &query.filters {
        match filter {
            Filter::AccountLists(_) => faults.push(fault("filter[account_list_id]", "is not known here")),
            Filter::Text { name, value } if flags.contains(name) && flag(value).is_none() => {
                faults.push(fault(&format!("filter[{name}]"), "must be true or false"));
            }
            _ => {}
        }
    }
    if faults.is_empty() { Ok(query) } else { Err(faults) }
}

pub(super) fn fault(name: &str, problem: &str) -> Fault {
    let detail = format!("The query parameter `{name}` {problem}.");
    Fault::new(Code::InvalidParameter, detail).in_parameter(name)
}

/// The texts of the filters, by their names.
pub(super) fn filters(query: &Query) -> impl Iterator<Item = (&'static str, &str)> {
    query.filters.iter().filter_map(|filter| match filter {
        Filter::Text { name, value } => Some((*name, value.trim())),
        _ => None,
    })
}

/// The value of a filter on something that is true or false.
pub(super) fn flag(value: &str) -> Option<bool> {
    value.trim().parse().ok()
}

/// How many rows lie before the page, and how many it has at most.
pub(super) fn bounds(query: &Query) -> (i64, i64) {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    (number(query.page.skipped()), number(query.page.size()))
}

/// The document of a page of `total` resources, each in whatever form.
pub(super) fn document<T: Serialize, I: Serialize>(
    total: i64,
    data: Vec<T>,
    included: Option<Vec<I>>,
    (query, path, sent): (&Query, &str, &str),
) -> Vec<u8> {
    let Frame { mut meta, links } = Frame::of(u64::try_from(total).unwrap_or_default(), query, path, sent);
    if let Value::Object(meta) = &mut meta {
        meta.insert("total".to_owned(), total.into());
    }
    // Strings, numbers and lists of them can always be written into memory.
    serde_json::to_vec(&Collection { data, included, meta, links }).unwrap_or_default()
}

/// The rows of a page out of a query for all that is asked for, in the order that is asked for and at last that of their ids.
macro_rules! page_of {
    ($rows:expr, $query:expr, $table:ident) => {{
        let mut rows = $rows;
        for field in &$query.sort {
            rows = match (field.name, field.descending) {
                ("name", false) => rows.then_order_by($table::name_folded.asc()),
                ("name", true) => rows.then_order_by($table::name_folded.desc()),
                (_, false) => rows.then_order_by($table::id.asc()),
                (_, true) => rows.then_order_by($table::id.desc()),
            };
        }
        let (skipped, taken) = $crate::juno::listing::bounds($query);
        rows.then_order_by($table::id.asc()).offset(skipped).limit(taken)
    }};
}

pub(super) use page_of;
