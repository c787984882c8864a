//! What comes along, sparse fieldsets, and lists in pages: K59 to K86, design 2 (decisions 1, 14, 19) and 9.

mod remembered;

use std::collections::BTreeSet;

use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};
use steward::users::create::NewUser;

use crate::support::app::{ACCOUNT_LIST, JSON_API, MADE_AT, REY, STAMP, USER, id, stamp};
use crate::support::backend::{is_postgres, many_websites};
use crate::support::{Answer, TestApp, put, user};

const FINN: &str = "11111111-1111-4111-8111-111111111111";
const EMAIL: &str = "cbb8d3f5-8000-46b1-81f9-5e3c3a49819f";

/// Rey with Finn, who shares her account list and is her brother.
async fn with_finn() -> TestApp {
    let app = TestApp::new();
    app.change(|connection| {
        let finn = NewUser::new(id(FINN), "Finn", stamp(MADE_AT)).and_then(|finn| finn.last_name("Storm"));
        let finn = finn.and_then(|finn| finn.email(id(REY), "finn@example.com"));
        finn.and_then(|finn| finn.account_list(id(ACCOUNT_LIST), "-")).expect("Finn").insert(connection)
    });
    let brother = json!({ "data": {
        "type": "family_relationships",
        "attributes": { "relationship": "Brother" },
        "relationships": { "related_person": { "data": { "type": "people", "id": FINN } } },
    } });
    let request = TestRequest::post().uri("/api/v2/user/family_relationships");
    let request = request.insert_header(("Content-Type", JSON_API)).set_payload(brother.to_string());
    assert_eq!(app.send(request).await.status, 201);
    app
}

async fn get(app: &TestApp, query: &str) -> Answer {
    app.send(TestRequest::get().uri(&format!("{USER}?{query}"))).await
}

fn included(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let document = answer.json();
    let included = document["included"].as_array().expect("included").iter();
    included
        .map(|resource| {
            (
                resource["type"].as_str().expect("a type").to_owned(),
                resource["id"].as_str().expect("an id").to_owned(),
            )
        })
        .collect()
}

/// K38 and K40 of any document: everything included is reachable, nothing is there twice.
fn assert_full_linkage(document: &Value) {
    fn linked(resource: &Value, reached: &mut BTreeSet<(String, String)>) {
        for relationship in resource["relationships"].as_object().into_iter().flat_map(|all| all.values()) {
            let data = &relationship["data"];
            for one in data.as_array().map_or_else(|| std::slice::from_ref(data), Vec::as_slice) {
                if let (Some(kind), Some(id)) = (one["type"].as_str(), one["id"].as_str()) {
                    reached.insert((kind.to_owned(), id.to_owned()));
                }
            }
        }
    }
    let mut reached = BTreeSet::new();
    linked(&document["data"], &mut reached);
    let included = document["included"].as_array().expect("included");
    for resource in included {
        linked(resource, &mut reached);
    }
    let mut seen = BTreeSet::new();
    for resource in included.iter().chain([&document["data"]]) {
        let key = (
            resource["type"].as_str().expect("a type").to_owned(),
            resource["id"].as_str().expect("an id").to_owned(),
        );
        assert!(seen.insert(key.clone()), "{key:?} twice in {document}");
        assert!(
            *resource == document["data"] || reached.contains(&key),
            "{key:?} is unreachable in {document}"
        );
    }
}

#[actix_web::test]
async fn the_web_clients_page_load_gets_everything_it_reads() {
    let app = with_finn().await;
    let answer = get(
        &app,
        "include=account_lists,email_addresses,facebook_accounts,family_relationships,\
         family_relationships.related_person,linkedin_accounts,master_person,phone_numbers,twitter_accounts,websites",
    )
    .await;
    let kinds: Vec<_> = included(&answer).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        ["email_addresses", "family_relationships", "people", "account_lists", "master_people"]
    );
    let document = answer.json();
    assert_full_linkage(&document);
    let resource = |kind: &str| {
        document["included"]
            .as_array()
            .expect("included")
            .iter()
            .find(|r| r["type"] == kind)
            .expect("one")
            .clone()
    };
    assert_eq!(resource("email_addresses")["attributes"]["email"], "rey@example.com");
    assert_eq!(resource("account_lists")["attributes"]["name"], "Rey's account list");
    let others =
        json!({ "avatar": "https://mpdx.org/images/avatar.png", "first_name": "Finn", "last_name": "Storm" });
    assert_eq!(
        resource("people"),
        json!({ "id": FINN, "type": "people", "attributes": others }),
        "and nothing more"
    );
}

