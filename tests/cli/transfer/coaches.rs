//! Who coaches which account list, in lines.

use serde_json::{Value, json};

use super::{EARLY, Folder, LATE, counts, export, numbered, parse, small, summary, told, with};

fn coach(number: u32, list: u32, stamp: &str) -> Value {
    let list = json!({ "data": { "type": "account_lists", "id": numbered(list) } });
    json!({ "id": numbered(number), "type": "account_list_coaches", "relationships": { "account_list": list },
        "attributes": { "created_at": stamp, "updated_at": stamp, "updated_in_db_at": stamp } })
}

fn list(number: u32, name: &str) -> Value {
    json!({ "id": numbered(number), "type": "account_lists", "attributes": {
        "name": name, "created_at": EARLY, "updated_at": EARLY, "updated_in_db_at": EARLY } })
}

fn line(user: u32, stamp: &str, included: &[Value]) -> String {
    with(&small(user, "A", stamp, &[]), &[("/included", included.into())])
}

#[test]
fn a_coached_list_comes_along_with_the_line_and_goes_on_with_it() {
    let folder = Folder::new();
    let given = line(1, EARLY, &[coach(11, 50, EARLY), list(50, "Coached")]);
    assert_eq!(folder.import("a.db", &given), counts(1, 1, 0, 0, 0));
    assert_eq!(folder.import("a.db", &given), counts(1, 0, 0, 1, 0));
    let exported = export(&folder.url("a.db"));
    let told = parse(&exported);
    assert_eq!(told["data"]["relationships"]["account_lists"]["data"], json!([]), "he does not share it");
    let included = told["included"].as_array().expect("resources");
    let kinds: Vec<_> = included.iter().filter_map(|resource| resource["type"].as_str()).collect();
    assert_eq!(kinds, ["account_list_coaches", "master_people", "account_lists"]);
    assert_eq!(folder.import("b.db", &exported), counts(1, 1, 0, 0, 0));
    assert_eq!(export(&folder.url("b.db")), exported);
    let exchanged = [coach(11, 51, LATE), coach(12, 50, LATE), list(51, "Other")];
    assert_eq!(folder.import("b.db", &line(1, LATE, &exchanged)), counts(1, 0, 1, 0, 0));
}

#[test]
fn what_is_wrong_with_a_coach_is_told_with_its_place() {
    let folder = Folder::new();
    let mut nothing = coach(11, 50, EARLY);
    nothing["relationships"] = json!({});
    let mut person = coach(11, 50, EARLY);
    person["relationships"]["account_list"]["data"]["type"] = "people".into();
    let twice = [coach(11, 50, EARLY), coach(12, 50, EARLY), list(50, "Coached")];
    let lines = [
        line(1, EARLY, &[coach(11, 50, EARLY)]),
        line(2, EARLY, &[nothing]),
        line(3, EARLY, &[person]),
        line(4, EARLY, &twice),
    ];
    let output = folder.try_import("a.db", &lines.concat(), &[]);
    assert_eq!(summary(&output), counts(4, 0, 0, 0, 4));
    let reasons = told(&output);
    for expected in [
        "line 1: not_included /included/0/relationships/account_list/data: ",
        "line 2: blank /included/0",
        "line 3: invalid /included/0/relationships/account_list: ",
        "line 4: taken /included/0/relationships/account_list: ",
    ] {
        assert!(reasons.iter().any(|told| told.starts_with(expected)), "{expected} in {reasons:#?}");
    }
}
