//! Facebook accounts (`mpdx-behaviour.md` 4.6).

use url::Url;

use super::kind::{Around, Refuse};
use super::row::Row;
use crate::jsonapi::Code;
use crate::users::rules::{TEXT_LIMIT, check_text};

/// The username, or the number, that a Facebook URL names; any other text is a username as it is. `None` for a
/// Facebook URL that names nobody.
#[must_use]
pub fn username(sent: &str) -> Option<String> {
    let sent = sent.trim();
    let Some(url) = facebook_url(sent) else { return Some(sent.to_owned()) };
    // The address of old pages: facebook.com/#!/name
    let path = match url.fragment().and_then(|fragment| fragment.strip_prefix('!')) {
        Some(path) => path.to_owned(),
        None => url.path().to_owned(),
    };
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match segments.next() {
        Some("people" | "pages") => segments.next_back().filter(|last| is_number(last)).map(str::to_owned),
        Some("profile.php") | None => {
            let id = url.query_pairs().find(|(name, _)| name == "id").map(|(_, id)| id.into_owned());
            id.filter(|id| is_number(id))
        }
        Some(name) => Some(name.to_owned()),
    }
}

fn facebook_url(sent: &str) -> Option<Url> {
    let relative = sent.trim_start_matches('/');
    let url = Url::parse(sent).ok().filter(Url::has_host);
    let url = url.or_else(|| Url::parse(&format!("https://{relative}")).ok())?;
    let host = url.host_str()?;
    let known = ["facebook.com", "fb.com"].iter().any(|known| {
        host.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    });
    (known && matches!(url.scheme(), "http" | "https")).then_some(url)
}

/// The rules of the row.
pub(super) fn check(row: &mut Row, around: &Around<'_>, refuse: &mut Refuse<'_>) {
    if around.keeps(row, "username") {
        return;
    }
    // What is cut out of a URL obeys what any text obeys.
    let name = row.get("username").as_text().and_then(username);
    let Some(name) = name.filter(|name| !name.trim().is_empty() && check_text(name, TEXT_LIMIT).is_ok())
    else {
        refuse(Code::Invalid, "username", "is invalid");
        return;
    };
    row.set_normalized("username", &name, "original_url", around.before);
    if around.has_like(row, &["username"]) {
        refuse(Code::Taken, "username", "has already been taken");
    }
}
