//! The web client (1): a page load, the set-up, saves.

use actix_web::http::Method;
use serde_json::{Value, json};
use steward::config::SignInFlags;

use super::{Client, app, related, rows};
use crate::contract::clients::PAGE_LOAD;
use crate::support::TestApp;
use crate::support::app::{ACCOUNT_LIST, JSON_API, REY, STAMP};
use crate::support::provider::cas::{cas, cas_flags, success};

/// The organization that [`TestApp::connect_organization`] makes.
const ORGANIZATION: &str = REY;

/// A page, and what it has read.
struct Page<'a> {
    client: Client<'a>,
    user: Value,
    options: Value,
}

impl<'a> Page<'a> {
    /// As it begins: in the browser's language.
    fn new(app: &'a TestApp) -> Self {
        let headers = [
            ("Accept", JSON_API),
            ("Content-Type", JSON_API),
            ("Accept-Language", "en-US"),
            ("Origin", "https://mpdx.example"),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).to_vec();
        let client = Client { app, headers, token: Some(app.token.clone()) };
        Self { client, user: Value::Null, options: Value::Null }
    }

    /// "every page load", and what follows.
    async fn load(&mut self) {
        self.read_user().await;
        if let Some(list) = self.preferences()["default_account_list"].as_str() {
            self.read_account_list(list).await;
        }
        self.read_options().await;
        rows(&self.client.get("user/key_accounts").await);
    }

    /// The list that he works with, of whose appeal nothing is wanted but which one it is.
    async fn read_account_list(&self, id: &str) {
        let path = format!("account_lists/{id}?fields[primary_appeal]=&include=primary_appeal");
        let document = self.client.get(&path).await;
        let data = &document["data"];
        assert_eq!((&data["type"], &data["id"]), (&json!("account_lists"), &json!(id)));
        let lists = self.related("account_lists");
        let same = lists.iter().find(|list| list["id"] == id).expect("one of his own");
        assert_eq!(data["attributes"]["name"], same["attributes"]["name"]);
        assert_eq!(data["relationships"]["primary_appeal"]["data"], Value::Null, "nobody has one");
    }

    /// The user, whose language is spoken from now on.
    async fn read_user(&mut self) {
        self.user = self.client.get(PAGE_LOAD).await;
        assert!(self.user["data"]["id"].is_string());
        let preferences = self.preferences();
        assert!(preferences.is_object(), "{preferences}");
        let list = preferences.get("default_account_list").expect("there");
        assert!(list.is_null() || list.is_string(), "strictly null, or a text: {list}");
        let locale = preferences["locale"].as_str().expect("a language").to_owned();
        for (name, value) in &mut self.client.headers {
            if *name == "Accept-Language" {
                value.clone_from(&locale);
            }
        }
    }

    async fn read_options(&mut self) {
        self.options = self.client.get("user/options?per_page=10000").await;
    }

    fn preferences(&self) -> &Value {
        &self.user["data"]["attributes"]["preferences"]
    }

    fn option(&self, key: &str) -> Option<&str> {
        let option = rows(&self.options).iter().find(|option| option["attributes"]["key"] == key)?;
        option["attributes"]["value"].as_str()
    }

    fn related(&self, name: &str) -> Vec<Value> {
        related(&self.user, &self.user["data"], name)
    }

    /// A save of a member, which is followed by reading all again.
    async fn save(&mut self, name: &str, value: &Value) {
        let attributes = json!({ name: value, "overwrite": true });
        let document =
            json!({ "data": { "type": "users", "id": self.user["data"]["id"], "attributes": attributes } });
        self.save_document(&document.to_string()).await;
    }

    async fn save_document(&mut self, document: &str) {
        self.write(Method::PUT, "user", document).await;
        self.read_user().await;
        self.read_options().await;
    }

    /// A write; anything but success is the same box with a Retry button.
    async fn write(&self, method: Method, path: &str, document: &str) {
        let answer = self.client.send(method, path, document).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text());
    }
}

