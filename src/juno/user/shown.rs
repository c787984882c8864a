//! What is shown of what is stored (`juno.md` 5.2 to 5.5). Pure.

use std::collections::BTreeMap;

use super::field::Value;
use super::social::Network;
use super::source::Source;
use super::view::{ShownValue, View};
use crate::clock::Stamp;
use crate::juno::dimensions::Dimension;
use crate::people::row::{Row, Value as RowValue};
use crate::public_url;
use crate::users::time_zone;

/// The dimensions whose values lie with JUNO where no account can hold them.
pub(super) const FACEBOOK: i64 = 2;
pub(super) const TWITTER: i64 = 3;

/// The dimensions whose values always lie with JUNO, and the fields that are the same values.
pub(super) const OWN: [(&str, i64); 8] = [
    ("instagram", 1),
    ("address", 10),
    ("job_type", 11),
    ("designation", 12),
    ("city", 13),
    ("state_province", 14),
    ("postal_code", 15),
    ("country", 16),
];

impl Source {
    /// The user as documents show him at a moment.
    pub(super) fn view(&self, dimensions: &[Dimension], now: Stamp) -> View {
        let mut fields = self.fields(now);
        let hidden = dimensions.iter().filter(|dimension| dimension.system && !dimension.active);
        for field in hidden.filter_map(|dimension| super::field::Field::of_dimension(dimension.id)) {
            fields.remove(field.name);
        }
        let shown = dimensions.iter().filter(|dimension| !dimension.system && dimension.active);
        let value = |dimension: &Dimension| {
            let value = self.custom(dimension)?;
            Some(ShownValue { id: dimension.id, name: dimension.name.clone(), value })
        };
        View {
            version: self.version + self.profile.version,
            updated_at: self.stamp.max(self.profile.updated_at),
            fields,
            dimensions: shown.filter_map(value).collect(),
            tags: self.tags.clone(),
            profile: self.profile.clone(),
        }
    }

    /// The value of a dimension of the site's own.
    pub(super) fn custom(&self, dimension: &Dimension) -> Option<String> {
        match &dimension.maps_to {
            Some(attribute) => self.columns.get(attribute)?.as_str().map(str::to_owned),
            None => self.values.get(&dimension.id).cloned(),
        }
    }

    fn fields(&self, now: Stamp) -> BTreeMap<&'static str, Value> {
        let mut fields = BTreeMap::new();
        let Self { profile, columns, .. } = self;
        let own = OWN.map(|(name, id)| (name, self.values.get(&id).cloned()));
        let texts = [
            ("first_name", Some(columns.first_name.clone())),
            ("last_name", columns.last_name.clone()),
            ("title", columns.occupation.clone()),
            ("company", columns.employer.clone()),
            ("email", self.email().map(|row| as_sent(row, "email", "email_sent"))),
            ("phone", self.phone().map(|row| as_sent(row, "number", "number_sent"))),
            ("avatar", columns.avatar.as_deref().map(avatar)),
            ("website", self.website().map(|row| text(row, "url"))),
            ("linkedin", self.linkedin().map(|row| text(row, "public_url"))),
            ("facebook", self.facebook_url()),
            ("twitter", self.twitter_url()),
            ("client_id", profile.client_id.clone()),
            ("client_guid", profile.client_guid.map(|guid| guid.to_string())),
            ("username", profile.username.clone()),
        ];
        for (name, text) in own.into_iter().chain(texts) {
            fields.extend(text.map(|text| (name, Value::Text(text))));
        }
        fields.extend(self.offset(now).map(|offset| ("timezone", Value::Number(offset.into()))));
        fields.insert("points", Value::Number(profile.points));
        fields.insert("account_level", Value::Number(profile.account_level.into()));
        fields.insert("banned", Value::Flag(profile.banned));
        fields
    }

    /// The offset of the zone that has a name, now; else the offset that was sent.
    fn offset(&self, now: Stamp) -> Option<i32> {
        let zone = self.time_zone.as_deref().and_then(time_zone::find);
        zone.map(|zone| time_zone::offset(zone, now.moment())).or(self.profile.utc_offset)
    }

    /// The e-mail address that he signs in with.
    pub(super) fn email(&self) -> Option<&Row> {
        self.rows_of("email_addresses").iter().find(|row| row.get("primary").is_true())
    }

    /// The phone number that JUNO shows.
    pub(super) fn phone(&self) -> Option<&Row> {
        self.rows_of("phone_numbers").iter().find(|row| row.get("primary").is_true())
    }

    /// The website that JUNO shows: the oldest primary one, else the oldest.
    pub(super) fn website(&self) -> Option<&Row> {
        let rows = self.rows_of("websites");
        rows.iter().find(|row| row.get("primary").is_true()).or(rows.first())
    }

    /// The account that JUNO shows: the oldest.
    pub(super) fn linkedin(&self) -> Option<&Row> {
        self.rows_of("linkedin_accounts").first()
    }

    /// The account that JUNO shows; none where it shows a URL that no account can hold.
    pub(super) fn facebook(&self) -> Option<&Row> {
        let rows = self.rows_of("facebook_accounts");
        self.mirror(FACEBOOK, rows, self.profile.facebook_account_id)
    }

    /// As [`Source::facebook`].
    pub(super) fn twitter(&self) -> Option<&Row> {
        self.mirror(TWITTER, self.rows_of("twitter_accounts"), self.profile.twitter_account_id)
    }

    fn mirror<'a>(&self, dimension: i64, rows: &'a [Row], own: Option<crate::id::Id>) -> Option<&'a Row> {
        if self.values.contains_key(&dimension) {
            return None;
        }
        rows.iter().find(|row| Some(row.id) == own).or(rows.first())
    }

    fn facebook_url(&self) -> Option<String> {
        let shown = self.facebook().map(|row| {
            let urls = [self.profile.facebook_url.as_deref(), row.get("original_url").as_text()];
            shown_url(Network::Facebook, &text(row, "username"), urls)
        });
        shown.or_else(|| self.values.get(&FACEBOOK).cloned())
    }

    fn twitter_url(&self) -> Option<String> {
        let shown = self.twitter().map(|row| {
            let urls = [self.profile.twitter_url.as_deref(), row.get("original_url").as_text()];
            shown_url(Network::Twitter, &text(row, "screen_name"), urls)
        });
        shown.or_else(|| self.values.get(&TWITTER).cloned())
    }
}

/// The URL that was sent, while the account still is the one that it names; else one that is made of the name.
fn shown_url(network: Network, stored: &str, sent: [Option<&str>; 2]) -> String {
    let name = network.name(stored);
    let is_his = |url: &&str| network.handle(url).is_some_and(|handle| handle.is(&name));
    let sent = sent.into_iter().flatten().find(is_his);
    sent.map_or_else(|| network.url(&name), str::to_owned)
}

/// A value as it was sent, where it is stored in another form.
fn as_sent(row: &Row, name: &str, sent: &str) -> String {
    match row.get(sent) {
        RowValue::Text(sent) => sent.clone(),
        _ => text(row, name),
    }
}

fn text(row: &Row, name: &str) -> String {
    row.get(name).as_text().unwrap_or_default().to_owned()
}

/// A picture of our own is stored by its path.
fn avatar(stored: &str) -> String {
    if stored.starts_with('/') { public_url::of(stored) } else { stored.to_owned() }
}
