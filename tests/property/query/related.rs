//! `include` and `fields`: K59 to K66.

use steward::jsonapi::query::{Include, Query};

use super::{BARE, assert_refused, list, paths, refused};

/// What `include` asks for.
fn included(query: &str) -> Vec<String> {
    paths(list(query).include.as_ref().expect("include"))
}

#[test]
fn k059_include_is_refused_where_nothing_can_be_included() {
    for value in ["contacts", "*", "a.b"] {
        let (name, detail) = refused(&format!("include={value}"), &BARE);
        assert_eq!(name, "include");
        assert_eq!(detail, "The query parameter `include` can't include anything here.");
    }
    assert!(Query::parse("include=", &BARE).is_err(), "also where it asks for nothing");
}

#[test]
fn k062_the_empty_include_and_two_stars_ask_for_nothing() {
    for value in ["", "**", "+", ",", "**,+,", "%20**%20"] {
        assert_eq!(included(&format!("include={value}")), [""; 0], "{value}");
    }
    assert_eq!(included("include"), [""; 0]);
    assert_eq!(included("include=**,owner"), ["owner"]);
    assert_eq!(list("sort=name").include, None, "but what is absent asks for the defaults");
}

#[test]
fn include_is_a_list_in_the_order_of_first_mention_with_blanks_trimmed() {
    assert_eq!(included("include=owner,%20contacts+,comments,owner"), ["owner", "contacts", "comments"]);
}

#[test]
fn one_star_is_every_direct_relationship_and_no_further_one() {
    assert_eq!(included("include=*"), ["contacts", "owner", "comments"]);
    assert_eq!(included("include=owner.emails,*"), ["owner", "owner.emails", "contacts", "comments"]);
}

#[test]
fn k063_an_unknown_path_is_refused_and_all_of_them_are_named() {
    for (value, named) in [
        ("friends", "friends"),
        ("owner,friends", "friends"),
        ("owner.friends", "owner.friends"),
        ("owner.*", "owner.*"),
        ("contacts.people.x", "contacts.people.x"),
        ("Owner", "Owner"),
        ("owner.", "owner."),
        (".", "."),
        ("a,b", "a and b"),
        ("a,owner,b,c", "a, b, and c"),
    ] {
        let detail = format!("The query parameter `include` can't include {named} here.");
        assert_refused(&format!("include={value}"), "include", &detail);
    }
}

#[test]
fn k064_a_path_brings_its_intermediates() {
    assert_eq!(
        included("include=contacts.people,comments.author.emails"),
        ["contacts", "contacts.people", "comments", "comments.author", "comments.author.emails"]
    );
    let include = list("include=owner.emails").include.expect("include");
    assert!(include.get("owner").and_then(|owner| owner.get("emails")).is_some_and(Include::is_empty));
    assert_eq!((include.get("emails"), include.get("contacts")), (None, None));
}

#[test]
fn include_is_at_most_3_levels_deep_and_64_paths_long() {
    assert_eq!(
        included("include=owner.contacts.people"),
        ["owner", "owner.contacts", "owner.contacts.people"]
    );
    assert_refused(
        "include=owner.contacts.tasks.owner",
        "include",
        "The query parameter `include` follows more than 3 relationships in owner.contacts.tasks.owner.",
    );
    let of = |count: usize| format!("include={}", vec!["owner"; count].join(","));
    assert_eq!(included(&of(64)), ["owner"]);
    assert_refused(&of(65), "include", "The query parameter `include` has more than 64 paths.");
}

#[test]
fn k065_a_fieldset_restricts_its_type_alone() {
    let fields = list("fields[tasks]=name,+due%20,,&fields%5Busers%5D=").fields;
    assert!(fields.allows("tasks", "name") && fields.allows("tasks", "due"));
    assert!(!fields.allows("tasks", "comments") && !fields.allows("tasks", ""));
    assert!(!fields.allows("users", "first_name"), "the empty value leaves no field");
    assert!(fields.allows("contacts", "name") && !fields.restricts("contacts"));
    assert!(fields.restricts("tasks") && fields.restricts("users") && !fields.is_empty());
    assert_eq!(fields.kinds().collect::<Vec<_>>(), ["tasks", "users"]);
}

#[test]
fn without_fieldsets_everything_is_allowed() {
    let fields = list("").fields;
    assert!(fields.is_empty() && fields.allows("tasks", "name") && !fields.restricts("tasks"));
}

#[test]
fn unknown_names_and_unknown_types_in_fields_are_fine() {
    assert!(list("fields[tasks]=nothing,_%00").fields.restricts("tasks"));
    assert!(list("fields[unicorns]=horn").fields.restricts("unicorns"));
}

#[test]
fn fields_needs_one_type_in_brackets() {
    for name in ["fields", "fields[]", "fields[tasks][name]", "fields[tasks.name]"] {
        let detail = format!("The query parameter `{name}` needs the name of one type in brackets.");
        assert_refused(&format!("{name}=name"), name, &detail);
    }
}
