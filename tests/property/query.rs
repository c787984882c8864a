//! The reader of query strings: checklist K59 to K86, mpdx-behaviour 3.7, design 2 (decision 14) and 9.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use steward::clock::Stamp;
use steward::jsonapi::error::Source;
use steward::jsonapi::query::{Include, Nulls, Query, Relationships, Schema, SortField};
use steward::jsonapi::{Code, Fault};

use super::cases;

mod collection;
mod names;
mod related;

const LIST: Schema = Schema {
    kind: "tasks",
    collection: true,
    relationships,
    sort: &["created_at", "updated_at", "due", "name"],
    filters: &["updated_at", "due_date", "done_range", "contact_id", "types"],
    own: &[],
};

const SINGLE: Schema = Schema { kind: "users", collection: false, sort: &[], filters: &[], ..LIST };

const BARE: Schema = Schema { relationships: |_| &[], ..SINGLE };

fn relationships(kind: &str) -> Relationships {
    match kind {
        "tasks" => &[("contacts", "contacts"), ("owner", "users"), ("comments", "comments")],
        "contacts" => &[("people", "people"), ("tasks", "tasks")],
        "comments" => &[("author", "users")],
        "users" => &[("emails", "email_addresses"), ("contacts", "contacts")],
        _ => &[],
    }
}

fn stamp(text: &str) -> Stamp {
    let moment = DateTime::parse_from_rfc3339(text).expect("RFC 3339");
    Stamp::new(moment.to_utc()).expect("a stamp")
}

fn list(query: &str) -> Query {
    Query::parse(query, &LIST).unwrap_or_else(|faults| panic!("{query}: {faults:?}"))
}

fn faults(query: &str, schema: &Schema) -> Vec<Fault> {
    match Query::parse(query, schema) {
        Ok(parsed) => panic!("{query} was taken: {parsed:?}"),
        Err(faults) => faults,
    }
}

/// The parameter that a fault names.
fn parameter(fault: &Fault) -> &str {
    assert_eq!(fault.code, Code::InvalidParameter);
    match &fault.source {
        Some(Source::Parameter(name)) => name,
        other => panic!("{other:?} is no parameter"),
    }
}

/// The parameter and the detail of the only fault.
fn refused(query: &str, schema: &Schema) -> (String, String) {
    match faults(query, schema).as_slice() {
        [fault] => (parameter(fault).to_owned(), fault.detail.clone().expect("a detail")),
        other => panic!("{query}: {other:?}"),
    }
}

/// Asserts that a parameter is refused in these words.
#[track_caller]
fn assert_refused(query: &str, name: &str, detail: &str) {
    assert_eq!(refused(query, &LIST), (name.to_owned(), detail.to_owned()), "{query}");
}

/// The tree as its paths, each before those that go on from it.
fn paths(include: &Include) -> Vec<String> {
    let mut paths = Vec::new();
    for (name, below) in include.iter() {
        assert_eq!(include.get(name), Some(below));
        paths.push(name.to_owned());
        paths.extend(self::paths(below).into_iter().map(|path| format!("{name}.{path}")));
    }
    assert_eq!(include.is_empty(), paths.is_empty());
    paths
}

fn unknown(name: &str) -> String {
    format!("The query parameter `{name}` is not known here.")
}

/// Query strings that are almost understood.
fn almost() -> impl Strategy<Value = String> {
    let names = prop_oneof![
        select(
            &[
                "include",
                "fields[tasks]",
                "sort",
                "page",
                "per_page",
                "page[size]",
                "filter[due_date]",
                "filter%5Bcontact_id%5D",
                "filter[types]",
            ][..]
        )
        .prop_map(str::to_owned),
        "[a-z_\\[\\].% ]{0,12}",
    ];
    let values =
        prop_oneof!["[a-z0-9*.,+ -]{0,16}", "[0-9]{4}-[0-9]{2}-[0-9]{2}[.TZ:0-9]{0,24}", "\\PC{0,8}"];
    prop::collection::vec((names, values), 0..6).prop_map(|pairs| {
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    })
}

/// Any bytes: as they are, where they are text, else as a client would have to encode them.
fn bytes() -> impl Strategy<Value = String> {
    let bytes = prop::collection::vec(any::<u8>(), 0..80);
    (bytes, any::<bool>()).prop_map(|(bytes, encoded)| {
        if encoded {
            let keep = |byte: &u8| matches!(byte, b'&' | b'=');
            let encode =
                |byte: &u8| if keep(byte) { char::from(*byte).to_string() } else { format!("%{byte:02x}") };
            bytes.iter().map(encode).collect()
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        }
    })
}

/// A criterion to sort by.
fn sort_fields() -> impl Strategy<Value = Vec<SortField>> {
    let nulls = prop::option::of(select(&[Nulls::First, Nulls::Last][..]));
    let names = subsequence(LIST.sort, 0..=LIST.sort.len()).prop_shuffle();
    (names, prop::collection::vec((any::<bool>(), nulls), LIST.sort.len())).prop_map(|(names, rest)| {
        let fields = names.into_iter().zip(rest);
        fields.map(|(name, (descending, nulls))| SortField { name, descending, nulls }).collect()
    })
}

