//! What the server proves its name with: a certificate and its key, which can be replaced while it runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// The only protocol that is spoken.
const HTTP_1_1: &[u8] = b"http/1.1";

/// A certificate with its chain and its key, as the files had them when they were last read and fitted.
#[derive(Debug)]
pub(super) struct Identity {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Identity {
    /// Reads both files, which are PEM.
    ///
    /// # Errors
    /// What is wrong with which file.
    pub(super) fn read(certificate: &Path, key: &Path) -> Result<Arc<Self>, String> {
        let current = RwLock::new(Arc::new(pair(certificate, key)?));
        Ok(Arc::new(Self { certificate: certificate.to_owned(), key: key.to_owned(), current }))
    }

    /// Reads both files again. Connections that begin from now on get the new certificate; the others go on.
    ///
    /// # Errors
    /// As [`Identity::read`]; the pair that was read before stays.
    pub(super) fn read_again(&self) -> Result<(), String> {
        let new = Arc::new(pair(&self.certificate, &self.key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// What connections begin with.
    ///
    /// # Errors
    /// None with the provider that is compiled in.
    pub(super) fn config(self: &Arc<Self>) -> Result<ServerConfig, rustls::Error> {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth();
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Self>::clone(self);
        let mut config = config.with_cert_resolver(resolver);
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(config)
    }
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn pair(certificate: &Path, key: &Path) -> Result<CertifiedKey, String> {
    let wrong = |file: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|e| wrong(certificate, &e))?;
    if chain.is_empty() {
        return Err(wrong(certificate, &"there is no certificate in it"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|e| wrong(key, &e))?;
    let private = default_provider().key_provider.load_private_key(private).map_err(|e| wrong(key, &e))?;
    let pair = CertifiedKey::new(chain, private);
    match pair.keys_match() {
        // A kind of key that can't be compared is found out by the first client.
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(pair),
        Err(e) => Err(wrong(key, &format_args!("it is not the key of the certificate: {e}"))),
    }
}
