//! Lines that are taken in together come to what each of them comes to by itself.

use serde_json::{Value, json};

use super::{EARLY, Folder, LATE, counts, export, numbered, small, summary, told, with};

/// Users of all sorts who share one list: new ones, one twice, one who is refused between them, one with a newer name of
/// the list, one with what is rare.
fn lines() -> Vec<String> {
    let joined = |user: u32, name: &str, at: &str, more: &[Value]| {
        let list = json!({ "id": numbered(900), "type": "account_lists",
            "attributes": { "name": name, "updated_in_db_at": at } });
        let named =
            json!({ "account_lists": { "data": [{ "type": "account_lists", "id": numbered(900) }] } });
        let mut changes = vec![("/data/relationships", named), ("/included/-", list)];
        changes.extend(more.iter().map(|resource| ("/included/-", resource.clone())));
        with(&small(user, "A", EARLY, &["a@b.co"]), &changes)
    };
    let contact = json!({
        "id": numbered(950), "type": "contacts", "attributes": { "name": "C" },
        "relationships": { "account_list": { "data": { "type": "account_lists", "id": numbered(900) } } },
    });
    vec![
        joined(1, "Old", EARLY, &[]),
        joined(2, "Old", EARLY, &[]),
        with(&small(3, "A", EARLY, &["no address"]), &[]),
        joined(4, "New", LATE, &[]),
        joined(1, "New", LATE, &[]),
        joined(5, "New", LATE, &[contact]),
        joined(6, "Old", EARLY, &[]),
        small(7, "A", EARLY, &["a@b.co", "c@d.co"]),
        joined(7, "New", LATE, &[]),
    ]
}

#[test]
fn lines_of_one_batch_come_to_the_same_as_the_lines_one_by_one() {
    let folder = Folder::new();
    let together = folder.try_import("together.db", &lines().concat(), &[]);
    assert_eq!(summary(&together), counts(9, 6, 1, 1, 1), "{together:?}");
    assert!(told(&together)[0].starts_with("line 3: "), "{together:?}");
    let alone: Vec<_> =
        lines().iter().map(|line| summary(&folder.try_import("alone.db", line, &[]))).collect();
    let sum = |name: &str| alone.iter().filter_map(|counts| counts[name].as_u64()).sum::<u64>();
    assert_eq!((sum("created"), sum("updated"), sum("refused")), (6, 1, 1));
    let own = |exported: String| mask_masters(&exported);
    assert_eq!(own(export(&folder.url("together.db"))), own(export(&folder.url("alone.db"))));
}

/// The lines without the ids of master people, which are random where a line names none.
fn mask_masters(lines: &str) -> Vec<Value> {
    let masked = lines.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).expect("JSON");
        line["data"]["relationships"]["master_person"]["data"]["id"] = json!(null);
        for resource in line["included"].as_array_mut().into_iter().flatten() {
            if resource["type"] == "master_people" {
                resource["id"] = json!(null);
            }
        }
        line
    });
    masked.collect()
}

#[test]
fn more_lines_than_one_commit_has_are_all_taken_and_taken_again_change_nothing() {
    let folder = Folder::new();
    let lines: String = (1..=600).map(|user| small(user, "A", EARLY, &["a@b.co"])).collect();
    assert_eq!(folder.import("a.db", &lines), counts(600, 600, 0, 0, 0));
    assert_eq!(folder.import("a.db", &lines), counts(600, 0, 0, 600, 0));
}
