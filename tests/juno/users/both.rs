//! Both systems at once, on one address (`juno.md` 5.5).

use std::thread;

use actix_web::http::Method;
use actix_web::rt::System;
use serde_json::json;

use super::{EMAIL, SITE, Users, fields, refusal, shown};
use crate::support::app::{REY, USER, id};

#[test]
fn of_a_write_of_mpdx_and_one_of_juno_that_want_one_address_at_once_one_gets_it() {
    let users = Users::new();
    let rey = users.link(&json!({})).profile.id;
    let finn = users.add("finn@example.com").profile.id;
    for round in 0..5 {
        let email = format!("one{round}@example.com");
        let (of_mpdx, of_juno) = thread::scope(|scope| {
            let (users, email) = (&users, &email);
            let of_mpdx = scope.spawn(move || {
                let attributes = json!({ "email": email, "overwrite": true });
                let change =
                    json!({ "data": { "type": "email_addresses", "id": EMAIL, "attributes": attributes } });
                let path = format!("{USER}/email_addresses/{EMAIL}");
                let answer = System::new().block_on(users.mpdx(id(REY), Method::PUT, &path, Some(&change)));
                if answer.status != 200 {
                    answer.assert_refused(409, &["email_taken"]);
                }
                answer.status == 200
            });
            let of_juno =
                scope.spawn(move || match users.change(SITE, finn, &fields(&json!({ "email": email }))) {
                    Ok(_) => true,
                    refused => {
                        let taken = super::one(409, "email_taken", "/data/attributes/email");
                        assert_eq!(refusal(refused), taken);
                        false
                    }
                });
            (of_mpdx.join().expect("an answer"), of_juno.join().expect("an answer"))
        });
        assert!(of_mpdx != of_juno, "round {round}: {of_mpdx} {of_juno}");
        let has = |user| shown(&users.view(user), "email") == email;
        assert_eq!((has(rey), has(finn)), (of_mpdx, of_juno));
    }
}
