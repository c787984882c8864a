//! The certificate of a provider.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;

/// A certificate for `localhost` that signs itself.
pub struct Certificate {
    folder: TempDir,
}

impl Certificate {
    /// `None` where there is no openssl to make one.
    pub fn make() -> Option<Self> {
        let made = Self { folder: TempDir::new().expect("a folder") };
        let mut openssl = Command::new("openssl");
        openssl.args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ]);
        openssl.args(["-addext", "subjectAltName=DNS:localhost"]);
        openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        openssl.arg("-keyout").arg(made.key()).arg("-out").arg(made.file());
        openssl.output().is_ok_and(|output| output.status.success()).then_some(made)
    }

    /// The certificate as PEM.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// Its key as PEM.
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    pub(super) fn server(&self) -> Arc<ServerConfig> {
        let certificate = CertificateDer::from_pem_file(self.file()).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(self.key()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let config = config.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
        Arc::new(config.with_single_cert(vec![certificate], key).expect("a server"))
    }
}
