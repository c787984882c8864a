//! `sort`, pages and filters: K67 to K79.

use serde_json::{Value, json};
use steward::clock::Stamp;
use steward::jsonapi::Json;
use steward::jsonapi::query::{Filter, Nulls, Page, Query};

use super::{BARE, LIST, SINGLE, assert_refused, faults, list, refused, stamp, unknown};

fn sorted(query: &str) -> Vec<(&'static str, bool, Option<Nulls>)> {
    list(query).sort.iter().map(|field| (field.name, field.descending, field.nulls)).collect()
}

#[test]
fn k067_sort_is_refused_on_a_single_resource() {
    for value in ["", "created_at", "id"] {
        let (name, detail) = refused(&format!("sort={value}"), &SINGLE);
        assert_eq!(name, "sort");
        assert_eq!(detail, "The query parameter `sort` can't sort a single resource.");
    }
}

#[test]
fn k067_an_unknown_criterion_is_refused_in_the_originals_words() {
    for (value, named) in [
        ("id", "id"),
        ("-id", "id"),
        ("name,id", "id"),
        ("foo,name,-bar+nulls", "foo and bar"),
        ("a,b,c", "a, b, and c"),
        ("owner.name", "owner.name"),
        ("Name", "Name"),
    ] {
        let detail = format!("Sorting by {named} is not supported for this endpoint.");
        assert_refused(&format!("sort={value}"), "sort", &detail);
    }
}

#[test]
fn a_malformed_criterion_is_refused_in_the_originals_words() {
    for value in [
        "",
        ",",
        "name,",
        "-",
        "--name",
        "%2Bname",
        "name+first",
        "name++nulls",
        "name+nulls+x",
        "name+NULLS",
        "_",
        "name;due",
    ] {
        assert_refused(&format!("sort={value}"), "sort", "Bad format for sort param.");
    }
}

#[test]
fn k068_k069_several_fields_sort_ascending_unless_they_have_a_minus() {
    assert_eq!(sorted("sort=due"), [("due", false, None)]);
    assert_eq!(
        sorted("sort=-updated_at,+name+,-due"),
        [("updated_at", true, None), ("name", false, None), ("due", true, None)]
    );
}

#[test]
fn sort_says_where_rows_without_a_value_come() {
    assert_eq!(
        sorted("sort=due+nulls,-name%20-nulls,created_at"),
        [("due", false, Some(Nulls::First)), ("name", true, Some(Nulls::Last)), ("created_at", false, None)]
    );
}

#[test]
fn a_name_sorts_once() {
    let detail = "The query parameter `sort` names due more than once.";
    assert_refused("sort=due,-due+nulls", "sort", detail);
}

/// The number and the size, and those of them that were sent.
fn paged(page: Page) -> ((u64, u64), (Option<u64>, Option<u64>)) {
    ((page.number(), page.size()), (page.sent_number(), page.sent_size()))
}

#[test]
fn k075_pages_are_asked_for_in_either_spelling() {
    for (query, sizes, sent) in [
        ("page[number]=3&page[size]=7", (3, 7), (Some(3), Some(7))),
        ("page=3&per_page=7", (3, 7), (Some(3), Some(7))),
        ("page=3&page[size]=7", (3, 7), (Some(3), Some(7))),
        ("page=1", (1, 25), (Some(1), None)),
        ("per_page=10000", (1, 10_000), (None, Some(10_000))),
        ("page[number]=18446744073709551615", (u64::MAX, 25), (Some(u64::MAX), None)),
        ("page=007", (7, 25), (Some(7), None)),
    ] {
        assert_eq!(paged(list(query).page), (sizes, sent), "{query}");
    }
}

#[test]
fn k077_a_page_is_a_positive_integer() {
    for name in ["page", "page[number]", "per_page", "page[size]"] {
        for value in [
            "",
            "0",
            "-1",
            "+1",
            "%2B1",
            "1.0",
            "1e2",
            "x",
            "1+",
            "%D9%A1",
            "18446744073709551616",
            "undefined",
        ] {
            let detail = format!("The query parameter `{name}` must be a positive integer.");
            assert_refused(&format!("{name}={value}"), name, &detail);
        }
    }
}

