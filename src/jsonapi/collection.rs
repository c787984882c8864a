//! A list of resources as the query asks for it: filtered, sorted, cut into pages, with `meta.pagination` and `links`
//! (design 2, decision 1; `mpdx-behaviour.md` 3.7). What a user owns or shares is bounded, so all of this is done in
//! memory, on one state.

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::{Value, json};

use super::query::{Filter, Query};
use crate::clock::Stamp;
use crate::id::Id;

/// What every list can be sorted by; a list may have names of its own besides.
pub const SORT: &[&str] = &["created_at", "updated_at"];
/// What every list can be filtered by; it matches the stamp (design 3).
pub const FILTERS: &[&str] = &["updated_at"];

/// A resource as far as lists look at it.
pub trait Listed {
    /// Its id, by which lists are ordered at last (K76).
    fn id(&self) -> Id;
    /// What lists are ordered and filtered by.
    fn times(&self) -> Times;
    /// The text of a field of its own that the list can be sorted by.
    fn text(&self, _field: &str) -> Option<&str> {
        None
    }
}

/// The times of a resource.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// When it was made.
    pub created_at: Stamp,
    /// When it was last edited, by the client's clock where it told.
    pub updated_at: Stamp,
    /// Its stamp, which `filter[updated_at]` matches.
    pub stamp: Stamp,
}

/// One page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// Its resources.
    pub resources: Vec<T>,
    /// `meta` of the document.
    pub meta: Value,
    /// `links` of the document.
    pub links: Value,
}

/// The document of a page.
#[derive(Debug, Serialize)]
pub struct Collection<T, I> {
    /// The primary data.
    pub data: Vec<T>,
    /// Related resources, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub included: Option<I>,
    /// Pages, sort and filters.
    pub meta: Value,
    /// Links to the pages.
    pub links: Value,
}

/// The page of a list that `query` asks for; `path` and `sent` are the request's, for links to its other pages.
#[must_use]
pub fn page<T: Listed>(mut resources: Vec<T>, query: &Query, path: &str, sent: &str) -> Page<T> {
    for filter in &query.filters {
        if let Filter::Range { range, .. } = filter {
            resources.retain(|resource| range.contains(resource.times().stamp));
        }
    }
    resources.sort_by(|a, b| compare(a, b, query));
    let total = u64::try_from(resources.len()).unwrap_or(u64::MAX);
    let skip = usize::try_from(query.page.skipped().min(total)).unwrap_or(usize::MAX);
    let take = usize::try_from(query.page.size()).unwrap_or(usize::MAX);
    let resources = resources.into_iter().skip(skip).take(take).collect();
    let Frame { meta, links } = Frame::of(total, query, path, sent);
    Page { resources, meta, links }
}

/// What stands around the resources of a page.
#[derive(Debug)]
pub struct Frame {
    /// `meta` of the document.
    pub meta: Value,
    /// `links` of the document.
    pub links: Value,
}

impl Frame {
    /// The frame of the page that `query` asks for, of a list of `total` resources.
    #[must_use]
    pub fn of(total: u64, query: &Query, path: &str, sent: &str) -> Self {
        let (number, size) = (query.page.number(), query.page.size());
        let pages = total.div_ceil(size);
        let sort: Vec<_> = query.sort.iter().map(ToString::to_string).collect();
        let link =
            |wanted: Option<u64>| wanted.map_or(Value::Null, |page| url(path, sent, page, size).into());
        Self {
            meta: json!({
                "pagination": { "page": number, "per_page": size, "total_count": total, "total_pages": pages },
                "sort": if sort.is_empty() { Value::Null } else { sort.join(",").into() },
                "filter": filters(sent),
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
}

/// The criteria in their order, then the oldest first, then the id, so that the order is total (K76). No field that
/// lists sort by can be null, so where nulls belong decides nothing.
fn compare<T: Listed>(a: &T, b: &T, query: &Query) -> Ordering {
    let by_field = query.sort.iter().map(|field| {
        let order = match field.name {
            "created_at" => a.times().created_at.cmp(&b.times().created_at),
            "updated_at" => a.times().updated_at.cmp(&b.times().updated_at),
            name => a.text(name).cmp(&b.text(name)),
        };
        if field.descending { order.reverse() } else { order }
    });
    let oldest_first = a.times().created_at.cmp(&b.times().created_at).then(a.id().cmp(&b.id()));
    by_field.fold(Ordering::Equal, Ordering::then).then(oldest_first)
}

/// The filters as they were sent, without blanks around them. All of them were accepted, or there would be no list.
fn filters(sent: &str) -> Value {
    let filters = form_urlencoded::parse(sent.as_bytes()).filter_map(|(name, value)| {
        let name = name.strip_prefix("filter[")?.strip_suffix(']')?;
        Some((name.to_owned(), Value::from(value.trim())))
    });
    Value::Object(filters.collect())
}

/// The URL of another page, all other parameters as they were sent, brackets encoded (K86).
fn url(path: &str, sent: &str, page: u64, size: u64) -> String {
    let paging = |name: &str| matches!(name, "page" | "per_page" | "page[number]" | "page[size]");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(form_urlencoded::parse(sent.as_bytes()).filter(|(name, _)| !paging(name)));
    query.append_pair("page[number]", &page.to_string()).append_pair("page[size]", &size.to_string());
    format!("{path}?{}", query.finish())
}
