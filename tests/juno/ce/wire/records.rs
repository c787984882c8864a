//! Records as resources: made, shown, listed, kept.

use actix_web::http::Method;
use serde_json::{Value, json};
use steward::db::copy::copy;
use steward::juno::ce::records;
use steward::juno::profile::Profile;

use super::{RECORDS, School, new_record, program, refused};
use crate::juno::{Site, document, ids, made, pointers, request};
use crate::support::Place;
use crate::support::app::{REY, id};

const ID: &str = "c1c1c1c1-0000-4000-8000-000000000001";

#[actix_web::test]
async fn a_record_shows_the_five_fields_its_user_and_its_program() {
    let school = School::new(program("10", 60)).await;
    let School { record, program, .. } = &school;
    let shown = school.by_rey(Method::GET, "", None).await;
    let data = json!({
        "id": record, "type": "ce_records",
        "attributes": {
            "ce_credits": 10, "ce_threshold": 60, "ce_status": "Open", "ce_earned_hours": 0, "ce_claimed_hours": 0
        },
        "relationships": {
            "user": { "data": { "id": "1", "type": "juno_users" } },
            "program": { "data": { "id": program, "type": "ce_programs" } }
        },
        "links": { "self": format!("/api/v2/ce_records/{record}") }
    });
    assert_eq!(shown.json()["data"], data);
    let with_program = school.by_key(Method::GET, "?include=program", None).await;
    let alone = school.site.get(&format!("ce_programs/{program}")).await;
    assert_eq!(with_program.json()["included"], json!([alone.json()["data"]]));
    assert_ne!(with_program.header("etag"), shown.header("etag"), "another representation");
    school.by_key(Method::GET, "?include=claims", None).await.assert_refused(400, &["invalid_parameter"]);
}

#[actix_web::test]
async fn the_user_comes_along_with_a_record_and_once_with_all_that_are_his() {
    let school = School::new(program("10", 60)).await;
    let second = School::on(school.site, program("5", 0), true).await;
    let john = second.site.get("juno_users/1").await.json()["data"].clone();
    for answer in [
        second.by_key(Method::GET, "?include=user", None).await,
        second.by_rey(Method::GET, "?include=user", None).await,
        second.site.get(&format!("{RECORDS}?include=user")).await,
        second.site.app.send(request(Method::GET, &format!("{RECORDS}?include=user"), None)).await,
    ] {
        assert_eq!(answer.json()["included"], json!([john]), "{}", answer.text());
    }
    let both =
        second.by_key(Method::GET, "?include=user,program&fields[juno_users]=email", None).await.json();
    let kinds: Vec<&Value> =
        both["included"].as_array().expect("a list").iter().map(|one| &one["type"]).collect();
    assert_eq!(kinds, ["ce_programs", "juno_users"]);
    assert_eq!(both["included"][1]["attributes"], json!({ "email": john["attributes"]["email"] }));
    let change = document("ce_records", json!({ "ce_status": "None" }));
    let changed = second.by_key(Method::PATCH, "?include=user", Some(&change)).await;
    assert_eq!(changed.json()["included"], json!([john]));
    second.by_key(Method::GET, "?include=user.tags", None).await.assert_refused(400, &["invalid_parameter"]);
}

#[actix_web::test]
async fn a_record_is_made_by_those_who_administer_the_site_for_a_user_in_a_program_once() {
    let school = School::hidden(program("10", 60)).await;
    let other = made(&school.site.post("ce_programs", &document("ce_programs", program("5", 0))).await);
    let twice = school.site.post(RECORDS, &new_record(&school.program, true)).await;
    twice.assert_refused(409, &["duplicate"]);
    assert_eq!(pointers(&twice), ["/data/relationships/program/data"]);
    let new = new_record(&other, true);
    school.site.post("juno_users/2/ce_records", &new).await.assert_refused(404, &["not_found"]);
    school
        .site
        .app
        .send(request(Method::POST, RECORDS, Some(&new)))
        .await
        .assert_refused(403, &["forbidden"]);
    let mut own = new.clone();
    own["data"]["id"] = school.record.clone().into();
    let taken = school.site.post(RECORDS, &own).await;
    taken.assert_refused(409, &["duplicate"]);
    assert_eq!(pointers(&taken), ["/data/id"]);
    own["data"]["id"] = ID.into();
    own["data"]["relationships"]["user"] = json!({ "data": { "type": "juno_users", "id": "1" } });
    let answer = school.site.post(&format!("{RECORDS}?include=program"), &own).await;
    assert_eq!(
        (made(&answer).as_str(), answer.header("location")),
        (ID, Some(format!("/api/v2/ce_records/{ID}").as_str()))
    );
    assert_eq!(answer.json()["included"][0]["id"], other.as_str());
    let shown = school.site.get(&format!("ce_records/{ID}?include=program")).await;
    assert_eq!((shown.text(), shown.header("etag")), (answer.text(), answer.header("etag")));
}

