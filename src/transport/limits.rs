//! How large a request may be, and how long it may take to arrive.

use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout_at};

use crate::error::Error;
use crate::jsonapi::{Code, ErrorObject};

/// Bytes that have to arrive in each second beyond the time that every body has.
const SLOWEST: usize = 4 * 1024;

/// What divides a header's name from its value, and its end.
const AROUND_A_HEADER: usize = 4;

/// The bounds of a request.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the head: method, URL and headers.
    pub head: usize,
    /// How many headers there may be.
    pub headers: usize,
    /// Bytes of the body.
    pub body: usize,
    /// How long the body may take.
    pub body_time: Duration,
}

impl Default for Limits {
    /// What the server's flags are unless set.
    fn default() -> Self {
        Self { head: 32 * 1024, headers: 96, body: 1024 * 1024, body_time: Duration::from_secs(30) }
    }
}

impl Limits {
    /// Checks the head of a request.
    ///
    /// # Errors
    /// 431.
    pub fn check_head(&self, request: &ServiceRequest) -> Result<(), Error> {
        let headers = request.headers();
        let line = request.head().uri.path_and_query().map_or(0, |path| path.as_str().len());
        let fields = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + AROUND_A_HEADER);
        let size = line + fields.sum::<usize>();
        if size <= self.head && headers.len() <= self.headers {
            return Ok(());
        }
        let detail = format!("A request has at most {} headers, in {} bytes.", self.headers, self.head);
        Err(ErrorObject::new(Code::HeadersTooLarge, detail).into())
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    /// 413; 408 where it does not arrive; 400 where it is not what HTTP has as one.
    pub async fn read_body(&self, headers: &HeaderMap, mut payload: Payload) -> Result<Bytes, Error> {
        let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if announced.and_then(|length| length.parse::<usize>().ok()).is_some_and(|n| n > self.body) {
            return Err(Error::payload_too_large(self.body));
        }
        let mut body = BytesMut::new();
        let mut until = Instant::now() + self.body_time;
        while let Some(chunk) = timeout_at(until, payload.next()).await.map_err(|_| too_slow())? {
            let chunk = chunk.map_err(|e| Error::bad_request(format!("The body can't be read: {e}.")))?;
            if body.len() + chunk.len() > self.body {
                return Err(Error::payload_too_large(self.body));
            }
            let parts = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
            until += Duration::from_secs(1) * parts / u32::try_from(SLOWEST).unwrap_or(1);
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn too_slow() -> Error {
    ErrorObject::new(Code::RequestTimeout, "The body did not arrive in time.").into()
}
