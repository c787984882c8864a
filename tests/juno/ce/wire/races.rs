//! Rivals for one record, on two nodes.

use actix_web::http::Method;
use diesel::prelude::*;
use futures_util::future::{join, join_all};
use serde_json::json;
use steward::db::schema::ce_claims;
use steward::juno::ce::records;
use tokio::task::spawn_blocking;

use super::{RECORDS, School, new_activity, new_claim, new_record, program};
use crate::juno::{Site, document, made, request};
use crate::support::app::{REY, id};

/// Races are won by chance: so many of each kind.
const TRIES: usize = 8;

fn second(site: &Site) -> Site {
    Site { app: site.app.second_node(), key: site.key.clone() }
}

#[actix_web::test]
async fn of_twenty_claims_at_once_one_is_made_and_the_others_are_told_of_it() {
    let mut rules = program("20", 10);
    rules["partial_claims"] = true.into();
    let school = School::new(rules).await;
    school.attend("a", 20).await;
    let nodes = [&school.site, &second(&school.site)];
    let claims = (1..=20).map(|number: u8| {
        let (site, path) = (nodes[usize::from(number) % 2], school.path("/claims"));
        async move {
            let claim = request(Method::POST, &path, Some(&new_claim(number)));
            // Half of them by Rey, half on her behalf.
            let answer = if number % 4 < 2 { site.app.send(claim).await } else { site.send(claim).await };
            (number, answer)
        }
    });
    let answers = join_all(claims).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, answer)| answer.status == 201);
    let [(hours, _)] = &won[..] else { panic!("{} claims were made", won.len()) };
    assert_eq!(lost.len(), 19);
    for (_, answer) in lost {
        answer.assert_refused(409, &["ce_already_claimed"]);
        assert_eq!(answer.error()["meta"]["claimed_hours"], *hours);
    }
    school.assert_at("Done", 20, *hours).await;
    let stored = ce_claims::table.count().get_result::<i64>(&mut school.site.app.connection());
    assert_eq!(stored, Ok(1));
}

#[actix_web::test]
async fn a_claim_and_the_deletion_of_what_it_rests_on_go_one_after_the_other() {
    let mut site = super::site();
    for _ in 0..TRIES {
        let school = School::on(site, program("10", 60), true).await;
        let activity = made(&school.attend("a", 6).await);
        let other = second(&school.site);
        let path = school.path(&format!("/activities/{activity}"));
        let (claim, deletion) = join(school.claim_all(), other.delete(&path)).await;
        assert_eq!(deletion.status, 204, "{}", deletion.text());
        if claim.status == 201 {
            school.assert_at("Done", 0, 6).await;
        } else {
            claim.assert_refused(409, &["ce_not_ready"]);
            school.assert_at("Open", 0, 0).await;
        }
        site = school.site;
    }
}

#[actix_web::test]
async fn hours_for_one_source_that_are_told_of_at_once_count_once_and_the_larger() {
    let school = School::new(program("20", 60)).await;
    let nodes = [&school.site, &second(&school.site)];
    let told = (1..=12).map(|hours: u8| {
        let path = school.path("/activities");
        let site = nodes[usize::from(hours) % 2];
        async move { site.post(&path, &new_activity("a", hours)).await }
    });
    let mut statuses: Vec<u16> = join_all(told).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200; 11], vec![201]].concat());
    school.assert_at("Ready", 12, 0).await;
}

#[actix_web::test]
async fn a_claim_and_a_change_of_the_program_leave_a_claim_that_was_good_before_or_none() {
    let mut site = super::site();
    for _ in 0..TRIES {
        let school = School::on(site, program("10", 60), true).await;
        school.attend("a", 6).await;
        let other = second(&school.site);
        let path = format!("ce_programs/{}", school.program);
        let raise = document("ce_programs", json!({ "ce_threshold": 61 }));
        let (claim, raised) = join(school.claim_all(), other.patch(&path, &raise)).await;
        raised.assert_ok();
        if claim.status == 201 {
            assert_eq!(claim.json()["data"]["attributes"]["ce_threshold"], 60);
            school.assert_at("Done", 6, 6).await;
        } else {
            claim.assert_refused(409, &["ce_not_ready"]);
            school.assert_at("Open", 6, 0).await;
        }
        site = school.site;
    }
}

#[actix_web::test]
async fn a_user_has_one_record_in_a_program_and_an_id_is_one_records_also_when_they_are_made_at_once() {
    let school = School::new(program("10", 60)).await;
    let nodes = [&school.site, &second(&school.site)];
    let another = made(&school.site.post("ce_programs", &document("ce_programs", program("1", 1))).await);
    let new = new_record(&another, true);
    let rivals = (0..6_usize).map(|number| nodes[number % 2].post(RECORDS, &new));
    let mut statuses: Vec<u16> = join_all(rivals).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    let mut programs = Vec::new();
    for _ in 0..4 {
        let made = made(&school.site.post("ce_programs", &document("ce_programs", program("1", 1))).await);
        let mut new = new_record(&made, true);
        new["data"]["id"] = "c1c1c1c1-0000-4000-8000-000000000007".into();
        programs.push(new);
    }
    let rivals = programs.iter().enumerate().map(|(number, new)| nodes[number % 2].post(RECORDS, new));
    let mut answers = join_all(rivals).await;
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(answers.remove(0).status, 201);
    for answer in answers {
        answer.assert_refused(409, &["duplicate"]);
    }
}

#[actix_web::test]
async fn a_claim_is_either_kept_with_its_record_or_too_late_when_its_user_is_deleted() {
    let mut site = super::site();
    for _ in 0..TRIES {
        let school = School::on(site, program("0", 0), true).await;
        let target = school.site.app.place.target();
        let forget = spawn_blocking(move || {
            let mut connection = target.connect().expect("a connection");
            steward::db::in_transaction(&mut connection, |connection| records::forget(connection, id(REY), 1))
        });
        let (claim, forgotten) = join(school.claim_all(), forget).await;
        forgotten.expect("a thread").expect("deleted");
        let shown = school.by_key(Method::GET, "", None).await;
        if claim.status == 201 {
            assert_eq!(shown.assert_ok()["ce_status"], "Done");
        } else {
            claim.assert_refused(404, &["not_found"]);
            shown.assert_refused(404, &["not_found"]);
        }
        site = school.site;
    }
}
