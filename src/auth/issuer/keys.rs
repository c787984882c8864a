//! The keys of an issuer, each with the one algorithm that it may have signed with.

use std::fmt;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use quick_cache::sync::Cache;
use serde::Deserialize;
use serde_json::Value;

use super::Remembered;
use super::token::Sent;

/// Tokens that are remembered. Only valid ones get in, so nobody can flood it.
const REMEMBERED: usize = 20_000;

/// A key. Its algorithm is told by the key itself, never by a token.
#[derive(Clone)]
pub(super) struct Key {
    jwk: Jwk,
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.algorithm).finish()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.jwk == other.jwk
    }
}

/// The keys of a JWKS that tokens can be signed with.
pub(super) struct KeySet {
    keys: Vec<Key>,
    /// Whose the tokens are that they have verified, by the digests of the tokens.
    pub(super) users: Cache<[u8; 32], Remembered>,
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeySet").field(&self.keys).finish()
    }
}

impl PartialEq for KeySet {
    fn eq(&self, other: &Self) -> bool {
        self.keys == other.keys
    }
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a JWKS. Keys that are not understood, or are for something else, are left out, as RFC 7517 wants it.
    pub(super) fn parse(body: &[u8]) -> Result<Self, String> {
        let document: Document = serde_json::from_slice(body).map_err(|e| format!("the JWKS: {e}"))?;
        let keys: Vec<Key> = document.keys.into_iter().filter_map(Key::read).collect();
        if keys.is_empty() {
            return Err("the JWKS has no key that can be used (RS256, ES256, EdDSA)".to_owned());
        }
        Ok(Self { keys, users: Cache::new(REMEMBERED) })
    }

    /// Whether a token names a key that is not among these.
    pub(super) fn lacks(&self, sent: &Sent<'_>) -> bool {
        sent.header.kid.as_ref().is_some_and(|kid| self.keys.iter().all(|key| key.name() != Some(kid)))
    }

    /// The key that a token says it is signed with; without a name, the only one that it can be.
    pub(super) fn find(&self, sent: &Sent<'_>) -> Option<Key> {
        let fits = |key: &&Key| key.algorithm == sent.header.alg;
        let found = if let Some(kid) = &sent.header.kid {
            // Keys of several kinds may have one name (RFC 7517, 4.5).
            self.keys.iter().find(|key| key.name() == Some(kid) && fits(key))
        } else {
            let mut fitting = self.keys.iter().filter(fits);
            fitting.next().filter(|_| fitting.next().is_none())
        };
        found.cloned()
    }
}

impl Key {
    fn name(&self) -> Option<&String> {
        self.jwk.common.key_id.as_ref()
    }

    fn read(value: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        let common = &jwk.common;
        let signs = common.public_key_use.as_ref().is_none_or(|one| *one == PublicKeyUse::Signature);
        let verifies = common
            .key_operations
            .as_ref()
            .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        let (algorithm, name) = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
                (Algorithm::ES256, KeyAlgorithm::ES256)
            }
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
            }
            _ => return None,
        };
        if !(signs && verifies && common.key_algorithm.is_none_or(|own| own == name)) {
            return None;
        }
        Some(Self { decoding: DecodingKey::from_jwk(&jwk).ok()?, algorithm, jwk })
    }
}
