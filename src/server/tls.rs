//! TLS, where the hub speaks it itself. A certificate that was renewed is taken up while the hub runs; one that is
//! broken leaves the one before it in use. Never logs a key.

use crate::config::edge::TlsFiles;
use anyhow::{Context, bail};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

/// How often the files are looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// The certificate that is in use.
#[derive(Debug)]
pub struct Certificate {
    files: TlsFiles,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// What the server listens with: TLS 1.2 and 1.3, with the library's choice of ciphers.
///
/// # Errors
/// Which file cannot be used, and why.
pub fn configure(files: &TlsFiles) -> anyhow::Result<(ServerConfig, Arc<Certificate>)> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let current = RwLock::new(Arc::new(load(files, &provider)?));
    let certificate = Arc::new(Certificate { files: files.clone(), provider: provider.clone(), current });
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificate.clone());
    Ok((config, certificate))
}

/// Takes up what changes in the files, for as long as the server runs.
pub async fn watch(certificate: Arc<Certificate>) {
    let mut seen = changed_at(&certificate.files);
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        let now = changed_at(&certificate.files);
        if now == seen {
            continue;
        }
        match load(&certificate.files, &certificate.provider) {
            Ok(renewed) => {
                *certificate.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(renewed);
                seen = now;
                tracing::info!("the TLS certificate was renewed");
            }
            // Both files are not replaced in one moment: it is tried again until they fit.
            Err(error) => tracing::warn!(error = format!("{error:#}"), "the new TLS certificate cannot be used yet"),
        }
    }
}

fn changed_at(files: &TlsFiles) -> [Option<SystemTime>; 2] {
    [&files.certificate, &files.key].map(|file| std::fs::metadata(file).and_then(|file| file.modified()).ok())
}

fn load(files: &TlsFiles, provider: &CryptoProvider) -> anyhow::Result<CertifiedKey> {
    let TlsFiles { certificate, key } = files;
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("CAREHUB_TLS_CERT: {} cannot be read", certificate.display()))?;
    if chain.is_empty() {
        bail!("CAREHUB_TLS_CERT: {} holds no certificate", certificate.display());
    }
    // The library's error may quote the file.
    let Ok(key_in_file) = PrivateKeyDer::from_pem_file(key) else {
        bail!("CAREHUB_TLS_KEY: {} holds no private key that can be read", key.display());
    };
    CertifiedKey::from_der(chain, key_in_file, provider).context("CAREHUB_TLS_CERT and CAREHUB_TLS_KEY do not fit")
}
