//! Edits that share a commit: each succeeds or fails as if it were alone.

use std::sync::Arc;

use actix_web::rt::spawn;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use futures_util::future::join_all;
use serde_json::{Value, json};
use steward::clock::Clock as _;
use steward::db::DbError;
use steward::db::schema::people;
use steward::guard::Decision;
use steward::guard::precondition::Conditions;
use steward::id::Id;
use steward::jsonapi::{Json, request};
use steward::users::create::NewUser;
use steward::users::edit::read;
use steward::users::face::Face;
use steward::users::show;
use steward::users::writes::{Outcome, Wish};

use crate::support::TestApp;
use crate::support::app::{MADE_AT, STAMP, stamp, user};
use crate::support::backend::{is_postgres, only_on_postgres, sql};

/// The statements of a commit of edits of so many users.
fn statements_of(users: u64) -> u64 {
    // On PostgreSQL a statement writes all; BEGIN and COMMIT are one each.
    2 + if is_postgres() { 1 } else { users }
}

/// So many users.
fn people_in(app: &TestApp, number: usize) -> Vec<Id> {
    let made: Vec<_> =
        (0..number).map(|_| NewUser::new(Id::random(), "Finn", stamp(MADE_AT)).expect("a user")).collect();
    app.change(|connection| made.iter().try_for_each(|user| user.insert(connection)));
    made.iter().map(|user| user.as_person().id).collect()
}

/// An edit of a user as he stands now.
async fn wish(app: &TestApp, id: Id, attributes: Value) -> Wish {
    let document = Json::parse(user(attributes).to_string().as_bytes()).expect("JSON");
    let resource = request::read(document, Face::User.expected()).expect("an envelope");
    let now = app.clock.now();
    let edit = read(resource, Face::User, Conditions::default(), now).expect("an edit");
    let basis = show::read(&app.state, id).await.expect("the user");
    Wish { basis, edit: Arc::new(edit), now }
}

/// Writes edits that come at one time, so that the first round has all of them.
async fn write(app: &TestApp, wishes: Vec<Wish>) -> Vec<Result<Outcome, DbError>> {
    let state = &app.state;
    join_all(wishes.into_iter().map(|wish| state.writes.write(&state.db, &state.people, wish))).await
}

fn is_applied(outcome: &Result<Outcome, DbError>) -> bool {
    matches!(outcome, Ok(Outcome::Decided(_, decision)) if matches!(**decision, Decision::Applied { .. }))
}

fn is_lost(outcome: &Result<Outcome, DbError>) -> bool {
    matches!(outcome, Ok(Outcome::Lost))
}

/// The employer and the version of a user as stored.
fn stored(app: &TestApp, id: Id) -> (Option<String>, i64) {
    let row = people::table.find(id).select((people::employer, people::version));
    row.get_result(&mut app.connection()).expect("the row")
}

async fn employed(app: &TestApp, ids: &[Id], employer: &str) -> Vec<Wish> {
    join_all(ids.iter().map(|id| wish(app, *id, json!({ "employer": employer, "updated_in_db_at": STAMP }))))
        .await
}

#[actix_web::test]
async fn edits_of_many_users_at_one_time_are_written_with_one_commit() {
    let app = TestApp::new();
    let ids = people_in(&app, 7);
    let wishes = employed(&app, &ids, "Cru").await;
    let before = app.state.db.statements();
    let outcomes = write(&app, wishes).await;
    assert!(outcomes.iter().all(is_applied), "{outcomes:?}");
    assert_eq!(app.state.db.statements() - before, statements_of(7));
    for (id, outcome) in ids.into_iter().zip(outcomes) {
        let Ok(Outcome::Decided(shown, _)) = outcome else { panic!("decided") };
        assert_eq!(shown.person.id, id);
        assert_eq!(stored(&app, id), (Some("Cru".to_owned()), shown.person.version));
    }
}

#[actix_web::test]
async fn an_edit_alone_is_written_with_as_many_statements_as_without_sharing() {
    let app = TestApp::new();
    let [id] = people_in(&app, 1)[..] else { panic!("one") };
    let wishes = employed(&app, &[id], "Cru").await;
    let before = app.state.db.statements();
    assert!(write(&app, wishes).await.iter().all(is_applied));
    assert_eq!(app.state.db.statements() - before, statements_of(1));
}

#[actix_web::test]
async fn an_edit_that_another_node_was_before_is_lost_alone() {
    let app = TestApp::new();
    let ids = people_in(&app, 3);
    let wishes = employed(&app, &ids, "Cru").await;
    let other = app.second_node();
    assert!(write(&other, employed(&other, &ids[1..2], "first").await).await.iter().all(is_applied));
    let outcomes = write(&app, wishes).await;
    assert_eq!(outcomes.iter().map(is_applied).collect::<Vec<_>>(), [true, false, true]);
    assert!(is_lost(&outcomes[1]), "{outcomes:?}");
    assert_eq!(stored(&app, ids[1]).0.as_deref(), Some("first"), "and undoes nothing");
}

