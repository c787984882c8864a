//! Values of dimensions that come with a user (`juno.md` 1.3).

use actix_web::http::Method;
use serde_json::{Value as Json, json};
use steward::juno::user::changes::{Changes, SentValue};
use steward::juno::user::view::View;

use super::{SELF, SITE, Users, entry, fields, one, refusal, refused, shown};
use crate::juno::{document, made};

/// Users of a site with dimensions of its own, 1000 on in this order.
pub async fn with_dimensions(dimensions: &[Json]) -> (Users, i64) {
    let users = Users::new();
    for attributes in dimensions {
        let document = document("dimensions", attributes.clone());
        made(&users.site(Method::POST, "dimensions", Some(&document)).await);
    }
    let rey = users.link(&json!({})).profile.id;
    (users, rey)
}

/// Changes what a dimension is.
pub async fn define(users: &Users, dimension: i64, attributes: Json) {
    let path = format!("dimensions/{dimension}");
    users.site(Method::PATCH, &path, Some(&document("dimensions", attributes))).await.assert_ok();
}

pub fn values(sent: Vec<SentValue>) -> Changes {
    Changes { dimensions: Some(sent), ..Changes::default() }
}

pub fn of_custom(view: &View) -> Vec<(i64, &str)> {
    view.dimensions.iter().map(|value| (value.id, value.value.as_str())).collect()
}

#[actix_web::test]
async fn the_array_replaces_custom_values_and_leaves_those_of_the_system() {
    let (users, rey) = with_dimensions(&[json!({ "name": "A" }), json!({ "name": "B" })]).await;
    users.set(rey, &json!({ "city": "Jakku" }));
    let both = values(vec![entry(0, Some(1000), None, Some("a")), entry(1, None, Some("b"), Some(" b "))]);
    let view = users.change(SITE, rey, &both).expect("two values");
    assert_eq!(of_custom(&view), [(1000, "a"), (1001, "b")]);
    assert_eq!(view.dimensions[1].name, "B");
    let view = users.change(SITE, rey, &fields(&json!({ "city": "Ach-To" }))).expect("no array");
    assert_eq!(of_custom(&view).len(), 2);
    let view = users.change(SITE, rey, &values(vec![entry(0, Some(1001), None, Some("b"))])).expect("one");
    assert_eq!((of_custom(&view), shown(&view, "city")), (vec![(1001, "b")], json!("Ach-To")));
    let view = users.change(SITE, rey, &values(vec![entry(0, Some(1001), None, None)])).expect("null");
    assert!(view.dimensions.is_empty());
}

#[actix_web::test]
async fn a_dimension_of_the_system_in_the_array_is_the_field() {
    let (users, rey) = with_dimensions(&[]).await;
    let sent = values(vec![
        entry(0, Some(13), Some("CITY"), Some("Jakku")),
        entry(1, Some(5), None, Some("213-456-7890")),
        entry(2, Some(2), None, Some("https://www.facebook.com/rey")),
    ]);
    let view = users.change(SITE, rey, &sent).expect("values");
    assert_eq!((shown(&view, "city"), shown(&view, "phone")), (json!("Jakku"), json!("213-456-7890")));
    assert!(view.dimensions.is_empty());
    assert_eq!(
        users.rows(crate::support::app::id(crate::support::app::REY), "facebook_accounts").await.len(),
        1
    );
    let odd =
        values(vec![entry(0, Some(4), None, Some("no URL")), entry(1, Some(5), None, Some(&"1".repeat(65)))]);
    let (status, errors) = refusal(users.change(SITE, rey, &odd));
    let own = |code: &str, at: &str| (code.to_owned(), at.to_owned());
    let expected = vec![own("invalid", "/dimensions/0/value"), own("too_long", "/dimensions/1/value")];
    assert_eq!((status, errors), (400, expected));
}

#[actix_web::test]
async fn one_value_sent_twice_is_refused_where_the_two_differ_and_both_places_are_named() {
    let (users, rey) = with_dimensions(&[json!({ "name": "A" })]).await;
    let mut sent = fields(&json!({ "city": "Jakku" }));
    sent.dimensions = Some(vec![entry(0, Some(13), None, Some("Jakku"))]);
    users.change(SITE, rey, &sent).expect("equal values");
    sent.dimensions = Some(vec![entry(0, Some(13), None, Some("Ach-To"))]);
    let (status, errors) = refused(users.change(SITE, rey, &sent));
    assert_eq!((status, &errors[0]["code"]), (400, &json!("conflicting_values")));
    assert_eq!(errors[0]["meta"]["pointers"], json!(["/data/attributes/city", "/dimensions/0/value"]));
    let twice = values(vec![entry(0, Some(1000), None, Some("a")), entry(1, None, Some("A"), Some("b"))]);
    let (_, errors) = refused(users.change(SITE, rey, &twice));
    assert_eq!(errors[0]["meta"]["pointers"], json!(["/dimensions/0/value", "/dimensions/1/value"]));
    assert_eq!(users.field(rey, "city"), "Jakku");
}

