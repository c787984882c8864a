//! Tokens of an OpenID Connect issuer, shown to sign in.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use steward::config::SignInFlags;

use super::{app, sign_in, user, users};
use crate::support::TestApp;
use crate::support::app::MADE_AT;
use crate::support::provider::cas::{cas, success};
use crate::support::provider::issuer::{AUDIENCE, Issuer, Key};
use crate::support::provider::{Reply, Server};

async fn refused(app: &TestApp, token: &str, why: &str) {
    let answer = sign_in(app, json!({ "provider": "okta", "access_token": token })).await;
    answer.assert_refused(401, &["sign_in_refused"]);
    let detail = answer.error()["detail"].as_str().expect("a text").to_owned();
    assert!(detail.contains(why), "{why}: {detail}");
    assert!(!answer.text().contains(token), "the token is not told again");
}

fn base64(text: &str) -> String {
    // The part of a token that holds its claims is nothing else.
    let claims: Value = serde_json::from_str(text).expect("JSON");
    let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(b"x")).expect("a token");
    token.split('.').nth(1).expect("three parts").to_owned()
}

#[actix_web::test]
async fn access_and_id_tokens_of_each_algorithm_are_taken() {
    let (rsa, p256, ed25519) = (Key::rsa("r"), Key::p256("p"), Key::ed25519("e"));
    let issuer = Issuer::new(&rsa);
    issuer.has(&[&rsa, &p256, &ed25519]);
    let app = app(&issuer.flags());
    let first = user(&app, json!({ "id_token": rsa.sign(&issuer.claims("finn", json!({}))) })).await;
    for key in [&p256, &ed25519] {
        let token = key.sign(&issuer.claims("finn", json!({ "aud": ["other", AUDIENCE], "nbf": null })));
        assert_eq!(user(&app, json!({ "provider": "okta", "access_token": token })).await["id"], first["id"]);
    }
    let typed = Header { typ: Some("at+JWT".into()), kid: Some("e".into()), ..Header::new(Algorithm::EdDSA) };
    let token = ed25519.sign_as(typed, &issuer.claims("finn", json!({ "exp": 1_642_011_489.5 })));
    assert_eq!(user(&app, json!({ "access_token": token })).await["id"], first["id"]);
    assert_eq!(issuer.times_asked(), 1, "the keys are remembered");
    assert_eq!(users(&app), 2);
}

#[actix_web::test]
async fn an_id_token_goes_before_an_access_token_which_may_be_none_of_ours() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    let token = key.sign(&issuer.claims("finn", json!({})));
    user(&app, json!({ "provider": "okta", "id_token": token, "access_token": "opaque" })).await;
    refused(&app, "opaque", "no JWT").await;
}

#[actix_web::test]
async fn a_claim_that_is_wrong_is_named() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    let slash = format!("{}/", issuer.url());
    for (claims, why) in [
        (json!({ "iss": "https://evil.example" }), "another issuer"),
        (json!({ "iss": slash }), "another issuer"),
        (json!({ "iss": null }), "a claim is missing"),
        (json!({ "iss": [issuer.url()] }), "a claim is missing"),
        (json!({ "aud": "api://other" }), "another audience"),
        (json!({ "aud": [] }), "another audience"),
        (json!({ "aud": null }), "a claim is missing"),
        (json!({ "aud": format!("{AUDIENCE} ") }), "another audience"),
        (json!({ "exp": MADE_AT }), "has ended"),
        (json!({ "exp": null }), "a claim is missing"),
        (json!({ "exp": "never" }), "a claim is missing"),
        (json!({ "exp": 1e300 }), "a claim is missing"),
        (json!({ "nbf": MADE_AT + 31 }), "not valid yet"),
        (json!({ "nbf": "now" }), "a claim is missing"),
        (json!({ "sub": null }), "a claim is missing"),
        (json!({ "sub": "" }), "subject is none"),
        (json!({ "sub": "a\u{0}b" }), "subject is none"),
        (json!({ "sub": "x".repeat(256) }), "subject is none"),
    ] {
        refused(&app, &key.sign(&issuer.claims("finn", claims)), why).await;
    }
    assert_eq!(users(&app), 1, "nobody was made");
    let ahead = key.sign(&issuer.claims("finn", json!({ "nbf": MADE_AT + 30 })));
    user(&app, json!({ "access_token": ahead })).await;
}