#[test]
fn k077_a_page_above_the_largest_size_is_refused_with_the_maximum() {
    for name in ["per_page", "page[size]"] {
        let query = format!("{name}=10001");
        let detail =
            format!("The query parameter `{name}` is larger than 10000, the largest size of a page.");
        assert_refused(&query, name, &detail);
        let meta = faults(&query, &LIST)[0].meta.as_ref().map(Json::to_text).expect("meta");
        assert_eq!(
            serde_json::from_str::<Value>(&meta).expect("JSON"),
            json!({ "page": { "maxSize": 10_000 } })
        );
    }
}

#[test]
fn both_spellings_of_a_page_at_once_are_refused() {
    for (query, name, part) in [
        ("page=1&page[number]=1", "page[number]", "number"),
        ("page[number]=1&page=2", "page", "number"),
        ("per_page=1&page[size]=1", "page[size]", "size"),
        ("page[size]=1&per_page=1", "per_page", "size"),
    ] {
        let detail = format!("The query parameter `{name}` gives the {part} of the page a second time.");
        assert_refused(query, name, &detail);
    }
}

#[test]
fn a_single_resource_ignores_the_page_family() {
    let query = "page=x&per_page=0&page[size]=99999999&page[number]=&page[limit]=1&page[]=1&page[a][b]=1";
    assert_eq!(Query::parse(query, &SINGLE), Ok(Query::default()));
    assert_eq!(refused("page=1&page=1", &SINGLE).0, "page", "but not a repeated parameter");
    assert_eq!(refused("page[_]=1", &SINGLE).0, "page[_]", "and not an ill-named one");
    for name in ["page[limit]", "page[]", "page[after]", "page[a][b]", "per_page[size]"] {
        assert_refused(&format!("{name}=1"), name, &unknown(name));
    }
}

#[test]
fn the_account_list_filter_is_accepted_everywhere_as_a_list_of_ids() {
    for schema in [&LIST, &SINGLE, &BARE] {
        for (value, sent) in [("a+,b,", &["a", "b"][..]), ("", &[]), ("+,", &[]), ("%00", &["\0"])] {
            let parsed = Query::parse(&format!("filter[account_list_id]={value}"), schema).expect("a query");
            assert_eq!(parsed.account_lists(), sent);
            let ids = sent.iter().map(|id| (*id).to_owned()).collect();
            assert_eq!(parsed.filters, [Filter::AccountLists(ids)]);
        }
    }
    assert!(list("filter[types]=x").account_lists().is_empty());
}

#[test]
fn a_criterion_is_written_as_it_is_read() {
    let written = "created_at,-updated_at nulls,name -nulls";
    let read: Vec<_> =
        list(&format!("sort={}", written.replace(' ', "+"))).sort.iter().map(ToString::to_string).collect();
    assert_eq!(read.join(","), written);
}

#[test]
fn an_unknown_filter_is_refused() {
    for name in
        ["filter[name]", "filter", "filter[]", "filter[updated_at][from]", "filter[a.b]", "filter[types][]"]
    {
        assert_refused(&format!("{name}=2020-01-01"), name, &unknown(name));
    }
    assert_eq!(refused("filter[updated_at]=2020-01-01", &SINGLE).1, unknown("filter[updated_at]"));
}

#[test]
fn a_filter_of_ids_is_a_list_without_blanks() {
    for (value, expected) in
        [("a,+b+,,c", vec!["a", "b", "c"]), ("", vec![]), ("+,", vec![]), ("a+b", vec!["a b"])]
    {
        let ids = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(
            list(&format!("filter[contact_id]={value}")).filters,
            [Filter::Ids { name: "contact_id", ids }]
        );
    }
}

