//! Single values of dimensions, and dimensions that are used (`juno.md` 1.3).

use actix_web::http::Method;
use serde_json::{Value as Json, json};
use steward::juno::user::changes::SentValue;

use super::dimensions::{of_custom, values, with_dimensions};
use super::{Done, SELF, SITE, Users, entry, one, refusal, shown};
use crate::juno::document;

fn change(users: &Users, user: i64, sent: SentValue) -> Done {
    users.write(SITE, |write, connection| write.change_values(connection, user, &[sent]))
}

#[actix_web::test]
async fn a_value_is_written_beside_the_others() {
    let (users, rey) = with_dimensions(&[json!({ "name": "A" }), json!({ "name": "B" })]).await;
    change(&users, rey, entry(0, Some(1000), None, Some("a"))).expect("a value");
    change(&users, rey, entry(0, Some(1001), None, Some("b"))).expect("another");
    let view = change(&users, rey, entry(0, Some(13), None, Some("Jakku"))).expect("one of the system");
    assert_eq!((of_custom(&view), shown(&view, "city")), (vec![(1000, "a"), (1001, "b")], json!("Jakku")));
    assert_eq!(change(&users, rey, entry(0, Some(1000), None, Some("a"))).expect("an echo"), view);
    let view = change(&users, rey, entry(0, Some(1000), None, None)).expect("null");
    assert_eq!(of_custom(&view), [(1001, "b")]);
    assert_eq!(
        shown(&change(&users, rey, entry(0, Some(13), None, Some(""))).expect("blank"), "city"),
        Json::Null
    );
}

#[actix_web::test]
async fn the_rules_of_a_value_are_those_of_the_array() {
    let url = json!({ "name": "Blog", "value_type": "url", "locked": true });
    let (users, rey) = with_dimensions(&[url]).await;
    let odd = refusal(change(&users, rey, entry(0, Some(1000), None, Some("ftp://x"))));
    assert_eq!(odd, one(400, "invalid", "/dimensions/0/value"));
    let unknown = refusal(change(&users, rey, entry(0, Some(7), None, Some("x"))));
    assert_eq!(unknown, one(400, "unknown_dimension", "/dimensions/0/id"));
    let sent = entry(0, Some(1000), None, Some("https://example.com"));
    let own = users
        .write(SELF, |write, connection| write.change_values(connection, rey, std::slice::from_ref(&sent)));
    assert_eq!(refusal(own), one(403, "read_only", "/dimensions/0/value"));
}

#[actix_web::test]
async fn a_dimension_with_values_is_not_deleted_and_one_without_is() {
    let (users, rey) = with_dimensions(&[json!({ "name": "A" })]).await;
    change(&users, rey, entry(0, Some(1000), None, Some("a"))).expect("a value");
    let delete = || users.site(Method::DELETE, "dimensions/1000", None);
    delete().await.assert_refused(409, &["dimension_in_use"]);
    users.change(SITE, rey, &values(vec![])).expect("no value");
    assert_eq!(delete().await.status, 204);
}

#[actix_web::test]
async fn a_dimension_with_values_is_not_mapped_away_from_them() {
    let (users, rey) = with_dimensions(&[json!({ "name": "A" })]).await;
    change(&users, rey, entry(0, Some(1000), None, Some("a"))).expect("a value");
    let map = document("dimensions", json!({ "maps_to": "suffix" }));
    let answer = users.site(Method::PATCH, "dimensions/1000", Some(&map)).await;
    answer.assert_refused(409, &["dimension_in_use"]);
    assert_eq!(of_custom(&users.view(rey)), [(1000, "a")]);
}
