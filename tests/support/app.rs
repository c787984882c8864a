//! An application behind its real router, on a database of its own.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use diesel::prelude::*;
use serde_json::{Value, json};
use steward::account_lists::linkages::Linkages;
use steward::auth::api_keys;
use steward::auth::tokens::Tokens;
use steward::clock::{Clock as _, FixedClock, Stamp};
use steward::db::{Connection, Database, Limits, in_transaction};
use steward::health::Leaving;
use steward::id::Id;
use steward::server::app;
use steward::state::AppState;
use steward::sync::events::{Bounds, Hub};
use steward::sync::idempotency::InFlight;
use steward::transport::limits;
use steward::transport::rate::Rate;
use steward::users::avatar::gallery::{self, Gallery};
use steward::users::cache::PersonCache;
use steward::users::create::NewUser;
use steward::users::statuses::Statuses;
use steward::users::writes::Writes;
use tokio::runtime::Handle;

use super::{Answer, Place};

pub const JSON_API: &str = "application/vnd.api+json";
pub const USER: &str = "/api/v2/user";

/// The documented user, made at the documented time.
pub const REY: &str = "55ae2416-6a72-4812-b85e-46cd15fcebdf";
pub const ACCOUNT_LIST: &str = "64e69b34-623b-416b-80ce-5a255f5d82fa";
pub const MADE_AT: i64 = 1_642_007_889;
pub const STAMP: &str = "2022-01-12T17:18:09Z";

/// What tokens are signed with.
pub const SECRET: &str = "a secret of the tests, long enough";

/// A node on a database. Nodes made by [`TestApp::second_node`] share the database and nothing else.
pub struct TestApp {
    pub state: Data<AppState>,
    pub clock: Arc<FixedClock>,
    pub token: String,
    pub place: Arc<Place>,
}

pub fn id(text: &str) -> Id {
    Id::parse(text).expect("an id")
}

pub fn stamp(seconds: i64) -> Stamp {
    Stamp::from_seconds(seconds).expect("a stamp")
}

/// The documented user: an e-mail address, an account list, three preferences.
pub fn rey() -> NewUser {
    let preferences = vec![
        ("hour_to_send_notifications".to_owned(), 12.into()),
        ("time_zone".to_owned(), "Auckland".into()),
        ("locale".to_owned(), "en".into()),
    ];
    NewUser::new(id(REY), "Rey", stamp(MADE_AT))
        .and_then(|user| {
            user.master_person(id("df2cc53d-87d3-46e9-84b8-757921ebda71")).preferences(preferences)
        })
        .and_then(|user| user.email(id("cbb8d3f5-8000-46b1-81f9-5e3c3a49819f"), "rey@example.com"))
        .and_then(|user| user.account_list(id(ACCOUNT_LIST), "Rey's account list"))
        .expect("the documented user")
}

/// Where shared commits are made: with the test itself, so that it is the same each time what is shared; where it has no
/// runtime, on one that outlives all requests, as the program's main thread does.
fn home() -> Handle {
    static HOME: OnceLock<Handle> = OnceLock::new();
    let run = || {
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                tell.send(Handle::current()).expect("somebody listens");
                std::future::pending::<()>().await;
            });
        });
        told.recv().expect("a runtime")
    };
    Handle::try_current().unwrap_or_else(|_| HOME.get_or_init(run).clone())
}

impl TestApp {
    /// The documented user alone, and the clock at the time at which he was made.
    pub fn new() -> Self {
        Self::at(Place::migrated())
    }

    /// As [`TestApp::new`], at a place that is migrated and has no rows.
    pub fn at(place: Place) -> Self {
        let clock = Arc::new(FixedClock::new(stamp(MADE_AT)));
        let app = Self::on(Arc::new(place), clock, |_| {});
        app.change(|connection| rey().insert(connection));
        app
    }

    /// As [`TestApp::new`], with other settings.
    pub fn with(change: impl FnOnce(&mut AppState)) -> Self {
        let app = Self::new();
        Self::on(app.place, app.clock, change)
    }

    /// As [`TestApp::second_node`], with other settings.
    pub fn beside(other: &Self, change: impl FnOnce(&mut AppState)) -> Self {
        Self::on(Arc::clone(&other.place), Arc::clone(&other.clock), change)
    }

    /// Another process on the same database: its own pools and its own memory.
    pub fn second_node(&self) -> Self {
        Self::beside(self, |_| {})
    }

    /// A node on the database at another place, as it is there.
    pub fn on_another_place(&self, place: Place) -> Self {
        Self::on(Arc::new(place), Arc::clone(&self.clock), |_| {})
    }

    fn on(place: Arc<Place>, clock: Arc<FixedClock>, change: impl FnOnce(&mut AppState)) -> Self {
        let target = place.target();
        let limits = Limits {
            connections: 4,
            wait: Duration::from_secs(30),
            lock_wait: Duration::from_secs(30),
            keeps: true,
        };
        let mut state = AppState {
            db: Database::open(&target, limits),
            clock: clock.clone(),
            tokens: Arc::new(Tokens::new(SECRET)),
            sign_in: Arc::default(),
            statuses: Statuses::default(),
            linkages: Linkages::default(),
            writes: Writes::shared(home()),
            people: Arc::new(PersonCache::new(8)),
            incarnation: "0123456789ab".into(),
            restored_version: None,
            leaving: Leaving::default(),
            in_flight: InFlight::default(),
            events: Hub::new(Bounds { per_user: 3, per_node: 5, heartbeat: Duration::from_secs(3600) }),
            pictures: Gallery::new(gallery::Bounds::default()),
            key_wait: Duration::from_secs(30),
            deleted_records_days: 90,
            limits: limits::Limits::default(),
            metrics: None,
            rate: Rate::unlimited(),
            compresses: true,
            by_tls: false,
            cors_origins: Arc::new([]),
            has_console: true,
        };
        change(&mut state);
        let token = state.tokens.issue(id(REY), clock.now(), 0, 3600).expect("a token");
        Self { state: Data::new(state), clock, token, place }
    }

