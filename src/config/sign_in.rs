//! Who is asked who somebody is.

use std::path::PathBuf;

use clap::Args;
use validator::Validate;

use crate::auth::outbound::is_allowed;

/// Flags about signing in. Without them nobody is asked, and own tokens alone are taken.
#[derive(Args, Clone, Debug, Default, Validate)]
pub struct SignInFlags {
    /// A CAS server, such as `https://cas.example/cas`: its tickets can be signed in with
    #[arg(long, env = "STEWARD_CAS_URL", value_name = "URL", requires = "cas_service")]
    #[validate(custom(function = provider))]
    pub cas_url: Option<String>,

    /// The service for which the CAS server gives its tickets to the web client
    #[arg(long, env = "STEWARD_CAS_SERVICE", value_name = "URL")]
    #[validate(url(message = "must be a URL"))]
    pub cas_service: Option<String>,

    /// The attribute by which the CAS server's users are known, such as `ssoGuid` [default: the user name]
    #[arg(long, env = "STEWARD_CAS_SUBJECT", value_name = "ATTRIBUTE")]
    #[validate(length(min = 1, message = "must not be empty"))]
    pub cas_subject: Option<String>,

    /// An OpenID Connect issuer: its tokens can be signed in with, and are taken as tokens
    #[arg(long, env = "STEWARD_OIDC_ISSUER", value_name = "URL", requires = "oidc_audiences")]
    #[validate(custom(function = provider))]
    pub oidc_issuer: Option<String>,

    /// The audience that the issuer's tokens must be for; may be given several times
    #[arg(long = "oidc-audience", env = "STEWARD_OIDC_AUDIENCE", value_delimiter = ',', value_name = "TEXT")]
    #[validate(custom(function = no_blanks))]
    pub oidc_audiences: Vec<String>,

    /// Take who signs in with the issuer for the first time for the one user who has his verified e-mail address
    #[arg(long, env = "STEWARD_OIDC_LINK_EMAIL")]
    pub oidc_link_email: bool,

    /// Make an account list for each user who is made when he signs in for the first time
    #[arg(long, env = "STEWARD_NEW_USER_ACCOUNT_LIST")]
    pub new_user_account_list: bool,

    /// Certificate authorities (PEM) of the providers, instead of the system's
    #[arg(long, env = "STEWARD_SIGN_IN_CA", value_name = "FILE")]
    pub sign_in_ca: Option<PathBuf>,

    /// How long a provider may take to answer, in milliseconds
    #[arg(long, env = "STEWARD_SIGN_IN_TIMEOUT_MS", default_value_t = 5000, value_name = "MS")]
    #[validate(range(min = 1, max = 60_000, message = "must be between 1 and 60000"))]
    pub sign_in_timeout_ms: u64,
}

/// What is trusted must be reached where nobody can speak in its place.
fn provider(url: &str) -> Result<(), validator::ValidationError> {
    if is_allowed(url) && !url.contains(['?', '#']) {
        return Ok(());
    }
    let message = "must be an https URL without a query (http only on this machine)";
    Err(validator::ValidationError::new("provider").with_message(message.into()))
}

fn no_blanks(texts: &[String]) -> Result<(), validator::ValidationError> {
    if texts.iter().all(|text| !text.trim().is_empty()) {
        return Ok(());
    }
    Err(validator::ValidationError::new("audience").with_message("must not be empty".into()))
}