#[actix_web::test]
async fn a_token_that_its_key_did_not_sign_is_refused_whatever_its_header_says() {
    let (key, other) = (Key::rsa("1"), Key::ed25519("1"));
    let issuer = Issuer::new(&key);
    let app = app(&issuer.flags());
    let claims = issuer.claims("finn", json!({}));
    let good = key.sign(&claims);
    let (head, rest) = good.split_once('.').expect("three parts");
    let (payload, signature) = rest.split_once('.').expect("three parts");
    let none = base64(r#"{"alg":"none","kid":"1"}"#);
    for token in
        [format!("{none}.{payload}."), format!("{none}.{payload}.{signature}"), format!("{head}.{payload}")]
    {
        refused(&app, &token, "no JWT").await;
    }
    let admin = base64(&issuer.claims("admin", json!({})).to_string());
    refused(&app, &format!("{head}.{admin}.{signature}"), "signature").await;
    refused(&app, &format!("{head}.{payload}."), "signature").await;
    refused(&app, &other.sign(&claims), "no key of the issuer").await;
    // The public key as the secret of another algorithm, in each form that it is known in.
    let jwk = key.jwk();
    let modulus = jwk["n"].as_str().expect("a modulus");
    for secret in [jwk.to_string(), modulus.to_owned(), format!("{modulus}AQAB")] {
        for algorithm in [Algorithm::HS256, Algorithm::HS512] {
            let header = Header { kid: Some("1".to_owned()), ..Header::new(algorithm) };
            let token =
                encode(&header, &claims, &EncodingKey::from_secret(secret.as_bytes())).expect("a token");
            refused(&app, &token, "no key of the issuer").await;
        }
    }
    let wider = Header { kid: Some("1".to_owned()), ..Header::new(Algorithm::RS512) };
    refused(&app, &key.sign_as(wider, &claims), "no key of the issuer").await;
    let critical =
        Header { crit: Some(vec!["exp".into()]), kid: Some("1".into()), ..Header::new(Algorithm::RS256) };
    refused(&app, &key.sign_as(critical, &claims), "more than is understood").await;
    let logout =
        Header { typ: Some("logout+jwt".into()), kid: Some("1".into()), ..Header::new(Algorithm::RS256) };
    refused(&app, &key.sign_as(logout, &claims), "another kind").await;
    let jwk = serde_json::from_value(other.jwk()).expect("a JWK");
    let own = Header { jwk: Some(jwk), ..Header::new(Algorithm::EdDSA) };
    refused(&app, &other.sign_as(own, &claims), "no key of the issuer").await;
    assert_eq!(users(&app), 1);
    user(&app, json!({ "access_token": good })).await;
}

#[actix_web::test]
async fn keys_for_something_else_verify_nothing() {
    let key = Key::p256("1");
    let issuer = Issuer::new(&key);
    let with = |name: &str, value: Value| {
        let mut jwk = key.jwk();
        jwk[name] = value;
        jwk
    };
    let oct = json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "1", "alg": "HS256" });
    for unusable in
        [with("use", json!("enc")), with("key_ops", json!(["sign"])), with("alg", json!("RS256")), oct]
    {
        // A good key beside it: without one the issuer counts as not answering.
        issuer.has_keys(&[unusable.clone(), json!({ "kty": "new" }), Key::ed25519("2").jwk()]);
        let app = app(&issuer.flags());
        refused(&app, &key.sign(&issuer.claims("finn", json!({}))), "no key of the issuer").await;
        let header = Header { kid: Some("1".to_owned()), ..Header::new(Algorithm::HS256) };
        let claims = issuer.claims("finn", json!({}));
        let token = encode(&header, &claims, &EncodingKey::from_secret(b"secret")).expect("a token");
        refused(&app, &token, "no key of the issuer").await;
    }
}

#[actix_web::test]
async fn a_token_without_a_key_id_needs_an_issuer_with_one_key_that_fits() {
    let (one, two) = (Key::ed25519("1"), Key::ed25519("2"));
    let issuer = Issuer::new(&one);
    let token = one.sign_as(Header::new(Algorithm::EdDSA), &issuer.claims("finn", json!({})));
    user(&app(&issuer.flags()), json!({ "access_token": token })).await;
    issuer.has(&[&one, &two]);
    refused(&app(&issuer.flags()), &token, "no key of the issuer").await;
}

#[actix_web::test]
async fn keys_of_several_kinds_may_have_one_name() {
    let (rsa, p256) = (Key::rsa("k"), Key::p256("k"));
    let issuer = Issuer::new(&rsa);
    issuer.has(&[&rsa, &p256]);
    let app = app(&issuer.flags());
    for key in [&rsa, &p256] {
        user(&app, json!({ "access_token": key.sign(&issuer.claims("finn", json!({}))) })).await;
    }
}

