//! Bearer tokens: HS256 JWTs as MPDX clients know them (`mpdx-behaviour.md` 7).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};

use super::secrets::Secrets;
use crate::clock::Stamp;
use crate::id::Id;

/// How long a token is valid unless said otherwise: 30 days, in seconds.
pub const LIFETIME: i64 = 30 * 24 * 60 * 60;

/// What a secret should have at least, in bytes: as many as the hash (RFC 7518, 3.2).
pub const SHORTEST_SECRET: usize = 32;

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
    /// Each request looks at it, so that threads would wait for each other at a lock, or a count of its users.
    ring: ArcSwap<Ring>,
    validation: Validation,
    /// Whether the secret is the database's, which may change.
    kept: bool,
    /// When it was last looked for because of a token, seconds since 1970.
    looked_at: AtomicI64,
}

/// The keys of one set of secrets, and what was verified with them.
struct Ring {
    secrets: Secrets,
    encoding: EncodingKey,
    /// Each with the second at which it ends.
    decoding: Vec<(DecodingKey, i64)>,
    verified: Cache<String, Verified>,
}

/// A token whose signature is right.
#[derive(Clone, Copy)]
struct Verified {
    claims: Claims,
    /// When the key that it was signed with ends.
    until: i64,
}

impl Ring {
    fn new(secrets: Secrets) -> Arc<Self> {
        let key = |secret: &str| DecodingKey::from_secret(secret.as_bytes());
        let former = secrets.former.iter().map(|former| (key(&former.secret), former.until));
        Arc::new(Self {
            encoding: EncodingKey::from_secret(secrets.current.as_bytes()),
            decoding: std::iter::once((key(&secrets.current), i64::MAX)).chain(former).collect(),
            verified: Cache::new(REMEMBERED),
            secrets,
        })
    }

    fn verify(&self, token: &str, validation: &Validation) -> Option<Verified> {
        let (sent, until) = self.decoding.iter().find_map(|(key, until)| {
            Some((decode::<SentClaims>(token, key, validation).ok()?.claims, *until))
        })?;
        let claims = Claims { user_id: sent.user_id.or(sent.user_uuid)?, iat: sent.iat, exp: sent.exp };
        Some(Verified { claims, until })
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

impl Tokens {
    /// Tokens signed with the text of `secret`, which never changes.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self::with(Secrets::of(secret), false)
    }

    /// Tokens signed with a secret that the database keeps.
    #[must_use]
    pub fn kept(secrets: Secrets) -> Self {
        Self::with(secrets, true)
    }

    fn with(secrets: Secrets, kept: bool) -> Self {
        // Only this algorithm, whatever a token's header asks for.
        let mut validation = Validation::new(Algorithm::HS256);
        // The end is compared with the injected clock, without leeway.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp"]);
        Self { ring: ArcSwap::new(Ring::new(secrets)), validation, kept, looked_at: AtomicI64::new(i64::MIN) }
    }

    /// Whether the secret is the database's, which may change.
    #[must_use]
    pub fn are_kept(&self) -> bool {
        self.kept
    }

    /// Takes the secrets that the database keeps now. Where they are others, nothing that was verified before is
    /// remembered.
    pub fn know(&self, secrets: Secrets) {
        if self.kept && self.ring.load().secrets != secrets {
            self.ring.store(Ring::new(secrets));
        }
    }

    /// Whether it is worth to look for a new secret because of a token that none verifies: once a second, so that
    /// nobody makes the database busy with tokens that he has made up.
    #[must_use]
    pub fn may_look(&self, now: Stamp) -> bool {
        self.kept && self.looked_at.swap(now.seconds(), Ordering::Relaxed) != now.seconds()
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
        encode(&header, &claims, &self.ring.load().encoding)
    }

    /// What a token says, where its signature is right and neither it nor its key has ended.
    #[must_use]
    pub fn verify(&self, token: &str, now: Stamp) -> Option<Claims> {
        let ring = self.ring.load();
        let verified = if let Some(verified) = ring.verified.get(token) {
            verified
        } else {
            let verified = ring.verify(token, &self.validation)?;
            ring.verified.insert(token.to_owned(), verified);
            verified
        };
        let end = verified.claims.exp.min(verified.until);
        (now.seconds() < end).then_some(verified.claims)
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
