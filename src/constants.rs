//! `GET /api/v2/constants`: what clients offer for choice (`mpdx-behaviour.md` 4.1, 4.4 and 6.4), the same for everybody.
//! Where the server itself goes by such a list, it is that very list.

mod languages;

use std::sync::LazyLock;

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::jsonapi::document::Document;
use crate::jsonapi::query::{Query, Schema};
use crate::people::row::SOURCE;
use crate::pipeline::Call;
use crate::policy;
use crate::representation::Representation;
use crate::users::attributes;
use crate::users::preferences::LAST_HOUR;
use crate::users::time_zone::RAILS;

pub use languages::{LANGUAGES, LOCALES, Locale};

/// The type, and the id of the only resource of it.
const KIND: &str = "constant_list";

/// What else a person's marital status may be is up to him.
const MARITAL_STATUSES: [&str; 6] = ["Single", "Engaged", "Married", "Separated", "Divorced", "Widowed"];

/// What relatives usually are.
const RELATIONSHIPS: [&str; 18] = [
    "Husband",
    "Son",
    "Father",
    "Brother",
    "Uncle",
    "Nephew",
    "Cousin (Male)",
    "Grandfather",
    "Grandson",
    "Wife",
    "Daughter",
    "Mother",
    "Sister",
    "Aunt",
    "Niece",
    "Cousin (Female)",
    "Grandmother",
    "Granddaughter",
];

/// Where telephones usually are.
const PHONE_LOCATIONS: [&str; 3] = ["Mobile", "Home", "Work"];

/// Where addresses of e-mail usually are.
const EMAIL_LOCATIONS: [&str; 2] = ["Home", "Work"];

/// The resource object.
#[derive(Debug, Serialize)]
struct Constants {
    id: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    attributes: Map<String, Value>,
}

/// The attributes.
pub(crate) static ATTRIBUTES: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let locale = |Locale { code, name, native_name }: &Locale| {
        let english_name = format!("{name} ({code})");
        ((*code).to_owned(), json!({ "english_name": english_name, "native_name": native_name }))
    };
    let language = |code: &&str| ((*code).to_owned(), Value::from(languages::find(code).native_name));
    let zone = |(rails, zone): &(&str, chrono_tz::Tz)| ((*rails).to_owned(), Value::from(zone.name()));
    let attributes = [
        ("family_relationships", json!(RELATIONSHIPS)),
        ("languages", LANGUAGES.iter().map(language).collect()),
        ("locales", LOCALES.iter().map(locale).collect()),
        ("locations", json!({ "email_addresses": EMAIL_LOCATIONS, "phone_numbers": PHONE_LOCATIONS })),
        ("marital_statuses", json!(MARITAL_STATUSES)),
        ("mobile_alert_hours", hours()),
        ("sources", json!({ "email_addresses": [SOURCE], "phone_numbers": [SOURCE] })),
        ("suffixes", json!(attributes::abbreviations("suffix"))),
        ("time_zones", RAILS.iter().map(zone).collect()),
        ("titles", json!(attributes::abbreviations("title"))),
    ];
    attributes.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
});

/// What `hour_to_send_notifications` can be, each with a text for it.
fn hours() -> Value {
    let text = |hour: i32| {
        let half = if hour < 12 { "AM" } else { "PM" };
        let shown = if hour % 12 == 0 { 12 } else { hour % 12 };
        json!({ "key": hour, "value": format!("{shown}:00 {half}") })
    };
    std::iter::once(json!({ "key": null, "value": "Immediately" })).chain((0..=LAST_HOUR).map(text)).collect()
}

/// `GET /api/v2/constants`
///
/// # Errors
/// 400 for the query, 404 for a filter on another's account list, 503.
pub async fn show(call: Call) -> Result<HttpResponse, Error> {
    let relationships = |_: &str| -> crate::jsonapi::query::Relationships { &[] };
    let schema = Schema { kind: KIND, collection: false, relationships, sort: &[], filters: &[], own: &[] };
    let query = Query::parse(call.query(), &schema)?;
    policy::check_filter_of(&call, &query).await?;
    let wanted = ATTRIBUTES.iter().filter(|(name, _)| query.fields.allows(KIND, name));
    let attributes: Map<String, Value> = wanted.map(|(name, value)| (name.clone(), value.clone())).collect();
    let document =
        Document { data: Constants { id: KIND, kind: KIND, attributes }, included: None::<()>, meta: None };
    // Strings, numbers and lists of them can always be written into memory.
    let body = serde_json::to_vec(&document).unwrap_or_default();
    Ok(Representation::timeless(body).answer_to(&call))
}
