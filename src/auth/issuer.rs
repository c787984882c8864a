//! Tokens of an OpenID Connect issuer: access or ID tokens that are JWTs, signed with a key of its JWKS.

mod keys;
mod token;

use std::sync::{Arc, PoisonError, RwLock};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use super::Refusal;
use super::identity::Identity;
use super::outbound::{Outbound, is_allowed};
use crate::clock::Stamp;
use crate::config::SignInFlags;
use crate::id::Id;
use keys::KeySet;
use token::Sent;

/// Bytes of the discovery document and of the JWKS.
const DOCUMENT_LIMIT: u64 = 256 * 1024;

/// For so many seconds keys are taken without asking for them: so long a key that was withdrawn may count.
const FRESH: u64 = 600;

/// For so many seconds keys count while the issuer does not answer.
const USABLE: u64 = 24 * 60 * 60;

/// So many seconds must lie between two tries to get the keys, whatever tokens name.
const BETWEEN_TRIES: u64 = 10;

/// An issuer whose tokens are taken.
#[derive(Debug)]
pub struct Issuer {
    url: String,
    audiences: Vec<String>,
    known: RwLock<Known>,
    /// Held by whoever asks for the keys; when he last began to, in seconds since 1970.
    asking: Mutex<Option<i64>>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    keys: Option<Arc<KeySet>>,
    /// When they were had.
    at: i64,
}

/// A token that was verified, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Remembered {
    /// The user.
    pub user: Id,
    /// When it was made, seconds since 1970; 0 where it does not say.
    pub issued_at: i64,
    /// When it ends, seconds since 1970.
    pub expires_at: i64,
}

/// A token that was verified.
#[derive(Debug)]
pub struct Issued {
    /// Who has it.
    pub identity: Arc<Identity>,
    /// When it was made, seconds since 1970; 0 where it does not say.
    pub issued_at: i64,
    /// When it ends, seconds since 1970.
    pub expires_at: i64,
    /// The keys of which one has signed it.
    keys: Arc<KeySet>,
}

impl Issued {
    /// Remembers whose token it is for as long as its keys count.
    pub fn remember(&self, token: &str, user: Id) {
        let Self { issued_at, expires_at, .. } = *self;
        self.keys.users.insert(digest(token), Remembered { user, issued_at, expires_at });
    }
}

/// The members of a discovery document that are needed.
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Issuer {
    /// The issuer of the flags; `None` where there is none.
    #[must_use]
    pub fn of(flags: &SignInFlags) -> Option<Self> {
        let (url, audiences) = (flags.oidc_issuer.clone()?, flags.oidc_audiences.clone());
        Some(Self { url, audiences, known: RwLock::default(), asking: Mutex::default() })
    }

    /// Whether a token says that it is this issuer's. Nothing is checked.
    #[must_use]
    pub fn is_named_by(&self, token: &str) -> bool {
        token::issuer_of(token).is_some_and(|issuer| issuer == self.url)
    }

    /// Checks a token of the issuer.
    ///
    /// # Errors
    /// Why it is refused; or that it can't be said, since the issuer's keys can't be had.
    pub async fn verify(&self, outbound: &Outbound, token: &str, now: Stamp) -> Result<Issued, Refusal> {
        let sent = Sent::read(token)?;
        let mut keys = self.keys(outbound, now, None).await?;
        if keys.lacks(&sent) {
            // Perhaps a new one.
            keys = self.keys(outbound, now, Some(&keys)).await?;
        }
        let key = keys.find(&sent).ok_or_else(|| Refusal::refused("no key of the issuer fits it"))?;
        let claims = sent.check_signature(&key)?;
        let (issued_at, expires_at) = claims.check(&self.url, &self.audiences, now)?;
        let identity = claims.identity().ok_or_else(|| Refusal::refused("its subject is none"))?;
        Ok(Issued { identity: Arc::new(identity), issued_at, expires_at, keys })
    }

    /// Whose token it is, where it was verified before and its key still counts.
    ///
    /// # Errors
    /// Where the issuer's keys can't be had any more.
    pub async fn remembered(
        &self,
        outbound: &Outbound,
        token: &str,
        now: Stamp,
    ) -> Result<Option<Remembered>, Refusal> {
        // What keys have verified is forgotten with them.
        let keys = self.keys(outbound, now, None).await?;
        let remembered = keys.users.get(&digest(token));
        Ok(remembered.filter(|remembered| now.seconds() < remembered.expires_at))
    }

    /// Forgets whose token it is.
    pub fn forget(&self, token: &str) {
        if let Some(keys) = self.known().keys {
            keys.users.remove(&digest(token));
        }
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys; others than `old`, where they can be had.
    async fn keys(
        &self,
        outbound: &Outbound,
        now: Stamp,
        old: Option<&Arc<KeySet>>,
    ) -> Result<Arc<KeySet>, Refusal> {
        let age = |at: i64| now.seconds().abs_diff(at);
        let usable = |known: &Known| known.keys.clone().filter(|_| age(known.at) < USABLE);
        let known = self.known();
        let keys = usable(&known);
        if let Some(keys) = keys.clone().filter(|_| old.is_none() && age(known.at) < FRESH) {
            return Ok(keys);
        }
        // One asks; who has keys that may do does not wait for him.
        let mut last = match (self.asking.try_lock(), keys) {
            (Ok(guard), _) => guard,
            (Err(_), Some(keys)) if old.is_none() => return Ok(keys),
            (Err(_), _) => self.asking.lock().await,
        };
        let known = self.known();
        let newer = known.keys.clone().filter(|keys| old.is_none_or(|old| !Arc::ptr_eq(old, keys)));
        if let Some(keys) = newer.filter(|_| age(known.at) < FRESH) {
            return Ok(keys);
        }
        let unreachable = |why: &str| Refusal::Unreachable(format!("the issuer's keys can't be had: {why}"));
        if last.is_some_and(|last| age(last) < BETWEEN_TRIES) {
            return usable(&known).ok_or_else(|| unreachable("they were asked for a moment ago"));
        }
        *last = Some(now.seconds());
        match self.fetch(outbound).await {
            Ok(keys) => Ok(self.learn(keys, now)),
            Err(why) => {
                log::warn!("the keys of the issuer {} can't be had: {why}", self.url);
                usable(&known).ok_or_else(|| unreachable(&why))
            }
        }
    }

    /// Takes keys that were fetched. Where they are the old ones, what they have verified stays verified.
    fn learn(&self, keys: KeySet, now: Stamp) -> Arc<KeySet> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.at = now.seconds();
        match &known.keys {
            Some(old) if **old == keys => Arc::clone(old),
            _ => {
                let keys = Arc::new(keys);
                known.keys = Some(Arc::clone(&keys));
                keys
            }
        }
    }

    async fn fetch(&self, outbound: &Outbound) -> Result<KeySet, String> {
        let place = format!("{}/.well-known/openid-configuration", self.url.trim_end_matches('/'));
        let body = outbound.get(place, DOCUMENT_LIMIT).await.map_err(|e| e.to_string())?;
        let found: Discovery =
            serde_json::from_slice(&body).map_err(|e| format!("the discovery document: {e}"))?;
        if found.issuer != self.url {
            return Err("the discovery document is of another issuer".to_owned());
        }
        if !is_allowed(&found.jwks_uri) {
            return Err("the discovery document has a jwks_uri that is not https".to_owned());
        }
        let body = outbound.get(found.jwks_uri, DOCUMENT_LIMIT).await.map_err(|e| e.to_string())?;
        KeySet::parse(&body)
    }
}

/// What a token is remembered by: who reads the memory of the server finds no token.
fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
