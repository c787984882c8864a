//! Values that no two users may share, while many want them at once (`juno.md` 5.5).

use std::sync::Barrier;
use std::thread;

use serde_json::json;
use steward::juno::profile::Profile;
use steward::juno::user::write::Write;

use super::{SITE, Users, fields, refusal, shown};

const MANY: usize = 8;

#[actix_web::test]
async fn of_many_who_want_one_address_at_once_one_gets_it() {
    let users = Users::new();
    let all: Vec<i64> = (0..MANY).map(|n| users.add(&format!("{n}@example.com")).profile.id).collect();
    let barrier = Barrier::new(MANY);
    let won: Vec<bool> = thread::scope(|scope| {
        let wanted = all.iter().map(|user| {
            let (users, barrier) = (&users, &barrier);
            scope.spawn(move || {
                barrier.wait();
                let sent =
                    fields(&json!({ "email": "One@example.com", "username": "one", "client_id": "1" }));
                match users.change(SITE, *user, &sent) {
                    Ok(_) => true,
                    refused => {
                        let (status, errors) = refusal(refused);
                        // The winner may come between one look and the next.
                        assert!(status == 409 && (1..=3).contains(&errors.len()), "{errors:?}");
                        false
                    }
                }
            })
        });
        let wanted: Vec<_> = wanted.collect();
        wanted.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let views = users.views(&all);
    let holders = views.iter().filter(|view| shown(view, "email") == "One@example.com").count();
    assert_eq!(holders, 1);
}

#[actix_web::test]
async fn those_who_exchange_their_addresses_in_circles_come_to_an_end_and_no_two_share_one() {
    let users = Users::new();
    let all: Vec<i64> = (0..MANY).map(|n| users.add(&format!("{n}@example.com")).profile.id).collect();
    thread::scope(|scope| {
        for (n, user) in all.iter().enumerate() {
            let users = &users;
            scope.spawn(move || {
                for round in 1..6 {
                    let email = format!("{}@example.com", (n + round) % (MANY + 2));
                    let name = format!("name{}", (n * round) % (MANY + 2));
                    let sent = fields(&json!({ "email": email, "username": name }));
                    if let Err(error) = users.change(SITE, *user, &sent) {
                        assert_eq!(refusal::<()>(Err(error)).0, 409);
                    }
                }
            });
        }
    });
    let views = users.views(&all);
    for field in ["email", "username"] {
        let mut values: Vec<String> = views
            .iter()
            .map(|view| shown(view, field))
            .filter(|v| !v.is_null())
            .map(|v| v.to_string())
            .collect();
        let count = values.len();
        values.sort();
        values.dedup();
        assert_eq!(values.len(), count, "{field}: {values:?}");
    }
    let claims = users.app.change(|connection| {
        use diesel::prelude::*;
        use steward::db::schema::owners as o;
        o::table.filter(o::kind.eq("juno_users.email")).count().get_result::<i64>(connection)
    });
    assert_eq!(
        usize::try_from(claims).expect("a number"),
        MANY,
        "each has what he is called and nothing more"
    );
}

#[actix_web::test]
async fn of_many_who_make_a_user_of_one_address_at_once_one_does() {
    let users = Users::new();
    let done: Vec<bool> = thread::scope(|scope| {
        let makers: Vec<_> = (0..MANY)
            .map(|_| {
                let users = &users;
                scope.spawn(move || {
                    let sent = fields(&json!({ "first_name": "Poe", "email": "poe@example.com" }));
                    users.create(&sent).map_err(|error| assert_eq!(refusal::<()>(Err(error)).0, 409)).is_ok()
                })
            })
            .collect();
        makers.into_iter().map(|maker| maker.join().expect("an answer")).collect()
    });
    assert_eq!(done.iter().filter(|made| **made).count(), 1);
}

#[actix_web::test]
async fn a_write_that_is_decided_while_the_user_is_deleted_finds_him_or_not_found() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    thread::scope(|scope| {
        let users = &users;
        scope.spawn(move || {
            let done = users.write(SITE, |write: &Write<'_>, connection| write.delete(connection, rey));
            done.expect("a deletion");
        });
        scope.spawn(move || match users.change(SITE, rey, &fields(&json!({ "email": "new@example.com" }))) {
            Ok(view) => assert_eq!(shown(&view, "email"), "new@example.com"),
            Err(error) => assert_eq!(refusal::<()>(Err(error)).0, 404),
        });
    });
    assert!(users.app.change(|connection| Profile::find(connection, rey)).is_none());
    users.add("new@example.com");
    users.add("rey@example.com");
}
