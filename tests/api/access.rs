//! The policy (`src/policy.rs`): every route, asked for by everybody. `docs/access.md` is made of it.

mod education;
mod requests;

use std::fmt::Write as _;

use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::{call_service, init_service};
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::auth::api_keys::X_API_KEY;
use steward::clock::Clock as _;
use steward::db::schema::{organizations, people};
use steward::people::kind::Kind;
use steward::people::row::{Row, Value as RowValue};
use steward::people::store;
use steward::routes;
use steward::server::app;
use steward::transfer::export;
use steward::users::create::NewUser;

use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, MADE_AT, REY, USER, id, stamp};
use crate::support::docs;
use crate::support::form::{Form, png};
use crate::support::rows::new_row;
use requests::{DEFINITIONS, is_junos, is_public, juno_user, plain, request};

const FINN: &str = "11111111-1111-4111-8111-111111111111";
const POE: &str = "22222222-2222-4222-8222-222222222222";
const BOSS: &str = "44444444-4444-4444-8444-444444444444";
const ROW: &str = "33333333-3333-4333-8333-333333333333";
const ORGANIZATION: &str = "77777777-7777-4777-8777-777777777777";

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Anonymous,
    Key,
    Other,
    Sharing,
    Own,
    Disabled,
    Expired,
    Revoked,
    Full,
}

/// In the order of the columns.
const ALL: [Who; 9] = [
    Who::Anonymous,
    Who::Key,
    Who::Other,
    Who::Sharing,
    Who::Own,
    Who::Disabled,
    Who::Expired,
    Who::Revoked,
    Who::Full,
];

/// A route with a method, and whether what is sent is a form.
type Asked<'a> = (&'a str, &'a Method, bool);