#[actix_web::test]
async fn the_id_says_which_and_the_name_only_checks_it() {
    let (users, rey) = with_dimensions(&[json!({ "name": "Medical School" })]).await;
    users.set(rey, &json!({ "state_province": "CA" }));
    let sent = values(vec![entry(0, Some(14), Some("Medical School"), Some("University of Washington"))]);
    let mismatch = refusal(users.change(SITE, rey, &sent));
    assert_eq!(mismatch, one(409, "dimension_name_mismatch", "/dimensions/0/name"));
    assert_eq!(users.field(rey, "state_province"), "CA");
    for (sent, at) in [
        (entry(0, Some(6), None, Some("x")), "/dimensions/0/id"),
        (entry(0, None, Some("Colour"), Some("x")), "/dimensions/0/name"),
        (entry(0, None, None, Some("x")), "/dimensions/0"),
    ] {
        let unknown = refusal(users.change(SITE, rey, &values(vec![sent])));
        assert_eq!(unknown, one(400, "unknown_dimension", at));
    }
}

#[actix_web::test]
async fn a_locked_dimension_is_written_by_the_site_and_echoed_by_the_user() {
    let (users, rey) = with_dimensions(&[json!({ "name": "Grade", "locked": true })]).await;
    define(&users, 13, json!({ "locked": true })).await;
    let mut sent = fields(&json!({ "city": "Jakku" }));
    sent.dimensions = Some(vec![entry(0, Some(1000), None, Some("7"))]);
    users.change(SITE, rey, &sent).expect("the site writes");
    users.change(SELF, rey, &sent).expect("an echo");
    let city = refusal(users.change(SELF, rey, &fields(&json!({ "city": "X" }))));
    assert_eq!(city, one(403, "read_only", "/data/attributes/city"));
    let grade = values(vec![entry(0, Some(1000), None, Some("8"))]);
    assert_eq!(refusal(users.change(SELF, rey, &grade)), one(403, "read_only", "/dimensions/0/value"));
    let none = refusal(users.change(SELF, rey, &values(vec![])));
    assert_eq!(none, one(403, "read_only", ""), "left out of the array is taken away");
    assert_eq!(of_custom(&users.view(rey)), [(1000, "7")]);
}

#[actix_web::test]
async fn what_is_not_active_is_hidden_and_kept() {
    let (users, rey) = with_dimensions(&[json!({ "name": "Grade" })]).await;
    let mut sent = fields(&json!({ "city": "Jakku" }));
    sent.dimensions = Some(vec![entry(0, Some(1000), None, Some("7"))]);
    users.change(SITE, rey, &sent).expect("two values");
    for dimension in [13, 1000] {
        define(&users, dimension, json!({ "active": false })).await;
    }
    let view = users.view(rey);
    assert_eq!((shown(&view, "city"), of_custom(&view)), (Json::Null, vec![]));
    users.change(SITE, rey, &super::echo(&view)).expect("an echo of what is shown");
    let city = refusal(users.change(SITE, rey, &fields(&json!({ "city": "X" }))));
    assert_eq!(city, one(403, "read_only", "/data/attributes/city"));
    let grade = values(vec![entry(0, Some(1000), None, Some("8"))]);
    assert_eq!(refusal(users.change(SITE, rey, &grade)), one(403, "read_only", "/dimensions/0/value"));
    for dimension in [13, 1000] {
        define(&users, dimension, json!({ "active": true })).await;
    }
    let view = users.view(rey);
    assert_eq!((shown(&view, "city"), of_custom(&view)), (json!("Jakku"), vec![(1000, "7")]));
}

#[actix_web::test]
async fn a_dimension_that_maps_is_the_attribute_of_the_person() {
    let school = json!({ "name": "Medical School", "maps_to": "alma_mater" });
    let (users, rey) = with_dimensions(&[school, json!({ "name": "Suffix", "maps_to": "suffix" })]).await;
    let sent = [entry(0, Some(1000), None, Some("Washington")), entry(1, Some(1001), None, Some("Jr"))];
    let view = users.change(SITE, rey, &values(sent.to_vec())).expect("two values");
    assert_eq!(of_custom(&view), [(1000, "Washington"), (1001, "Jr.")]);
    let attributes = users.app.attributes().await;
    assert_eq!((&attributes["alma_mater"], &attributes["suffix"]), (&json!("Washington"), &json!("Jr.")));
    users.app.put(json!({ "alma_mater": "Oregon", "overwrite": true })).await.assert_ok();
    assert_eq!(of_custom(&users.view(rey))[0], (1000, "Oregon"));
    users.change(SITE, rey, &values(vec![])).expect("none");
    assert_eq!(users.app.attributes().await["alma_mater"], Json::Null);
}