#[test]
fn any_other_filter_is_its_text() {
    let value = "Contact, Task".to_owned();
    assert_eq!(list("filter[types]=Contact,+Task").filters, [Filter::Text { name: "types", value }]);
}

#[test]
fn no_filter_holds_a_nul() {
    for name in ["filter[types]", "filter[contact_id]", "filter[due_date]"] {
        let detail = format!("The query parameter `{name}` has a value with the character NUL.");
        assert_refused(&format!("{name}=a%00"), name, &detail);
    }
}

#[test]
fn a_range_of_dates_holds_what_its_ends_say() {
    let range = |value: &str| match list(&format!("filter[due_date]={value}")).filters.as_slice() {
        [Filter::Range { name: "due_date", range }] => *range,
        other => panic!("{value}: {other:?}"),
    };
    for (value, from, before) in [
        ("2022-01-12", "2022-01-12T00:00:00Z", Some("2022-01-13T00:00:00Z")),
        ("2022-01-12T17:18:09Z", "2022-01-12T17:18:09Z", Some("2022-01-12T17:18:10Z")),
        ("2022-01-12..2022-02-28", "2022-01-12T00:00:00Z", Some("2022-03-01T00:00:00Z")),
        ("2022-01-12...2022-02-28", "2022-01-12T00:00:00Z", Some("2022-02-28T00:00:00Z")),
        ("2022-01-12T17:18:09Z..2022-01-12T17:18:59Z", "2022-01-12T17:18:09Z", Some("2022-01-12T17:19:00Z")),
        ("2022-01-12T17:18:09Z...2022-01-12T17:18:59Z", "2022-01-12T17:18:09Z", Some("2022-01-12T17:18:59Z")),
        ("2022-01-12..2022-01-12T17:18:59Z", "2022-01-12T00:00:00Z", Some("2022-01-12T17:19:00Z")),
        ("0001-01-01..9999-12-31", "0001-01-01T00:00:00Z", None),
        ("2022-02-01..2022-01-01", "2022-02-01T00:00:00Z", Some("2022-01-02T00:00:00Z")),
    ] {
        let range = range(value);
        assert_eq!((range.from, range.before), (stamp(from), before.map(stamp)), "{value}");
        assert_eq!(range.single, !value.contains(".."), "{value}");
        assert_eq!(range.contains(stamp(from)), range.before.is_none_or(|before| before > stamp(from)));
        let last = before.and_then(|before| Stamp::from_seconds(stamp(before).seconds() - 1));
        assert_eq!(last.is_none_or(|last| range.contains(last)), range.contains(stamp(from)), "{value}");
        assert!(before.is_none_or(|before| !range.contains(stamp(before))), "{value}");
    }
}

#[test]
fn what_is_no_range_of_dates_is_refused_in_the_originals_words() {
    for name in ["updated_at", "due_date", "done_range"] {
        for value in [
            "",
            "x",
            "2022",
            "2022-1-12",
            "2022-02-30",
            "2022-13-01",
            "0000-01-01",
            "10000-01-01",
            "-2022-01-01",
            "%2B2022-01-01",
            "+2022-01-12",
            "2022-01-12T17:18:09",
            "2022-01-12T17:18:09%2B01:00",
            "2022-01-12T17:18:60Z",
            "2022-01-12T24:00:00Z",
            "2022-01-12T17:18:09.5Z",
            "2022-01-12t17:18:09z",
            "2022-01-12..",
            "..2022-01-12",
            "...",
            "2022-01-12....2022-01-13",
            "2022-01-12..2022-01-13..2022-01-14",
            "2022-01-12+..+2022-01-13",
            "2022-01-12,2022-01-13",
        ] {
            let detail = format!(
                "Wrong format of date range for filter '{name}', should follow 'YYYY-MM-DD...YYYY-MM-DD' for dates \
                 and 'YYYY-MM-DDThh:mm:ssZ...YYYY-MM-DDThh:mm:ssZ' for datetimes"
            );
            assert_refused(&format!("filter[{name}]={value}"), &format!("filter[{name}]"), &detail);
        }
    }
}