#[actix_web::test]
async fn nested_paths_bring_what_lies_between_and_the_user_himself_is_not_there_twice() {
    let app = with_finn().await;
    let answer = get(&app, "include=account_lists.users").await;
    let expected =
        [("account_lists".to_owned(), ACCOUNT_LIST.to_owned()), ("users".to_owned(), FINN.to_owned())];
    assert_eq!(included(&answer), expected);
    let document = answer.json();
    assert_full_linkage(&document);
    let users = document["included"][0]["relationships"]["users"]["data"].as_array().expect("linkage").len();
    assert_eq!(users, 2, "the linkage has both");
}

#[actix_web::test]
async fn the_star_is_all_direct_relationships_and_nothing_unrequested_comes() {
    let app = with_finn().await;
    let kinds: Vec<_> = included(&get(&app, "include=*").await).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["email_addresses", "family_relationships", "account_lists", "master_people"]);
    assert_eq!(included(&get(&app, "include=websites").await), []);
    for nothing in ["include=", "include=**"] {
        let answer = get(&app, nothing).await;
        assert_eq!(included(&answer), [], "{nothing}");
        assert_eq!(answer.json()["data"], app.get().await.json()["data"], "{nothing}");
    }
}

#[actix_web::test]
async fn unknown_paths_are_400_and_name_the_parameter() {
    let app = TestApp::new();
    for path in ["friends", "email_addresses.user", "account_lists.users.websites", "master_person.x"] {
        let answer = get(&app, &format!("include={path}")).await;
        answer.assert_refused(400, &["invalid_parameter"]);
        assert_eq!(answer.error()["source"], json!({ "parameter": "include" }), "{path}");
    }
}

#[actix_web::test]
async fn sparse_fieldsets_leave_only_what_is_named_everywhere() {
    let app = with_finn().await;
    let document = get(&app, "fields[users]=first_name,account_lists,nonsense&fields[robots]=x").await.json();
    let expected = json!({
        "id": REY, "type": "users",
        "attributes": { "first_name": "Rey" },
        "relationships": { "account_lists": { "data": [{ "id": ACCOUNT_LIST, "type": "account_lists" }] } },
    });
    assert_eq!(document, json!({ "data": expected }));
    assert_eq!(get(&app, "fields[users]=").await.json(), json!({ "data": { "id": REY, "type": "users" } }));
    let query = "include=*,family_relationships.related_person&fields[email_addresses]=email&fields[people]=&fields[account_lists]=name\
                 &fields[master_people]=created_at";
    let document = get(&app, query).await.json();
    let shown: Vec<_> =
        document["included"].as_array().expect("included").iter().map(|r| r["attributes"].clone()).collect();
    assert_eq!(shown[0], json!({ "email": "rey@example.com" }));
    assert_eq!(shown[2], Value::Null, "people");
    assert_eq!(shown[3], json!({ "name": "Rey's account list" }));
    assert_eq!(shown[4], json!({ "created_at": STAMP }));
    assert_eq!(document["data"]["attributes"]["last_name"], Value::Null, "other types are untouched");
}

#[actix_web::test]
async fn answers_to_writes_include_and_restrict_as_reads_do() {
    let app = with_finn().await;
    let edit = put(&user(json!({ "employer": "Cru", "overwrite": true })));
    let answer = app.send(edit.uri(&format!("{USER}?include=email_addresses&fields[users]=employer"))).await;
    assert_eq!(answer.json()["data"]["attributes"], json!({ "employer": "Cru" }));
    assert_eq!(included(&answer), [("email_addresses".to_owned(), EMAIL.to_owned())]);
}

#[actix_web::test]
async fn each_representation_has_a_tag_of_its_own_and_all_of_them_hold_in_if_match() {
    let app = with_finn().await;
    let queries = ["", "include=*", "fields[users]=first_name", "include=account_lists.users"];
    let mut tags = Vec::new();
    for query in queries {
        let tag = get(&app, query).await.header("etag").expect("a tag").to_owned();
        for other in queries {
            let request = TestRequest::get()
                .uri(&format!("{USER}?{other}"))
                .insert_header(("If-None-Match", tag.clone()));
            assert_eq!(
                app.send(request).await.status,
                if other == query { 304 } else { 200 },
                "{query} {other}"
            );
        }
        tags.push(tag);
    }
    let unique: BTreeSet<_> = tags.iter().collect();
    assert_eq!(unique.len(), queries.len());
    // What reaches rows of others changes when they do, though the user's version does not.
    app.change(|connection| {
        connection.batch_execute("UPDATE people SET first_name = 'FN' WHERE first_name = 'Finn'")
    });
    let request = TestRequest::get()
        .uri(&format!("{USER}?{}", queries[3]))
        .insert_header(("If-None-Match", tags[3].clone()));
    assert_eq!(app.send(request).await.status, 200);
    let edit = put(&user(json!({ "employer": "Cru" }))).insert_header(("If-Match", tags[1].clone()));
    app.send(edit).await.assert_ok();
}

