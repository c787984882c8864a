//! Lines of users who share rows.

use diesel::prelude::*;
use serde_json::{Value, json};
use steward::db::schema::{people, tombstones};

use super::{EARLY, Folder, LATE, counts, numbered, small, stored, with};
use crate::support::app::id;

/// A line whose user shares list 900; `resources` come with it.
fn sharing(user: u32, name: &str, stamp: &str, resources: &[Value]) -> String {
    let list = numbered(900);
    let linked = json!({ "account_lists": { "data": [{ "type": "account_lists", "id": list }] } });
    let times = json!({ "name": name, "created_at": EARLY, "updated_at": stamp, "updated_in_db_at": stamp });
    let list = json!({ "id": list, "type": "account_lists", "attributes": times });
    let preferences = json!({ "default_account_list": numbered(900) });
    let mut changes = vec![
        ("/data/relationships", linked),
        ("/data/attributes/preferences", preferences),
        ("/included/-", list),
    ];
    changes.extend(resources.iter().map(|resource| ("/included/-", resource.clone())));
    with(&small(user, "A", EARLY, &[]), &changes)
}

fn version(folder: &Folder, user: u32) -> i64 {
    let mut connection = folder.connect("a.db");
    let version = people::table.find(id(&numbered(user))).select(people::version);
    version.first(&mut connection).expect("the user")
}

#[test]
fn of_a_shared_list_the_newer_state_counts_in_whatever_order_the_lines_come() {
    let (old, new) = (sharing(1, "Old", EARLY, &[]), sharing(2, "New", LATE, &[]));
    for lines in [old.clone() + &new, new + &old] {
        let folder = Folder::new();
        assert_eq!(folder.import("a.db", &lines), counts(2, 2, 0, 0, 0));
        for user in [1, 2] {
            let list = &stored(&folder, user)["included"][0];
            assert_eq!(
                (&list["attributes"]["name"], &list["attributes"]["updated_in_db_at"]),
                (&json!("New"), &json!(LATE))
            );
        }
        assert_eq!(folder.import("a.db", &lines), counts(2, 0, 0, 2, 0));
    }
}

#[test]
fn what_a_line_changes_in_the_document_of_another_moves_his_version() {
    let folder = Folder::new();
    folder.import("a.db", &(sharing(1, "L", EARLY, &[]) + &sharing(2, "L", EARLY, &[])));
    assert_eq!((version(&folder, 1), version(&folder, 2)), (1, 1));
    let setup = |user| stored(&folder, user)["data"]["attributes"]["preferences"]["setup"].clone();
    assert_eq!(setup(2), "no organization_account on default_account_list");
    let one = |kind: &str, number| json!({ "data": { "type": kind, "id": numbered(number) } });
    let organization =
        json!({ "id": numbered(901), "type": "organizations", "attributes": { "name": "Org" } });
    let account = json!({
        "id": numbered(902), "type": "organization_accounts", "attributes": { "username": "u" },
        "relationships": { "account_list": one("account_lists", 900), "organization": one("organizations", 901) },
    });
    let line = sharing(1, "L", EARLY, &[account, organization]);
    assert_eq!(folder.import("a.db", &line), counts(1, 0, 1, 0, 0));
    assert_eq!((version(&folder, 1), version(&folder, 2)), (2, 2), "the entity tags are others");
    assert_eq!((setup(1), setup(2)), (Value::Null, Value::Null));
    assert_eq!(stored(&folder, 2)["data"]["attributes"]["updated_in_db_at"], EARLY);
    assert_eq!(folder.import("a.db", &line), counts(1, 0, 0, 1, 0));
    assert_eq!((version(&folder, 1), version(&folder, 2)), (2, 2));
}

#[test]
fn a_deleted_row_that_an_accepted_line_has_is_there_again() {
    let folder = Folder::new();
    let deleted = json!({ "deleted": { (format!("email_addresses/{}", numbered(100))): EARLY } });
    folder.import("a.db", &with(&small(1, "A", EARLY, &[]), &[("/data/meta", deleted.clone())]));
    assert_eq!(stored(&folder, 1)["data"]["meta"]["deleted"], deleted["deleted"]);
    let line = small(1, "A", EARLY, &["a@b.co"]);
    assert_eq!(folder.import("a.db", &line), counts(1, 0, 1, 0, 0));
    let email = &stored(&folder, 1)["included"][0];
    assert_eq!(email["attributes"]["email"], "a@b.co");
    assert_eq!(email["attributes"]["updated_in_db_at"], "2022-01-01T00:00:01Z", "later than the deletion");
    let mut connection = folder.connect("a.db");
    assert_eq!(tombstones::table.count().get_result::<i64>(&mut connection), Ok(0));
    assert_eq!(folder.import("a.db", &line), counts(1, 0, 0, 1, 0));
}
