//! Signing in with the real program: its flags, and what it logs.

use serde_json::{Value, json};

use super::{Place, document};
use crate::support::app::JSON_API;
use crate::support::program::Program;
use crate::support::provider::cas::{SERVICE, cas, failure, success};
use crate::support::provider::issuer::{AUDIENCE, Issuer, Key};

fn sign_in(program: &Program, attributes: &Value) -> (u16, Value) {
    let request = Program::agent().post(format!("{}/authenticate", program.user_url()));
    let body = json!({ "data": { "type": "authenticate", "attributes": attributes } }).to_string();
    let mut answer = request.header("Content-Type", JSON_API).send(body).expect("an answer");
    let body = answer.body_mut().read_to_string().expect("a body");
    (answer.status().as_u16(), serde_json::from_str(&body).expect("JSON"))
}

#[test]
fn tickets_and_tokens_are_taken_and_stand_in_no_line_of_the_log() {
    let key = Key::p256("1");
    let (issuer, place) = (Issuer::new(&key), Place::new());
    let server = cas(&[
        ("ST-secret-1", success("finn", "")),
        ("ST-secret-3", failure("INTERNAL_ERROR", "ST-secret-3")),
    ]);
    let (cas_url, oidc_issuer) = (format!("{}/cas", server.url), issuer.url());
    let flags = ["--cas-url", &cas_url, "--cas-service", SERVICE, "--oidc-issuer", &oidc_issuer];
    let more =
        ["--oidc-audience", AUDIENCE, "--log", "info,ureq=trace,ureq_proto=trace,rustls=trace,steward=trace"];
    let mut program = Program::start(&place.database(), &[&["serve"][..], &flags, &more].concat());
    // The program's clock is the machine's.
    let claims = issuer.claims("finn", json!({ "iat": 0, "nbf": 0, "exp": 4_102_444_800_u64 }));
    let shown = key.sign(&claims);
    let stranger = Key::p256("1").sign(&claims);
    let (status, document_of) = sign_in(&program, &json!({ "cas_ticket": "ST-secret-1" }));
    assert_eq!(status, 200, "{document_of}");
    let token = document_of["data"]["attributes"]["json_web_token"].as_str().expect("a token").to_owned();
    document(&program, &token);
    document(&program, &shown);
    assert_eq!(sign_in(&program, &json!({ "access_token": shown })).0, 200);
    assert_eq!(sign_in(&program, &json!({ "cas_ticket": "ST-secret-2" })).0, 401);
    assert_eq!(sign_in(&program, &json!({ "cas_ticket": "ST-secret-3" })).0, 503);
    assert_eq!(sign_in(&program, &json!({ "id_token": stranger })).0, 401);
    drop(server);
    assert_eq!(sign_in(&program, &json!({ "cas_ticket": "ST-secret-4" })).0, 503);
    let log = program.log_after_stop();
    assert!(log.contains("/api/v2/user/authenticate 200") && log.contains("the CAS server"), "{log}");
    let signature = |token: &str| token.rsplit('.').next().expect("three parts").to_owned();
    for secret in ["ST-secret", &signature(&token), &signature(&shown), &signature(&stranger)] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[test]
fn flags_that_do_not_go_together_or_are_not_safe_are_refused_at_start() {
    let place = Place::new();
    let serve = |flags: &[&str], code| place.refused(&[&["serve"], flags].concat(), code);
    let service = ["--cas-service", "https://mpdx.example/"];
    let audience = ["--oidc-audience", "x"];
    assert!(serve(&["--cas-url", "https://cas.example"], 2).contains("--cas-service"));
    assert!(serve(&["--oidc-issuer", "https://issuer.example"], 2).contains("--oidc-audience"));
    for url in [
        "http://cas.example/cas",
        "cas.example",
        "",
        "https://user:pass@cas.example",
        "https://cas.example?x=1",
    ] {
        let told = serve(&[&["--cas-url", url], &service[..]].concat(), 2);
        assert!(told.contains("must be an https URL"), "{url}: {told}");
        let told = serve(&[&["--oidc-issuer", url], &audience[..]].concat(), 2);
        assert!(told.contains("must be an https URL"), "{url}: {told}");
    }
    let told = serve(&["--cas-url", "https://cas.example", "--cas-service", "here"], 2);
    assert!(told.contains("must be a URL"), "{told}");
    serve(&["--oidc-issuer", "https://issuer.example", "--oidc-audience", " "], 2);
    serve(&["--sign-in-timeout-ms", "0"], 2);
    let nothing = ["--cas-url", "https://cas.example", "--sign-in-ca", "/nowhere.pem"];
    let told = serve(&[&nothing[..], &service].concat(), 1);
    assert!(told.contains("no certificate authorities"), "{told}");
}
