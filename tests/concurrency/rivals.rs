//! Several edits of one user at the same time.

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use serde_json::json;

use crate::support::TestApp;
use crate::support::app::{JSON_API, STAMP};

#[actix_web::test]
async fn of_sixteen_edits_with_one_stamp_exactly_one_is_applied() {
    let app = TestApp::new();
    let other = app.second_node();
    let edits = (0..16).map(|i| {
        let node = if i % 2 == 0 { &app } else { &other };
        node.put(json!({ "first_name": format!("Jack {i}"), "updated_in_db_at": STAMP }))
    });
    let answers = join_all(edits).await;
    let (applied, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(applied.len(), 1);
    for answer in refused {
        answer.assert_refused(409, &["stale"]);
        assert_eq!(answer.error()["meta"]["updated_in_db_at"], "2022-01-12T17:18:10Z");
    }
    let winner = applied[0].assert_ok();
    assert_eq!(app.attributes().await, winner);
    assert_eq!(other.attributes().await, winner);
}

#[actix_web::test]
async fn edits_with_overwrite_are_all_applied_each_with_a_stamp_of_its_own() {
    let app = TestApp::new();
    let other = app.second_node();
    let edits = (0..32).map(|i| {
        let node = if i % 2 == 0 { &app } else { &other };
        // More rivals than tries, so that some of them must take the row's lock.
        node.put(json!({ "preferences": { format!("p{i}"): i }, "overwrite": true }))
    });
    let mut stamps = Vec::new();
    for answer in join_all(edits).await {
        stamps.push(answer.assert_ok()["updated_in_db_at"].as_str().expect("a stamp").to_owned());
    }
    stamps.sort();
    let mut unique = stamps.clone();
    unique.dedup();
    assert_eq!(unique.len(), 32, "{stamps:?}");
    let shown = app.attributes().await;
    for i in 0..32 {
        assert_eq!(shown["preferences"][format!("p{i}")], i, "no edit undid another");
    }
    assert_eq!(shown["updated_in_db_at"], *stamps.last().expect("a stamp"));
}

#[actix_web::test]
async fn a_counter_incremented_through_the_guard_ends_at_the_number_of_acknowledged_increments() {
    let app = TestApp::new();
    let other = app.second_node();
    let increments = async |node: &TestApp| {
        let mut acknowledged = 0;
        for _ in 0..20 {
            let shown = node.attributes().await;
            let count = shown["preferences"]["count"].as_i64().unwrap_or(0);
            let edit = json!({
                "preferences": { "count": count + 1 },
                "updated_in_db_at": shown["updated_in_db_at"],
            });
            match node.put(edit).await.status {
                200 => acknowledged += 1,
                409 => {}
                status => panic!("{status}"),
            }
        }
        acknowledged
    };
    let acknowledged: i64 = join_all([&app, &other, &app, &other].map(increments)).await.into_iter().sum();
    assert!(acknowledged >= 20, "{acknowledged}");
    assert_eq!(app.attributes().await["preferences"]["count"], acknowledged);
}

#[actix_web::test]
async fn of_sixteen_creates_of_one_row_exactly_one_makes_it() {
    let app = TestApp::new();
    let other = app.second_node();
    let row = json!({ "data": {
        "type": "websites", "id": "11111111-1111-4111-8111-111111111111", "attributes": { "url": "https://example.com" },
    } });
    let creates = (0..16).map(|i| {
        let request =
            TestRequest::post().uri("/api/v2/user/websites").insert_header(("Content-Type", JSON_API));
        let node = if i % 2 == 0 { &app } else { &other };
        node.send(request.set_payload(row.to_string()))
    });
    let answers = join_all(creates).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 1);
    for answer in refused {
        answer.assert_refused(409, &["duplicate"]);
    }
    assert_eq!(app.stamp().await, "2022-01-12T17:18:10Z", "the user moved once");
}

/// What a device was told of one increment: the stamp that it sent, and the one that it got.
type Increment = (String, String);

#[actix_web::test]
async fn of_each_state_exactly_one_edit_is_made_and_the_stamps_are_a_chain() {
    let app = TestApp::new();
    let nodes = [app.second_node(), app.second_node()];
    let device = async |node: &TestApp| {
        let mut acknowledged: Vec<Increment> = Vec::new();
        for _ in 0..12 {
            let shown = node.attributes().await;
            let base = shown["updated_in_db_at"].as_str().expect("a stamp").to_owned();
            let count = shown["preferences"]["count"].as_i64().unwrap_or(0) + 1;
            let answer =
                node.put(json!({ "preferences": { "count": count }, "updated_in_db_at": base })).await;
            if answer.status == 409 {
                answer.assert_refused(409, &["stale"]);
                continue;
            }
            let shown = answer.assert_ok();
            assert_eq!(shown["preferences"]["count"], count, "the answer is of this edit");
            acknowledged.push((base, shown["updated_in_db_at"].as_str().expect("a stamp").to_owned()));
            // Read your writes, on the other node too.
            let other = &nodes[usize::from(std::ptr::eq(node, &raw const nodes[0]))];
            let seen = other.attributes().await["preferences"]["count"].as_i64().expect("a count");
            assert!(seen >= count, "{seen} after {count} was acknowledged");
        }
        acknowledged
    };
    let devices = (0..8).map(|i| device(&nodes[i % 2]));
    let mut all: Vec<Increment> = join_all(devices).await.into_iter().flatten().collect();
    all.sort();
    let mut state = STAMP.to_owned();
    for (base, after) in &all {
        assert_eq!(*base, state, "each was made on the state that the one before it left: {all:?}");
        assert!(*after > state, "{all:?}");
        state.clone_from(after);
    }
    assert!(all.len() >= 12, "{}", all.len());
    let shown = app.attributes().await;
    assert_eq!(
        shown["preferences"]["count"],
        all.len(),
        "the counter is the number of what was acknowledged"
    );
    assert_eq!(shown["updated_in_db_at"], state);
}
