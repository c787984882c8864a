//! What is mended, and what is not.

use serde_json::json;

use crate::juno::Site;

/// A user of whom one member is broken.
fn john(member: &str) -> String {
    format!("{{\n\"first_name\": \"John\",\n\"email\": \"j@x.co\",\n{member}\n}}")
}

#[actix_web::test]
async fn what_can_have_been_meant_in_one_way_is_mended_and_told() {
    for (member, name, meant, told) in [
        (
            "\"city\": \"A,\"\n\"country\": \"B\"",
            "city",
            "A",
            "line 4, column 11: moved the comma out of the text",
        ),
        (
            "\"city\": \"A\"\n\"country\": \"B\"",
            "city",
            "A",
            "line 4, column 12: added the comma that is missing",
        ),
        ("\"city\": A\n\"country\": \"B\"", "city", "A", "line 4, column 9: put quotes around A"),
        ("\"postal_code\": 00501", "postal_code", "00501", "line 4, column 16: put quotes around 00501"),
        ("city: \"A\"", "city", "A", "line 4, column 1: put quotes around city"),
        ("\"city\": \"A\",", "city", "A", "line 4, column 12: left out the comma behind the last value"),
        ("“city”: \"A\"", "city", "A", "line 4, column 1: made the typographic quotes plain"),
        ("\"city\": “A \"b\"”", "city", "A \"b\"", "line 4, column 9: made the typographic quotes plain"),
    ] {
        let site = Site::new();
        let imported = site.import_flat(&[], john(member));
        imported.assert(1, 0, 0, 0);
        assert!(imported.told().contains(&told.to_owned()), "{member}: {:?}", imported.told());
        let shown = site.flat("juno_users/1").await;
        assert_eq!(shown[name], meant, "{member}");
        if member.contains("country") {
            assert_eq!(shown["country"], "B");
        }
    }
    let site = Site::new();
    let imported = site.import_flat(&[], john("\"banned\": True"));
    assert_eq!(imported.told(), ["line 4, column 11: wrote True in lower case"]);
    assert_eq!(site.flat("juno_users/1").await["banned"], true);
}

#[actix_web::test]
async fn what_is_json_is_taken_as_it_is() {
    let site = Site::new();
    let text = john("\"city\": \"A,\", \"company\": \"a \\\"b\\\", c\", \"country\": \"B,\"");
    let imported = site.import_flat(&[], text);
    imported.assert(1, 0, 0, 0);
    assert!(imported.told().is_empty(), "{:?}", imported.told());
    let shown = site.flat("juno_users/1").await;
    assert_eq!(
        (&shown["city"], &shown["company"], &shown["country"]),
        (&json!("A,"), &json!("a \"b\", c"), &json!("B,"))
    );
}

#[actix_web::test]
async fn what_may_mean_two_things_is_refused_with_its_place() {
    let site = Site::new();
    for (member, told) in [
        ("\"city\": None", "line 4: invalid_json: Column 9: None may be a text or nothing"),
        ("\"city\": NaN", "line 4: invalid_json: Column 9: NaN may be a text or nothing"),
        ("\"city\": Los Angeles", "line 4: invalid_json: Column 9: the value that begins here has no quotes"),
        ("\"city\": \"A", "line 4: invalid_json: Column 9: the text that begins here is not closed"),
        ("\"city\" \"A\"", "line 4: invalid_json: Column 8: `:` is missing behind a name"),
        ("\"city\":", "line 5: invalid_json: Column 1: a value is missing"),
        ("\"city\": \"A\" \"B\"", "line 4: invalid_json: Column 13: `,` or `}` is missing"),
        (
            "\"city\": \"A\", \"city\": \"B\"",
            "line 1: invalid_json: The member \"city\" is given more than once.",
        ),
    ] {
        let imported = site.import_flat(&[], john(member));
        imported.assert(0, 0, 0, 1);
        assert!(imported.told()[0].starts_with(told), "{member}: {:?}", imported.told());
    }
    let open = site.import_flat(&[], "{ \"first_name\": \"John\", \"dimensions\": [ { \"id\": 1000 }");
    assert!(
        open.told()[0].starts_with("line 1: invalid_json: Column 39: what begins here is not closed"),
        "{:?}",
        open.told()
    );
    assert_eq!(site.get("juno_users").await.json()["meta"]["total"], 0);
}

#[actix_web::test]
async fn one_object_an_array_and_one_behind_the_other_are_read() {
    let one = |n: u8| format!("{{ \"first_name\": \"John\", \"email\": \"{n}@x.co\" }}");
    for (text, told) in [
        (format!("[{},\n{},\n{}]\n", one(1), one(2), one(3)), vec![]),
        (format!("\u{feff}{}\n{}\r\n{}", one(1), one(2), one(3)), vec![]),
        (
            format!("[\n{}\n{}, {},\n]", one(1), one(2), one(3)),
            vec![
                "line 3, column 1: added the comma that is missing",
                "line 3, column 89: left out the comma behind the last value",
            ],
        ),
        (
            format!("{},\n{}\n{}", one(1), one(2), one(3)),
            vec!["line 1, column 44: left out the comma between objects that are no array"],
        ),
    ] {
        let site = Site::new();
        let imported = site.import_flat(&[], &text);
        imported.assert(3, 0, 0, 0);
        assert_eq!(imported.told(), told, "{text}");
    }
}

#[actix_web::test]
async fn behind_what_is_broken_the_next_line_that_begins_with_an_object_is_read() {
    let site = Site::new();
    let text = "{ \"first_name\": \"A\", \"email\": \"a@x.co\" }\n{ \"first_name\": }\n{ \"first_name\": \"C\", \"email\": \"c@x.co\" }\n";
    let imported = site.import_flat(&[], text);
    imported.assert(2, 0, 0, 1);
    assert_eq!(imported.told(), ["line 2: invalid_json: Column 17: a value is missing."]);
    let text = "[\n  { \"first_name\": None },\n  { \"first_name\": \"D\", \"email\": \"d@x.co\" }\n]";
    let imported = site.import_flat(&[], text);
    imported.assert(0, 0, 0, 1);
    assert!(imported.told()[0].ends_with("; nothing behind it was read."), "{:?}", imported.told());
}
