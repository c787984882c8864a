//! An OpenID Connect issuer whose keys and answers a test changes.

use std::sync::{Arc, LazyLock, Mutex};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::{Reply, Server, flags};
use crate::support::app::MADE_AT;
use steward::config::SignInFlags;

/// The audience that the servers of the tests are.
pub const AUDIENCE: &str = "api://steward";

/// A key of an issuer.
#[derive(Clone)]
pub struct Key {
    pub kid: String,
    pub algorithm: Algorithm,
    encoding: EncodingKey,
}

impl Key {
    pub fn ed25519(kid: &str) -> Self {
        let pair = Ed25519KeyPair::generate().expect("a key");
        let der = pair.to_pkcs8v1().expect("its form");
        Self {
            kid: kid.to_owned(),
            algorithm: Algorithm::EdDSA,
            encoding: EncodingKey::from_ed_der(der.as_ref()),
        }
    }

    pub fn p256(kid: &str) -> Self {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        Self {
            kid: kid.to_owned(),
            algorithm: Algorithm::ES256,
            encoding: EncodingKey::from_ec_der(der.as_ref()),
        }
    }

    /// Takes long to make, so there is one.
    pub fn rsa(kid: &str) -> Self {
        static DER: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).expect("a key");
            let der: Pkcs8V1Der<'_> = pair.as_der().expect("its form");
            // Without what says that it is an RSA key.
            der.as_ref()[26..].to_vec()
        });
        Self { kid: kid.to_owned(), algorithm: Algorithm::RS256, encoding: EncodingKey::from_rsa_der(&DER) }
    }

    /// The public half, as a JWKS has it.
    pub fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.encoding, self.algorithm).expect("a JWK");
        jwk.common.key_id = Some(self.kid.clone());
        serde_json::to_value(jwk).expect("JSON")
    }

    /// A token with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(Header { kid: Some(self.kid.clone()), ..Header::new(self.algorithm) }, claims)
    }

    pub fn sign_as(&self, header: Header, claims: &Value) -> String {
        encode(&header, claims, &self.encoding).expect("a token")
    }
}

/// An issuer.
pub struct Issuer {
    pub server: Server,
    jwks: Arc<Mutex<Reply>>,
}

impl Issuer {
    /// An issuer with one key.
    pub fn new(key: &Key) -> Self {
        let jwks = Arc::new(Mutex::new(Reply::Never));
        let shown = Arc::clone(&jwks);
        let own = Arc::new(Mutex::new(String::new()));
        let url = Arc::clone(&own);
        let server = Server::start(move |path| match path {
            "/tenant/.well-known/openid-configuration" => {
                let url = url.lock().expect("no panic").clone();
                Reply::Body(
                    json!({ "issuer": format!("{url}/tenant"), "jwks_uri": format!("{url}/keys") })
                        .to_string(),
                )
            }
            "/keys" => shown.lock().expect("no panic").clone(),
            _ => Reply::Empty(404, String::new()),
        });
        own.lock().expect("no panic").clone_from(&server.url);
        let issuer = Self { server, jwks };
        issuer.has(&[key]);
        issuer
    }

    pub fn url(&self) -> String {
        format!("{}/tenant", self.server.url)
    }

    /// From now on it has these keys.
    pub fn has(&self, keys: &[&Key]) {
        self.has_keys(&keys.iter().map(|key| key.jwk()).collect::<Vec<_>>());
    }

    pub fn has_keys(&self, keys: &[Value]) {
        self.answers(Reply::Body(json!({ "keys": keys }).to_string()));
    }

    /// From now on it answers so when it is asked for its keys.
    pub fn answers(&self, reply: Reply) {
        *self.jwks.lock().expect("no panic") = reply;
    }

    /// How often it was asked for its keys.
    pub fn times_asked(&self) -> usize {
        self.server.asked().iter().filter(|path| *path == "/keys").count()
    }

    pub fn flags(&self) -> SignInFlags {
        SignInFlags { oidc_issuer: Some(self.url()), oidc_audiences: vec![AUDIENCE.to_owned()], ..flags() }
    }

    /// The claims of a token for `subject` that was made just now, and others in their places.
    pub fn claims(&self, subject: &str, others: Value) -> Value {
        let mut claims = json!({
            "iss": self.url(), "sub": subject, "aud": AUDIENCE,
            "iat": MADE_AT, "nbf": MADE_AT, "exp": MADE_AT + 3600, "given_name": "Finn", "family_name": "Storm",
        });
        for (name, value) in others.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        claims
    }
}
