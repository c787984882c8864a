//! What every answer tells browsers, so that nothing which it holds is taken for something else.

use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};

/// A document is no page: it loads nothing, and is shown in none.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// For a year this host is asked by TLS alone.
const TLS_ALONE: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the headers that the answer does not have of its own.
pub fn secure(headers: &mut HeaderMap, by_tls: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in
        [(CONTENT_SECURITY_POLICY, POLICY), (REFERRER_POLICY, HeaderValue::from_static("no-referrer"))]
    {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    if by_tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, TLS_ALONE);
    }
}
