//! Accounts of social networks, between the URLs that JUNO keeps and the names that MPDX keeps (`juno.md` 5.4).

use url::Url;

use crate::users::rules::{TEXT_LIMIT, check_text};

/// A network whose URLs name an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    Facebook,
    Twitter,
}

/// What a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handle {
    /// What the account is called.
    pub name: String,
    /// Its number, where the URL has that and no name.
    pub number: Option<i64>,
}

impl Handle {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), number: None }
    }

    /// Whether it is the same account.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl Network {
    /// The account that a URL names, without a scheme as well; `None` for any other text.
    pub(super) fn handle(self, url: &str) -> Option<Handle> {
        let url = url.trim();
        let url = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
        let url = Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let hosts: &[&str] = match self {
            Self::Facebook => &["facebook.com", "fb.com"],
            Self::Twitter => &["twitter.com", "x.com"],
        };
        if !hosts.contains(&plain_host(&url)?) {
            return None;
        }
        let mut segments = url.path().split('/').filter(|segment| !segment.is_empty());
        let (Some(segment), None) = (segments.next(), segments.next()) else { return None };
        let handle = match self {
            Self::Facebook => facebook(&url, segment),
            Self::Twitter => twitter(segment),
        };
        handle.filter(|handle| check_text(&handle.name, TEXT_LIMIT).is_ok())
    }

    /// The name under which MPDX has an account: clients of MPDX may have put its URL there, or an `@` before it.
    pub(super) fn name(self, stored: &str) -> String {
        match (self, self.handle(stored)) {
            (_, Some(handle)) => handle.name,
            (Self::Facebook, None) => stored.to_owned(),
            (Self::Twitter, None) => stored.trim().trim_start_matches('@').to_owned(),
        }
    }

    /// A URL of an account of which only the name is known.
    pub(super) fn url(self, name: &str) -> String {
        let site = match self {
            Self::Facebook => "https://www.facebook.com/",
            Self::Twitter => "https://twitter.com/",
        };
        let mut url = Url::parse(site).ok();
        if let Some(mut segments) = url.as_mut().and_then(|url| url.path_segments_mut().ok()) {
            segments.pop().push(name);
        }
        url.map(String::from).unwrap_or_default()
    }
}

/// The host without what only says which face of the site it is: `www.`, `m.`, `mobile.`, `de-de.`.
fn plain_host(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    let Some((first, rest)) = host.split_once('.').filter(|(_, rest)| rest.contains('.')) else {
        return Some(host);
    };
    let letters = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_lowercase());
    let locale =
        first.split_once('-').map_or(letters(first), |(tongue, land)| letters(tongue) && letters(land));
    Some(if locale || matches!(first, "www" | "m" | "mobile") { rest } else { host })
}

fn facebook(url: &Url, segment: &str) -> Option<Handle> {
    // What stands behind `#!` is the path of old pages.
    let is_page = matches!(segment, "people" | "pages" | "groups")
        || url.fragment().is_some_and(|f| f.starts_with('!'));
    if segment == "profile.php" {
        let (_, id) = url.query_pairs().find(|(name, _)| name == "id")?;
        let digits = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        let number = id.parse().ok().filter(|_| digits)?;
        return Some(Handle { name: id.into_owned(), number: Some(number) });
    }
    (!is_page && !segment.contains(".php")).then(|| Handle::named(segment))
}

fn twitter(segment: &str) -> Option<Handle> {
    let name = segment.strip_prefix('@').unwrap_or(segment);
    let is_name =
        (1..=15).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then(|| Handle::named(name))
}
