//! The tags of users (`juno.md` 1.4).

use actix_web::http::Method;
use serde_json::json;
use steward::juno::user::changes::Changes;
use steward::juno::user::rights::Rights;
use steward::juno::user::view::View;
use steward::juno::user::write::TagChange;

use super::{ADMIN_SELF, Done, SELF, SITE, Users, fields, one, refusal, tag};
use crate::juno::{document, made};

/// Users of a site with four tags: 1000 and 1001 of a type of the site's, 1002 and 1003 access levels.
async fn with_tags() -> (Users, i64, Vec<i64>) {
    let users = Users::new();
    let of_type = document("tag_types", json!({ "name": "Session" }));
    let of_type = made(&users.site(Method::POST, "tag_types", Some(&of_type)).await);
    let mut ids = Vec::new();
    for (name, of_type) in [("A", of_type.as_str()), ("B", of_type.as_str()), ("C", "2"), ("D", "2")] {
        let mut tag = document("tags", json!({ "name": name }));
        let to = json!({ "tag_type": { "data": { "type": "tag_types", "id": of_type } } });
        tag["data"]["relationships"] = to;
        ids.push(made(&users.site(Method::POST, "tags", Some(&tag)).await).parse().expect("a number"));
    }
    let rey = users.link(&json!({ "account_level": 99 })).profile.id;
    (users, rey, ids)
}

fn change(users: &Users, rights: Rights, user: i64, change: &TagChange) -> Done {
    users.write(rights, |write, connection| write.change_tags(connection, user, change))
}

fn add(id: i64, score: Option<i32>) -> TagChange {
    TagChange::Add(vec![tag(0, id, score)])
}

fn links(view: &View) -> Vec<(i64, i32, &str)> {
    view.tags.iter().map(|tag| (tag.id, tag.score, tag.origin.as_str())).collect()
}

#[actix_web::test]
async fn tags_come_go_and_are_replaced() {
    let (users, rey, ids) = with_tags().await;
    let view = change(&users, SITE, rey, &add(ids[0], Some(35))).expect("one");
    assert_eq!(links(&view), [(ids[0], 35, "organization")]);
    let shown = &view.tags[0];
    assert_eq!((shown.name.as_str(), shown.type_name.as_str(), shown.preferred), ("A", "Session", true));
    assert_eq!(change(&users, SITE, rey, &add(ids[0], None)).expect("the same"), view);
    let replaced = TagChange::Replace(vec![tag(0, ids[1], None), tag(1, ids[2], Some(2))]);
    let view = change(&users, SITE, rey, &replaced).expect("others");
    assert_eq!(links(&view), [(ids[1], 0, "organization"), (ids[2], 2, "organization")]);
    let removed = TagChange::Remove(vec![tag(0, ids[1], None), tag(1, ids[0], None)]);
    let view = change(&users, SITE, rey, &removed).expect("fewer");
    assert_eq!(links(&view), [(ids[2], 2, "organization")]);
    let sent = Changes { tags: Some(vec![]), ..fields(&json!({ "city": "Jakku" })) };
    assert!(users.change(SITE, rey, &sent).expect("with other fields").tags.is_empty());
}

#[actix_web::test]
async fn of_a_tag_that_is_sent_twice_the_last_score_counts_and_what_is_not_sent_stays() {
    let (users, rey, ids) = with_tags().await;
    let twice = TagChange::Add(vec![tag(0, ids[0], Some(1)), tag(1, ids[0], Some(7))]);
    assert_eq!(links(&change(&users, SITE, rey, &twice).expect("one")), [(ids[0], 7, "organization")]);
    assert_eq!(links(&change(&users, SITE, rey, &add(ids[0], Some(8))).expect("a score"))[0].1, 8);
    assert_eq!(links(&change(&users, SITE, rey, &add(ids[0], None)).expect("none"))[0].1, 8);
}

#[actix_web::test]
async fn an_unknown_tag_is_told_where_it_was_sent_and_nothing_is_written() {
    let (users, rey, ids) = with_tags().await;
    let before = users.view(rey);
    for sent in [vec![tag(0, ids[0], None), tag(1, 9, None)], vec![tag(1, 9, None)]] {
        for change_of in
            [TagChange::Add(sent.clone()), TagChange::Replace(sent.clone()), TagChange::Remove(sent)]
        {
            let refused = refusal(change(&users, SITE, rey, &change_of));
            assert_eq!(refused, one(404, "unknown_tag", "/tags/1"));
        }
    }
    assert_eq!(users.view(rey), before);
}

#[actix_web::test]
async fn a_link_is_of_whoever_makes_it() {
    let (users, rey, ids) = with_tags().await;
    for (rights, tag, origin) in [(SELF, 0, "user"), (ADMIN_SELF, 1, "user"), (SITE, 2, "organization")] {
        let view = change(&users, rights, rey, &add(ids[tag], None)).expect("a tag");
        let link = view.tags.iter().find(|link| link.id == ids[tag]).expect("a link");
        assert_eq!((link.origin.as_str(), link.preferred), (origin, true));
    }
}

#[actix_web::test]
async fn a_user_keeps_his_hands_off_access_levels_and_the_tags_of_the_site() {
    let (users, rey, ids) = with_tags().await;
    let given = TagChange::Add(vec![tag(0, ids[0], None), tag(1, ids[2], None)]);
    change(&users, SITE, rey, &given).expect("what the site gives");
    for sent in [add(ids[3], None), add(ids[0], Some(5)), TagChange::Remove(vec![tag(0, ids[0], None)])] {
        assert_eq!(refusal(change(&users, SELF, rey, &sent)), one(403, "read_only", "/tags/0"));
    }
    let (status, errors) = refusal(change(&users, SELF, rey, &TagChange::Replace(vec![])));
    assert_eq!((status, errors.len()), (403, 2), "what is left out is taken away");
    let kept = TagChange::Replace(vec![tag(0, ids[0], None), tag(1, ids[2], None), tag(2, ids[1], Some(3))]);
    let view = change(&users, SELF, rey, &kept).expect("his own beside the site's");
    assert_eq!(links(&view).len(), 3);
    change(&users, SELF, rey, &TagChange::Remove(vec![tag(0, ids[1], None)])).expect("his own");
    change(&users, ADMIN_SELF, rey, &add(ids[3], None)).expect("with full access");
}

#[actix_web::test]
async fn full_access_is_no_access_level() {
    let (users, rey, _) = with_tags().await;
    let view = users.view(rey);
    assert_eq!(view.profile.account_level, 99);
    assert!(view.tags.is_empty());
}

#[actix_web::test]
async fn a_tag_that_users_have_is_not_deleted_and_one_that_they_had_is() {
    let (users, rey, ids) = with_tags().await;
    change(&users, SITE, rey, &add(ids[0], None)).expect("a tag");
    let path = format!("tags/{}", ids[0]);
    users.site(Method::DELETE, &path, None).await.assert_refused(409, &["tag_in_use"]);
    users.write(SITE, |write, connection| write.delete(connection, rey)).expect("a deletion");
    assert_eq!(users.site(Method::DELETE, &path, None).await.status, 204);
}
