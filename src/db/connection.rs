//! One connection to PostgreSQL, over TLS where its connection string says so. Over TLS the other end is who its
//! certificate says, or there is no connection.

use crate::config::database::Target;
use anyhow::{Context, bail};
use diesel_async::AsyncPgConnection;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use secrecy::SecretString;
use std::{path::Path, sync::Arc};
use tokio_postgres::NoTls;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Opens one.
pub(super) async fn open(url: &SecretString) -> anyhow::Result<AsyncPgConnection> {
    let target = Target::parse(url)?;
    let opened = if target.is_over_tls() {
        let tls = MakeRustlsConnect::new(trusting(target.roots.as_deref())?);
        let (client, connection) = target.options.connect(tls).await?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    } else {
        let (client, connection) = target.options.connect(NoTls).await?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    };
    Ok(opened?)
}

/// TLS 1.2 and 1.3 with the library's choice of ciphers, for servers with a certificate of these authorities. Read for
/// every connection, so that new authorities are taken up while the hub runs.
fn trusting(file: Option<&Path>) -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(file) => {
            let unreadable = || format!("sslrootcert: {} cannot be read", file.display());
            for certificate in CertificateDer::pem_file_iter(file).with_context(unreadable)? {
                roots.add(certificate.with_context(unreadable)?).with_context(unreadable)?;
            }
            if roots.is_empty() {
                bail!("sslrootcert: {} holds no certificate", file.display());
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    Ok(config.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
}
