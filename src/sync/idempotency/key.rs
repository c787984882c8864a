//! The key of a write, and what makes the write that write.

use actix_web::http::header::IF_MATCH;
use sha2::{Digest as _, Sha256};

use super::IDEMPOTENCY_KEY;
use crate::error::Error;
use crate::mutants::mutant;
use crate::pipeline::Call;

/// Longest key, in characters.
const LONGEST: usize = 255;

/// A key that a client chose, with the fingerprint of the request that he sent under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) text: String,
    pub(super) fingerprint: [u8; 32],
}

impl Key {
    /// The key of a request, if it has one.
    ///
    /// # Errors
    /// 400 for one that is empty, too long or not printable ASCII, and for two.
    pub(super) fn of<C>(call: &Call<C>) -> Result<Option<Self>, Error> {
        mutant!("keys_ignored", Ok(None));
        let mut lines = call.headers().get_all(IDEMPOTENCY_KEY);
        let Some(line) = lines.next() else { return Ok(None) };
        let longest = LONGEST + call.room_of_batch();
        let printable = |text: &&str| {
            (1..=longest).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b))
        };
        match line.to_str().ok().filter(printable) {
            Some(text) if lines.next().is_none() => {
                Ok(Some(Self { text: text.to_owned(), fingerprint: fingerprint(call) }))
            }
            _ => Err(Error::invalid_key(LONGEST)),
        }
    }
}

/// Effective method, path, query, `If-Match` and body, each behind its length so that none runs into the next.
fn fingerprint<C>(call: &Call<C>) -> [u8; 32] {
    let conditions: Vec<&[u8]> =
        call.headers().get_all(IF_MATCH).map(actix_web::http::header::HeaderValue::as_bytes).collect();
    let condition = conditions.join(&b","[..]);
    let parts = [
        call.method().as_str().as_bytes(),
        call.path().as_bytes(),
        call.query().as_bytes(),
        &condition,
        call.body(),
    ];
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
