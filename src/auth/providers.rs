//! Who is asked who somebody is: each provider is configured or off.

use std::path::Path;
use std::time::Duration;

use super::cas::Cas;
use super::issuer::Issuer;
use super::outbound::Outbound;
use crate::config::SignInFlags;

/// The providers of a node, and what is done with who comes from them.
#[derive(Debug, Default)]
pub struct Providers {
    /// The CAS server, and how it is asked.
    pub cas: Option<(Cas, Outbound)>,
    /// The OpenID Connect issuer, and how it is asked.
    pub issuer: Option<(Issuer, Outbound)>,
    /// Whether who comes for the first time may be the one user who has his verified e-mail address.
    pub links_emails: bool,
    /// Whether a new user gets an account list of his own.
    pub makes_account_lists: bool,
}

impl Providers {
    /// The providers of the flags.
    ///
    /// # Errors
    /// Where one of them can't be asked: a sentence.
    pub fn of(flags: &SignInFlags) -> Result<Self, String> {
        let outbound = || {
            let ca = flags.sign_in_ca.as_deref();
            Outbound::new(
                ca.filter(|file| *file != Path::new("")),
                Duration::from_millis(flags.sign_in_timeout_ms),
            )
        };
        // Each has a client of its own: where one does not answer, the other still does.
        Ok(Self {
            cas: Cas::of(flags).map(|cas| Ok::<_, String>((cas, outbound()?))).transpose()?,
            issuer: Issuer::of(flags).map(|issuer| Ok::<_, String>((issuer, outbound()?))).transpose()?,
            links_emails: flags.oidc_link_email,
            makes_account_lists: flags.new_user_account_list,
        })
    }
}
