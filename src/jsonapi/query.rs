//! Query strings: `application/x-www-form-urlencoded` (K80), each parameter once, none that is unknown (K81).

use super::error::{Code, Fault};

/// What the query string of a request for a single resource may ask for.
///
/// Known and without effect on a single resource (design 2, decision 14, and 9): `filter[account_list_id]`, which
/// Android adds to every path, and the page family, which generic clients send. `fields[…]`, and an `include` that
/// asks for something, are not supported and refused, as K59 demands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SingleQuery {
    /// The text of `filter[account_list_id]`; not one's own is 404.
    pub account_list_id: Option<String>,
}

impl SingleQuery {
    /// Reads a query string.
    ///
    /// # Errors
    /// One fault for each parameter that is unknown, given twice or not supported.
    pub fn parse(query: &str) -> Result<Self, Vec<Fault>> {
        let mut parsed = Self::default();
        let mut faults = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if seen.iter().any(|s| *s == name) {
                faults.push(fault(&name, "is given more than once"));
                continue;
            }
            match name.as_ref() {
                "filter[account_list_id]" => parsed.account_list_id = Some(value.into_owned()),
                "page" | "per_page" => {}
                _ if name.starts_with("page[") && name.ends_with(']') => {}
                "include" if asks_for_nothing(&value) => {}
                "include" => faults.push(fault(&name, "can't include anything yet")),
                "sort" => faults.push(fault(&name, "can't sort a single resource")),
                _ => faults.push(fault(&name, "is not known here")),
            }
            seen.push(name.into_owned());
        }
        if faults.is_empty() { Ok(parsed) } else { Err(faults) }
    }
}

/// The empty list asks for nothing (K62), and so does the original's `**` (`mpdx-behaviour.md` 3.7).
fn asks_for_nothing(include: &str) -> bool {
    include.split(',').all(|path| matches!(path.trim(), "" | "**"))
}

fn fault(name: &str, problem: &str) -> Fault {
    Fault::new(Code::InvalidParameter, format!("The query parameter `{name}` {problem}.")).in_parameter(name)
}
