//! Settings of the files that people hand in. Checked further where they are used, by `objects`.

use super::{Profile, Source, keys};
use anyhow::{Context, bail};
use secrecy::SecretString;
use std::path::PathBuf;
use url::Url;

/// Where files are kept, and who looks at them before.
#[derive(Clone, Debug)]
pub struct FileSettings {
    /// None: in the data folder.
    pub folder: Option<PathBuf>,
    /// None: in the folder.
    pub bucket: Option<Bucket>,
    pub clamav: Option<Clamd>,
    /// Bytes of a user within 24 hours.
    pub quota: u64,
}

/// A bucket of a store that speaks S3.
#[derive(Clone, Debug)]
pub struct Bucket {
    pub name: String,
    /// None: AWS's own.
    pub endpoint: Option<Url>,
    pub region: String,
    /// None: found by the machine's role.
    pub credentials: Option<(String, SecretString)>,
}

/// Where the scanner listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clamd {
    Address(String),
    Socket(PathBuf),
}

impl FileSettings {
    pub(super) fn read(source: &Source, profile: Profile) -> anyhow::Result<Self> {
        let mebibytes: u64 = source.parsed(&keys::UPLOAD_QUOTA)?;
        Ok(Self {
            folder: source.text(&keys::OBJECTS).map(PathBuf::from),
            bucket: source.text(&keys::S3_BUCKET).map(|name| Bucket::read(name, source, profile)).transpose()?,
            clamav: source.text(&keys::CLAMAV).map(|text| match text.starts_with('/') {
                true => Clamd::Socket(text.into()),
                false => Clamd::Address(text),
            }),
            quota: mebibytes.saturating_mul(1 << 20),
        })
    }
}

impl Bucket {
    fn read(name: String, source: &Source, profile: Profile) -> anyhow::Result<Self> {
        let endpoint: Option<Url> = source.optional(&keys::S3_ENDPOINT)?;
        if profile == Profile::Production && endpoint.as_ref().is_some_and(|url| url.scheme() != "https") {
            bail!("S3_ENDPOINT is no https address: a hub in production speaks to the store over TLS alone");
        }
        let secret = source.text(&keys::S3_SECRET_ACCESS_KEY).map(SecretString::from);
        let credentials = match source.text(&keys::S3_ACCESS_KEY_ID) {
            Some(id) => Some((id, secret.context("S3_SECRET_ACCESS_KEY is not set: S3_ACCESS_KEY_ID needs it")?)),
            None => None,
        };
        Ok(Self { name, endpoint, region: source.parsed(&keys::S3_REGION)?, credentials })
    }
}
