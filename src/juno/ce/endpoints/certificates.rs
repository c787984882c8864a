//! `/api/v2/ce_records/<id>/certificate`: what proves a claim, as a resource and as a page to be printed.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};

use super::{Asks, RENDERER, document, not_found, query};
use crate::db::Connection;
use crate::error::Error;
use crate::id::Id;
use crate::jsonapi::{Code, ErrorObject};
use crate::juno::ce::records::Stored;
use crate::juno::ce::resources::{CERTIFICATES, Certificate};
use crate::pipeline::JunoPageCall;
use crate::representation::{Representation, Subject};

/// `GET`
///
/// # Errors
/// 404 for a record that the caller may not see, or that is not claimed; 400 for the query, 503.
pub async fn show(JunoPageCall { call, wants_page }: JunoPageCall, id: Id) -> Result<HttpResponse, Error> {
    let query = query(&call, CERTIFICATES, false)?;
    let asks = Asks::of(&call);
    let read = move |connection: &mut Connection| {
        let Some(stored) = asks.read(connection, id)? else { return Ok(None) };
        Certificate::of(connection, &stored).map(|certificate| Some((stored, certificate)))
    };
    let (stored, certificate) = call.state.db.snapshot(read).await?.ok_or_else(|| not_found(id))?;
    let certificate = certificate.ok_or_else(not_claimed)?;
    let body = if wants_page {
        page(&certificate).into_bytes()
    } else {
        document(certificate.resource(&query.fields), None, None)
    };
    let Stored { row, .. } = &stored;
    // The person's name and the program's change it without the version.
    let subject = Subject { version: row.version, stamp: row.updated_at, renderer: RENDERER, plain: false };
    let mut response = Representation::new(&call.state, subject, body).answer_to(&call);
    if wants_page && response.status() == StatusCode::OK {
        let policy = "default-src 'none'; style-src 'unsafe-inline'";
        for (name, value) in [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, policy)] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    Ok(response)
}

fn not_claimed() -> Error {
    ErrorObject::new(Code::NotFound, "There is a certificate only of what was claimed.").into()
}

fn page(certificate: &Certificate) -> String {
    let Certificate { name, program, claim, .. } = certificate;
    let (name, program) = (escaped(name), escaped(program));
    let day = claim.claimed_at.moment().format("%Y-%m-%d");
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Certificate: {program}</title>\n\
         <style>@page {{ size: landscape }} body {{ font-family: serif; text-align: center; margin: 4rem auto; \
         max-width: 50rem; border: 0.25rem double; padding: 3rem }} h1 {{ font-weight: normal }} \
         .name, .program {{ font-size: 2rem }} .id {{ font: 0.75rem monospace }}</style>\n\
         </head>\n<body>\n<h1>Certificate of Continuing Education</h1>\n<p class=\"name\">{name}</p>\n\
         <p>has completed</p>\n<p class=\"program\">{program}</p>\n\
         <p>{} hours, claimed on <time datetime=\"{}\">{day}</time> (UTC)</p>\n<p class=\"id\">{}</p>\n</body>\n</html>\n",
        claim.hours, claim.claimed_at, claim.id,
    )
}

/// A text as HTML shows it, and nothing in it means anything.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
