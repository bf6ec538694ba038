//! Settings of the edge: who may stand between the hub and its callers, who may reach what, how often, and TLS.

use super::{Source, keys, networks::Networks};
use anyhow::{Context, bail};
use std::{path::PathBuf, str::FromStr};
use url::Url;

/// How the hub faces the network.
#[derive(Clone, Debug)]
pub struct Edge {
    /// What these say of a caller's address is believed.
    pub trusted_proxies: Networks,
    /// Pages from elsewhere that may call the API with a bearer token.
    pub allowed_origins: Origins,
    /// From where administrators may call; None: from everywhere.
    pub admin_addresses: Option<Networks>,
    /// Who may see metrics and details of the hub's health.
    pub operator_addresses: Networks,
    pub tls: Option<TlsFiles>,
    pub rates: Rates,
    /// None: a default that this machine itself is free of.
    pub connections_per_address: Option<usize>,
}

/// Calls in a minute.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Tries to sign in, register and the like, of one address.
    pub sign_ins: u32,
    /// Links that acknowledge emergencies, followed or used by one address.
    pub links: u32,
    /// Calls of one person.
    pub calls_per_user: u32,
    /// Calls of one address, whoever makes them.
    pub calls_per_address: u32,
}

/// A certificate with those that vouch for it, and its private key, as PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Origins such as `https://app.example.org`, exactly as browsers send them.
#[derive(Clone, Debug, Default)]
pub struct Origins(pub Vec<String>);

impl FromStr for Origins {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let origin = |part: &str| {
            let url = Url::parse(part)?;
            let origin = url.origin().ascii_serialization();
            if !matches!(url.scheme(), "http" | "https") || origin != part.trim_end_matches('/') {
                bail!("{part} is no origin");
            }
            Ok(origin)
        };
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(origin).collect::<Result<_, _>>().map(Self)
    }
}

impl Edge {
    pub(super) fn read(source: &Source) -> anyhow::Result<Self> {
        let rates = Rates {
            sign_ins: source.parsed(&keys::SIGN_INS_PER_MINUTE)?,
            links: source.parsed(&keys::LINKS_PER_MINUTE)?,
            calls_per_user: source.parsed(&keys::CALLS_PER_MINUTE)?,
            calls_per_address: source.parsed(&keys::CALLS_PER_MINUTE_AND_ADDRESS)?,
        };
        if rates.sign_ins == 0 || rates.calls_per_user == 0 || rates.calls_per_address == 0 {
            bail!("a limit of calls in a minute is 0, which would let nobody in");
        }
        let certificate = source.text(&keys::TLS_CERT).map(PathBuf::from);
        let key = source.text(&keys::TLS_KEY).map(PathBuf::from);
        let tls = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            _ => bail!("set both {} and {}, or neither", keys::TLS_CERT.name, keys::TLS_KEY.name),
        };
        Ok(Self {
            trusted_proxies: source.optional(&keys::TRUSTED_PROXIES)?.unwrap_or_default(),
            allowed_origins: source.optional(&keys::ALLOWED_ORIGINS)?.unwrap_or_default(),
            admin_addresses: source.optional(&keys::ADMIN_ADDRESSES)?,
            operator_addresses: source.parsed(&keys::OPERATOR_ADDRESSES)?,
            tls,
            rates,
            connections_per_address: source.optional(&keys::CONNECTIONS_PER_ADDRESS).context("a number is due")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path_and_is_never_everybody() {
        let read = |text: &str| text.parse::<Origins>();
        assert_eq!(read("https://app.example.org, http://localhost:3000/").unwrap().0.len(), 2);
        for wrong in ["*", "app.example.org", "https://app.example.org/x", "null", "file:///x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