#[actix_web::test]
async fn a_first_visit_goes_from_the_ticket_through_the_set_up() {
    let server = cas(&[("ST-1", success("finn", "<cas:email>finn@example.com</cas:email>"))]);
    let app = app(&SignInFlags { new_user_account_list: true, ..cas_flags(&server) });
    app.connect_organization();
    let mut page = Page::new(&app);
    page.client.sign_in(r#"{"data":{"type":"authenticate","attributes":{"cas_ticket":"ST-1"}}}"#).await;
    page.load().await;
    assert_eq!(page.preferences()["default_account_list"], Value::Null);
    let lists = page.related("account_lists");
    assert_eq!((lists.len(), &lists[0]["attributes"]["name"]), (1, &json!("finn's account list")));
    let email = &page.related("email_addresses")[0]["attributes"];
    assert_eq!((&email["email"], &email["primary"]), (&json!("finn@example.com"), &json!(true)));
    // Where he is in the set-up.
    assert_eq!(page.option("setup_position"), None);
    let start = r#"{"data":{"type":"user_options","attributes":{"key":"setup_position","value":"start"}}}"#;
    let made = page.client.send(Method::POST, "user/options", start).await;
    assert_eq!((made.status, &made.json()["data"]["attributes"]["value"]), (201, &json!("start")));
    // He chooses an account list, and goes on.
    let mut preferences = page.preferences().clone();
    preferences["default_account_list"] = lists[0]["id"].clone();
    page.save("preferences", &preferences).await;
    assert_eq!(page.preferences()["default_account_list"], lists[0]["id"]);
    assert_eq!(page.option("setup_position"), Some("start"));
    let next = r#"{"data":{"type":"user_options","id":"undefined",
        "attributes":{"key":"setup_position","value":"preferences.personal","overwrite":true}}}"#;
    page.write(Method::PUT, "user/options/setup_position", next).await;
    // He connects an organization, the last thing that is missing.
    assert_eq!(page.preferences()["setup"], "no organization_account on default_account_list");
    let organization = json!({ "data": { "type": "organizations", "id": ORGANIZATION } });
    let person = json!({ "data": { "type": "people", "id": page.user["data"]["id"] } });
    let account = json!({ "data": { "type": "organization_accounts",
        "attributes": { "username": "finn", "password": "secret" },
        "relationships": { "organization": organization, "person": person } } });
    page.write(Method::POST, "user/organization_accounts", &account.to_string()).await;
    let accounts = page.client.get("user/organization_accounts?include=organization").await;
    let [account] = rows(&accounts) else { panic!("his own: {accounts}") };
    assert_eq!(account["attributes"]["username"], "finn");
    assert_eq!(related(&accounts, account, "organization")[0]["attributes"]["name"], "Cru");
    page.read_user().await;
    assert_eq!(page.preferences()["setup"], Value::Null);
    // The next page knows all that.
    let mut next = Page::new(&app);
    next.client.token = page.client.token;
    next.load().await;
    assert_eq!(next.user["data"]["id"], page.user["data"]["id"]);
    assert_eq!(next.preferences()["default_account_list"], lists[0]["id"]);
    assert_eq!(next.option("setup_position"), Some("preferences.personal"));
}

#[actix_web::test]
async fn preferences_are_saved_and_read_again_in_the_new_language() {
    let app = TestApp::new();
    let mut page = Page::new(&app);
    page.load().await;
    // Meanwhile, on another device.
    app.put(json!({ "employer": "Cru", "updated_in_db_at": STAMP })).await.assert_ok();
    let document = format!(
        r#"{{"data":{{"type":"users","id":"{REY}","attributes":{{"preferences":{{"hour_to_send_notifications":12,
        "time_zone":"Auckland","locale":"fr-FR","default_account_list":null,"setup":"no default_account_list"}},
        "overwrite":true}}}}}}"#
    );
    page.save_document(&document).await;
    let expected = json!({ "hour_to_send_notifications": 12, "time_zone": "Auckland", "locale": "fr-FR",
        "default_account_list": null, "setup": "no default_account_list" });
    assert_eq!(page.preferences(), &expected);
    assert!(page.client.headers.contains(&("Accept-Language", "fr-FR".to_owned())), "what it asked in since");
    assert_eq!(page.user["data"]["attributes"]["employer"], "Cru");
    // A default list is chosen, then none: from a text to a text to null.
    for list in [json!(ACCOUNT_LIST), Value::Null] {
        let mut preferences = page.preferences().clone();
        preferences["default_account_list"] = list.clone();
        page.save("preferences", &preferences).await;
        assert_eq!(page.preferences()["default_account_list"], list);
    }
    page.save("first_name", &json!("Jack")).await;
    assert_eq!(page.user["data"]["attributes"]["first_name"], "Jack");
    assert_eq!(page.preferences(), &expected, "a save of one member leaves the others");
}

#[actix_web::test]
async fn a_filter_is_saved_changed_read_and_removed() {
    let app = TestApp::new();
    let mut page = Page::new(&app);
    page.load().await;
    let (key, path) = ("saved_contacts_filter_a", "user/options/saved_contacts_filter_a");
    let made = r#"{"data":{"type":"user_options","attributes":{"key":"saved_contacts_filter_a",
        "value":"{\"status\":\"null\",\"any_tags\":false}"}}}"#;
    page.write(Method::POST, "user/options", made).await;
    let changed = r#"{"data":{"type":"user_options",
        "attributes":{"title":"A","value":"{\"status\":\"Partner\"}","overwrite":true}}}"#;
    page.write(Method::PUT, path, changed).await;
    let shown = page.client.get(path).await["data"]["attributes"].clone();
    assert_eq!((&shown["key"], &shown["value"]), (&json!(key), &json!(r#"{"status":"Partner"}"#)));
    page.load().await;
    assert_eq!(page.option(key), Some(r#"{"status":"Partner"}"#));
    let body =
        r#"{"data":{"type":"user_options","id":"undefined","attributes":{"key":"saved_contacts_filter_a"}}}"#;
    page.write(Method::DELETE, path, body).await;
    page.load().await;
    assert_eq!(page.option(key), None);
}
