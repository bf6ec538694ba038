//! Settings of video rooms. Checked here; used by `appointments::room`.

use super::{Profile, Source, keys};
use anyhow::{Context, bail};
use secrecy::SecretString;
use url::Url;

/// A Jitsi server whose rooms are opened by signed tokens.
#[derive(Clone, Debug)]
pub struct JitsiSettings {
    /// Rooms are names below it.
    pub url: Url,
    pub app_id: String,
    pub app_secret: SecretString,
}

impl JitsiSettings {
    pub(super) fn read(source: &Source, profile: Profile) -> anyhow::Result<Option<Self>> {
        let Some(mut url) = source.optional::<Url>(&keys::JITSI_URL)? else { return Ok(None) };
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            bail!("{} has to begin with https://", keys::JITSI_URL.name);
        }
        if profile == Profile::Production && url.scheme() != "https" {
            bail!("{} has to begin with https:// in production", keys::JITSI_URL.name);
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let needed =
            |key: &keys::Key| source.text(key).with_context(|| format!("{} is not set: {}", key.name, key.meaning));
        let app_secret = SecretString::from(needed(&keys::JITSI_APP_SECRET)?);
        Ok(Some(Self { url, app_id: needed(&keys::JITSI_APP_ID)?, app_secret }))
    }
}
