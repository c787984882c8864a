//! Requests that may be answered with a page for people.

use actix_web::dev::Payload;
use actix_web::http::header::ACCEPT;
use actix_web::{FromRequest, HttpRequest};

use super::{Call, JunoCall, Passing, Takes, joined};
use crate::error::Error;
use crate::jsonapi::media_type;

/// A request to one of JUNO's routes that is answered with a document, or with a page where one is asked for.
#[derive(Debug)]
pub struct JunoPageCall {
    /// The request.
    pub call: JunoCall,
    /// Whether a page is asked for.
    pub wants_page: bool,
}

impl FromRequest for JunoPageCall {
    type Error = Error;
    type Future = Passing<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accept = joined(request.headers(), ACCEPT);
        let wants_page = accept.is_some_and(|accept| media_type::prefers_page(&accept));
        let call = Call::pass(request, payload, Takes::Pages);
        Box::pin(async move { Ok(Self { call: call.await?, wants_page }) })
    }
}