/// Rey, a user of JUNO, with something of each kind; Finn shares her account list, Poe nothing. Leia has full access to
/// JUNO.
struct World {
    app: TestApp,
    /// The path of Rey's picture, behind the folder.
    picture: String,
    /// An API key.
    key: String,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new();
        app.change(|connection| {
            for (who, name, list) in [(FINN, "Finn", ACCOUNT_LIST), (POE, "Poe", POE), (BOSS, "Leia", BOSS)] {
                let user = NewUser::new(id(who), name, stamp(MADE_AT));
                user.and_then(|user| user.account_list(id(list), "-")).expect("a user").insert(connection)?;
            }
            let times =
                (organizations::created_at.eq(stamp(MADE_AT)), organizations::updated_at.eq(stamp(MADE_AT)));
            let organization = (organizations::id.eq(id(ORGANIZATION)), organizations::name.eq("-"), times);
            diesel::insert_into(organizations::table).values(organization).execute(connection)?;
            let kind = Kind::of_type("account_list_coaches").expect("a kind");
            let mut coach = Row::new(kind, id(ROW), stamp(MADE_AT));
            coach.set("account_list", RowValue::Id(id(POE)));
            store::insert(connection, id(REY), &coach)
        });
        for kind in Kind::all().filter(|kind| !kind.is_read_only()) {
            make(&app, kind.path(), new_row(kind.name, FINN)).await;
        }
        let mut account = json!({ "data": { "type": "organization_accounts", "attributes": {} } });
        let organization = json!({ "data": { "type": "organizations", "id": ORGANIZATION } });
        account["data"]["relationships"] = json!({ "organization": organization });
        make(&app, "organization_accounts", account).await;
        let form = Form::new().file("avatar", "image/png", &png()).text("overwrite", "true");
        let shown = app.send(form.put("/api/v2/contacts/people/me")).await.json();
        let url = shown["data"]["attributes"]["avatar"].as_str().expect("a URL").to_owned();
        let picture = url.split_once("/pictures/").expect("a picture").1.to_owned();
        let key = app.api_key("importer");
        for definition in DEFINITIONS {
            let request = request((&format!("/api/v2/{definition}"), &Method::POST, false), 0, REY, "");
            let made = app.send_as(None, request.insert_header((X_API_KEY, key.as_str()))).await;
            assert_eq!(made.status, 201, "{definition}: {}", made.text());
        }
        for (who, level) in [(REY, 0), (BOSS, 99)] {
            let request = juno_user(who, level).insert_header((X_API_KEY, key.as_str()));
            let made = app.send_as(None, request).await;
            assert_eq!(made.status, 201, "{}", made.text());
        }
        app.change(education::make);
        Self { app, picture, key }
    }

    fn token(&self, who: Who) -> Option<String> {
        let issue =
            |user: &str, at: i64| self.app.state.tokens.issue(id(user), stamp(at), 0, 3600).expect("a token");
        let now = self.app.clock.now().seconds();
        match who {
            Who::Anonymous | Who::Key => None,
            Who::Other => Some(issue(POE, now)),
            Who::Sharing => Some(issue(FINN, now)),
            Who::Full => Some(issue(BOSS, now)),
            Who::Own | Who::Disabled => Some(issue(REY, now)),
            Who::Expired => Some(issue(REY, now - 3601)),
            Who::Revoked => Some(issue(REY, now - 1)),
        }
    }

    /// The status that somebody is answered with. The body of a stream never ends, so none is read.
    async fn ask(&self, who: Who, asked: Asked<'_>) -> u16 {
        let number = ALL.iter().position(|one| *one == who).and_then(|place| u8::try_from(place).ok());
        let own = match who {
            Who::Other => POE,
            Who::Sharing => FINN,
            Who::Full => BOSS,
            _ => REY,
        };
        let mut request = request(asked, 1 + number.expect("a number"), own, &self.picture);
        if let Some(token) = self.token(who) {
            request = request.insert_header((AUTHORIZATION, format!("Bearer {token}")));
        }
        if who == Who::Key {
            request = request.insert_header((X_API_KEY, self.key.as_str()));
        }
        let (disabled, epoch) = (who == Who::Disabled, self.app.clock.now().seconds());
        let epoch = if who == Who::Revoked { epoch } else { 0 };
        self.app.change(|connection| {
            let state = (people::disabled.eq(disabled), people::token_epoch.eq(epoch));
            diesel::update(people::table.find(id(REY))).set(state).execute(connection)
        });
        let service = init_service(app(self.app.state.clone())).await;
        let status = call_service(&service, request.to_request()).await.status().as_u16();
        self.app.change(|connection| {
            let state = (people::disabled.eq(false), people::token_epoch.eq(0));
            diesel::update(people::table.find(id(REY))).set(state).execute(connection)
        });
        status
    }

    /// All that is stored of Rey.
    fn stored(&self) -> Value {
        let mut line = Vec::new();
        export(&mut self.app.connection(), Some(id(REY)), &mut line, |_| {}).expect("a line");
        serde_json::from_slice(&line).expect("JSON")
    }
}

/// Makes a row of Rey's.
async fn make(app: &TestApp, path: &str, mut document: Value) {
    document["data"]["id"] = ROW.into();
    let made = app.call(Method::POST, &format!("{USER}/{path}"), Some(&document)).await;
    assert_eq!(made.status, 201, "{path}: {}", made.text());
}

/// What a route answers to all of them, in the order of [`ALL`].
async fn answers(world: &mut World, asked: Asked<'_>) -> [u16; 9] {
    let (route, method, _) = asked;
    // By these who shares a list with Rey changes it, too; and of the list that she coaches she is shown what it is.
    let shared = ["/api/v2/account_lists/<id>", "/api/v2/user/organization_accounts"];
    let mut statuses = [0; 9];
    // Rey herself last: what she does, the others would miss.
    for (place, who) in ALL.into_iter().enumerate().filter(|(_, who)| *who != Who::Own) {
        let before = world.stored();
        statuses[place] = world.ask(who, asked).await;
        let is_changed = world.stored() != before;
        let is_theirs = matches!(who, Who::Sharing | Who::Other | Who::Full) && shared.contains(&route);
        let is_site = is_junos(route) || education::is_education(route);
        let may_change = is_theirs || (matches!(who, Who::Key | Who::Full) && is_site);
        assert!(!is_changed || (may_change && statuses[place] < 300), "{method} {route} by {who:?}");
        if statuses[place] < 300 && *method == Method::DELETE && is_site {
            // The next one finds it there.
            *world = World::new().await;
        }
    }
    statuses[4] = world.ask(Who::Own, asked).await;
    statuses
}

