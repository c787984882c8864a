//! Who may change what of a user, how he comes and how he goes (`juno.md` 1.2, 2.2, 5.1).

use serde_json::json;
use steward::guard::precondition::{Conditions, IfMatch};
use steward::jsonapi::Pointer;
use steward::juno::profile::Profile;
use steward::juno::user::changes::Changes;
use steward::juno::user::write::Write;

use super::{SELF, SITE, Users, fields, one, refusal, shown};
use crate::support::app::{REY, id};

#[actix_web::test]
async fn a_user_changes_his_own_fields_but_not_those_of_the_site() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    let own = json!({ "first_name": "Rey S.", "city": "Jakku", "title": "Jedi", "email": "r@example.com" });
    let after = users.change(SELF, rey, &fields(&own)).expect("a change of his own");
    assert_eq!((shown(&after, "city"), shown(&after, "title")), (json!("Jakku"), json!("Jedi")));
    for sent in [
        json!({ "account_level": 99 }),
        json!({ "banned": true }),
        json!({ "client_id": "1" }),
        json!({ "client_guid": "735992af-c8a2-4cac-9072-5f1a29437e98" }),
        json!({ "username": "rey" }),
        json!({ "points": 1 }),
    ] {
        let name = sent.as_object().expect("a field").keys().next().cloned().expect("a field");
        let refused = refusal(users.change(SELF, rey, &fields(&sent)));
        assert_eq!(refused, one(403, "read_only", &format!("/data/attributes/{name}")));
    }
    let echo =
        json!({ "account_level": 0, "banned": false, "client_id": null, "username": null, "points": 0 });
    assert_eq!(users.change(SELF, rey, &fields(&echo)).expect("an echo").version, after.version);
}

#[actix_web::test]
async fn nobody_changes_points_and_dates_are_not_looked_at() {
    let users = Users::new();
    let rey = users.link(&json!({}));
    let sent = fields(&json!({ "points": 5 }));
    let refused = refusal(users.change(SITE, rey.profile.id, &sent));
    assert_eq!(refused, one(403, "read_only", "/data/attributes/points"));
    let dates =
        json!({ "date_created": "x", "date_last_login": "1900-01-01T00:00:00", "date_updated": null });
    assert_eq!(users.set(rey.profile.id, &dates), rey);
}

#[actix_web::test]
async fn a_refused_write_changes_nothing_of_what_else_it_sent() {
    let users = Users::new();
    let rey = users.link(&json!({}));
    let sent = json!({ "first_name": "X", "city": "X", "points": 5 });
    refusal(users.change(SITE, rey.profile.id, &fields(&sent)));
    assert_eq!(users.view(rey.profile.id), rey);
}

#[actix_web::test]
async fn a_condition_on_an_older_state_is_refused_whichever_system_changed_it() {
    let users = Users::new();
    let rey = users.link(&json!({}));
    let tag = |view: &steward::juno::user::view::View| {
        format!("\"{}.{}.0123456789ab.1\"", view.version, view.updated_at.seconds())
    };
    let change = |tag: &str| {
        let if_match = Some(IfMatch::parse(tag, "0123456789ab"));
        let conditions = Conditions { if_match, if_none_match: None };
        let write = Write { rights: SITE, conditions: &conditions, now: rey.updated_at };
        users
            .app
            .change(|connection| write.change(connection, rey.profile.id, &fields(&json!({ "city": "A" }))))
    };
    users.app.put(json!({ "suffix": "Jr.", "overwrite": true })).await.assert_ok();
    assert_eq!(refusal(change(&tag(&rey))), one(412, "precondition_failed", ""));
    let current = tag(&users.view(rey.profile.id));
    change(&current).expect("a change of the current state");
    assert_eq!(refusal(change(&current)), one(412, "precondition_failed", ""));
}

#[actix_web::test]
async fn a_person_is_named_and_never_found_by_his_address() {
    let users = Users::new();
    let other = users.add("rey@example.com");
    assert_ne!(other.person(), id(REY));
    let at = Pointer::root().member("data").member("relationships");
    let linked = |person: &str, sent: serde_json::Value| {
        users.create(&Changes { person: Some((id(person), at.clone())), ..fields(&sent) })
    };
    let nobody = "00000000-0000-4000-8000-000000000000";
    assert_eq!(
        refusal(linked(nobody, json!({ "email": "a@example.com" }))),
        one(404, "not_found", at.as_str())
    );
    let taken = refusal(linked(REY, json!({ "email": "Rey@example.com" })));
    assert_eq!(taken, one(409, "email_taken", "/data/attributes/email"));
    linked(REY, json!({ "email": "b@example.com" })).expect("a user");
    let again = refusal(linked(REY, json!({ "email": "c@example.com" })));
    assert_eq!(again, one(409, "duplicate", at.as_str()));
}