#[actix_web::test]
async fn edits_of_one_user_are_decided_one_on_the_result_of_the_other() {
    let app = TestApp::new();
    let [id] = people_in(&app, 1)[..] else { panic!("one") };
    let mut wishes = Vec::new();
    for name in ["a", "b", "c"] {
        wishes.push(wish(&app, id, json!({ "employer": name, "overwrite": true })).await);
    }
    wishes.extend(employed(&app, &[id], "stale by then").await);
    wishes.push(wish(&app, id, json!({ "employer": "c", "overwrite": true })).await);
    let before = app.state.db.statements();
    let outcomes = write(&app, wishes).await;
    assert_eq!(app.state.db.statements() - before, statements_of(1), "what comes out at last is written");
    let shown: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Ok(Outcome::Decided(shown, decision)) => (shown.person.clone(), *decision),
            other => panic!("{other:?}"),
        })
        .collect();
    let versions: Vec<_> = shown.iter().map(|(person, _)| person.version).collect();
    let first = versions[0];
    assert_eq!(versions, [first, first + 1, first + 2, first + 2, first + 2]);
    assert!(shown[0].0.stamp < shown[1].0.stamp && shown[1].0.stamp < shown[2].0.stamp);
    assert!(matches!(shown[2].1, Decision::Applied { .. }));
    let Decision::Stale(conflict, _) = &shown[3].1 else { panic!("{:?}", shown[3].1) };
    assert!(conflict.is_contradicted(), "it knows what the others have set");
    assert!(matches!(shown[4].1, Decision::Unchanged { .. }));
    assert_eq!(stored(&app, id), (Some("c".to_owned()), first + 2));
}

#[actix_web::test]
async fn who_decided_before_the_last_commit_is_written_on_its_result_without_reading_again() {
    let app = TestApp::new();
    let [id] = people_in(&app, 1)[..] else { panic!("one") };
    let late = wish(&app, id, json!({ "last_name": "Late", "overwrite": true })).await;
    assert!(write(&app, employed(&app, &[id], "Cru").await).await.iter().all(is_applied));
    let before = app.state.db.statements();
    assert!(write(&app, vec![late]).await.iter().all(is_applied));
    assert_eq!(app.state.db.statements() - before, statements_of(1));
    assert_eq!(stored(&app, id).0.as_deref(), Some("Cru"), "both edits stand");
}

#[actix_web::test]
async fn an_edit_whose_base_is_older_than_what_others_know_is_read_again() {
    let app = TestApp::new();
    let [id] = people_in(&app, 1)[..] else { panic!("one") };
    let late = employed(&app, &[id], "late").await;
    assert!(write(&app, employed(&app, &[id], "Cru").await).await.iter().all(is_applied));
    let outcomes = write(&app, late).await;
    assert!(is_lost(&outcomes[0]), "what happened to rows meanwhile is not remembered: {outcomes:?}");
    assert_eq!(stored(&app, id).0.as_deref(), Some("Cru"));
}

#[actix_web::test]
async fn an_edit_that_the_database_refuses_takes_no_other_with_it() {
    let app = TestApp::new();
    let ids = people_in(&app, 5);
    app.connection()
        .batch_execute(sql(
            "CREATE TRIGGER picky BEFORE UPDATE ON people WHEN new.employer = 'poison' \
             BEGIN SELECT RAISE(ABORT, 'no'); END",
            "ALTER TABLE people ADD CONSTRAINT picky CHECK (employer <> 'poison')",
        ))
        .expect("a rule of the database");
    let mut wishes = employed(&app, &ids, "Cru").await;
    wishes[2] = employed(&app, &ids[2..3], "poison").await.remove(0);
    let outcomes = write(&app, wishes).await;
    assert_eq!(outcomes.iter().map(is_applied).collect::<Vec<_>>(), [true, true, false, true, true]);
    assert!(matches!(outcomes[2], Err(DbError::Query(_))), "{outcomes:?}");
    let employers: Vec<_> = ids.iter().map(|id| stored(&app, *id).0).collect();
    let cru = || Some("Cru".to_owned());
    assert_eq!(employers, [cru(), cru(), None, cru(), cru()]);
}

#[actix_web::test]
async fn a_caller_who_goes_away_takes_nobody_with_him() {
    let app = TestApp::new();
    let ids = people_in(&app, 3);
    let mut wishes = employed(&app, &ids, "Cru").await;
    let (state, leaving) = (app.state.clone(), wishes.remove(0));
    let left = spawn(async move { state.writes.write(&state.db, &state.people, leaving).await.is_ok() });
    left.abort();
    assert!(write(&app, wishes).await.iter().all(is_applied));
}

#[actix_web::test]
async fn who_holds_the_row_of_one_user_is_not_waited_for_by_the_others() {
    only_on_postgres!();
    let app = TestApp::new();
    let ids = people_in(&app, 3);
    let wishes = employed(&app, &ids, "Cru").await;
    let mut holder = app.connection();
    holder
        .batch_execute(&format!("BEGIN; SELECT 1 FROM people WHERE id = '{}' FOR UPDATE", ids[1]))
        .expect("a lock");
    let outcomes = write(&app, wishes).await;
    assert_eq!(outcomes.iter().map(is_applied).collect::<Vec<_>>(), [true, false, true]);
    assert!(is_lost(&outcomes[1]), "{outcomes:?}");
    let alone = employed(&app, &ids[1..2], "Cru").await;
    assert!(is_lost(&write(&app, alone).await[0]), "nor by those who come after it alone");
    holder.batch_execute("ROLLBACK").expect("no lock");
    assert!(write(&app, employed(&app, &ids[1..2], "Cru").await).await.iter().all(is_applied));
}
