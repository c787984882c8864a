//! A list of rows as the query asks for it: filtered, sorted, cut into pages, with `meta.pagination` and `links`
//! (design 2, decision 1; `mpdx-behaviour.md` 3.7). A user has at most a thousand rows of a kind, so all of this is
//! done in memory, on one state.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::row::Row;
use crate::jsonapi::query::{Filter, Query};

/// One page of a list.
#[derive(Debug)]
pub struct Page {
    /// Its rows.
    pub rows: Vec<Row>,
    /// `meta` of the document.
    pub meta: Value,
    /// `links` of the document.
    pub links: Value,
}

/// What lists of rows can be sorted by.
pub const SORT: &[&str] = &["created_at", "updated_at"];
/// What lists of rows can be filtered by; it matches the stamp (design 3).
pub const FILTERS: &[&str] = &["updated_at"];

/// The page of `rows` that `query` asks for; `path` and `sent` are the request's, for links to its other pages.
#[must_use]
pub fn page(mut rows: Vec<Row>, query: &Query, path: &str, sent: &str) -> Page {
    for filter in &query.filters {
        if let Filter::Range { range, .. } = filter {
            rows.retain(|row| range.contains(row.stamp));
        }
    }
    rows.sort_by(|a, b| compare(a, b, query));
    let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let (number, size) = (query.page.number(), query.page.size());
    let pages = total.div_ceil(size);
    let first = number.saturating_sub(1).saturating_mul(size).min(total);
    let skip = usize::try_from(first).unwrap_or(usize::MAX);
    let take = usize::try_from(size).unwrap_or(usize::MAX);
    let rows = rows.into_iter().skip(skip).take(take).collect();
    let sort: Vec<_> =
        query.sort.iter().map(|f| format!("{}{}", if f.descending { "-" } else { "" }, f.name)).collect();
    let link = |wanted: Option<u64>| wanted.map_or(Value::Null, |page| url(path, sent, page, size).into());
    Page {
        rows,
        meta: json!({
            "pagination": { "page": number, "per_page": size, "total_count": total, "total_pages": pages },
            "sort": if sort.is_empty() { Value::Null } else { sort.join(",").into() },
        }),
        links: json!({
            "self": link(Some(number)),
            "first": link(Some(1)),
            "prev": link(number.checked_sub(1).filter(|page| (1..=pages).contains(page))),
            "next": link(number.checked_add(1).filter(|page| *page <= pages)),
            "last": link(Some(pages.max(1))),
        }),
    }
}

/// The criteria in their order, then the id, so that the order is total (K76).
fn compare(a: &Row, b: &Row, query: &Query) -> Ordering {
    let by_field = query.sort.iter().map(|field| {
        let order = match field.name {
            "updated_at" => a.updated_at.cmp(&b.updated_at),
            _ => a.created_at.cmp(&b.created_at),
        };
        if field.descending { order.reverse() } else { order }
    });
    let oldest_first = a.created_at.cmp(&b.created_at).then(a.id.cmp(&b.id));
    by_field.fold(Ordering::Equal, Ordering::then).then(oldest_first)
}

/// The URL of another page, all other parameters as they were sent, brackets encoded (K86).
fn url(path: &str, sent: &str, page: u64, size: u64) -> String {
    let paging = |name: &str| matches!(name, "page" | "per_page" | "page[number]" | "page[size]");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(form_urlencoded::parse(sent.as_bytes()).filter(|(name, _)| !paging(name)));
    query.append_pair("page[number]", &page.to_string()).append_pair("page[size]", &size.to_string());
    format!("{path}?{}", query.finish())
}
