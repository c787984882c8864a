//! Names of parameters and how many there may be: K80 to K85.

use steward::jsonapi::query::Query;

use super::{LIST, assert_refused, faults, list, parameter, unknown};

#[test]
fn an_empty_query_asks_for_the_defaults() {
    for query in ["", "&", "&&"] {
        let query = list(query);
        assert_eq!(query, Query::default());
        assert_eq!((query.include, query.page.number(), query.page.size()), (None, 1, 25));
    }
}

#[test]
fn k080_a_plus_is_a_blank_and_percent_decodes_in_names_too() {
    assert_eq!(list("s%6Frt=due+nulls"), list("sort=due%20nulls"));
    assert_refused("a+b=1", "a b", &unknown("a b"));
}

#[test]
fn k081_an_unknown_parameter_is_refused_by_its_decoded_name() {
    for (query, name) in [
        ("foo=1", "foo"),
        ("foo", "foo"),
        ("Include=owner", "Include"),
        ("include[]=owner", "include[]"),
        ("sort[name]=asc", "sort[name]"),
        ("%66oo%5Bbar%5D=1", "foo[bar]"),
        ("%FF=1", "\u{fffd}"),
    ] {
        assert_refused(query, name, &unknown(name));
    }
}

#[test]
fn k084_an_ill_named_parameter_is_refused() {
    for name in [
        "",
        "_",
        "_foo",
        "filter[_]",
        "filter[updated_at",
        "filter[updated_at]x",
        "filter]updated_at[",
        "filter[updated_at]]",
        "filter[[updated_at]]",
        "filter[a.]",
        "filter[ a]",
        "page[number]\0",
        "[page]",
        "foo:bar",
        "a$b",
    ] {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, "1").finish();
        let detail = format!("The query parameter `{name}` has a name that is not well-formed.");
        assert_refused(&query, name, &detail);
    }
}

#[test]
fn k085_brackets_mean_the_same_encoded_and_not() {
    assert_eq!(
        list("fields%5Btasks%5D=name&page%5bnumber%5d=2&filter%5Btypes%5D=x"),
        list("fields[tasks]=name&page[number]=2&filter[types]=x")
    );
}

#[test]
fn a_repeated_parameter_is_refused_by_its_decoded_name() {
    for (query, name) in [
        ("sort=name&sort=name", "sort"),
        ("fields[tasks]=a&fields%5Btasks%5D=a", "fields[tasks]"),
        ("include=&include=", "include"),
        ("filter[account_list_id]=1&filter[account_list_id]=1", "filter[account_list_id]"),
    ] {
        let detail = format!("The query parameter `{name}` is given more than once.");
        assert_refused(query, name, &detail);
    }
}

#[test]
fn all_faults_are_told_at_once_in_their_order() {
    let told = faults("foo=1&sort=x&include=x&page=0&filter[x]=1&fields=&foo=2&filter[updated_at]=x", &LIST);
    let named: Vec<_> = told.iter().map(parameter).collect();
    assert_eq!(named, ["foo", "sort", "include", "page", "filter[x]", "fields", "foo", "filter[updated_at]"]);
}

#[test]
fn at_most_100_parameters_are_read() {
    let of = |count: usize| (0..count).map(|i| format!("fields[t{i}]=a")).collect::<Vec<_>>().join("&");
    assert_eq!(list(&of(100)).fields.kinds().count(), 100);
    let detail = "The query parameter `fields[t100]` is one too many: at most 100 are read.";
    assert_refused(&of(101), "fields[t100]", detail);
    assert_refused(&of(5000), "fields[t100]", detail);
}
