//! Bearer tokens: HS256 JWTs as MPDX clients know them (`mpdx-behaviour.md` 7).

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};

use crate::clock::Stamp;
use crate::id::Id;

/// How long a token is valid unless said otherwise: 30 days, in seconds.
pub const LIFETIME: i64 = 30 * 24 * 60 * 60;

/// Tokens whose verified signature is remembered. Only valid tokens get in, so nobody can flood it.
const REMEMBERED: usize = 20_000;

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// Whom it is for.
    pub user_id: Id,
    /// When it was made, seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// When it ends, seconds since 1970; a token without an end is refused.
    pub exp: i64,
}

/// A token's claims as sent: old tokens call the user `user_uuid`.
#[derive(Deserialize)]
struct SentClaims {
    user_id: Option<Id>,
    user_uuid: Option<Id>,
    iat: Option<i64>,
    exp: i64,
}

impl Claims {
    /// When the token was made; one that does not say counts as made before any revocation.
    #[must_use]
    pub fn issued_at(&self) -> i64 {
        self.iat.unwrap_or(0)
    }
}

/// Makes and verifies tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    verified: Cache<String, Claims>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

impl Tokens {
    /// Tokens signed with the text of `secret`.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        // Only this algorithm, whatever a token's header asks for.
        let mut validation = Validation::new(Algorithm::HS256);
        // The end is compared with the injected clock, without leeway.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp"]);
        Self {
            encoding: EncodingKey::from_secret(secret.as_bytes()),
            decoding: DecodingKey::from_secret(secret.as_bytes()),
            validation,
            verified: Cache::new(REMEMBERED),
        }
    }

    /// A token for a user that is valid for `lifetime` seconds from `now`. `epoch` is the user's `token_epoch`: a
    /// token made in the second of a revocation belongs after it.
    ///
    /// # Errors
    /// None with a usable key.
    pub fn issue(
        &self,
        user_id: Id,
        now: Stamp,
        epoch: i64,
        lifetime: i64,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let iat = now.seconds().max(epoch);
        let claims = Claims { user_id, iat: Some(iat), exp: iat.saturating_add(lifetime) };
        let header = Header { typ: None, ..Header::new(Algorithm::HS256) };
        encode(&header, &claims, &self.encoding)
    }

    /// What a token says, where its signature is right and it has not ended.
    #[must_use]
    pub fn verify(&self, token: &str, now: Stamp) -> Option<Claims> {
        let claims = if let Some(claims) = self.verified.get(token) {
            claims
        } else {
            let sent = decode::<SentClaims>(token, &self.decoding, &self.validation).ok()?.claims;
            let claims = Claims { user_id: sent.user_id.or(sent.user_uuid)?, iat: sent.iat, exp: sent.exp };
            self.verified.insert(token.to_owned(), claims);
            claims
        };
        (now.seconds() < claims.exp).then_some(claims)
    }
}

/// A random secret: 256 bits in hexadecimal.
///
/// # Errors
/// Where the system has no randomness.
pub fn random_secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
}