#[actix_web::test]
async fn a_new_key_is_fetched_when_a_token_names_it_but_not_for_every_name_that_is_made_up() {
    let (old, new) = (Key::ed25519("old"), Key::ed25519("new"));
    let issuer = Issuer::new(&old);
    let app = app(&issuer.flags());
    let with = |key: &Key| json!({ "access_token": key.sign(&issuer.claims("finn", json!({}))) });
    user(&app, with(&old)).await;
    issuer.has(&[&old, &new]);
    app.clock.advance(10);
    user(&app, with(&new)).await;
    user(&app, with(&old)).await;
    assert_eq!(issuer.times_asked(), 2);
    for kid in 0..20 {
        refused(&app, &Key::ed25519(&kid.to_string()).sign(&issuer.claims("finn", json!({}))), "no key")
            .await;
    }
    assert_eq!(issuer.times_asked(), 2, "once in ten seconds");
    app.clock.advance(10);
    refused(&app, &Key::ed25519("x").sign(&issuer.claims("finn", json!({}))), "no key").await;
    assert_eq!(issuer.times_asked(), 3);
}

#[actix_web::test]
async fn keys_that_can_not_be_had_are_503_until_they_can() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    let token = json!({ "access_token": key.sign(&issuer.claims("finn", json!({}))) });
    let other = Issuer::new(&key);
    let elsewhere = format!("Location: {}/keys\r\n", other.server.url);
    let large = json!({ "keys": [key.jwk()], "x": "x".repeat(300_000) }).to_string();
    for reply in [
        Reply::Empty(500, String::new()),
        Reply::Empty(302, elsewhere),
        Reply::Body("no JSON".to_owned()),
        Reply::Body(json!({ "keys": [] }).to_string()),
        Reply::Body(large),
        Reply::Endless,
    ] {
        issuer.answers(reply);
        let app = app(&issuer.flags());
        let answer = sign_in(&app, token.clone()).await;
        answer.assert_refused(503, &["provider_unavailable"]);
        assert!(answer.header("retry-after").is_some());
        issuer.has(&[&key]);
        sign_in(&app, token.clone()).await.assert_refused(503, &["provider_unavailable"]);
        app.clock.advance(10);
        user(&app, token.clone()).await;
    }
    assert_eq!(other.times_asked(), 0, "nobody was led there");
}

#[actix_web::test]
async fn an_issuer_that_never_answers_is_given_up_and_others_do_not_wait_for_it() {
    let key = Key::ed25519("1");
    let issuer = Issuer::new(&key);
    issuer.answers(Reply::Never);
    let app = app(&SignInFlags { sign_in_timeout_ms: 300, ..issuer.flags() });
    let token = key.sign(&issuer.claims("finn", json!({})));
    let answers =
        futures_util::future::join_all((0..4).map(|_| sign_in(&app, json!({ "access_token": token }))));
    let (answers, shown) = futures_util::future::join(answers, app.get()).await;
    shown.assert_ok();
    for answer in answers {
        answer.assert_refused(503, &["provider_unavailable"]);
    }
    assert_eq!(issuer.times_asked(), 1, "one asks for all");
}

#[actix_web::test]
async fn a_discovery_document_of_another_issuer_or_with_an_unsafe_place_for_keys_is_none() {
    let key = Key::ed25519("1");
    let real = Issuer::new(&key);
    let keys = format!("{}/keys", real.server.url);
    for (issuer, jwks_uri) in [
        ("https://evil.example", keys.as_str()),
        ("", "http://169.254.169.254/latest"),
        ("", "file:///etc/hostname"),
        ("", "http://localhost.evil.example/keys"),
    ] {
        let url = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
        let own = std::sync::Arc::clone(&url);
        let (issuer, jwks_uri) = (issuer.to_owned(), jwks_uri.to_owned());
        let server = Server::start(move |_| {
            let own = own.get().expect("its URL");
            let issuer = if issuer.is_empty() { own } else { &issuer };
            Reply::Body(json!({ "issuer": issuer, "jwks_uri": jwks_uri }).to_string())
        });
        url.set(server.url.clone()).expect("once");
        let app = app(&SignInFlags { oidc_issuer: Some(server.url.clone()), ..real.flags() });
        let token = key.sign(&real.claims("finn", json!({ "iss": server.url })));
        sign_in(&app, json!({ "access_token": token })).await.assert_refused(503, &["provider_unavailable"]);
    }
    assert_eq!(real.times_asked(), 0);
}

#[actix_web::test]
async fn both_providers_can_be_on_and_nobody_of_one_is_somebody_of_the_other() {
    let key = Key::ed25519("1");
    let (issuer, server) = (Issuer::new(&key), cas(&[("ST-1", success("finn", ""))]));
    let cas_flags = crate::support::provider::cas::cas_flags(&server);
    let app = app(&SignInFlags {
        cas_url: cas_flags.cas_url,
        cas_service: cas_flags.cas_service,
        ..issuer.flags()
    });
    let by_ticket = user(&app, json!({ "cas_ticket": "ST-1" })).await;
    let token = key.sign(&issuer.claims("finn", json!({})));
    let by_token = user(&app, json!({ "access_token": token })).await;
    assert_ne!(by_ticket["id"], by_token["id"]);
    assert_eq!(by_token["id"], user(&app, json!({ "id_token": token })).await["id"]);
    assert_eq!(users(&app), 3);
}