#[actix_web::test]
async fn a_record_needs_a_program_that_there_is_and_takes_nothing_that_follows_from_something_else() {
    let school = School::new(program("10", 60)).await;
    let place = "/data/relationships/program/data";
    for (linked, status, code, at) in [
        (Value::Null, 400, "blank", place),
        (json!([]), 400, "invalid_document", place),
        (json!({ "type": "ce_programs", "id": ID }), 404, "not_found", "/data/relationships/program/data/id"),
        (
            json!({ "type": "ce_programs", "id": "x" }),
            404,
            "not_found",
            "/data/relationships/program/data/id",
        ),
        (json!({ "type": "tags", "id": ID }), 409, "type_conflict", "/data/relationships/program/data/type"),
    ] {
        let mut new = new_record(ID, true);
        new["data"]["relationships"]["program"]["data"] = linked;
        let answer = school.site.post(RECORDS, &new).await;
        answer.assert_refused(status, &[code]);
        assert_eq!(pointers(&answer), [at]);
    }
    let without = school.site.post(RECORDS, &document("ce_records", json!({ "published": 1, "x": 1 }))).await;
    without.assert_refused(400, &["wrong_type", "blank", "unknown_attribute"]);
    let mut new = new_record(ID, true);
    new["data"]["attributes"] = json!({ "ce_status": "Done", "ce_claimed_hours": 1 });
    school.site.post(RECORDS, &new).await.assert_refused(403, &["read_only", "read_only"]);
}

#[actix_web::test]
async fn a_record_that_is_hidden_is_not_there_for_its_user_whatever_he_asks_for() {
    let school = School::hidden(program("0", 0)).await;
    for below in ["", "/activities", "/claims", "/certificate"] {
        school.by_rey(Method::GET, below, None).await.assert_refused(404, &["not_found"]);
    }
    refused(&school.claim_all().await, 404, "not_found");
    let rey = school.site.app.send(request(Method::GET, RECORDS, None)).await;
    assert_eq!((ids(&rey), &rey.json()["meta"]["total"]), (Vec::new(), &json!(0)));
    assert_eq!(ids(&school.site.get(RECORDS).await), [school.record.as_str()]);
    assert_eq!(school.shown().await["ce_status"], "None");
}