fn check((route, method, _): Asked<'_>, statuses: [u16; 9]) {
    let [anonymous, key, other, sharing, own, disabled, expired, revoked, full] = statuses;
    let all = format!("{method} {route}: {statuses:?}");
    if is_public(route) {
        return assert!(statuses.iter().all(|status| *status == own), "{all}");
    }
    assert_eq!([anonymous, disabled, expired, revoked], [401; 4], "{all}");
    if education::is_education(route) {
        assert_eq!([key, other, sharing, own], education::expected(route, method), "{all}");
        // What the integration has done is done.
        assert!(full == key || full == 409, "{all}");
        return;
    }
    if is_junos(route) {
        assert!(key < 300 && full < 300, "{all}");
        return check_junos(route, method, [other, sharing, own], &all);
    }
    assert_eq!(key, 401, "no user's route: {all}");
    // Leia has an address, of which JUNO knows; Poe has none.
    let is_own = route.starts_with("/api/v2/user/relationships/") && matches!(full, 204 | 403);
    assert!(full == other || is_own, "full access is to JUNO alone: {all}");
    // No linkage is changed through it: what is not what there is, is refused.
    let is_refusal = matches!(own, 400 | 403) && route.contains("/relationships/");
    assert!(own < 300 || is_refusal, "{all}");
    if route.starts_with("/api/v2/account_lists/") {
        assert_eq!((other, sharing), (404, own), "{all}");
    } else if route == "/api/v2/user/key_accounts/<id>" {
        assert_eq!((other, sharing), (403, 403), "{all}");
    } else if route.contains('<') {
        assert_eq!((other, sharing), (404, 404), "{all}");
    } else {
        assert!([other, sharing].iter().all(|status| *status < 300 || is_refusal || *status == own), "{all}");
    }
}

/// What JUNO's routes answer to those who do not administer the site.
fn check_junos(route: &str, method: &Method, statuses: [u16; 3], all: &str) {
    let [_, _, own] = statuses;
    let users = route.strip_prefix("/api/v2/juno_users");
    match (users, method) {
        (Some(""), _) | (Some("/<id>"), &Method::DELETE) => assert_eq!(statuses, [403; 3], "{all}"),
        (Some(_), _) => assert!(statuses == [404, 404, own] && own < 300, "{all}"),
        (None, &Method::GET) => assert_eq!(statuses, [200; 3], "{all}"),
        (None, _) => assert_eq!(statuses, [403; 3], "{all}"),
    }
}

#[actix_web::test]
async fn every_route_answers_everybody_as_the_policy_says() {
    let mut made = String::from(
        "| route | | no token | API key | another | sharing | own | disabled | expired | revoked | full access |\n",
    );
    made.push_str("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    let mut world = World::new().await;
    let listed = routes::listed().into_iter();
    let mut all: Vec<(String, Method, bool)> = listed
        .flat_map(|(pattern, methods)| {
            methods.into_iter().map(move |method| (plain(&pattern), method, false))
        })
        .collect();
    all.push(("/api/v2/contacts/people/<id>".to_owned(), Method::PUT, true));
    for (route, method, is_form) in &all {
        let asked = (route.as_str(), method, *is_form);
        let statuses = answers(&mut world, asked).await;
        if method != Method::GET {
            world = World::new().await;
        }
        check(asked, statuses);
        let form = if *is_form { " of a form" } else { "" };
        write!(made, "| `{route}` | {method}{form} |").expect("text");
        for status in statuses {
            write!(made, " {status} |").expect("text");
        }
        made.push('\n');
    }
    docs::check("access", "access", &made);
}
