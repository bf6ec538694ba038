//! Identity providers (OpenID Connect) through which people may sign in: any issuer, by configuration alone.

use super::{Profile, Source, keys};
use anyhow::{Context, bail, ensure};
use secrecy::SecretString;
use url::Url;

/// The most of them: each is a button on the sign-in page.
const MOST: usize = 10;
/// Stands for a provider's name, in capitals, in the names of its settings.
const NAME: &str = "<NAME>";

/// One provider.
#[derive(Clone, Debug)]
pub struct IdentityProvider {
    /// In addresses: `google`.
    pub id: String,
    /// Exactly as the provider spells it.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: SecretString,
}

/// All that are set up, in the order of their list.
///
/// # Errors
/// Says which setting is missing, or what is wrong with it.
pub(super) fn read(source: &Source<'_>, profile: Profile) -> anyhow::Result<Vec<IdentityProvider>> {
    let names = source.text(&keys::OIDC_PROVIDERS).unwrap_or_default();
    let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    ensure!(names.len() <= MOST, "OIDC_PROVIDERS names more than {MOST} providers");
    names.into_iter().map(|name| provider(source, name, profile)).collect()
}

fn provider(source: &Source<'_>, name: &str, profile: Profile) -> anyhow::Result<IdentityProvider> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    ensure!(name.chars().all(plain), "OIDC_PROVIDERS has {name:?}: use small letters and digits, such as google");
    let setting = |key: &keys::Key| {
        let key = key.name.replace(NAME, &name.to_uppercase());
        source.named(&key).with_context(|| format!("{key} is not set, though OIDC_PROVIDERS names {name}"))
    };
    let issuer = setting(&keys::OIDC_ISSUER)?;
    check(&issuer, profile)?;
    Ok(IdentityProvider {
        id: name.to_owned(),
        issuer,
        client_id: setting(&keys::OIDC_CLIENT_ID)?,
        client_secret: setting(&keys::OIDC_CLIENT_SECRET)?.into(),
    })
}

/// What comes from an issuer decides who somebody is: nobody on the way may have a hand in it.
fn check(issuer: &str, profile: Profile) -> anyhow::Result<()> {
    let url = Url::parse(issuer).with_context(|| format!("the issuer {issuer:?} is no URL"))?;
    let is_here = url.host_str().is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host));
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_here && profile == Profile::Development => Ok(()),
        _ => bail!("the issuer {issuer} must be an https address"),
    }
}

/// Whether a name in `carehub.toml` is a setting of some provider.
pub(super) fn is_setting(name: &str) -> bool {
    let patterns = [&keys::OIDC_ISSUER, &keys::OIDC_CLIENT_ID, &keys::OIDC_CLIENT_SECRET];
    patterns.iter().any(|key| {
        let (before, after) = key.name.split_once(NAME).unwrap_or((key.name, ""));
        name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).is_some_and(|middle| !middle.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn read(settings: &[(&str, &str)]) -> anyhow::Result<Config> {
        let of = |name: &str| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Config::from_sources(of, "OIDC_GOOGLE_CLIENT_ID = \"id\"\nOIDC_GOOGLE_CLIENT_SECRET = \"secret\"")
    }

    #[test]
    fn a_provider_is_read_by_its_name() {
        let providers = |issuer| read(&[("OIDC_PROVIDERS", "google"), ("OIDC_GOOGLE_ISSUER", issuer)]);
        let config = providers("https://accounts.google.com").unwrap();
        assert_eq!(config.identity_providers[0].issuer, "https://accounts.google.com");
        assert!(!format!("{config:?}").contains("\"secret\""));
        assert!(providers("http://127.0.0.1:3000").is_ok());
        for wrong in ["http://accounts.google.com", "accounts.google.com", "ftp://127.0.0.1"] {
            assert!(providers(wrong).is_err(), "{wrong}");
        }
        assert!(read(&[("OIDC_PROVIDERS", "google")]).unwrap_err().to_string().contains("OIDC_GOOGLE_ISSUER"));
        assert!(read(&[("OIDC_PROVIDERS", "a/b")]).is_err());
    }
}