    /// The same node with its memory and another database below it.
    pub fn with_database(&self, db: Database) -> Self {
        let (statuses, linkages) = Default::default();
        let writes = Writes::shared(home());
        let state = AppState { db, statuses, linkages, writes, ..AppState::clone(&self.state) };
        Self {
            state: Data::new(state),
            clock: Arc::clone(&self.clock),
            token: self.token.clone(),
            place: Arc::clone(&self.place),
        }
    }

    /// A connection beside the application's own.
    pub fn connection(&self) -> Connection {
        self.place.target().connect().expect("a connection")
    }

    /// Changes the database behind the application's back.
    pub fn change<T>(&self, work: impl FnOnce(&mut Connection) -> diesel::QueryResult<T>) -> T {
        in_transaction(&mut self.connection(), work).expect("a change of the database")
    }

    /// Gives the documented user's account list an account at an organization, the last thing that `setup` asks for.
    pub fn connect_organization(&self) {
        use steward::db::schema::{organization_accounts as a, organizations as o};
        let at = stamp(MADE_AT);
        let organization = (o::id.eq(id(REY)), o::name.eq("Cru"), o::created_at.eq(at), o::updated_at.eq(at));
        let account = (
            (a::id.eq(id(REY)), a::organization_id.eq(id(REY)), a::account_list_id.eq(id(ACCOUNT_LIST))),
            (a::disable_downloads.eq(false), a::created_at.eq(at), a::updated_at.eq(at)),
        );
        self.change(|connection| {
            diesel::insert_into(o::table).values(organization).execute(connection)?;
            diesel::insert_into(a::table).values(account).execute(connection)
        });
    }

    /// Sends a request with the documented user's token.
    pub async fn send(&self, request: TestRequest) -> Answer {
        self.send_as(Some(&self.token), request).await
    }

    /// Sends a request with a token or without one, and checks what every answer must obey.
    pub async fn send_as(&self, token: Option<&str>, request: TestRequest) -> Answer {
        let request = match token {
            Some(token) => request.insert_header((AUTHORIZATION, format!("Bearer {token}"))),
            None => request,
        };
        let service = init_service(app(self.state.clone())).await;
        Answer::of(&service, request.to_request()).await
    }

    /// Sends many requests with the documented user's token, one after the other, to one service.
    pub async fn send_all<T>(&self, requests: Vec<(T, TestRequest)>, mut answered: impl FnMut(T, Answer)) {
        let service = init_service(app(self.state.clone())).await;
        for (name, request) in requests {
            let request = request.insert_header((AUTHORIZATION, format!("Bearer {}", self.token)));
            answered(name, Answer::of(&service, request.to_request()).await);
        }
    }

    /// Sends a request with the documented user's token, and a document where there is one.
    pub async fn call(&self, method: Method, path: &str, document: Option<&Value>) -> Answer {
        self.call_as(&self.token, method, path, document).await
    }

    /// As [`TestApp::call`], with another token.
    pub async fn call_as(&self, token: &str, method: Method, path: &str, document: Option<&Value>) -> Answer {
        let request = TestRequest::with_uri(path).method(method);
        let request = match document {
            Some(document) => {
                request.insert_header((CONTENT_TYPE, JSON_API)).set_payload(document.to_string())
            }
            None => request,
        };
        self.send_as(Some(token), request).await
    }

    /// A new API key.
    pub fn api_key(&self, name: &str) -> String {
        let key = api_keys::generate().expect("a key");
        self.change(|connection| api_keys::insert(connection, name, &key, stamp(MADE_AT)));
        key
    }

    /// A token of a user.
    pub fn token_of(&self, user: &str) -> String {
        self.state.tokens.issue(id(user), self.clock.now(), 0, 3600).expect("a token")
    }

    pub async fn get(&self) -> Answer {
        self.send(TestRequest::get().uri(USER)).await
    }

    /// A PUT of attributes.
    pub async fn put(&self, attributes: Value) -> Answer {
        self.send(put(&user(attributes))).await
    }

    /// A PUT of a whole document.
    pub async fn put_document(&self, document: &Value) -> Answer {
        self.send(put(document)).await
    }

    /// A PUT of bytes.
    pub async fn put_bytes(&self, body: impl Into<Vec<u8>>) -> Answer {
        let request = TestRequest::default().method(Method::PUT).uri(USER);
        self.send(request.insert_header((CONTENT_TYPE, JSON_API)).set_payload(body.into())).await
    }

    /// The attributes that the document shows now.
    pub async fn attributes(&self) -> Value {
        self.get().await.json()["data"]["attributes"].clone()
    }

    /// The stamp that the document shows now.
    pub async fn stamp(&self) -> String {
        self.attributes().await["updated_in_db_at"].as_str().expect("a stamp").to_owned()
    }
}

/// A document of a user with attributes.
pub fn user(attributes: Value) -> Value {
    json!({ "data": { "type": "users", "attributes": attributes } })
}

/// A PUT of a document.
pub fn put(document: &Value) -> TestRequest {
    let request = TestRequest::default().method(Method::PUT).uri(USER);
    request.insert_header((CONTENT_TYPE, JSON_API)).set_payload(document.to_string())
}
