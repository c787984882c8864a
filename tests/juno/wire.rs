//! Users of JUNO on the wire (`juno.md` 1 and 2.2), through the real router.

mod dimension_values;
mod endpoints;
mod flat;
mod list;
mod negotiation;
mod tags;
mod texts;
mod values;

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{Site, document, made, request};
use crate::support::Answer;
use crate::support::app::REY;

pub const JSON: &str = "application/json";

/// What a user at least has.
pub fn least(email: &str) -> Value {
    json!({ "first_name": "John", "email": email })
}

/// A document of a user.
pub fn user(attributes: Value) -> Value {
    document("juno_users", attributes)
}

/// A site with one user of JUNO, whose id is 1.
pub async fn with_john() -> Site {
    let site = Site::new();
    assert_eq!(made(&site.post("juno_users", &user(least("john@example.com"))).await), "1");
    site
}

/// A site on which Rey is a user of JUNO, whose id is 1, with an account level.
pub async fn with_rey(level: u8) -> Site {
    let site = Site::new();
    let mut rey = user(json!({ "first_name": "Rey", "email": "rey@example.com", "account_level": level }));
    rey["data"]["relationships"] = json!({ "user": { "data": { "type": "users", "id": REY } } });
    assert_eq!(made(&site.post("juno_users", &rey).await), "1");
    site
}

impl Site {
    /// Sends a request with Rey's token.
    pub async fn as_rey(&self, request: TestRequest) -> Answer {
        self.app.send(request).await
    }

    /// Sets attributes of the first user in a document.
    pub async fn set(&self, attributes: Value) -> Answer {
        self.patch("juno_users/1", &user(attributes)).await
    }

    /// Sends a flat object to a path, and asks for a document.
    pub async fn send_flat(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = TestRequest::with_uri(&format!("/api/v2/{path}")).method(method);
        self.send(request.insert_header((CONTENT_TYPE, JSON)).set_payload(body.to_string())).await
    }

    /// The flat object of a path.
    pub async fn flat(&self, path: &str) -> Value {
        let answer = self.send(request(Method::GET, path, None).insert_header((ACCEPT, JSON))).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some(JSON));
        answer.json()
    }

    /// The attributes of the first user.
    pub async fn shown(&self) -> Value {
        self.get("juno_users/1").await.assert_ok()
    }

    /// A site's own dimension.
    pub async fn dimension(&self, attributes: Value) -> String {
        made(&self.post("dimensions", &document("dimensions", attributes)).await)
    }

    /// A tag of the type with the id.
    pub async fn tag(&self, name: &str, of_type: &str) -> String {
        let mut tag = document("tags", json!({ "name": name }));
        let of_type = json!({ "data": { "type": "tag_types", "id": of_type } });
        tag["data"]["relationships"] = json!({ "tag_type": of_type });
        made(&self.post("tags", &tag).await)
    }
}
