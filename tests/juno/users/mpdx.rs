//! What MPDX may not do to the address that a user of JUNO signs in with (`juno.md` 5.5).

use actix_web::http::Method;
use serde_json::{Value as Json, json};

use super::{EMAIL, Users};
use crate::juno::pointers;
use crate::support::Answer;
use crate::support::app::{REY, USER, id, user};

/// The documented person, a user of JUNO, beside another one.
fn two() -> (Users, i64) {
    let users = Users::new();
    users.add("finn@example.com");
    let rey = users.link(&json!({})).profile.id;
    (users, rey)
}

async fn row(users: &Users, method: Method, row: &str, attributes: Option<Json>) -> Answer {
    let document = attributes.map(|mut attributes| {
        attributes["overwrite"] = json!(true);
        json!({ "data": { "type": "email_addresses", "id": row, "attributes": attributes } })
    });
    users.mpdx(id(REY), method, &format!("{USER}/email_addresses/{row}"), document.as_ref()).await
}

async fn nested(users: &Users, row: Json) -> Answer {
    let mut document = user(json!({ "overwrite": true }));
    document["data"]["relationships"] = json!({ "email_addresses": { "data": [row] } });
    users.mpdx(id(REY), Method::PUT, USER, Some(&document)).await
}

async fn operate(users: &Users, operations: Json) -> Answer {
    use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
    let typed = "application/vnd.api+json;ext=\"https://jsonapi.org/ext/atomic\"";
    let request = actix_web::test::TestRequest::post().uri("/api/v2/operations");
    let request = request.insert_header((CONTENT_TYPE, typed)).insert_header((ACCEPT, typed));
    users.app.send(request.set_payload(json!({ "atomic:operations": operations }).to_string())).await
}

#[actix_web::test]
async fn the_last_address_to_sign_in_with_stays_whatever_the_way() {
    let (users, rey) = two();
    let before = users.view(rey);
    let code: &[&str] = &["login_email_required"];
    row(&users, Method::DELETE, EMAIL, None).await.assert_refused(409, code);
    row(&users, Method::PUT, EMAIL, Some(json!({ "historic": true }))).await.assert_refused(409, code);
    let own = |attributes: Json| json!({ "type": "email_addresses", "id": EMAIL, "attributes": attributes });
    nested(&users, own(json!({ "_destroy": true }))).await.assert_refused(409, code);
    nested(&users, own(json!({ "historic": true }))).await.assert_refused(409, code);
    let remove = json!({ "op": "remove", "ref": { "type": "email_addresses", "id": EMAIL } });
    operate(&users, json!([remove])).await.assert_refused(409, code);
    assert_eq!(users.view(rey), before);
}

#[actix_web::test]
async fn the_address_of_another_user_does_not_become_the_primary_one_whatever_the_way() {
    let (users, rey) = two();
    let code: &[&str] = &["email_taken"];
    let taken = row(&users, Method::PUT, EMAIL, Some(json!({ "email": "Finn@example.com" }))).await;
    taken.assert_refused(409, code);
    assert_eq!(pointers(&taken), ["/data/attributes/email"]);
    let own =
        json!({ "type": "email_addresses", "attributes": { "email": "finn@example.com", "primary": true } });
    let taken = nested(&users, own.clone()).await;
    taken.assert_refused(409, code);
    assert_eq!(pointers(&taken), ["/data/relationships/email_addresses/data/0/attributes/email"]);
    operate(&users, json!([{ "op": "add", "data": own }])).await.assert_refused(409, code);
    // To have it beside another one is nobody's business.
    let second = users.add_row(id(REY), "email_addresses", json!({ "email": "finn@example.com" })).await;
    row(&users, Method::PUT, &second, Some(json!({ "primary": true }))).await.assert_refused(409, code);
    row(&users, Method::DELETE, EMAIL, None).await.assert_refused(409, code);
    assert_eq!(users.field(rey, "email"), "rey@example.com");
}

#[actix_web::test]
async fn an_address_that_mpdx_changes_is_what_he_signs_in_with_and_the_old_one_is_free() {
    let (users, rey) = two();
    row(&users, Method::PUT, EMAIL, Some(json!({ "email": "Jedi@Example.com" }))).await.assert_ok();
    assert_eq!(users.field(rey, "email"), "Jedi@Example.com");
    users.add("rey@example.com");
    let sent = super::fields(&json!({ "first_name": "Poe", "email": "jedi@example.com" }));
    let taken = super::refusal(users.create(&sent));
    assert_eq!(taken, super::one(409, "email_taken", "/data/attributes/email"));
    let operations = json!([
        { "op": "add", "data": { "type": "email_addresses", "attributes": { "email": "r@example.com", "primary": true } } },
        { "op": "remove", "ref": { "type": "email_addresses", "id": EMAIL } }
    ]);
    operate(&users, operations).await.assert_ok();
    assert_eq!(users.field(rey, "email"), "r@example.com");
    users.add("jedi@example.com");
}

#[actix_web::test]
async fn who_is_no_user_of_juno_has_the_addresses_that_he_likes() {
    let users = Users::new();
    users.add("finn@example.com");
    row(&users, Method::PUT, EMAIL, Some(json!({ "email": "finn@example.com" }))).await.assert_ok();
    assert_eq!(row(&users, Method::DELETE, EMAIL, None).await.status, 204);
    let rey = users.link(&json!({ "email": "rey@example.com" })).profile.id;
    users.write(super::SITE, |write, connection| write.delete(connection, rey)).expect("a deletion");
    let mine = users.rows(id(REY), "email_addresses").await[0].0.clone();
    assert_eq!(row(&users, Method::DELETE, &mine, None).await.status, 204, "nor who was one");
}

#[actix_web::test]
async fn what_has_nothing_to_do_with_addresses_asks_nothing_of_juno() {
    let (users, _) = two();
    let statements = async |change: Json| {
        let before = users.app.state.db.statements();
        users.app.put(change).await.assert_ok();
        users.app.state.db.statements() - before
    };
    let with = statements(json!({ "first_name": "A", "overwrite": true })).await;
    let beside = TestStatements::without_juno().await;
    assert_eq!(with, beside);
}

/// What the same change takes where nobody is a user of JUNO.
struct TestStatements;

impl TestStatements {
    async fn without_juno() -> u64 {
        let app = crate::support::TestApp::new();
        let before = app.state.db.statements();
        app.put(json!({ "first_name": "A", "overwrite": true })).await.assert_ok();
        app.state.db.statements() - before
    }
}
