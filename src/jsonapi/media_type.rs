//! Which request bodies are taken and which answers the client accepts (JSON:API 1.1, "Content Negotiation";
//! K1-K14; design 2, decisions 3 and 4).

use super::atomic::EXTENSION;

/// The media type of every answer, as documented.
pub const ANSWER: &str = "application/vnd.api+json; charset=utf-8";

/// The media type without parameters.
pub const JSON_API: &str = "application/vnd.api+json";

/// The media type of JSON that is no document of JSON:API.
pub const JSON: &str = "application/json";

/// The media type of a form that may bring files.
pub const FORM: &str = "multipart/form-data";

/// The media type of a page for people.
pub const PAGE: &str = "text/html";

/// The media type of a stream of server-sent events.
pub const EVENTS: &str = "text/event-stream";

/// What bodies and answers are where there is more than one choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A document of JSON:API.
    Document,
    /// Plain JSON.
    Flat,
}

/// Whether a body is said to be JSON that is no document. Only its charset may be told, the one that JSON has.
#[must_use]
pub fn is_flat_body(content_type: &str) -> bool {
    split(content_type).is_some_and(|(essence, parameters)| is_json(essence, &parameters))
}

/// Which of the two an `Accept` header asks for: the one that it wants more, documents where it wants both as much.
/// `None` where neither is acceptable.
#[must_use]
pub fn answer_form(accept: &str) -> Option<Form> {
    match (accepts_answer(accept), accepts(accept, is_json)) {
        (true, true) if quality(accept, JSON) > quality(accept, JSON_API) => Some(Form::Flat),
        (true, _) => Some(Form::Document),
        (false, true) => Some(Form::Flat),
        (false, false) => None,
    }
}

fn is_json(essence: &str, parameters: &[(String, String)]) -> bool {
    let is_charset =
        |(name, value): &(String, String)| name == "charset" && value.eq_ignore_ascii_case("utf-8");
    essence.eq_ignore_ascii_case(JSON) && parameters.iter().all(|p| p.0 == "q" || is_charset(p))
}

/// How much an `Accept` header wants a media type: what the entry says that names it most closely (RFC 9110, 12.5.1).
fn quality(accept: &str, wanted: &str) -> f32 {
    let named = entries(accept).filter_map(split).filter_map(|(essence, parameters)| {
        let closeness = match essence.to_ascii_lowercase().as_str() {
            essence if essence == wanted => 2,
            "application/*" => 1,
            "*/*" => 0,
            _ => return None,
        };
        let quality = parameters.iter().find(|(name, _)| name == "q");
        Some((closeness, quality.and_then(|(_, q)| q.parse().ok()).unwrap_or(1.0)))
    });
    named.fold((-1, 0.0), |best, entry| if entry.0 > best.0 { entry } else { best }).1
}

/// Whether a body with this `Content-Type` is taken: JSON:API, with `profile` (unknown ones are ignored, K11) and
/// `charset=utf-8`, which mobile HTTP stacks append. `ext` must name what the endpoint applies: `extension` and
/// nothing else (K8, K126).
#[must_use]
pub fn accepts_body(content_type: &str, extension: Option<&str>) -> bool {
    let Some((essence, parameters)) = split(content_type) else { return false };
    let named = |(name, value): &(String, String)| (name == "ext").then(|| value.clone());
    let named: Vec<String> = parameters.iter().filter_map(named).collect();
    let named: Vec<&str> = named.iter().flat_map(|value| value.split_ascii_whitespace()).collect();
    essence.eq_ignore_ascii_case(JSON_API)
        && parameters.iter().all(|p| p.0 == "ext" || is_known(p))
        && named == Vec::from_iter(extension)
}

/// Whether an `Accept` header leaves JSON:API acceptable.
///
/// An entry that names JSON:API with a foreign parameter or an unknown extension does not count (K9, K10). The one
/// extension that is known may be named everywhere, and is applied where there are operations;
/// `*/*` and `application/*` do; an entry of quality 0 refuses. `charset=utf-8` is fine (design 9).
#[must_use]
pub fn accepts_answer(accept: &str) -> bool {
    accepts(accept, |essence, parameters| {
        essence.eq_ignore_ascii_case("application/*")
            || (essence.eq_ignore_ascii_case(JSON_API)
                && parameters.iter().all(|p| p.0 == "q" || is_known(p)))
    })
}

/// Whether an `Accept` header leaves a stream of events acceptable.
#[must_use]
pub fn accepts_events(accept: &str) -> bool {
    accepts(accept, |essence, _| essence == "text/*" || essence.eq_ignore_ascii_case(EVENTS))
}

/// Whether an `Accept` header asks for a page for people rather than for JSON:API: it names the page, and JSON:API only
/// behind it.
#[must_use]
pub fn prefers_page(accept: &str) -> bool {
    let quality = |wanted: &str, known: fn(&(String, String)) -> bool| {
        let named = entries(accept).filter_map(split).filter(|(essence, parameters)| {
            essence.eq_ignore_ascii_case(wanted) && parameters.iter().all(|p| p.0 == "q" || known(p))
        });
        let quality = |(_, parameters): (&str, Vec<(String, String)>)| {
            let sent = parameters.into_iter().find(|(name, _)| name == "q");
            sent.map_or(1.0, |(_, q)| q.parse::<f32>().unwrap_or(1.0))
        };
        named.map(quality).fold(0.0_f32, f32::max)
    };
    let page = quality(PAGE, |_| true);
    page > 0.0 && page > quality(JSON_API, is_known)
}

/// Whether an `Accept` header is empty or has an entry that is not refused and that means everything or is `wanted`.
fn accepts(accept: &str, wanted: impl Fn(&str, &[(String, String)]) -> bool) -> bool {
    let mut entries = entries(accept).peekable();
    if entries.peek().is_none() {
        return true;
    }
    entries.any(|entry| {
        let Some((essence, parameters)) = split(entry) else { return false };
        let quality = parameters.iter().find(|(name, _)| name == "q");
        if quality.is_some_and(|(_, q)| q.parse::<f32>().is_ok_and(|q| q <= 0.0)) {
            return false;
        }
        essence == "*/*" || wanted(essence, &parameters)
    })
}

/// Whether a parameter of the JSON:API media type is one that this server applies or may ignore.
fn is_known((name, value): &(String, String)) -> bool {
    match name.as_str() {
        "profile" => true,
        "ext" => value.split_ascii_whitespace().all(|extension| extension == EXTENSION),
        "charset" => value.eq_ignore_ascii_case("utf-8"),
        _ => false,
    }
}

/// The entries of a header that is a list; commas inside quotes do not separate.
pub fn entries(header: &str) -> impl Iterator<Item = &str> {
    split_unquoted(header, ',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// The essence and the parameters (names in lower case, quotes undone); `None` where a parameter has no value.
fn split(entry: &str) -> Option<(&str, Vec<(String, String)>)> {
    let mut parts = split_unquoted(entry, ';').map(str::trim);
    let essence = parts.next()?;
    let parameters = parts.filter(|p| !p.is_empty()).map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        Some((name.trim().to_ascii_lowercase(), value.to_owned()))
    });
    Some((essence, parameters.collect::<Option<_>>()?))
}

fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c: char| {
        if c == '"' {
            quoted = !quoted;
        }
        c == separator && !quoted
    })
}