#[actix_web::test]
async fn records_are_listed_by_status_and_program_in_pages() {
    let school = School::new(program("10", 60)).await;
    let mut all = vec![school.record.clone()];
    for (rules, is_published) in [(program("0", 0), true), (program("5", 1), false)] {
        school.site.app.clock.advance(1);
        let made = made(&school.site.post("ce_programs", &document("ce_programs", rules)).await);
        let new = school.site.post(RECORDS, &new_record(&made, is_published)).await;
        all.push(new.json()["data"]["id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(ids(&school.site.get(RECORDS).await), all);
    for (status, place) in [("Open", 0), ("Ready", 1), ("None", 2)] {
        let found = school.site.get(&format!("{RECORDS}?filter[ce_status]={status}")).await;
        assert_eq!(ids(&found), [all[place].clone()], "{status}");
    }
    assert_eq!(
        ids(&school.site.get(&format!("{RECORDS}?filter[ce_status]=Done")).await),
        Vec::<String>::new()
    );
    let of_program = school.site.get(&format!("{RECORDS}?filter[program]={}", school.program)).await;
    assert_eq!(ids(&of_program), [school.record.as_str()]);
    assert_eq!(ids(&school.site.get(&format!("{RECORDS}?filter[program]=x")).await), Vec::<String>::new());
    let page = school.site.get(&format!("{RECORDS}?page[size]=2&page[number]=2&include=program")).await;
    assert_eq!((ids(&page), &page.json()["meta"]["total"]), (vec![all[2].clone()], &json!(3)));
    assert_eq!(page.json()["included"].as_array().map(Vec::len), Some(1), "of what is shown alone");
    assert!(page.json()["links"]["prev"].is_string() && page.json()["links"]["next"].is_null());
    for bad in ["filter[ce_status]=open", "filter[ce_status]=", "sort=ce_status", "page[size]=101"] {
        school.site.get(&format!("{RECORDS}?{bad}")).await.assert_refused(400, &["invalid_parameter"]);
    }
    let listed = school.site.get(RECORDS).await;
    let tag = listed.header("etag").expect("a tag");
    let known = request(Method::GET, RECORDS, None).insert_header(("If-None-Match", tag));
    assert_eq!(school.site.send(known).await.status, 304);
}

#[actix_web::test]
async fn a_tag_is_another_where_the_clock_the_program_or_the_record_has_changed_what_is_shown() {
    let school = School::new(program("0", 0)).await;
    let first = school.tag().await;
    let known = school.with(Method::GET, "", ("If-None-Match", &first));
    assert_eq!(school.site.send(known).await.status, 304);
    school.change(json!({ "claim_closes_at": super::time(60) })).await;
    assert_eq!(school.tag().await, first, "Ready as before");
    school.clock(60);
    let closed = school.tag().await;
    assert_ne!(closed, first, "Open by the clock alone");
    school.attend("a", 1).await;
    let attended = school.tag().await;
    assert_ne!(attended, closed);
    let late = school.with(Method::POST, "/claims", ("If-Match", &closed));
    school.site.send(late).await.assert_refused(412, &["precondition_failed"]);
    school.clock(0);
    let by_clock = school.with(Method::POST, "/claims", ("If-Match", &attended));
    assert_eq!(school.site.send(by_clock).await.status, 201, "what the clock changes is not looked at");
}

#[actix_web::test]
async fn what_is_done_outlives_its_user_and_all_else_goes_with_him() {
    let school = School::new(program("0", 0)).await;
    assert_eq!(school.claim_all().await.status, 201);
    let void = School::on(school.site, program("0", 0), true).await;
    assert_eq!((void.claim_all().await.status, void.reopen().await.status), (201, 200));
    let open = School::on(void.site, program("10", 60), true).await;
    assert_eq!(open.attend("a", 1).await.status, 201);
    open.site.app.change(|connection| {
        let user = Profile::of(connection, id(REY))?.expect("a user");
        records::forget(connection, id(REY), user.id)?;
        Profile { deleted_at: Some(user.updated_at), ..user }.update(connection)
    });
    let done = School { site: open.site, ..school };
    done.assert_at("Done", 0, 0).await;
    let alone = done.by_key(Method::GET, "?include=user", None).await;
    assert_eq!(
        (alone.status, &alone.json()["included"]),
        (200, &json!([])),
        "nobody is left who could come along"
    );
    let kept = done.site.get(&format!("ce_records/{}/certificate", done.record)).await;
    assert_eq!(kept.assert_ok()["name"], "Rey");
    for gone in [&void.record, &open.record] {
        done.site.get(&format!("ce_records/{gone}")).await.assert_refused(404, &["not_found"]);
    }
    done.site.get(RECORDS).await.assert_refused(404, &["not_found"]);
    done.by_rey(Method::GET, "", None).await.assert_refused(404, &["not_found"]);
    done.site.post(RECORDS, &new_record(&open.program, true)).await.assert_refused(404, &["not_found"]);
}

#[actix_web::test]
async fn a_copy_has_the_programs_and_records_with_all_that_was_earned_and_claimed() {
    let school = School::new(program("10", 60)).await;
    school.attend("a", 6).await;
    assert_eq!(school.claim_all().await.status, 201);
    school.reopen().await;
    assert_eq!(school.claim_all().await.status, 201);
    let target = Place::migrated();
    let copied = copy(&school.site.app.place.target(), &target.target(), |_, _| {}).expect("a copy");
    let rows = |name: &str| copied.iter().find(|one| one.table == name).expect("a table").rows;
    assert_eq!(["ce_programs", "ce_records", "ce_activities", "ce_claims"].map(rows), [1, 1, 1, 2]);
    let app = school.site.app.on_another_place(target);
    let there = School {
        site: Site { app, key: school.site.key.clone() },
        program: school.program,
        record: school.record,
    };
    for below in ["", "/activities", "/claims", "/certificate"] {
        let here = school.site.get(&format!("ce_records/{}{below}", there.record)).await;
        assert_eq!(there.by_key(Method::GET, below, None).await.text(), here.text(), "{below}");
    }
    assert_eq!(there.reopen().await.status, 200);
}
