//! Providers are reached by TLS, and who can't prove its name is not asked.

use serde_json::json;
use steward::config::SignInFlags;

use super::{app, sign_in, user};
use crate::backends::REQUIRED;
use crate::support::backend::say;
use crate::support::provider::cas::{cas_flags, success};
use crate::support::provider::tls::Certificate;
use crate::support::provider::{Reply, Server};

#[actix_web::test]
async fn a_provider_is_asked_only_where_a_trusted_authority_vouches_for_its_name() {
    let (Some(own), Some(other)) = (Certificate::make(), Certificate::make()) else {
        assert!(std::env::var_os(REQUIRED).is_none(), "openssl makes a certificate");
        say("*** no openssl: NOTHING ABOUT TLS TO PROVIDERS WAS TESTED ***");
        return;
    };
    let server = Server::start_with_tls(&own, |_| Reply::Body(success("finn", "")));
    let trusting = |file, url: &str| {
        let flags = cas_flags(&server);
        let cas_url = flags.cas_url.map(|own| own.replace("https://localhost", url));
        app(&SignInFlags { sign_in_ca: Some(file), cas_url, ..flags })
    };
    let ticket = || json!({ "cas_ticket": "ST-1" });
    for (trusted, url) in [(other.file(), "https://localhost"), (own.file(), "https://127.0.0.1")] {
        let answer = sign_in(&trusting(trusted, url), ticket()).await;
        answer.assert_refused(503, &["provider_unavailable"]);
    }
    assert_eq!(server.asked(), Vec::<String>::new(), "the ticket was shown to nobody");
    user(&trusting(own.file(), "https://localhost"), ticket()).await;
    assert_eq!(server.asked().len(), 1);
}
