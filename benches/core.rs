//! What a request costs apart from the network and the database: `cargo bench`.

#![expect(clippy::expect_used, reason = "a bench that can't go on fails")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use steward::clock::Stamp;
use steward::guard::precondition::{Conditions, if_none_match_names};
use steward::guard::{Edit, decide, stamp};
use steward::id::Id;
use steward::jsonapi::query::{Fieldsets, Query};
use steward::jsonapi::{Json, request};
use steward::users::create::NewUser;
use steward::users::edit::{UserChanges, read};
use steward::users::face::Face;
use steward::users::person::Person;
use steward::users::render;

fn now() -> Stamp {
    Stamp::from_seconds(1_642_007_889).expect("a stamp")
}

/// A user as one is made, with the documented preferences.
fn person() -> Person {
    let preferences = vec![("time_zone".to_owned(), "Auckland".into()), ("locale".to_owned(), "en".into())];
    let user = NewUser::new(Id::random(), "Rey", now()).and_then(|user| user.preferences(preferences));
    user.expect("a user").as_person()
}

fn edit(body: &[u8]) -> Edit<UserChanges> {
    let resource =
        request::read(Json::parse(body).expect("JSON"), Face::User.expected()).expect("an envelope");
    read(resource, Face::User, Conditions::default(), now()).expect("an edit")
}

fn benches(c: &mut Criterion) {
    let person = person();
    let attributes = json!({
        "first_name": "Jack",
        "birthday_day": 3,
        "birthday_month": 4,
        "preferences": { "locale": "de", "tasks_filter": "x" },
        "updated_in_db_at": "2022-01-12T17:18:09Z",
    });
    let body = json!({ "data": { "type": "users", "attributes": attributes } }).to_string();
    let put = edit(body.as_bytes());
    c.bench_function("decide on an edit", |b| b.iter(|| decide(black_box(&person), black_box(&put), now())));
    c.bench_function("render a user", |b| {
        b.iter(|| render::document(black_box(&person), Face::User, &Fieldsets::default(), None, None));
    });
    c.bench_function("parse a PUT", |b| b.iter(|| edit(black_box(body.as_bytes()))));
    c.bench_function("parse a query string", |b| {
        let query =
            "include=email_addresses,account_lists.users&fields[users]=first_name,last_name&page[size]=1";
        let schema = Face::User.schema();
        b.iter(|| Query::parse(black_box(query), &schema));
    });
    c.bench_function("name a representation", |b| {
        let tag = "\"12.1642007889.0123456789ab.1\"";
        b.iter(|| if_none_match_names(black_box(tag), black_box(tag)));
    });
    c.bench_function("parse a stamp", |b| {
        b.iter(|| stamp::parse(black_box("2022-01-12 17:18:09 UTC"), now()));
    });
}

criterion_group!(core, benches);
criterion_main!(core);