#[actix_web::test]
async fn a_person_who_is_made_for_juno_has_the_documented_defaults() {
    let users = Users::new();
    let finn = users.add("finn@example.com");
    let document = users.document(finn.person()).await;
    let expected = json!({ "hour_to_send_notifications": 12, "locale": "en", "default_account_list": null,
        "setup": "no account_lists" });
    assert_eq!(document["data"]["attributes"]["preferences"], expected);
    let shown = super::all_shown(&finn);
    let own = [("points", json!(0)), ("account_level", json!(0)), ("banned", json!(false))];
    let given = [("first_name", json!("Finn")), ("email", json!("finn@example.com"))];
    assert_eq!(shown, own.into_iter().chain(given).collect());
}

#[actix_web::test]
async fn a_user_who_can_not_be_made_leaves_nobody_behind() {
    let users = Users::new();
    let finn = users.add("finn@example.com");
    let people = || {
        use diesel::prelude::*;
        use steward::db::schema::people::dsl::people;
        users.app.change(|connection| people.count().get_result::<i64>(connection))
    };
    let before = people();
    let sent = fields(&json!({ "first_name": "Poe", "email": "FINN@example.com" }));
    assert_eq!(refusal(users.create(&sent)), one(409, "email_taken", "/data/attributes/email"));
    let sent = fields(&json!({ "first_name": "Poe" }));
    assert_eq!(refusal(users.create(&sent)), one(400, "blank", "/data/attributes"));
    assert_eq!(people(), before);
    assert_eq!(users.add("poe@example.com").profile.id, finn.profile.id + 1, "no id was spent");
}

#[actix_web::test]
async fn what_two_may_not_share_is_refused_with_its_own_code_at_its_own_place() {
    let users = Users::new();
    let guid = "735992af-c8a2-4cac-9072-5f1a29437e98";
    let rey =
        json!({ "client_id": "A1", "client_guid": guid, "username": "Rey", "email": "Rey@example.com" });
    let rey = users.link(&rey);
    let finn = users.add("finn@example.com").profile.id;
    let sent =
        json!({ "client_id": "A1", "client_guid": guid, "username": "rEY", "email": "rey@Example.com" });
    let (status, mut errors) = refusal(users.change(SITE, finn, &fields(&sent)));
    errors.sort();
    let names = ["client_guid", "client_id", "email", "username"];
    let expected = names.map(|name| (format!("{name}_taken"), format!("/data/attributes/{name}")));
    assert_eq!((status, errors), (409, expected.to_vec()));
    users.set(rey.profile.id, &json!({ "client_id": null, "username": "r", "email": "r@example.com" }));
    users.set(finn, &json!({ "client_id": "A1", "username": "REY", "email": "rey@example.com" }));
    assert_eq!(shown(&users.set(finn, &json!({ "client_id": "a1" })), "client_id"), "a1", "its case counts");
}

#[actix_web::test]
async fn who_is_deleted_frees_what_he_was_called_and_stays_a_person() {
    let users = Users::new();
    let sent = json!({ "client_id": "A1", "username": "rey", "city": "Jakku" });
    let rey = users.link(&sent).profile.id;
    users.write(SITE, |write, connection| write.delete(connection, rey)).expect("a deletion");
    let gone = users.write(SITE, |write, connection| write.delete(connection, rey));
    assert_eq!(refusal(gone).0, 404);
    assert_eq!(refusal(users.change(SITE, rey, &fields(&json!({ "city": "X" })))).0, 404);
    users.app.get().await.assert_ok();
    assert!(users.app.change(|connection| Profile::of(connection, id(REY))).is_none());
    let finn = users.add("rey@example.com").profile.id;
    users.set(finn, &json!({ "client_id": "A1", "username": "rey" }));
    let again = users.link(&json!({ "email": "rey2@example.com" }));
    assert!(again.profile.id > finn, "no id is used twice");
    assert_eq!(shown(&again, "city"), serde_json::Value::Null);
}

#[actix_web::test]
async fn many_users_are_read_as_one_is_with_as_many_statements() {
    let users = Users::new();
    let mut ids = vec![users.link(&super::mapping::documented()).profile.id];
    ids.extend((0..5).map(|n| users.add(&format!("finn{n}@example.com")).profile.id));
    ids.reverse();
    let all = users.views(&ids);
    assert_eq!(all, ids.iter().map(|id| users.view(*id)).collect::<Vec<_>>());
}
