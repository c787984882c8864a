//! Rows as clients send them.

use serde_json::{Value, json};

/// A document that creates a row of a kind; the relative is `relative`.
pub fn new_row(kind: &str, relative: &str) -> Value {
    numbered_row(kind, relative, 0)
}

/// As [`new_row`]; rows with different numbers do not stand for the same thing.
pub fn numbered_row(kind: &str, relative: &str, number: u8) -> Value {
    let n = if number == 0 { String::new() } else { number.to_string() };
    let attributes = match kind {
        "email_addresses" => json!({ "email": format!("new{n}@example.com") }),
        "facebook_accounts" => json!({ "username": format!("rey{n}") }),
        "family_relationships" => json!({ "relationship": "Brother" }),
        "key_accounts" => json!({ "email": "rey@example.com", "remote_id": format!("F{n}") }),
        "linkedin_accounts" => json!({ "public_url": format!("https://www.linkedin.com/in/rey{n}") }),
        "phone_numbers" => json!({ "number": format!("213456789{number}") }),
        "twitter_accounts" => json!({ "screen_name": format!("rey{n}") }),
        "user_devices" => json!({ "token": format!("token{n}") }),
        "user_options" => json!({ "key": format!("a{n}"), "value": "1" }),
        _ => json!({ "url": format!("https://example{n}.com") }),
    };
    let mut document = json!({ "data": { "type": kind, "attributes": attributes } });
    if kind == "family_relationships" {
        let related = json!({ "data": { "type": "people", "id": relative } });
        document["data"]["relationships"] = json!({ "related_person": related });
    }
    document
}
