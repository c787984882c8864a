//! Who is new, who is changed, and under which id.

use serde_json::json;

use crate::juno::Site;

fn john(id: u32, email: &str, company: &str) -> String {
    json!({
        "id": id, "first_name": "John", "email": email, "company": company, "client_id": "A1",
        "client_guid": "735992af-c8a2-4cac-9072-5f1a29437e98",
    })
    .to_string()
}

#[actix_web::test]
async fn without_a_match_every_user_of_a_file_is_somebody_new() {
    let site = Site::new();
    site.import_flat(&[], john(123, "j@x.co", "A")).assert(1, 0, 0, 0);
    assert_eq!(site.flat("juno_users/1").await["company"], "A", "the server makes the ids");
    let again = site.import_flat(&[], john(123, "j@x.co", "B"));
    again.assert(0, 0, 0, 1);
    assert!(
        again.told().iter().any(|line| line.starts_with("line 1: email_taken /email: ")),
        "{:?}",
        again.told()
    );
}

#[actix_web::test]
async fn the_user_who_has_the_same_is_changed_whatever_he_is_found_by() {
    for by in ["email", "client_id", "client_guid"] {
        let (site, flag) = (Site::new(), format!("--match={by}"));
        site.import_flat(&[&flag], john(123, "j@x.co", "A")).assert(1, 0, 0, 0);
        let before = site.get("juno_users/1").await;
        site.import_flat(&[&flag], john(123, "J@x.co".to_lowercase().as_str(), "A")).assert(0, 0, 1, 0);
        assert_eq!(site.get("juno_users/1").await.header("etag"), before.header("etag"), "{by}");
        site.import_flat(&[&flag], john(123, "j@x.co", "B")).assert(0, 1, 0, 0);
        assert_eq!(site.flat("juno_users/1").await["company"], "B", "{by}");
        let nameless = json!({ "first_name": "John" }).to_string();
        let refused = site.import_flat(&[&flag], nameless);
        refused.assert(0, 0, 0, 1);
        assert!(refused.told()[0].starts_with("line 1: blank: "), "{:?}", refused.told());
    }
}

#[actix_web::test]
async fn ids_are_kept_where_that_is_asked_for_and_those_given_later_are_higher() {
    let site = Site::new();
    site.import_flat(&["--keep-ids"], john(123, "j@x.co", "A")).assert(1, 0, 0, 0);
    let finn = |id: u32| json!({ "id": id, "first_name": "Finn", "email": "f@x.co" }).to_string();
    site.import_flat(&[], finn(7)).assert(1, 0, 0, 0);
    assert_eq!(site.flat("juno_users/124").await["first_name"], "Finn");
    assert_eq!(site.delete("juno_users/124").await.status, 204);
    let refused = site.import_flat(&["--keep-ids"], finn(124));
    refused.assert(0, 0, 0, 1);
    assert_eq!(refused.told(), ["line 1: duplicate /id: 124 is or was the id of another user of JUNO."]);
    site.import_flat(&["--keep-ids"], finn(5)).assert(1, 0, 0, 0);
    assert_eq!(site.flat("juno_users/5").await["first_name"], "Finn");
    let other = site.import_flat(&["--keep-ids", "--match=email"], finn(6));
    other.assert(0, 0, 0, 1);
    assert_eq!(other.told(), ["line 1: id_conflict /id: The user has the id 5."]);
}

#[actix_web::test]
async fn a_user_can_be_found_by_junos_own_id() {
    let site = Site::new();
    let unknown = site.import_flat(&["--match=id"], john(123, "j@x.co", "A"));
    unknown.assert(0, 0, 0, 1);
    assert!(unknown.told()[0].starts_with("line 1: not_found /id: "), "{:?}", unknown.told());
    site.import_flat(&["--match=id", "--keep-ids"], john(123, "j@x.co", "A")).assert(1, 0, 0, 0);
    site.import_flat(&["--match=id"], john(123, "k@x.co", "A")).assert(0, 1, 0, 0);
    assert_eq!(site.flat("juno_users/123").await["email"], "k@x.co");
}

#[actix_web::test]
async fn a_dry_run_says_what_an_import_would_and_writes_nothing() {
    let site = Site::new();
    let text = [john(1, "j@x.co", "A"), john(2, "j@x.co", "B")].join("\n");
    let dry = site.import_flat(&["--dry-run"], &text);
    dry.assert(1, 0, 0, 1);
    assert_eq!(site.get("juno_users").await.json()["meta"]["total"], 0);
    let wet = site.import_flat(&[], &text);
    wet.assert(1, 0, 0, 1);
    assert_eq!(dry.told(), wet.told());
    assert_eq!(site.flat("juno_users/1").await["company"], "A", "no id is used up");
}