fn written(field: &SortField) -> String {
    let minus = if field.descending { "-" } else { "" };
    let nulls = match field.nulls {
        None => "",
        Some(Nulls::First) => " nulls",
        Some(Nulls::Last) => " -nulls",
    };
    format!("{minus}{}{nulls}", field.name)
}

/// Paths of one to three relationships; where none leads on they end.
fn include_paths() -> impl Strategy<Value = Vec<String>> {
    let path = prop::collection::vec(any::<Index>(), 1..=3).prop_map(|choices| {
        let mut kind = LIST.kind;
        let mut steps = Vec::new();
        for choice in choices {
            let known = relationships(kind);
            if !known.is_empty() {
                let (name, target) = choice.get(known);
                steps.push(*name);
                kind = target;
            }
        }
        steps.join(".")
    });
    prop::collection::vec(path, 0..8)
}

/// Names of any characters, but for those that separate or are trimmed, under types that are member names.
fn fieldsets() -> impl Strategy<Value = BTreeMap<String, BTreeSet<String>>> {
    let names = prop::collection::btree_set("[^,\\s]{1,6}", 0..4);
    prop::collection::btree_map("[a-z0-9é]([a-z_ -]{0,6}[a-z])?", names, 0..4)
}

/// Pairs as a query string, its brackets encoded or not.
fn encoded(pairs: &[(String, String)], brackets: bool) -> String {
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    let query = serializer.extend_pairs(pairs).finish();
    if brackets { query } else { query.replace("%5B", "[").replace("%5D", "]") }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn whatever_is_sent_is_read_or_refused_by_the_names_of_its_parameters(
        query in prop_oneof![bytes(), almost()],
        schema in select(&[LIST, SINGLE, BARE][..]),
    ) {
        if let Err(faults) = Query::parse(&query, &schema) {
            prop_assert!(!faults.is_empty());
            let sent: Vec<_> = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name).collect();
            prop_assert!(faults.len() <= sent.len());
            for fault in &faults {
                prop_assert!(sent.iter().any(|name| name == parameter(fault)), "{:?}", fault);
            }
        }
    }

    #[test]
    fn what_is_asked_for_is_what_is_read(
        include in prop::option::of(include_paths()),
        fields in fieldsets(),
        sort in sort_fields(),
        number in prop::option::of(1..=u64::MAX),
        size in prop::option::of(1..=10_000_u64),
        (of_mpdx, brackets) in any::<(bool, bool)>(),
    ) {
        let mut pairs = Vec::new();
        let mut add = |name: &str, value: String| pairs.push((name.to_owned(), value));
        if let Some(paths) = &include {
            add("include", paths.join(","));
        }
        for (kind, names) in &fields {
            add(&format!("fields[{kind}]"), names.iter().cloned().collect::<Vec<_>>().join(","));
        }
        if !sort.is_empty() {
            add("sort", sort.iter().map(written).collect::<Vec<_>>().join(","));
        }
        let (number_is, size_is) = if of_mpdx { ("page", "per_page") } else { ("page[number]", "page[size]") };
        if let Some(number) = number {
            add(number_is, number.to_string());
        }
        if let Some(size) = size {
            add(size_is, size.to_string());
        }
        let sent = encoded(&pairs, brackets);
        let read = Query::parse(&sent, &LIST);
        prop_assert!(read.is_ok(), "{} {:?}", sent, read);
        let read = list(&sent);
        prop_assert_eq!(&read.sort, &sort);
        prop_assert_eq!((read.page.sent_number(), read.page.sent_size()), (number, size));
        prop_assert_eq!(&read.filters, &[]);
        check_fields(&read, &fields)?;
        check_include(&read, include.as_deref())?;
    }
}

fn check_fields(read: &Query, fields: &BTreeMap<String, BTreeSet<String>>) -> Result<(), TestCaseError> {
    prop_assert_eq!(read.fields.kinds().collect::<Vec<_>>(), fields.keys().collect::<Vec<_>>());
    for (kind, names) in fields {
        prop_assert!(names.iter().all(|name| read.fields.allows(kind, name)));
        for other in fields.values().flatten() {
            prop_assert_eq!(read.fields.allows(kind, other), names.contains(other));
        }
    }
    Ok(())
}

fn check_include(read: &Query, sent: Option<&[String]>) -> Result<(), TestCaseError> {
    let read = read.include.as_ref().map(paths);
    prop_assert_eq!(read.is_some(), sent.is_some());
    let (read, sent) = (read.unwrap_or_default(), sent.unwrap_or_default());
    // Every path that was sent, with what leads to it, and nothing else, each once.
    let mut expected = BTreeSet::new();
    for path in sent {
        expected.extend(path.match_indices('.').map(|(at, _)| path[..at].to_owned()));
        expected.insert(path.clone());
    }
    prop_assert_eq!(read.iter().cloned().collect::<BTreeSet<_>>(), expected.clone());
    prop_assert_eq!(read.len(), expected.len());
    // The direct relationships in the order of their first mention.
    let mut mentioned: Vec<&str> = Vec::new();
    for path in sent {
        let first = path.split('.').next().unwrap_or_default();
        if !mentioned.contains(&first) {
            mentioned.push(first);
        }
    }
    prop_assert_eq!(read.iter().filter(|path| !path.contains('.')).collect::<Vec<_>>(), mentioned);
    Ok(())
}
