//! A token of an issuer: what it says, and whether that counts.

use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::{Header, Validation, decode, decode_header};
use serde::{Deserialize, Deserializer};

use super::keys::Key;
use crate::auth::Refusal;
use crate::auth::identity::{Identity, Profile};
use crate::clock::Stamp;

/// Seconds by which another machine's clock may be ahead: a token may be used before its beginning for so long.
const AHEAD: i64 = 30;

/// What tokens may call themselves (RFC 9068, RFC 7519); a logout token, which is signed with the same keys, is none.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// A token whose signature is not checked yet.
pub(super) struct Sent<'a> {
    token: &'a str,
    pub(super) header: Header,
}

/// What a token says. Members that are sent twice are refused by the reader.
#[derive(Deserialize)]
pub(super) struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: Seconds,
    nbf: Option<Seconds>,
    iat: Option<Seconds>,
    given_name: Option<String>,
    family_name: Option<String>,
    name: Option<String>,
    preferred_username: Option<String>,
    email: Option<String>,
    // Some issuers send a text, which is no proof.
    email_verified: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Seconds since 1970; fractions are cut off.
struct Seconds(i64);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let whole = number.as_i64().or_else(|| format!("{:.0}", number.as_f64()?.floor()).parse().ok());
        whole.map(Self).ok_or_else(|| serde::de::Error::custom("a time that is none"))
    }
}

/// What a token says of its issuer, unchecked.
pub(super) fn issuer_of(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        iss: String,
    }
    insecure_decode::<Named>(token).ok().map(|token| token.claims.iss)
}

impl<'a> Sent<'a> {
    /// Reads the header.
    pub(super) fn read(token: &'a str) -> Result<Self, Refusal> {
        let header = decode_header(token)
            .map_err(|_| Refusal::refused("it is no JWT, or of an algorithm that is not taken"))?;
        if header.crit.is_some() {
            return Err(Refusal::refused("its header asks for more than is understood"));
        }
        let is_token = |own: &String| TYPES.iter().any(|name| own.eq_ignore_ascii_case(name));
        if !header.typ.as_ref().is_none_or(is_token) {
            return Err(Refusal::refused("it is a JWT of another kind"));
        }
        Ok(Self { token, header })
    }

    /// What it says, if the key has signed it.
    pub(super) fn check_signature(&self, key: &Key) -> Result<Claims, Refusal> {
        let mut validation = Validation::new(key.algorithm);
        // Checked below, with the injected clock.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let decoded = decode::<Claims>(self.token, &key.decoding, &validation);
        decoded.map(|decoded| decoded.claims).map_err(|error| {
            use jsonwebtoken::errors::ErrorKind;
            match error.kind() {
                ErrorKind::Json(_) => Refusal::refused("a claim is missing, or is none"),
                _ => Refusal::refused("its signature is wrong"),
            }
        })
    }
}

impl Claims {
    /// Checks what the token says.
    /// Returns when it was made (0 where it does not say) and when it ends, in seconds since 1970.
    pub(super) fn check(
        &self,
        issuer: &str,
        audiences: &[String],
        now: Stamp,
    ) -> Result<(i64, i64), Refusal> {
        if self.iss != issuer {
            return Err(Refusal::refused("it is of another issuer"));
        }
        let is_ours = |audience: &String| audiences.contains(audience);
        let for_us = match &self.aud {
            Audience::One(one) => is_ours(one),
            Audience::Several(several) => several.iter().any(is_ours),
        };
        if !for_us {
            return Err(Refusal::refused("it is for another audience"));
        }
        if now.seconds() >= self.exp.0 {
            return Err(Refusal::refused("it has ended"));
        }
        if self.nbf.as_ref().is_some_and(|begin| now.seconds().saturating_add(AHEAD) < begin.0) {
            return Err(Refusal::refused("it is not valid yet"));
        }
        Ok((self.iat.as_ref().map_or(0, |iat| iat.0), self.exp.0))
    }

    /// Whom the token is of; `None` where its subject is none.
    pub(super) fn identity(self) -> Option<Identity> {
        let email_is_verified = self.email_verified == Some(serde_json::Value::Bool(true));
        let local_part = self.email.as_ref().and_then(|email| email.split('@').next()).map(str::to_owned);
        let names = [self.given_name, self.name, self.preferred_username, local_part];
        let profile = Profile {
            first_names: names.into_iter().flatten().collect(),
            last_name: self.family_name,
            email: self.email.filter(|_| email_is_verified),
            email_is_verified,
        };
        Identity::new(&self.iss, &self.sub, profile)
    }
}