#[actix_web::test]
async fn lists_are_cut_into_pages_with_links_that_repeat_the_query() {
    let app = TestApp::new();
    for i in 0..5 {
        let site = json!({ "data": { "type": "websites", "attributes": { "url": format!("u{i}") } } });
        let request =
            TestRequest::post().uri("/api/v2/user/websites").insert_header(("Content-Type", JSON_API));
        app.clock.advance(60);
        app.send(request.set_payload(site.to_string())).await;
    }
    let list =
        async |query: &str| app.send(TestRequest::get().uri(&format!("/api/v2/user/websites?{query}"))).await;
    let urls = |answer: &Answer| {
        let rows = answer.json()["data"].as_array().expect("rows").clone();
        rows.iter()
            .map(|row| row["attributes"]["url"].as_str().expect("a URL").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let all = list("").await;
    assert_eq!(urls(&all), "u0 u1 u2 u3 u4");
    let pagination = json!({ "page": 1, "per_page": 25, "total_count": 5, "total_pages": 1 });
    assert_eq!(all.json()["meta"]["pagination"], pagination);
    assert_eq!(urls(&list("per_page=10000").await), "u0 u1 u2 u3 u4");
    let second = list("page%5Bnumber%5D=2&page[size]=2&sort=-created_at&fields[websites]=url").await;
    assert_eq!(urls(&second), "u2 u1");
    assert_eq!(second.json()["meta"]["sort"], "-created_at");
    let links = second.json()["links"].clone();
    let url = |n: u32| {
        format!(
            "/api/v2/user/websites?sort=-created_at&fields%5Bwebsites%5D=url&page%5Bnumber%5D={n}&page%5Bsize%5D=2"
        )
    };
    let expected = json!({ "self": url(2), "first": url(1), "prev": url(1), "next": url(3), "last": url(3) });
    assert_eq!(links, expected);
    let next = app.send(TestRequest::get().uri(links["next"].as_str().expect("a link"))).await;
    assert_eq!(urls(&next), "u0");
    assert_eq!(next.json()["links"]["next"], Value::Null);
    let beyond = list("page=9&per_page=2").await;
    assert_eq!((urls(&beyond).as_str(), &beyond.json()["links"]["prev"]), ("", &Value::Null));
    let range = list("filter[updated_at]=2022-01-12T17:20:00Z..2022-01-12T17:22:00Z").await;
    assert_eq!(urls(&range), "u1 u2");
    for wrong in
        ["page=0", "per_page=x", "page=1&page[number]=1", "per_page=10001", "sort=url", "filter[url]=x"]
    {
        list(wrong).await.assert_refused(400, &["invalid_parameter"]);
    }
}

#[actix_web::test]
async fn what_is_included_costs_a_fixed_number_of_statements_and_one_for_all_own_rows() {
    let app = with_finn().await;
    app.change(|connection| connection.batch_execute(&many_websites("Rey", 200)));
    let app = app.second_node();
    let before = app.state.db.statements();
    let answer = get(&app, "include=*,family_relationships.related_person").await;
    assert_eq!(included(&answer).len(), 200 + 5);
    // The caller's status, and whether others have written, which only SQLite is asked; the user twice, since this node remembers nothing of him: row and linkage; relatives, lists and
    // their linkage; and all rows with the version once more, in the two that begin and end a transaction.
    let looked = u64::from(!is_postgres());
    assert_eq!(app.state.db.statements() - before, looked + 1 + 2 + 2 + 3 + 1 + 2);
    let full = async || {
        let before = app.state.db.statements();
        get(&app, "include=*").await.assert_ok();
        app.state.db.statements() - before
    };
    assert_eq!(full().await, 1 + 2 + 1, "the user is remembered, so there is no need of one transaction");
    assert_eq!(full().await, 1 + 1, "of a remembered document only what its lists name is read again");
    let before = app.state.db.statements();
    app.get().await.assert_ok();
    assert_eq!(
        app.state.db.statements() - before,
        1,
        "a plain read of a remembered user is the status alone"
    );
}
